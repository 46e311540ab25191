// SPDX-License-Identifier: Apache-2.0
#pragma once

// OperatorClock: the operator's one duty that no member can ask for, done by itself. It logs the
// time on the record, and with it what is due: outcomes, results, a state root.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/time.h"
#include "node/node.h"

namespace comity::server {

/// A quiet record gets an entry of the clock this often and not more: it shows that the operator is
/// there, and a quiet day costs 48 entries.
inline constexpr std::int64_t quiet_seconds_max = 3'600;

/// Whether an entry of the clock would say something at `now`: statements followed the last state
/// root, a deadline has come, or the record has been quiet for quiet_seconds_max.
bool is_clock_due(const state::State& state, Timestamp now);

class OperatorClock {
public:
    /// Looks at once and then every `seconds` (at least 1), and logs the time when that is due.
    /// Borrows the node. A tick that fails is logged as an event, and the next one tries again.
    OperatorClock(node::Node& node, unsigned seconds);

    /// Stops; waits for a tick that is under way.
    ~OperatorClock();
    OperatorClock(const OperatorClock&) = delete;
    OperatorClock& operator=(const OperatorClock&) = delete;

private:
    void tick();

    node::Node& node_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::jthread thread_;  // last: it uses the rest
};

/// The machine's clock, cut to what one entry may move the record's: a record that slept for years
/// wakes in steps.
Timestamp next_time(const node::Node& node, Timestamp machine);

}  // namespace comity::server
