// SPDX-License-Identifier: Apache-2.0
#include "server/operator_clock.h"

#include <algorithm>
#include <chrono>

#include "institution/limits.h"
#include "server/events.h"

namespace comity::server {

namespace {

/// Whether the first clock entry at or after `now` would change a motion or a round.
bool has_deadline(const state::State& state, Timestamp now) {
    for (const auto& [id, motion] : state.decide.motions) {
        const auto* silence = std::get_if<decide::UnderSilence>(&motion.stage);
        const auto* vote = std::get_if<decide::UnderVote>(&motion.stage);
        if ((silence != nullptr && silence->closes_at <= now) ||
            (vote != nullptr && vote->closes_at <= now)) {
            return true;
        }
    }
    return std::any_of(state.exchange.rounds.begin(), state.exchange.rounds.end(),
                       [&](const auto& round) {
                           return exchange::is_due(round.second, state.institution.now, now);
                       });
}

}  // namespace

bool is_clock_due(const state::State& state, Timestamp now) {
    const auto& roots = state.ledger.roots;
    if (roots.empty() || roots.back().entry + 1 != state.size) return true;
    if (now.seconds - state.institution.now.seconds >= quiet_seconds_max) return true;
    return has_deadline(state, now);
}

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
    const Timestamp next = next_time(node_, Timestamp{.seconds = now.time_since_epoch().count()});
    const bool is_due =
        node_.read([next](const state::State& state) { return is_clock_due(state, next); });
    if (!is_due) return;
    const auto done = node_.tick(next);
    if (done) return;
    log_event(Level::error, "clock.failed",
              {{"reason", codec::Value{std::string(done.error().reason)}},
               {"message", codec::Value{done.error().message}}});
}

}  // namespace comity::server
