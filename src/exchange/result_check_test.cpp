// SPDX-License-Identifier: Apache-2.0
//
// How we trust the check of a result: every leaf of a real result is bent in every way that its
// type allows, every list loses, repeats and swaps elements, and none of these passes. Whole
// allocations that are lawful but not what the rule demands do not pass either.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec/describe.h"
#include "exchange/exchange.h"
#include "exchange/exchange_world.h"

namespace comity::exchange {
namespace {

using codec::Value;

/// A round with every kind of reason, ties, a floor, a cap, a grant and a withheld reveal.
World eventful() {
    World world;
    AllocationRule rule = equal_rule();
    rule.floor = GroupFloor{id<institution::GroupId>("list"), {1, 3}};
    rule.member_cap = Rational{2, 5};
    EXPECT_EQ(world.adopt(rule), "adopted");
    world.restrictions = {{"ban", "lab", "XAA"}, {"ban-two", "model", "XAD"}};
    world.must("maker", offer_of("o1", 7));
    world.must("school", offer_of("o2", 5, "lab"));
    world.must("maker", offer_of("o3", 4, "lab"));
    Offer model = offer_of("o4", 2, "model");
    model.rivalry = Rivalry::non_rival;
    world.must("maker", model);
    world.must("arda", need_of("n1", "XAA", 9));
    world.must("bela", need_of("n2", "XAB", 3));
    Need lab = need_of("n3", "XAC", 6);
    lab.item_classes = {id<institution::ItemClassId>("lab")};
    world.must("cira", lab);
    world.must("dova", need_of("n4", "XAD", 20));
    Need blocked = need_of("n5", "XAA", 2);
    blocked.item_classes = {id<institution::ItemClassId>("lab")};
    world.must("arda", blocked);
    world.must("enna", need_of("n6", "XAE", 4));
    world.must("maker", round_of("r1"));
    world.must("arda", commitment_of("r1", random_of('a')));
    world.must("bela", commitment_of("r1", random_of('b')));
    world.clock("2026-08-02T00:00:00Z");
    world.must("arda", Reveal{id<RoundId>("r1"), random_of('a')});
    world.clock("2026-08-03T00:00:00Z");
    return world;
}

/// A round under a rule with tiers, choices, least quantities, one unit each and a list's share.
World staged() {
    World world;
    AllocationRule rule = equal_rule();
    rule.rounding = Rounding::dhondt;
    rule.floor = GroupFloor{id<institution::GroupId>("list"), {1, 3}};
    rule.one_each = true;
    rule.tiers = {{id<institution::EndUseId>("health")}};
    rule.by_choice = true;
    rule.minimums = true;
    EXPECT_EQ(world.adopt(rule), "adopted");
    world.restrictions = {{"ban", "lab", "XAA"}};
    world.must("maker", offer_of("o1", 6));
    world.must("school", offer_of("o2", 5, "lab"));
    world.must("maker", offer_of("o3", 3, "model"));
    const auto need = [&](const char* name, const char* area, std::int64_t units,
                          const std::vector<const char*>& choices, std::int64_t minimum,
                          const char* end_use) {
        Need stated = need_of(name, area, units);
        stated.end_use = id<institution::EndUseId>(end_use);
        if (minimum > 0) stated.minimum = minimum;
        if (choices.empty()) return stated;
        stated.choices.emplace();
        for (const char* choice : choices) {
            stated.choices->push_back(id<institution::ItemClassId>(choice));
        }
        return stated;
    };
    world.must("arda", need("n1", "XAA", 4, {"course", "model"}, 0, "health"));
    world.must("bela", need("n2", "XAB", 6, {"lab"}, 0, "education"));
    world.must("cira", need("n3", "XAC", 5, {"lab", "course"}, 5, "education"));
    world.must("dova", need("n4", "XAD", 3, {}, 0, "education"));
    world.must("enna", need("n5", "XAE", 6, {"model"}, 6, "education"));
    world.must("arda", need("n6", "XAA", 4, {"model"}, 0, "education"));
    world.must("maker", round_of("r1"));
    freeze_and_draw(world);
    return world;
}

struct Checked {
    const RoundRecord& round;
    const Allocated& allocated;

    explicit Checked(const World& world)
        : round(world.round("r1")), allocated(world.allocated("r1")) {}

