// SPDX-License-Identifier: Apache-2.0
#include "state/effects.h"

#include <algorithm>
#include <array>
#include <boost/mp11/algorithm.hpp>
#include <optional>

#include "base/check.h"
#include "state/described.h"

namespace comity::state {
namespace {

constexpr std::array<std::string_view, std::variant_size_v<EffectValue>> kinds = {
    "exchange.adopt_rule",      "exchange.adopt_weights",  "exchange.adopt_costs",
    "exchange.adopt_units",     "exchange.settle_dispute", "institution.admit_member",
    "institution.amend_charter"};
constexpr std::string_view settle_dispute = kinds[4];

/// What effects can change, and nothing else: a place to try them without touching the state.
struct Trial {
    institution::Institution institution;
    exchange::Exchange exchange;  // its rules and tables, and what disputes settle
    std::string motion;
    std::uint64_t index = 0;
};

struct Try {
    Trial& on;

    Result<> operator()(const exchange::AllocationRule& rule) const {
        TRY(exchange::check_adoption(on.exchange, on.institution, rule));
        exchange::apply_adoption(on.exchange, on.motion, on.index, rule);
        return {};
    }
    Result<> operator()(const exchange::WeightTable& table) const {
        TRY(exchange::check_adoption(on.exchange, on.institution, table));
        exchange::apply_adoption(on.exchange, on.motion, on.index, table);
        return {};
    }
    Result<> operator()(const exchange::CostTable& table) const {
        TRY(exchange::check_adoption(on.exchange, on.institution, table));
        exchange::apply_adoption(on.exchange, on.motion, on.index, table);
        return {};
    }
    Result<> operator()(const exchange::UnitTable& table) const {
        TRY(exchange::check_adoption(on.exchange, on.institution, table));
        exchange::apply_adoption(on.exchange, on.motion, on.index, table);
        return {};
    }
    Result<> operator()(const exchange::DisputeSettlement& settlement) const {
        TRY(exchange::check_settlement(on.exchange, settlement));
        exchange::apply_settlement(on.exchange, on.motion, on.index, settlement);
        return {};
    }
    Result<> operator()(const institution::Member& member) const {
        TRY(institution::check_admission(on.institution, member));
        institution::apply_admission(on.institution, on.index, member);
        return {};
    }
    Result<> operator()(const institution::CharterAmendment& amendment) const {
        TRY(institution::check(on.institution, amendment));
        institution::apply_amendment(on.institution, amendment);
        return {};
    }
};

Trial trial_of(const State& state, std::string motion, std::uint64_t index,
               const std::vector<decide::Effect>& effects) {
    Trial trial{.institution = state.institution,
                .exchange = {},
                .motion = std::move(motion),
                .index = index};
    trial.exchange.rules = state.exchange.rules;
    trial.exchange.weights = state.exchange.weights;
    trial.exchange.costs = state.exchange.costs;
    trial.exchange.units = state.exchange.units;
    const bool settles = std::any_of(effects.begin(), effects.end(), [](const auto& effect) {
        return effect.kind == settle_dispute;
    });
    if (!settles) return trial;
    trial.exchange.deliveries = state.exchange.deliveries;
    for (const decide::Effect& effect : effects) {
        if (effect.kind != settle_dispute) continue;
        const auto value = codec::from_value<exchange::DisputeSettlement>(effect.value);
        if (!value) continue;
        const auto delivery = state.exchange.deliveries.find(value->delivery);
        if (delivery == state.exchange.deliveries.end()) continue;
        const exchange::RoundId& round = delivery->second.delivery.round;
        trial.exchange.rounds.emplace(round, state.exchange.rounds.at(round));
    }
    return trial;
}

/// The first effect that cannot take place, and why.
struct FailedEffect {
    std::size_t index = 0;
    Error error;

    std::string place() const { return "/effects/" + std::to_string(index); }
};

std::optional<FailedEffect> try_all(Trial& trial, const std::vector<decide::Effect>& effects) {
    for (std::size_t i = 0; i < effects.size(); ++i) {
        const auto value = parse_effect(effects[i]);
        const Result<> done = value ? std::visit(Try{trial}, *value) : Result<>(value.error());
        if (!done) return FailedEffect{.index = i, .error = done.error()};
    }
    return std::nullopt;
}

}  // namespace

Result<EffectValue> parse_effect(const decide::Effect& effect) {
    std::string known;
    for (const std::string_view kind : kinds) {
        known.append(known.empty() ? "" : ", ").append(kind);
    }
    Result<EffectValue> parsed =
        Error{Code::invalid, "state/unknown-effect",
              "No effect is called " + effect.kind + "; known: " + known + "."};
    boost::mp11::mp_for_each<boost::mp11::mp_iota_c<std::variant_size_v<EffectValue>>>(
        [&](auto index) {
            if (effect.kind != kinds[index]) return;
            auto value =
                codec::from_value<std::variant_alternative_t<index, EffectValue>>(effect.value);
            parsed = value ? Result<EffectValue>(EffectValue(std::move(value).value()))
                           : Result<EffectValue>(std::move(value).error());
        });
    return parsed;
}

decide::Effect make_effect(const EffectValue& value) {
    return {.kind = std::string(kinds[value.index()]),
            .value = std::visit([](const auto& v) { return codec::to_value(v); }, value)};
}

std::vector<std::string_view> effect_kinds() { return {kinds.begin(), kinds.end()}; }

Result<> check_effects(const State& state, const std::vector<decide::Effect>& effects) {
    if (effects.empty()) return {};
    Trial trial = trial_of(state, "", state.size, effects);
    std::optional<FailedEffect> failed = try_all(trial, effects);
    if (!failed) return {};
    failed->error.message = failed->place() + ": " + failed->error.message;
    return std::move(failed->error);
}

void apply_effects(State& state, const decide::MotionId& motion, std::uint64_t index) {
    const auto found = state.decide.motions.find(motion);
    COMITY_CHECK(found != state.decide.motions.end());
    const std::vector<decide::Effect>& effects = found->second.motion.effects;
    Trial trial = trial_of(state, motion.text(), index, effects);
    const auto failed = try_all(trial, effects);
    if (!failed) {
        state.institution = std::move(trial.institution);
        state.exchange.rules = std::move(trial.exchange.rules);
        state.exchange.weights = std::move(trial.exchange.weights);
        state.exchange.costs = std::move(trial.exchange.costs);
        state.exchange.units = std::move(trial.exchange.units);
        if (!trial.exchange.deliveries.empty()) {
            state.exchange.deliveries = std::move(trial.exchange.deliveries);
        }
    }
    state.ledger.effects.emplace(
        motion,
        EffectsOutcome{.applied = !failed.has_value(),
                       .reason = failed ? failed->place() + ": " + std::string(failed->error.reason)
                                        : std::string(),
                       .entry = index});
}

}  // namespace comity::state
