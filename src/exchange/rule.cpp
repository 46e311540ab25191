// SPDX-License-Identifier: Apache-2.0
#include "exchange/rule.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "exchange/refusal.h"

namespace comity::exchange {

namespace {

bool is_share(const Rational& share) {
    return share.den > 0 && share.num >= 0 && share.num <= share.den;
}

Result<> check_tiers(const std::vector<std::set<institution::EndUseId>>& tiers) {
    if (tiers.empty() || tiers.size() >= tiers_max) {
        return invalid("exchange/bad-tiers", "A rule has from 1 to " +
                                                 std::to_string(tiers_max - 1) +
                                                 " tiers, or does not name them.");
    }
    std::set<institution::EndUseId> seen;
    for (const std::set<institution::EndUseId>& tier : tiers) {
        if (tier.empty()) {
            return invalid("exchange/bad-tiers", "A tier names no end use.");
        }
        for (const institution::EndUseId& end_use : tier) {
            if (seen.insert(end_use).second) continue;
            return invalid("exchange/bad-tiers",
                           "The end use " + end_use.text() + " stands in two tiers.");
        }
    }
    return {};
}

bool is_cost(std::int64_t units) { return units >= 0 && units <= cost_max; }

Result<> check_least_cost(const LeastCost& least) {
    if (!least.table && !least.new_provider) {
        return invalid("exchange/bad-costs",
                       "A least cost names a table, or what a new provider costs, or both.");
    }
    if (least.new_provider && !is_cost(*least.new_provider)) {
        return invalid("exchange/bad-costs", "A new provider costs from 0 to 2^32 a unit.");
    }
    return {};
}

}  // namespace

Result<> check_table(const CostTable& table) {
    if (table.entries.size() > cost_entries_max) {
        return Error{Code::too_large, "exchange/too-many-costs",
                     "A cost table has at most " + std::to_string(cost_entries_max) + " entries."};
    }
    const bool in_bounds = is_cost(table.otherwise) &&
                           std::all_of(table.entries.begin(), table.entries.end(),
                                       [](const CostEntry& entry) { return is_cost(entry.cost); });
    if (!in_bounds) return invalid("exchange/bad-costs", "A unit costs from 0 to 2^32 in a table.");
    const auto not_before = [](const CostEntry& a, const CostEntry& b) {
        return std::tie(a.origin, a.destination) >= std::tie(b.origin, b.destination);
    };
    if (std::adjacent_find(table.entries.begin(), table.entries.end(), not_before) !=
        table.entries.end()) {
        return invalid("exchange/bad-costs",
                       "The entries of a cost table stand by origin, then destination, the one for "
                       "any destination first, and each once.");
    }
    return {};
}

std::int64_t cost_between(const CostTable& table, const institution::AreaCode& origin,
                          const institution::AreaCode& destination) {
    const auto find = [&](const std::optional<institution::AreaCode>& to) {
        const auto at =
            std::lower_bound(table.entries.begin(), table.entries.end(), std::tie(origin, to),
                             [](const CostEntry& entry, const auto& key) {
                                 return std::tie(entry.origin, entry.destination) < key;
                             });
        const bool is_there =
            at != table.entries.end() && at->origin == origin && at->destination == to;
        return is_there ? std::optional(at->cost) : std::nullopt;
    };
    if (const auto exact = find(destination)) return *exact;
    return find(std::nullopt).value_or(table.otherwise);
}

Result<> check_rule(const AllocationRule& rule) {
    const auto is_part = [](const Rational& share) { return is_share(share) && share.num > 0; };
    if ((rule.floor && !is_part(rule.floor->share)) ||
        (rule.member_cap && !is_part(*rule.member_cap))) {
        return invalid("exchange/bad-share", "A share of the pool must be above 0 and at most 1.");
    }
    if (rule.weights && rule.by_claims) {
        return invalid("exchange/two-weights",
                       "The rule weighs members by a table and by what they ask; choose one.");
    }
    if (rule.tiers) TRY(check_tiers(*rule.tiers));
    if (const auto& least = rule.least_cost) TRY(check_least_cost(*least));
    if (rule.carry_over &&
        (rule.carry_over->rounds < 1 || rule.carry_over->rounds > carried_rounds_max ||
         !is_share(rule.carry_over->keep))) {
        return invalid("exchange/bad-carry-over",
                       "A carry-over looks from 1 to " + std::to_string(carried_rounds_max) +
                           " rounds back and keeps a share between 0 and 1.");
    }
    return {};
}

std::vector<RuleWarning> warnings_of(const AllocationRule& rule) {
    std::vector<RuleWarning> warnings;
    const auto warn = [&](bool applies, RuleWarning warning) {
        if (applies) warnings.push_back(warning);
    };
    warn(rule.by_claims, RuleWarning::asking_more_pays);
    warn(rule.rounding == Rounding::adams && !rule.one_each, RuleWarning::smallest_first);
    warn(rule.rounding == Rounding::serial, RuleWarning::luck_decides);
    warn(rule.by_choice || rule.minimums, RuleWarning::terms_can_be_played);
    warn(rule.floor || rule.member_cap || rule.tiers, RuleWarning::worse_off_may_wait);
    return warnings;
}

std::uint32_t tier_of(const AllocationRule& rule, const institution::EndUseId& end_use) {
    if (!rule.tiers) return 0;
    const auto found =
        std::find_if(rule.tiers->begin(), rule.tiers->end(),
                     [&](const std::set<institution::EndUseId>& t) { return t.contains(end_use); });
    return static_cast<std::uint32_t>(found - rule.tiers->begin());
}

std::int64_t carried_units(const CarryOver& carry, std::span<const std::int64_t> confirmed) {
    const std::size_t rounds = std::min<std::size_t>(confirmed.size(), carry.rounds);
    Int128 carried = 0;
    for (std::size_t age = rounds; age > 0; --age) {
        carried = carried * carry.keep.num / carry.keep.den;
        carried = std::min<Int128>(units_max, carried + confirmed[age - 1]);
    }
    return static_cast<std::int64_t>(carried);
}

DivisionRule division_rule(const AllocationRule& rule, std::vector<bool> in_group) {
    DivisionRule divided{.rounding = rule.rounding,
                         .one_each = rule.one_each,
                         .reserved = {},
                         .by_choice = rule.by_choice,
                         .minimums = rule.minimums};
    if (rule.floor) divided.reserved = ReservedShare{rule.floor->share, std::move(in_group)};
    return divided;
}

void weigh_by_claims(AllocationInstance& instance, std::span<const std::int64_t> held) {
    std::vector<Int128> claims(held.begin(), held.end());
    claims.resize(instance.members.size());
    for (const AllocationNeed& need : instance.needs) claims[need.owner] += need.quantity;
    for (std::size_t m = 0; m < claims.size(); ++m) {
        instance.members[m].weight =
            static_cast<std::int64_t>(std::clamp<Int128>(claims[m], 1, weight_max));
    }
}

}  // namespace comity::exchange
