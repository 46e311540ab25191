// SPDX-License-Identifier: Apache-2.0
//
// How we trust a round: what enters it and when it moves, golden shares by hand under weights,
// floors and caps, the reason of each kind, and the floors against the rule of which they are the
// short form: units one at a time. What draws is checked by check_result in every test.

#include "exchange/round.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "exchange/exchange_world.h"

namespace comity::exchange {
namespace {

World with_rule(const AllocationRule& rule) {
    World world;
    EXPECT_EQ(world.adopt(rule), "adopted");
    return world;
}

void call_and_draw(World& world, std::uint32_t version = 1) {
    world.must("maker", round_of("r1", "equal", version));
    freeze_and_draw(world);
    const RoundRecord& round = world.round("r1");
    const Allocated& allocated = world.allocated("r1");
    const Result<> checked = check_result(allocated.inputs, round.commitments, round.reveals,
                                          round.public_value, allocated.result);
    EXPECT_TRUE(checked) << checked.error().message;
}

TEST(Round, TakesOneStepAnEntryHoweverLateTheClockIs) {
    World world = with_rule(equal_rule());
    world.must("maker", round_of("r1"));
    world.clock("2026-08-01T23:59:59Z");
    EXPECT_TRUE(std::holds_alternative<CallOpen>(world.round("r1").stage));
    world.clock("2026-12-01T00:00:00Z");
    EXPECT_TRUE(std::holds_alternative<InputsFrozen>(world.round("r1").stage));
    world.clock("2026-12-01T00:00:01Z");
    EXPECT_TRUE(std::holds_alternative<Allocated>(world.round("r1").stage));
    EXPECT_FALSE(is_finished(world.round("r1")));
    world.clock("2026-12-01T00:00:02Z");
    EXPECT_TRUE(is_finished(world.round("r1")));
}

TEST(Round, FreezesWhatIsOpenInItsUnitAndHasUnitsLeft) {
    World world = with_rule(equal_rule());
    Offer ended = offer_of("ended", 1);
    ended.until = day("2026-08-02");
    Offer later = offer_of("later", 1);
    later.from = day("2026-12-01");
    Offer other = offer_of("other-unit", 1);
    other.unit = id<institution::UnitId>("access");
    for (const Offer& offer : {ended, later, other, offer_of("withdrawn", 1)}) {
        world.must("maker", offer);
    }
    world.must("maker", OfferWithdrawal{id<OfferId>("withdrawn")});
    Need past = need_of("past", "XAA", 1);
    past.from = day("2026-01-01");
    past.until = day("2026-08-02");
    world.must("arda", past);
    world.must("arda", need_of("n1", "XAA", 1));
    world.must("maker", round_of("r1"));
    world.clock("2026-08-02T00:00:00Z");
    world.must("maker", offer_of("too-late", 1));
    world.must("dova", need_of("n2", "XAD", 1));
    const auto& frozen = std::get<InputsFrozen>(world.round("r1").stage);
    ASSERT_EQ(frozen.inputs.offers.size(), 1U);
    EXPECT_EQ(frozen.inputs.offers.front().id.text(), "later");
    ASSERT_EQ(frozen.inputs.needs.size(), 1U);
    EXPECT_EQ(frozen.inputs.needs.front().id.text(), "n1");
    EXPECT_EQ(frozen.inputs.cut_off, world.index - 3);
    EXPECT_EQ(frozen.digest, digest_of(frozen.inputs));
}

TEST(Round, ScreensEachKindOfTransferOnce) {
    World world = with_rule(equal_rule());
    for (const auto* name : {"o1", "o2", "o3"}) world.must("maker", offer_of(name, 5));
    world.must("maker", offer_of("o4", 5, "lab"));
    for (const auto* name : {"n1", "n2"}) world.must("arda", need_of(name, "XAA", 1));
    world.must("dova", need_of("n3", "XAD", 1));
    call_and_draw(world);
    EXPECT_EQ(world.times_screened.size(), 4U);
    for (const auto& [transfer, times] : world.times_screened) EXPECT_EQ(times, 1);
    EXPECT_EQ(world.allocated("r1").inputs.screenings.size(), 4U);
}

TEST(Round, CountsOnlyFreeUnitsOfEarlierRounds) {
    World world = with_rule(equal_rule());
    world.must("maker", offer_of("o1", 10));
    world.must("arda", need_of("n1", "XAA", 6));
    call_and_draw(world);
    world.must("arda", acceptance_of("r1", "n1", 4));
    world.clock("2026-08-10T00:00:00Z");
    Round second = round_of("r2");
    second.freezes_at = time("2026-08-11T00:00:00Z");
    second.draws_at = time("2026-08-12T00:00:00Z");
    second.answers_until = time("2026-08-13T00:00:00Z");
    world.must("maker", second);
    world.clock("2026-08-11T00:00:00Z");
    const RoundInputs& inputs = std::get<InputsFrozen>(world.round("r2").stage).inputs;
    EXPECT_EQ(inputs.offers.front().quantity, 6);
    EXPECT_EQ(inputs.needs.front().quantity, 2);
}

TEST(Round, ConfirmedUnitsCarryOverIfTheRuleSaysSo) {
    for (const bool carries : {false, true}) {
        AllocationRule rule = equal_rule();
        if (carries) rule.carry_over = CarryOver{1, {1, 1}};
        World world = with_rule(rule);
        world.must("maker", offer_of("o1", 4));
        world.must("arda", need_of("n1", "XAA", 4));
        call_and_draw(world);
        world.must("arda", acceptance_of("r1", "n1", 4));
        world.must("maker", delivery_of("d1", "r1", "o1", "n1", 4));
        world.must("arda", confirmation_of("d1", 3));
        world.clock("2026-08-10T00:00:00Z");
        world.must("maker", offer_of("o2", 5));
        world.must("arda", need_of("n2", "XAA", 5));
        world.must("dova", need_of("n3", "XAD", 5));
        Round second = round_of("r2");
        second.freezes_at = time("2026-08-11T00:00:00Z");
        second.draws_at = time("2026-08-12T00:00:00Z");
        second.answers_until = time("2026-08-13T00:00:00Z");
        world.must("maker", second);
        world.clock("2026-08-11T00:00:00Z");
        world.clock("2026-08-12T00:00:00Z");
        const std::int64_t arda = world.outcome("r2", "n2").allocated;
        EXPECT_EQ(world.allocated("r2").inputs.members.front().carry_over, carries ? 3 : 0);
        if (carries) {
            EXPECT_EQ(arda, 1) << "3 + 1 against 4";
        } else {
            EXPECT_TRUE(arda == 2 || arda == 3);
        }
        EXPECT_EQ(arda + world.outcome("r2", "n3").allocated, 5);
    }
}

// Golden: weights 1, 2, 3 and 12 units give 2, 4, 6.
TEST(Round, WeightsComeFromTheAdoptedTableAndWhoIsNotListedIsNamed) {
    World world;
    WeightTable table;
    table.id = id<WeightTableId>("people");
    table.weights = {{member("arda"), 1}, {member("bela"), 2}, {member("cira"), 3}};
    EXPECT_EQ(world.adopt(table), "adopted");
    AllocationRule rule = equal_rule();
    rule.weights = table.id;
    EXPECT_EQ(world.adopt(rule), "adopted");
    world.must("maker", offer_of("o1", 12));
    world.must("arda", need_of("n1", "XAA", 10));
    world.must("bela", need_of("n2", "XAB", 10));
    world.must("cira", need_of("n3", "XAC", 10));
    world.must("dova", need_of("n4", "XAD", 10));
    call_and_draw(world);
    EXPECT_EQ(world.outcome("r1", "n1").allocated, 2);
    EXPECT_EQ(world.outcome("r1", "n2").allocated, 4);
    EXPECT_EQ(world.outcome("r1", "n3").allocated, 6);
    EXPECT_EQ(world.outcome("r1", "n4").allocated, 0);
    EXPECT_EQ(world.outcome("r1", "n4").reason, Reason::not_listed);
    const RoundInputs& inputs = world.allocated("r1").inputs;
    EXPECT_EQ(inputs.unlisted, std::vector{member("dova")});
    EXPECT_EQ(inputs.members.size(), 3U);
    EXPECT_EQ(inputs.weights->version, 1U);
}

// Golden: G06b and G06c of the fact sheet: 100 units, weights 1, 1, 10, 10, 10, floor 40 %.
TEST(Round, AFloorReservesUpToItsShareAndReturnsWhatTheGroupCannotUse) {
    struct Case {
        std::int64_t first, second;
        std::vector<std::int64_t> shares;
    };
    for (const Case& c : {Case{50, 5, {35, 5, 20, 20, 20}}, Case{10, 5, {10, 5, 28, 28, 28}}}) {
        World world;
        WeightTable table;
        table.id = id<WeightTableId>("people");
        table.weights = {{member("arda"), 1},
                         {member("bela"), 1},
                         {member("cira"), 10},
                         {member("dova"), 10},
                         {member("enna"), 10}};
        EXPECT_EQ(world.adopt(table), "adopted");
        AllocationRule rule = equal_rule();
        rule.weights = table.id;
        rule.floor = GroupFloor{id<institution::GroupId>("list"), {2, 5}};
        EXPECT_EQ(world.adopt(rule), "adopted");
        world.must("maker", offer_of("o1", 100));
        world.must("arda", need_of("n1", "XAA", c.first));
        world.must("bela", need_of("n2", "XAB", c.second));
        world.must("cira", need_of("n3", "XAC", 50));
        world.must("dova", need_of("n4", "XAD", 50));
        world.must("enna", need_of("n5", "XAE", 50));
        call_and_draw(world);
        std::int64_t total = 0;
        for (std::size_t i = 0; i < 5; ++i) {
            const MemberResult& row = world.allocated("r1").result.members[i];
            EXPECT_TRUE(row.allocated == c.shares[i] || (i > 1 && row.allocated == 29)) << i;
            total += row.allocated;
        }
        EXPECT_EQ(total, 100);
        EXPECT_EQ(world.allocated("r1").result.members[0].floor, c.shares[0]);
        EXPECT_FALSE(world.allocated("r1").inputs.members[2].in_floor_group) << "not since 2026";
        EXPECT_EQ(world.outcome("r1", "n3").reason, Reason::floor_first);
    }
}

// Golden: G07: 60 units, weights 1, 1, 8, cap 25 of 60: 35/2, 35/2, 25.
TEST(Round, ACapStopsAMemberAndSaysSo) {
    World world;
    WeightTable table;
    table.id = id<WeightTableId>("people");
    table.weights = {{member("arda"), 1}, {member("bela"), 1}, {member("dova"), 8}};
    EXPECT_EQ(world.adopt(table), "adopted");
    AllocationRule rule = equal_rule();
    rule.weights = table.id;
    rule.member_cap = Rational{5, 12};
    EXPECT_EQ(world.adopt(rule), "adopted");
    world.must("maker", offer_of("o1", 60));
    world.must("arda", need_of("n1", "XAA", 50));
    world.must("bela", need_of("n2", "XAB", 50));
    world.must("dova", need_of("n3", "XAD", 50));
    call_and_draw(world);
    EXPECT_EQ(world.outcome("r1", "n3").allocated, 25);
    EXPECT_EQ(world.outcome("r1", "n3").reason, Reason::member_cap);
    EXPECT_EQ(world.outcome("r1", "n1").allocated + world.outcome("r1", "n2").allocated, 35);
}

TEST(Round, ACapGoesBeforeAFloor) {
    AllocationRule rule = equal_rule();
    rule.member_cap = Rational{1, 10};
    rule.floor = GroupFloor{id<institution::GroupId>("list"), {1, 1}};
    World world = with_rule(rule);
    world.must("maker", offer_of("o1", 20));
    world.must("arda", need_of("n1", "XAA", 50));
    world.must("dova", need_of("n2", "XAD", 50));
    call_and_draw(world);
    EXPECT_EQ(world.outcome("r1", "n1").allocated, 2);
    EXPECT_EQ(world.outcome("r1", "n2").allocated, 2);
    EXPECT_EQ(world.allocated("r1").result.members[0].floor, 2);
}

TEST(Round, WhatIsBlockedCitesTheRuleAndNamesTwoLawfulAlternatives) {
    World world = with_rule(equal_rule());
    world.restrictions = {{"ban", "course", "XAA"},
                          {"look", "course", "XAA", institution::Verdict::needs_review},
                          {"unrelated", "model", "XAD"}};
    world.must("maker", offer_of("o1", 10));
    world.must("maker", offer_of("o2", 3, "lab"));
    world.must("maker", offer_of("o3", 7, "model"));
    world.must("maker", offer_of("o4", 5, "lab"));
    Need need = need_of("n1", "XAA", 4);
    need.item_classes = {id<institution::ItemClassId>("course")};
    world.must("arda", need);
    world.must("dova", need_of("n2", "XAD", 2));
    call_and_draw(world);
    const NeedResult& blocked = world.outcome("r1", "n1");
    EXPECT_EQ(blocked.allocated, 0);
    EXPECT_EQ(blocked.reason, Reason::none_lawful);
    ASSERT_EQ(blocked.blocked_by.size(), 2U);
    EXPECT_EQ(blocked.blocked_by[0].restriction.text(), "ban");
    EXPECT_EQ(blocked.blocked_by[1].restriction.text(), "look");
    ASSERT_EQ(blocked.lawful_alternatives.size(), 2U);
    EXPECT_EQ(blocked.lawful_alternatives[0].text(), "o3");
    const NeedResult& met = world.outcome("r1", "n2");
    EXPECT_EQ(met.reason, Reason::met_in_full);
    EXPECT_EQ(met.blocked_by.size(), 1U) << "what it met is cited even if it lacks nothing";
}

TEST(Round, WhatNeedsReviewIsNotMatched) {
    World world = with_rule(equal_rule());
    world.restrictions = {{"look", "course", "XAA", institution::Verdict::needs_review}};
    world.must("maker", offer_of("o1", 10));
    world.must("arda", need_of("n1", "XAA", 4));
    call_and_draw(world);
    EXPECT_EQ(world.outcome("r1", "n1").reason, Reason::none_lawful);
    EXPECT_TRUE(world.allocated("r1").result.lines.empty());
}

TEST(Round, WithoutAnOfferThatANeedAcceptsTheReasonIsThat) {
    World world = with_rule(equal_rule());
    world.must("maker", offer_of("lab", 5, "lab"));
    Need need = need_of("n1", "XAA", 4);
    need.item_classes = {id<institution::ItemClassId>("course")};
    world.must("arda", need);
    Offer own = offer_of("own", 5);
    own.until = day("2026-09-01");
    world.must("arda", own);
    call_and_draw(world);
    EXPECT_EQ(world.outcome("r1", "n1").reason, Reason::no_offer);
    EXPECT_TRUE(world.outcome("r1", "n1").lawful_alternatives.empty());
}

TEST(Round, WithoutALawfulOfferInItsWindowTheReasonIsThat) {
    for (const bool is_banned : {false, true}) {
        World world = with_rule(equal_rule());
        if (is_banned) world.restrictions = {{"ban", "course", "XAA"}};
        Offer early = offer_of("early", 5);
        early.until = day("2026-09-01");  // the day on which the need begins
        world.must("maker", early);
        world.must("arda", need_of("n1", "XAA", 4));
        call_and_draw(world);
        // What is unlawful at any time is not there at other times either.
        EXPECT_EQ(world.outcome("r1", "n1").reason,
                  is_banned ? Reason::no_offer : Reason::outside_window);
        EXPECT_TRUE(world.outcome("r1", "n1").blocked_by.empty());
    }
}

TEST(Round, NonRivalOffersGoToAllAndLeaveTheRestToThePool) {
    World world = with_rule(equal_rule());
    world.restrictions = {{"ban", "model", "XAD"}};
    Offer model = offer_of("m1", 3, "model");
    model.rivalry = Rivalry::non_rival;
    world.must("maker", model);
    world.must("school", offer_of("o1", 4));
    world.must("arda", need_of("n1", "XAA", 5));
    world.must("bela", need_of("n2", "XAB", 2));
    world.must("dova", need_of("n3", "XAD", 5));
    call_and_draw(world);
    const RoundResult& result = world.allocated("r1").result;
    const std::vector<Line> grants = {{id<NeedId>("n1"), model.id, 3},
                                      {id<NeedId>("n2"), model.id, 2}};
    EXPECT_EQ(result.grants, grants);
    EXPECT_EQ(world.outcome("r1", "n1").allocated, 5) << "3 granted, 2 of the pool";
    EXPECT_EQ(world.outcome("r1", "n1").reason, Reason::met_in_full);
    EXPECT_EQ(world.outcome("r1", "n2").reason, Reason::met_in_full);
    EXPECT_EQ(world.outcome("r1", "n3").allocated, 2);
    EXPECT_EQ(result.members[0].allocated, 2) << "grants consume no level";
    EXPECT_EQ(free_units(world.exchange.offers.at(model.id)), 3);

    const auto kept = kept_lines(result, id<NeedId>("n1"), 4);
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_EQ(kept[0].offer, model.id) << "grants stay longest";
    EXPECT_EQ(kept[1].units, 1);
}

TEST(Round, WithNothingToDivideItSaysSo) {
    World world = with_rule(equal_rule());
    call_and_draw(world);
    EXPECT_TRUE(world.allocated("r1").result.needs.empty());
}

TEST(Round, WhoCommitsAndDoesNotRevealStandsLast) {
    World world = with_rule(equal_rule());
    world.must("maker", offer_of("o1", 1));
    world.must("arda", need_of("n1", "XAA", 1));
    world.must("dova", need_of("n2", "XAD", 1));
    world.must("arda", need_of("n3", "XAA", 1));
    world.must("maker", round_of("r1"));
    world.must("arda", commitment_of("r1", random_of('a')));
    freeze_and_draw(world);
    EXPECT_EQ(world.outcome("r1", "n1").allocated + world.outcome("r1", "n3").allocated, 0);
    EXPECT_EQ(world.outcome("r1", "n2").allocated, 1);
    EXPECT_EQ(world.allocated("r1").result.withheld, std::vector{member("arda")});
}

TEST(Round, TheOrderInWhichThingsAreEnteredDoesNotMatter) {
    std::vector<int> order = {0, 1, 2, 3, 4, 5, 6, 7};
    std::mt19937 shuffle(7);
    std::optional<RoundResult> first;
    for (int run = 0; run < 20; ++run) {
        World world = with_rule(equal_rule());
        world.restrictions = {{"ban", "lab", "XAA"}};
        for (const int step : order) {
            const std::string number = std::to_string(step);
            if (step < 3) {
                world.must("maker", offer_of("o" + number, 3 + step, step == 1 ? "lab" : "course"));
            } else {
                const std::vector<std::pair<std::string, std::string>> who = {{"arda", "XAA"},
                                                                              {"bela", "XAB"},
                                                                              {"cira", "XAC"},
                                                                              {"dova", "XAD"},
                                                                              {"arda", "XAA"}};
                const auto& [name, area] = who[static_cast<std::size_t>(step - 3)];
                world.must(name, need_of("n" + number, area, 4));
            }
        }
        world.must("maker", round_of("r1"));
        freeze_and_draw(world);
        // Entry numbers are in the inputs and so in the seed; without ties what is left is equal.
        RoundInputs inputs = world.allocated("r1").inputs;
        for (FrozenOffer& offer : inputs.offers) offer.entry = 0;
        for (FrozenNeed& need : inputs.needs) need.entry = 0;
        const auto result = draw(inputs, {}, {}, {});
        ASSERT_TRUE(result);
        if (!first) first = *result;
        EXPECT_EQ(*result, *first) << run;
        std::shuffle(order.begin(), order.end(), shuffle);
    }
}

TEST(Round, RefusesInputsThatNoFreezeMakes) {
    World world = with_rule(equal_rule());
    for (const auto* name : {"o1", "o2"}) world.must("maker", offer_of(name, 5));
    for (const auto* name : {"n1", "n2"}) world.must("arda", need_of(name, "XAA", 3));
    world.must("dova", need_of("n3", "XAD", 3));
    call_and_draw(world);
    const RoundInputs good = world.allocated("r1").inputs;
    const auto reason = [](const RoundInputs& inputs) {
        const auto result = draw(inputs, {}, {}, {});
        return result ? std::string_view("drawn") : result.error().reason;
    };
    EXPECT_EQ(reason(good), "drawn");
    const auto bent = [&](auto bend) {
        RoundInputs inputs = good;
        bend(inputs);
        return reason(inputs);
    };
    const auto wrong = "exchange/bad-inputs";
    EXPECT_EQ(bent([](auto& i) { std::swap(i.offers[0], i.offers[1]); }), wrong);
    EXPECT_EQ(bent([](auto& i) { i.needs[1] = i.needs[0]; }), wrong);
    EXPECT_EQ(bent([](auto& i) { std::swap(i.members[0], i.members[1]); }), wrong);
    EXPECT_EQ(bent([](auto& i) { i.members.pop_back(); }), wrong);
    EXPECT_EQ(bent([](auto& i) { i.screenings.pop_back(); }), wrong);
    EXPECT_EQ(bent([](auto& i) { std::swap(i.screenings[0], i.screenings[1]); }), wrong);
    EXPECT_EQ(bent([](auto& i) { i.needs[0].quantity = 0; }), wrong);
    EXPECT_EQ(bent([](auto& i) { i.offers[0].quantity = quantity_max + 1; }), wrong);
    EXPECT_EQ(bent([](auto& i) { i.rule.member_cap = Rational{3, 2}; }), wrong);
    EXPECT_EQ(
        bent([](auto& i) { i.rule.floor = GroupFloor{id<institution::GroupId>("list"), {-1, 2}}; }),
        wrong);
    EXPECT_EQ(bent([](auto& i) { i.members[0].weight = 0; }), "exchange/bad-instance");
    EXPECT_EQ(bent([](auto& i) { i.members[0].carry_over = -1; }), "exchange/bad-instance");
}

/// Whether these totals are possible: the engine refuses floors that cannot be met.
bool can_receive(AllocationInstance instance, const std::vector<std::int64_t>& totals) {
    for (std::size_t m = 0; m < totals.size(); ++m) {
        instance.members[m].floor = instance.members[m].cap = totals[m];
    }
    return allocate(instance, Rounding::sainte_lague).has_value();
}

// The naive form: units one at a time to the smallest key (2 held + 1) / 2w, then the lottery rank,
// among those who can still receive one, until the share is reached.
TEST(Round, FloorsAreTheFirstUnitsThatTheEngineGivesTheGroup) {
    std::mt19937 random(11);
    const auto below = [&](int bound) {
        return std::uniform_int_distribution<int>(0, bound - 1)(random);
    };
    for (int run = 0; run < 200; ++run) {
        RoundInputs inputs;
        inputs.rule = equal_rule();
        inputs.rule.floor = GroupFloor{id<institution::GroupId>("list"), {1 + below(4), 5}};
        const std::vector<std::string> classes = {"course", "lab", "model"};
        for (int m = 0; m < 4; ++m) {
            inputs.members.push_back(
                {member("m" + std::to_string(m)), 1 + below(3), below(3), below(4) != 0});
        }
        for (int o = 0; o < 3; ++o) {
            FrozenOffer offer;
            offer.id = id<OfferId>("o" + std::to_string(o));
            offer.provider = member("maker");
            offer.item_class =
                id<institution::ItemClassId>(classes[static_cast<std::size_t>(below(3))]);
            offer.origin = id<institution::AreaCode>("XAP");
            offer.quantity = 1 + below(5);
            inputs.offers.push_back(offer);
        }
        for (int n = 0; n < 6; ++n) {
            FrozenNeed need;
            need.id = id<NeedId>("n" + std::to_string(n));
            need.member = member("m" + std::to_string(below(4)));
            need.item_classes = {
                id<institution::ItemClassId>(classes[static_cast<std::size_t>(below(3))])};
            need.destination = id<institution::AreaCode>("XAA");
            need.end_use = id<institution::EndUseId>("education");
            need.quantity = 1 + below(5);
            need.until = Date{1};
            inputs.needs.push_back(need);
        }
        std::set<institution::Transfer> transfers;
        for (const FrozenOffer& offer : inputs.offers) {
            transfers.insert({offer.item_class, offer.origin, id<institution::AreaCode>("XAA"),
                              id<institution::EndUseId>("education")});
        }
        for (const auto& transfer : transfers) inputs.screenings.push_back({transfer, {}});

        RoundPool pool = pool_of(inputs).value();
        const auto ranks = ranks_of(inputs, {}, {});
        set_bounds(pool, ranks);
        const Division division = divide(pool.rival, pool.rule).value();
        std::vector<std::int64_t> held(4, 0);
        std::int64_t left = share_of(inputs.rule.floor->share, pool.units);
        AllocationInstance plain = pool.rival.instance;
        for (AllocationMember& m : plain.members) m.floor = 0;
        while (left > 0) {
            std::optional<std::size_t> next;
            for (std::size_t m = 0; m < 4; ++m) {
                auto more = held;
                ++more[m];
                if (!inputs.members[m].in_floor_group || !can_receive(plain, more)) continue;
                const auto key = [&](std::size_t i) {
                    return std::tuple(
                        Rational::make(2 * (held[i] + inputs.members[i].carry_over) + 1,
                                       2 * inputs.members[i].weight)
                            .value(),
                        ranks[i]);
                };
                if (!next || key(m) < key(*next)) next = m;
            }
            if (!next) break;
            ++held[*next];
            --left;
        }
        for (std::size_t m = 0; m < 4; ++m) {
            EXPECT_EQ(division.stages.front().floors[m], held[m])
                << "run " << run << ", member " << m;
        }
    }
}

}  // namespace
}  // namespace comity::exchange
