// SPDX-License-Identifier: Apache-2.0

// The draw: from frozen inputs and reveals to the result, and every reason in it.

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "exchange/allocation_explanation.h"
#include "exchange/allocation_order.h"
#include "exchange/lottery.h"
#include "exchange/round.h"

namespace comity::exchange {
namespace {

using institution::MemberId;

Reason reason_of(NeedOutcome outcome) {
    switch (outcome) {
        case NeedOutcome::met_in_full:
            return Reason::met_in_full;
        case NeedOutcome::no_offer:
            return Reason::no_offer;
        case NeedOutcome::none_lawful:
            return Reason::none_lawful;
        case NeedOutcome::no_better_off:
            return Reason::no_better_off;
        case NeedOutcome::member_cap:
            return Reason::member_cap;
        case NeedOutcome::floor_first:
            return Reason::floor_first;
    }
    COMITY_CHECK(false);
    return Reason::met_in_full;
}

/// Units of each offer of the inputs that the allocation leaves.
std::vector<std::int64_t> units_left(const RoundPool& pool, const Allocation& allocation) {
    std::vector<std::int64_t> left;
    left.reserve(pool.inputs->offers.size());
    for (const FrozenOffer& offer : pool.inputs->offers) left.push_back(offer.quantity);
    for (const AllocationFlow& flow : allocation.flows) {
        left[pool.rival_offers[flow.offer]] -= flow.units;
    }
    return left;
}

/// What needs could take instead of what is blocked for them: any offer of the unit, of whatever
/// item class, that may lawfully go to the same destination for the same end use.
class Alternatives {
public:
    Alternatives(const RoundPool& pool, const std::vector<std::int64_t>& left)
        : pool_(pool), inputs_(*pool.inputs), class_of_(inputs_.offers.size()) {
        for (std::size_t c = 0; c < pool.classes.size(); ++c) {
            for (const Index o : pool.classes[c].offers) class_of_[o] = c;
        }
        best_first_.resize(inputs_.offers.size());
        std::iota(best_first_.begin(), best_first_.end(), Index{0});
        std::stable_sort(best_first_.begin(), best_first_.end(),
                         [&](Index a, Index b) { return left[a] > left[b]; });
        for (const FrozenOffer& offer : inputs_.offers) providers_.insert(offer.provider);
    }

    /// Most free units first, then by place in the inputs. Borrowed until the next call.
    const std::vector<OfferId>& of(Index need) {
        const FrozenNeed& frozen = inputs_.needs[need];
        Kind kind{pool_.screening_row[need], frozen.from, frozen.until, {}};
        if (providers_.contains(frozen.member)) std::get<3>(kind) = frozen.member;
        const auto [found, is_new] = known_.try_emplace(std::move(kind));
        if (is_new) find(need, found->second);
        return found->second;
    }

private:
    /// What needs with the same alternatives share: how restrictions see them, when they are of
    /// use, and the member if it provides.
    using Kind = std::tuple<Index, Date, Date, MemberId>;

    void find(Index need, std::vector<OfferId>& alternatives) const {
        for (const Index o : best_first_) {
            if (alternatives.size() == alternatives_max) return;
            const FrozenOffer& offer = inputs_.offers[o];
            if (pool_.screening(need, class_of_[o]).verdict != institution::Verdict::allowed ||
                offer.provider == inputs_.needs[need].member ||
                !windows_overlap(inputs_.needs[need], offer)) {
                continue;
            }
            alternatives.push_back(offer.id);
        }
    }

