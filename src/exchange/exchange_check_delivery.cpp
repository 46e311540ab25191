// SPDX-License-Identifier: Apache-2.0

// Whether a statement about what follows a result may be entered: claims, deliveries, what arrived,
// disputes, departures.

#include <algorithm>
#include <string>
#include <variant>

#include "exchange/exchange.h"
#include "exchange/refusal.h"
#include "exchange/round.h"

namespace comity::exchange {
namespace {

using institution::Act;
using institution::Institution;

Error no_such_delivery(const DeliveryId& id) {
    return not_found("exchange/no-such-delivery", "There is no delivery " + id.text() + ".");
}

Error not_disputed() {
    return conflict("exchange/not-disputed", "The delivery is not in dispute.");
}

Result<> check_reason(const std::string& reason) {
    if (!reason.empty() && reason.size() <= reason_bytes_max) return {};
    return invalid("exchange/bad-reason", "Give a reason in words, of at most " +
                                              std::to_string(reason_bytes_max) + " octets.");
}

/// A line that its receiver accepted or claimed. Errors: conflict "exchange/not-accepted";
/// not_found "exchange/no-such-line".
Result<LineState> settled_line(const Exchange& exchange, const Allocated& allocated,
                               const RoundId& round, const NeedId& need, const OfferId& offer) {
    const bool is_claimed =
        std::any_of(allocated.claims.begin(), allocated.claims.end(),
                    [&](const ClaimRecord& claim) { return claim.line.need == need; });
    if (!allocated.accepted.contains(need) && !is_claimed) {
        return conflict("exchange/not-accepted",
                        "The member has not accepted an allocation of this need in this round.");
    }
    const LineState line = line_state(exchange, round, need, offer);
    if (line.accepted > 0) return line;
    return not_found("exchange/no-such-line",
                     "The need accepted nothing from this offer in this round.");
}

/// Whether the record of the line stays whole if so many units of the delivery arrived.
Result<> check_arrival(const Exchange& exchange, const DeliveryRecord& record,
                       std::int64_t quantity) {
    if (record.arrival() == nullptr) return {};
    const Delivery& delivery = record.delivery;
    const LineState line = line_state(exchange, delivery.round, delivery.need, delivery.offer);
    const std::int64_t more = quantity - record.arrival()->confirmation.quantity;
    if (more > line.undelivered()) {
        return conflict("exchange/over-delivery",
                        "What did not arrive was delivered again or left the line since; " +
                            std::to_string(line.undelivered()) + " units are open.");
    }
    if (line.confirmed + more >= line.returned) return {};
    return conflict("exchange/over-departure",
                    "The receiver returned " + std::to_string(line.returned) +
                        " units of this line, so that as many must have arrived.");
}

/// Whether a restriction in force stops the transfer, as a departure of this kind says.
Result<> check_restricted(const Departure& departure, const Offer& offer, const Need& need,
                          const Screen& screen, Date day) {
    if (departure.restriction.has_value() != (departure.kind == DepartureKind::restricted)) {
        return invalid("exchange/bad-departure",
                       "Name a restriction with the kind `restricted`, and only there.");
    }
    const auto& named = departure.restriction;
    if (!named) return {};
    const institution::Screening said =
        screen({offer.item_class, offer.origin, need.destination, need.end_use}, day);
    const bool is_cited =
        std::any_of(said.citations.begin(), said.citations.end(),
                    [&](const auto& citation) { return citation.restriction == *named; });
    if (is_cited) return {};
    return conflict("exchange/not-restricted",
                    "The restriction " + named->text() +
                        " is not in force for this transfer; name one that is.");
}

/// Whether what the round left over is still to be claimed: it is closed, and no later round of the
/// unit has frozen.
Result<> check_left_over(const Exchange& exchange, const RoundRecord& record,
                         const Allocated& allocated) {
    if (!allocated.inputs.rule.first_come) {
        return conflict("exchange/no-claims",
                        "The rule of the round lets nobody claim what is left over; the next round "
                        "offers it.");
    }
    if (!allocated.answers_closed) {
        return conflict("exchange/round-open", "Claim when the answers of the round are closed.");
    }
    const bool is_past =
        std::any_of(exchange.rounds.begin(), exchange.rounds.end(), [&](const auto& other) {
            const RoundRecord& later = other.second;
            return later.round.unit == record.round.unit && later.entry > record.entry &&
                   !std::holds_alternative<CallOpen>(later.stage) &&
                   !std::holds_alternative<Failed>(later.stage);
        });
    if (!is_past) return {};
    return conflict("exchange/claims-closed",
                    "A later round of the unit is frozen; what is left over is offered in it.");
}

/// Whether the offer has so many units that nobody in the round still wanted.
Result<> check_free(const Allocated& allocated, const OfferRecord& offer, const Claim& claim,
                    Date day) {
    const auto& offers = allocated.result.offers;
    const auto result = std::find_if(offers.begin(), offers.end(), [&](const OfferResult& row) {
        return row.offer == claim.offer;
    });
    if (result == offers.end()) {
        return not_found("exchange/not-in-round", "The offer " + claim.offer.text() +
                                                      " is not in the rival pool of this "
                                                      "round.");
    }
    if (result->bottleneck) {
        return conflict("exchange/still-wanted",
                        "Members of the round still want units of this offer; a round divides "
                        "them.");
    }
    if (!is_open(offer, day) || free_units(offer) < claim.quantity) {
        return conflict("exchange/nothing-left",
                        std::to_string(is_open(offer, day) ? free_units(offer) : 0) +
                            " units of the offer are left.");
    }
    return {};
}

/// Whether the need may have so many units of the offer under the law of the day.
Result<> check_lawful(const NeedRecord& record, const OfferRecord& offer, const Screen& screen,
                      Date day) {
    const Need& need = record.need;
    const Offer& offered = offer.offer;
    const bool accepts = !need.item_classes || need.item_classes->contains(offered.item_class);
    if (record.unit() != offer.unit() || !accepts || !windows_overlap(need, offered) ||
        offer.provider == record.member) {
        return conflict("exchange/no-use",
                        "The need does not accept this offer, or not in its window.");
    }
    const institution::Screening said =
        screen({offered.item_class, offered.origin, need.destination, need.end_use}, day);
    if (said.verdict == institution::Verdict::allowed) return {};
    std::string by;
    for (const institution::Citation& citation : said.citations) {
        by.append(by.empty() ? "" : ", ").append(citation.restriction.text());
    }
    return conflict("exchange/not-lawful",
                    "The restrictions in force do not allow this transfer: " + by + ".");
}

/// Whether the member stays within the rule's cap, and is one whom the rule knows.
Result<> check_bounds(const Exchange& exchange, const Allocated& allocated, const NeedRecord& need,
                      const Claim& claim) {
    const RoundInputs& inputs = allocated.inputs;
    if (const auto& table = inputs.weights) {
        const auto& weights = exchange.weights.at(table->id)[table->version - 1].table.weights;
        if (!weights.contains(need.member)) {
            return forbidden("exchange/not-listed",
                             "The member has no weight in the rule's table, and so no part in its "
                             "rounds.");
        }
    }
    if (inputs.rule.minimums && need.promised + need.given_back + claim.quantity < need.minimum()) {
        return conflict("exchange/below-minimum",
                        "With these units the need has fewer than its least useful quantity.");
    }
    if (!inputs.rule.member_cap) return {};
    std::int64_t kept = claim.quantity;
    for (const FrozenMember& member : inputs.members) {
        if (member.id == need.member) kept += member.held;
    }
    for (const auto& [id, record] : exchange.needs) {
        if (record.member == need.member)
            kept += rival_units(exchange, promised_lines(allocated, id));
    }
    const std::int64_t cap = share_of(*inputs.rule.member_cap, pool_units(inputs));
    if (kept <= cap) return {};
    return conflict("exchange/member-cap", "The rule gives one member at most " +
                                               std::to_string(cap) + " units of the pool.");
}

}  // namespace

Result<> check(const Exchange& exchange, const Institution&, const Act& act, const Claim& claim,
               const Screen& screen) {
    const Allocated* allocated = TRY(allocated_round(exchange, claim.round));
    TRY(check_left_over(exchange, exchange.rounds.at(claim.round), *allocated));
    const auto need = exchange.needs.find(claim.need);
    if (need == exchange.needs.end()) {
        return not_found("exchange/no-such-need", "There is no need " + claim.need.text() + ".");
    }
    if (need->second.member != act.actor.member) {
        return forbidden("exchange/not-the-member", "Only its member may claim for a need.");
    }
    const Date day = date_of(act.now);
    if (!is_open(need->second, day)) {
        return conflict("exchange/withdrawn",
                        "The need is withdrawn, over, or has all that it asks.");
    }
    TRY(check_quantity(claim.quantity, 1, unmet_units(need->second)));
    const auto offer = exchange.offers.find(claim.offer);
    if (offer == exchange.offers.end()) {
        return not_found("exchange/no-such-offer", "There is no offer " + claim.offer.text() + ".");
    }
    TRY(check_free(*allocated, offer->second, claim, day));
    TRY(check_lawful(need->second, offer->second, screen, day));
    return check_bounds(exchange, *allocated, need->second, claim);
}

Result<> check(const Exchange& exchange, const Institution&, const Act& act,
               const Delivery& delivery) {
    if (exchange.deliveries.contains(delivery.id)) {
        return conflict("exchange/delivery-exists", "There is a delivery " + delivery.id.text() +
                                                        " already; choose another id.");
    }
    const auto offer = exchange.offers.find(delivery.offer);
    if (offer == exchange.offers.end()) {
        return not_found("exchange/no-such-offer",
                         "There is no offer " + delivery.offer.text() + ".");
    }
    if (offer->second.provider != act.actor.member) {
        return forbidden("exchange/not-the-provider",
                         "Only the offer's provider may say that it delivered.");
    }
    const Allocated* allocated = TRY(allocated_round(exchange, delivery.round));
    const LineState line =
        TRY(settled_line(exchange, *allocated, delivery.round, delivery.need, delivery.offer));
    const std::int64_t left = line.undelivered();
    if (delivery.quantity < 1) return check_quantity(delivery.quantity, 1, line.accepted);
    if (delivery.quantity > left) {
        return conflict("exchange/over-delivery", std::to_string(left) +
                                                      " units of this line are "
                                                      "left to deliver.");
    }
    return {};
}

Result<> check(const Exchange& exchange, const Institution&, const Act& act,
               const Confirmation& confirmation) {
    const auto found = exchange.deliveries.find(confirmation.delivery);
    if (found == exchange.deliveries.end()) return no_such_delivery(confirmation.delivery);
    const DeliveryRecord& record = found->second;
    if (exchange.needs.at(record.delivery.need).member != act.actor.member) {
        return forbidden("exchange/not-the-member", "Only the receiver may say what arrived.");
    }
    if (record.arrival() != nullptr && !record.is_disputed()) {
        return conflict("exchange/already-confirmed",
                        "The receiver has said already what arrived; to correct it, dispute the "
                        "delivery first.");
    }
    if (confirmation.outcome == DeliveryOutcome::not_delivered) {
        TRY(check_quantity(confirmation.quantity, 0, 0));
    } else {
        TRY(check_quantity(confirmation.quantity, 1, record.delivery.quantity));
    }
    return check_arrival(exchange, record, confirmation.quantity);
}

Result<> check(const Exchange& exchange, const Institution&, const Act& act,
               const Departure& departure, const Screen& screen) {
    const auto offer = exchange.offers.find(departure.offer);
    if (offer == exchange.offers.end()) {
        return not_found("exchange/no-such-offer",
                         "There is no offer " + departure.offer.text() + ".");
    }
    const auto need = exchange.needs.find(departure.need);
    if (need == exchange.needs.end()) {
        return not_found("exchange/no-such-need",
                         "There is no need " + departure.need.text() + ".");
    }
    if (is_by_receiver(departure.kind)) {
        if (need->second.member != act.actor.member) {
            return forbidden("exchange/not-the-member",
                             "Only the receiver may give units up or return them.");
        }
    } else if (offer->second.provider != act.actor.member) {
        return forbidden("exchange/not-the-provider",
                         "Only the offer's provider may say that it cannot provide.");
    }
    TRY(check_reason(departure.reason));
    const Allocated* allocated = TRY(allocated_round(exchange, departure.round));
    const LineState line =
        TRY(settled_line(exchange, *allocated, departure.round, departure.need, departure.offer));
    const std::int64_t left = departure.kind == DepartureKind::returned
                                  ? line.confirmed - line.returned
                                  : line.undelivered();
    if (departure.quantity < 1) return check_quantity(departure.quantity, 1, line.accepted);
    if (departure.quantity > left) {
        return conflict("exchange/over-departure",
                        std::to_string(left) + " units of this line can leave it in this way.");
    }
    return check_restricted(departure, offer->second.offer, need->second.need, screen,
                            date_of(act.now));
}

Result<> check(const Exchange& exchange, const Institution&, const Act& act,
               const Dispute& dispute) {
    const auto found = exchange.deliveries.find(dispute.delivery);
    if (found == exchange.deliveries.end()) return no_such_delivery(dispute.delivery);
    const Delivery& delivery = found->second.delivery;
    const institution::MemberId& by = act.actor.member;
    if (by != exchange.offers.at(delivery.offer).provider &&
        by != exchange.needs.at(delivery.need).member) {
        return forbidden("exchange/not-between-them",
                         "Only the provider and the receiver of a delivery may dispute it.");
    }
    TRY(check_reason(dispute.reason));
    if (found->second.is_disputed()) {
        return conflict("exchange/already-disputed", "The delivery is in dispute already.");
    }
    if (found->second.disputes.size() >= disputes_max) {
        return conflict("exchange/already-disputed",
                        "The delivery was disputed " + std::to_string(disputes_max) +
                            " times; a motion must settle what is left.");
    }
    return {};
}

Result<> check(const Exchange& exchange, const Institution&, const Act& act,
               const DisputeWithdrawal& withdrawal) {
    const auto found = exchange.deliveries.find(withdrawal.delivery);
    if (found == exchange.deliveries.end()) return no_such_delivery(withdrawal.delivery);
    if (!found->second.is_disputed()) return not_disputed();
    if (found->second.disputes.back().by == act.actor.member) return {};
    return forbidden("exchange/not-the-disputer",
                     "Only whoever raised the dispute may withdraw it.");
}

Result<> check_settlement(const Exchange& exchange, const DisputeSettlement& settlement) {
    const auto found = exchange.deliveries.find(settlement.delivery);
    if (found == exchange.deliveries.end()) return no_such_delivery(settlement.delivery);
    if (!found->second.is_disputed()) return not_disputed();
    TRY(check_quantity(settlement.quantity, 0, found->second.delivery.quantity));
    return check_arrival(exchange, found->second, settlement.quantity);
}

}  // namespace comity::exchange
