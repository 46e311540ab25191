// SPDX-License-Identifier: Apache-2.0
#include "exchange/prices.h"

#include <algorithm>
#include <limits>
#include <map>
#include <span>
#include <utility>

namespace comity::exchange {

namespace {

using Fault = std::optional<PriceFault>;

/// Above every cost with a price: of a list without offers.
constexpr std::int64_t no_offer = std::numeric_limits<std::int64_t>::max();

Error bad_costs(std::string message) {
    return Error{Code::invalid, "exchange/bad-costs", std::move(message)};
}

bool is_lawful(const AllocationInstance& instance, Index need, Index offer) {
    const std::span<const Index> lawful = instance.lawful(need);
    return std::binary_search(lawful.begin(), lawful.end(), offer);
}

Result<> check_rows(const AllocationInstance& instance, const PairCosts& costs) {
    const std::size_t rows = costs.row_begin.empty() ? 0 : costs.row_begin.size() - 1;
    const bool fits = costs.row_of.size() == instance.needs.size() && !costs.row_begin.empty() &&
                      costs.row_begin.front() == 0 &&
                      costs.row_begin.back() == costs.units.size() &&
                      std::is_sorted(costs.row_begin.begin(), costs.row_begin.end());
    if (!fits) return bad_costs("There is not one row of costs for each need.");
    std::vector<std::optional<Index>> list_of_row(rows);
    for (Index need = 0; need < instance.needs.size(); ++need) {
        const Index row = costs.row_of[need];
        const bool is_row = row < rows && costs.row_begin[row + 1] - costs.row_begin[row] ==
                                              instance.lawful(need).size();
        const Index list = instance.list_of(need);
        if (!is_row || list_of_row[row].value_or(list) != list) {
            return bad_costs("Need number " + std::to_string(need) +
                             " has not one cost for each of its lawful offers.");
        }
        list_of_row[row] = list;
    }
    return {};
}

Result<> check_last_plan(const AllocationInstance& instance,
                         const std::vector<AllocationFlow>& before) {
    const AllocationFlow* last = nullptr;
    for (const AllocationFlow& flow : before) {
        const bool ascends = last == nullptr ||
                             std::pair(last->need, last->offer) < std::pair(flow.need, flow.offer);
        if (!ascends || flow.need >= instance.needs.size() || flow.units < 1 ||
            flow.units > units_max || !is_lawful(instance, flow.need, flow.offer)) {
            return bad_costs(
                "The last plan must name lawful pairs in order, each once, with units.");
        }
        last = &flow;
    }
    return {};
}

/// What a unit more, and a unit less, over a pair changes, its offer's price included.
struct Margins {
    std::int64_t more = 0;
    std::int64_t less = 0;
};

class Checker {
public:
    Checker(const PricedPool& pool, const Allocation& allocation, const Prices& prices)
        : pool_(pool),
          instance_(pool.instance),
          costs_(pool.costs),
          allocation_(allocation),
          prices_(prices) {}

    Fault run() {
        if (Fault found = check_shape()) return found;
        if (Fault found = check_unused()) return found;
        least_of_row_.resize(costs_.row_begin.size() - 1);
        given_.assign(instance_.needs.size(), 0);
        for (const AllocationFlow& flow : allocation_.flows) given_[flow.need] += flow.units;
        auto flow = allocation_.flows.begin();
        auto before = costs_.before.begin();
        for (auto part = pool_.parts.begin(); part != pool_.parts.end();) {
            const Index need = part->need;
            const auto of_need = [need](const auto& each) { return each.need != need; };
            const auto next = std::find_if(part, pool_.parts.end(), of_need);
            flow = skip_to(flow, allocation_.flows.end(), need);
            const auto flows_end = std::find_if(flow, allocation_.flows.end(), of_need);
            before = skip_to(before, costs_.before.end(), need);
            const auto before_end = std::find_if(before, costs_.before.end(), of_need);
            for (; part != next; ++part) {
                Fault found = check_part(*part, {flow, flows_end}, {before, before_end});
                if (found) return found;
            }
        }
        return std::nullopt;
    }

private:
    using Flows = std::span<const AllocationFlow>;