    const RoundPool& pool_;
    const RoundInputs& inputs_;
    std::vector<std::size_t> class_of_;  ///< of each offer
    std::vector<Index> best_first_;      ///< offers
    std::set<MemberId> providers_;
    std::map<Kind, std::vector<OfferId>> known_;
};

/// Of a need that the rival pool and grants left short. The engine knows why a lawful unit went
/// elsewhere; only the pool knows whether there would be one without restrictions.
Reason shortage(const RoundPool& pool, Index need, const NeedExplanation& explanation) {
    if (!pool.instance.lawful(need).empty()) return reason_of(explanation.outcome);
    return pool.reaches[need].blocked_by.empty() ? Reason::no_offer : Reason::none_lawful;
}

NeedResult result_of_need(const RoundPool& pool, Index need, const NeedExplanation& explanation,
                          Alternatives& alternatives) {
    const FrozenNeed& frozen = pool.inputs->needs[need];
    const NeedReach& reach = pool.reaches[need];
    NeedResult result;
    result.need = frozen.id;
    result.member = frozen.member;
    result.asked = frozen.quantity;
    result.allocated = explanation.given + reach.granted;
    if (result.allocated < result.asked) {
        result.reason = shortage(pool, need, explanation);
        const auto id_of = [&](Index m) { return pool.inputs->members[m].id; };
        if (explanation.bottleneck) result.bottleneck = id_of(*explanation.bottleneck);
        if (explanation.holder) result.holder = id_of(*explanation.holder);
    }
    result.blocked_by = reach.blocked_by;
    if (!reach.blocked_by.empty()) result.lawful_alternatives = alternatives.of(need);
    return result;
}

std::vector<NeedResult> results_of_needs(const RoundPool& pool, const Allocation& allocation) {
    const auto explanations = explain(pool.instance, pool.inputs->rule.rounding, allocation);
    Alternatives alternatives(pool, units_left(pool, allocation));
    std::vector<NeedResult> results;
    results.reserve(explanations.size() + pool.inputs->unlisted_needs.size());
    for (Index n = 0; n < explanations.size(); ++n) {
        results.push_back(result_of_need(pool, n, explanations[n], alternatives));
    }
    for (const FrozenNeed& need : pool.inputs->unlisted_needs) {
        NeedResult unlisted;
        unlisted.need = need.id;
        unlisted.member = need.member;
        unlisted.asked = need.quantity;
        unlisted.reason = Reason::not_listed;
        results.push_back(std::move(unlisted));
    }
    std::sort(results.begin(), results.end(),
              [](const NeedResult& a, const NeedResult& b) { return a.need < b.need; });
    return results;
}

std::vector<MemberResult> results_of_members(const RoundPool& pool, const Allocation& allocation) {
    std::vector<MemberResult> results;
    for (Index m = 0; m < pool.inputs->members.size(); ++m) {
        const AllocationMember& member = pool.instance.members[m];
        results.push_back({.member = pool.inputs->members[m].id,
                           .weight = member.weight,
                           .carry_over = member.carry_over,
                           .floor = member.floor,
                           .cap = std::min(member.cap, pool.units),
                           .lottery_rank = member.tie_rank,
                           .asked = 0,
                           .allocated = allocation.totals[m]});
    }
    for (const AllocationNeed& need : pool.instance.needs) {
        results[need.owner].asked += need.quantity;
    }
    return results;
}

std::vector<OfferResult> results_of_offers(const RoundPool& pool, const Allocation& allocation) {
    std::vector<OfferResult> results;
    for (Index o = 0; o < pool.rival_offers.size(); ++o) {
        OfferResult result;
        result.offer = pool.inputs->offers[pool.rival_offers[o]].id;
        const Index bottleneck = allocation.certificate[o];
        if (bottleneck != free_offer) result.bottleneck = pool.inputs->members[bottleneck].id;
        results.push_back(std::move(result));
    }
    for (const AllocationFlow& flow : allocation.flows) {
        results[flow.offer].allocated += flow.units;
    }
    return results;
}

}  // namespace

std::vector<std::uint32_t> ranks_of(const RoundInputs& inputs, const Digest& seed,
                                    const std::vector<MemberId>& withheld) {
    std::vector<std::string> names;
    names.reserve(inputs.members.size());
    for (const FrozenMember& member : inputs.members) names.push_back(member.id.text());
    std::set<std::string> last;
    for (const MemberId& member : withheld) last.insert(member.text());
    return lottery_ranks(seed, names, last);
}

Result<> set_bounds(RoundPool& pool, const std::vector<std::uint32_t>& ranks) {
    const AllocationRule& rule = pool.inputs->rule;
    std::vector<AllocationMember>& members = pool.instance.members;
    for (Index m = 0; m < members.size(); ++m) {
        members[m].tie_rank = ranks[m];
        if (rule.member_cap) members[m].cap = share_of(*rule.member_cap, pool.units);
    }
    if (!rule.floor) return {};

    AllocationInstance group_alone = pool.instance;
    for (Index m = 0; m < members.size(); ++m) {
        if (!pool.inputs->members[m].in_floor_group) group_alone.members[m].cap = 0;
    }
    const Allocation alone = TRY(allocate(group_alone, rule.rounding));

    // A total that can be reached stays reachable with fewer units, and each member takes its units
    // in ascending order of their keys. So the engine stopped early is the first of its units.
    std::vector<detail::Share> shares;
    std::int64_t total = 0;
    for (Index m = 0; m < members.size(); ++m) {
        shares.push_back({.member = m, .cap = alone.totals[m]});
        total += alone.totals[m];
    }
    const std::int64_t reserved = std::min(total, share_of(rule.floor->share, pool.units));
    detail::apportion(members, detail::UnitOrder(members, rule.rounding), shares, reserved);
    for (const detail::Share& share : shares) members[share.member].floor = share.units;
    return {};
}

Result<Lottery> lottery_of(const RoundInputs& inputs, const std::map<MemberId, Digest>& commitments,
                           const std::map<MemberId, Bytes>& reveals) {
    std::vector<LotteryReveal> revealed;
    for (const auto& [member, random] : reveals) {
        const Result<Digest> value = Digest::from_octets(random);
        if (!value) {
            return Error{Code::invalid, "exchange/bad-inputs", "A reveal is not 32 octets."};
        }
        revealed.push_back({member.text(), *value});
    }
    Lottery lottery;
    lottery.seed = TRY(lottery_seed(digest_of(inputs), revealed));
    for (const auto& [member, commitment] : commitments) {
        if (!reveals.contains(member)) lottery.withheld.push_back(member);
    }
    return lottery;
}

RoundResult result_of(const RoundPool& pool, const Allocation& allocation, const Lottery& lottery) {
    RoundResult result;
    result.inputs = digest_of(*pool.inputs);
    result.seed = lottery.seed;
    result.withheld = lottery.withheld;
    result.members = results_of_members(pool, allocation);
    result.needs = results_of_needs(pool, allocation);
    result.offers = results_of_offers(pool, allocation);
    for (const AllocationFlow& flow : allocation.flows) {
        result.lines.push_back({pool.inputs->needs[flow.need].id,
                                pool.inputs->offers[pool.rival_offers[flow.offer]].id, flow.units});
    }
    for (const NeedReach& reach : pool.reaches) {
        result.grants.insert(result.grants.end(), reach.grants.begin(), reach.grants.end());
    }
    return result;
}

Result<RoundResult> draw_with(const RoundInputs& inputs, const Lottery& lottery) {
    RoundPool pool = TRY(pool_of(inputs));
    TRY(set_bounds(pool, ranks_of(inputs, lottery.seed, lottery.withheld)));
    const Allocation allocation = TRY(allocate(pool.instance, inputs.rule.rounding));
    return result_of(pool, allocation, lottery);
}

Result<RoundResult> draw(const RoundInputs& inputs, const std::map<MemberId, Digest>& commitments,
                         const std::map<MemberId, Bytes>& reveals) {
    return draw_with(inputs, TRY(lottery_of(inputs, commitments, reveals)));
}

}  // namespace comity::exchange
