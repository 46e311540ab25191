// SPDX-License-Identifier: Apache-2.0

#include "exchange/benefit.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>
#include <variant>

#include "base/check.h"
#include "exchange/allocation.h"
#include "exchange/refusal.h"

namespace comity::exchange {
namespace {

using institution::Institution;
using institution::MemberId;

/// Sums stop at units_max: no sum of statements can leave the range of its type.
void add(std::int64_t& sum, std::int64_t units) {
    sum = units > units_max - sum ? units_max : sum + units;
}

Int128 greatest_common_divisor(Int128 a, Int128 b) {
    while (b != 0) a = std::exchange(b, a % b);
    return a;
}

/// num / den in lowest terms, with fewer low bits if they do not fit.
Rational fraction(Int128 num, Int128 den) {
    const Int128 divisor = greatest_common_divisor(num, den);
    num /= divisor;
    den /= divisor;
    constexpr Int128 largest = std::numeric_limits<std::int64_t>::max();
    while (num > largest || den > largest) {
        num /= 2;
        den /= 2;
    }
    const auto made =
        Rational::make(static_cast<std::int64_t>(num), static_cast<std::int64_t>(den));
    COMITY_CHECK(made.has_value());
    return *made;
}

/// The furthest that a member's needs came, beside the sums.
struct Way {
    MemberBenefit benefit;
    bool may_answer = false;
    std::optional<std::uint64_t> drawn_at;  ///< entry that drew the newest round with its needs
    std::int64_t missing = -1;              ///< in that round, by the need that lacks most
    ZeroReceiver zero;
};

using Ways = std::map<MemberId, Way>;

/// The member's way, or nullptr if the question is not about the member.
Way* way_of(Ways& ways, const MemberId& member) {
    const auto found = ways.find(member);
    return found == ways.end() ? nullptr : &found->second;
}

Ways members_asked_about(const Institution& institution, const BenefitQuestion& question) {
    Ways ways;
    for (const auto& [id, record] : institution.members) {
        if (record.member_class != question.member_class) continue;
        const bool is_in_group =
            !question.group ||
            (record.area && institution::in_group(institution, question.group->group, *record.area,
                                                  question.group->day));
        if (!is_in_group) continue;
        Way way;
        way.benefit.member = id;
        way.benefit.status = institution::status_on(record, date_of(institution.now));
        way.zero.member = id;
        ways.emplace(id, std::move(way));
    }
    return ways;
}

void add_needs(Ways& ways, const Exchange& exchange, const BenefitQuestion& question) {
    for (const auto& [id, record] : exchange.needs) {
        Way* way = way_of(ways, record.member);
        if (way == nullptr || record.unit() != question.unit) continue;
        add(way->benefit.asked,
            record.withdrawn_at ? std::min(record.quantity(), record.promised + record.given_back)
                                : record.quantity());
    }
}

/// Remembers where the member lacked most, in the newest round that drew.
void note_shortage(Way& way, const Allocated& allocated, const NeedResult& need) {
    const std::int64_t missing = need.asked - std::min(need.asked, need.allocated);
    const bool is_newer = !way.drawn_at || *way.drawn_at < allocated.entry;
    if (!is_newer && (allocated.entry != *way.drawn_at || missing <= way.missing)) return;
    way.drawn_at = allocated.entry;
    way.missing = missing;
    way.zero.round = allocated.inputs.round;
    way.zero.need = need.need;
    way.zero.reason = need.reason;
}

void add_claims_and_departures(Ways& ways, const Exchange& exchange, const Allocated& allocated) {
    for (const ClaimRecord& claim : allocated.claims) {
        Way* way = way_of(ways, exchange.needs.at(claim.line.need).member);
        if (way != nullptr) add(way->benefit.claimed, claim.line.units);
    }
    for (const DepartureRecord& record : allocated.departures) {
        Way* way = way_of(ways, exchange.needs.at(record.departure.need).member);
        if (way == nullptr) continue;
        const bool is_returned = record.departure.kind == DepartureKind::returned;
        add(is_returned ? way->benefit.returned : way->benefit.fell_away,
            record.departure.quantity);
    }
}

void add_rounds(Ways& ways, const Exchange& exchange, const BenefitQuestion& question) {
    for (const auto& [id, record] : exchange.rounds) {
        const auto* allocated = std::get_if<Allocated>(&record.stage);
        if (allocated == nullptr || record.round.unit != question.unit || id == question.without) {
            continue;
        }
        for (const NeedResult& need : allocated->result.needs) {
            Way* way = way_of(ways, need.member);
            if (way == nullptr) continue;
            add(way->benefit.allocated, need.allocated);
            const auto answer = allocated->accepted.find(need.need);
            if (answer != allocated->accepted.end()) {
                add(way->benefit.accepted, answer->second);
            } else if (need.allocated > 0 && !allocated->answers_closed) {
                way->may_answer = true;
            }
            note_shortage(*way, *allocated, need);
        }
        add_claims_and_departures(ways, exchange, *allocated);
    }
}

void add_deliveries(Ways& ways, const Exchange& exchange, const BenefitQuestion& question) {
    for (const auto& [id, record] : exchange.deliveries) {
        const Delivery& delivery = record.delivery;
        if (delivery.round == question.without) continue;
        if (exchange.rounds.at(delivery.round).round.unit != question.unit) continue;
        Way* way = way_of(ways, exchange.needs.at(delivery.need).member);
        if (way == nullptr) continue;
        add(way->benefit.delivered, delivery.quantity);
        if (record.is_disputed()) add(way->benefit.disputed, delivery.quantity);
        const Arrival* arrival = record.arrival();
        if (arrival == nullptr) continue;
        add(way->benefit.confirmed, arrival->confirmation.quantity);
        add(way->benefit.not_delivered, delivery.quantity - arrival->confirmation.quantity);
    }
}

ZeroCause cause_of(const Way& way) {
    const MemberBenefit& benefit = way.benefit;
    if (benefit.delivered > benefit.not_delivered + benefit.returned) {
        return ZeroCause::awaiting_confirmation;
    }
    if (benefit.not_delivered > 0) return ZeroCause::not_delivered;
    const std::int64_t taken = benefit.accepted + benefit.claimed;
    if (taken > benefit.fell_away + benefit.returned) return ZeroCause::awaiting_delivery;
    if (taken > 0) return ZeroCause::fell_away;
    if (way.may_answer) return ZeroCause::awaiting_answer;
    if (benefit.allocated > 0) return ZeroCause::not_accepted;
    return way.drawn_at ? ZeroCause::allocated_nothing : ZeroCause::not_in_round;
}

ZeroReceiver zero_receiver(const Way& way) {
    ZeroReceiver zero;
    zero.member = way.benefit.member;
    zero.cause = cause_of(way);
    if (zero.cause != ZeroCause::allocated_nothing) return zero;
    zero = way.zero;
    zero.cause = ZeroCause::allocated_nothing;
    return zero;
}

bool is_measured(const Way& way, const BenefitQuestion& question) {
    const auto& status = way.benefit.status;
    return !question.statuses || (status && question.statuses->contains(*status));
}

Result<> check_question(const Exchange& exchange, const Institution& institution,
                        const BenefitQuestion& question) {
    if (institution::find_unit(institution, question.unit) == nullptr) {
        return not_found("exchange/unknown-unit", "The charter has no such unit.");
    }
    const auto* its_class = institution::find_class(institution, question.member_class);
    if (its_class == nullptr) {
        return not_found("exchange/unknown-class", "The charter has no such membership class.");
    }
    if (!its_class->in_benefit_ledger) {
        return Error{Code::invalid, "exchange/not-in-ledger",
                     "The charter does not measure benefit over this class."};
    }
    const auto& known = institution.charter.statuses;
    for (const auto& status : question.statuses.value_or(std::set<institution::StatusId>())) {
        if (std::none_of(known.begin(), known.end(),
                         [&](const institution::Status& each) { return each.id == status; })) {
            return not_found("exchange/unknown-status",
                             "The charter has no status '" + status.text() + "'.");
        }
    }
    const auto& groups = institution.charter.groups;
    if (question.group &&
        std::none_of(groups.begin(), groups.end(), [&](const institution::Group& group) {
            return group.id == question.group->group;
        })) {
        return not_found("exchange/unknown-group", "The charter has no such dated list.");
    }
    if (question.without && !exchange.rounds.contains(*question.without)) {
        return not_found("exchange/no-such-round", "There is no such round to leave out.");
    }
    if (question.weights && !exchange.weights.contains(*question.weights)) {
        return not_found("exchange/no-such-weights", "No motion adopted such a weight table.");
    }
    return {};
}

void measure(BenefitLedger& ledger, const WeightTable* table) {
    std::vector<std::int64_t> all;
    std::vector<std::int64_t> askers;
    std::vector<WeightedAmount> weighted;
    bool is_some_confirmed = false;
    for (const MemberBenefit& member : ledger.members) {
        all.push_back(member.confirmed);
        if (member.asked == 0) continue;
        askers.push_back(member.confirmed);
        if (table == nullptr || !table->weights.contains(member.member)) continue;
        weighted.push_back({member.confirmed, table->weights.at(member.member)});
        is_some_confirmed |= member.confirmed > 0;
    }
    if (!all.empty()) ledger.among_all = equality_of(std::move(all));
    if (!askers.empty()) ledger.among_askers = equality_of(std::move(askers));
    if (is_some_confirmed) ledger.gini_per_weight = gini(weighted);
}

}  // namespace

std::optional<std::set<institution::StatusId>> deciding_statuses(
    const Institution& institution, const institution::ClassId& member_class) {
    std::optional<std::set<institution::StatusId>> statuses;
    for (const institution::Organ& organ : institution.charter.organs) {
        if (!organ.classes.contains(member_class)) continue;
        if (!statuses) statuses.emplace();
        statuses->insert(organ.statuses.begin(), organ.statuses.end());
    }
    return statuses;
}

Rational gini(std::span<const WeightedAmount> amounts) {
    std::vector<WeightedAmount> ordered(amounts.begin(), amounts.end());
    std::sort(ordered.begin(), ordered.end(), [](const WeightedAmount& a, const WeightedAmount& b) {
        return Int128{a.amount} * b.weight < Int128{b.amount} * a.weight;
    });
    Int128 differences = 0;
    Int128 amount_before = 0;
    Int128 weight_before = 0;
    for (const WeightedAmount& entry : ordered) {
        differences += entry.amount * weight_before - entry.weight * amount_before;
        amount_before += entry.amount;
        weight_before += entry.weight;
    }
    if (amount_before == 0) return Rational{};
    return fraction(differences, amount_before * weight_before);
}

Equality equality_of(std::vector<std::int64_t> amounts) {
    COMITY_CHECK(!amounts.empty());
    std::sort(amounts.begin(), amounts.end());
    Equality equality;
    equality.members = static_cast<std::uint32_t>(amounts.size());
    equality.min = amounts.front();
    const std::size_t middle = amounts.size() / 2;
    equality.median = amounts.size() % 2 == 1
                          ? Rational{amounts[middle], 1}
                          : fraction(Int128{amounts[middle - 1]} + amounts[middle], 2);
    std::vector<WeightedAmount> alike;
    for (const std::int64_t amount : amounts) {
        add(equality.total, amount);
        alike.push_back({amount, 1});
    }
    equality.gini = gini(alike);
    return equality;
}

Result<BenefitLedger> benefit(const Exchange& exchange, const Institution& institution,
                              const BenefitQuestion& question) {
    TRY(check_question(exchange, institution, question));
    Ways ways = members_asked_about(institution, question);
    add_needs(ways, exchange, question);
    add_rounds(ways, exchange, question);
    add_deliveries(ways, exchange, question);
    for (auto& [id, way] : ways) way.benefit.confirmed -= way.benefit.returned;

    BenefitLedger ledger;
    ledger.question = question;
    for (const auto& [id, way] : ways) {
        if (!is_measured(way, question)) {
            ledger.others.push_back(way.benefit);
            continue;
        }
        ledger.members.push_back(way.benefit);
        if (way.benefit.asked > 0 && way.benefit.confirmed == 0) {
            ledger.zero_receivers.push_back(zero_receiver(way));
        }
    }
    const WeightTable* table =
        question.weights ? &exchange.weights.at(*question.weights).back().table : nullptr;
    measure(ledger, table);
    return ledger;
}

}  // namespace comity::exchange
