// SPDX-License-Identifier: Apache-2.0

// The worked examples of tests/cases/allocation, as data: a new file or case there needs no code.
// Then the document formats: order does not matter, every bent leaf of a solution is refused, and
// what is wrong in an instance is named with its place.

#include "exchange/instance_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <set>
#include <tuple>

#include "codec/json.h"
#include "exchange/instance_generator.h"
#include "exchange/lottery.h"

namespace comity::exchange {

namespace {

std::string file_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::filesystem::path> case_files() {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry :
         std::filesystem::directory_iterator(COMITY_SOURCE_DIR "/tests/cases/allocation")) {
        paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

NamedInstance parsed(std::string_view json) {
    Result<std::vector<NamedInstance>> instances = parse_instances(json);
    if (!instances || instances->size() != 1) {
        ADD_FAILURE() << (instances ? "not one" : instances.error().message);
        return {};
    }
    return std::move(instances).value().front();
}

constexpr std::string_view small = R"({
    "members": {"A": {"w": 2}, "B": {"w": "1", "min": 1, "max": "4", "carry": 2}},
    "offers": {"X": 5, "Y": 3},
    "needs": {
        "n2": {"member": "B", "qty": 6, "lawful": ["Y", "X"]},
        "n1": {"member": "A", "qty": 6, "lawful": ["X"]}
    },
    "rounding": "adams"
})";

/// What becomes of `small` when the first `from` in it is replaced.
std::string refusal(std::string_view from, std::string_view to) {
    std::string json(small);
    const std::size_t at = json.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    json.replace(at, from.size(), to);
    const Result<std::vector<NamedInstance>> instances = parse_instances(json);
    return instances ? "accepted"
                     : std::string(instances.error().reason) + " " + instances.error().message;
}

/// Every value inside `value` that is neither object nor array, and every member's presence.
void for_each_bend(codec::Value& root, codec::Value& value,
                   const std::function<void(const codec::Value&)>& use) {
    if (auto* object = std::get_if<codec::Object>(&value.data)) {
        const codec::Object whole = *object;
        for (const auto& [member, content] : whole) {
            object->erase(member);
            use(root);
            (*object)[member + "x"] = content;
            use(root);
            *object = whole;
            for_each_bend(root, (*object)[member], use);
        }
        return;
    }
    if (auto* array = std::get_if<codec::Array>(&value.data)) {
        if (array->size() < 2) return;
        std::swap(array->front(), array->back());
        use(root);
        std::swap(array->front(), array->back());
        return;
    }
    const codec::Value kept = value;
    if (auto* number = std::get_if<std::int64_t>(&value.data)) {
        ++*number;
        use(root);
        *number -= 2;
    } else if (auto* text = std::get_if<std::string>(&value.data)) {
        *text += "0";
    }
    use(root);
    value = kept;
}

}  // namespace

class AllocationCases : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(AllocationCases, GiveTheStatedTotals) {
    const std::string json = file_text(GetParam());
    const Result<std::vector<NamedInstance>> instances = parse_instances(json);
    ASSERT_TRUE(instances) << instances.error().message;
    ASSERT_FALSE(instances->empty());
    for (const NamedInstance& named : *instances) {
        SCOPED_TRACE(named.name);
        EXPECT_TRUE(!named.expected.empty() || !named.expected_units.empty());
        const Result<Solution> solved = solve(named);
        ASSERT_TRUE(solved) << solved.error().message;
        for (std::size_t m = 0; m < named.instance.members.size(); ++m) {
            const std::string& id = named.instance.members[m].name;
            if (named.expected.contains(id)) {
                EXPECT_EQ(solved->exact[m].text(), named.expected.at(id)) << id;
            }
            if (named.expected_units.contains(id)) {
                EXPECT_EQ(solved->allocation().totals[m], named.expected_units.at(id)) << id;
            }
        }
        const Result<> checked = check_solution(named, solution(named, *solved));
        EXPECT_TRUE(checked) << checked.error().message;
    }
}

INSTANTIATE_TEST_SUITE_P(Files, AllocationCases, testing::ValuesIn(case_files()),
                         [](const auto& param) { return param.param.stem().string(); });

