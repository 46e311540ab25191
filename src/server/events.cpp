// SPDX-License-Identifier: Apache-2.0
#include "server/events.h"

#include <chrono>
#include <cstdio>

#include "base/time.h"
#include "codec/json.h"

namespace comity::server {

void log_event(Level level, std::string_view event, codec::Object fields) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    fields.insert_or_assign("event", codec::Value{std::string(event)});
    fields.insert_or_assign("level",
                            codec::Value{std::string(level == Level::info      ? "info"
                                                     : level == Level::warning ? "warning"
                                                                               : "error")});
    fields.insert_or_assign(
        "time", codec::Value{Timestamp{.seconds = now.time_since_epoch().count()}.text()});
    const std::string line = codec::write_json(codec::Value{std::move(fields)}) + "\n";
    // One call a line: the C library keeps it whole among threads.
    (void)std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace comity::server
