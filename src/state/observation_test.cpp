// SPDX-License-Identifier: Apache-2.0
//
// We trust the observation because it comes out by hand on a record that went the whole path, and
// because its sums are those of the ledger of benefit and of the motions themselves.

#include "state/observation.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "state/testing.h"

namespace comity::state {
namespace {

using testing::english;
using testing::full_world;
using testing::id;
using testing::World;

const UnitQuestion places = {.unit = id<institution::UnitId>("place"), .member_class = {}};

const Spread& spread_of(const UnitObservation& found, Measured measured) {
    const auto each =
        std::find_if(found.spreads.begin(), found.spreads.end(),
                     [&](const UnitSpread& spread) { return spread.measured == measured; });
    COMITY_CHECK(each != found.spreads.end());
    return each->spread;
}

const MemberInfluence& influence_of(const Influence& found, std::string_view member) {
    const auto each =
        std::find_if(found.members.begin(), found.members.end(),
                     [&](const MemberInfluence& one) { return one.member.text() == member; });
    COMITY_CHECK(each != found.members.end());
    return *each;
}

TEST(Observation, UnitsOfTheWholePathByHand) {
    const World world = full_world();
    const auto found = observe_unit(world.state, places);
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->spreads.size(), 4U);

    // maker offered 10 of all; the four states decide and offered nothing.
    const Spread& offered = spread_of(*found, Measured::offered);
    EXPECT_EQ(offered.concentration.total, "10");
    EXPECT_EQ(offered.concentration.hhi, 10'000);
    EXPECT_EQ(offered.concentration.holders, 5U);
    EXPECT_EQ(offered.concentration.with_amount, 1U);
    ASSERT_EQ(offered.classes.size(), 2U);
    EXPECT_EQ(offered.classes[0].member_class.text(), "company");
    EXPECT_EQ(offered.classes[0].per_thousand, 1'000);
    EXPECT_EQ(offered.classes[1].members, 4U);
    EXPECT_EQ(offered.classes[1].amount, "0");

    // anor confirmed 5; nobody else anything.
    const Spread& received = spread_of(*found, Measured::received);
    EXPECT_EQ(received.concentration.total, "5");
    EXPECT_EQ(received.concentration.shares.front().holder, "anor");
    EXPECT_EQ(received.concentration.holders, 4U) << "maker neither decides nor received";
    std::vector<std::string> lorenz;
    for (const auto& point : received.concentration.lorenz) lorenz.push_back(point.share);
    EXPECT_EQ(lorenz, (std::vector<std::string>{"0", "0", "0", "0", "1"}));
    EXPECT_EQ(spread_of(*found, Measured::provided).concentration.shares.front().holder, "maker");
    EXPECT_FALSE(spread_of(*found, Measured::offered_non_rival).concentration.hhi);
}

TEST(Observation, ReceivedUnitsAreThoseOfTheLedger) {
    const World world = full_world();
    const auto found = observe_unit(world.state, places);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->benefit.size(), 1U) << "one class is measured, and the charter has no lists";
    const BenefitRow& states = found->benefit.front();
    EXPECT_EQ(states.member_class.text(), "state");
    EXPECT_EQ(states.members, 4U);
    EXPECT_EQ(states.zero_receivers, 1U) << "bree asked and has nothing";
    ASSERT_TRUE(states.among_all && states.among_askers);
    EXPECT_EQ(std::to_string(states.among_all->total),
              spread_of(*found, Measured::received).concentration.total);
    EXPECT_EQ(states.among_all->gini.text(), "3/4");
    EXPECT_EQ(states.among_askers->gini.text(), "1/2");
}

TEST(Observation, OneClassAlone) {
    const World world = full_world();
    UnitQuestion question = places;
    question.member_class = id<institution::ClassId>("state");
    const auto found = observe_unit(world.state, question);
    ASSERT_TRUE(found);
    EXPECT_EQ(spread_of(*found, Measured::offered).concentration.total, "0");
    EXPECT_EQ(spread_of(*found, Measured::received).concentration.total, "5");
    question.member_class = id<institution::ClassId>("nobody");
    EXPECT_EQ(observe_unit(world.state, question).error().reason, "exchange/unknown-class");
    question = {.unit = id<institution::UnitId>("hour"), .member_class = {}};
    EXPECT_EQ(observe_unit(world.state, question).error().reason, "exchange/unknown-unit");
}

TEST(Observation, AWithdrawnOfferCountsWhatItPromised) {
    World world = full_world();
    exchange::Offer offer = testing::test_offer("second", 30);
    World::must(world.act("maker", offer));
    offer = testing::test_offer("third", 7);
    offer.rivalry = exchange::Rivalry::non_rival;
    World::must(world.act("maker", offer));
    const auto before = observe_unit(world.state, places);
    ASSERT_TRUE(before);
    EXPECT_EQ(spread_of(*before, Measured::offered).concentration.total, "40");
    EXPECT_EQ(spread_of(*before, Measured::offered_non_rival).concentration.total, "7");
    World::must(world.tick(20'000));  // answers of the round close; what anor took stays promised
    for (const std::string_view name : {"pool", "second", "third"}) {
        World::must(world.act("maker", exchange::OfferWithdrawal{id<exchange::OfferId>(name)}));
    }
    const auto after = observe_unit(world.state, places);
    ASSERT_TRUE(after);
    EXPECT_EQ(spread_of(*after, Measured::offered).concentration.total, "5");
    EXPECT_FALSE(spread_of(*after, Measured::offered_non_rival).concentration.hhi);
}

TEST(Observation, DatedListsNarrowAClass) {
    World world = full_world();
    institution::Group group{.id = id<institution::GroupId>("listed"),
                             .name = english("Listed"),
                             .source = id<institution::SourceId>("test"),
                             .members = {}};
    const Date today = date_of(world.state.institution.now);
    group.members = {{.area = testing::area("XAA"), .from = today, .until = {}},
                     {.area = testing::area("XAB"), .from = today, .until = {}},
                     {.area = testing::area("XAC"), .from = {today.days - 9}, .until = today}};
    world.state.institution.charter.groups = {group};
    group.id = id<institution::GroupId>("empty-today");
    group.members.resize(2);
    for (auto& member : group.members) member.from = {today.days + 1};
    world.state.institution.charter.groups.push_back(group);
    const auto found = observe_unit(world.state, places);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->benefit.size(), 2U);
    ASSERT_TRUE(found->benefit[1].group);
    EXPECT_EQ(found->benefit[1].group->group.text(), "listed");
    EXPECT_EQ(found->benefit[1].members, 2U) << "cara is no longer on it";
    EXPECT_EQ(found->benefit[1].among_all->gini.text(), "1/2");
}

TEST(Influence, OfOneAdoptedMotion) {
    const World world = full_world();
    const Influence found = influence(world.state);
    EXPECT_EQ(found.motions, 1U);
    ASSERT_EQ(found.members.size(), 4U) << "maker, issuer and the offices do not decide";
    const MemberInfluence& mover = influence_of(found, "anor");
    EXPECT_EQ(mover.proposed, 1U);
    EXPECT_EQ(mover.adopted, 1U);
    EXPECT_EQ(mover.took_part, 0U) << "to move is not to take a position";
    EXPECT_EQ(mover.said_nothing, 1U);
    const MemberInfluence& supporter = influence_of(found, "bree");
    EXPECT_EQ(supporter.proposed, 0U);
    EXPECT_EQ(supporter.took_part, 1U);
    EXPECT_EQ(supporter.said_nothing, 0U);
    EXPECT_EQ(found.proposed.concentration.hhi, 10'000);
    EXPECT_EQ(found.adopted.concentration.total, "1");
    EXPECT_EQ(found.proposed.concentration.lorenz.size(), 5U);
}

TEST(Influence, EveryEndOfAMotionIsCountedOnce) {
    World world = full_world();
    const auto move = [&](std::string_view member, std::string_view name) {
        World::must(world.act_by_delegate(member, testing::test_motion(world.state, name, {})));
    };
    const auto object = [&](std::string_view member, std::string_view name) {
        World::must(
            world.act_by_delegate(member, decide::Position{.motion = id<decide::MotionId>(name),
                                                           .position = decide::PositionKind::object,
                                                           .reason = english("No.")}));
    };
    move("bree", "gone");
    World::must(world.act_by_delegate("bree", decide::Withdrawal{id<decide::MotionId>("gone")}));
    move("bree", "refused");
    object("cara", "refused");
    World::must(world.tick(7'200));   // broken silence: a recorded vote, in which nobody votes
    World::must(world.tick(80'000));  // quorum missed
    move("cara", "waiting");
    object("cara", "waiting");

    const Influence found = influence(world.state);
    EXPECT_EQ(found.motions, 4U);
    EXPECT_EQ(influence_of(found, "bree"),
              (MemberInfluence{.member = id<institution::MemberId>("bree"),
                               .member_class = id<institution::ClassId>("state"),
                               .proposed = 2,
                               .adopted = 0,
                               .not_adopted = 1,
                               .withdrawn = 1,
                               .open = 0,
                               .entitled = 4,
                               .took_part = 1,
                               .said_nothing = 1}));
    const MemberInfluence& objector = influence_of(found, "cara");
    EXPECT_EQ(objector.open, 1U);
    EXPECT_EQ(objector.took_part, 2U);
    EXPECT_EQ(objector.said_nothing, 1U) << "the withdrawn motion was never decided";
    EXPECT_EQ(found.proposed.concentration.total, "4");
    EXPECT_EQ(found.proposed.concentration.hhi, 3'750);  // (1 + 4 + 1) / 16
    EXPECT_EQ(found.adopted.concentration.total, "1");
    for (const MemberInfluence& member : found.members) {
        EXPECT_EQ(member.proposed,
                  member.adopted + member.not_adopted + member.withdrawn + member.open);
    }
}

}  // namespace
}  // namespace comity::state
