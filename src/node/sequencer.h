// SPDX-License-Identifier: Apache-2.0
#pragma once

// Sequencer: the one thread that decides the order of statements.
//
// It owns the writer's copy of the state. For each batch it checks and applies what waits to that
// copy, hands the entries to `commit`, and tells each waiter how it went. When the commit fails,
// the copy is taken again from the state that readers see, so that nothing of the batch remains.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/sha256.h"
#include "state/fold.h"
#include "store/log.h"

namespace comity::node {

/// What a statement's submitter learns: its index, and whether it stood there before.
struct Placed {
    std::uint64_t index = 0;
    bool already = false;
};

/// A statement whose signature is verified, as it waits for its place.
struct WaitingStatement {
    state::VerifiedStatement statement;
    Bytes entry;
    Digest id;
};

/// Something that the operator says of the state that it will be entered on, if there is anything.
using OperatorSpeech = std::function<Result<std::optional<WaitingStatement>>(const state::State&)>;

struct SequencerOptions {
    std::size_t queue_max = 4'096;
    std::size_t batch_max = 1'024;
};

/// One batch, as it goes to the store: the entries and what they do to the state, in one order.
struct AdmittedBatch {
    std::vector<store::NewEntry> entries;
    std::vector<state::Admission> admissions;
};

class Sequencer {
public:
    /// What the owner gives: how to find a statement that is on the record already; how to commit a
    /// batch durably and then show it to readers; the readers' state, for a fresh copy.
    struct Ports {
        std::function<Result<std::optional<std::uint64_t>>(const Digest&)> find;
        std::function<Result<>(AdmittedBatch&)> commit;
        std::function<state::State()> readers_state;
    };

    Sequencer(Ports ports, SequencerOptions options);

    /// Stops taking statements, finishes what waits, and ends the thread.
    ~Sequencer();

    /// The place of the statement, once durable; nothing where the operator had nothing to say.
    /// Errors: unavailable "node/busy" over queue_max, "node/broken" after a failed commit of the
    /// store, "node/stopping"; a refusal of state::check.
    Result<std::optional<Placed>> place(std::variant<WaitingStatement, OperatorSpeech> what);

private:
    struct Ticket {
        std::variant<WaitingStatement, OperatorSpeech> what;
        std::promise<Result<std::optional<Placed>>> answer;
    };

    void run(const std::stop_token& stop);
    std::vector<Ticket> next_batch(const std::stop_token& stop);
    void sequence(std::vector<Ticket> tickets);
    Result<std::optional<Placed>> admit(Ticket& ticket, AdmittedBatch& batch,
                                        std::set<Digest>& in_batch);

    Ports ports_;
    SequencerOptions options_;
    state::State state_;  // the writer's; touched by the thread only

    std::mutex mutex_;
    std::condition_variable_any waiting_;
    std::deque<Ticket> queue_;     // under mutex_
    bool stopping_ = false;        // under mutex_
    std::optional<Error> broken_;  // under mutex_
    std::jthread thread_;          // last: it uses all of the above
};

}  // namespace comity::node
