// SPDX-License-Identifier: Apache-2.0
#include "node/receipt_bundle.h"

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "state/described.h"
#include "state/signing.h"

namespace comity::node {
namespace {

/// What a bundle needs of the state, taken under one lock.
struct Gathered {
    std::set<std::uint64_t> entries;
    std::optional<state::MotionEvidence> motion;
    std::optional<state::RoundEvidence> round;
    std::optional<LocalizedText> demonstration;
    std::string origin;
    crypto::PublicKey checkpoint_key;
};

void gather(const state::State& state, std::uint64_t index, const state::Payload& payload,
            Gathered& gathered) {
    const state::Evidence evidence = state::evidence_for(state, index, payload);
    gathered.entries.insert(evidence.entries.begin(), evidence.entries.end());
    if (evidence.motion) {
        gathered.motion = state::MotionEvidence{
            .record = codec::to_cbor(state.decide.motions.at(*evidence.motion))};
    }
    if (evidence.round) {
        const auto& stage = state.exchange.rounds.at(*evidence.round).stage;
        const auto& allocated = std::get<exchange::Allocated>(stage);
        gathered.round = state::RoundEvidence{.inputs = codec::to_cbor(allocated.inputs),
                                              .result = codec::to_cbor(allocated.result)};
    }
}

/// The octets of the entries, and of those at which their keys were registered, and so on to the
/// founding entry; by index.
Result<std::map<std::uint64_t, Bytes>> with_registrations(const Node& node,
                                                          const std::set<std::uint64_t>& entries) {
    std::map<std::uint64_t, Bytes> octets;
    std::vector<std::uint64_t> waiting(entries.begin(), entries.end());
    while (!waiting.empty()) {
        const std::uint64_t index = waiting.back();
        waiting.pop_back();
        if (octets.contains(index)) continue;
        auto read = TRY(node.log().read(index, 1));
        const auto statement = TRY(record::parse_statement(read[0]));
        octets.emplace(index, std::move(read[0]));
        waiting.push_back(node.read([&](const state::State& state) {
            const auto& keys = state.institution.key_register.keys;
            const auto found = keys.find(statement.header.key_id);
            return found == keys.end() ? 0 : found->second.registered_at;
        }));
    }
    return octets;
}

Result<state::Payload> payload_of(BytesView entry) {
    const auto statement = TRY(record::parse_statement(entry));
    return state::parse_payload(state::type_of(statement.header), statement.cose.payload);
}

}  // namespace

Result<state::Bundle> receipt_bundle(const Node& node, const std::vector<std::uint64_t>& about) {
    const record::RecordLog& log = node.log();
    // The order matters: what is read later only knows more.
    const auto root = node.newest_root();
    Gathered gathered;
    for (const std::uint64_t index : about) {
        const auto entries = TRY(log.read(index, 1));
        gathered.entries.insert({0, index});
        const auto payload = payload_of(entries[0]);
        if (!payload) continue;  // a founding entry: nothing else belongs to it
        node.read([&](const state::State& state) { gather(state, index, *payload, gathered); });
    }
    node.read([&](const state::State& state) {
        const institution::Founding& founding = state.institution.founding;
        gathered.demonstration = founding.demonstration;
        gathered.origin = founding.origin;
        gathered.checkpoint_key = founding.checkpoint_key;
    });
    if (root == nullptr || *gathered.entries.rbegin() > root->entry) {
        return Error{Code::unavailable, "node/no-state-root-yet",
                     "The newest state root stands before this entry; ask again after the next "
                     "clock entry."};
    }
    gathered.entries.insert(root->entry);

    state::Bundle bundle;
    bundle.demonstration = gathered.demonstration;
    bundle.about = about;
    bundle.state_root = root->entry;
    bundle.parts = root->parts;
    bundle.keys = root->keys;
    bundle.motion = std::move(gathered.motion);
    bundle.round = std::move(gathered.round);
    bundle.checkpoint = log.checkpoint();
    const record::Checkpoint checkpoint =
        TRY(record::open_checkpoint(bundle.checkpoint, gathered.origin, gathered.checkpoint_key));
    for (auto& [index, octets] : TRY(with_registrations(node, gathered.entries))) {
        bundle.entries.push_back({.index = index,
                                  .entry = std::move(octets),
                                  .path = TRY(log.prove_inclusion(index, checkpoint.size)).path});
    }
    bundle.checksum = state::bundle_checksum(bundle);
    return bundle;
}

}  // namespace comity::node
