// SPDX-License-Identifier: Apache-2.0
#pragma once

// Allocation rules and weight tables: data that members adopt by motion, never constants of the
// code.

#include <boost/describe.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/language.h"
#include "base/rational.h"
#include "base/result.h"
#include "base/time.h"
#include "exchange/allocation.h"
#include "exchange/division.h"
#include "exchange/statements.h"
#include "institution/ids.h"

namespace comity::exchange {

// The wire form of exchange::Rounding (allocation.h).
BOOST_DESCRIBE_ENUM(Rounding, adams, sainte_lague, dhondt, huntington_hill, serial)

/// Reserves up to `share` of the pool, by the same rule, for the members on a dated list; what they
/// cannot lawfully use returns to all (rule R-FLOOR).
struct GroupFloor {
    institution::GroupId group;
    Rational share;
};
BOOST_DESCRIBE_STRUCT(GroupFloor, (), (group, share))

/// Rounds that a carry-over remembers: an early success must not exclude for years.
inline constexpr std::uint32_t carried_rounds_max = 16;

/// Units that a member confirmed in earlier rounds count in its level (rule R-CARRY).
struct CarryOver {
    std::uint32_t rounds = 1;  ///< 1 to carried_rounds_max: how many rounds back
    Rational keep;             ///< 0 to 1: what is left of them with each round that passes
};
BOOST_DESCRIBE_STRUCT(CarryOver, (), (rounds, keep))

/// Of all pairs that carry the same units, those of least total cost. At least one is present.
struct LeastCost {
    std::optional<CostTableId> table;          ///< what a unit costs by origin and destination
    std::optional<std::int64_t> new_provider;  ///< 0 to cost_max: more for each unit from a
                                               ///< provider of whom the member holds nothing yet
};
BOOST_DESCRIBE_STRUCT(LeastCost, (), (table, new_provider))

/// Lexicographic max-min over weighted levels, and what may stand around it
/// (docs/spec/allocation.md).
struct AllocationRule {
    RuleId id;
    std::uint32_t version = 1;
    LocalizedText title;
    Rounding rounding = Rounding::sainte_lague;
    std::optional<WeightTableId> weights;  ///< absent: every member weighs 1
    bool by_claims = false;  ///< R-PROP: every member weighs what it asks; asking more pays
    std::optional<GroupFloor> floor;
    std::optional<Rational> member_cap;  ///< largest share of the pool for one member
    bool one_each = false;               ///< R-ONE: first one unit for each member, by lottery rank
    std::optional<std::vector<std::set<institution::EndUseId>>> tiers =
        {};                   ///< R-TIER: end uses served first, in this order; all others last
    bool by_choice = false;   ///< members' choices are opened one after the other
    bool minimums = false;    ///< nobody keeps less than its need's least useful quantity
    bool first_come = false;  ///< R-FIRST: what nobody in a round wanted is claimed until the next
    std::optional<CarryOver> carry_over = {};
    std::optional<PublicSourceKind> lottery_source =
        {};  ///< rounds must name a public source of this kind; absent: they may
    std::optional<LeastCost> least_cost = {};  ///< absent: any pairs that carry the units
};
BOOST_DESCRIBE_STRUCT(AllocationRule, (),
                      (id, version, title, rounding, weights, by_claims, floor, member_cap,
                       one_each, tiers, by_choice, minimums, carry_over, first_come, lottery_source,
                       least_cost))

/// Fixed from outside, never from what a member declares. A member that is not listed cannot take
/// part in a round under a rule that uses the table, and is listed as such.
struct WeightTable {
    WeightTableId id;
    std::uint32_t version = 1;
    LocalizedText title;
    std::string source;
    Date date;
    std::map<institution::MemberId, std::int64_t> weights;  ///< positive
};
BOOST_DESCRIBE_STRUCT(WeightTable, (), (id, version, title, source, date, weights))

/// Largest cost of a unit in a table, and for a new provider.
inline constexpr std::int64_t cost_max = std::int64_t{1} << 32;
inline constexpr std::size_t cost_entries_max = std::size_t{1} << 16;

/// What a unit from an area costs: energy, distance, whatever members agreed to count.
struct CostEntry {
    institution::AreaCode origin;
    std::optional<institution::AreaCode> destination;  ///< absent: any that has no entry of its own
    std::int64_t cost = 0;                             ///< 0 to cost_max
};
BOOST_DESCRIBE_STRUCT(CostEntry, (), (origin, destination, cost))

/// Fixed from outside, never from what a provider or a member declares.
struct CostTable {
    CostTableId id;
    std::uint32_t version = 1;
    LocalizedText title;
    std::string source;
    Date date;
    std::vector<CostEntry> entries;  ///< by origin, then destination, "any" first; each once
    std::int64_t otherwise = 0;      ///< of pairs without an entry
};
BOOST_DESCRIBE_STRUCT(CostTable, (), (id, version, title, source, date, entries, otherwise))

/// Errors: invalid "exchange/bad-costs" (a cost outside its bounds, entries out of order or twice),
/// too_large "exchange/too-many-costs".
Result<> check_table(const CostTable& table);

/// What one unit costs: by the entry of both areas, else that of the origin, else `otherwise`.
/// O(log entries).
std::int64_t cost_between(const CostTable& table, const institution::AreaCode& origin,
                          const institution::AreaCode& destination);

/// Most units that one may count as.
inline constexpr std::int64_t unit_factor_max = std::int64_t{1} << 20;

/// What one of other units counts as in `unit`, so that unlike devices stand in one pool: an hour
/// on one model as so many hours on a reference. One table for each kind of work, if they differ.
struct UnitTable {
    institution::UnitId unit;
    std::uint32_t version = 1;
    LocalizedText title;
    std::string source;
    Date date;
    std::map<institution::UnitId, std::int64_t> factors;  ///< from 1 to unit_factor_max
};
BOOST_DESCRIBE_STRUCT(UnitTable, (), (unit, version, title, source, date, factors))

/// Whether the parts of a rule fit together. What is outside it (group, table, end uses) is not
/// looked up.
/// Errors: invalid "exchange/bad-share" (a share that is not above 0 and at most 1),
/// "exchange/bad-tiers" (too many, an empty one, an end use twice), "exchange/bad-carry-over",
/// "exchange/two-weights" (a table and claims), "exchange/bad-costs" (a least cost of nothing, or a
/// new provider outside its bounds).
Result<> check_rule(const AllocationRule& rule);

/// What members should read before they adopt a rule (data/rules/README.md).
enum class RuleWarning {
    asking_more_pays,     ///< by_claims: a member gains by asking for more than it needs
    smallest_first,       ///< adams, without one each: with few units the smallest weights get them
    luck_decides,         ///< serial: the first in the lottery may take all
    terms_can_be_played,  ///< choices, least quantities: stating others than the true ones may pay
    worse_off_may_wait,   ///< a floor, a cap or tiers: somebody better off may be served first
};
BOOST_DESCRIBE_ENUM(RuleWarning, asking_more_pays, smallest_first, luck_decides,
                    terms_can_be_played, worse_off_may_wait)

/// In the order of the enumeration.
std::vector<RuleWarning> warnings_of(const AllocationRule& rule);

/// The tier of a need with this end use: the last, if the rule names it nowhere.
std::uint32_t tier_of(const AllocationRule& rule, const institution::EndUseId& end_use);

/// What units confirmed in earlier rounds count for now, the last round first: each step back keeps
/// `keep` of what it has, rounded down. At most units_max.
std::int64_t carried_units(const CarryOver& carry, std::span<const std::int64_t> confirmed);

/// The rule as the engine takes it; `in_group` says of each member whether it is on the floor's
/// list, and is not read without one.
DivisionRule division_rule(const AllocationRule& rule, std::vector<bool> in_group);

/// Gives each member what it asks, summed over its needs, and what it holds of the pool already
/// (`held`, of each member, or empty) as weight: 1 if that is nothing, weight_max if it is more.
void weigh_by_claims(AllocationInstance& instance, std::span<const std::int64_t> held);

}  // namespace comity::exchange
