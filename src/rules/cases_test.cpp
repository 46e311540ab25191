// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "codec/describe.h"
#include "rules/rules.h"
#include "rules/screening_index.h"
#include "rules/testing.h"

// The cases of tests/cases/rules: what issuers state, and what a transfer meets on a day, as data.
// A new file there is a new test; docs/spec/rules.md says what may stand in it.

namespace comity::rules {

struct StatedRestriction {
    static constexpr std::string_view kind = "restriction";
    std::string by;
    Restriction restriction;
    std::optional<std::string> refused;  ///< with this reason
};
BOOST_DESCRIBE_STRUCT(StatedRestriction, (), (by, restriction, refused))

struct StatedWithdrawal {
    static constexpr std::string_view kind = "withdrawal";
    std::string by;
    RestrictionWithdrawal withdrawal;
    std::optional<std::string> refused;
};
BOOST_DESCRIBE_STRUCT(StatedWithdrawal, (), (by, withdrawal, refused))

struct ScreeningCase {
    Date day;
    institution::Transfer transfer;
    institution::Verdict verdict = institution::Verdict::allowed;
    std::vector<std::string> cited;  ///< "id 2 of issuer", in the order of the citations
};
BOOST_DESCRIBE_STRUCT(ScreeningCase, (), (day, transfer, verdict, cited))

struct RulesCase {
    std::string title;
    std::vector<std::string> item_classes;  ///< that the charter knows
    std::vector<std::string> end_uses;      ///< likewise
    std::vector<std::variant<StatedRestriction, StatedWithdrawal>> statements;
    std::vector<ScreeningCase> screenings;
};
BOOST_DESCRIBE_STRUCT(RulesCase, (), (title, item_classes, end_uses, statements, screenings))

namespace {

const Restriction& payload(const StatedRestriction& stated) { return stated.restriction; }
const RestrictionWithdrawal& payload(const StatedWithdrawal& stated) { return stated.withdrawal; }

std::vector<std::string> cited(const institution::Screening& screening) {
    std::vector<std::string> texts;
    texts.reserve(screening.citations.size());
    for (const institution::Citation& citation : screening.citations) {
        texts.push_back(citation.restriction.text() + " " + std::to_string(citation.version) +
                        " of " + citation.issuer.text());
    }
    return texts;
}

void play(const RulesCase& the_case) {
    const auto institution = testing::institution_knowing(the_case.item_classes, the_case.end_uses);
    Rules rules;
    std::uint64_t index = 2;
    for (const auto& statement : the_case.statements) {
        std::visit(
            [&](const auto& stated) {
                const auto act = testing::act_of(stated.by, index++);
                const auto checked = check(rules, institution, act, payload(stated));
                const std::string reason = checked ? "" : std::string(checked.error().reason);
                EXPECT_EQ(reason, stated.refused.value_or("")) << "statement " << index - 2;
                if (checked) apply(rules, act, payload(stated));
            },
            statement);
    }
    for (const ScreeningCase& expected : the_case.screenings) {
        const auto screening = screen(rules, expected.transfer, expected.day);
        const std::string where = expected.day.text() + " " + codec::to_json(expected.transfer);
        EXPECT_EQ(screening.verdict, expected.verdict) << where;
        EXPECT_EQ(cited(screening), expected.cited) << where;
        EXPECT_EQ(ScreeningIndex(rules, expected.day).screen(expected.transfer), screening);
    }
}

std::vector<std::filesystem::path> case_files() {
    std::vector<std::filesystem::path> files;
    for (const auto& file :
         std::filesystem::directory_iterator(COMITY_SOURCE_DIR "/tests/cases/rules")) {
        if (file.path().extension() == ".json") files.push_back(file.path());
    }
    std::ranges::sort(files);
    return files;
}

class RulesCases : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(RulesCases, SayWhatTheFileSays) {
    std::ostringstream text;
    text << std::ifstream(GetParam()).rdbuf();
    const auto the_case = codec::from_json<RulesCase>(text.str());
    ASSERT_TRUE(the_case) << GetParam() << ": " << the_case.error().message;
    play(*the_case);
}

std::string case_name(const ::testing::TestParamInfo<std::filesystem::path>& info) {
    std::string name = info.param.stem().string();
    std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Files, RulesCases, ::testing::ValuesIn(case_files()), case_name);

}  // namespace
}  // namespace comity::rules
