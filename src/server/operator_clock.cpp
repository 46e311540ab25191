// SPDX-License-Identifier: Apache-2.0
#include "server/operator_clock.h"

#include <algorithm>
#include <chrono>

#include "institution/limits.h"
#include "server/events.h"

namespace comity::server {

OperatorClock::OperatorClock(node::Node& node, unsigned seconds) : node_(node) {
    thread_ = std::jthread([this, seconds](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            tick();
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, stop, std::chrono::seconds(std::max(1U, seconds)),
                           [] { return false; });
        }
    });
}

OperatorClock::~OperatorClock() = default;

Timestamp next_time(const node::Node& node, Timestamp machine) {
    const Timestamp logged =
        node.read([](const state::State& state) { return state.institution.now; });
    return std::min(machine, Timestamp{logged.seconds + institution::clock_step_seconds_max});
}

void OperatorClock::tick() {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto done =
        node_.tick(next_time(node_, Timestamp{.seconds = now.time_since_epoch().count()}));
    if (done) return;
    log_event(Level::error, "clock.failed",
              {{"reason", codec::Value{std::string(done.error().reason)}},
               {"message", codec::Value{done.error().message}}});
}

}  // namespace comity::server
