// SPDX-License-Identifier: Apache-2.0
#pragma once

// The engine's arithmetic: the total order in which units are given, and exact shares of a total
// among members that nothing but their floors and caps restricts. Private to the engine.

#include <cstdint>
#include <span>
#include <vector>

#include "exchange/allocation.h"

namespace comity::exchange::detail {

/// The total order of units under a rounding rule. A unit is named by its member and by what the
/// member already holds, carry-over included, when it receives it.
class UnitOrder {
public:
    UnitOrder(std::span<const AllocationMember> members, Rounding rounding)
        : members_(members), rounding_(rounding) {}

    /// Whether a unit to `a`, who holds `held_a`, comes before a unit to `b`, who holds `held_b`.
    bool before(Index a, std::int64_t held_a, Index b, std::int64_t held_b) const;

    /// Whether what a member holds moves its next unit back: not so if ranks alone decide.
    bool counts_units() const { return rounding_ != Rounding::serial; }

private:
    std::span<const AllocationMember> members_;
    Rounding rounding_;
};

/// One member's part in the division of a total.
struct Share {
    Index member = 0;
    std::int64_t floor = 0;
    std::int64_t cap = 0;  ///< at least floor
    std::int64_t units = 0;
};

/// The level at which the members hold `total` together, if each takes level * weight - carry_over
/// within its floor and cap. Requires sum of floors <= total <= sum of caps.
Fraction water_level(std::span<const AllocationMember> members, std::span<const Share> shares,
                     std::int64_t total);

/// Sets each share's units to the first `total` units in the order, floors first. Same requirement.
void apportion(std::span<const AllocationMember> members, const UnitOrder& order,
               std::span<Share> shares, std::int64_t total);

}  // namespace comity::exchange::detail
