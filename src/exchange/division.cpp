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
#include "exchange/least_cost.h"

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
    const bool held_fits = (pool.held.empty() || pool.held.size() == instance.members.size()) &&
                           std::all_of(pool.held.begin(), pool.held.end(), [](std::int64_t units) {
                               return units >= 0 && units <= units_max;
                           });
    if (!held_fits) {
        return Error{Code::invalid, "exchange/bad-terms",
                     "What members hold from before is not one number from 0 to 2^60 for each."};
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
    if (pool.costs) TRY(check_costs(pool.instance, *pool.costs));
    return check_floors(pool, rule);
}

/// Units that the stages before gave, by need and choice.
using Settled = std::map<std::pair<Index, std::uint32_t>, std::int64_t>;

Result<Settled> settled_parts(const Pool& pool, const Terms& terms, StageName name,
                              std::span<const AllocationFlow> before) {
    Settled settled;
    for (const AllocationFlow& flow : before) {
        if (flow.need >= pool.instance.needs.size() || flow.units < 1) {
            return bad_stage("a pair has no need, or no units.");
        }
        const std::optional<std::uint32_t> used = terms.choice_of(flow.need, flow.offer);
        if (!used || StageName{terms.tier(flow.need), *used} >= name) {
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
Result<> enter_needs(const Pool& pool, const Terms& terms, StageName name, const Settled& settled,
                     std::span<const Index> dropped, StageInstance& staged) {
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
        if (terms.tier(need) != name.tier || name.choice >= terms.choices(need)) continue;
        if (std::binary_search(dropped.begin(), dropped.end(), need)) open = 0;
        enter_need(staged, {need, name.choice, false}, asked.owner, open,
                   terms.list(need, name.choice));
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

/// Units that a member of the pool has: from before, and from earlier stages.
std::int64_t held_by(const Pool& pool, const AllocationInstance& instance, std::size_t member) {
    const std::size_t members = pool.instance.members.size();
    const std::int64_t before = pool.held.empty() ? 0 : pool.held[member];
    return before +
           (instance.members.size() > members ? instance.members[members + member].cap : 0);
}

/// One unit for every member that has none, as far as it goes, by lottery rank.
Result<> set_one_each(const Pool& pool, AllocationInstance& instance, unsigned threads) {
    std::vector<AllocationMember> once = instance.members;
    for (std::size_t m = 0; m < pool.instance.members.size(); ++m) {
        const bool has_some = held_by(pool, instance, m) > 0;
        once[m].cap =
            std::min(once[m].cap, std::max<std::int64_t>(once[m].floor, has_some ? 0 : 1));
    }
    const std::vector<std::int64_t> totals =
        TRY(totals_with(instance, std::move(once), Rounding::serial, threads));
    for (std::size_t m = 0; m < pool.instance.members.size(); ++m) {
        instance.members[m].floor = totals[m];
    }
    return {};
}

/// Floors for a group: the pool divided among it alone, up to the reserved units, of which what it
/// holds already is a part.
Result<> set_reserved(const Pool& pool, AllocationInstance& instance, const ReservedShare& reserved,
                      Rounding rounding, unsigned threads) {
    const std::size_t pool_members = pool.instance.members.size();
    Int128 offered = 0;
    for (const AllocationOffer& offer : instance.offers) offered += offer.capacity;
    if (const auto& of = reserved.of_units) offered = *of;
    auto units = static_cast<std::int64_t>(offered * reserved.share.num / reserved.share.den);

    std::vector<AllocationMember> alone = instance.members;
    for (std::size_t m = 0; m < pool_members; ++m) {
        if (!reserved.in_group[m]) alone[m].cap = alone[m].floor;
    }
    const std::vector<std::int64_t> totals =
        TRY(totals_with(instance, std::move(alone), rounding, threads));

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
        units -= held_by(pool, instance, m);
    }
    units = std::max(floors, std::min(units, most));
    detail::apportion(instance.members, UnitOrder(instance.members, rounding), shares, units);
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
        settles_by_need_ = rule.minimums || stages_of(pool, rule).size() > 1;
    }

    Result<Division> run() {
        Division division;
        const std::vector<StageName> stages = stages_of(pool_, rule_);
        for (auto first = stages.begin(); first != stages.end();) {
            const auto next = std::find_if(
                first, stages.end(), [&](const auto& stage) { return stage.tier != first->tier; });
            TRY(run_tier({first, next}, division));
            first = next;
        }
        return division;
    }

private:
    using Order = std::span<const StageName>;

    std::vector<AllocationFlow> flows_before(const Division& division) const {
        if (division.stages.empty()) return {};
        return division.allocation().flows;
    }

    Result<std::vector<Stage>> run_stages(Order order, std::vector<AllocationFlow> before,
                                          std::span<const Index> dropped) const {
        std::vector<Stage> stages;
        stages.reserve(order.size());
        for (const StageName name : order) {
            const StageInstance staged =
                TRY(stage_instance(pool_, rule_, name, before, dropped, threads_));
            Allocation allocation = TRY(allocate(staged.instance, rule_.rounding, threads_));
            if (settles_by_need_) keep_own_order(staged, allocation);
            stages.push_back({name, floors_of(pool_, staged), in_pool(pool_, staged, allocation)});
            before = stages.back().allocation.flows;
        }
        return stages;
    }

    void keep_own_order(const StageInstance& staged, Allocation& allocation) const {
        std::vector<std::uint32_t> own_order;
        own_order.reserve(staged.parts.size());
        for (const StageInstance::Part& part : staged.parts) {
            own_order.push_back(terms_.own_order(part.need));
        }
        fill_in_own_order(staged.instance, own_order, allocation);
    }

    std::uint32_t rank_of(Index need) const {
        return pool_.instance.members[pool_.instance.needs[need].owner].tie_rank;
    }

    /// Needs of the tier that have less than is of use to them, nothing included; by number.
    std::vector<Index> unserved(std::uint32_t tier, std::span<const Index> dropped,
                                const Allocation& allocation) const {
        const std::vector<std::int64_t> given = given_to_needs(pool_, allocation);
        std::vector<Index> found;
        for (Index need = 0; need < given.size(); ++need) {
            if (terms_.tier(need) != tier || terms_.minimum(need) <= given[need]) continue;
            if (std::binary_search(dropped.begin(), dropped.end(), need)) continue;
            found.push_back(need);
        }
        return found;
    }

    /// Which of the needs that are too short to set aside. After single_drops_max it is half of all
    /// that are not served, so that the passes are few whatever the needs.
    std::vector<Index> to_set_aside(std::vector<Index> too_short, std::uint32_t tier,
                                    std::span<const Index> dropped, const Allocation& allocation) {
        const bool singly = dropped_singly_ < single_drops_max;
        std::vector<Index> needs =
            singly ? std::move(too_short) : unserved(tier, dropped, allocation);
        std::sort(needs.begin(), needs.end(), [this](Index a, Index b) {
            return std::tuple(terms_.own_order(a), rank_of(a), a) <
                   std::tuple(terms_.own_order(b), rank_of(b), b);
        });
        const std::size_t count = singly ? 1 : (needs.size() + 1) / 2;
        if (singly) ++dropped_singly_;
        return {needs.end() - static_cast<std::ptrdiff_t>(count), needs.end()};
    }

    Result<> run_tier(Order order, Division& division) {
        const std::vector<AllocationFlow> before = flows_before(division);
        std::vector<Index> dropped;
        std::vector<Stage> stages = TRY(run_stages(order, before, dropped));
        for (;;) {
            const std::vector<Index> too_short =
                short_needs(pool_, terms_, stages.back().allocation);
            if (too_short.empty()) break;
            const std::vector<Index> aside =
                to_set_aside(too_short, order.front().tier, dropped, stages.back().allocation);
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
                       std::vector<Index>& dropped, std::vector<Stage>& stages) {
        std::vector<Index> candidates = dropped;
        std::sort(candidates.begin(), candidates.end(), [this](Index a, Index b) {
            return std::tuple(rank_of(a), terms_.own_order(a), a) <
                   std::tuple(rank_of(b), terms_.own_order(b), b);
        });
        for (const Index need : candidates) {
            if (++tried_again_ > single_drops_max) return {};
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
    bool settles_by_need_ = false;  ///< how much each need has matters, not only each member
    std::size_t dropped_singly_ = 0;
    std::size_t tried_again_ = 0;
};

std::vector<std::int64_t> own_floors(const Pool& pool) {
    std::vector<std::int64_t> floors;
    floors.reserve(pool.instance.members.size());
    for (const AllocationMember& member : pool.instance.members) floors.push_back(member.floor);
    return floors;
}

/// The pairs of the last stage give way to those of least cost.
Result<> set_least_cost(const Pool& pool, const DivisionRule& rule, Division& division) {
    if (!pool.costs) return {};
    division.prices = TRY(choose_pairs(priced_pool(pool, rule), division.stages.back().allocation));
    return {};
}

Result<> check_prices(const Pool& pool, const DivisionRule& rule, const Division& division) {
    if (!pool.costs && !division.prices) return {};
    if (!pool.costs || !division.prices) {
        return Error{
            Code::invalid, "exchange/bad-prices",
            "Prices stand beside a division if, and only if, its pairs are to cost least."};
    }
    const auto fault =
        price_fault(priced_pool(pool, rule), division.allocation(), *division.prices);
    if (!fault) return {};
    std::string where;
    if (fault->member) where += ", member " + pool.instance.members[*fault->member].name;
    if (fault->need) where += ", need number " + std::to_string(*fault->need);
    if (fault->offer) where += ", offer number " + std::to_string(*fault->offer);
    return Error{Code::invalid, "exchange/bad-prices",
                 "The prices fail at P" + std::to_string(fault->condition) + where + ": it " +
                     fault->what + "."};
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

PricedPool priced_pool(const Pool& pool, const DivisionRule& rule) {
    COMITY_CHECK(pool.costs.has_value());
    const Terms terms(pool, rule);
    PricedPool priced{.instance = pool.instance,
                      .costs = *pool.costs,
                      .parts = {},
                      .by_need = rule.minimums || stages_of(pool, rule).size() > 1};
    for (Index need = 0; need < pool.instance.needs.size(); ++need) {
        for (std::uint32_t choice = 0; choice < terms.choices(need); ++choice) {
            priced.parts.push_back({need, terms.list(need, choice)});
        }
    }
    return priced;
}

std::vector<StageName> stages_of(const Pool& pool, const DivisionRule& rule) {
    const Terms terms(pool, rule);
    std::vector<std::size_t> choices;  // of each tier: the most that a need has; 0: no need
    for (Index need = 0; need < pool.terms.size(); ++need) {
        if (terms.tier(need) >= choices.size()) choices.resize(terms.tier(need) + std::size_t{1});
        choices[terms.tier(need)] = std::max(choices[terms.tier(need)], terms.choices(need));
    }
    std::vector<StageName> stages;
    for (std::uint32_t tier = 0; tier < choices.size(); ++tier) {
        for (std::uint32_t choice = 0; choice < choices[tier]; ++choice) {
            stages.push_back({tier, choice});
        }
    }
    if (stages.empty()) stages.emplace_back();
    return stages;
}

Result<StageInstance> stage_instance(const Pool& pool, const DivisionRule& rule, StageName name,
                                     std::span<const AllocationFlow> before,
                                     std::span<const Index> dropped, unsigned threads) {
    const Terms terms(pool, rule);
    const Settled settled = TRY(settled_parts(pool, terms, name, before));
    StageInstance staged;
    staged.instance.offers = pool.instance.offers;
    staged.instance.lawful_begin = pool.instance.lawful_begin;
    staged.instance.lawful_offers = pool.instance.lawful_offers;
    TRY(enter_members(pool, settled, staged.instance));
    TRY(enter_needs(pool, terms, name, settled, dropped, staged));
    if (rule.one_each) TRY(set_one_each(pool, staged.instance, threads));
    if (const auto& reserved = rule.reserved) {
        TRY(set_reserved(pool, staged.instance, *reserved, rule.rounding, threads));
    }
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
    Division division;
    if (is_plain(pool, rule)) {
        Allocation allocation = TRY(allocate(pool.instance, rule.rounding, threads));
        division.stages.push_back(
            {stages_of(pool, rule).front(), own_floors(pool), std::move(allocation)});
    } else {
        division = TRY(Divider(pool, rule, threads).run());
    }
    TRY(set_least_cost(pool, rule, division));
    return division;
}

Result<> set_floors(const Pool& pool, const DivisionRule& rule, Division& division) {
    std::span<const AllocationFlow> before;
    for (Stage& stage : division.stages) {
        if (is_plain(pool, rule)) {
            stage.floors = own_floors(pool);
        } else {
            const StageInstance staged =
                TRY(stage_instance(pool, rule, stage.name, before, division.dropped));
            stage.floors = floors_of(pool, staged);
        }
        before = stage.allocation.flows;
    }
    return {};
}

Result<> check_division(const Pool& pool, const DivisionRule& rule, const Division& division) {
    TRY(check_pool(pool, rule));
    const std::vector<StageName> stages = stages_of(pool, rule);
    const bool fits =
        std::equal(stages.begin(), stages.end(), division.stages.begin(), division.stages.end(),
                   [](StageName a, const Stage& b) { return a == b.name; });
    if (!fits) return bad_stage("they are not those of the rule.");
    const Terms terms(pool, rule);
    const auto may_be_dropped = [&](Index need) {
        return need < pool.instance.needs.size() && terms.minimum(need) > 1;
    };
    const bool dropped_fit =
        std::is_sorted(division.dropped.begin(), division.dropped.end(), std::less_equal<>()) &&
        std::all_of(division.dropped.begin(), division.dropped.end(), may_be_dropped);
    if (!dropped_fit) return bad_stage("the list of needs set aside is not one.");
    if (is_plain(pool, rule)) {
        const Stage& only = division.stages.front();
        if (only.floors != own_floors(pool)) return bad_stage("a floor is not the member's.");
        TRY(check_certificate(pool.instance, rule.rounding, only.allocation));
        return check_prices(pool, rule, division);
    }
    std::span<const AllocationFlow> before;
    for (const Stage& stage : division.stages) {
        const StageInstance staged =
            TRY(stage_instance(pool, rule, stage.name, before, division.dropped));
        if (stage.floors != floors_of(pool, staged)) return bad_stage("a floor is not the rule's.");
        TRY(check_stage(pool, rule, staged, stage.allocation));
        before = stage.allocation.flows;
    }
    if (!short_needs(pool, terms, division.allocation()).empty()) {
        return bad_stage("a need keeps fewer units than are of use to it.");
    }
    return check_prices(pool, rule, division);
}

}  // namespace comity::exchange
