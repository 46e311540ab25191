// SPDX-License-Identifier: Apache-2.0
//
// How we trust the views: one round seen from every side, with sums that must agree with each other
// and with the record.

#include "exchange/queries.h"

#include <gtest/gtest.h>

#include "exchange/exchange_world.h"

namespace comity::exchange {
namespace {

World drawn() {
    World world;
    EXPECT_EQ(world.adopt(equal_rule()), "adopted");
    world.restrictions = {{"ban", "lab", "XAD"}};
    world.must("maker", offer_of("o1", 6));
    world.must("school", offer_of("o2", 3, "lab"));
    world.must("arda", need_of("n1", "XAA", 8));
    world.must("bela", need_of("n2", "XAB", 8));
    Need lab = need_of("n3", "XAD", 5);
    lab.item_classes = {id<institution::ItemClassId>("lab")};
    world.must("dova", lab);
    world.must("maker", round_of("r1"));
    world.must("arda", commitment_of("r1", random_of('a')));
    freeze_and_draw(world);
    return world;
}

TEST(Queries, ARoundShowsEachShareWithItsReason) {
    World world = drawn();
    world.must("bela", acceptance_of("r1", "n2", 4));
    const auto view = view_round(world.exchange, id<RoundId>("r1"));
    ASSERT_TRUE(view);
    EXPECT_EQ(view->stage, RoundStage::allocated);
    EXPECT_EQ(view->pool, 9);
    EXPECT_EQ(view->allocated, 9);
    EXPECT_EQ(view->withheld, std::vector{member("arda")});
    EXPECT_EQ(view->zero_receivers, std::vector{member("dova")});
    ASSERT_EQ(view->members.size(), 3U);
    std::int64_t allocated = 0;
    for (const RoundMember& row : view->members) allocated += row.allocated;
    EXPECT_EQ(allocated, view->allocated);
    EXPECT_EQ(view->members[0].allocated, 4) << "arda withheld: the odd unit is bela's";
    EXPECT_EQ(view->members[1].allocated, 5);
    EXPECT_EQ(view->members[1].accepted, 4);
    EXPECT_EQ(view->members[1].level.text(), "5");

    ASSERT_EQ(view->needs.size(), 3U);
    const NeedFacts& first = view->needs[0];
    EXPECT_EQ(first.result.reason, Reason::no_better_off);
    EXPECT_EQ(first.level->text(), "4");
    ASSERT_TRUE(first.result.bottleneck);
    EXPECT_TRUE(first.bottleneck_level);
    ASSERT_TRUE(first.result.holder);
    EXPECT_EQ(first.level_after->text(), "5");
    EXPECT_EQ(first.holder_level->text(), "5")
        << "bela's, whose odd unit came first by the lottery";
    EXPECT_EQ(first.holder_level_before->text(), "4");
    EXPECT_EQ(first.rounding, Rounding::sainte_lague);
    EXPECT_EQ(view->needs[2].result.reason, Reason::none_lawful);
    EXPECT_EQ(view->needs[2].result.lawful_alternatives, std::vector{id<OfferId>("o1")});
    EXPECT_EQ(view_round(world.exchange, id<RoundId>("r9")).error().reason,
              "exchange/no-such-round");
}

TEST(Queries, ARoundIsSeenInEveryStage) {
    World world;
    EXPECT_EQ(world.adopt(equal_rule()), "adopted");
    world.must("maker", offer_of("o1", 6));
    world.must("maker", round_of("r1"));
    const auto view = [&] { return view_round(world.exchange, id<RoundId>("r1")).value(); };
    EXPECT_EQ(view().stage, RoundStage::call_open);
    EXPECT_FALSE(view().inputs);
    world.clock("2026-08-02T00:00:00Z");
    EXPECT_EQ(view().stage, RoundStage::inputs_frozen);
    EXPECT_EQ(view().pool, 6);
    EXPECT_FALSE(view().seed);
    world.clock("2026-08-03T00:00:00Z");
    EXPECT_EQ(view().stage, RoundStage::allocated);
    EXPECT_TRUE(view().seed);
    world.clock("2026-08-10T00:00:00Z");
    EXPECT_EQ(view().stage, RoundStage::closed);
    world.exchange.rounds.at(id<RoundId>("r1")).stage = Failed{"why", 9};
    EXPECT_EQ(view().stage, RoundStage::failed);
    EXPECT_EQ(view().failure, "why");
}

TEST(Queries, ANeedIsFollowedToItsBenefit) {
    World world = drawn();
    world.must("bela", acceptance_of("r1", "n2", 4));
    const auto lines = promised_lines(world.allocated("r1"), id<NeedId>("n2"));
    const std::string offer = lines.front().offer.text();
    world.must(offer == "o1" ? "maker" : "school",
               delivery_of("d1", "r1", offer, "n2", lines.front().units));
    world.must("bela", confirmation_of("d1", lines.front().units));
    const auto journey = journey_of(world.exchange, id<NeedId>("n2"));
    ASSERT_TRUE(journey);
    EXPECT_EQ(journey->unmet, 4);
    EXPECT_EQ(journey->confirmed, lines.front().units);
    ASSERT_EQ(journey->rounds.size(), 1U);
    EXPECT_EQ(journey->rounds[0].accepted, 4);
    EXPECT_EQ(journey->rounds[0].promised, lines);
    EXPECT_EQ(journey->rounds[0].facts->result.allocated, 5);
    ASSERT_EQ(journey->rounds[0].deliveries.size(), 1U);
    EXPECT_EQ(journey_of(world.exchange, id<NeedId>("n9")).error().reason, "exchange/no-such-need");
    EXPECT_EQ(facts_of(world.allocated("r1"), id<NeedId>("n9")).error().reason,
              "exchange/not-in-round");
}

TEST(Queries, WhatIsUnmetIsCountedOnceUnderItsBarrier) {
    World world = drawn();
    world.must("bela", acceptance_of("r1", "n2", 3));
    world.clock("2026-08-10T00:00:00Z");
    world.must("enna", need_of("n4", "XAE", 2));
    const UnmetList list = unmet_in(world.exchange, id<institution::UnitId>("place"));
    std::map<Barrier, std::int64_t> units;
    for (const BarrierCount& barrier : list.barriers) units[barrier.barrier] = barrier.units;
    const std::map<Barrier, std::int64_t> expected = {
        {Barrier::awaiting_round, 2},     // n4
        {Barrier::no_better_off, 4 + 3},  // n1 and n2 lacked these
        {Barrier::none_lawful, 5},        // n3
        {Barrier::declined, 2},           // bela took 3 of 5
        {Barrier::not_answered, 4}};      // arda said nothing
    EXPECT_EQ(units, expected);
    EXPECT_EQ(list.total, 20);
    EXPECT_EQ(list.restrictions.at(id<institution::RestrictionId>("ban")), 5);
    std::int64_t of_rows = 0;
    for (const UnmetUnits& row : list.rows) of_rows += row.units;
    EXPECT_EQ(of_rows, list.total);
}

TEST(Queries, ANeedSeesBeforeARoundWhatIsBlockedAndWhatIsLawfulInstead) {
    World world;
    world.restrictions = {{"ban", "course", "XAA"}};
    world.must("maker", offer_of("o1", 6));
    world.must("maker", offer_of("o2", 2, "lab"));
    world.must("school", offer_of("o3", 4, "lab"));
    world.must("school", offer_of("o4", 3, "lab"));
    world.must("arda", offer_of("own", 9, "lab"));
    Need need = need_of("n1", "XAA", 5);
    need.item_classes = {id<institution::ItemClassId>("course")};
    world.must("arda", need);
    const auto screened = screen_need(world.exchange, world.exchange.needs.at(need.id),
                                      world.screening(), day("2026-08-01"));
    ASSERT_EQ(screened.offers.size(), 1U);
    EXPECT_EQ(screened.offers[0].screening.verdict, institution::Verdict::blocked);
    EXPECT_EQ(screened.offers[0].screening.citations.size(), 1U);
    const std::vector<OfferId> alternatives = {id<OfferId>("o3"), id<OfferId>("o4")};
    EXPECT_EQ(screened.lawful_alternatives, alternatives);
    EXPECT_EQ(world.times_screened.size(), 2U);

    world.restrictions.clear();
    const auto free = screen_need(world.exchange, world.exchange.needs.at(need.id),
                                  world.screening(), day("2026-08-01"));
    EXPECT_TRUE(free.lawful_alternatives.empty()) << "nothing is blocked";
}

}  // namespace
}  // namespace comity::exchange
