// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "decide/decide.h"
#include "decide/evaluate.h"
#include "decide/testing.h"

// The cases of tests/cases/decide: real votes and the courses of motions, as data. A new file there
// is a new test; docs/spec/decide.md says what may stand in it.

namespace comity::decide {

/// A recorded vote by its numbers, and how it ends.
struct BallotCase {
    static constexpr std::string_view kind = "ballot";
    std::string title;
    std::string source;
    std::optional<std::string> note;
    institution::RecordedVote rule;
    std::uint32_t entitled = 0;
    std::uint32_t yes = 0;
    std::uint32_t no = 0;
    std::uint32_t abstention = 0;
    Basis basis = Basis::majority_reached;
    std::optional<std::int64_t> yes_needed;
    std::optional<std::int64_t> participants_needed;
};
BOOST_DESCRIBE_STRUCT(BallotCase, (),
                      (title, source, note, rule, entitled, yes, no, abstention, basis, yes_needed,
                       participants_needed))

struct Step {
    std::int64_t at_seconds = 0;  ///< after the motion was entered; the clock is logged there
    std::optional<std::string> by;
    std::optional<PositionKind> position;
    std::optional<Choice> vote;
    std::optional<bool> withdraw;
    std::optional<std::string> says;     ///< reason or explanation, in English
    std::optional<std::string> refused;  ///< with this reason
};
BOOST_DESCRIBE_STRUCT(Step, (), (at_seconds, by, position, vote, withdraw, says, refused))

/// A motion that the first party moves, what the parties say of it, and where it stands at the end.
struct CourseCase {
    static constexpr std::string_view kind = "course";
    std::string title;
    std::optional<std::string> source;
    std::vector<std::string> parties;
    std::vector<institution::Procedure> procedures;  ///< the first is the motion's
    std::int64_t closes_after_seconds = 0;
    std::vector<Step> steps;
    std::string stage;
    std::optional<Basis> basis;                   ///< of a decided motion
    std::map<std::string, std::uint32_t> counts;  ///< those that the case is about
};
BOOST_DESCRIBE_STRUCT(CourseCase, (),
                      (title, source, parties, procedures, closes_after_seconds, steps, stage,
                       basis, counts))

namespace {

using testing::Assembly;
using testing::id;

using Case = std::variant<BallotCase, CourseCase>;

std::vector<std::filesystem::path> case_files() {
    std::vector<std::filesystem::path> files;
    for (const auto& file :
         std::filesystem::directory_iterator(COMITY_SOURCE_DIR "/tests/cases/decide")) {
        if (file.path().extension() == ".json") files.push_back(file.path());
    }
    std::ranges::sort(files);
    return files;
}

Result<Case> read_case(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return codec::from_json<Case>(text.str());
}

/// The same vote as acts of as many parties, decided by the clock.
Basis basis_by_acts(const BallotCase& ballot) {
    std::vector<std::string> parties;
    for (std::uint32_t n = 0; n < ballot.entitled; ++n) {
        parties.push_back("p" + std::to_string(1'000 + n));
    }
    Assembly assembly(parties, {testing::procedure("the-vote", ballot.rule)});
    Motion motion = assembly.motion("m", "the-vote");
    motion.closes_at.seconds = Assembly::start + std::max<std::int64_t>(ballot.rule.seconds_min, 1);
    EXPECT_TRUE(assembly.enter(assembly.act(parties.front()), motion));
    for (std::uint32_t n = 0; n < ballot.yes + ballot.no + ballot.abstention; ++n) {
        const Choice choice = n < ballot.yes               ? Choice::yes
                              : n < ballot.yes + ballot.no ? Choice::no
                                                           : Choice::abstain;
        EXPECT_TRUE(assembly.enter(assembly.act(parties[n]), testing::vote("m", choice)));
    }
    assembly.tick(motion.closes_at.seconds - Assembly::start);
    return std::get<Decided>(assembly.record("m").stage).basis;
}

void play(const BallotCase& ballot) {
    const Ballot numbers{ballot.entitled, ballot.yes, ballot.no, ballot.abstention};
    EXPECT_EQ(outcome(numbers, ballot.rule), ballot.basis);
    EXPECT_EQ(basis_by_acts(ballot), ballot.basis);
    if (ballot.yes_needed) {
        EXPECT_EQ(test_majority(numbers, ballot.rule).yes_needed, *ballot.yes_needed);
    }
    if (ballot.participants_needed) {
        EXPECT_EQ(test_quorum(numbers, ballot.rule).participants_needed,
                  *ballot.participants_needed);
    }
}

Result<> enter(Assembly& assembly, const Step& step) {
    const institution::Act act = assembly.act(*step.by);
    std::optional<LocalizedText> says;
    if (step.says) says = testing::english(*step.says);
    if (step.position) {
        return assembly.enter(act, testing::position("m", *step.position, says));
    }
    if (step.vote) {
        Vote vote = testing::vote("m", *step.vote);
        vote.explanation = says;
        return assembly.enter(act, vote);
    }
    return assembly.enter(act, Withdrawal{id<MotionId>("m")});
}

void play(const CourseCase& course) {
    ASSERT_FALSE(course.parties.empty());
    ASSERT_FALSE(course.procedures.empty());
    Assembly assembly(course.parties, course.procedures);
    Motion motion = assembly.motion("m", course.procedures.front().id.text());
    motion.closes_at.seconds = Assembly::start + course.closes_after_seconds;
    const auto moved = assembly.enter(assembly.act(course.parties.front()), motion);
    ASSERT_TRUE(moved) << moved.error().message;

    std::int64_t clock = 0;
    for (const Step& step : course.steps) {
        ASSERT_GE(step.at_seconds, clock) << "steps come in order of time";
        if (step.at_seconds > clock) assembly.tick(clock = step.at_seconds);
        if (!step.by) continue;
        ASSERT_EQ(step.position.has_value() + step.vote.has_value() + step.withdraw.has_value(), 1);
        const auto entered = enter(assembly, step);
        const std::string reason = entered ? "" : std::string(entered.error().reason);
        EXPECT_EQ(reason, step.refused.value_or("")) << *step.by << " at " << step.at_seconds;
    }

    const MotionRecord& record = assembly.record("m");
    EXPECT_EQ(std::visit([](const auto& stage) { return std::string(stage.kind); }, record.stage),
              course.stage);
    if (const auto* decided = std::get_if<Decided>(&record.stage)) {
        EXPECT_EQ(decided->basis, course.basis);
    }
    const codec::Value counts = codec::to_value(count(record));
    for (const auto& [name, number] : course.counts) {
        const auto& all = *counts.as<codec::Object>();
        ASSERT_TRUE(all.contains(name)) << "no count is named " << name;
        EXPECT_EQ(all.at(name), codec::Value{std::int64_t{number}}) << name;
    }
}

class DecideCase : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(DecideCase, EndsAsTheFileSays) {
    const auto the_case = read_case(GetParam());
    ASSERT_TRUE(the_case) << GetParam() << ": " << the_case.error().message;
    std::visit([](const auto& one) { play(one); }, *the_case);
}

std::string case_name(const ::testing::TestParamInfo<std::filesystem::path>& info) {
    std::string name = info.param.stem().string();
    std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Files, DecideCase, ::testing::ValuesIn(case_files()), case_name);

}  // namespace
}  // namespace comity::decide
