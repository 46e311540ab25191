// SPDX-License-Identifier: Apache-2.0
#include "exchange/division.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <tuple>

#include "base/check.h"
#include "exchange/allocation_order.h"
#include "exchange/certificate.h"

namespace comity::exchange {

namespace {

using detail::Share;
using detail::UnitOrder;

Error bad_stage(const std::string& what) {
    return Error{Code::invalid, "exchange/bad-stage", "The stages do not fit together: " + what};
}

/// The terms of needs as the rule reads them.
class Terms {
public:
    Terms(const Pool& pool, const DivisionRule& rule) : pool_(pool), rule_(rule) {}

    std::uint32_t tier(Index need) const {
        return pool_.terms.empty() ? 0 : pool_.terms[need].tier;
    }
    std::int64_t minimum(Index need) const {
        return !rule_.minimums || pool_.terms.empty() ? 0 : pool_.terms[need].minimum;
    }
    std::uint32_t own_order(Index need) const {
        return pool_.terms.empty() ? 0 : pool_.terms[need].own_order;
    }
    std::size_t choices(Index need) const {
        if (!rule_.by_choice || pool_.terms.empty()) return 1;
        return std::max<std::size_t>(1, pool_.terms[need].choices.size());
    }
    /// The list of offers that a choice of a need has.
    Index list(Index need, std::uint32_t choice) const {
        const bool whole =
            !rule_.by_choice || pool_.terms.empty() || pool_.terms[need].choices.empty();
        return whole ? pool_.instance.list_of(need) : pool_.terms[need].choices[choice];
    }
    /// The choice under which a need may use an offer, if it may.
    std::optional<std::uint32_t> choice_of(Index need, Index offer) const {
        for (std::uint32_t choice = 0; choice < choices(need); ++choice) {
            const std::span<const Index> offers = pool_.instance.list(list(need, choice));
            if (std::binary_search(offers.begin(), offers.end(), offer)) return choice;
        }
        return std::nullopt;
    }

private:
    const Pool& pool_;
    const DivisionRule& rule_;
};

Error bad_terms(Index need, const std::string& what) {
    return Error{Code::invalid, "exchange/bad-terms",
                 "Need number " + std::to_string(need) + " " + what + "."};
}

/// Whether the choices of a need are its lawful list, cut into pieces.
bool choices_fit(const AllocationInstance& instance, Index need, const NeedTerms& terms) {
    std::vector<Index> offers;
    for (const Index list : terms.choices) {
        if (list >= instance.list_count()) return false;
        const std::span<const Index> chosen = instance.list(list);
        offers.insert(offers.end(), chosen.begin(), chosen.end());
    }
    std::sort(offers.begin(), offers.end());
    const std::span<const Index> lawful = instance.lawful(need);
    return std::equal(offers.begin(), offers.end(), lawful.begin(), lawful.end());
}

Result<> check_terms(const Pool& pool, const DivisionRule& rule) {
    const AllocationInstance& instance = pool.instance;
    TRY(check_instance(instance));
    if (rule.reserved && rule.reserved->in_group.size() != instance.members.size()) {
        return Error{Code::invalid, "exchange/bad-terms",
                     "The group of the reserved share does not say yes or no of each member."};
    }
    if (pool.terms.empty()) return {};
    if (pool.terms.size() != instance.needs.size()) {
        return Error{Code::invalid, "exchange/bad-terms", "There are not terms for each need."};
    }
    for (Index need = 0; need < instance.needs.size(); ++need) {
        const NeedTerms& terms = pool.terms[need];
        if (terms.minimum < 0 || terms.minimum > instance.needs[need].quantity) {
            return bad_terms(need,
                             "asks for a least quantity that is below 0 or above all it asks");
        }
        if (terms.tier >= tiers_max) return bad_terms(need, "stands in a tier that is too high");
        if (terms.choices.size() > choices_max) return bad_terms(need, "has too many choices");
        if (!terms.choices.empty() && !choices_fit(instance, need, terms)) {
            return bad_terms(need,
                             "has choices that are not its lawful offers, each in one of them");
        }
    }
    return {};
}

/// With several stages a member's own floor would have to be met before anybody knows where.
Result<> check_floors(const Pool& pool, const DivisionRule& rule) {
    if (stages_of(pool, rule).size() == 1) return {};
    for (const AllocationMember& member : pool.instance.members) {
        if (member.floor == 0) continue;
        return Error{Code::invalid, "exchange/floors-in-stages",
                     "Member " + member.name +
                         " has a floor of its own, which a rule with tiers or choices cannot keep; "
                         "use a rule without them, or one that sets the floor itself."};
    }
    return {};
}

Result<> check_pool(const Pool& pool, const DivisionRule& rule) {
    TRY(check_terms(pool, rule));
    return check_floors(pool, rule);
}

/// Units that the stages before gave, by need and choice.
using Settled = std::map<std::pair<Index, std::uint32_t>, std::int64_t>;

Result<Settled> settled_parts(const Pool& pool, const Terms& terms, std::uint32_t tier,
                              std::uint32_t choice, std::span<const AllocationFlow> before) {
    Settled settled;
    for (const AllocationFlow& flow : before) {
        if (flow.need >= pool.instance.needs.size() || flow.units < 1) {
            return bad_stage("a pair has no need, or no units.");
        }
        const std::optional<std::uint32_t> used = terms.choice_of(flow.need, flow.offer);
        if (!used || std::pair(terms.tier(flow.need), *used) >= std::pair(tier, choice)) {
            return bad_stage("a need draws on an offer that is not open to it yet.");
        }
        std::int64_t& units = settled[{flow.need, *used}];
        units = std::min(units_max, units + std::min(flow.units, units_max));
    }
    return settled;
}

/// Puts the members of the pool into a stage, and those with settled units once more behind them.
Result<> enter_members(const Pool& pool, const Settled& settled, AllocationInstance& instance) {
    const auto members = static_cast<Index>(pool.instance.members.size());
    instance.members = pool.instance.members;
    if (settled.empty()) return {};
    std::vector<std::int64_t> held(members);
    for (const auto& [part, units] : settled) {
        std::int64_t& total = held[pool.instance.needs[part.first].owner];
        total = std::min(units_max, total + units);
    }
    for (Index m = 0; m < members; ++m) {
        AllocationMember& member = instance.members[m];
        if (held[m] > member.cap) return bad_stage("a member holds more than its cap.");
        AllocationMember once_more = member;
        once_more.floor = held[m];
        once_more.cap = held[m];
        once_more.tie_rank = members + member.tie_rank;
        instance.members.push_back(std::move(once_more));
        if (instance.members[m].cap != units_max) instance.members[m].cap -= held[m];
        instance.members[m].carry_over += held[m];
    }
    return {};
}

void enter_need(StageInstance& staged, const StageInstance::Part& part, Index owner,
                std::int64_t quantity, Index list) {
    staged.instance.needs.push_back({.owner = owner, .quantity = quantity});
    staged.instance.lawful_list.push_back(list);
    staged.parts.push_back(part);
}

/// Puts what is settled and what is open in this stage into it.
Result<> enter_needs(const Pool& pool, const Terms& terms, std::uint32_t tier, std::uint32_t choice,
                     const Settled& settled, std::span<const Index> dropped,
                     StageInstance& staged) {
    const auto members = static_cast<Index>(pool.instance.members.size());
    auto next = settled.begin();
    for (Index need = 0; need < pool.instance.needs.size(); ++need) {
        const AllocationNeed& asked = pool.instance.needs[need];
        std::int64_t open = asked.quantity;
        for (; next != settled.end() && next->first.first == need; ++next) {
            const std::uint32_t earlier = next->first.second;
            if (next->second > open) return bad_stage("a need receives more than it asks.");
            enter_need(staged, {need, earlier, true}, members + asked.owner, next->second,
                       terms.list(need, earlier));
            open -= next->second;
        }
        if (terms.tier(need) != tier || choice >= terms.choices(need)) continue;
        if (std::binary_search(dropped.begin(), dropped.end(), need)) open = 0;
        enter_need(staged, {need, choice, false}, asked.owner, open, terms.list(need, choice));
    }
    return {};
}

/// Sets members aside, solves, and puts them back as they were: nothing else is copied.
Result<std::vector<std::int64_t>> totals_with(AllocationInstance& instance,
                                              std::vector<AllocationMember> members,
                                              Rounding rounding, unsigned threads) {
    std::swap(instance.members, members);
    Result<Allocation> allocation = allocate(instance, rounding, threads);
    std::swap(instance.members, members);
    return std::move(TRY(std::move(allocation)).totals);
}

/// One unit for every member that has none, as far as it goes, by lottery rank.
Result<> set_one_each(AllocationInstance& instance, std::size_t pool_members, unsigned threads) {
    std::vector<AllocationMember> once = instance.members;
    for (std::size_t m = 0; m < pool_members; ++m) {
        const bool has_some = once.size() > pool_members && once[pool_members + m].cap > 0;
        once[m].cap =
            std::min(once[m].cap, std::max<std::int64_t>(once[m].floor, has_some ? 0 : 1));
    }
    const std::vector<std::int64_t> totals =
        TRY(totals_with(instance, std::move(once), Rounding::serial, threads));
    for (std::size_t m = 0; m < pool_members; ++m) instance.members[m].floor = totals[m];
    return {};
}

/// Floors for a group: the pool divided among it alone, up to the reserved units, of which what it
/// holds already is a part.
Result<> set_reserved(AllocationInstance& instance, std::size_t pool_members,
                      const DivisionRule& rule, unsigned threads) {
    const ReservedShare& reserved = *rule.reserved;
    Int128 offered = 0;
    for (const AllocationOffer& offer : instance.offers) offered += offer.capacity;
    auto units = static_cast<std::int64_t>(offered * reserved.share.num / reserved.share.den);

    std::vector<AllocationMember> alone = instance.members;
    for (std::size_t m = 0; m < pool_members; ++m) {
        if (!reserved.in_group[m]) alone[m].cap = alone[m].floor;
    }
    const std::vector<std::int64_t> totals =
        TRY(totals_with(instance, std::move(alone), rule.rounding, threads));

    // A total that can be reached stays reachable with fewer units, and each member takes its units
    // in ascending order of their keys. So the engine stopped early is the first of its units.
    std::vector<Share> shares;
    std::int64_t floors = 0;
    std::int64_t most = 0;
    for (Index m = 0; m < pool_members; ++m) {
        if (!reserved.in_group[m]) continue;
        shares.push_back({.member = m, .floor = instance.members[m].floor, .cap = totals[m]});
        floors += instance.members[m].floor;
        most += totals[m];
        if (instance.members.size() > pool_members) units -= instance.members[pool_members + m].cap;
    }
    units = std::max(floors, std::min(units, most));
    detail::apportion(instance.members, UnitOrder(instance.members, rule.rounding), shares, units);
    for (const Share& share : shares) instance.members[share.member].floor = share.units;
    return {};
}

std::vector<std::int64_t> given_to_needs(const Pool& pool, const Allocation& allocation) {
    std::vector<std::int64_t> given(pool.instance.needs.size());
    for (const AllocationFlow& flow : allocation.flows) given[flow.need] += flow.units;
    return given;
}

/// Needs that hold some units, and fewer than are of use to them.
std::vector<Index> short_needs(const Pool& pool, const Terms& terms, const Allocation& allocation) {
    const std::vector<std::int64_t> given = given_to_needs(pool, allocation);
    std::vector<Index> found;
    for (Index need = 0; need < given.size(); ++need) {
        if (given[need] > 0 && given[need] < terms.minimum(need)) found.push_back(need);
    }
    return found;
}

std::vector<std::int64_t> floors_of(const Pool& pool, const StageInstance& staged) {
    std::vector<std::int64_t> floors;
    floors.reserve(pool.instance.members.size());
    for (std::size_t m = 0; m < pool.instance.members.size(); ++m) {
        floors.push_back(staged.instance.members[m].floor);
    }
    return floors;
}

/// A stage's allocation in needs and members of the pool.
Allocation in_pool(const Pool& pool, const StageInstance& staged, const Allocation& allocation) {
    const std::size_t members = pool.instance.members.size();
    Allocation result;
    result.totals.assign(allocation.totals.begin(),
                         allocation.totals.begin() + static_cast<std::ptrdiff_t>(members));
    for (std::size_t m = members; m < allocation.totals.size(); ++m) {
        result.totals[m - members] += allocation.totals[m];
    }
    result.certificate = allocation.certificate;
    result.flows.reserve(allocation.flows.size());
    for (const AllocationFlow& flow : allocation.flows) {
        result.flows.push_back({staged.parts[flow.need].need, flow.offer, flow.units});
    }
    std::sort(result.flows.begin(), result.flows.end(),
              [](const AllocationFlow& a, const AllocationFlow& b) {
                  return std::pair(a.need, a.offer) < std::pair(b.need, b.offer);
              });
    return result;
}

class Divider {
public:
    Divider(const Pool& pool, const DivisionRule& rule, unsigned threads)
        : pool_(pool), rule_(rule), terms_(pool, rule), threads_(threads) {
        with_minimum_.resize(pool.instance.members.size());
        for (Index need = 0; need < pool.instance.needs.size(); ++need) {
            if (terms_.minimum(need) > 1) with_minimum_[pool.instance.needs[need].owner] = true;
        }
    }