TEST(AllocationGolden, HasAllItsExamples) {
    const auto instances =
        parse_instances(file_text(COMITY_SOURCE_DIR "/tests/cases/allocation/golden.json"));
    ASSERT_TRUE(instances);
    EXPECT_EQ(instances->size(), 18U);
    for (const NamedInstance& named : *instances) {
        EXPECT_EQ(named.expected.size(), named.instance.members.size()) << named.name;
    }
}

TEST(InstanceJson, TheExampleOfTheSpecificationIsWhatIsWritten) {
    const std::string spec = file_text(COMITY_SOURCE_DIR "/docs/spec/allocation.md");
    const auto block = [&spec](std::string_view heading) {
        const std::size_t begin = spec.find("```json\n", spec.find(heading)) + 8;
        return spec.substr(begin, spec.find("```", begin) - begin);
    };
    const NamedInstance named = parsed(block("## 8 "));
    const Result<codec::Value> document = codec::parse_json(block("## 9 "));
    ASSERT_TRUE(document);
    EXPECT_EQ(codec::write_json(solution(named, *solve(named))), codec::write_json(*document));
}

TEST(InstanceJson, ReadsEveryForm) {
    const NamedInstance named = parsed(small);
    EXPECT_EQ(named.rounding, Rounding::adams);
    EXPECT_EQ(named.needs, (std::vector<std::string>{"n1", "n2"}));
    EXPECT_EQ(named.offers, (std::vector<std::string>{"X", "Y"}));
    const AllocationMember& b = named.instance.members[1];
    EXPECT_EQ(std::tuple(b.name, b.weight, b.floor, b.cap, b.carry_over, b.tie_rank),
              std::tuple("B", 1, 1, 4, 2, 1U));
    EXPECT_EQ(named.instance.members[0].cap, units_max);
    EXPECT_EQ(named.instance.lawful_begin, (std::vector<Index>{0, 1, 3}));
    EXPECT_EQ(named.instance.lawful_offers, (std::vector<Index>{0, 0, 1}));

    const std::string wrapped =
        R"({"name": "one", "seed": 1, "instance": )" + std::string(small) + "}";
    EXPECT_EQ(parsed(wrapped).name, "one");
    EXPECT_EQ(parsed("[" + wrapped + "]").name, "one");
    EXPECT_EQ(parse_instances("[]")->size(), 0U);
}

TEST(InstanceJson, NeedsMayShareAList) {
    const NamedInstance apart = parsed(
        R"({"members": {"A": {"w": 1}, "B": {"w": 2}}, "offers": {"X": 3, "Y": 4, "Z": 1},
            "needs": {"n1": {"member": "A", "qty": 5, "lawful": ["Y", "X"]},
                      "n2": {"member": "B", "qty": 5, "lawful": ["Z"]},
                      "n3": {"member": "B", "qty": 2, "lawful": ["X", "Y"]}}})");
    const NamedInstance shared = parsed(
        R"({"members": {"A": {"w": 1}, "B": {"w": 2}}, "offers": {"X": 3, "Y": 4, "Z": 1},
            "lists": {"both": ["X", "Y"], "nobody's": ["X", "Z"]},
            "needs": {"n1": {"member": "A", "qty": 5, "lawful": "both"},
                      "n2": {"member": "B", "qty": 5, "lawful": ["Z"]},
                      "n3": {"member": "B", "qty": 2, "lawful": "both"}}})");
    EXPECT_EQ(shared.instance.list_of(0), shared.instance.list_of(2));
    EXPECT_EQ(codec::write_json(solution(apart, *solve(apart))),
              codec::write_json(solution(shared, *solve(shared))));
    EXPECT_TRUE(check_solution(shared, solution(apart, *solve(apart))));
    const NamedInstance again = parsed(codec::write_json(to_value(shared)));
    EXPECT_EQ(codec::write_json(to_value(again)), codec::write_json(to_value(shared)));
}

