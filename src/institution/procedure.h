// SPDX-License-Identifier: Apache-2.0
#pragma once

// Decision procedures as data of the charter. `decide` evaluates them; nothing here knows a vote.

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/language.h"
#include "base/rational.h"
#include "institution/ids.h"

namespace comity::institution {

/// Adopted when the period ends and no entitled member has formally objected. One objection breaks
/// the silence at once. A reservation does not. Silence counts as consent here and nowhere else.
struct SilenceProcedure {
    static constexpr std::string_view kind = "silence";
    std::int64_t seconds_min = 0;         ///< shortest period from motion to close
    std::optional<ProcedureId> fallback;  ///< the recorded vote that a broken silence opens
};
BOOST_DESCRIBE_STRUCT(SilenceProcedure, (), (seconds_min, fallback))

/// What the yes votes are measured against.
enum class VoteBase { present_and_voting, participating, entitled };
BOOST_DESCRIBE_ENUM(VoteBase, present_and_voting, participating, entitled)

enum class Comparison { at_least, more_than };
BOOST_DESCRIBE_ENUM(Comparison, at_least, more_than)

/// Adopted when yes is at least (or more than) `share` of the base, and at least `quorum` of the
/// entitled members took part (yes, no or abstain). Present and voting: yes and no. Participating:
/// yes, no and abstain. With nobody in the base, it is not adopted.
struct RecordedVote {
    static constexpr std::string_view kind = "recorded_vote";
    VoteBase base = VoteBase::present_and_voting;
    Comparison comparison = Comparison::at_least;
    Rational share;
    Rational quorum;
    std::int64_t seconds_min = 0;  ///< shortest period from opening to close; the period of a
                                   ///< fall-back vote
};
BOOST_DESCRIBE_STRUCT(RecordedVote, (), (base, comparison, share, quorum, seconds_min))

struct Procedure {
    ProcedureId id;
    LocalizedText name;
    std::string clause;  ///< where the charter or the rules of procedure say it
    std::variant<SilenceProcedure, RecordedVote> rule;
};
BOOST_DESCRIBE_STRUCT(Procedure, (), (id, name, clause, rule))

}  // namespace comity::institution
