// SPDX-License-Identifier: Apache-2.0
//
// Steps 9 and 10: the record is checked without the server, and the seat moves.

#include "demo/stage.h"
#include "node/receipt_bundle.h"
#include "node/restore.h"
#include "record/tile.h"
#include "state/audit.h"
#include "state/bundle.h"

namespace comity::demo {
namespace {

/// The published files as they are, but for one octet of one of them.
state::RecordFiles with_flipped_octet(const store::Objects& objects, std::string file,
                                      std::size_t position) {
    return [&objects, file = std::move(file), position](std::string_view name) -> Result<Bytes> {
        Bytes octets = TRY(objects.get(name));
        if (name == file && position < octets.size()) octets[position] ^= std::byte{1};
        return octets;
    };
}

Result<std::uint64_t> confirmation_of_lesotho(const Stage& stage) {
    const auto entry = stage.record.node->read([](const state::State& state) {
        const exchange::Arrival* arrival =
            state.exchange.deliveries.at(id<exchange::DeliveryId>("lso-training-1")).arrival();
        return arrival == nullptr ? std::optional<std::uint64_t>() : arrival->entry;
    });
    if (!entry) return proof_failed("Lesotho's confirmation is not on the record.");
    return *entry;
}

}  // namespace

Result<std::string> audit_without_server(Stage& stage) {
    const std::uint64_t confirmation = TRY(confirmation_of_lesotho(stage));
    const state::Bundle made = TRY(node::receipt_bundle(*stage.record.node, {confirmation}));
    const state::Bundle bundle = TRY(state::parse_bundle(state::write_bundle(made)));
    const auto report =
        TRY(state::verify_bundle(bundle, demonstration_keys().checkpoint_key.public_key()));

    state::Bundle bent = bundle;
    for (state::BundleEntry& entry : bent.entries) {
        if (entry.index == confirmation) entry.entry[entry.entry.size() / 2] ^= std::byte{1};
    }
    const auto refused = state::verify_bundle(bent, {});
    if (refused || refused.error().message.find("Entry " + std::to_string(confirmation)) ==
                       std::string::npos) {
        return proof_failed("A bent receipt was not refused by name.");
    }

    const store::Objects& objects = *stage.record.objects;
    const auto audited = TRY(state::audit(node::files_of(objects), {}));
    const auto live = stage.record.node->read([](const auto& s) { return state::state_root(s); });
    if (state::state_root(audited.state) != live) {
        return proof_failed("The audit came to another state.");
    }
    const std::string first_bundle = record::entries_path(0, record::tile_width);
    const auto flipped = state::audit(with_flipped_octet(objects, first_bundle, 100'000), {});
    if (flipped) return proof_failed("A record with a flipped octet passed the audit.");
    return "Without the server, a receipt with " + std::to_string(report.entries) +
           " entries verifies, and the whole record of " + std::to_string(audited.checkpoint.size) +
           " entries replays to the same state root (" + std::to_string(audited.allocations) +
           " allocations, " + std::to_string(audited.outcomes) +
           " outcomes recomputed). One flipped octet: \"" + flipped.error().message + "\"";
}

Result<std::string> move_the_seat(Stage& stage) {
    const auto root_of = [](const node::Node& node) {
        return node.read([](const state::State& state) { return state::state_root(state); });
    };
    const auto backup = store::make_memory_objects();
    TRY(node::back_up(node::files_of(*stage.record.objects), *backup, {}));

    node::NodeKeys keys = demonstration_keys();
    const auto elsewhere = store::make_memory_log();
    const auto published = store::make_memory_objects();
    // The receipt key moves with the seat: it is in the founding entry.
    keys.receipt_key = TRY(kept_receipt_key(stage.places));
    TRY(node::restore(*elsewhere, node::files_of(*backup), keys, {}));
    const auto moved = TRY(node::Node::open(*elsewhere, published.get(), keys));
    const Digest before = root_of(*stage.record.node);
    if (root_of(*moved) != before) return proof_failed("The seat moved and the state changed.");

    const Timestamp later{stage.now.seconds + hour};
    TRY(moved->tick(later));
    return "The seat moves: backup, restore elsewhere, the same state root " +
           before.text().substr(0, 23) + "…; work goes on there at entry " +
           std::to_string(moved->log().head().size - 1) + ".";
}

}  // namespace comity::demo