TEST(InstanceJson, ASeedDrawsTheLottery) {
    const auto with = [](std::string_view options) {
        std::string json(small);
        json.insert(1, std::string(options) + ",");
        return parsed(json).instance.members[0].tie_rank;
    };
    std::set<std::uint32_t> ranks;
    for (int seed = 0; seed < 20; ++seed) {
        const std::string text = std::to_string(seed);
        ranks.insert(with("\"seed\": " + text));
        EXPECT_EQ(with("\"seed\": " + text), with("\"seed\": \"" + text + "\""));
        EXPECT_EQ(with("\"seed\": " + text + R"(, "withheld": ["A"])"), 1U);
        EXPECT_EQ(with("\"seed\": " + text + R"(, "withheld": ["B"])"), 0U);
    }
    EXPECT_EQ(ranks.size(), 2U);
    EXPECT_EQ(with(R"("lottery": ["B", "A"])"), 1U);
    EXPECT_EQ(with(R"("seed": "sha256:)" + std::string(64, '0') + "\""),
              lottery_ranks(Digest{}, std::vector<std::string>{"A", "B"})[0]);
}

TEST(InstanceJson, AMistakeIsNamedWithItsPlace) {
    const std::string bad = "exchange/bad-instance ";
    EXPECT_EQ(refusal(R"("w": 2)", R"("w": 0)"),
              bad + "Member A has a weight below 1; leave it out instead.");
    EXPECT_EQ(refusal(R"("w": 2)", R"("w": "2/3")"),
              bad + "/members/A/w: Expected a whole number, or its digits as a text.");
    EXPECT_EQ(refusal(R"("w": 2)", R"("v": 2)"),
              bad + "/members/A/v: No member of this name is known here.");
    EXPECT_EQ(refusal(R"("w": 2)", ""), bad + "/members/A: The member \"w\" is missing.");
    EXPECT_EQ(refusal(R"("w": "1")", R"("w": "01")").substr(0, 36), bad + "/members/B/w: ");
    EXPECT_EQ(refusal(R"("member": "B")", R"("member": "C")"),
              bad + "/needs/n2/member: There is no member \"C\".");
    EXPECT_EQ(refusal(R"(["X"])", R"(["Z"])"), bad + "/needs/n1/lawful: There is no offer \"Z\".");
    EXPECT_EQ(refusal(R"(["X"])", R"(["X", "X"])"),
              bad + "/needs/n1/lawful: An offer is listed twice.");
    EXPECT_EQ(refusal(R"("X": 5)", R"("X": true)").substr(0, 33), bad + "/offers/X: ");
    EXPECT_EQ(refusal(R"("X": 5)", R"("X": -5)"),
              bad + "Offer number 0 has a capacity below zero.");
    EXPECT_EQ(refusal(R"("adams")", R"("hamilton")"),
              bad + "/rounding: Expected adams, sainte_lague, dhondt, huntington_hill or serial.");
    EXPECT_EQ(refusal(R"("rounding")", R"("lottery": ["A"], "rounding")"),
              bad + "/lottery: A lottery order must list every member once.");
    EXPECT_EQ(refusal(R"("rounding")", R"("lottery": ["A", "A"], "rounding")"),
              bad + "/lottery: Member \"A\" is listed twice.");
    EXPECT_EQ(refusal(R"("rounding")", R"("lottery": ["A", "B"], "seed": 1, "rounding")"),
              bad + "/lottery: Give either the order or the seed of the draw.");
    EXPECT_EQ(refusal(R"("rounding")", R"("withheld": ["A"], "rounding")"),
              bad + "/withheld: Only a draw from a seed knows this.");
    EXPECT_EQ(refusal(R"("X": 5)", R"("X": "2305843009213693952")"),
              "exchange/instance-too-large The offers exceed 2^60 units together.");
    EXPECT_EQ(refusal(R"("X": 5)", R"("X": 5, "X": 6)").substr(0, 22), "codec/duplicate-member");
    EXPECT_EQ(parse_instances("[3]").error().message, "/0: Expected an object.");
}