    std::string operator()(const RoundResult& result) const {
        const Result<> checked = check_result(allocated.inputs, round.commitments, round.reveals,
                                              round.public_value, result);
        return checked ? "passes" : std::string(checked.error().reason);
    }
};

/// What a text could be instead: another id of the same round, another enumerator, another digest.
const std::vector<std::string>& other_texts() {
    static const std::vector<std::string> texts = [] {
        std::vector<std::string> all = {"arda",
                                        "bela",
                                        "cira",
                                        "dova",
                                        "enna",
                                        "maker",
                                        "school",
                                        "o1",
                                        "o2",
                                        "o3",
                                        "o4",
                                        "n1",
                                        "n2",
                                        "n3",
                                        "n4",
                                        "n5",
                                        "n6",
                                        "ban",
                                        "else",
                                        "ban-two",
                                        "2026-01-01",
                                        "2026-01-02",
                                        sha256({}).text()};
        for (const std::string_view name : codec::detail::enumerator_names<Reason>()) {
            all.emplace_back(name);
        }
        return all;
    }();
    return texts;
}

using Visit = std::function<void(const std::string& where)>;

/// Bends `value`, which is part of a whole, in every way and calls `visit` with the whole bent.
void bend(Value& value, const std::string& where, const Visit& visit);

void bend_array(codec::Array& array, const std::string& where, const Visit& visit) {
    const codec::Array good = array;
    for (std::size_t i = 0; i < good.size(); ++i) {
        const std::string place = where + "/" + std::to_string(i);
        array.erase(array.begin() + static_cast<std::ptrdiff_t>(i));
        visit(place + " dropped");
        array = good;
        array.insert(array.begin() + static_cast<std::ptrdiff_t>(i), good[i]);
        visit(place + " twice");
        array = good;
        if (i > 0) {
            std::swap(array[i - 1], array[i]);
            visit(place + " swapped");
            array = good;
        }
        bend(array[i], place, visit);
    }
}

void bend_object(codec::Object& object, const std::string& where, const Visit& visit) {
    const codec::Object good = object;
    for (const auto& [name, member] : good) {
        object.erase(name);
        visit(where + "/" + name + " left out");
        object = good;
        bend(object.at(name), where + "/" + name, visit);
    }
    for (const auto* name : {"bottleneck", "holder"}) {
        if (object.contains(name)) continue;
        for (const auto* text : {"arda", "dova"}) {
            object[name] = Value{std::string(text)};
            visit(where + "/" + name + " made up");
        }
        object = good;
    }
}

void bend(Value& value, const std::string& where, const Visit& visit) {
    if (auto* number = std::get_if<std::int64_t>(&value.data)) {
        const std::int64_t good = *number;
        for (const std::int64_t other : {good + 1, good - 1, -good, std::int64_t{0},
                                         std::int64_t{1} << 60, std::int64_t{1} << 62}) {
            if (other == good) continue;
            *number = other;
            visit(where + " = " + std::to_string(other));
        }
        *number = good;
    } else if (auto* text = std::get_if<std::string>(&value.data)) {
        const std::string good = *text;
        for (const std::string& other : other_texts()) {
            if (other == good) continue;
            *text = other;
            visit(where + " = " + other);
        }
        *text = good;
    } else if (auto* array = std::get_if<codec::Array>(&value.data)) {
        bend_array(*array, where, visit);
    } else if (auto* object = std::get_if<codec::Object>(&value.data)) {
        bend_object(*object, where, visit);
    }
}

TEST(ResultCheck, ADrawnResultPasses) {
    const World world = eventful();
    const Checked check(world);
    EXPECT_EQ(check(check.allocated.result), "passes");
    std::set<Reason> reasons;
    for (const NeedResult& need : check.allocated.result.needs) reasons.insert(need.reason);
    EXPECT_GE(reasons.size(), 3U) << "the mutations below need variety to bend";
    EXPECT_FALSE(check.allocated.result.grants.empty());
    EXPECT_FALSE(check.allocated.result.withheld.empty());
}

TEST(ResultCheck, AResultOfSeveralStagesPasses) {
    const World world = staged();
    const Checked check(world);
    EXPECT_EQ(check(check.allocated.result), "passes");
    EXPECT_EQ(check.allocated.result.stages.size(), 5U) << "two choices, and three with the rest";
    EXPECT_FALSE(check.allocated.result.dropped.empty());
    std::set<Reason> reasons;
    for (const NeedResult& need : check.allocated.result.needs) reasons.insert(need.reason);
    EXPECT_TRUE(reasons.contains(Reason::below_minimum));
    EXPECT_TRUE(reasons.contains(Reason::earlier_stage));
}

class BentResults : public testing::TestWithParam<World (*)()> {};
INSTANTIATE_TEST_SUITE_P(Rounds, BentResults, testing::Values(&eventful, &staged));

TEST_P(BentResults, NoneOfThemPasses) {
    const World world = GetParam()();
    const Checked check(world);
    Value whole = codec::to_value(check.allocated.result);
    int bent = 0;
    bend(whole, "", [&](const std::string& where) {
        const auto result = codec::from_value<RoundResult>(whole);
        if (!result) return;  // such a result cannot even be read
        ++bent;
        // What only settled needs use, any bottleneck proves: such offers have several.
        const bool is_label = where.find("bottleneck") != std::string::npos;
        const bool is_staged = !check.allocated.result.stages.empty();
        if (is_staged && is_label && !where.starts_with("/needs/")) return;
        EXPECT_NE(check(*result), "passes") << where;
    });
    EXPECT_GT(bent, 500);
}

TEST(ResultCheck, ALawfulAllocationThatIsNotTheFairestDoesNotPass) {
    const World world = eventful();
    const Checked check(world);
    // Everything consistently derived from other lines: a result of a smaller need of one member.
    for (std::size_t n = 0; n < check.allocated.inputs.needs.size(); ++n) {
        RoundInputs other = check.allocated.inputs;
        if (other.needs[n].quantity == 1) continue;
        other.needs[n].quantity = 1;
        const auto drawn = draw(other, check.round.commitments, check.round.reveals, {});
        ASSERT_TRUE(drawn);
        EXPECT_EQ(check(*drawn), "exchange/bad-result");
        RoundResult disguised = *drawn;
        disguised.inputs = check.allocated.result.inputs;
        disguised.seed = check.allocated.result.seed;
        if (disguised.lines == check.allocated.result.lines) continue;
        EXPECT_NE(check(disguised), "passes") << n;
    }
}

TEST(ResultCheck, AResultIsForItsInputsAlone) {
    const World world = eventful();
    const Allocated& allocated = world.allocated("r1");
    RoundInputs other = allocated.inputs;
    other.cut_off += 1;
    EXPECT_EQ(check_result(other, allocated.result).error().reason, "exchange/bad-result");
}

}  // namespace
}  // namespace comity::exchange
