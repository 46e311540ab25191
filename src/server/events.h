// SPDX-License-Identifier: Apache-2.0
#pragma once

// What comityd tells its operator while it runs: one JSON object a line on standard error.
//
// Names of events are literals and listed in docs/operate/events.md. No bodies, no keys. Lines of
// several threads never mix.

#include <string_view>

#include "codec/value.h"

namespace comity::server {

enum class Level { info, warning, error };

/// {"event", "level", "time", …fields}. `time` is the machine's clock.
void log_event(Level level, std::string_view event, codec::Object fields = {});

}  // namespace comity::server
