// SPDX-License-Identifier: Apache-2.0
#pragma once

// Of all pairs that carry the units of a division: those of least total cost, with their prices.
//
// What always holds: no need, or no member, has more or less than before, so that the certificate
// stays (docs/spec/allocation.md section 11); the same pool gives the same pairs on every machine.
// Own code and no library, because the pairs are part of what a record must repeat for ever
// (docs/decisions/0016-least-cost.md). Pure; integers only.

#include <cstdint>

#include "base/result.h"
#include "exchange/prices.h"

namespace comity::exchange {

/// Steps that the search takes at most, for each arc and node of its network, and any network may
/// take. A pool that is not built to be slow needs less than one a node.
inline constexpr std::uint64_t steps_per_arc_max = 16;
inline constexpr std::uint64_t steps_any_max = std::uint64_t{1} << 20;

/// Replaces the flows of a valid allocation of the pool by those of least cost that carry the same
/// units, and returns the least prices: that of an offer is what one more unit of it would save.
/// Errors: those of check_costs; too_large "exchange/instance-too-large" beyond the steps above.
/// Cost: a network simplex over the pairs, parts with the same owner, list and costs being merged.
Result<Prices> choose_pairs(const PricedPool& pool, Allocation& allocation);

}  // namespace comity::exchange
