// SPDX-License-Identifier: Apache-2.0
//
// How we trust the ledger: measures by hand and against the definition over all pairs, and a story
// in which every member stops at another point on the way to benefit.

#include "exchange/benefit.h"

#include <gtest/gtest.h>

#include <random>

#include "exchange/allocation.h"
#include "exchange/exchange_world.h"

namespace comity::exchange {
namespace {

TEST(Benefit, GiniOfSmallCasesByHand) {
    const auto of = [](std::vector<WeightedAmount> amounts) { return gini(amounts).text(); };
    EXPECT_EQ(of({}), "0");
    EXPECT_EQ(of({{0}, {0}}), "0");
    EXPECT_EQ(of({{5}}), "0");
    EXPECT_EQ(of({{3}, {3}, {3}}), "0");
    EXPECT_EQ(of({{0}, {1}}), "1/2");
    EXPECT_EQ(of({{0}, {0}, {0}, {8}}), "3/4");
    EXPECT_EQ(of({{1}, {2}, {3}}), "2/9");  // |1-2| + |1-3| + |2-3| = 4, over 3 * 6
    EXPECT_EQ(of({{2, 1}, {4, 2}, {6, 3}}), "0") << "the same for each weight";
    EXPECT_EQ(of({{0, 1}, {4, 3}}), "1/4");  // |0 * 3 - 4 * 1| over 4 * 4
}

TEST(Benefit, GiniIsTheSumOverAllPairs) {
    std::mt19937 random(3);
    std::uniform_int_distribution<int> amount(0, 50);
    std::uniform_int_distribution<int> weight(1, 9);
    for (int run = 0; run < 500; ++run) {
        std::vector<WeightedAmount> amounts(static_cast<std::size_t>(1 + run % 9));
        std::int64_t differences = 0;
        std::int64_t total = 0;
        std::int64_t weights = 0;
        for (WeightedAmount& entry : amounts) entry = {amount(random), weight(random)};
        for (const WeightedAmount& a : amounts) {
            total += a.amount;
            weights += a.weight;
            for (const WeightedAmount& b : amounts) {
                differences += std::abs(a.amount * b.weight - b.amount * a.weight);
            }
        }
        if (total == 0) continue;
        EXPECT_EQ(gini(amounts), Rational::make(differences, 2 * total * weights).value());
    }
}

TEST(Benefit, GiniOfTheLargestAmountsStaysInRange) {
    const std::vector<WeightedAmount> amounts = {
        {units_max, 1}, {units_max - 1, 7}, {3, std::int64_t{1} << 40}};
    const Rational measured = gini(amounts);
    EXPECT_GT(measured, (Rational{9, 10}));
    EXPECT_LT(measured, (Rational{1, 1}));
}

TEST(Benefit, MinAndMedianAreExact) {
    EXPECT_EQ(equality_of({4, 1, 9}).median.text(), "4");
    EXPECT_EQ(equality_of({4, 1, 9, 5}).median.text(), "9/2");
    EXPECT_EQ(equality_of({4, 1, 9, 5}).min, 1);
    EXPECT_EQ(equality_of({4, 1, 9, 5}).total, 19);
    EXPECT_EQ(equality_of({7}).median.text(), "7");
}

/// arda confirms, bela says nothing arrived, cira refuses, dova is blocked, enna asks for nothing.
World told() {
    World world;
    EXPECT_EQ(world.adopt(equal_rule()), "adopted");
    world.restrictions = {{"ban", "course", "XAD"}};
    world.must("maker", offer_of("o1", 12));
    world.must("arda", need_of("n1", "XAA", 4));
    world.must("bela", need_of("n2", "XAB", 4));
    world.must("cira", need_of("n3", "XAC", 4));
    world.must("dova", need_of("n4", "XAD", 4));
    world.must("maker", round_of("r1"));
    freeze_and_draw(world);
    world.must("arda", acceptance_of("r1", "n1", 4));
    world.must("bela", acceptance_of("r1", "n2", 3));
    world.must("cira", acceptance_of("r1", "n3", 0));
    world.must("maker", delivery_of("d1", "r1", "o1", "n1", 4));
    world.must("maker", delivery_of("d2", "r1", "o1", "n2", 2));
    world.must("arda", confirmation_of("d1", 3));
    world.must("bela", confirmation_of("d2", 0));
    return world;
}

BenefitQuestion question() {
    return {id<institution::UnitId>("place"), id<institution::ClassId>("state"), {}, {}, {}};
}

TEST(Benefit, FollowsEachMemberFromAskingToBenefit) {
    const World world = told();
    const auto ledger = benefit(world.exchange, world.institution, question());
    ASSERT_TRUE(ledger);
    const std::vector<MemberBenefit> expected = {{member("arda"), 4, 4, 4, 4, 3, 1},
                                                 {member("bela"), 4, 4, 3, 2, 0, 2},
                                                 {member("cira"), 4, 4, 0, 0, 0, 0},
                                                 {member("dova"), 4, 0, 0, 0, 0, 0},
                                                 {member("enna"), 0, 0, 0, 0, 0, 0}};
    EXPECT_EQ(ledger->members, expected);
    EXPECT_EQ(ledger->among_askers->members, 4U);
    EXPECT_EQ(ledger->among_askers->gini.text(), "3/4");
    EXPECT_EQ(ledger->among_all->members, 5U);
    EXPECT_EQ(ledger->among_all->gini.text(), "4/5");
    EXPECT_EQ(ledger->among_all->min, 0);
    EXPECT_FALSE(ledger->gini_per_weight);
}

/// told(), where the first two have signed, cira observes, and the rest have no status.
World with_statuses() {
    World world = told();
    using institution::StatusId;
    const auto give = [&](std::string_view name, std::string_view status) {
        institution::RecordedStatus record;
        record.change.status = id<StatusId>(status);
        record.change.from = day("2026-01-01");
        world.institution.members.at(member(name)).history.push_back(record);
    };
    give("arda", "signatory");
    give("bela", "signatory");
    give("cira", "observer");
    auto& charter = world.institution.charter;
    charter.statuses = {{id<StatusId>("signatory"), {}}, {id<StatusId>("observer"), {}}};
    charter.organs.push_back({id<institution::OrganId>("council"),
                              {},
                              {id<institution::ClassId>("state")},
                              {id<StatusId>("signatory")}});
    return world;
}

TEST(Benefit, MeasuresOnlyTheStatusesAskedForAndListsTheOthersApart) {
    const World world = with_statuses();
    BenefitQuestion asked = question();
    asked.statuses = deciding_statuses(world.institution, asked.member_class);
    const auto ledger = benefit(world.exchange, world.institution, asked);
    ASSERT_TRUE(ledger);
    ASSERT_EQ(ledger->members.size(), 2U);
    EXPECT_EQ(ledger->members[1].status, id<institution::StatusId>("signatory"));
    EXPECT_EQ(ledger->among_all->members, 2U);
    EXPECT_EQ(ledger->among_all->gini.text(), "1/2");
    ASSERT_EQ(ledger->zero_receivers.size(), 1U) << "cira and dova are no signatories";
    EXPECT_EQ(ledger->zero_receivers[0].member, member("bela"));
    ASSERT_EQ(ledger->others.size(), 3U);
    EXPECT_EQ(ledger->others[0].member, member("cira"));
    EXPECT_EQ(ledger->others[0].status, id<institution::StatusId>("observer"));
    EXPECT_EQ(ledger->others[0].allocated, 4);
    EXPECT_FALSE(ledger->others[1].status);
    EXPECT_FALSE(deciding_statuses(world.institution, id<institution::ClassId>("company")));
    asked.statuses->insert(id<institution::StatusId>("guest"));
    EXPECT_EQ(benefit(world.exchange, world.institution, asked).error().reason,
              "exchange/unknown-status");
}

TEST(Benefit, SaysWhyAMemberThatAskedHasNothing) {
    const World world = told();
    const auto ledger = benefit(world.exchange, world.institution, question());
    ASSERT_TRUE(ledger);
    ASSERT_EQ(ledger->zero_receivers.size(), 3U) << "enna did not ask";
    EXPECT_EQ(ledger->zero_receivers[0].cause, ZeroCause::not_delivered);
    EXPECT_EQ(ledger->zero_receivers[1].cause, ZeroCause::not_accepted);
    EXPECT_EQ(ledger->zero_receivers[2].cause, ZeroCause::allocated_nothing);
    EXPECT_EQ(ledger->zero_receivers[2].reason, Reason::none_lawful);
    EXPECT_EQ(ledger->zero_receivers[2].need, id<NeedId>("n4"));
}

TEST(Benefit, NamesEachStopOnTheWay) {
    World world;
    EXPECT_EQ(world.adopt(equal_rule()), "adopted");
    const auto cause = [&] {
        const auto ledger = benefit(world.exchange, world.institution, question());
        return ledger->zero_receivers.empty() ? std::optional<ZeroCause>()
                                              : ledger->zero_receivers.front().cause;
    };
    EXPECT_EQ(cause(), std::nullopt);
    world.must("maker", offer_of("o1", 12));
    world.must("arda", need_of("n1", "XAA", 4));
    EXPECT_EQ(cause(), ZeroCause::not_in_round);
    world.must("maker", round_of("r1"));
    freeze_and_draw(world);
    EXPECT_EQ(cause(), ZeroCause::awaiting_answer);
    world.must("arda", acceptance_of("r1", "n1", 4));
    EXPECT_EQ(cause(), ZeroCause::awaiting_delivery);
    world.must("maker", delivery_of("d1", "r1", "o1", "n1", 2));
    EXPECT_EQ(cause(), ZeroCause::awaiting_confirmation);
    world.must("arda", confirmation_of("d1", 0));
    EXPECT_EQ(cause(), ZeroCause::not_delivered);
    world.must("maker", delivery_of("d2", "r1", "o1", "n1", 2));
    EXPECT_EQ(cause(), ZeroCause::awaiting_confirmation);
    world.must("arda", confirmation_of("d2", 1));
    EXPECT_EQ(cause(), std::nullopt);
}

TEST(Benefit, BeforeARoundIsTheLedgerWithoutIt) {
    const World world = told();
    BenefitQuestion before = question();
    before.without = id<RoundId>("r1");
    const auto ledger = benefit(world.exchange, world.institution, before);
    ASSERT_TRUE(ledger);
    EXPECT_EQ(ledger->among_askers->total, 0);
    for (const MemberBenefit& row : ledger->members) EXPECT_EQ(row.allocated, 0);
    EXPECT_EQ(ledger->zero_receivers.size(), 4U);
}

TEST(Benefit, ADatedListNarrowsTheClassOnItsDay) {
    const World world = told();
    BenefitQuestion narrowed = question();
    narrowed.group = GroupOn{id<institution::GroupId>("list"), day("2025-06-01")};
    EXPECT_EQ(benefit(world.exchange, world.institution, narrowed)->members.size(), 3U);
    narrowed.group->day = day("2026-06-01");
    EXPECT_EQ(benefit(world.exchange, world.institution, narrowed)->members.size(), 2U);
}

TEST(Benefit, WeightsComeFromAnAdoptedTable) {
    World world = told();
    WeightTable table;
    table.id = id<WeightTableId>("people");
    table.weights = {{member("arda"), 3}, {member("bela"), 1}};
    EXPECT_EQ(world.adopt(table), "adopted");
    BenefitQuestion weighted = question();
    weighted.weights = table.id;
    const auto ledger = benefit(world.exchange, world.institution, weighted);
    ASSERT_TRUE(ledger);
    EXPECT_EQ(ledger->gini_per_weight->text(), "1/4");  // |3 * 1 - 0 * 3| over 4 * 3
    weighted.without = id<RoundId>("r1");
    EXPECT_FALSE(benefit(world.exchange, world.institution, weighted)->gini_per_weight)
        << "nothing is confirmed, so there is nothing to be equal or unequal";
}

TEST(Benefit, NeverMixesClassesOrUnits) {
    World world = told();
    const auto reason = [&](const BenefitQuestion& asked) {
        return benefit(world.exchange, world.institution, asked).error().reason;
    };
    BenefitQuestion asked = question();
    asked.member_class = id<institution::ClassId>("company");
    EXPECT_EQ(reason(asked), "exchange/not-in-ledger");
    asked.member_class = id<institution::ClassId>("other");
    EXPECT_EQ(reason(asked), "exchange/unknown-class");
    asked = question();
    asked.unit = id<institution::UnitId>("ton");
    EXPECT_EQ(reason(asked), "exchange/unknown-unit");
    asked = question();
    asked.without = id<RoundId>("r9");
    EXPECT_EQ(reason(asked), "exchange/no-such-round");
    asked = question();
    asked.group = GroupOn{id<institution::GroupId>("other"), {}};
    EXPECT_EQ(reason(asked), "exchange/unknown-group");
    asked = question();
    asked.weights = id<WeightTableId>("other");
    EXPECT_EQ(reason(asked), "exchange/no-such-weights");
    asked = question();
    asked.unit = id<institution::UnitId>("access");
    EXPECT_EQ(benefit(world.exchange, world.institution, asked)->among_all->total, 0);
}

}  // namespace
}  // namespace comity::exchange
