// SPDX-License-Identifier: Apache-2.0
#include "exchange/what_if.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"
#include "exchange/round.h"

namespace comity::exchange {
namespace {

using institution::Institution;
using institution::MemberId;

/// Of an entry that is not made yet: above every index that a record can have.
constexpr std::uint64_t no_entry_yet = (std::uint64_t{1} << 53U) - 1;

Error not_allocated(const RoundId& round) {
    return Error{Code::conflict, "exchange/round-failed",
                 "Round " + round.text() + " could not be allocated; choose another."};
}

/// The inputs of the round as they are frozen, or as they would be if they froze now.
Result<RoundInputs> inputs_of(const Exchange& exchange, const Institution& institution,
                              const Screen& screen, const RoundRecord& record) {
    if (const auto* allocated = std::get_if<Allocated>(&record.stage)) return allocated->inputs;
    if (const auto* frozen = std::get_if<InputsFrozen>(&record.stage)) return frozen->inputs;
    if (std::holds_alternative<Failed>(record.stage)) return not_allocated(record.round.id);
    return freeze(exchange, institution, screen, record.round, institution.now, no_entry_yet);
}

Result<RoundResult> present_result(const RoundRecord& record, const RoundInputs& inputs) {
    if (const auto* allocated = std::get_if<Allocated>(&record.stage)) return allocated->result;
    return draw(inputs, record.commitments, record.reveals, record.public_value);
}

/// The exchange as it would be if the draft were adopted, with the rule's version in it.
/// Errors: those of check_adoption.
Result<std::pair<Exchange, AllocationRule>> with_draft(const Exchange& exchange,
                                                       const Institution& institution,
                                                       const DraftRule& draft) {
    Exchange adopting;
    adopting.rules = exchange.rules;
    adopting.weights = exchange.weights;
    adopting.costs = exchange.costs;
    const auto next = [](const auto& versions) {
        return static_cast<std::uint32_t>(versions.size() + 1);
    };
    if (draft.weights) {
        WeightTable table = *draft.weights;
        table.version = next(adopting.weights[table.id]);
        if (adopting.weights[table.id].empty()) adopting.weights.erase(table.id);
        TRY(check_adoption(adopting, institution, table));
        apply_adoption(adopting, "draft", no_entry_yet, table);
    }
    if (draft.costs) {
        CostTable table = *draft.costs;
        const auto known = adopting.costs.find(table.id);
        table.version = known == adopting.costs.end() ? 1 : next(known->second);
        TRY(check_adoption(adopting, institution, table));
        apply_adoption(adopting, "draft", no_entry_yet, table);
    }
    AllocationRule rule = draft.rule;
    const auto known = adopting.rules.find(rule.id);
    rule.version = known == adopting.rules.end() ? 1 : next(known->second);
    TRY(check_adoption(adopting, institution, rule));
    return std::pair(std::move(adopting), std::move(rule));
}

std::map<MemberId, Outcome> outcomes_of(const RoundResult& result) {
    std::map<MemberId, Outcome> outcomes;
    for (const MemberResult& member : result.members) {
        Outcome outcome{.units = 0, .level = {}, .weight = member.weight};
        const auto level = Rational::make(member.carry_over + member.allocated, member.weight);
        COMITY_CHECK(level.has_value());
        outcome.level = *level;
        outcomes.emplace(member.member, outcome);
    }
    for (const NeedResult& need : result.needs) {
        const auto found = outcomes.find(need.member);
        if (found != outcomes.end()) found->second.units += need.allocated;
    }
    return outcomes;
}

RuleOutcome summary_of(const std::vector<MemberComparison>& members,
                       std::optional<Outcome> MemberComparison::* which) {
    RuleOutcome summary;
    for (const MemberComparison& member : members) {
        const std::optional<Outcome>& outcome = member.*which;
        if (!outcome) {
            ++summary.members_unlisted;
            continue;
        }
        summary.units += outcome->units;
        if (outcome->units == 0) ++summary.members_with_nothing;
        if (!summary.smallest_level || outcome->level < *summary.smallest_level) {
            summary.smallest_level = outcome->level;
        }
    }
    return summary;
}

}  // namespace

Result<RuleComparison> what_if(const Exchange& exchange, const Institution& institution,
                               const Screen& screen, const RoundId& round, const DraftRule& draft) {
    const auto found = exchange.rounds.find(round);
    if (found == exchange.rounds.end()) {
        return Error{Code::not_found, "exchange/no-such-round",
                     "There is no round " + round.text() + "."};
    }
    const RoundRecord& record = found->second;
    const RoundInputs inputs = TRY(inputs_of(exchange, institution, screen, record));
    const RoundResult present = TRY(present_result(record, inputs));

    const auto [adopting, rule] = TRY(with_draft(exchange, institution, draft));
    const AdoptedRule adopted{.rule = rule, .motion = "draft", .entry = no_entry_yet};
    const AdoptedWeights* weights =
        rule.weights ? &adopting.weights.at(*rule.weights).back() : nullptr;
    const AdoptedCosts* costs = rule.least_cost && rule.least_cost->table
                                    ? &adopting.costs.at(*rule.least_cost->table).back()
                                    : nullptr;
    RoundInputs under_draft = inputs;
    TRY(put_under_rule(under_draft, exchange, institution, screen, {adopted, weights, costs}));
    // The lottery of the present rule, so that ties fall as they fell there.
    const RoundResult drawn = TRY(draw_with(under_draft, {present.seed, present.withheld}));

    RuleComparison comparison{.round = round,
                              .present_rule = inputs.rule,
                              .draft_rule = rule,
                              .present = {},
                              .draft = {},
                              .members = {},
                              .warnings = warnings_of(rule)};
    const std::map<MemberId, Outcome> now = outcomes_of(present);
    const std::map<MemberId, Outcome> then = outcomes_of(drawn);
    std::map<MemberId, MemberComparison> rows;
    for (const NeedResult& need : present.needs) {
        MemberComparison& row = rows[need.member];
        row.member = need.member;
        row.asked += need.asked;
    }
    for (auto& [member, row] : rows) {
        if (const auto at = now.find(member); at != now.end()) row.present = at->second;
        if (const auto at = then.find(member); at != then.end()) row.draft = at->second;
        comparison.members.push_back(std::move(row));
    }
    comparison.present = summary_of(comparison.members, &MemberComparison::present);
    comparison.draft = summary_of(comparison.members, &MemberComparison::draft);
    return comparison;
}

}  // namespace comity::exchange
