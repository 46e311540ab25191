// SPDX-License-Identifier: Apache-2.0
#include "decide/evaluate.h"

#include <algorithm>

#include "base/check.h"

namespace comity::decide {
namespace {

using institution::Comparison;
using institution::RecordedVote;
using institution::VoteBase;

// A count of 32 bits times a numerator or denominator of 63 bits needs 95.
__extension__ using Wide = __int128;

/// The least n from `min` to `max` with n >= numerator / denominator, or n > it when `strictly`;
/// max + 1 if there is none. The denominator is above zero.
std::int64_t least_in_range(Wide numerator, Wide denominator, bool strictly, std::int64_t min,
                            std::int64_t max) {
    Wide least = numerator / denominator;  // rounds towards zero; what is below zero is below min
    const Wide rest = numerator % denominator;
    if (rest > 0 || (strictly && rest == 0)) ++least;
    return static_cast<std::int64_t>(std::clamp<Wide>(least, min, Wide{max} + 1));
}

std::uint32_t base_count(const Ballot& ballot, VoteBase base) {
    switch (base) {
        case VoteBase::present_and_voting:
            return ballot.yes + ballot.no;
        case VoteBase::participating:
            return ballot.yes + ballot.no + ballot.abstention;
        case VoteBase::entitled:
            return ballot.entitled;
    }
    COMITY_CHECK(false);
    return 0;
}

}  // namespace

QuorumTest test_quorum(const Ballot& ballot, const RecordedVote& rule) {
    COMITY_CHECK(rule.quorum.den > 0);
    QuorumTest test{.participants = ballot.yes + ballot.no + ballot.abstention,
                    .entitled = ballot.entitled,
                    .quorum = rule.quorum};
    test.participants_needed = least_in_range(Wide{rule.quorum.num} * ballot.entitled,
                                              rule.quorum.den, false, 0, ballot.entitled);
    test.reached =
        Wide{test.participants} * rule.quorum.den >= Wide{rule.quorum.num} * ballot.entitled;
    return test;
}

MajorityTest test_majority(const Ballot& ballot, const RecordedVote& rule) {
    COMITY_CHECK(rule.share.den > 0);
    const bool strictly = rule.comparison == Comparison::more_than;
    MajorityTest test{.yes = ballot.yes,
                      .base = rule.base,
                      .base_count = base_count(ballot, rule.base),
                      .comparison = rule.comparison,
                      .share = rule.share};
    const Wide wanted = Wide{rule.share.num} * test.base_count;
    const Wide reached = Wide{test.yes} * rule.share.den;
    test.yes_needed = least_in_range(wanted, rule.share.den, strictly, test.base_count == 0 ? 1 : 0,
                                     test.base_count);
    test.reached = test.base_count > 0 && (strictly ? reached > wanted : reached >= wanted);
    return test;
}

Basis outcome(const Ballot& ballot, const RecordedVote& rule) {
    if (!test_quorum(ballot, rule).reached) return Basis::quorum_missed;
    if (!test_majority(ballot, rule).reached) return Basis::majority_missed;
    return Basis::majority_reached;
}

std::uint32_t yes_more(const Ballot& ballot, const RecordedVote& rule) {
    if (test_majority(ballot, rule).reached) return 0;
    const Wide num = rule.share.num;
    const Wide den = rule.share.den;
    // With k more, yes + k of base + k (of base, where the base is the roll) must reach the share:
    // k * gain reaches lack.
    const Wide gain = rule.base == VoteBase::entitled ? den : den - num;
    const Wide lack = num * base_count(ballot, rule.base) - den * ballot.yes;
    const bool strictly = rule.comparison == Comparison::more_than;
    if (gain <= 0) {
        // Only unanimity of a base in which there is nobody can still be reached: by the first
        // vote.
        const bool first_vote_does = gain == 0 && lack <= 0 && !strictly;
        return first_vote_does ? 1 : ballot.entitled + 1;
    }
    return static_cast<std::uint32_t>(least_in_range(lack, gain, strictly, 1, ballot.entitled));
}

}  // namespace comity::decide