    template <class Iterator>
    static Iterator skip_to(Iterator at, Iterator end, Index need) {
        return std::find_if(at, end, [need](const auto& each) { return each.need >= need; });
    }

    static PriceFault fault(std::uint8_t condition, std::string what) {
        return {.condition = condition,
                .member = std::nullopt,
                .need = std::nullopt,
                .offer = std::nullopt,
                .what = std::move(what)};
    }
    PriceFault fault_at(std::uint8_t condition, Index need, std::string what) const {
        PriceFault found = fault(condition, std::move(what));
        found.member = instance_.needs[need].owner;
        found.need = need;
        return found;
    }

    /// P0.
    Fault check_shape() const {
        const auto holds = [](std::int64_t price) { return price >= 0 && price <= price_max; };
        if (prices_.offers.size() != instance_.offers.size() ||
            !std::all_of(prices_.offers.begin(), prices_.offers.end(), holds)) {
            return fault(0, "does not have one price from 0 to 2^60 for each offer");
        }
        const std::size_t values = pool_.by_need ? 0 : instance_.members.size();
        if (prices_.members.size() != values ||
            !std::all_of(prices_.members.begin(), prices_.members.end(), holds)) {
            return fault(0, pool_.by_need ? "has values of members, where needs keep their units"
                                          : "does not have one value from 0 to 2^60 for each "
                                            "member");
        }
        return std::nullopt;
    }

    /// P1.
    Fault check_unused() const {
        std::vector<std::int64_t> used(instance_.offers.size());
        for (const AllocationFlow& flow : allocation_.flows) used[flow.offer] += flow.units;
        for (Index o = 0; o < used.size(); ++o) {
            if (used[o] >= instance_.offers[o].capacity || prices_.offers[o] == 0) continue;
            PriceFault found = fault(1, "has units left and still a price");
            found.offer = o;
            return found;
        }
        return std::nullopt;
    }

    std::int64_t cost(Index need, Index offer) const {
        const std::span<const Index> lawful = instance_.lawful(need);
        const auto at = std::lower_bound(lawful.begin(), lawful.end(), offer) - lawful.begin();
        return costs_.units[costs_.row_begin[costs_.row_of[need]] + static_cast<std::size_t>(at)];
    }

    static std::int64_t units_of(Flows flows, Index offer) {
        const auto found = std::lower_bound(
            flows.begin(), flows.end(), offer,
            [](const AllocationFlow& flow, Index key) { return flow.offer < key; });
        return found == flows.end() || found->offer != offer ? 0 : found->units;
    }

    Margins margins(std::int64_t unit_cost, Index offer, std::int64_t units,
                    std::int64_t before) const {
        const std::int64_t priced = unit_cost + prices_.offers[offer];
        return {.more = priced + (units >= before ? costs_.change : 0),
                .less = priced + (units > before ? costs_.change : 0)};
    }

    /// The least that a unit more costs over any offer of the part.
    std::int64_t least_more(const PricedPart& part, Flows flows, Flows before) const {
        const std::span<const Index> lawful = instance_.lawful(part.need);
        const std::size_t row = costs_.row_begin[costs_.row_of[part.need]];
        std::int64_t least = no_offer;
        std::size_t at = 0;
        for (const Index offer : instance_.list(part.list)) {
            while (lawful[at] != offer) ++at;
            const std::int64_t kept = units_of(before, offer);
            const std::int64_t units = kept == 0 ? 0 : units_of(flows, offer);
            least = std::min(least, margins(costs_.units[row + at], offer, units, kept).more);
        }
        return least;
    }

