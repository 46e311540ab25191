// SPDX-License-Identifier: Apache-2.0
#pragma once

// Two slow and obvious answers to compare the engine with, and small random instances. Tests only.
//
// `greedy` is the rule's definition: one unit at a time to the member with the smallest key among
// those who can still receive one, others rerouted if needed. `best_totals` knows no flow: it tries
// every vector of totals and asks the min-cut formula for each set of members whether it can be
// had. They share keys that are written as fractions here, and nothing with the engine.

#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "exchange/allocation.h"

namespace comity::exchange::oracle {

using Totals = std::vector<std::int64_t>;

/// Empty if the floors cannot be met.
std::optional<Totals> greedy(const AllocationInstance& instance, Rounding rounding);

/// Empty if no totals satisfy the floors. Only for a few members, offers and units.
std::optional<Totals> best_totals(const AllocationInstance& instance, Rounding rounding);

/// Whether exactly these totals can flow, by the min-cut formula for every set of members.
bool can_be_had(const AllocationInstance& instance, const Totals& totals);

struct Size {
    int members = 4;
    int needs = 6;
    int offers = 4;
    int quantity = 4;
};

/// From 1 to these sizes; weights, carry-over, and often floors and caps. Floors may be infeasible.
AllocationInstance random_instance(std::mt19937& random, const Size& size);

/// Some allocation that respects everything but the rule, or empty if the floors are missed.
std::optional<Allocation> random_feasible(std::mt19937& random, const AllocationInstance& instance);

}  // namespace comity::exchange::oracle