TEST(InstanceJson, TheOrderOfAFileChangesNothing) {
    // The generator's ids sort as its indices do not, so that sorting is exercised as well.
    const AllocationInstance generated =
        generate_instance({.members = 30, .offers = 100, .needs = 300, .kinds = 2});
    NamedInstance named;
    named.name = "shuffled";
    named.instance = generated;
    for (std::size_t j = 0; j < generated.needs.size(); ++j) {
        named.needs.push_back("n" + std::to_string(j));
    }
    for (std::size_t o = 0; o < generated.offers.size(); ++o) {
        named.offers.push_back("o" + std::to_string(o));
    }
    const NamedInstance canonical = parsed(codec::write_json(to_value(named)));
    const codec::Value value = to_value(canonical);
    EXPECT_EQ(codec::write_json(to_value(parsed(codec::write_json(value)))),
              codec::write_json(value));
    const std::string expected = codec::write_json(solution(canonical, *solve(canonical)));

    const auto object = [](const codec::Value& from, const char* member) {
        return std::get<codec::Object>(std::get<codec::Object>(from.data).at(member).data);
    };
    const codec::Value inner = std::get<codec::Object>(value.data).at("instance");
    std::mt19937 random(1);
    for (const unsigned threads : {1U, 2U, 8U}) {
        std::string json;
        for (const char* part : {"needs", "members", "offers"}) {
            std::vector<std::string> lines;
            for (auto [id, content] : object(inner, part)) {
                if (auto* need = std::get_if<codec::Object>(&content.data);
                    need != nullptr && need->contains("lawful")) {
                    auto& lawful = std::get<codec::Array>((*need)["lawful"].data);
                    std::shuffle(lawful.begin(), lawful.end(), random);
                }
                lines.push_back("\"" + id + "\":" + codec::write_json(content));
            }
            std::shuffle(lines.begin(), lines.end(), random);
            json += json.empty() ? "{\"instance\":{" : "},";
            json += "\"" + std::string(part) + "\":{";
            for (const std::string& line : lines) json += (json.back() == '{' ? "" : ",") + line;
        }
        json += "}},\"name\":\"shuffled\",\"lottery\":" +
                codec::write_json(std::get<codec::Object>(value.data).at("lottery")) + "}";
        const NamedInstance shuffled = parsed(json);
        EXPECT_EQ(codec::write_json(solution(shuffled, *solve(shuffled, threads))), expected);
    }
}

TEST(InstanceJson, EveryBentLeafOfASolutionIsRefused) {
    const NamedInstance named = parsed(small);
    const codec::Value right = solution(named, *solve(named));
    ASSERT_TRUE(check_solution(named, right));
    ASSERT_TRUE(check_solution(named, *codec::parse_json(codec::write_json(right))));
    codec::Value bent = right;
    int bends = 0;
    for_each_bend(bent, bent, [&](const codec::Value& document) {
        ASSERT_FALSE(document == right);
        const Result<> checked = check_solution(named, document);
        EXPECT_FALSE(checked) << codec::write_json(document);
        ++bends;
    });
    EXPECT_GT(bends, 80);
}

TEST(InstanceJson, ARefusedSolutionNamesConditionAndIds) {
    const NamedInstance named = parsed(small);
    std::string json = codec::write_json(solution(named, *solve(named)));
    const std::size_t at = json.find(R"("certificate":{)");
    ASSERT_NE(at, std::string::npos);
    json.replace(at, json.find('}', at) - at, R"("certificate":{"X":"B")");
    const Result<> checked = check_solution(named, *codec::parse_json(json));
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().reason, "exchange/bad-certificate");
    EXPECT_EQ(checked.error().message.substr(0, 31), "The certificate fails at C3, me");
}

TEST(InstanceJson, LargeNumbersTravelAsText) {
    std::string json(small);
    json.replace(json.find("5"), 1, "\"1000000000000000000\"");
    json.replace(json.find("6"), 1, "\"900000000000000001\"");
    const NamedInstance named = parsed(json);
    EXPECT_EQ(named.instance.offers[0].capacity, 1'000'000'000'000'000'000);
    const codec::Value document = solution(named, *solve(named));
    EXPECT_NE(codec::write_json(document).find("\"1000000000000000003\""), std::string::npos);
    EXPECT_TRUE(check_solution(named, document));
}

}  // namespace comity::exchange
