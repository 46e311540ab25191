// SPDX-License-Identifier: Apache-2.0
#pragma once

// Seeded instances of any size, the same on every machine: for the benchmarks, the CLI and tests.
//
// Members differ in weight by orders of magnitude and in what they may lawfully reach; needs and
// offers are of kinds. By default every pair is kept or dropped by a hash of its own, so that no
// two needs have the same offers and nothing can be merged. By class, as restrictions work, all
// needs of a member and kind share one list.

#include <cstdint>

#include "exchange/allocation.h"

namespace comity::exchange {

struct InstanceShape {
    std::uint64_t seed = 1;
    Index members = 200;
    Index offers = 5'000;
    Index needs = 20'000;
    Index kinds = 12;    ///< a need takes offers of its kind only
    Index origins = 40;  ///< 15% of the members reach 4% of these, 25% reach 35%, the others all
    std::uint32_t pairs_kept_per_mille = 215;
    std::uint32_t supply_percent = 60;  ///< of all that is asked
    bool by_class = false;              ///< pairs_kept_per_mille is then without effect
};

/// With the default shape: about 1.24 million lawful pairs, no floors, caps or carry-over. Each
/// number above zero. O(pairs before any are dropped), by class O(members * offers + needs).
AllocationInstance generate_instance(const InstanceShape& shape);

}  // namespace comity::exchange
