// SPDX-License-Identifier: Apache-2.0
#pragma once

// The effects of a motion: what adoption changes. They cross parts, so they stand here.
//
//   exchange.adopt_rule        value: exchange::AllocationRule
//   exchange.adopt_weights     value: exchange::WeightTable
//   exchange.adopt_costs       value: exchange::CostTable
//   exchange.adopt_units       value: exchange::UnitTable
//   exchange.settle_dispute    value: exchange::DisputeSettlement
//   institution.admit_member   value: institution::Member
//   institution.amend_charter  value: institution::CharterAmendment
//
// They are tried in their order, each on what those before it have done. All take place or none.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "decide/statements.h"
#include "exchange/rule.h"
#include "institution/charter.h"
#include "state/state.h"

namespace comity::state {

using EffectValue =
    std::variant<exchange::AllocationRule, exchange::WeightTable, exchange::CostTable,
                 exchange::UnitTable, exchange::DisputeSettlement, institution::Member,
                 institution::CharterAmendment>;

/// Errors: invalid "state/unknown-effect", naming the known ones, and those of codec::from_value.
Result<EffectValue> parse_effect(const decide::Effect& effect);

/// The effect that has this value, as a motion carries it.
decide::Effect make_effect(const EffectValue& value);

std::vector<std::string_view> effect_kinds();

/// JSON Schema of the value of an effect of this kind. Errors: not_found "state/unknown-effect".
Result<codec::Value> effect_schema(std::string_view kind);

/// Whether all effects could take place now. Changes nothing. The message says which one cannot.
Result<> check_effects(const State& state, const std::vector<decide::Effect>& effects);

/// Applies all effects of the motion, which was adopted at entry `index`, or none; keeps which in
/// the ledger.
void apply_effects(State& state, const decide::MotionId& motion, std::uint64_t index);

}  // namespace comity::state
