// SPDX-License-Identifier: Apache-2.0

// Rounds that offer again what was given back, and take nothing from those who accepted.

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "exchange/exchange_world.h"
#include "exchange/lottery.h"
#include "exchange/round.h"

namespace comity::exchange {
namespace {

/// A round that continues another, `weeks` after the first call.
Round continuing(std::string_view name, std::string_view before, int weeks = 1) {
    Round round = round_of(name);
    round.continues = id<RoundId>(before);
    const std::int64_t later = std::int64_t{weeks} * 30 * 86'400;
    round.freezes_at.seconds += later;
    round.draws_at.seconds += later;
    round.answers_until.seconds += later;
    return round;
}

void run(World& world, const Round& round) {
    world.must("maker", round);
    for (const Timestamp at : {round.freezes_at, round.draws_at}) {
        world.institution.now = at;
        advance(world.exchange, world.institution, world.screening(), at, world.index++);
    }
}

void close(World& world, const Round& round) {
    world.institution.now = round.answers_until;
    advance(world.exchange, world.institution, world.screening(), round.answers_until,
            world.index++);
}

/// Nine places for three members, of which bela keeps one of her three.
World nine_places() {
    World world;
    EXPECT_EQ(world.adopt(equal_rule()), "adopted");
    world.must("maker", offer_of("o1", 9));
    world.must("arda", need_of("n1", "XAA", 9));
    world.must("bela", need_of("n2", "XAB", 9));
    world.must("dova", need_of("n3", "XAD", 9));
    run(world, round_of("r1"));
    world.must("arda", acceptance_of("r1", "n1", 3));
    world.must("bela", acceptance_of("r1", "n2", 1));
    world.must("dova", acceptance_of("r1", "n3", 3));
    close(world, round_of("r1"));
    return world;
}

TEST(Continuation, WhatOneGivesBackGoesToTheOthersOnTopOfWhatTheyHave) {
    World world = nine_places();
    run(world, continuing("r2", "r1"));
    const Allocated& again = world.allocated("r2");
    EXPECT_EQ(world.outcome("r2", "n1").allocated, 1);
    EXPECT_EQ(world.outcome("r2", "n3").allocated, 1);
    ASSERT_EQ(again.inputs.needs.size(), 2U) << "who gave something back takes no part";
    EXPECT_EQ(again.inputs.members.front().held, 3);
    EXPECT_EQ(again.inputs.offers.front().quantity, 2);
    EXPECT_TRUE(check_result(again.inputs, {}, {}, {}, again.result));
}

TEST(Continuation, TheLotteryOfTheFirstRoundServesTheWholeRow) {
    World world = nine_places();
    const Digest seed = world.allocated("r1").result.seed;
    const Round second = continuing("r2", "r1");
    world.must("maker", second);
    EXPECT_EQ(world.refusal("arda", commitment_of("r2", random_of('a'))), "exchange/lottery-drawn");
    for (const Timestamp at : {second.freezes_at, second.draws_at, second.answers_until}) {
        world.institution.now = at;
        advance(world.exchange, world.institution, world.screening(), at, world.index++);
    }
    EXPECT_EQ(world.allocated("r2").result.seed, redraw_seed(seed, 1));
    run(world, continuing("r3", "r2", 2));
    EXPECT_EQ(world.allocated("r3").result.seed, redraw_seed(seed, 2));
    EXPECT_TRUE(world.allocated("r3").inputs.needs.empty()) << "nobody answered in the second";
}

TEST(Continuation, WhatWasConfirmedMeanwhileCountsOnce) {
    World world;
    AllocationRule rule = equal_rule();
    rule.carry_over = CarryOver{2, {1, 1}};
    EXPECT_EQ(world.adopt(rule), "adopted");
    world.must("maker", offer_of("o1", 4));
    world.must("arda", need_of("n1", "XAA", 6));
    world.must("bela", need_of("n2", "XAB", 6));
    run(world, round_of("r1"));
    world.must("arda", acceptance_of("r1", "n1", 2));
    world.must("bela", acceptance_of("r1", "n2", 0));
    world.must("maker", delivery_of("d1", "r1", "o1", "n1", 2));
    world.must("arda", confirmation_of("d1", 2));
    close(world, round_of("r1"));
    run(world, continuing("r2", "r1"));
    const FrozenMember& member = world.allocated("r2").inputs.members.front();
    EXPECT_EQ(member.held, 2);
    EXPECT_EQ(member.carry_over, 0);
    EXPECT_EQ(world.outcome("r2", "n1").allocated, 2);
}

TEST(Continuation, OnlyTheLastFinishedRoundOfItsUnitAndRuleIsContinued) {
    World world = nine_places();
    EXPECT_EQ(world.refusal("maker", continuing("r2", "r9")), "exchange/no-such-round");
    Round other = continuing("r2", "r1");
    other.unit = id<institution::UnitId>("access");
    EXPECT_EQ(world.refusal("maker", other), "exchange/bad-continuation");
    AllocationRule second = equal_rule();
    second.version = 2;
    EXPECT_EQ(world.adopt(second), "adopted");
    Round newer = continuing("r2", "r1");
    newer.rule_version = 2;
    EXPECT_EQ(world.refusal("maker", newer), "exchange/bad-continuation");
    world.must("maker", continuing("r2", "r1"));
    EXPECT_EQ(world.refusal("maker", continuing("r3", "r2")), "exchange/not-allocated");
    EXPECT_EQ(world.refusal("maker", continuing("r3", "r1")), "exchange/already-continued");
}

TEST(Continuation, NothingNewEntersAndNothingIsTakenFromAnybody) {
    std::mt19937 random(9);
    int given_again = 0;
    for (int trial = 0; trial < 400; ++trial) {
        const auto below = [&](unsigned bound) { return static_cast<int>(random() % bound); };
        World world;
        EXPECT_EQ(world.adopt(equal_rule()), "adopted");
        for (int o = 0; o < 3; ++o) {
            world.must("maker", offer_of("o" + std::to_string(o), 1 + below(6),
                                         below(2) == 0 ? "course" : "lab"));
        }
        const std::map<std::string, std::string> seats = {
            {"arda", "XAA"}, {"bela", "XAB"}, {"cira", "XAC"}, {"dova", "XAD"}};
        for (const auto& [name, area] : seats) {
            Need need = need_of("n-" + name, area, 1 + below(8));
            if (below(2) == 0) need.item_classes = {id<institution::ItemClassId>("lab")};
            world.must(name, need);
        }
        run(world, round_of("r1"));
        std::map<std::string, std::int64_t> kept;
        for (const auto& [name, area] : seats) {
            const std::int64_t got = world.outcome("r1", "n-" + name).allocated;
            if (got == 0) continue;
            kept[name] = below(3) == 0 ? below(static_cast<unsigned>(got) + 1) : got;
            world.must(name, acceptance_of("r1", "n-" + name, kept[name]));
        }
        close(world, round_of("r1"));
        world.must("maker", offer_of("late", 50));
        run(world, continuing("r2", "r1"));
        const Allocated& again = world.allocated("r2");
        for (const FrozenOffer& offer : again.inputs.offers) EXPECT_NE(offer.id.text(), "late");
        for (const auto& [name, units] : kept) {
            EXPECT_EQ(
                world.exchange.needs.at(id<NeedId>("n-" + name)).promised, units + [&] {
                    for (const NeedResult& row : again.result.needs) {
                        if (row.need.text() == "n-" + name) return row.allocated;
                    }
                    return std::int64_t{0};
                }());
            if (units < world.outcome("r1", "n-" + name).allocated) {
                for (const FrozenNeed& need : again.inputs.needs) {
                    EXPECT_NE(need.member, member(name)) << "who gave back takes no part";
                }
            }
        }
        for (const Line& line : again.result.lines) given_again += line.units > 0 ? 1 : 0;
        EXPECT_TRUE(check_result(again.inputs, {}, {}, {}, again.result));
    }
    EXPECT_GT(given_again, 50);
}

}  // namespace
}  // namespace comity::exchange