    Result<Division> run() {
        Division division;
        const std::vector<std::pair<std::uint32_t, std::uint32_t>> stages = stages_of(pool_, rule_);
        for (auto first = stages.begin(); first != stages.end();) {
            const auto next = std::find_if(first, stages.end(), [&](const auto& stage) {
                return stage.first != first->first;
            });
            TRY(run_tier({first, next}, division));
            first = next;
        }
        return division;
    }

private:
    using Order = std::span<const std::pair<std::uint32_t, std::uint32_t>>;

    std::vector<AllocationFlow> flows_before(const Division& division) const {
        if (division.stages.empty()) return {};
        return division.allocation().flows;
    }

    Result<std::vector<Stage>> run_stages(Order order, std::vector<AllocationFlow> before,
                                          std::span<const Index> dropped) const {
        std::vector<Stage> stages;
        stages.reserve(order.size());
        for (const auto& [tier, choice] : order) {
            const StageInstance staged =
                TRY(stage_instance(pool_, rule_, tier, choice, before, dropped, threads_));
            Allocation allocation = TRY(allocate(staged.instance, rule_.rounding, threads_));
            if (rule_.minimums) keep_own_order(staged, allocation);
            stages.push_back(
                {tier, choice, floors_of(pool_, staged), in_pool(pool_, staged, allocation)});
            before = stages.back().allocation.flows;
        }
        return stages;
    }

