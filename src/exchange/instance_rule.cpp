// SPDX-License-Identifier: Apache-2.0

// A rule read from a draft, and the pool that a named instance is under it.

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "base/check.h"
#include "codec/describe.h"
#include "exchange/instance_json.h"

namespace comity::exchange {

namespace {

Error missing(const AllocationRule& rule, const std::string& what) {
    return Error{Code::invalid, "exchange/bad-instance",
                 "The rule " + rule.id.text() + " needs " + what + "."};
}

/// Weights from the table that the rule names, or as they stand.
Result<> weigh(const NamedInstance& named, const AllocationRule& rule,
               AllocationInstance& instance) {
    if (rule.by_claims) {
        weigh_by_claims(instance, {});
        return {};
    }
    const auto& table = rule.weights;
    if (!table) return {};
    const auto found = named.weights.find(table->text());
    if (found == named.weights.end()) {
        return missing(rule, "the table of weights " + table->text() + " in \"weights\"");
    }
    for (Index m = 0; m < instance.members.size(); ++m) {
        AllocationMember& member = instance.members[m];
        member.weight = found->second[m];
        if (member.weight == 0) {
            return missing(rule, "a weight of " + member.name + " in " + table->text());
        }
    }
    return {};
}

void set_caps(const Rational& share, AllocationInstance& instance) {
    Int128 units = 0;
    for (const AllocationOffer& offer : instance.offers) units += offer.capacity;
    const auto cap = static_cast<std::int64_t>(units * share.num / share.den);
    for (AllocationMember& member : instance.members) member.cap = std::min(member.cap, cap);
}

void carry_over(const NamedInstance& named, const AllocationRule& rule,
                AllocationInstance& instance) {
    for (Index m = 0; m < instance.members.size(); ++m) {
        instance.members[m].carry_over = 0;
        if (const auto& carry = rule.carry_over; carry && !named.confirmed.empty()) {
            instance.members[m].carry_over = carried_units(*carry, named.confirmed[m]);
        }
    }
}

void set_tiers(const NamedInstance& named, const AllocationRule& rule, std::uint32_t last,
               Pool& pool) {
    pool.terms.resize(pool.instance.needs.size());
    for (Index need = 0; need < pool.terms.size(); ++need) {
        const auto end_use = institution::EndUseId::parse(
            named.end_uses.empty() ? std::string_view() : named.end_uses[need]);
        pool.terms[need].tier = end_use ? tier_of(rule, *end_use) : last;
    }
}

/// A row of zeros for each list.
PairCosts no_costs(const AllocationInstance& instance) {
    PairCosts costs;
    costs.row_begin.assign(instance.lawful_begin.begin(), instance.lawful_begin.end());
    costs.units.resize(instance.lawful_offers.size());
    costs.row_of.reserve(instance.needs.size());
    for (Index need = 0; need < instance.needs.size(); ++need) {
        costs.row_of.push_back(instance.list_of(need));
    }
    return costs;
}

}  // namespace

Result<AllocationRule> read_rule(const codec::Value& value) {
    const auto* given = value.as<codec::Object>();
    if (given == nullptr) {
        return Error{Code::invalid, "codec/wrong-type", "Expected a rule as an object."};
    }
    AllocationRule plain;
    plain.id = TRY(RuleId::parse("draft"));
    plain.title.emplace(TRY(LanguageTag::parse("en")), "Draft");
    codec::Value whole = codec::to_value(plain);
    auto* members = std::get_if<codec::Object>(&whole.data);
    COMITY_CHECK(members != nullptr);
    for (const auto& [member, what] : *given) (*members)[member] = what;
    AllocationRule rule = TRY(codec::from_value<AllocationRule>(whole));
    TRY(check_rule(rule));
    return rule;
}

Result<RuledPool> under_rule(const NamedInstance& named) {
    RuledPool ruled{.pool = {.instance = named.instance, .terms = {}}, .rule = {}};
    ruled.rule.rounding = named.rounding;
    const auto& rule = named.rule;
    if (!rule) return ruled;
    ruled.pool.terms = named.terms;
    TRY(weigh(named, *rule, ruled.pool.instance));
    carry_over(named, *rule, ruled.pool.instance);
    if (const auto& cap = rule->member_cap) set_caps(*cap, ruled.pool.instance);
    if (const auto& tiers = rule->tiers) {
        set_tiers(named, *rule, static_cast<std::uint32_t>(tiers->size()), ruled.pool);
    }
    if (rule->least_cost) ruled.pool.costs = named.costs ? *named.costs : no_costs(named.instance);
    std::vector<bool> in_group;
    if (const auto& floor = rule->floor) {
        const auto found = named.groups.find(floor->group.text());
        if (found == named.groups.end()) {
            return missing(*rule,
                           "the members of the group " + floor->group.text() + " in \"groups\"");
        }
        in_group = found->second;
    }
    ruled.rule = division_rule(*rule, std::move(in_group));
    return ruled;
}

}  // namespace comity::exchange
