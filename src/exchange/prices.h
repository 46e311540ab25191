// SPDX-License-Identifier: Apache-2.0
#pragma once

// What pairs cost, and the proof that no other pairs carry the same units at less cost.
//
// A division fixes what each member gets, or each need, and leaves open which offers serve whom. Of
// all pairs that carry these units a rule may ask for those of least total cost. Prices of offers
// and values of members prove it in one pass. Written from docs/spec/allocation.md section 11 and
// not from the engine (least_cost.h), with which it shares these types alone. Pure.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "exchange/allocation.h"

namespace comity::exchange {

/// Largest cost of one unit of a pair: what a table, new providers and a change say of it.
inline constexpr std::int64_t pair_cost_max = std::int64_t{1} << 34;
/// Costs of one pool, where needs with the same list and costs share theirs.
inline constexpr std::size_t pair_costs_max = std::size_t{1} << 27;
/// Largest price or value: above every one that a proof needs.
inline constexpr std::int64_t price_max = std::int64_t{1} << 60;

/// Costs of the lawful pairs of an instance.
struct PairCosts {
    std::vector<Index> row_of;  ///< of each need: its row; only needs with one list share one
    std::vector<std::size_t> row_begin = {0};  ///< one more than rows: where each starts in `units`
    std::vector<std::int64_t> units;     ///< of one unit, in the order of the need's lawful list
    std::vector<AllocationFlow> before;  ///< the last plan, ascending by need, then offer
    std::int64_t change = 0;             ///< more for each unit of a pair beyond the last plan
};

/// Errors: invalid "exchange/bad-costs" if the costs are not one for each lawful pair, from 0 to
/// pair_cost_max with the change, or the last plan names a pair that is not lawful.
Result<> check_costs(const AllocationInstance& instance, const PairCosts& costs);

/// Units of a need that stay within one list of offers.
struct PricedPart {
    Index need = 0;
    Index list = 0;
};

/// What stays while pairs are chosen. Borrows instance and costs.
struct PricedPool {
    const AllocationInstance& instance;
    const PairCosts& costs;
    std::vector<PricedPart> parts;  ///< by need; the lists of one need share no offer
    bool by_need = false;  ///< each part keeps its units; otherwise each member its total, and
                           ///< there is one part for each need
};

struct Prices {
    std::vector<std::int64_t> offers;   ///< of each
    std::vector<std::int64_t> members;  ///< of each: its value; empty if parts keep their units

    friend bool operator==(const Prices&, const Prices&) = default;
};

/// The first condition that fails, and where.
struct PriceFault {
    std::uint8_t condition = 0;  ///< 0..4, as in P0..P4
    std::optional<Index> member;
    std::optional<Index> need;
    std::optional<Index> offer;
    std::string what;  ///< half a sentence: "has units left and still a price"
};

/// The first fault in prices of an allocation of a well-formed pool (check_instance, check_costs;
/// the flows pass certificate.h), or none. O(pairs), integers only.
std::optional<PriceFault> price_fault(const PricedPool& pool, const Allocation& allocation,
                                      const Prices& prices);

/// What the pairs cost together, without a bound but that of 128 bits.
Int128 total_cost(const PricedPool& pool, const Allocation& allocation);

}  // namespace comity::exchange