    void keep_own_order(const StageInstance& staged, Allocation& allocation) const {
        std::vector<bool> of = with_minimum_;
        of.resize(staged.instance.members.size());
        std::vector<std::uint32_t> own_order;
        own_order.reserve(staged.parts.size());
        for (const StageInstance::Part& part : staged.parts) {
            own_order.push_back(terms_.own_order(part.need));
        }
        fill_in_own_order(staged.instance, of, own_order, allocation);
    }

    std::uint32_t rank_of(Index need) const {
        return pool_.instance.members[pool_.instance.needs[need].owner].tie_rank;
    }

    /// Which of the needs that are too short to set aside: those that their members mind least, and
    /// of those the last in the lottery.
    std::vector<Index> to_set_aside(std::vector<Index> too_short, std::size_t dropped) const {
        const auto minded_more = [this](Index a, Index b) {
            return std::tuple(terms_.own_order(a), rank_of(a), a) <
                   std::tuple(terms_.own_order(b), rank_of(b), b);
        };
        std::sort(too_short.begin(), too_short.end(), minded_more);
        const std::size_t count = dropped < single_drops_max ? 1 : (too_short.size() + 1) / 2;
        return {too_short.end() - static_cast<std::ptrdiff_t>(count), too_short.end()};
    }

    Result<> run_tier(Order order, Division& division) const {
        const std::vector<AllocationFlow> before = flows_before(division);
        std::vector<Index> dropped;
        std::vector<Stage> stages = TRY(run_stages(order, before, dropped));
        for (;;) {
            const std::vector<Index> too_short =
                short_needs(pool_, terms_, stages.back().allocation);
            if (too_short.empty()) break;
            const std::vector<Index> aside = to_set_aside(too_short, dropped.size());
            dropped.insert(dropped.end(), aside.begin(), aside.end());
            std::sort(dropped.begin(), dropped.end());
            stages = TRY(run_stages(order, before, dropped));
        }
        TRY(take_back(order, before, dropped, stages));
        std::move(stages.begin(), stages.end(), std::back_inserter(division.stages));
        division.dropped.insert(division.dropped.end(), dropped.begin(), dropped.end());
        std::sort(division.dropped.begin(), division.dropped.end());
        return {};
    }

