// SPDX-License-Identifier: Apache-2.0
#include "node/sequencer.h"

#include <algorithm>
#include <utility>

namespace comity::node {
namespace {

Error busy() {
    return Error{Code::unavailable, "node/busy",
                 "Too many statements are waiting; send this one again in a moment."};
}

/// Failures of the store after which it is not known what the disk holds.
bool breaks_the_node(const Error& error) {
    return error.code == Code::corrupt || error.reason == "store/io-error" ||
           error.reason == "store/broken" || error.reason == "store/head-moved";
}

}  // namespace

Sequencer::Sequencer(Ports ports, SequencerOptions options)
    : ports_(std::move(ports)),
      options_(options),
      state_(ports_.readers_state()),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Sequencer::~Sequencer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    thread_.request_stop();
    waiting_.notify_all();
}

Result<std::optional<Placed>> Sequencer::place(
    std::variant<WaitingStatement, OperatorSpeech> what) {
    std::future<Result<std::optional<Placed>>> answer;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) {
            return Error{Code::unavailable, "node/stopping",
                         "The node is stopping; send the statement again when it is back."};
        }
        if (broken_) return *broken_;
        if (queue_.size() >= options_.queue_max) return busy();
        Ticket& ticket = queue_.emplace_back(Ticket{.what = std::move(what), .answer = {}});
        answer = ticket.answer.get_future();
    }
    waiting_.notify_one();
    return answer.get();
}

void Sequencer::run(const std::stop_token& stop) {
    for (;;) {
        std::vector<Ticket> tickets = next_batch(stop);
        if (tickets.empty()) return;
        sequence(std::move(tickets));
    }
}

/// What waits, up to batch_max; empty only when there is nothing left and the node stops.
std::vector<Sequencer::Ticket> Sequencer::next_batch(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    waiting_.wait(lock, stop, [this] { return !queue_.empty(); });
    std::vector<Ticket> tickets;
    const std::size_t count = std::min(queue_.size(), options_.batch_max);
    tickets.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        tickets.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return tickets;
}

void Sequencer::sequence(std::vector<Ticket> tickets) {
    AdmittedBatch batch;
    std::set<Digest> in_batch;
    std::vector<Result<std::optional<Placed>>> answers;
    answers.reserve(tickets.size());
    for (Ticket& ticket : tickets) answers.push_back(admit(ticket, batch, in_batch));

    if (!batch.entries.empty()) {
        const auto committed = ports_.commit(batch);
        if (!committed) {
            state_ = ports_.readers_state();
            for (auto& answer : answers) {
                // A refusal was a refusal on a state that never came to be: neither is it final.
                if (!answer || *answer) answer = committed.error();
            }
            if (breaks_the_node(committed.error())) {
                const std::lock_guard lock(mutex_);
                broken_ = Error{Code::unavailable, "node/broken",
                                "The node cannot write (" + committed.error().message +
                                    "); its operator must look before it starts again."};
            }
        }
    }
    for (std::size_t i = 0; i < tickets.size(); ++i) {
        tickets[i].answer.set_value(std::move(answers[i]));
    }
}

Result<std::optional<Placed>> Sequencer::admit(Ticket& ticket, AdmittedBatch& batch,
                                               std::set<Digest>& in_batch) {
    if (const auto* speech = std::get_if<OperatorSpeech>(&ticket.what)) {
        auto said = TRY((*speech)(state_));
        if (!said) return std::optional<Placed>();
        ticket.what = *std::move(said);
    }
    auto& waiting = std::get<WaitingStatement>(ticket.what);
    const std::optional<std::uint64_t> known = TRY(ports_.find(waiting.id));
    if (known) return std::optional(Placed{.index = *known, .already = true});
    if (in_batch.contains(waiting.id)) {
        const auto same = std::find_if(batch.entries.begin(), batch.entries.end(),
                                       [&](const auto& entry) { return entry.id == waiting.id; });
        const auto offset = static_cast<std::size_t>(same - batch.entries.begin());
        return std::optional(Placed{.index = batch.admissions[offset].act.index, .already = true});
    }

    state::Admission admission = TRY(state::check(state_, waiting.statement));
    const Placed placed{.index = admission.act.index, .already = false};
    state::apply(state_, admission);
    in_batch.insert(waiting.id);
    batch.entries.push_back({.entry = std::move(waiting.entry), .id = waiting.id});
    batch.admissions.push_back(std::move(admission));
    return std::optional(placed);
}

}  // namespace comity::node
