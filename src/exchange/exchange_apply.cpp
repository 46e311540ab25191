// SPDX-License-Identifier: Apache-2.0

// What an accepted statement changes. Nothing here can fail: check has said so.

#include <variant>
#include <vector>

#include "exchange/exchange.h"

namespace comity::exchange {

using institution::Act;

namespace {

/// Under the newest table of the unit in which it counts, of those that check has found.
template <class Stated>
std::optional<Converted> converted(const Exchange& exchange, const Stated& stated) {
    if (!stated.counts_in) return {};
    const UnitTable& table = exchange.units.at(*stated.counts_in).back().table;
    return Converted{stated.unit, table.version, table.factors.at(stated.unit)};
}

}  // namespace

void apply(Exchange& exchange, const Act& act, const Offer& offer) {
    exchange.offers.emplace(offer.id, OfferRecord{.offer = offer,
                                                  .provider = act.actor.member,
                                                  .entry = act.index,
                                                  .withdrawn_at = {},
                                                  .converted = converted(exchange, offer)});
}

void apply(Exchange& exchange, const Act& act, const OfferWithdrawal& withdrawal) {
    exchange.offers.at(withdrawal.id).withdrawn_at = act.index;
}

void apply(Exchange& exchange, const Act& act, const Need& need) {
    exchange.needs.emplace(need.id, NeedRecord{.need = need,
                                               .member = act.actor.member,
                                               .entry = act.index,
                                               .withdrawn_at = {},
                                               .converted = converted(exchange, need)});
}

void apply(Exchange& exchange, const Act& act, const NeedWithdrawal& withdrawal) {
    exchange.needs.at(withdrawal.id).withdrawn_at = act.index;
}

void apply(Exchange& exchange, const Act& act, const Round& round) {
    RoundRecord record;
    record.round = round;
    record.entry = act.index;
    if (round.repeats) record.repeated = Repeated{.call = round.id, .number = 0, .is_ended = false};
    exchange.rounds.emplace(round.id, std::move(record));
}

void apply(Exchange& exchange, const Act& act, const Commitment& commitment) {
    RoundRecord& record = exchange.rounds.at(commitment.round);
    record.commitments[act.actor.member] = commitment.commitment;
    record.committed_at[act.actor.member] = act.index;
}

void apply(Exchange& exchange, const Act& act, const Reveal& reveal) {
    RoundRecord& record = exchange.rounds.at(reveal.round);
    record.reveals.emplace(act.actor.member, reveal.random);
    record.revealed_at.emplace(act.actor.member, act.index);
}

void apply(Exchange& exchange, const Act& act, const Beacon& beacon) {
    RoundRecord& record = exchange.rounds.at(beacon.round);
    record.public_value = beacon.value;
    record.public_value_at = act.index;
}

void apply(Exchange& exchange, const Act& act, const ResultNotice& notice) {
    std::get<Allocated>(exchange.rounds.at(notice.round).stage).published_at = act.index;
}

void apply(Exchange& exchange, const Act&, const Acceptance& acceptance) {
    auto& allocated = std::get<Allocated>(exchange.rounds.at(acceptance.round).stage);
    const std::vector<Line> before = promised_lines(allocated, acceptance.need);
    allocated.accepted.emplace(acceptance.need, acceptance.quantity);
    const std::vector<Line> after = promised_lines(allocated, acceptance.need);

    // What is kept is a beginning of what was promised; the rest goes back.
    for (std::size_t i = 0; i < before.size(); ++i) {
        const std::int64_t returned = before[i].units - (i < after.size() ? after[i].units : 0);
        exchange.needs.at(before[i].need).promised -= returned;
        OfferRecord& offer = exchange.offers.at(before[i].offer);
        if (offer.offer.rivalry == Rivalry::rival) offer.promised -= returned;
    }
}

void apply(Exchange& exchange, const Act&, const RepetitionEnd& end) {
    for (auto& [id, record] : exchange.rounds) {
        if (record.repeated && record.repeated->call == end.round) record.repeated->is_ended = true;
    }
}

void apply(Exchange& exchange, const Act& act, const Claim& claim) {
    auto& allocated = std::get<Allocated>(exchange.rounds.at(claim.round).stage);
    allocated.claims.push_back({{claim.need, claim.offer, claim.quantity}, act.index});
    exchange.needs.at(claim.need).promised += claim.quantity;
    exchange.offers.at(claim.offer).promised += claim.quantity;
}

void apply(Exchange& exchange, const Act& act, const Departure& departure) {
    auto& allocated = std::get<Allocated>(exchange.rounds.at(departure.round).stage);
    allocated.departures.push_back({departure, act.actor.member, act.index});
    NeedRecord& need = exchange.needs.at(departure.need);
    need.promised -= departure.quantity;
    if (is_by_receiver(departure.kind)) need.given_back += departure.quantity;
    OfferRecord& offer = exchange.offers.at(departure.offer);
    if (offer.offer.rivalry != Rivalry::rival) return;
    offer.promised -= departure.quantity;
    if (departure.kind == DepartureKind::not_available) offer.unavailable += departure.quantity;
}

void apply(Exchange& exchange, const Act& act, const Delivery& delivery) {
    exchange.deliveries.emplace(
        delivery.id,
        DeliveryRecord{.delivery = delivery, .entry = act.index, .arrivals = {}, .disputes = {}});
}

void apply(Exchange& exchange, const Act& act, const Confirmation& confirmation) {
    DeliveryRecord& record = exchange.deliveries.at(confirmation.delivery);
    record.arrivals.push_back({confirmation, act.index, {}});
    if (record.is_disputed()) record.disputes.back().ended_at = act.index;
}

void apply(Exchange& exchange, const Act& act, const Dispute& dispute) {
    exchange.deliveries.at(dispute.delivery)
        .disputes.push_back({act.actor.member, dispute.reason, act.index, {}});
}

void apply(Exchange& exchange, const Act& act, const DisputeWithdrawal& withdrawal) {
    exchange.deliveries.at(withdrawal.delivery).disputes.back().ended_at = act.index;
}

void apply_settlement(Exchange& exchange, const std::string& motion, std::uint64_t entry,
                      const DisputeSettlement& settlement) {
    DeliveryRecord& record = exchange.deliveries.at(settlement.delivery);
    const auto outcome =
        settlement.quantity > 0 ? DeliveryOutcome::confirmed : DeliveryOutcome::not_delivered;
    record.arrivals.push_back(
        {{settlement.delivery, outcome, settlement.quantity, {}}, entry, motion});
    record.disputes.back().ended_at = entry;
}

void apply_adoption(Exchange& exchange, const std::string& motion, std::uint64_t entry,
                    const AllocationRule& rule) {
    exchange.rules[rule.id].push_back({rule, motion, entry});
}

void apply_adoption(Exchange& exchange, const std::string& motion, std::uint64_t entry,
                    const WeightTable& table) {
    exchange.weights[table.id].push_back({table, motion, entry});
}

void apply_adoption(Exchange& exchange, const std::string& motion, std::uint64_t entry,
                    const CostTable& table) {
    exchange.costs[table.id].push_back({table, motion, entry});
}

void apply_adoption(Exchange& exchange, const std::string& motion, std::uint64_t entry,
                    const UnitTable& table) {
    exchange.units[table.unit].push_back({table, motion, entry});
}

}  // namespace comity::exchange