    /// Tries to bring each dropped need back, by lottery rank: it comes if nobody's total falls and
    /// nobody is left short.
    Result<> take_back(Order order, const std::vector<AllocationFlow>& before,
                       std::vector<Index>& dropped, std::vector<Stage>& stages) const {
        std::vector<Index> candidates = dropped;
        std::sort(candidates.begin(), candidates.end(), [this](Index a, Index b) {
            return std::tuple(rank_of(a), terms_.own_order(a), a) <
                   std::tuple(rank_of(b), terms_.own_order(b), b);
        });
        if (candidates.size() > single_drops_max) candidates.resize(single_drops_max);
        for (const Index need : candidates) {
            std::vector<Index> without = dropped;
            without.erase(std::find(without.begin(), without.end(), need));
            std::vector<Stage> tried = TRY(run_stages(order, before, without));
            const Allocation& now = tried.back().allocation;
            if (!short_needs(pool_, terms_, now).empty()) continue;
            const std::vector<std::int64_t>& then = stages.back().allocation.totals;
            const bool nobody_falls = std::equal(then.begin(), then.end(), now.totals.begin(),
                                                 [](auto a, auto b) { return a <= b; });
            if (!nobody_falls) continue;
            dropped = std::move(without);
            stages = std::move(tried);
        }
        return {};
    }