    /// The same; computed once for all needs with the same costs and no last plan.
    std::int64_t least_known(const PricedPart& part, Flows flows, Flows before) {
        if (!before.empty()) return least_more(part, flows, before);
        const Index row = costs_.row_of[part.need];
        std::optional<std::int64_t>& known = part.list == instance_.list_of(part.need)
                                                 ? least_of_row_[row]
                                                 : least_of_choice_[{row, part.list}];
        if (!known) known = least_more(part, flows, before);
        return *known;
    }

    /// P2, and P3 and P4 where members keep their totals.
    Fault check_part(const PricedPart& part, Flows flows, Flows before) {
        const std::int64_t least = least_known(part, flows, before);
        const std::span<const Index> offers = instance_.list(part.list);
        std::optional<std::int64_t> greatest;
        for (const AllocationFlow& flow : flows) {
            if (!std::binary_search(offers.begin(), offers.end(), flow.offer)) continue;
            const std::int64_t less = margins(cost(part.need, flow.offer), flow.offer, flow.units,
                                              units_of(before, flow.offer))
                                          .less;
            if (less > least) {
                PriceFault found =
                    fault_at(2, part.need, "draws on an offer that costs more than another");
                found.offer = flow.offer;
                return found;
            }
            greatest = std::max(greatest.value_or(less), less);
        }
        if (pool_.by_need) return std::nullopt;
        const std::int64_t value = prices_.members[instance_.needs[part.need].owner];
        if (greatest && *greatest > value) {
            return fault_at(3, part.need, "holds units that cost more than its member's value");
        }
        if (given_[part.need] < instance_.needs[part.need].quantity && least < value) {
            return fault_at(4, part.need, "has room for units that cost less");
        }
        return std::nullopt;
    }

    const PricedPool& pool_;
    const AllocationInstance& instance_;
    const PairCosts& costs_;
    const Allocation& allocation_;
    const Prices& prices_;
    std::vector<std::int64_t> given_;  ///< to each need
    std::vector<std::optional<std::int64_t>> least_of_row_;
    std::map<std::pair<Index, Index>, std::optional<std::int64_t>> least_of_choice_;
};

}  // namespace

Result<> check_costs(const AllocationInstance& instance, const PairCosts& costs) {
    if (costs.units.size() > pair_costs_max) {
        return Error{Code::too_large, "exchange/instance-too-large",
                     "The pairs have more than " + std::to_string(pair_costs_max) +
                         " different costs; split the pool."};
    }
    TRY(check_rows(instance, costs));
    const auto holds = [&](std::int64_t units) {
        return units >= 0 && units <= pair_cost_max - costs.change;
    };
    if (costs.change < 0 || costs.change > pair_cost_max ||
        !std::all_of(costs.units.begin(), costs.units.end(), holds)) {
        return bad_costs("A unit of a pair costs from 0 to 2^34, with what a change costs.");
    }
    return check_last_plan(instance, costs.before);
}

std::optional<PriceFault> price_fault(const PricedPool& pool, const Allocation& allocation,
                                      const Prices& prices) {
    return Checker(pool, allocation, prices).run();
}

Int128 total_cost(const PricedPool& pool, const Allocation& allocation) {
    Int128 total = 0;
    auto kept = pool.costs.before.begin();
    for (const AllocationFlow& flow : allocation.flows) {
        const std::span<const Index> lawful = pool.instance.lawful(flow.need);
        const auto at = std::lower_bound(lawful.begin(), lawful.end(), flow.offer) - lawful.begin();
        const std::size_t row = pool.costs.row_begin[pool.costs.row_of[flow.need]];
        const auto key = std::pair(flow.need, flow.offer);
        while (kept != pool.costs.before.end() && std::pair(kept->need, kept->offer) < key) ++kept;
        const bool is_kept =
            kept != pool.costs.before.end() && std::pair(kept->need, kept->offer) == key;
        const std::int64_t changed =
            std::max<std::int64_t>(0, flow.units - (is_kept ? kept->units : 0));
        total += Int128{pool.costs.units[row + static_cast<std::size_t>(at)]} * flow.units +
                 Int128{pool.costs.change} * changed;
    }
    return total;
}

}  // namespace comity::exchange
