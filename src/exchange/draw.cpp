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
#include "exchange/division_explanation.h"
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
        case NeedOutcome::below_minimum:
            return Reason::below_minimum;
        case NeedOutcome::earlier_stage:
            return Reason::earlier_stage;
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
    if (!pool.rival.instance.lawful(need).empty()) return reason_of(explanation.outcome);
    if (!pool.reaches[need].blocked_by.empty()) return Reason::none_lawful;
    return pool.reaches[need].is_out_of_window ? Reason::outside_window : Reason::no_offer;
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

/// Of a need that stands apart from the division.
NeedResult left_out(const FrozenNeed& need, Reason reason) {
    NeedResult result;
    result.need = need.id;
    result.member = need.member;
    result.asked = need.quantity;
    result.reason = reason;
    return result;
}

Result<std::vector<NeedResult>> results_of_needs(const RoundPool& pool, const Division& division) {
    const auto explanations = TRY(explain_division(pool.rival, pool.rule, division));
    Alternatives alternatives(pool, units_left(pool, division.allocation()));
    std::vector<NeedResult> results;
    const RoundInputs& inputs = *pool.inputs;
    results.reserve(explanations.size() + inputs.unlisted_needs.size() +
                    inputs.declined_needs.size());
    for (Index n = 0; n < explanations.size(); ++n) {
        results.push_back(result_of_need(pool, n, explanations[n], alternatives));
    }
    for (const FrozenNeed& need : inputs.unlisted_needs) {
        results.push_back(left_out(need, Reason::not_listed));
    }
    for (const FrozenNeed& need : inputs.declined_needs) {
        results.push_back(left_out(need, Reason::declined));
    }
    std::sort(results.begin(), results.end(),
              [](const NeedResult& a, const NeedResult& b) { return a.need < b.need; });
    return results;
}

/// Units of a member that floors put first, in all stages.
std::int64_t floor_of(const Division& division, Index member) {
    std::int64_t floor = 0;
    for (const Stage& stage : division.stages) floor += stage.floors[member];
    return floor;
}

std::vector<MemberResult> results_of_members(const RoundPool& pool, const Division& division) {
    std::vector<MemberResult> results;
    results.reserve(pool.inputs->members.size());
    for (Index m = 0; m < pool.inputs->members.size(); ++m) {
        const AllocationMember& member = pool.rival.instance.members[m];
        results.push_back({.member = pool.inputs->members[m].id,
                           .weight = member.weight,
                           .carry_over = member.carry_over,
                           .floor = floor_of(division, m),
                           .cap = std::min(member.cap, pool.units),
                           .lottery_rank = member.tie_rank,
                           .asked = 0,
                           .allocated = division.allocation().totals[m]});
    }
    for (const AllocationNeed& need : pool.rival.instance.needs) {
        results[need.owner].asked += need.quantity;
    }
    return results;
}

std::vector<OfferResult> results_of_offers(const RoundPool& pool, const Allocation& allocation) {
    std::vector<OfferResult> results;
    results.reserve(pool.rival_offers.size());
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

/// What proves the least cost, beside the last stage.
void set_prices(RoundResult& result, const Division& division) {
    if (!division.prices) return;
    for (std::size_t o = 0; o < result.offers.size(); ++o) {
        result.offers[o].price = division.prices->offers[o];
    }
    for (std::size_t m = 0; m < division.prices->members.size(); ++m) {
        result.members[m].value = division.prices->members[m];
    }
}

std::vector<Line> lines_of(const RoundPool& pool, const Allocation& allocation) {
    std::vector<Line> lines;
    lines.reserve(allocation.flows.size());
    for (const AllocationFlow& flow : allocation.flows) {
        lines.push_back({pool.inputs->needs[flow.need].id,
                         pool.inputs->offers[pool.rival_offers[flow.offer]].id, flow.units});
    }
    return lines;
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

void set_bounds(RoundPool& pool, const std::vector<std::uint32_t>& ranks) {
    const AllocationRule& rule = pool.inputs->rule;
    std::vector<AllocationMember>& members = pool.rival.instance.members;
    for (Index m = 0; m < members.size(); ++m) {
        members[m].tie_rank = ranks[m];
        if (!rule.member_cap) continue;
        const auto& continued = pool.inputs->continued;
        const std::int64_t cap =
            share_of(*rule.member_cap, continued ? continued->pool : pool.units);
        members[m].cap = std::max<std::int64_t>(0, cap - pool.inputs->members[m].held);
    }
}

Result<Lottery> lottery_of(const RoundInputs& inputs, const std::map<MemberId, Digest>& commitments,
                           const std::map<MemberId, Bytes>& reveals,
                           const std::optional<PublicValue>& public_value) {
    if (const auto& continued = inputs.continued) {
        if (!commitments.empty() || !reveals.empty() || public_value) {
            return Error{Code::invalid, "exchange/bad-inputs",
                         "A round that continues another has no lottery of its own."};
        }
        return Lottery{redraw_seed(continued->seed, continued->redraw), continued->withheld};
    }
    std::vector<LotteryReveal> revealed;
    for (const auto& [member, random] : reveals) {
        const Result<Digest> value = Digest::from_octets(random);
        if (!value) {
            return Error{Code::invalid, "exchange/bad-inputs", "A reveal is not 32 octets."};
        }
        revealed.push_back({member.text(), *value});
    }
    Lottery lottery;
    Bytes octets;
    if (public_value) octets = TRY(seed_octets(*public_value));
    lottery.seed = TRY(lottery_seed(digest_of(inputs), revealed, octets));
    for (const auto& [member, commitment] : commitments) {
        if (!reveals.contains(member)) lottery.withheld.push_back(member);
    }
    return lottery;
}

Result<RoundResult> result_of(const RoundPool& pool, const Division& division,
                              const Lottery& lottery) {
    RoundResult result;
    result.inputs = digest_of(*pool.inputs);
    result.seed = lottery.seed;
    result.withheld = lottery.withheld;
    result.members = results_of_members(pool, division);
    result.needs = TRY(results_of_needs(pool, division));
    result.offers = results_of_offers(pool, division.allocation());
    result.lines = lines_of(pool, division.allocation());
    set_prices(result, division);
    for (const NeedReach& reach : pool.reaches) {
        result.grants.insert(result.grants.end(), reach.grants.begin(), reach.grants.end());
    }
    result.stages.reserve(division.stages.size() - 1);
    for (auto stage = division.stages.begin(); stage + 1 != division.stages.end(); ++stage) {
        result.stages.push_back({stage->name.tier, stage->name.choice,
                                 lines_of(pool, stage->allocation),
                                 results_of_offers(pool, stage->allocation)});
    }
    result.dropped.reserve(division.dropped.size());
    for (const Index need : division.dropped) {
        result.dropped.push_back(pool.inputs->needs[need].id);
    }
    return result;
}

Result<RoundResult> draw_with(const RoundInputs& inputs, const Lottery& lottery) {
    RoundPool pool = TRY(pool_of(inputs));
    set_bounds(pool, ranks_of(inputs, lottery.seed, lottery.withheld));
    return result_of(pool, TRY(divide(pool.rival, pool.rule)), lottery);
}

Result<RoundResult> draw(const RoundInputs& inputs, const std::map<MemberId, Digest>& commitments,
                         const std::map<MemberId, Bytes>& reveals,
                         const std::optional<PublicValue>& public_value) {
    return draw_with(inputs, TRY(lottery_of(inputs, commitments, reveals, public_value)));
}

}  // namespace comity::exchange
