// SPDX-License-Identifier: Apache-2.0
#pragma once

// The arithmetic of a recorded vote: quorum first, then majority. docs/spec/decide.md has the
// formulas.
//
// Whole numbers only: a share is compared by cross-multiplication in 128 bits, never as a quotient.
// Each test carries every number that entered it, so that a page can show the sum it did.

#include <boost/describe.hpp>
#include <cstdint>

#include "base/rational.h"
#include "decide/decide.h"
#include "institution/procedure.h"

namespace comity::decide {

/// A recorded vote as counted. yes + no + abstention is at most entitled.
struct Ballot {
    std::uint32_t entitled = 0;
    std::uint32_t yes = 0;
    std::uint32_t no = 0;
    std::uint32_t abstention = 0;
};

Ballot ballot_of(const Counts&);

/// reached: participants >= participants_needed, which is participants / entitled >= quorum.
struct QuorumTest {
    std::uint32_t participants = 0;  ///< yes, no and abstention
    std::uint32_t entitled = 0;
    Rational quorum;
    std::int64_t participants_needed = 0;  ///< entitled + 1 if not even all would do
    bool reached = false;
};
BOOST_DESCRIBE_STRUCT(QuorumTest, (),
                      (participants, entitled, quorum, participants_needed, reached))

/// reached: yes >= yes_needed, which is yes / base_count at least (or more than) share, and
/// somebody in the base.
struct MajorityTest {
    std::uint32_t yes = 0;
    institution::VoteBase base = institution::VoteBase::present_and_voting;
    std::uint32_t base_count = 0;  ///< members in the base
    institution::Comparison comparison = institution::Comparison::at_least;
    Rational share;
    std::int64_t yes_needed = 0;  ///< of this base; base_count + 1 if not even all would do
    bool reached = false;
};
BOOST_DESCRIBE_STRUCT(MajorityTest, (),
                      (yes, base, base_count, comparison, share, yes_needed, reached))

QuorumTest test_quorum(const Ballot&, const institution::RecordedVote&);
MajorityTest test_majority(const Ballot&, const institution::RecordedVote&);

/// quorum_missed, else majority_missed, else majority_reached.
Basis outcome(const Ballot&, const institution::RecordedVote&);

/// The least number of yes votes which, cast by members that have not voted, make test_majority
/// reach it; entitled + 1 if no number up to entitled does.
std::uint32_t yes_more(const Ballot&, const institution::RecordedVote&);

}  // namespace comity::decide
