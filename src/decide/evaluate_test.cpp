// SPDX-License-Identifier: Apache-2.0
#include "decide/evaluate.h"

#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <random>

#include "decide/testing.h"

// How we trust the arithmetic: a second evaluator, written from the text of docs/spec/decide.md
// with unlimited rational numbers, agrees on every small ballot under every rule of a table, and on
// 100,000 large ones. The real votes are cases in tests/cases/decide.

namespace comity::decide {
namespace {

using boost::multiprecision::cpp_rational;
using institution::Comparison;
using institution::RecordedVote;
using institution::VoteBase;
using testing::majority_of;
using testing::share;

cpp_rational exact(const Rational& value) { return cpp_rational(value.num, value.den); }

/// The definition, word for word.
struct Reference {
    explicit Reference(const Ballot& ballot, const RecordedVote& rule) {
        const cpp_rational yes = ballot.yes;
        const cpp_rational taking_part = cpp_rational(ballot.yes) + ballot.no + ballot.abstention;
        if (rule.base == VoteBase::present_and_voting) base = cpp_rational(ballot.yes) + ballot.no;
        if (rule.base == VoteBase::participating) base = taking_part;
        if (rule.base == VoteBase::entitled) base = ballot.entitled;
        has_quorum = taking_part >= exact(rule.quorum) * ballot.entitled;
        if (base != 0) {
            const cpp_rational part = yes / base;
            has_majority = rule.comparison == Comparison::at_least ? part >= exact(rule.share)
                                                                   : part > exact(rule.share);
        }
    }

    Basis basis() const {
        if (!has_quorum) return Basis::quorum_missed;
        return has_majority ? Basis::majority_reached : Basis::majority_missed;
    }

