// SPDX-License-Identifier: Apache-2.0
#pragma once

// Merging what is alike before an instance is solved, and dividing the result again. Private to the
// engine.
//
// Two needs are alike if they have the same owner and the same lawful offers, two offers if they
// are lawful for the same needs. Units of the one can stand for units of the other, so the members'
// totals and the certificate of the merged instance are those of the whole one (facts of flows, not
// of rules). Where restrictions speak of classes, this makes a million needs a few thousand.

#include <optional>
#include <vector>

#include "exchange/allocation.h"

namespace comity::exchange::detail {

/// Numbers in classes. Classes are numbered by their first number.
struct Classes {
    std::vector<Index> class_of;  ///< of each number
    std::vector<Index> begin;     ///< one more than classes: where each class starts in `numbers`
    std::vector<Index> numbers;   ///< class by class, ascending within each

    Index count() const { return static_cast<Index>(begin.size() - 1); }
};

struct MergedInstance {
    AllocationInstance instance;  ///< the same members
    Classes needs;
    Classes offers;
};

/// The instance with alike needs and offers merged; nothing if less than a quarter of the pairs
/// would go. The instance must pass check_instance. O(pairs + needs + lists log lists).
std::optional<MergedInstance> merge_alike(const AllocationInstance& instance);

/// The allocation of the whole instance: within a class, needs are filled and offers used in the
/// order of their numbers. Every offer has the bottleneck of its class.
Allocation divide_again(const AllocationInstance& whole, const MergedInstance& merged,
                        const Allocation& allocation);

}  // namespace comity::exchange::detail
