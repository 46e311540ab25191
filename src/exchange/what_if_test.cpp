// SPDX-License-Identifier: Apache-2.0

// How we trust a what-if: under the round's own rule it gives the round's own result, under a draft
// what the round gives when that draft is adopted before it is called, and it changes nothing.

#include "exchange/what_if.h"

#include "exchange/exchange_world.h"

namespace comity::exchange {

namespace {

/// Ten units; arda asks 8 and dova asks 8, enna asks 4.
World called_under(const AllocationRule& rule, const std::vector<WeightTable>& tables = {}) {
    World world;
    for (const WeightTable& table : tables) EXPECT_EQ(world.adopt(table), "adopted");
    EXPECT_EQ(world.adopt(rule), "adopted");
    world.must("maker", offer_of("o1", 10));
    world.must("arda", need_of("n1", "XAA", 8));
    world.must("dova", need_of("n2", "XAD", 8));
    world.must("enna", need_of("n3", "XAC", 4));
    Round round = round_of("r1", rule.id.text());
    world.must("maker", round);
    return world;
}

WeightTable table_of(const std::map<institution::MemberId, std::int64_t>& weights) {
    WeightTable table;
    table.id = id<WeightTableId>("people");
    table.weights = weights;
    return table;
}

AllocationRule weighted_rule() {
    AllocationRule rule;
    rule.id = id<RuleId>("weighted");
    rule.weights = id<WeightTableId>("people");
    return rule;
}

RuleComparison compared(World& world, const DraftRule& draft) {
    auto comparison =
        what_if(world.exchange, world.institution, world.screening(), id<RoundId>("r1"), draft);
    EXPECT_TRUE(comparison) << comparison.error().message;
    return std::move(comparison).value();
}

std::map<std::string, std::int64_t> units_of(const RuleComparison& comparison,
                                             std::optional<Outcome> MemberComparison::* which) {
    std::map<std::string, std::int64_t> units;
    for (const MemberComparison& row : comparison.members) {
        units[row.member.text()] = (row.*which) ? (row.*which)->units : -1;
    }
    return units;
}

std::map<std::string, std::int64_t> allocated_to(const World& world) {
    std::map<std::string, std::int64_t> units;
    for (const NeedResult& need : world.allocated("r1").result.needs) {
        units[need.member.text()] += need.allocated;
    }
    return units;
}

TEST(WhatIf, UnderItsOwnRuleARoundHasItsOwnResult) {
    for (const bool is_drawn : {false, true}) {
        World world = called_under(equal_rule());
        if (is_drawn) freeze_and_draw(world);
        const Bytes before = codec::to_cbor(world.exchange);
        const RuleComparison comparison = compared(world, {.rule = equal_rule(), .weights = {}});
        EXPECT_EQ(codec::to_cbor(world.exchange), before) << "nothing is entered";
        EXPECT_EQ(units_of(comparison, &MemberComparison::present),
                  units_of(comparison, &MemberComparison::draft));
        EXPECT_EQ(comparison.present.units, 10);
        EXPECT_EQ(comparison.draft.members_with_nothing, 0U);
    }
}

TEST(WhatIf, ADraftGivesWhatItGivesWhenItIsAdopted) {
    const WeightTable table = table_of({{member("arda"), 1}, {member("dova"), 6}});
    World adopted = called_under(weighted_rule(), {table});
    freeze_and_draw(adopted);

    for (const char* stage : {"called", "frozen", "drawn", "closed"}) {
        World world = called_under(equal_rule());
        if (stage != std::string_view("called")) world.clock("2026-08-02T00:00:00Z");
        if (stage == std::string_view("drawn") || stage == std::string_view("closed")) {
            world.clock("2026-08-03T00:00:00Z");
        }
        if (stage == std::string_view("closed")) world.clock("2026-08-10T00:00:00Z");
        const RuleComparison comparison =
            compared(world, {.rule = weighted_rule(), .weights = table});
        const auto units = units_of(comparison, &MemberComparison::draft);
        EXPECT_EQ(units.at("enna"), -1) << stage << ": it has no weight in the draft's table";
        EXPECT_EQ(units.at("arda"), allocated_to(adopted).at("arda")) << stage;
        EXPECT_EQ(units.at("dova"), allocated_to(adopted).at("dova")) << stage;
        EXPECT_EQ(comparison.draft.members_unlisted, 1U);
        EXPECT_EQ(comparison.present.members_unlisted, 0U);
        EXPECT_EQ(comparison.draft_rule.version, 1U);
    }
}

TEST(WhatIf, AMemberThatTheRoundDidNotListIsListedUnderTheDraft) {
    World world = called_under(weighted_rule(), {table_of({{member("arda"), 1}})});
    freeze_and_draw(world);
    const RuleComparison comparison = compared(world, {.rule = equal_rule(), .weights = {}});
    const auto before = units_of(comparison, &MemberComparison::present);
    const auto after = units_of(comparison, &MemberComparison::draft);
    EXPECT_EQ(before.at("dova"), -1);
    EXPECT_EQ(before.at("arda"), 8);
    EXPECT_EQ(after.at("arda") + after.at("dova") + after.at("enna"), 10);
    EXPECT_GT(after.at("dova"), 0);
}

TEST(WhatIf, AFloorForADatedListCounts) {
    World world = called_under(equal_rule());
    freeze_and_draw(world);
    AllocationRule draft = equal_rule();
    draft.floor = GroupFloor{id<institution::GroupId>("list"), Rational::parse("4/5").value()};
    const RuleComparison comparison = compared(world, {.rule = draft, .weights = {}});
    EXPECT_EQ(units_of(comparison, &MemberComparison::draft).at("arda"), 8)
        << "four fifths of the pool go to the list first, of which only arda asks";
    EXPECT_EQ(comparison.draft_rule.version, 2U);
}

TEST(WhatIf, WhatCouldNotBeAdoptedIsRefused) {
    World world = called_under(equal_rule());
    const auto reason = [&](const DraftRule& draft, std::string_view round = "r1") {
        const auto refused = what_if(world.exchange, world.institution, world.screening(),
                                     id<RoundId>(round), draft);
        return refused ? std::string("taken") : std::string(refused.error().reason);
    };
    EXPECT_EQ(reason({.rule = weighted_rule(), .weights = {}}), "exchange/no-such-weights");
    EXPECT_EQ(reason({.rule = weighted_rule(), .weights = table_of({})}), "exchange/empty-list");
    EXPECT_EQ(reason({.rule = equal_rule(), .weights = {}}, "r9"), "exchange/no-such-round");
    AllocationRule draft = equal_rule();
    draft.floor = GroupFloor{id<institution::GroupId>("nobody"), Rational::parse("1/2").value()};
    EXPECT_EQ(reason({.rule = draft, .weights = {}}), "exchange/unknown-group");
}

}  // namespace

}  // namespace comity::exchange