    cpp_rational base = 0;
    bool has_quorum = false;
    bool has_majority = false;
};

void expect_agreement(const Ballot& ballot, const RecordedVote& rule) {
    const Reference reference(ballot, rule);
    const QuorumTest quorum = test_quorum(ballot, rule);
    const MajorityTest majority = test_majority(ballot, rule);
    const auto where = [&] {
        return std::to_string(ballot.yes) + "-" + std::to_string(ballot.no) + "-" +
               std::to_string(ballot.abstention) + " of " + std::to_string(ballot.entitled) + ", " +
               codec::to_json(rule);
    };
    ASSERT_EQ(outcome(ballot, rule), reference.basis()) << where();
    ASSERT_EQ(quorum.reached, reference.has_quorum) << where();
    ASSERT_EQ(majority.reached, reference.has_majority) << where();
    ASSERT_EQ(majority.base_count, reference.base) << where();
    ASSERT_EQ(quorum.reached, quorum.participants >= quorum.participants_needed) << where();
    ASSERT_EQ(majority.reached, majority.yes >= majority.yes_needed) << where();
}

std::vector<RecordedVote> many_rules() {
    std::vector<RecordedVote> rules;
    for (const auto base :
         {VoteBase::present_and_voting, VoteBase::participating, VoteBase::entitled}) {
        for (const auto comparison : {Comparison::at_least, Comparison::more_than}) {
            for (const char* of : {"0", "1/3", "1/2", "3/5", "2/3", "3/4", "1", "3/2", "-1/2"}) {
                for (const char* quorum : {"0", "1/3", "1/2", "1", "2"}) {
                    rules.push_back(majority_of(base, comparison, of, quorum));
                }
            }
        }
    }
    return rules;
}

template <class Visit>
void each_small_ballot(std::uint32_t entitled_max, const Visit& visit) {
    for (std::uint32_t entitled = 0; entitled <= entitled_max; ++entitled) {
        for (std::uint32_t yes = 0; yes <= entitled; ++yes) {
            for (std::uint32_t no = 0; yes + no <= entitled; ++no) {
                for (std::uint32_t abstention = 0; yes + no + abstention <= entitled;
                     ++abstention) {
                    visit(Ballot{entitled, yes, no, abstention});
                }
            }
        }
    }
}

TEST(Evaluate, AgreesWithTheDefinitionOnEverySmallBallot) {
    for (const RecordedVote& rule : many_rules()) {
        each_small_ballot(5, [&](const Ballot& ballot) { expect_agreement(ballot, rule); });
        if (HasFatalFailure()) return;
    }
}

TEST(Evaluate, AgreesWithTheDefinitionOnRandomBallots) {
    constexpr int ballots = 100'000;
    constexpr std::uint64_t seed = 20'260'716;
    std::mt19937_64 random(seed);
    const std::vector<RecordedVote> rules = many_rules();
    for (int i = 0; i < ballots; ++i) {
        const std::uint32_t bound = random() % 2 == 0 ? 200 : 1'000'000'000;
        Ballot ballot;
        ballot.yes = static_cast<std::uint32_t>(random() % (bound + 1));
        // Half of the ballots lie on or one beside a threshold: twice as many yes as no, or a tie.
        const std::uint32_t near = ballot.yes / (1 + static_cast<std::uint32_t>(random() % 2));
        ballot.no = random() % 2 == 0 ? near + static_cast<std::uint32_t>(random() % 2)
                                      : static_cast<std::uint32_t>(random() % (bound + 1));
        ballot.abstention = static_cast<std::uint32_t>(random() % (bound + 1));
        ballot.entitled =
            ballot.yes + ballot.no + ballot.abstention + static_cast<std::uint32_t>(random() % 200);
        expect_agreement(ballot, rules[random() % rules.size()]);
        if (HasFatalFailure()) return;
    }
}

TEST(Evaluate, StaysExactWithTheLargestNumbersOfAShare) {
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    constexpr std::uint32_t everybody = std::numeric_limits<std::uint32_t>::max();
    RecordedVote rule{.base = VoteBase::entitled,
                      .comparison = Comparison::at_least,
                      .share = {largest - 1, largest},
                      .quorum = {largest - 1, largest}};
    for (const std::uint32_t yes : {everybody, everybody - 1}) {
        expect_agreement({.entitled = everybody, .yes = yes}, rule);
    }
    // One vote short of all is more than one part in 2^63 short of all.
    EXPECT_EQ(outcome({.entitled = everybody, .yes = everybody}, rule), Basis::majority_reached);
    EXPECT_EQ(outcome({.entitled = everybody, .yes = everybody - 1}, rule), Basis::quorum_missed);
}

TEST(Evaluate, NobodyInTheBaseIsNotAdopted) {
    const auto rule = majority_of(VoteBase::present_and_voting, Comparison::at_least, "0");
    EXPECT_EQ(outcome({.entitled = 9, .abstention = 9}, rule), Basis::majority_missed);
    EXPECT_EQ(outcome({.entitled = 9, .no = 1, .abstention = 8}, rule), Basis::majority_reached);
}

TEST(Evaluate, AnAbstentionCountsForTheQuorumAndInTheBaseThatNamesIt) {
    const Ballot ballot{.entitled = 10, .yes = 3, .no = 2, .abstention = 1};
    for (const auto& [base, expected] :
         {std::pair{VoteBase::present_and_voting, Basis::majority_reached},
          std::pair{VoteBase::participating, Basis::majority_missed},
          std::pair{VoteBase::entitled, Basis::majority_missed}}) {
        EXPECT_EQ(outcome(ballot, majority_of(base, Comparison::more_than, "1/2", "3/5")),
                  expected);
    }
    EXPECT_EQ(outcome(ballot, majority_of(VoteBase::present_and_voting, Comparison::more_than,
                                          "1/2", "7/10")),
              Basis::quorum_missed);
}

TEST(Evaluate, NamesTheLeastNumberOfYesVotesThatWouldHaveDone) {
    // A/73/L.42, 6 December 2018: 87 of 145, and 97 would have been two thirds.
    const auto rule = majority_of(VoteBase::present_and_voting, Comparison::at_least, "2/3", "1/2");
    const MajorityTest test =
        test_majority({.entitled = 193, .yes = 87, .no = 58, .abstention = 32}, rule);
    EXPECT_EQ(test.base_count, 145U);
    EXPECT_EQ(test.yes_needed, 97);
    EXPECT_FALSE(test.reached);
}

TEST(Evaluate, FurtherYesVotesAreTheFewestThatWouldDo) {
    for (const RecordedVote& rule : many_rules()) {
        each_small_ballot(4, [&](const Ballot& ballot) {
            std::uint32_t fewest = 0;
            for (; fewest <= ballot.entitled; ++fewest) {
                Ballot more = ballot;
                more.yes += fewest;
                if (Reference(more, rule).has_majority) break;
            }
            EXPECT_EQ(yes_more(ballot, rule), fewest)
                << ballot.yes << "-" << ballot.no << "-" << ballot.abstention << " of "
                << ballot.entitled << " " << codec::to_json(rule);
        });
    }
}

}  // namespace
}  // namespace comity::decide
