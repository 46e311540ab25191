// SPDX-License-Identifier: Apache-2.0
#include "node/node.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "node/sequencer.h"
#include "state/described.h"
#include "state/signing.h"

namespace comity::node {
namespace {

constexpr std::uint64_t replay_page_entries = 512;

Bytes octets_of(const std::string& text) {
    const BytesView view = bytes_of(text);
    return {view.begin(), view.end()};
}

Result<> check_keys(const institution::Founding& founding, const NodeKeys& keys) {
    if (founding.operator_key != keys.operator_key.public_key() ||
        founding.checkpoint_key != keys.checkpoint_key.public_key() ||
        founding.receipt_key != keys.receipt_key.public_key()) {
        return Error{Code::invalid, "node/keys-differ",
                     "The keys given are not those of the founding entry of " + founding.origin +
                         "; give the keys this record was founded with."};
    }
    return {};
}

Error refused_entry(std::uint64_t index, const Error& why) {
    return Error{Code::corrupt, "node/entry-refused",
                 "Entry " + std::to_string(index) + " of the stored record does not hold: " +
                     why.message + " Restore the record from a backup or a mirror."};
}

/// The evidence for the state root that is the last entry of `after`.
std::shared_ptr<const RootEvidence> evidence_of(const state::State& after) {
    state::Ledger before = after.ledger;
    COMITY_CHECK(!before.roots.empty() && before.roots.back().entry + 1 == after.size);
    before.roots.pop_back();
    auto evidence = std::make_shared<RootEvidence>();
    evidence->entry = after.size - 1;
    evidence->parts = state::part_digests(after);
    evidence->parts.insert_or_assign("ledger", sha256({codec::to_cbor(before)}));
    evidence->keys = codec::to_cbor(after.institution.key_register);
    return evidence;
}

bool ends_with_root(const state::State& state) {
    return !state.ledger.roots.empty() && state.ledger.roots.back().entry + 1 == state.size;
}

/// A state, and the evidence of the newest state root in it.
struct Folded {
    state::State state;
    std::shared_ptr<const RootEvidence> newest_root;
};

/// The state of the snapshot when it is of a prefix of this log.
Result<std::optional<state::State>> restored(const store::Log& log,
                                             const record::RecordLog& record) {
    // A damaged snapshot costs time, not truth: the entries give the same state.
    std::optional<state::State> none;
    auto newest = log.newest_snapshot();
    if (!newest) return none;
    const std::optional<store::Snapshot> snapshot = std::move(newest).value();
    if (!snapshot || snapshot->size > record.head().size) return none;
    if (TRY(record.root_at(snapshot->size)) != snapshot->root) {
        return Error{Code::corrupt, "node/snapshot-differs",
                     "The snapshot of size " + std::to_string(snapshot->size) +
                         " is of another record; restore the record from a backup or a mirror."};
    }
    auto state = state::restore(snapshot->state);
    if (!state || state->size != snapshot->size) return none;
    return std::optional(std::move(state).value());
}

Result<Folded> replayed(const record::RecordLog& record, std::optional<state::State> from) {
    const std::uint64_t size = record.head().size;
    if (!from) {
        const auto genesis = TRY(record.read(0, 2));
        auto founded = state::found(genesis[0], genesis[1]);
        if (!founded) return refused_entry(0, founded.error());
        from = std::move(founded).value();
    }
    Folded folded{.state = *std::move(from), .newest_root = nullptr};
    if (ends_with_root(folded.state)) folded.newest_root = evidence_of(folded.state);
    while (folded.state.size < size) {
        const std::uint64_t first = folded.state.size;
        const auto entries = TRY(record.read(first, std::min(replay_page_entries, size - first)));
        for (const Bytes& entry : entries) {
            const auto done = state::fold(folded.state, entry);
            if (!done) return refused_entry(folded.state.size, done.error());
            if (ends_with_root(folded.state)) folded.newest_root = evidence_of(folded.state);
        }
    }
    return folded;
}

}  // namespace

struct Node::Impl {
    store::Log& store;
    NodeKeys keys;
    NodeOptions options;
    std::unique_ptr<record::RecordLog> record;
    std::string origin;
    std::string operator_id;
    std::uint64_t snapshot_size = 0;       // sequencer thread only
    std::unique_ptr<Sequencer> sequencer;  // last: its thread uses the rest

    Impl(store::Log& s, NodeKeys k, NodeOptions o) : store(s), keys(std::move(k)), options(o) {}

