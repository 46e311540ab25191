// SPDX-License-Identifier: Apache-2.0
#include "exchange/division.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <span>
#include <tuple>

#include "exchange/allocation_oracle.h"
#include "exchange/certificate.h"

namespace comity::exchange {

namespace {

using oracle::Totals;

/// One need of each member, all able to use all offers.
Pool pool_of_needs(const std::vector<std::int64_t>& quantities,
                   const std::vector<std::int64_t>& offers) {
    Pool pool;
    for (Index m = 0; m < quantities.size(); ++m) {
        pool.instance.members.push_back(
            {.name = std::string(1, static_cast<char>('A' + m)), .tie_rank = m});
        pool.instance.needs.push_back({m, quantities[m]});
        pool.instance.lawful_list.push_back(0);
    }
    for (Index o = 0; o < offers.size(); ++o) {
        pool.instance.offers.push_back({offers[o]});
        pool.instance.lawful_offers.push_back(o);
    }
    pool.instance.lawful_begin.push_back(static_cast<Index>(offers.size()));
    pool.terms.resize(quantities.size());
    return pool;
}

/// Adds a list of offers; returns its number.
Index add_list(Pool& pool, const std::vector<Index>& offers) {
    AllocationInstance& instance = pool.instance;
    instance.lawful_offers.insert(instance.lawful_offers.end(), offers.begin(), offers.end());
    instance.lawful_begin.push_back(static_cast<Index>(instance.lawful_offers.size()));
    return instance.list_count() - 1;
}

Totals totals_of(const Pool& pool, const DivisionRule& rule) {
    const Result<Division> division = divide(pool, rule);
    EXPECT_TRUE(division) << division.error().message;
    if (!division) return {};
    const Result<> checked = check_division(pool, rule, *division);
    EXPECT_TRUE(checked) << checked.error().message;
    return division->allocation().totals;
}

std::vector<std::int64_t> given(const Pool& pool, const Allocation& allocation) {
    std::vector<std::int64_t> units(pool.instance.needs.size());
    for (const AllocationFlow& flow : allocation.flows) units[flow.need] += flow.units;
    return units;
}

std::string_view reason_of(const Pool& pool, const DivisionRule& rule) {
    const Result<Division> division = divide(pool, rule);
    return division ? std::string_view("") : division.error().reason;
}

/// A pool with tiers, choices and least quantities, without floors of members.
Pool random_pool(std::mt19937& random, const DivisionRule& rule) {
    const auto below = [&random](std::uint32_t n) {
        return static_cast<std::uint32_t>(random() % n);
    };
    Pool pool;
    pool.instance = oracle::random_instance(random, {});
    AllocationInstance& instance = pool.instance;
    for (AllocationMember& member : instance.members) member.floor = 0;
    instance.lawful_list.clear();
    const Index lists = instance.list_count();
    for (Index need = 0; need < instance.needs.size(); ++need) instance.lawful_list.push_back(need);
    for (Index need = 0; need < instance.needs.size(); ++need) {
        NeedTerms terms{.minimum = 0, .own_order = below(3), .tier = below(3), .choices = {}};
        const auto quantity = static_cast<std::uint32_t>(instance.needs[need].quantity);
        if (rule.minimums && below(2) == 0) terms.minimum = below(quantity + 1);
        if (rule.by_choice && below(3) != 0) {
            std::array<std::vector<Index>, 3> parts;
            for (const Index offer : instance.lawful(need)) parts.at(below(3)).push_back(offer);
            for (const std::vector<Index>& part : parts) {
                terms.choices.push_back(add_list(pool, part));
            }
        }
        pool.terms.push_back(std::move(terms));
    }
    EXPECT_GE(instance.list_count(), lists);
    return pool;
}

DivisionRule random_rule(std::mt19937& random) {
    DivisionRule rule{.rounding = static_cast<Rounding>(random() % 5),
                      .one_each = random() % 3 == 0,
                      .reserved = {},
                      .by_choice = random() % 2 == 0,
                      .minimums = random() % 2 == 0};
    if (random() % 3 == 0) {
        rule.reserved = ReservedShare{*Rational::make(static_cast<int>(random() % 5), 4), {}};
    }
    return rule;
}

/// The totals of a stage by the rule's definition: units settled before are members of their own
/// whose floor is their cap. Written without division.cpp.
std::optional<Totals> slow_stage(const Pool& pool, const DivisionRule& rule, const Stage& stage,
                                 const Stage* before, const std::set<Index>& dropped) {
    AllocationInstance instance;
    const AllocationInstance& whole = pool.instance;
    instance.offers = whole.offers;
    const auto members = static_cast<Index>(whole.members.size());
    for (Index m = 0; m < 2 * members; ++m) {
        instance.members.push_back(whole.members[m % members]);
        if (m >= members) instance.members.back().cap = 0;
        instance.members.back().tie_rank += m < members ? 0 : members;
    }
    const auto enter = [&](Index owner, std::int64_t quantity, const std::set<Index>& offers) {
        instance.needs.push_back({owner, quantity});
        instance.lawful_offers.insert(instance.lawful_offers.end(), offers.begin(), offers.end());
        instance.lawful_begin.push_back(static_cast<Index>(instance.lawful_offers.size()));
    };
    for (Index need = 0; need < whole.needs.size(); ++need) {
        const NeedTerms& terms = pool.terms[need];
        std::vector<std::set<Index>> choices;
        if (rule.by_choice) {
            for (const Index list : terms.choices) {
                const auto offers = whole.list(list);
                choices.emplace_back(offers.begin(), offers.end());
            }
        }
        if (choices.empty()) {
            choices.emplace_back(whole.lawful(need).begin(), whole.lawful(need).end());
        }
        const Index owner = whole.needs[need].owner;
        std::int64_t open = dropped.contains(need) ? 0 : whole.needs[need].quantity;
        for (const std::set<Index>& offers : choices) {
            std::int64_t units = 0;
            for (const AllocationFlow& flow :
                 before == nullptr ? std::vector<AllocationFlow>{} : before->allocation.flows) {
                if (flow.need == need && offers.contains(flow.offer)) units += flow.units;
            }
            if (units == 0) continue;
            open -= units;
            enter(members + owner, units, offers);
            AllocationMember& settled = instance.members[members + owner];
            settled.floor += units;
            settled.cap = settled.floor;
            instance.members[owner].cap -= units;
            instance.members[owner].carry_over += units;
        }
        if (terms.tier == stage.name.tier && stage.name.choice < choices.size()) {
            enter(owner, open, choices[stage.name.choice]);
        }
    }
    const auto has = [&](Index m) { return instance.members[members + m].cap; };
    if (rule.one_each) {
        AllocationInstance once = instance;
        for (Index m = 0; m < members; ++m) {
            once.members[m].cap = std::min<std::int64_t>(once.members[m].cap, has(m) > 0 ? 0 : 1);
        }
        const auto totals = oracle::greedy(once, Rounding::serial);
        if (!totals) return std::nullopt;
        for (Index m = 0; m < members; ++m) instance.members[m].floor = (*totals)[m];
    }
    if (rule.reserved) {
        // One more unit of the share at a time, as long as the group can have it.
        AllocationInstance alone = instance;
        std::int64_t offered = 0;
        std::int64_t held = 0;
        for (const AllocationOffer& offer : instance.offers) offered += offer.capacity;
        for (Index m = 0; m < members; ++m) {
            if (rule.reserved->in_group[m]) {
                held += has(m) + instance.members[m].floor;
            } else {
                alone.members[m].cap = alone.members[m].floor;
            }
        }
        const std::int64_t share = offered * rule.reserved->share.num / rule.reserved->share.den;
        for (std::int64_t extra = held; extra < share; ++extra) {
            // Who comes next is who has more when the pool could give the group one unit more; a
            // cap on the last unit is what the order says.
            const auto all = oracle::greedy(alone, rule.rounding);
            if (!all) return std::nullopt;
            std::optional<Index> next;
            const auto key_is_less = [&](Index a, Index b) {
                AllocationInstance two;
                for (const Index m : {a, b}) {
                    AllocationMember member = instance.members[m];
                    member.carry_over += member.floor;
                    member.floor = 0;
                    member.cap = 1;
                    two.members.push_back(member);
                    two.needs.push_back({static_cast<Index>(two.members.size() - 1), 1});
                    two.lawful_offers.push_back(0);
                    two.lawful_begin.push_back(static_cast<Index>(two.lawful_offers.size()));
                }
                two.offers.push_back({1});
                return oracle::greedy(two, rule.rounding)->front() == 1;
            };
            for (Index m = 0; m < members; ++m) {
                if (!rule.reserved->in_group[m] || instance.members[m].floor >= (*all)[m]) continue;
                if (!next || key_is_less(m, *next)) next = m;
            }
            if (!next) break;
            ++instance.members[*next].floor;
        }
    }
    auto totals = oracle::greedy(instance, rule.rounding);
    if (!totals) return std::nullopt;
    for (Index m = 0; m < members; ++m) (*totals)[m] += (*totals)[members + m];
    totals->resize(members);
    return totals;
}

}  // namespace

TEST(Division, OneEachComesBeforeWeights) {
    Pool pool = pool_of_needs({10, 10, 10}, {4});
    pool.instance.members[0].weight = 100;
    EXPECT_EQ(totals_of(pool, {}), (Totals{4, 0, 0}));
    EXPECT_EQ(totals_of(pool, {.one_each = true}), (Totals{2, 1, 1}));
    // Fewer units than members: the lottery says who.
    pool.instance.offers[0].capacity = 2;
    std::swap(pool.instance.members[0].tie_rank, pool.instance.members[2].tie_rank);
    EXPECT_EQ(totals_of(pool, {.one_each = true}), (Totals{0, 1, 1}));
}

TEST(Division, AReservedShareGoesToTheGroupAsFarAsItCanUseIt) {
    Pool pool = pool_of_needs({50, 5, 50, 50, 50}, {100});
    for (Index m = 2; m < 5; ++m) pool.instance.members[m].weight = 10;
    const ReservedShare reserved{*Rational::make(2, 5), {true, true, false, false, false}};
    EXPECT_EQ(totals_of(pool, {.reserved = reserved}), (Totals{35, 5, 20, 20, 20}));
    pool.instance.needs[0].quantity = 10;
    EXPECT_EQ(totals_of(pool, {.reserved = reserved}), (Totals{10, 5, 29, 28, 28}));
}

TEST(Division, TiersAreServedOneAfterTheOther) {
    // B's need is urgent. A would have half of X without tiers.
    Pool pool = pool_of_needs({8, 8}, {8, 4});
    pool.instance.lawful_list = {1, 2};
    add_list(pool, {0});
    add_list(pool, {0, 1});
    EXPECT_EQ(totals_of(pool, {}), (Totals{6, 6}));
    pool.terms[0].tier = 1;
    // B is served in full, but may be moved to Y, which A cannot use.
    EXPECT_EQ(totals_of(pool, {}), (Totals{4, 8}));
}

TEST(Division, ASecondChoiceIsOpenedOnlyForWhatTheFirstLeft) {
    Pool pool = pool_of_needs({4, 4}, {4, 6});
    const Index x = add_list(pool, {0});
    const Index y = add_list(pool, {1});
    pool.terms[0].choices = {x, y};
    pool.terms[1].choices = {x, y};
    const Division division = *divide(pool, {.by_choice = true});
    ASSERT_EQ(division.stages.size(), 2U);
    EXPECT_EQ(division.stages[0].allocation.totals, (Totals{2, 2}));
    EXPECT_EQ(division.allocation().totals, (Totals{4, 4}));
    EXPECT_EQ(division.allocation().flows,
              (std::vector<AllocationFlow>{{0, 0, 2}, {0, 1, 2}, {1, 0, 2}, {1, 1, 2}}));
    EXPECT_TRUE(check_division(pool, {.by_choice = true}, division));
}

TEST(Division, NobodyIsLeftWithLessThanIsOfUse) {
    // Three want 4 and can use no less; there are 9: two are served, by lottery, not three with 3.
    Pool pool = pool_of_needs({4, 4, 4}, {9});
    for (NeedTerms& terms : pool.terms) terms.minimum = 4;
    EXPECT_EQ(totals_of(pool, {}), (Totals{3, 3, 3}));
    EXPECT_EQ(totals_of(pool, {.minimums = true}), (Totals{4, 4, 0}));
    EXPECT_EQ(divide(pool, {.minimums = true})->dropped, (std::vector<Index>{2}));
    std::swap(pool.instance.members[0].tie_rank, pool.instance.members[2].tie_rank);
    EXPECT_EQ(totals_of(pool, {.minimums = true}), (Totals{0, 4, 4}));
}

TEST(Division, AMemberFillsItsNeedsInItsOwnOrder) {
    // A has two needs with a least quantity of 4 and gets 6 units.
    Pool pool = pool_of_needs({5, 6}, {6, 6});
    pool.instance.needs.insert(pool.instance.needs.begin() + 1, {0, 5});
    pool.instance.lawful_list = {1, 2, 3};
    add_list(pool, {0});
    add_list(pool, {0, 1});
    add_list(pool, {1});
    pool.terms = {{.minimum = 4, .own_order = 2}, {.minimum = 4, .own_order = 1}, {}};
    const Division division = *divide(pool, {.minimums = true});
    EXPECT_EQ(given(pool, division.allocation()), (std::vector<std::int64_t>{0, 5, 6}));
    EXPECT_EQ(division.dropped, (std::vector<Index>{0}));
    pool.terms[0].own_order = 0;
    EXPECT_EQ(given(pool, divide(pool, {.minimums = true})->allocation()),
              (std::vector<std::int64_t>{5, 0, 6}));
}

TEST(Division, ANeedComesBackIfItTakesFromNobody) {
    // 2 each is too little for all. C goes first, last in the lottery; then A is still short of its
    // 4 and goes too; what that leaves is enough for C again.
    Pool pool = pool_of_needs({4, 3, 3}, {6});
    for (Index need = 0; need < 3; ++need) {
        pool.terms[need].minimum = pool.instance.needs[need].quantity;
    }
    EXPECT_EQ(totals_of(pool, {.minimums = true}), (Totals{0, 3, 3}));
    EXPECT_EQ(divide(pool, {.minimums = true})->dropped, (std::vector<Index>{0}));
}

TEST(Division, EveryStageEqualsTheObviousMethodOnTwentyThousandSmallPools) {
    std::mt19937 random(20261125);
    std::size_t several = 0;
    std::size_t dropping = 0;
    for (int round = 0; round < 20'000; ++round) {
        DivisionRule rule = random_rule(random);
        const Pool pool = random_pool(random, rule);
        if (rule.reserved) {
            for (std::size_t m = 0; m < pool.instance.members.size(); ++m) {
                rule.reserved->in_group.push_back(random() % 2 == 0);
            }
        }
        const Result<Division> division = divide(pool, rule);
        ASSERT_TRUE(division) << "round " << round << ": " << division.error().message;
        const Result<> checked = check_division(pool, rule, *division);
        ASSERT_TRUE(checked) << "round " << round << ": " << checked.error().message;
        const std::set<Index> dropped(division->dropped.begin(), division->dropped.end());
        const Stage* before = nullptr;
        for (const Stage& stage : division->stages) {
            ASSERT_EQ(slow_stage(pool, rule, stage, before, dropped), stage.allocation.totals)
                << "round " << round << " tier " << stage.name.tier << " choice "
                << stage.name.choice;
            before = &stage;
        }
        several += division->stages.size() > 1 ? 1U : 0U;
        dropping += dropped.empty() ? 0U : 1U;
        ASSERT_EQ(*divide(pool, rule, 8), *division) << "round " << round;
    }
    EXPECT_GT(several, 10'000U);
    EXPECT_GT(dropping, 500U);
}

TEST(Division, AFloorThatTheRuleDoesNotSetIsRefused) {
    const Pool pool = pool_of_needs({4, 4}, {4});
    for (const DivisionRule& rule : {DivisionRule{}, DivisionRule{.one_each = true}}) {
        Division division = *divide(pool, rule);
        ASSERT_TRUE(check_division(pool, rule, division));
        ++division.stages.front().floors.front();
        EXPECT_EQ(check_division(pool, rule, division).error().reason, "exchange/bad-stage");
    }
}

TEST(Division, EveryBentStageIsRefused) {
    std::mt19937 random(11);
    int bent = 0;
    for (int round = 0; round < 2'000; ++round) {
        const DivisionRule rule{.by_choice = true};
        const Pool pool = random_pool(random, rule);
        Division division = *divide(pool, rule);
        Stage& stage = division.stages[random() % division.stages.size()];
        if (stage.allocation.flows.empty()) continue;
        ++bent;
        AllocationFlow& flow = stage.allocation.flows[random() % stage.allocation.flows.size()];
        --flow.units;
        --stage.allocation.totals[pool.instance.needs[flow.need].owner];
        if (flow.units == 0) std::erase(stage.allocation.flows, flow);
        EXPECT_FALSE(check_division(pool, rule, division)) << "round " << round;
    }
    EXPECT_GT(bent, 1'000);
}

TEST(Division, TheOwnOrderCannotBeServedBetter) {
    std::mt19937 random(3);
    int moved = 0;
    for (int round = 0; round < 5'000; ++round) {
        AllocationInstance instance = oracle::random_instance(random, {});
        const Result<Allocation> before = allocate(instance, Rounding::sainte_lague);
        if (!before) continue;
        std::vector<std::uint32_t> order;
        for (std::size_t j = 0; j < instance.needs.size(); ++j)
            order.push_back(static_cast<std::uint32_t>(random() % 3));
        Allocation after = *before;
        fill_in_own_order(instance, order, after);
        ASSERT_TRUE(check_certificate(instance, Rounding::sainte_lague, after)) << round;
        moved += after == *before ? 0 : 1;

        // Every need as a member of its own: whether exactly these quantities can flow.
        AllocationInstance by_need = instance;
        Totals units(instance.needs.size());
        by_need.members.assign(instance.needs.size(), {});
        for (Index j = 0; j < instance.needs.size(); ++j) by_need.needs[j].owner = j;
        for (const AllocationFlow& flow : after.flows) units[flow.need] += flow.units;
        ASSERT_TRUE(oracle::can_be_had(by_need, units));
        for (Index a = 0; a < units.size(); ++a) {
            for (Index b = 0; b < units.size(); ++b) {
                const bool later = instance.needs[a].owner == instance.needs[b].owner &&
                                   std::pair(order[a], a) < std::pair(order[b], b);
                if (!later || units[b] == 0 || units[a] == instance.needs[a].quantity) continue;
                Totals better = units;
                ++better[a];
                --better[b];
                EXPECT_FALSE(oracle::can_be_had(by_need, better)) << "round " << round;
            }
        }
    }
    EXPECT_GT(moved, 200);
}

TEST(Division, WhichNeedIsSettledFollowsTheMembersOrderAndNotTheIds) {
    // One unit of X and one of Y; one need may use either, the other only X.
    for (const bool flexible_first : {true, false}) {
        Pool pool = pool_of_needs({1}, {1, 1});
        pool.instance.needs.push_back({0, 1});
        const Index x = add_list(pool, {0});
        const Index y = add_list(pool, {1});
        const Index flexible = flexible_first ? 0 : 1;
        pool.instance.lawful_list = {x, x};
        pool.instance.lawful_list[flexible] = 0;
        pool.terms.assign(2, {});
        pool.terms[flexible].choices = {x, y};
        pool.terms[1 - flexible].choices = {x};
        pool.terms[flexible].own_order = 2;
        pool.terms[1 - flexible].own_order = 1;
        EXPECT_EQ(totals_of(pool, {.by_choice = true}), Totals{2});
        std::swap(pool.terms[0].own_order, pool.terms[1].own_order);
        EXPECT_EQ(totals_of(pool, {.by_choice = true}), Totals{1});
    }
}

TEST(Division, OnlyANeedWithALeastQuantityMayBeSetAside) {
    Pool pool = pool_of_needs({4, 4}, {4});
    Division claimed = *divide(pool, {.minimums = true});
    claimed.dropped = {0};
    claimed.stages.back().allocation = {
        .flows = {{1, 0, 4}}, .totals = {0, 4}, .certificate = {free_offer}};
    EXPECT_FALSE(check_division(pool, {.minimums = true}, claimed));
}

TEST(Division, WhatIsHeldFromBeforeCountsInFloorsThatTheRuleSets) {
    Pool pool = pool_of_needs({10, 10}, {1});
    pool.instance.members[0].carry_over = 5;
    EXPECT_EQ(totals_of(pool, {.one_each = true}), (Totals{1, 0}));
    pool.held = {5, 0};
    EXPECT_EQ(totals_of(pool, {.one_each = true}), (Totals{0, 1}));
    pool.instance.offers[0].capacity = 4;
    const DivisionRule reserving{.reserved = ReservedShare{{1, 2}, {true, false}, 12}};
    EXPECT_EQ(totals_of(pool, reserving), (Totals{1, 3})) << "5 of its 6 it has already";
}

TEST(Division, NeedsThatCanNeverBeServedEndInFewPasses) {
    // One member, so that one need at a time is short.
    Pool pool = pool_of_needs(std::vector<std::int64_t>(4'000, 10), {5});
    for (AllocationNeed& need : pool.instance.needs) need.owner = 0;
    for (NeedTerms& terms : pool.terms) terms.minimum = 10;
    const Result<Division> division = divide(pool, {.minimums = true});
    ASSERT_TRUE(division) << division.error().message;
    EXPECT_EQ(division->allocation().totals.front(), 0);
    EXPECT_TRUE(check_division(pool, {.minimums = true}, *division));
}

TEST(Division, RefusesTermsThatDoNotHold) {
    Pool pool = pool_of_needs({4, 4}, {4});
    pool.terms[0].minimum = 5;
    EXPECT_EQ(reason_of(pool, {}), "exchange/bad-terms");
    pool.terms[0] = {.tier = tiers_max};
    EXPECT_EQ(reason_of(pool, {}), "exchange/bad-terms");
    pool.terms[0] = {.choices = {0, 0}};
    EXPECT_EQ(reason_of(pool, {}), "exchange/bad-terms");
    pool.terms[0] = {.choices = {7}};
    EXPECT_EQ(reason_of(pool, {}), "exchange/bad-terms");
    pool.terms[0] = {.tier = 1};
    EXPECT_EQ(reason_of(pool, {}), "");
    pool.instance.members[0].floor = 1;
    EXPECT_EQ(reason_of(pool, {}), "exchange/floors-in-stages");
    EXPECT_EQ(reason_of(pool, {.reserved = ReservedShare{{1, 2}, {true}}}), "exchange/bad-terms");
    pool.terms.pop_back();
    EXPECT_EQ(reason_of(pool, {}), "exchange/bad-terms");
}

TEST(Division, ManyNeedsThatAreTooShortEndInTime) {
    Pool pool = pool_of_needs(std::vector<std::int64_t>(3'000, 2), {3'100});
    for (NeedTerms& terms : pool.terms) terms.minimum = 2;
    const Result<Division> division = divide(pool, {.minimums = true});
    ASSERT_TRUE(division) << division.error().message;
    EXPECT_TRUE(check_division(pool, {.minimums = true}, *division));
    EXPECT_EQ(division->dropped.size(), 3'000U - 3'100 / 2) << "all units that can be of use are";
}

}  // namespace comity::exchange
