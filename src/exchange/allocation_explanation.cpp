// SPDX-License-Identifier: Apache-2.0
#include "exchange/allocation_explanation.h"

#include <algorithm>

#include "exchange/allocation_order.h"

namespace comity::exchange {

namespace {

using detail::UnitOrder;

/// Who holds units of one offer: the member whose last unit has the largest key, among those that
/// could give one and among those that their floor protects.
struct Holders {
    std::optional<Index> free_to_give;
    std::optional<Index> at_floor;
};

class Explainer {
public:
    Explainer(const AllocationInstance& instance, Rounding rounding, const Allocation& allocation)
        : instance_(instance),
          allocation_(allocation),
          order_(instance.members, rounding),
          holders_(instance.offers.size()),
          given_(instance.needs.size()),
          supply_(std::any_of(instance.offers.begin(), instance.offers.end(),
                              [](const AllocationOffer& offer) { return offer.capacity > 0; })) {
        for (const AllocationFlow& flow : allocation.flows) {
            const Index owner = instance.needs[flow.need].owner;
            const bool at_floor = allocation.totals[owner] <= instance.members[owner].floor;
            Holders& holders = holders_[flow.offer];
            keep_better_off(at_floor ? holders.at_floor : holders.free_to_give, owner);
            given_[flow.need] += flow.units;
        }
    }

    NeedExplanation explain(Index need) const {
        const AllocationNeed& asked = instance_.needs[need];
        NeedExplanation result;
        result.given = given_[need];
        result.missing = asked.quantity - given_[need];
        if (result.missing == 0) return result;
        const bool any_lawful =
            std::any_of(instance_.lawful(need).begin(), instance_.lawful(need).end(),
                        [this](Index offer) { return instance_.offers[offer].capacity > 0; });
        if (!supply_) {
            result.outcome = NeedOutcome::no_offer;
        } else if (!any_lawful) {
            result.outcome = NeedOutcome::none_lawful;
        } else if (allocation_.totals[asked.owner] == instance_.members[asked.owner].cap) {
            result.outcome = NeedOutcome::member_cap;
        } else {
            name_holder(need, result);
        }
        return result;
    }

private:
    std::int64_t held(Index member) const {
        return instance_.members[member].carry_over + allocation_.totals[member];
    }
    /// Only of a member that holds a unit of this pool.
    bool last_unit_before(Index a, Index b) const {
        return order_.before(a, held(a) - 1, b, held(b) - 1);
    }
    void keep_better_off(std::optional<Index>& kept, std::optional<Index> other) const {
        if (other && (!kept || last_unit_before(*kept, *other))) kept = other;
    }

    void name_holder(Index need, NeedExplanation& result) const {
        const Index owner = instance_.needs[need].owner;
        Holders all;
        for (const Index offer : instance_.lawful(need)) {
            keep_better_off(all.free_to_give, holders_[offer].free_to_give);
            keep_better_off(all.at_floor, holders_[offer].at_floor);
            const Index next = allocation_.certificate[offer];
            if (next == free_offer || next >= instance_.members.size()) continue;
            if (!result.bottleneck ||
                order_.before(*result.bottleneck, held(*result.bottleneck), next, held(next))) {
                result.bottleneck = next;
            }
        }
        const bool floor_first = all.at_floor && order_.before(owner, held(owner), *all.at_floor,
                                                               held(*all.at_floor) - 1);
        result.outcome = floor_first ? NeedOutcome::floor_first : NeedOutcome::no_better_off;
        result.holder = all.at_floor;
        if (!floor_first) keep_better_off(result.holder, all.free_to_give);
    }

    const AllocationInstance& instance_;
    const Allocation& allocation_;
    UnitOrder order_;
    std::vector<Holders> holders_;     ///< of each offer
    std::vector<std::int64_t> given_;  ///< to each need
    bool supply_;
};

}  // namespace

std::vector<NeedExplanation> explain(const AllocationInstance& instance, Rounding rounding,
                                     const Allocation& allocation) {
    const Explainer explainer(instance, rounding, allocation);
    std::vector<NeedExplanation> explanations;
    explanations.reserve(instance.needs.size());
    for (Index need = 0; need < instance.needs.size(); ++need) {
        explanations.push_back(explainer.explain(need));
    }
    return explanations;
}

NeedExplanation explain(const AllocationInstance& instance, Rounding rounding,
                        const Allocation& allocation, Index need) {
    return Explainer(instance, rounding, allocation).explain(need);
}

}  // namespace comity::exchange
