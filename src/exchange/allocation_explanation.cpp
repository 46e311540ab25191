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

    /// What stands behind a list of lawful offers, for all needs that share it.
    struct Reach {
        bool any_units = false;
        Holders holders;
        std::optional<Index> bottleneck;
    };

    NeedExplanation explain(Index need, const Reach& reach) const {
        const AllocationNeed& asked = instance_.needs[need];
        NeedExplanation result;
        result.given = given_[need];
        result.missing = asked.quantity - given_[need];
        if (result.missing == 0) return result;
        if (!supply_) {
            result.outcome = NeedOutcome::no_offer;
        } else if (!reach.any_units) {
            result.outcome = NeedOutcome::none_lawful;
        } else if (allocation_.totals[asked.owner] == instance_.members[asked.owner].cap) {
            result.outcome = NeedOutcome::member_cap;
        } else {
            name_holder(asked.owner, reach, result);
        }
        return result;
    }

    Reach reach(std::span<const Index> offers) const {
        Reach found;
        for (const Index offer : offers) {
            found.any_units = found.any_units || instance_.offers[offer].capacity > 0;
            keep_better_off(found.holders.free_to_give, holders_[offer].free_to_give);
            keep_better_off(found.holders.at_floor, holders_[offer].at_floor);
            const Index next = allocation_.certificate[offer];
            if (next == free_offer || next >= instance_.members.size()) continue;
            if (!found.bottleneck ||
                order_.before(*found.bottleneck, held(*found.bottleneck), next, held(next))) {
                found.bottleneck = next;
            }
        }
        return found;
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

    void name_holder(Index owner, const Reach& reach, NeedExplanation& result) const {
        const Holders& all = reach.holders;
        result.bottleneck = reach.bottleneck;
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
    std::vector<std::optional<Explainer::Reach>> reaches(instance.list_count());
    for (Index need = 0; need < instance.needs.size(); ++need) {
        std::optional<Explainer::Reach>& reach = reaches[instance.list_of(need)];
        if (!reach) reach = explainer.reach(instance.lawful(need));
        explanations.push_back(explainer.explain(need, *reach));
    }
    return explanations;
}

NeedExplanation explain(const AllocationInstance& instance, Rounding rounding,
                        const Allocation& allocation, Index need) {
    const Explainer explainer(instance, rounding, allocation);
    return explainer.explain(need, explainer.reach(instance.lawful(need)));
}

Help what_would_help(const AllocationInstance& instance, Rounding rounding,
                     const Allocation& allocation) {
    const UnitOrder order(instance.members, rounding);
    const auto held = [&](Index m) {
        return instance.members[m].carry_over + allocation.totals[m];
    };
    Help help;
    for (const Index next : allocation.certificate) {
        if (next == free_offer) continue;
        if (!help.member || order.before(next, held(next), *help.member, held(*help.member))) {
            help.member = next;
        }
    }
    for (Index offer = 0; help.member && offer < allocation.certificate.size(); ++offer) {
        if (allocation.certificate[offer] == *help.member) help.offers.push_back(offer);
    }
    return help;
}

}  // namespace comity::exchange
