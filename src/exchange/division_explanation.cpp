// SPDX-License-Identifier: Apache-2.0
#include "exchange/division_explanation.h"

#include <algorithm>
#include <span>
#include <utility>

namespace comity::exchange {

namespace {

/// In terms of the pool: a member that stands in the stage once more holds what is settled.
NeedExplanation in_pool(NeedExplanation explanation, std::size_t members) {
    if (explanation.holder && *explanation.holder >= members) {
        if (explanation.outcome == NeedOutcome::floor_first) {
            explanation.outcome = NeedOutcome::earlier_stage;
        }
        explanation.holder = static_cast<Index>(*explanation.holder - members);
    }
    return explanation;
}

/// Explains the needs that are open in a stage and could reach an offer in it.
Result<> explain_stage(const Pool& pool, const DivisionRule& rule, const Stage& stage,
                       const StageInstance& staged, std::vector<NeedExplanation>& explanations) {
    const Allocation allocation = TRY(in_stage(pool, staged, stage.allocation));
    const std::vector<NeedExplanation> of_parts =
        explain(staged.instance, rule.rounding, allocation);
    for (std::size_t part = 0; part < of_parts.size(); ++part) {
        if (staged.parts[part].settled) continue;
        NeedExplanation& kept = explanations[staged.parts[part].need];
        const bool reaches_nothing = of_parts[part].outcome == NeedOutcome::none_lawful ||
                                     of_parts[part].outcome == NeedOutcome::no_offer;
        const bool first = kept.outcome == NeedOutcome::met_in_full;
        if (first || !reaches_nothing) kept = in_pool(of_parts[part], pool.instance.members.size());
    }
    return {};
}

}  // namespace

Result<std::vector<NeedExplanation>> explain_division(const Pool& pool, const DivisionRule& rule,
                                                      const Division& division) {
    if (is_plain(pool, rule)) return explain(pool.instance, rule.rounding, division.allocation());
    std::vector<NeedExplanation> explanations(pool.instance.needs.size());
    std::span<const AllocationFlow> before;
    for (const Stage& stage : division.stages) {
        const StageInstance staged =
            TRY(stage_instance(pool, rule, stage.name, before, division.dropped));
        TRY(explain_stage(pool, rule, stage, staged, explanations));
        before = stage.allocation.flows;
    }
    std::vector<std::int64_t> given(explanations.size());
    for (const AllocationFlow& flow : before) given[flow.need] += flow.units;
    for (Index need = 0; need < explanations.size(); ++need) {
        NeedExplanation& kept = explanations[need];
        kept.given = given[need];
        kept.missing = pool.instance.needs[need].quantity - given[need];
        if (kept.missing == 0) {
            kept = NeedExplanation{};
            kept.given = given[need];
        } else if (std::binary_search(division.dropped.begin(), division.dropped.end(), need)) {
            kept.outcome = NeedOutcome::below_minimum;
            kept.holder.reset();
            kept.bottleneck.reset();
        }
    }
    return explanations;
}

}  // namespace comity::exchange
