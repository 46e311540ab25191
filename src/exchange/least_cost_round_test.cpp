// SPDX-License-Identifier: Apache-2.0

// Pairs of least cost in rounds: what freezes, what is drawn, and that the check of a result sees
// every change; costs in instance and result documents.

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "codec/describe.h"
#include "codec/json.h"
#include "exchange/exchange_world.h"
#include "exchange/instance_json.h"
#include "exchange/round.h"
#include "exchange/what_if.h"

namespace comity::exchange {
namespace {

using institution::AreaCode;

CostEntry entry(std::string_view origin, std::optional<std::string_view> destination,
                std::int64_t cost) {
    CostEntry made{.origin = id<AreaCode>(origin), .destination = {}, .cost = cost};
    if (destination) made.destination = id<AreaCode>(*destination);
    return made;
}

/// From XAP 5 and to XAB 1; from XAQ 2; all else 9.
CostTable table() {
    CostTable made;
    made.id = id<CostTableId>("energy");
    made.source = "synthetic";
    made.date = day("2026-01-01");
    made.entries = {entry("XAP", {}, 5), entry("XAP", "XAB", 1), entry("XAQ", {}, 2)};
    made.otherwise = 9;
    return made;
}

AllocationRule cheap_rule(std::optional<std::int64_t> new_provider = {}) {
    AllocationRule rule = equal_rule();
    rule.least_cost = LeastCost{.table = id<CostTableId>("energy"), .new_provider = new_provider};
    return rule;
}

/// Two providers with 4 units each, in XAP and in XAQ, and two members that ask 4 each.
void enter_two_by_two(World& world) {
    world.must("maker", offer_of("o1", 4));
    Offer other = offer_of("o2", 4);
    other.origin = id<AreaCode>("XAQ");
    world.must("school", other);
    world.must("arda", need_of("n1", "XAA", 4));
    world.must("bela", need_of("n2", "XAB", 4));
}

World two_by_two(const AllocationRule& rule) {
    World world;
    EXPECT_EQ(world.adopt(table()), "adopted");
    EXPECT_EQ(world.adopt(rule), "adopted");
    enter_two_by_two(world);
    return world;
}

void call_and_draw(World& world) {
    world.must("maker", round_of("r1"));
    freeze_and_draw(world);
}

std::vector<Line> lines_of(const World& world) { return world.allocated("r1").result.lines; }

Line line(std::string_view need, std::string_view offer, std::int64_t units) {
    return {id<NeedId>(need), id<OfferId>(offer), units};
}

/// The reason for which a bent result, or a result for bent inputs, is refused.
std::string refusal(
    const Allocated& allocated, const std::function<void(RoundResult&)>& bend,
    const std::function<void(RoundInputs&)>& change = [](RoundInputs&) {}) {
    RoundInputs inputs = allocated.inputs;
    RoundResult result = allocated.result;
    bend(result);
    change(inputs);
    result.inputs = digest_of(inputs);
    const Result<> checked = check_result(inputs, result);
    return checked ? "accepted" : std::string(checked.error().reason);
}

}  // namespace

TEST(LeastCostRound, AUnitCostsWhatItsAreasSay) {
    const CostTable costs = table();
    const auto cost = [&](std::string_view from, std::string_view to) {
        return cost_between(costs, id<AreaCode>(from), id<AreaCode>(to));
    };
    EXPECT_EQ(cost("XAP", "XAA"), 5);
    EXPECT_EQ(cost("XAP", "XAB"), 1);
    EXPECT_EQ(cost("XAQ", "XAB"), 2);
    EXPECT_EQ(cost("XAA", "XAB"), 9);
    EXPECT_EQ(cost("XAZ", "XAB"), 9);
}

TEST(LeastCostRound, EachIsServedFromWhereItCostsLess) {
    World world = two_by_two(cheap_rule());
    call_and_draw(world);
    EXPECT_EQ(lines_of(world), (std::vector{line("n1", "o2", 4), line("n2", "o1", 4)}));
    const RoundInputs& inputs = world.allocated("r1").inputs;
    ASSERT_TRUE(inputs.costs.has_value());
    EXPECT_EQ(inputs.costs->version, 1U);
    EXPECT_EQ(inputs.costs->motion, "motion-1");
    ASSERT_EQ(inputs.costs->costs.size(), 4U);
    EXPECT_EQ(inputs.costs->costs[1].cost, 1) << "XAP to XAB";
    EXPECT_FALSE(inputs.members[0].providers.has_value());
    // Dearer the other way round.
    World turned = two_by_two(cheap_rule());
    CostTable next = table();
    next.version = 2;
    next.entries[1].cost = 50;
    EXPECT_EQ(turned.adopt(next), "adopted");
    call_and_draw(turned);
    EXPECT_EQ(lines_of(turned), (std::vector{line("n1", "o1", 4), line("n2", "o2", 4)}));
    EXPECT_EQ(turned.allocated("r1").inputs.costs->version, 2U);
}

TEST(LeastCostRound, AProviderThatAMemberHasAlreadyCostsNoMore) {
    for (const std::int64_t accepted : {1, 0}) {
        World world;
        EXPECT_EQ(world.adopt(equal_rule()), "adopted");
        world.must("maker", offer_of("o0", 1));
        world.must("arda", need_of("n0", "XAA", 1));
        call_and_draw(world);
        world.must("arda", acceptance_of("r1", "n0", accepted));
        world.clock("2026-08-10T00:00:00Z");
        if (accepted == 0) {
            world.must("maker", OfferWithdrawal{id<OfferId>("o0")});
            world.must("arda", NeedWithdrawal{id<NeedId>("n0")});
        }
        EXPECT_EQ(world.adopt(table()), "adopted");
        AllocationRule rule = cheap_rule(100);
        rule.version = 2;
        EXPECT_EQ(world.adopt(rule), "adopted");
        enter_two_by_two(world);
        Round round = round_of("r2", "equal", 2);
        round.freezes_at = time("2026-08-12T00:00:00Z");
        round.draws_at = time("2026-08-13T00:00:00Z");
        round.answers_until = time("2026-08-20T00:00:00Z");
        world.must("maker", round);
        world.clock("2026-08-12T00:00:00Z");
        world.clock("2026-08-13T00:00:00Z");
        const Allocated& drawn = world.allocated("r2");
        const auto& providers = drawn.inputs.members[0].providers;
        ASSERT_TRUE(providers.has_value());
        const std::vector<institution::MemberId> expected =
            accepted == 1 ? std::vector{member("maker")} : std::vector<institution::MemberId>{};
        EXPECT_EQ(*providers, expected);
        // arda stays with maker, though its units cost 5 and those of school 2.
        const Line first = accepted == 1 ? line("n1", "o1", 4) : line("n1", "o2", 4);
        EXPECT_EQ(drawn.result.lines.front(), first);
        EXPECT_TRUE(check_result(drawn.inputs, drawn.result));
    }
}

TEST(LeastCostRound, ABentResultIsRefused) {
    World world = two_by_two(cheap_rule(7));
    world.must("dova", need_of("n3", "XAD", 4));
    call_and_draw(world);
    const Allocated& drawn = world.allocated("r1");
    EXPECT_EQ(refusal(drawn, [](RoundResult&) {}), "accepted");
    EXPECT_EQ(refusal(drawn, [](RoundResult& r) { r.offers[0].price.reset(); }),
              "exchange/bad-result");
    EXPECT_EQ(refusal(drawn, [](RoundResult& r) { r.members[0].value.reset(); }),
              "exchange/bad-result");
    EXPECT_EQ(refusal(drawn, [](RoundResult& r) { r.offers[0].price = 1'000; }),
              "exchange/bad-prices");
    EXPECT_EQ(refusal(drawn, [](RoundResult& r) { r.members[0].value = 0; }),
              "exchange/bad-prices");
    EXPECT_EQ(refusal(drawn, [](RoundResult& r) { r.offers[0].price = -1; }),
              "exchange/bad-prices");
    EXPECT_EQ(refusal(drawn, [](RoundResult& r) { r.members.pop_back(); }), "exchange/bad-prices");
    // The two needs change places: lawful, fair, and dearer.
    World pair = two_by_two(cheap_rule(7));
    call_and_draw(pair);
    const auto exchange_offers = [](RoundResult& r) {
        std::swap(r.lines[0].offer, r.lines[1].offer);
    };
    EXPECT_EQ(refusal(pair.allocated("r1"), exchange_offers), "exchange/bad-prices");
}

TEST(LeastCostRound, InputsThatNoFreezeMakesAreRefused) {
    World world = two_by_two(cheap_rule(7));
    call_and_draw(world);
    const Allocated& drawn = world.allocated("r1");
    const auto reason = [&](const std::function<void(RoundInputs&)>& change) {
        return refusal(drawn, [](RoundResult&) {}, change);
    };
    EXPECT_EQ(reason([](RoundInputs& i) { i.costs.reset(); }), "exchange/bad-inputs");
    EXPECT_EQ(reason([](RoundInputs& i) { i.costs->costs.pop_back(); }), "exchange/bad-inputs");
    EXPECT_EQ(reason([](RoundInputs& i) { std::swap(i.costs->costs[0], i.costs->costs[1]); }),
              "exchange/bad-inputs");
    EXPECT_EQ(reason([](RoundInputs& i) { i.costs->costs[0].cost = cost_max + 1; }),
              "exchange/bad-inputs");
    EXPECT_EQ(reason([](RoundInputs& i) { i.costs->id = id<CostTableId>("other"); }),
              "exchange/bad-inputs");
    EXPECT_EQ(reason([](RoundInputs& i) { i.rule.least_cost->table.reset(); }),
              "exchange/bad-inputs");
    EXPECT_EQ(reason([](RoundInputs& i) { i.members[0].providers.reset(); }),
              "exchange/bad-inputs");
    EXPECT_EQ(reason([](RoundInputs& i) {
                  i.members[0].providers = {member("school"), member("maker")};
              }),
              "exchange/bad-inputs");
    EXPECT_EQ(reason([](RoundInputs& i) { i.rule.least_cost->new_provider.reset(); }),
              "exchange/bad-inputs");
}

TEST(LeastCostRound, TablesAndRulesAreCheckedWhenTheyAreAdopted) {
    World world;
    EXPECT_EQ(world.adopt(cheap_rule()), "exchange/no-such-costs");
    const auto adopted = [&](const std::function<void(CostTable&)>& bend) {
        CostTable bent = table();
        bend(bent);
        return world.adopt(bent);
    };
    EXPECT_EQ(adopted([](CostTable& t) { t.version = 2; }), "exchange/wrong-version");
    EXPECT_EQ(adopted([](CostTable& t) { t.otherwise = -1; }), "exchange/bad-costs");
    EXPECT_EQ(adopted([](CostTable& t) { t.entries[0].cost = cost_max + 1; }),
              "exchange/bad-costs");
    EXPECT_EQ(adopted([](CostTable& t) { std::swap(t.entries[0], t.entries[1]); }),
              "exchange/bad-costs");
    EXPECT_EQ(adopted([](CostTable& t) { t.entries[1] = t.entries[0]; }), "exchange/bad-costs");
    EXPECT_EQ(adopted([](CostTable& t) { t.entries.resize(cost_entries_max + 1); }),
              "exchange/too-many-costs");
    EXPECT_EQ(adopted([](CostTable&) {}), "adopted");
    AllocationRule rule = cheap_rule(cost_max + 1);
    EXPECT_EQ(world.adopt(rule), "exchange/bad-costs");
    rule.least_cost = LeastCost{};
    EXPECT_EQ(world.adopt(rule), "exchange/bad-costs");
    rule.least_cost->new_provider = 0;
    EXPECT_EQ(world.adopt(rule), "adopted");
}

TEST(LeastCostRound, ADraftTableChangesPairsAndNoTotal) {
    World world = two_by_two(equal_rule());
    call_and_draw(world);
    DraftRule draft{.rule = cheap_rule(), .weights = {}};
    draft.costs = table();
    const auto compared =
        what_if(world.exchange, world.institution, world.screening(), id<RoundId>("r1"), draft);
    ASSERT_TRUE(compared) << compared.error().message;
    for (const MemberComparison& row : compared->members) {
        EXPECT_EQ(row.present->units, row.draft->units);
    }
    draft.costs->otherwise = -1;
    EXPECT_EQ(
        what_if(world.exchange, world.institution, world.screening(), id<RoundId>("r1"), draft)
            .error()
            .reason,
        "exchange/bad-costs");
}

namespace {

constexpr std::string_view document =
    R"({"members": {"A": {"w": 1}, "B": {"w": 1}}, "offers": {"X": 3, "Y": 4},
        "lists": {"l": ["X", "Y"]}, "change": 2,
        "needs": {"n1": {"member": "A", "qty": 4, "lawful": "l", "cost": {"X": 1, "Y": 4}},
                  "n2": {"member": "B", "qty": 4, "lawful": ["Y", "X"], "cost": {"Y": 3},
                         "before": {"X": 1}}},
        "rule": {"least_cost": {"new_provider": 0}}})";

std::string replaced(std::string_view what, std::string_view with) {
    std::string text(document);
    text.replace(text.find(what), what.size(), with);
    return text;
}

std::string solution_of(const std::string& text) {
    const NamedInstance named = parse_instances(text).value().front();
    const codec::Value solved = solution(named, solve(named).value());
    EXPECT_TRUE(check_solution(named, solved));
    return codec::write_json(solved);
}

std::string reason_of(const std::string& text) {
    const auto read = parse_instances(text);
    return read ? "read" : std::string(read.error().reason);
}

}  // namespace

TEST(LeastCostDocument, SaysWhatThePairsCostAndWhy) {
    const NamedInstance named = parse_instances(document).value().front();
    const codec::Value solved = solution(named, solve(named).value());
    const auto& object = *solved.as<codec::Object>();
    // n1 has 4 units, of X at 1 + 2 and of Y at 4 + 2; n2 has 3, one of X at 0, the others of X at
    // 2 or of Y at 3 + 2. One more unit of X saves 3.
    EXPECT_EQ(codec::write_json(object.at("prices")),
              R"({"cost":28,"members":{"A":6,"B":5},"offers":{"X":3}})");
    EXPECT_TRUE(check_solution(named, solved));
}

TEST(LeastCostDocument, TheSameInAnyOrderAndWithOrWithoutSharedLists) {
    const std::string solved = solution_of(std::string(document));
    EXPECT_EQ(solution_of(replaced(R"("lawful": "l")", R"("lawful": ["Y", "X"])")), solved);
    EXPECT_EQ(solution_of(replaced(R"("lawful": ["Y", "X"])", R"("lawful": "l")")), solved);
    EXPECT_EQ(solution_of(replaced(R"({"X": 1, "Y": 4})", R"({"Y": 4, "X": "1"})")), solved);
    EXPECT_EQ(
        solution_of(replaced(R"("A": {"w": 1}, "B": {"w": 1})", R"("B": {"w": 1}, "A": {"w": 1})")),
        solved);
    const NamedInstance named = parse_instances(document).value().front();
    EXPECT_EQ(solution_of(codec::write_json(to_value(named))), solved);
}

TEST(LeastCostDocument, CostsWithoutARuleThatAsksForThemChangeNothing) {
    const std::string solved =
        solution_of(replaced(R"("least_cost": {"new_provider": 0})", R"("one_each": false)"));
    EXPECT_EQ(solved.find("prices"), std::string::npos);
}

TEST(LeastCostDocument, RefusesCostsThatDoNotFit) {
    EXPECT_EQ(reason_of(std::string(document)), "read");
    const std::string bad = "exchange/bad-instance";
    EXPECT_EQ(reason_of(replaced(R"("X": 1, )", R"("Z": 1, )")), bad);
    EXPECT_EQ(reason_of(replaced(R"("X": 1, )", R"("X": -1, )")), bad);
    EXPECT_EQ(reason_of(replaced(R"("X": 1, )", R"("X": 8589934592, )")), "read");
    EXPECT_EQ(reason_of(replaced(R"("X": 1, )", R"("X": 8589934593, )")), bad);
    EXPECT_EQ(reason_of(replaced(R"("change": 2,)", "")), bad);
    EXPECT_EQ(reason_of(replaced(R"("change": 2)", R"("change": 4294967297)")), bad);
    EXPECT_EQ(reason_of(replaced(R"({"X": 1}})", R"({"X": 0}})")), bad);
    EXPECT_EQ(reason_of(replaced(R"({"X": 1}})", R"({"Z": 1}})")), bad);
    EXPECT_EQ(reason_of(replaced(R"("lawful": "l")", R"("lawful": ["X"])")), bad);
}

TEST(LeastCostDocument, EveryBentPriceIsRefusedOrProvesTheSame) {
    const NamedInstance named = parse_instances(document).value().front();
    const std::string solved = codec::write_json(solution(named, solve(named).value()));
    const auto reason = [&](std::string_view what, std::string_view with) {
        std::string text = solved;
        text.replace(text.find(what), what.size(), with);
        const auto checked = check_solution(named, codec::parse_json(text).value());
        return checked ? "accepted" : std::string(checked.error().reason);
    };
    EXPECT_EQ(reason(R"("X":3})", R"("X":2})"), "exchange/bad-prices");
    EXPECT_EQ(reason(R"("X":3})", R"("X":3,"Y":1})"), "exchange/bad-prices");
    EXPECT_EQ(reason(R"("cost":28)", R"("cost":27)"), "exchange/bad-solution");
    EXPECT_EQ(reason(R"("B":5)", R"("B":4)"), "exchange/bad-prices");
    EXPECT_EQ(reason(R"("A":6,)", ""), "exchange/bad-prices");
    EXPECT_EQ(reason(R"("A":6)", R"("C":6)"), "exchange/bad-solution");
    EXPECT_EQ(reason(R"("offers":{"X":3})", R"("offer":{"X":3})"), "exchange/bad-solution");
}

}  // namespace comity::exchange
