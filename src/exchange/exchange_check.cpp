// SPDX-License-Identifier: Apache-2.0

// Whether a statement may be entered. Each refusal says what is wrong and what to do.

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "exchange/allocation.h"
#include "exchange/exchange.h"
#include "exchange/refusal.h"
#include "exchange/round.h"

namespace comity::exchange {
namespace {

using institution::Act;
using institution::Institution;

Result<> check_unit(const Institution& institution, const institution::UnitId& unit) {
    if (institution::find_unit(institution, unit) != nullptr) return {};
    return invalid("exchange/unknown-unit",
                   "The charter has no unit " + unit.text() + "; name one that it lists.");
}

Result<> check_item_class(const Institution& institution, const institution::ItemClassId& id) {
    if (institution::find_item_class(institution, id) != nullptr) return {};
    return invalid("exchange/unknown-item-class",
                   "The charter has no item class " + id.text() + "; name one that it lists.");
}

/// Of what is stated in one unit and counts in another: whether the table in force knows how.
template <class Stated>
Result<> check_conversion(const Exchange& exchange, const Institution& institution,
                          const Stated& stated) {
    if (!stated.counts_in) return {};
    TRY(check_unit(institution, *stated.counts_in));
    const auto tables = exchange.units.find(*stated.counts_in);
    if (tables == exchange.units.end() ||
        !tables->second.back().table.factors.contains(stated.unit)) {
        return not_found("exchange/no-conversion",
                         "No adopted table says what one " + stated.unit.text() + " counts as in " +
                             stated.counts_in->text() + "; leave out counts_in, or adopt one.");
    }
    return check_quantity(stated.quantity, 1,
                          quantity_max / tables->second.back().table.factors.at(stated.unit));
}

Error empty_period() {
    return invalid("exchange/empty-period",
                   "The period must end after the day on which it begins.");
}

/// Whether a round that froze the thing still waits for its draw or for answers.
template <class Holds>
const RoundRecord* open_round_with(const Exchange& exchange, const Holds& holds) {
    for (const auto& [id, record] : exchange.rounds) {
        if (is_finished(record)) continue;
        const RoundInputs* inputs = nullptr;
        if (const auto* frozen = std::get_if<InputsFrozen>(&record.stage)) inputs = &frozen->inputs;
        if (const auto* drawn = std::get_if<Allocated>(&record.stage)) inputs = &drawn->inputs;
        if (inputs != nullptr && holds(*inputs)) return &record;
    }
    return nullptr;
}

template <class T, class IdType>
bool lists(const std::vector<T>& entries, const IdType& id) {
    return std::any_of(entries.begin(), entries.end(), [&](const T& e) { return e.id == id; });
}

Error in_open_round(const RoundRecord& record) {
    return conflict("exchange/in-open-round", "Round " + record.round.id.text() +
                                                  " counts on it; withdraw it when its answers "
                                                  "are closed.");
}

Result<const RoundRecord*> round_called(const Exchange& exchange, const RoundId& id) {
    const auto found = exchange.rounds.find(id);
    if (found != exchange.rounds.end()) return &found->second;
    return not_found("exchange/no-such-round", "There is no round " + id.text() + ".");
}

/// Whether equality of benefit is measured over the actor's class; only such parties have a stake
/// in the lottery.
bool is_in_ledger(const Institution& institution, const institution::MemberId& id) {
    const institution::MemberRecord* member = institution::find_member(institution, id);
    if (member == nullptr) return false;
    const auto* its_class = institution::find_class(institution, member->member_class);
    return its_class != nullptr && its_class->in_benefit_ledger;
}

Result<> check_version(std::uint32_t version, std::size_t adopted) {
    if (version == adopted + 1) return {};
    return conflict("exchange/wrong-version",
                    "The next version is " + std::to_string(adopted + 1) + "; use that number.");
}

Result<> check_end_use(const Institution& institution, const institution::EndUseId& id) {
    if (institution::find_end_use(institution, id) != nullptr) return {};
    return invalid("exchange/unknown-end-use",
                   "The charter has no end use " + id.text() + "; name one that it lists.");
}

/// The terms of a need under rules that know tiers, choices and least quantities.
Result<> check_terms(const Institution& institution, const Need& need) {
    if (need.minimum && (*need.minimum < 1 || *need.minimum > need.quantity)) {
        return invalid("exchange/bad-minimum",
                       "The least useful quantity must be from 1 to what the need asks.");
    }
    if (!need.choices) return {};
    if (need.choices->empty() || need.choices->size() >= choices_max) {
        return invalid("exchange/bad-choices", "Name from 1 to " + std::to_string(choices_max - 1) +
                                                   " choices, or leave the list out.");
    }
    std::set<institution::ItemClassId> seen;
    for (const institution::ItemClassId& id : *need.choices) {
        TRY(check_item_class(institution, id));
        if (!seen.insert(id).second || (need.item_classes && !need.item_classes->contains(id))) {
            return invalid("exchange/bad-choices",
                           "The choice " + id.text() +
                               " stands twice, or is not among the acceptable item classes.");
        }
    }
    return {};
}

/// The round's public source, and whether it is the one that the rule asks for.
Result<> check_lottery(const AllocationRule& rule, const Round& round) {
    if (round.public_source) {
        TRY(check_public_source(*round.public_source, round.draws_at, round.answers_until));
    }
    if (is_source_as_asked(rule, round)) return {};
    return conflict("exchange/public-source-required",
                    "The rule asks each round for a public source of the lottery; name one of the "
                    "kind in its lottery_source.");
}

}  // namespace

Result<> check(const Exchange& exchange, const Institution& institution, const Act&,
               const Offer& offer) {
    if (exchange.offers.contains(offer.id)) {
        return conflict("exchange/offer-exists",
                        "There is an offer " + offer.id.text() + " already; choose another id.");
    }
    TRY(check_unit(institution, offer.unit));
    TRY(check_item_class(institution, offer.item_class));
    TRY(check_quantity(offer.quantity, 1, quantity_max));
    TRY(check_conversion(exchange, institution, offer));
    if (offer.until && *offer.until <= offer.from) return empty_period();
    return {};
}

Result<> check(const Exchange& exchange, const Institution&, const Act& act,
               const OfferWithdrawal& withdrawal) {
    const auto found = exchange.offers.find(withdrawal.id);
    if (found == exchange.offers.end()) {
        return not_found("exchange/no-such-offer",
                         "There is no offer " + withdrawal.id.text() + ".");
    }
    if (found->second.provider != act.actor.member) {
        return forbidden("exchange/not-the-provider", "Only its provider may withdraw an offer.");
    }
    if (found->second.withdrawn_at) {
        return conflict("exchange/withdrawn", "The offer is withdrawn already.");
    }
    const RoundRecord* round = open_round_with(
        exchange, [&](const RoundInputs& inputs) { return lists(inputs.offers, withdrawal.id); });
    if (round != nullptr) return in_open_round(*round);
    return {};
}

Result<> check(const Exchange& exchange, const Institution& institution, const Act& act,
               const Need& need) {
    if (exchange.needs.contains(need.id)) {
        return conflict("exchange/need-exists",
                        "There is a need " + need.id.text() + " already; choose another id.");
    }
    TRY(check_unit(institution, need.unit));
    if (need.item_classes) {
        if (need.item_classes->empty()) {
            return invalid("exchange/empty-list",
                           "List an item class that is acceptable, or leave the list out for any.");
        }
        for (const institution::ItemClassId& id : *need.item_classes) {
            TRY(check_item_class(institution, id));
        }
    }
    TRY(check_end_use(institution, need.end_use));
    TRY(check_quantity(need.quantity, 1, quantity_max));
    TRY(check_conversion(exchange, institution, need));
    TRY(check_terms(institution, need));
    if (need.until <= need.from) return empty_period();

    const institution::MemberRecord* member =
        institution::find_member(institution, act.actor.member);
    if (member == nullptr) {
        return forbidden("exchange/not-a-party", "Only a party of the register may state a need.");
    }
    if (member->area && *member->area != need.destination) {
        return invalid(
            "exchange/wrong-destination",
            "A need is for the member itself: its destination is " + member->area->text() + ".");
    }
    return {};
}

Result<> check(const Exchange& exchange, const Institution&, const Act& act,
               const NeedWithdrawal& withdrawal) {
    const auto found = exchange.needs.find(withdrawal.id);
    if (found == exchange.needs.end()) {
        return not_found("exchange/no-such-need", "There is no need " + withdrawal.id.text() + ".");
    }
    if (found->second.member != act.actor.member) {
        return forbidden("exchange/not-the-member", "Only its member may withdraw a need.");
    }
    if (found->second.withdrawn_at) {
        return conflict("exchange/withdrawn", "The need is withdrawn already.");
    }
    const RoundRecord* round = open_round_with(exchange, [&](const RoundInputs& inputs) {
        return lists(inputs.needs, withdrawal.id) || lists(inputs.unlisted_needs, withdrawal.id) ||
               lists(inputs.declined_needs, withdrawal.id);
    });
    if (round != nullptr) return in_open_round(*round);
    return {};
}

/// Whether each round of the call is over before the next one freezes, and can have its lottery.
Result<> check_repetition(const Round& round) {
    const auto& repeats = round.repeats;
    if (!repeats) return {};
    const auto refuse = [](std::string message) {
        return invalid("exchange/bad-repetition", std::move(message));
    };
    if (repeats->days < 1 || repeats->days > repetition_days_max || repeats->times < 1 ||
        repeats->times > repetitions_max) {
        return refuse("A call repeats from 1 to " + std::to_string(repetitions_max) +
                      " times, each from 1 to " + std::to_string(repetition_days_max) +
                      " days after the one before.");
    }
    if (round.continues) return refuse("A round that continues another does not repeat.");
    if (repeated_round(round, 1).freezes_at <= round.answers_until) {
        return refuse("Answers must close before the next round of the call freezes.");
    }
    if (round.public_source && kind_of(*round.public_source) != PublicSourceKind::drand_quicknet) {
        return refuse(
            "Published draws have dates, so a call with them is for one round; name drand "
            "or no public source.");
    }
    if (!repeated_id(round.id, repetitions_max)) {
        return refuse("Shorten the id of the round: a number is added to it each time.");
    }
    return {};
}

/// Whether the round may offer again what was given back in the one that it names.
Result<> check_continuation(const Exchange& exchange, const Round& round, const RoundId& id) {
    const Allocated* before = TRY(allocated_round(exchange, id));
    const RoundRecord& record = exchange.rounds.at(id);
    if (!before->answers_closed) {
        return conflict(
            "exchange/round-open",
            "Round " + id.text() + " is not finished; wait until its answers are closed.");
    }
    if (record.round.unit != round.unit || record.round.rule != round.rule ||
        record.round.rule_version != round.rule_version || round.public_source) {
        return invalid("exchange/bad-continuation",
                       "A round continues one of its unit under the same version of its rule, with "
                       "the lottery of that one.");
    }
    const bool is_last =
        std::all_of(exchange.rounds.begin(), exchange.rounds.end(), [&](const auto& other) {
            return other.second.round.unit != round.unit || other.second.entry <= record.entry ||
                   std::holds_alternative<Failed>(other.second.stage);
        });
    if (is_last) return {};
    return conflict("exchange/already-continued", "Another round of the unit came after round " +
                                                      id.text() + "; continue that one.");
}

Result<> check(const Exchange& exchange, const Institution& institution, const Act& act,
               const Round& round) {
    if (exchange.rounds.contains(round.id)) {
        return conflict("exchange/round-exists",
                        "There is a round " + round.id.text() + " already; choose another id.");
    }
    TRY(check_unit(institution, round.unit));
    const auto rule = exchange.rules.find(round.rule);
    if (rule == exchange.rules.end()) {
        return not_found("exchange/no-such-rule",
                         "No motion adopted the rule " + round.rule.text() + "; adopt it first.");
    }
    const std::uint32_t newest = rule->second.back().rule.version;
    if (const auto& continues = round.continues) {
        TRY(check_continuation(exchange, round, *continues));
    } else if (round.rule_version != newest) {
        return conflict("exchange/not-the-newest-version",
                        "The rule " + round.rule.text() + " stands at version " +
                            std::to_string(newest) + "; call the round under that one.");
    }
    const bool ordered = act.now < round.freezes_at && round.freezes_at < round.draws_at &&
                         round.draws_at < round.answers_until;
    if (!ordered) {
        return invalid("exchange/bad-deadlines",
                       "The round must freeze after now, draw after it freezes, and close its "
                       "answers after it draws.");
    }
    if (!round.continues) TRY(check_lottery(rule->second.back().rule, round));
    TRY(check_repetition(round));
    for (const auto& [id, other] : exchange.rounds) {
        if (other.round.unit != round.unit || is_finished(other)) continue;
        return conflict("exchange/round-open", "Round " + id.text() +
                                                   " in this unit is not finished; wait until its "
                                                   "answers are closed.");
    }
    return {};
}

Result<> check(const Exchange& exchange, const Institution& institution, const Act& act,
               const Commitment& commitment) {
    const RoundRecord* record = TRY(round_called(exchange, commitment.round));
    if (!std::holds_alternative<CallOpen>(record->stage) || act.now >= record->round.freezes_at) {
        return conflict("exchange/call-closed",
                        "The inputs of the round are frozen; no commitment counts any more.");
    }
    if (record->round.continues) {
        return conflict("exchange/lottery-drawn",
                        "The round continues another, whose lottery decides; nothing is left to "
                        "commit to.");
    }
    if (!is_in_ledger(institution, act.actor.member)) {
        return forbidden("exchange/not-in-ledger",
                         "Only parties whose benefit is measured take part in the lottery.");
    }
    return {};
}

Result<> check(const Exchange& exchange, const Institution&, const Act& act, const Reveal& reveal) {
    const RoundRecord* record = TRY(round_called(exchange, reveal.round));
    if (std::holds_alternative<CallOpen>(record->stage)) {
        return conflict("exchange/not-frozen",
                        "The inputs are not frozen yet; reveal after the freeze, not before.");
    }
    if (!std::holds_alternative<InputsFrozen>(record->stage) || act.now >= record->round.draws_at) {
        return conflict("exchange/reveals-closed", "The time to reveal is over.");
    }
    const auto commitment = record->commitments.find(act.actor.member);
    if (commitment == record->commitments.end()) {
        return forbidden("exchange/no-commitment",
                         "There is no commitment of this party to reveal.");
    }
    if (record->reveals.contains(act.actor.member)) {
        return conflict("exchange/already-revealed", "This party has revealed already.");
    }
    if (reveal.random.size() != sizeof(Digest) || sha256({reveal.random}) != commitment->second) {
        return invalid("exchange/bad-reveal",
                       "The reveal must be the 32 octets whose SHA-256 is the commitment.");
    }
    return {};
}

Result<> check(const Exchange& exchange, const Institution&, const Act& act, const Beacon& beacon) {
    const RoundRecord* record = TRY(round_called(exchange, beacon.round));
    const Round& round = record->round;
    if (!round.public_source) {
        return conflict("exchange/no-public-source",
                        "The round named no public source; its ties follow from reveals alone.");
    }
    if (std::holds_alternative<CallOpen>(record->stage)) {
        return conflict("exchange/not-frozen",
                        "The inputs are not frozen yet; enter the value after the freeze.");
    }
    if (record->public_value) {
        return conflict("exchange/already-entered", "The public value is on record already.");
    }
    const Timestamp from = known_from(*round.public_source, round.draws_at);
    if (act.now < from) {
        return conflict("exchange/beacon-too-early",
                        "The public value cannot exist before " + from.text() + ".");
    }
    if (!std::holds_alternative<InputsFrozen>(record->stage) ||
        act.now >= round.public_source->enter_until) {
        return conflict("exchange/beacon-closed", "The time to enter the public value is over.");
    }
    return check_public_value(*round.public_source, round.draws_at, beacon.value);
}

Result<> check(const Exchange& exchange, const Institution&, const Act&,
               const ResultNotice& notice) {
    const Allocated* allocated = TRY(allocated_round(exchange, notice.round));
    if (allocated->published_at) {
        return conflict("exchange/already-published", "The result is on record already.");
    }
    if (notice.result != allocated->digest) {
        return invalid("exchange/wrong-result", "The computed result has the digest " +
                                                    allocated->digest.text() + "; state that one.");
    }
    return {};
}

Result<> check(const Exchange& exchange, const Institution&, const Act& act,
               const Acceptance& acceptance) {
    const Allocated* allocated = TRY(allocated_round(exchange, acceptance.round));
    const auto& needs = allocated->result.needs;
    const auto result = std::find_if(needs.begin(), needs.end(), [&](const NeedResult& row) {
        return row.need == acceptance.need;
    });
    if (result == needs.end()) {
        return not_found("exchange/not-in-round",
                         "The need " + acceptance.need.text() + " is not in this round.");
    }
    if (result->member != act.actor.member) {
        return forbidden("exchange/not-the-member", "Only its member may answer for a need.");
    }
    if (allocated->answers_closed ||
        act.now >= exchange.rounds.at(acceptance.round).round.answers_until) {
        return conflict("exchange/answers-closed",
                        "The time to answer is over; what was allocated has gone back.");
    }
    if (allocated->accepted.contains(acceptance.need)) {
        return conflict("exchange/already-answered", "The need is answered already.");
    }
    if (result->allocated == 0) {
        return conflict("exchange/nothing-allocated",
                        "Nothing was allocated to this need; there is nothing to answer.");
    }
    return check_quantity(acceptance.quantity, 0, result->allocated);
}

Result<> check(const Exchange& exchange, const Institution&, const Act&, const RepetitionEnd& end) {
    TRY(round_called(exchange, end.round));
    const auto& repeated = exchange.rounds.at(end.round).repeated;
    if (!repeated || repeated->number != 0) {
        return invalid("exchange/not-repeated",
                       "Round " + end.round.text() + " is not the first of a call that repeats.");
    }
    if (repeated->is_ended) {
        return conflict("exchange/repetition-ended", "The repetition is ended already.");
    }
    return {};
}

Result<> check_adoption(const Exchange& exchange, const Institution& institution,
                        const AllocationRule& rule) {
    const auto known = exchange.rules.find(rule.id);
    TRY(check_version(rule.version, known == exchange.rules.end() ? 0 : known->second.size()));
    if (rule.weights && !exchange.weights.contains(*rule.weights)) {
        return not_found("exchange/no-such-weights", "No motion adopted the weight table " +
                                                         rule.weights->text() +
                                                         "; adopt it before the rule.");
    }
    TRY(check_rule(rule));
    if (const auto& least = rule.least_cost;
        least && least->table && !exchange.costs.contains(*least->table)) {
        return not_found("exchange/no-such-costs", "No motion adopted the cost table " +
                                                       least->table->text() +
                                                       "; adopt it before the rule.");
    }
    if (rule.floor && !lists(institution.charter.groups, rule.floor->group)) {
        return invalid("exchange/unknown-group",
                       "The charter has no dated list " + rule.floor->group.text() + ".");
    }
    if (!rule.tiers) return {};
    for (const std::set<institution::EndUseId>& tier : *rule.tiers) {
        for (const institution::EndUseId& end_use : tier) {
            TRY(check_end_use(institution, end_use));
        }
    }
    return {};
}

Result<> check_adoption(const Exchange& exchange, const Institution& institution,
                        const WeightTable& table) {
    const auto known = exchange.weights.find(table.id);
    TRY(check_version(table.version, known == exchange.weights.end() ? 0 : known->second.size()));
    if (table.weights.empty()) {
        return invalid("exchange/empty-list", "A weight table must list at least one member.");
    }
    for (const auto& [member, weight] : table.weights) {
        if (institution::find_member(institution, member) == nullptr) {
            return invalid("exchange/unknown-member",
                           "The register has no party " + member.text() + ".");
        }
        if (weight < 1 || weight > weight_max) {
            return invalid(
                "exchange/bad-weight",
                "The weight of " + member.text() +
                    " must be above zero and at most 2^40; leave out who takes no part.");
        }
    }
    return {};
}

Result<> check_adoption(const Exchange& exchange, const Institution&, const CostTable& table) {
    const auto known = exchange.costs.find(table.id);
    TRY(check_version(table.version, known == exchange.costs.end() ? 0 : known->second.size()));
    return check_table(table);
}

Result<> check_adoption(const Exchange& exchange, const Institution& institution,
                        const UnitTable& table) {
    const auto known = exchange.units.find(table.unit);
    TRY(check_version(table.version, known == exchange.units.end() ? 0 : known->second.size()));
    TRY(check_unit(institution, table.unit));
    if (table.factors.empty()) {
        return invalid("exchange/empty-list", "A table of units must list at least one other.");
    }
    for (const auto& [unit, factor] : table.factors) {
        TRY(check_unit(institution, unit));
        if (unit == table.unit || factor < 1 || factor > unit_factor_max) {
            return invalid("exchange/bad-factor",
                           "One " + unit.text() +
                               " must be another unit than that of the table, and count as from 1 "
                               "to 2^20 of it.");
        }
    }
    return {};
}

}  // namespace comity::exchange
