// SPDX-License-Identifier: Apache-2.0
#include "exchange/rule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <vector>

#include "codec/describe.h"
#include "codec/json.h"
#include "exchange/instance_json.h"

namespace comity::exchange {
namespace {

const std::filesystem::path rules_folder = COMITY_SOURCE_DIR "/data/rules";

std::string file_text(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::filesystem::path> rule_files() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(rules_folder)) {
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

class ShippedRules : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(ShippedRules, CanBeAdoptedAndGiveWhatTheirExamplesSay) {
    const auto rule = codec::from_json<AllocationRule>(file_text(GetParam()));
    ASSERT_TRUE(rule) << rule.error().message;
    EXPECT_EQ(rule->id.text(), GetParam().stem().string());
    EXPECT_TRUE(check_rule(*rule));
    const std::string json = file_text(rules_folder / "examples" / GetParam().filename());
    auto examples = parse_instances(json);
    ASSERT_TRUE(examples) << examples.error().message;
    ASSERT_FALSE(examples->empty());
    for (NamedInstance named : std::vector(*examples)) {
        SCOPED_TRACE(named.name);
        named.rule = *rule;
        const auto solved = solve(named);
        ASSERT_TRUE(solved) << solved.error().message;
        ASSERT_EQ(named.expected_units.size(), named.instance.members.size());
        for (std::size_t m = 0; m < named.instance.members.size(); ++m) {
            const std::string& id = named.instance.members[m].name;
            EXPECT_EQ(solved->allocation().totals[m], named.expected_units.at(id)) << id;
            const auto exact = named.expected.find(id);
            if (exact == named.expected.end()) continue;
            ASSERT_FALSE(solved->exact.empty());
            EXPECT_EQ(solved->exact[m].text(), exact->second) << id;
        }
        const codec::Value document = solution(named, *solved);
        const auto checked = check_solution(named, document);
        EXPECT_TRUE(checked) << checked.error().message;
        // The rule in the file itself says the same as the rule beside it.
        const auto again = parse_instances(codec::write_json(to_value(named)));
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_EQ(solution(again->front(), solve(again->front()).value()), document);
    }
}

INSTANTIATE_TEST_SUITE_P(Files, ShippedRules, testing::ValuesIn(rule_files()),
                         [](const auto& param) {
                             std::string name = param.param.stem().string();
                             std::erase(name, '-');
                             return name;
                         });

std::map<std::string, std::int64_t> populations() {
    std::map<std::string, std::int64_t> people;
    std::ifstream file(COMITY_SOURCE_DIR "/data/population.csv");
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
        std::string member = line.substr(0, 3);
        for (char& letter : member) letter = static_cast<char>(letter - 'A' + 'a');
        people[member] = std::stoll(line.substr(line.rfind(',') + 1));
    }
    return people;
}

TEST(ShippedWeights, AreThePopulationsThatTheyComeFrom) {
    const auto people = populations();
    ASSERT_EQ(people.size(), 39U);
    const auto table = [](const std::string& name) {
        return codec::from_json<WeightTable>(
                   file_text(rules_folder.parent_path() / "weights" / (name + ".json")))
            .value();
    };
    const WeightTable equal = table("equal");
    const WeightTable population = table("population");
    const WeightTable root = table("sqrt-population");
    ASSERT_EQ(equal.weights.size(), people.size());
    ASSERT_EQ(root.weights.size(), people.size());
    for (const auto& [member, weight] : population.weights) {
        EXPECT_EQ(weight, people.at(member.text()));
        EXPECT_EQ(equal.weights.at(member), 1);
        const std::int64_t side = root.weights.at(member);
        EXPECT_TRUE(side * side <= weight && weight < (side + 1) * (side + 1)) << member.text();
    }
}

std::string_view reason_of(const std::string& json) {
    const auto value = codec::parse_json(json);
    EXPECT_TRUE(value);
    const auto rule = read_rule(*value);
    return rule ? std::string_view() : rule.error().reason;
}

TEST(Rule, WhatADraftLeavesOutIsNotPartOfIt) {
    const AllocationRule rule =
        read_rule(codec::parse_json(R"({"rounding": "dhondt"})").value()).value();
    EXPECT_EQ(rule.rounding, Rounding::dhondt);
    EXPECT_FALSE(rule.one_each || rule.by_choice || rule.minimums || rule.by_claims);
    EXPECT_FALSE(rule.weights || rule.floor || rule.member_cap || rule.tiers || rule.carry_over);
}

TEST(Rule, RefusesPartsThatDoNotFit) {
    EXPECT_EQ(reason_of("{}"), "");
    EXPECT_EQ(reason_of("[]"), "codec/wrong-type");
    EXPECT_EQ(reason_of(R"({"round": 1})"), "codec/unknown-member");
    EXPECT_EQ(reason_of(R"({"member_cap": "0"})"), "exchange/bad-share");
    EXPECT_EQ(reason_of(R"({"member_cap": "3/2"})"), "exchange/bad-share");
    EXPECT_EQ(reason_of(R"({"floor": {"group": "ldc", "share": "-1/2"}})"), "exchange/bad-share");
    EXPECT_EQ(reason_of(R"({"weights": "population", "by_claims": true})"), "exchange/two-weights");
    EXPECT_EQ(reason_of(R"({"tiers": []})"), "exchange/bad-tiers");
    EXPECT_EQ(reason_of(R"({"tiers": [[]]})"), "exchange/bad-tiers");
    EXPECT_EQ(reason_of(R"({"tiers": [["a"], ["b", "a"]]})"), "exchange/bad-tiers");
    EXPECT_EQ(reason_of(R"({"carry_over": {"rounds": 0, "keep": "1"}})"),
              "exchange/bad-carry-over");
    EXPECT_EQ(reason_of(R"({"carry_over": {"rounds": 17, "keep": "1"}})"),
              "exchange/bad-carry-over");
    EXPECT_EQ(reason_of(R"({"carry_over": {"rounds": 2, "keep": "5/4"}})"),
              "exchange/bad-carry-over");
}

TEST(Rule, WarnsOfWhatMembersShouldKnow) {
    const auto warnings = [](const std::string& json) {
        return warnings_of(read_rule(codec::parse_json(json).value()).value());
    };
    using enum RuleWarning;
    using Warnings = std::vector<RuleWarning>;
    EXPECT_EQ(warnings("{}"), Warnings{});
    EXPECT_EQ(warnings(R"({"by_claims": true})"), Warnings{asking_more_pays});
    EXPECT_EQ(warnings(R"({"rounding": "adams"})"), Warnings{smallest_first});
    EXPECT_EQ(warnings(R"({"rounding": "adams", "one_each": true})"), Warnings{});
    EXPECT_EQ(warnings(R"({"rounding": "serial", "minimums": true, "member_cap": "1/2"})"),
              (Warnings{luck_decides, terms_can_be_played, worse_off_may_wait}));
}

TEST(Rule, TiersCountFromTheFirstNamedAndTheRestComesLast) {
    const AllocationRule rule =
        read_rule(codec::parse_json(R"({"tiers": [["flood", "fire"], ["school"]]})").value())
            .value();
    const auto tier = [&](const char* end_use) {
        return tier_of(rule, institution::EndUseId::parse(end_use).value());
    };
    EXPECT_EQ(tier("fire"), 0U);
    EXPECT_EQ(tier("school"), 1U);
    EXPECT_EQ(tier("sport"), 2U);
}

TEST(Rule, CarriedUnitsFadeRoundByRoundAndAreForgotten) {
    const std::vector<std::int64_t> confirmed = {5, 8, 3, 100};
    EXPECT_EQ(carried_units({1, {1, 1}}, confirmed), 5);
    EXPECT_EQ(carried_units({2, {1, 1}}, confirmed), 13);
    EXPECT_EQ(carried_units({3, {1, 2}}, confirmed), 5 + (8 + 3 / 2) / 2);
    EXPECT_EQ(carried_units({3, {0, 1}}, confirmed), 5);
    EXPECT_EQ(carried_units({9, {1, 1}}, {}), 0);
    EXPECT_EQ(carried_units({9, {1, 1}}, std::vector<std::int64_t>(9, units_max)), units_max);
}

TEST(Rule, AnInstanceMustHaveWhatItsRuleNames) {
    const auto reason = [](const std::string& rule, const std::string& more) {
        auto named = parse_instances(R"({"members": {"A": {"w": 1}, "B": {"w": 1}},
            "offers": {"X": 3}, "needs": {"n": {"member": "A", "qty": 2, "lawful": ["X"]}},
            "rule": )" + rule + more +
                                     "}");
        if (!named) return std::string(named.error().reason);
        const auto solved = solve(named->front());
        return solved ? std::string() : std::string(solved.error().reason);
    };
    EXPECT_EQ(reason(R"({"weights": "t"})", ""), "exchange/bad-instance");
    EXPECT_EQ(reason(R"({"weights": "t"})", R"(, "weights": {"t": {"A": 2}})"),
              "exchange/bad-instance");
    EXPECT_EQ(reason(R"({"weights": "t"})", R"(, "weights": {"t": {"A": 2, "B": 3}})"), "");
    EXPECT_EQ(reason(R"({"weights": "t"})", R"(, "weights": {"t": {"A": 0, "B": 3}})"),
              "exchange/bad-instance");
    EXPECT_EQ(reason(R"({"floor": {"group": "g", "share": "1"}})", ""), "exchange/bad-instance");
    EXPECT_EQ(reason(R"({"floor": {"group": "g", "share": "1"}})", R"(, "groups": {"g": ["A"]})"),
              "");
    EXPECT_EQ(reason(R"({"floor": {"group": "g", "share": "1"}})", R"(, "groups": {"g": ["Z"]})"),
              "exchange/bad-instance");
}

}  // namespace
}  // namespace comity::exchange