    /// A statement of the operator about the state as it is.
    Result<WaitingStatement> signed_by_operator(const state::State& state,
                                                const state::Payload& payload) const {
        Bytes entry = state::sign(payload, {.issuer = operator_id,
                                            .audience = origin,
                                            .issued_at = state.institution.now,
                                            .key = keys.operator_key});
        record::Statement statement = TRY(record::parse_statement(entry));
        const Digest id = record::statement_id(statement);
        return WaitingStatement{
            .statement = TRY(state::verify(std::move(statement), keys.operator_key.public_key())),
            .entry = std::move(entry),
            .id = id};
    }

    Accepted accepted(const Placed& placed) const {
        return {
            .index = placed.index, .already = placed.already, .checkpoint = record->checkpoint()};
    }
};

Result<> found(store::Log& log, const institution::Founding& founding,
               const institution::Charter& charter, const NodeKeys& keys) {
    TRY(check_keys(founding, keys));
    const store::Head head = TRY(log.head());
    if (head.size != 0) {
        return Error{Code::conflict, "node/already-founded",
                     "The record has entries already; found an institution in an empty one."};
    }
    std::vector<record::PreparedEntry> entries;
    const auto add = [&](std::string_view type, const std::string& json) -> Result<> {
        Bytes entry = record::sign_statement({.content_type = state::content_type_of(type),
                                              .issuer = founding.operator_id.text(),
                                              .subject = founding.origin,
                                              .audience = founding.origin,
                                              .issued_at = founding.founded_at,
                                              .payload = octets_of(json)},
                                             keys.operator_key);
        const record::Statement statement = TRY(record::parse_statement(entry));
        entries.push_back({.entry = std::move(entry), .id = record::statement_id(statement)});
        return {};
    };
    TRY(add(state::founding_type, codec::to_json(founding)));
    TRY(add(state::charter_type, codec::to_json(charter)));
    TRY(state::found(entries[0].entry, entries[1].entry));

    const auto record = TRY(record::RecordLog::open(
        log, nullptr, {.origin = founding.origin, .checkpoint_key = keys.checkpoint_key}));
    TRY(record->append(std::move(entries)));
    return {};
}

Node::Node(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Node::~Node() = default;

Result<std::unique_ptr<Node>> Node::open(store::Log& log, store::Objects* objects, NodeKeys keys,
                                         NodeOptions options) {
    const store::Head head = TRY(log.head());
    if (head.size < 2) {
        return Error{Code::not_found, "node/not-founded",
                     "The record has no founding entries; found the institution first."};
    }
    const auto genesis = TRY(log.read(0, 2));
    auto founded = state::found(genesis[0], genesis[1]);
    if (!founded) return refused_entry(0, founded.error());
    const institution::Founding founding = founded->institution.founding;
    TRY(check_keys(founding, keys));

    auto impl = std::make_unique<Impl>(log, std::move(keys), options);
    impl->origin = founding.origin;
    impl->operator_id = founding.operator_id.text();
    impl->record = TRY(record::RecordLog::open(
        log, objects, {.origin = impl->origin, .checkpoint_key = impl->keys.checkpoint_key}));
    std::optional<state::State> start = TRY(restored(log, *impl->record));
    impl->snapshot_size = start ? start->size : 0;
    Folded folded = TRY(replayed(*impl->record, std::move(start)));

    std::unique_ptr<Node> node(new Node(std::move(impl)));
    node->state_ = std::make_unique<state::State>(std::move(folded.state));
    node->newest_root_ = std::move(folded.newest_root);
    node->start_sequencer();
    return node;
}

void Node::start_sequencer() {
    Sequencer::Ports ports;
    ports.find = [this](const Digest& id) { return impl_->store.index_of(id); };
    ports.readers_state = [this] { return read([](const state::State& state) { return state; }); };
    ports.commit = [this](AdmittedBatch& batch) -> Result<> {
        TRY(impl_->record->append(std::move(batch.entries)));
        show(batch);
        return {};
    };
    impl_->sequencer = std::make_unique<Sequencer>(
        std::move(ports), SequencerOptions{.queue_max = impl_->options.queue_statements_max,
                                           .batch_max = impl_->options.batch_statements_max});
}

/// On the sequencer thread: gives readers what is durable.
void Node::show(const AdmittedBatch& batch) {
    for (const state::Admission& admission : batch.admissions) {
        {
            const std::unique_lock lock(state_mutex_);
            state::apply(*state_, admission);
        }
        if (!ends_with_root(*state_)) continue;
        auto evidence = evidence_of(*state_);
        {
            const std::unique_lock lock(state_mutex_);
            newest_root_ = std::move(evidence);
        }
        take_snapshot_if_due();
    }
}

/// At a state root, so that a node which starts from the snapshot has its evidence. A snapshot that
/// cannot be written costs time at the next start and nothing else: it never fails the batch, which
/// is durable already.
void Node::take_snapshot_if_due() {
    const std::uint64_t every = impl_->options.snapshot_every_entries;
    if (every == 0 || state_->size < impl_->snapshot_size + every) return;
    const auto root = impl_->record->root_at(state_->size);
    if (!root) return;
    (void)impl_->store.put_snapshot(
        {.size = state_->size, .root = *root, .state = state::snapshot(*state_)});
    impl_->snapshot_size = state_->size;
}

Result<Accepted> Node::submit(BytesView entry) {
    record::Statement statement = TRY(record::parse_statement(entry));
    const Digest id = record::statement_id(statement);
    const crypto::PublicKey key =
        TRY(read([&](const state::State& state) { return state::key_for(state, statement); }));
    WaitingStatement waiting{.statement = TRY(state::verify(std::move(statement), key)),
                             .entry = Bytes(entry.begin(), entry.end()),
                             .id = id};
    const std::optional<Placed> placed = TRY(impl_->sequencer->place(std::move(waiting)));
    COMITY_CHECK(placed.has_value());
    return impl_->accepted(*placed);
}

Result<std::optional<Accepted>> Node::say(
    std::function<std::optional<state::Payload>(const state::State&)> say) {
    const OperatorSpeech speech =
        [this, say = std::move(say)](
            const state::State& state) -> Result<std::optional<WaitingStatement>> {
        const std::optional<state::Payload> payload = say(state);
        if (!payload) return std::optional<WaitingStatement>();
        return std::optional(TRY(impl_->signed_by_operator(state, *payload)));
    };
    const std::optional<Placed> placed = TRY(impl_->sequencer->place(speech));
    if (!placed) return std::optional<Accepted>();
    return std::optional(impl_->accepted(*placed));
}

namespace {

/// The first decided motion whose outcome is not on the record.
std::optional<state::Payload> next_outcome(const state::State& state) {
    for (const auto& [id, motion] : state.decide.motions) {
        if (!std::holds_alternative<decide::Decided>(motion.stage)) continue;
        if (state.decide.published.contains(id)) continue;
        return decide::OutcomeNotice{.motion = id, .outcome = decide::outcome_digest(motion)};
    }
    return std::nullopt;
}

/// The first allocated round whose result is not on the record.
std::optional<state::Payload> next_result(const state::State& state) {
    for (const auto& [id, round] : state.exchange.rounds) {
        const auto* allocated = std::get_if<exchange::Allocated>(&round.stage);
        if (allocated == nullptr || allocated->published_at) continue;
        return exchange::ResultNotice{.round = id, .result = allocated->digest};
    }
    return std::nullopt;
}

std::optional<state::Payload> due_state_root(const state::State& state) {
    const auto& roots = state.ledger.roots;
    if (!roots.empty() && roots.back().entry + 1 == state.size) return std::nullopt;
    return institution::StateRoot{.size = state.size, .root = state::state_root(state)};
}

}  // namespace

Result<std::vector<Accepted>> Node::tick(Timestamp now) {
    std::vector<Accepted> entries;
    const auto clock = TRY(say([now](const state::State& state) -> std::optional<state::Payload> {
        if (now <= state.institution.now) return std::nullopt;
        return institution::ClockTick{.time = now};
    }));
    if (clock) entries.push_back(*clock);
    for (const auto& next : {next_outcome, next_result}) {
        for (auto said = TRY(say(next)); said; said = TRY(say(next))) entries.push_back(*said);
    }
    const auto root = TRY(log_state_root());
    if (root) entries.push_back(*root);
    return entries;
}

Result<std::optional<Accepted>> Node::log_state_root() { return say(due_state_root); }

const record::RecordLog& Node::log() const { return *impl_->record; }

std::shared_ptr<const RootEvidence> Node::newest_root() const {
    const std::shared_lock lock(state_mutex_);
    return newest_root_;
}

Result<std::optional<std::uint64_t>> Node::find(const Digest& statement_id) const {
    return impl_->store.index_of(statement_id);
}

Result<Bytes> Node::receipt(std::uint64_t index) const {
    const record::Checkpoint head = impl_->record->head();
    const auto proof = TRY(impl_->record->prove_inclusion(index, head.size));
    const auto entries = TRY(impl_->record->read(index, 1));
    const auto statement = TRY(record::parse_statement(entries[0]));
    return record::sign_receipt(proof, head.root,
                                {.issuer = impl_->origin,
                                 .subject = statement.header.subject,
                                 .key = impl_->keys.receipt_key});
}

}  // namespace comity::node