    const Pool& pool_;
    const DivisionRule& rule_;
    Terms terms_;
    unsigned threads_;
    std::vector<bool> with_minimum_;  ///< of each member: whether one of its needs has one
};

std::vector<std::int64_t> own_floors(const Pool& pool) {
    std::vector<std::int64_t> floors;
    floors.reserve(pool.instance.members.size());
    for (const AllocationMember& member : pool.instance.members) floors.push_back(member.floor);
    return floors;
}

Result<> check_stage(const Pool& pool, const DivisionRule& rule, const StageInstance& staged,
                     const Allocation& allocation) {
    const Allocation in_it = TRY(in_stage(pool, staged, allocation));
    const auto fault = certificate_fault(staged.instance, rule.rounding, in_it);
    if (!fault) return {};
    std::string where;
    if (fault->member) {
        const Index member = *fault->member % static_cast<Index>(pool.instance.members.size());
        where += ", member " + pool.instance.members[member].name;
    }
    if (fault->need) {
        where += ", need number " + std::to_string(staged.parts[*fault->need].need);
    }
    if (fault->offer) where += ", offer number " + std::to_string(*fault->offer);
    return Error{Code::invalid, "exchange/bad-certificate",
                 "The certificate fails at C" + std::to_string(fault->condition) + where + ": it " +
                     fault->what + "."};
}

}  // namespace

bool is_plain(const Pool& pool, const DivisionRule& rule) {
    return !rule.one_each && !rule.reserved && !rule.minimums && stages_of(pool, rule).size() == 1;
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> stages_of(const Pool& pool,
                                                               const DivisionRule& rule) {
    const Terms terms(pool, rule);
    std::vector<std::size_t> choices;  // of each tier: the most that a need has; 0: no need
    for (Index need = 0; need < pool.terms.size(); ++need) {
        if (terms.tier(need) >= choices.size()) choices.resize(terms.tier(need) + std::size_t{1});
        choices[terms.tier(need)] = std::max(choices[terms.tier(need)], terms.choices(need));
    }
    std::vector<std::pair<std::uint32_t, std::uint32_t>> stages;
    for (std::uint32_t tier = 0; tier < choices.size(); ++tier) {
        for (std::uint32_t choice = 0; choice < choices[tier]; ++choice) {
            stages.emplace_back(tier, choice);
        }
    }
    if (stages.empty()) stages.emplace_back(0, 0);
    return stages;
}

Result<StageInstance> stage_instance(const Pool& pool, const DivisionRule& rule, std::uint32_t tier,
                                     std::uint32_t choice, std::span<const AllocationFlow> before,
                                     std::span<const Index> dropped, unsigned threads) {
    const Terms terms(pool, rule);
    const Settled settled = TRY(settled_parts(pool, terms, tier, choice, before));
    StageInstance staged;
    staged.instance.offers = pool.instance.offers;
    staged.instance.lawful_begin = pool.instance.lawful_begin;
    staged.instance.lawful_offers = pool.instance.lawful_offers;
    TRY(enter_members(pool, settled, staged.instance));
    TRY(enter_needs(pool, terms, tier, choice, settled, dropped, staged));
    const std::size_t members = pool.instance.members.size();
    if (rule.one_each) TRY(set_one_each(staged.instance, members, threads));
    if (rule.reserved) TRY(set_reserved(staged.instance, members, rule, threads));
    return staged;
}

Result<Allocation> in_stage(const Pool& pool, const StageInstance& staged,
                            const Allocation& allocation) {
    const std::size_t members = pool.instance.members.size();
    if (allocation.totals.size() != members) return bad_stage("there is not one total a member.");
    Allocation result;
    result.certificate = allocation.certificate;
    result.totals = allocation.totals;
    result.totals.resize(staged.instance.members.size());
    for (std::size_t m = members; m < staged.instance.members.size(); ++m) {
        result.totals[m] = staged.instance.members[m].cap;
        result.totals[m - members] -= result.totals[m];
    }
    auto part = staged.parts.begin();
    for (const AllocationFlow& flow : allocation.flows) {
        part = std::find_if(part, staged.parts.end(),
                            [&](const auto& each) { return each.need >= flow.need; });
        const auto carries = std::find_if(part, staged.parts.end(), [&](const auto& each) {
            if (each.need != flow.need) return true;
            const auto number = static_cast<Index>(&each - staged.parts.data());
            const std::span<const Index> lawful = staged.instance.lawful(number);
            return std::binary_search(lawful.begin(), lawful.end(), flow.offer);
        });
        if (carries == staged.parts.end() || carries->need != flow.need) {
            return bad_stage("need number " + std::to_string(flow.need) +
                             " draws on an offer that is not open to it in this stage.");
        }
        result.flows.push_back(
            {static_cast<Index>(carries - staged.parts.begin()), flow.offer, flow.units});
    }
    std::sort(result.flows.begin(), result.flows.end(),
              [](const AllocationFlow& a, const AllocationFlow& b) {
                  return std::pair(a.need, a.offer) < std::pair(b.need, b.offer);
              });
    return result;
}

Result<Division> divide(const Pool& pool, const DivisionRule& rule, unsigned threads) {
    TRY(check_pool(pool, rule));
    if (!is_plain(pool, rule)) return Divider(pool, rule, threads).run();
    Division division;
    const auto [tier, choice] = stages_of(pool, rule).front();
    Allocation allocation = TRY(allocate(pool.instance, rule.rounding, threads));
    division.stages.push_back({tier, choice, own_floors(pool), std::move(allocation)});
    return division;
}

Result<> set_floors(const Pool& pool, const DivisionRule& rule, Division& division) {
    std::span<const AllocationFlow> before;
    for (Stage& stage : division.stages) {
        if (is_plain(pool, rule)) {
            stage.floors = own_floors(pool);
        } else {
            const StageInstance staged =
                TRY(stage_instance(pool, rule, stage.tier, stage.choice, before, division.dropped));
            stage.floors = floors_of(pool, staged);
        }
        before = stage.allocation.flows;
    }
    return {};
}

Result<> check_division(const Pool& pool, const DivisionRule& rule, const Division& division) {
    TRY(check_pool(pool, rule));
    const std::vector<std::pair<std::uint32_t, std::uint32_t>> stages = stages_of(pool, rule);
    const bool fits =
        std::equal(stages.begin(), stages.end(), division.stages.begin(), division.stages.end(),
                   [](const auto& a, const Stage& b) { return a == std::pair(b.tier, b.choice); });
    if (!fits) return bad_stage("they are not those of the rule.");
    const auto is_need = [&](Index need) { return need < pool.instance.needs.size(); };
    const bool dropped_fit =
        std::is_sorted(division.dropped.begin(), division.dropped.end(), std::less_equal<>()) &&
        std::all_of(division.dropped.begin(), division.dropped.end(), is_need) &&
        (rule.minimums || division.dropped.empty());
    if (!dropped_fit) return bad_stage("the list of needs set aside is not one.");
    std::span<const AllocationFlow> before;
    for (const Stage& stage : division.stages) {
        const StageInstance staged =
            TRY(stage_instance(pool, rule, stage.tier, stage.choice, before, division.dropped));
        TRY(check_stage(pool, rule, staged, stage.allocation));
        before = stage.allocation.flows;
    }
    if (!short_needs(pool, Terms(pool, rule), division.allocation()).empty()) {
        return bad_stage("a need keeps fewer units than are of use to it.");
    }
    return {};
}

}  // namespace comity::exchange
