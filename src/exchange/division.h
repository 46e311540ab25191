// SPDX-License-Identifier: Apache-2.0
#pragma once

// A pool divided under a whole rule: floors that the rule sets itself, needs served in tiers,
// members' own choices, and quantities below which units are of no use.
//
// A division is a row of stages, one for each tier of needs and each choice. Every stage is one
// allocation (allocation.h) with its own certificate. What an earlier stage gave to a need stays,
// unit for unit, though another offer of the same choice may come to serve it; only the rest is
// open. So a checker that can prove one allocation proves the division, stage by stage. A rule
// without tiers, choices and least quantities has one stage.
// Format and definitions: docs/spec/allocation.md section 10. Pure; safe from any thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/rational.h"
#include "base/result.h"
#include "exchange/allocation.h"
#include "exchange/prices.h"

namespace comity::exchange {

/// Tiers of needs, and choices of one need.
inline constexpr std::size_t tiers_max = 16;
inline constexpr std::size_t choices_max = 16;
/// Needs that one division sets aside one at a time for their least quantity, and needs that it
/// tries again one at a time. After as many, half of those that are not served are set aside.
inline constexpr std::size_t single_drops_max = 64;

/// What a need asks beside its quantity.
struct NeedTerms {
    std::int64_t minimum = 0;         ///< fewer units are of no use; at most its quantity
    std::uint32_t own_order = 0;      ///< among its member's needs: lower is filled first
    std::uint32_t tier = 0;           ///< 0 is served first
    std::vector<Index> choices = {};  ///< lists of the instance, first choice first, no offer
                                      ///< twice; empty: its lawful list alone
};

/// An instance with the terms of its needs. Where a need has choices, its lawful list holds all of
/// their offers.
struct Pool {
    AllocationInstance instance;
    std::vector<NeedTerms> terms;  ///< of each need; empty: none has any
    /// Of each member: units that it has from a pool of which this one is the rest. They count in
    /// floors that a rule sets; carry-over and caps have them already. Empty: nobody has any.
    std::vector<std::int64_t> held = {};
    /// Of pairs, if those of least cost are asked for; absent: any that carry the units.
    std::optional<PairCosts> costs = {};
};

/// Reserves floor(share * units of the pool) for a group; what it cannot use returns to all.
struct ReservedShare {
    Rational share;                             ///< 0 to 1
    std::vector<bool> in_group;                 ///< of each member
    std::optional<std::int64_t> of_units = {};  ///< of so many; absent: of all that is offered
};

/// How a pool is divided. Caps, weights and carry-over are the members' own (AllocationMember).
struct DivisionRule {
    Rounding rounding = Rounding::sainte_lague;
    bool one_each = false;  ///< first one unit for every member that can have one, by lottery rank
    std::optional<ReservedShare> reserved = {};
    bool by_choice = false;  ///< choices one after the other; otherwise all at once
    bool minimums = false;   ///< nobody is left with fewer units than are of use
};

/// Which tier of needs is open, and which of their choices. In this order stages follow each other.
struct StageName {
    std::uint32_t tier = 0;
    std::uint32_t choice = 0;

    friend auto operator<=>(const StageName&, const StageName&) = default;
};

/// One stage, in needs and offers of the pool: all units given so far, and the certificate.
struct Stage {
    StageName name;
    std::vector<std::int64_t> floors;  ///< of each member: units of this stage that come first
    Allocation allocation;

    friend bool operator==(const Stage&, const Stage&) = default;
};

struct Division {
    std::vector<Stage> stages;   ///< by tier, then choice; at least one; the last is the result
    std::vector<Index> dropped;  ///< needs set aside for their least quantity, ascending
    std::optional<Prices> prices = {};  ///< of the last stage, if the pool has costs

    const Allocation& allocation() const { return stages.back().allocation; }

    friend bool operator==(const Division&, const Division&) = default;
};

/// A stage as an instance of its own. Its members are the pool's, and after them, if an earlier
/// stage gave anything, the same members once more, holding exactly what is settled.
struct StageInstance {
    struct Part {
        Index need = 0;            ///< of the pool
        std::uint32_t choice = 0;  ///< whose offers it may use
        bool settled = false;      ///< asks what earlier stages gave; otherwise what is open
    };
    AllocationInstance instance;
    std::vector<Part> parts;  ///< the needs of the instance, by need, then choice
};

/// The stage of this name after `before`, the flows of the stage before it (empty for the first),
/// with the floors that the rule sets. The engine runs for those floors alone.
/// Errors: those of allocate; invalid "exchange/bad-stage" if `before` names a pair that the pool
/// does not have, or more units of a need than it asks.
Result<StageInstance> stage_instance(const Pool& pool, const DivisionRule& rule, StageName name,
                                     std::span<const AllocationFlow> before,
                                     std::span<const Index> dropped, unsigned threads = 1);

/// A stage's allocation in needs and members of its instance, from one in those of the pool.
/// `staged` must come from stage_instance with the flows of the stage before.
/// Errors: invalid "exchange/bad-stage" for a flow that no part of the stage can carry.
Result<Allocation> in_stage(const Pool& pool, const StageInstance& staged,
                            const Allocation& allocation);

/// The division of the pool, with pairs of least cost if it has costs. `threads` never changes it.
/// Errors: those of allocate; invalid "exchange/bad-terms" (a minimum above the quantity, choices
/// that share an offer or are not the lawful list, too many tiers or choices); invalid
/// "exchange/floors-in-stages" if a member has a floor of its own and the rule has several stages.
/// Cost: up to three allocations a stage (floors of the rule have their own); with minimums, the
/// stages of a tier again for each of at most 2 * single_drops_max + log2(needs) passes.
Result<Division> divide(const Pool& pool, const DivisionRule& rule, unsigned threads = 1);

/// Whether a division is what the rule allows: every stage follows from the one before and holds by
/// its certificate, nobody keeps fewer units than are of use, and prices prove the least cost.
/// Which needs were set aside is taken as given; only divide tells that. Errors: invalid
/// "exchange/bad-certificate", "exchange/bad-stage", and those of divide.
Result<> check_division(const Pool& pool, const DivisionRule& rule, const Division& division);

/// Fills in the floors of each stage, which follow from the rule and the stages before.
/// Errors: those of stage_instance.
Result<> set_floors(const Pool& pool, const DivisionRule& rule, Division& division);

/// Whether one allocation of the pool as it stands is all that the rule asks.
bool is_plain(const Pool& pool, const DivisionRule& rule);

/// What stays in a division under the rule while pairs of least cost are chosen: under a rule of
/// one stage without least quantities each member's total, otherwise each need's units in each
/// choice. Borrows the pool, which must have costs.
PricedPool priced_pool(const Pool& pool, const DivisionRule& rule);

/// The stages that a pool has under a rule, in order.
std::vector<StageName> stages_of(const Pool& pool, const DivisionRule& rule);

/// Moves units between needs of one member, all other needs keeping what they have, until the first
/// of its needs by `own_order` (ties: by number) has as much as it can, then the second, and so on.
/// Members with lower lottery rank are served first. Totals and certificate stay valid.
/// O(needs * (lists + flows + offers)) at worst.
void fill_in_own_order(const AllocationInstance& instance, std::span<const std::uint32_t> own_order,
                       Allocation& allocation);

}  // namespace comity::exchange
