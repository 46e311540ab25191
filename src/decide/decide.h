// SPDX-License-Identifier: Apache-2.0
#pragma once

// Motions, positions, votes and outcomes: which clause decided, and with which counts.
//
// Pure values and functions. The roll and the procedure of a motion are those in force when it is
// entered; deadlines close at a logged clock entry (`advance`). Absence, silence and abstention are
// three different things: who said nothing is listed as silent, never counted as having said it.

#include <boost/describe.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "decide/statements.h"
#include "institution/institution.h"

namespace comity::decide {

struct RecordedPosition {
    PositionKind position = PositionKind::accept;
    std::optional<LocalizedText> reason;
    institution::DelegateId delegate;
    std::uint64_t entry = 0;
};
BOOST_DESCRIBE_STRUCT(RecordedPosition, (), (position, reason, delegate, entry))

struct RecordedChoice {
    Choice choice = Choice::abstain;
    std::optional<LocalizedText> explanation;
    institution::DelegateId delegate;
    std::uint64_t entry = 0;
};
BOOST_DESCRIBE_STRUCT(RecordedChoice, (), (choice, explanation, delegate, entry))

struct UnderSilence {
    static constexpr std::string_view kind = "under_silence";
    Timestamp closes_at;
};
BOOST_DESCRIBE_STRUCT(UnderSilence, (), (closes_at))

struct UnderVote {
    static constexpr std::string_view kind = "under_vote";
    Timestamp closes_at;
    std::optional<std::uint64_t> silence_broken_by;  ///< entry of the objection that led here
};
BOOST_DESCRIBE_STRUCT(UnderVote, (), (closes_at, silence_broken_by))

enum class Basis {
    silence_kept,      ///< adopted: nobody objected
    silence_broken,    ///< not adopted: an objection, and the procedure has no fall-back
    majority_reached,  ///< adopted
    majority_missed,   ///< not adopted
    quorum_missed,     ///< not adopted
    withdrawn          ///< not adopted
};
BOOST_DESCRIBE_ENUM(Basis, silence_kept, silence_broken, majority_reached, majority_missed,
                    quorum_missed, withdrawn)

/// Every count that entered the decision. Silent: entitled, and said nothing.
struct Counts {
    std::uint32_t entitled = 0;
    std::uint32_t support = 0, accept = 0, reservation = 0, stand_aside = 0, abstain = 0,
                  object = 0, silent = 0;  ///< positions, in a silence procedure
    std::uint32_t yes = 0, no = 0, abstention = 0, absent = 0;  ///< in a recorded vote
};
BOOST_DESCRIBE_STRUCT(Counts, (),
                      (entitled, support, accept, reservation, stand_aside, abstain, object, silent,
                       yes, no, abstention, absent))

struct Decided {
    static constexpr std::string_view kind = "decided";
    bool adopted = false;
    Basis basis = Basis::withdrawn;
    institution::Procedure procedure;   ///< the one that decided (the fall-back, if it came to it)
    std::uint32_t charter_version = 0;  ///< in which version of the charter
    Counts counts;
    std::uint64_t decided_at = 0;  ///< index of the entry that closed it
    Timestamp time;
};
BOOST_DESCRIBE_STRUCT(Decided, (),
                      (adopted, basis, procedure, charter_version, counts, decided_at, time))

struct MotionRecord {
    Motion motion;
    institution::MemberId mover;
    std::uint64_t entry = 0;
    Timestamp opened_at;
    institution::Procedure procedure;                ///< as in force when entered
    std::optional<institution::Procedure> fallback;  ///< likewise
    std::uint32_t charter_version = 0;
    std::vector<institution::MemberId> roll;  ///< entitled when entered, by id
    std::map<institution::MemberId, std::vector<RecordedPosition>> positions;  ///< oldest first
    std::map<institution::MemberId, std::vector<RecordedChoice>> votes;        ///< oldest first
    std::variant<UnderSilence, UnderVote, Decided> stage;
};
BOOST_DESCRIBE_STRUCT(MotionRecord, (),
                      (motion, mover, entry, opened_at, procedure, fallback, charter_version, roll,
                       positions, votes, stage))

struct Decide {
    std::map<MotionId, MotionRecord> motions;
    std::map<MotionId, std::uint64_t> published;  ///< entry of the operator's `outcome`
};
BOOST_DESCRIBE_STRUCT(Decide, (), (motions, published))

/// Whether the statement may be entered. Its effects are checked by state/, its right to be signed
/// before. Errors "decide/…", and those of institution::may_act_in:
/// - Motion: motion-exists, no-such-organ, no-such-procedure, bad-text, too-many-effects,
///   period-too-short
/// - Position: no-such-motion, not-on-the-roll, motion-closed, not-under-silence,
///   objection-needs-reason, bad-text
/// - Vote: no-such-motion, not-on-the-roll, motion-closed, not-under-vote, bad-text
/// - Withdrawal: no-such-motion, not-the-mover, motion-closed
Result<> check(const Decide&, const institution::Institution&, const institution::Act&,
               const Motion&);
Result<> check(const Decide&, const institution::Institution&, const institution::Act&,
               const Position&);
Result<> check(const Decide&, const institution::Institution&, const institution::Act&,
               const Vote&);
Result<> check(const Decide&, const institution::Institution&, const institution::Act&,
               const Withdrawal&);
/// Errors: no-such-motion, conflict "decide/not-decided", "decide/wrong-outcome",
/// "decide/outcome-published".
Result<> check(const Decide&, const institution::Institution&, const institution::Act&,
               const OutcomeNotice&);

void apply(Decide&, const institution::Institution&, const institution::Act&, const Motion&);
void apply(Decide&, const institution::Institution&, const institution::Act&, const Position&);
void apply(Decide&, const institution::Institution&, const institution::Act&, const Vote&);
void apply(Decide&, const institution::Institution&, const institution::Act&, const Withdrawal&);
void apply(Decide&, const institution::Institution&, const institution::Act&, const OutcomeNotice&);

/// The digest that `outcome` must carry: of the motion as it was decided.
Digest outcome_digest(const MotionRecord& record);

/// Closes what is due at the clock entry `index`, in order of closing time, then of id. Returns the
/// motions that it adopted; the caller applies their effects in that order.
std::vector<MotionId> advance(Decide&, Timestamp now, std::uint64_t index);

/// When the motion closes; absent once it is decided.
std::optional<Timestamp> closing_time(const MotionRecord&);

/// The procedure that a motion is under: its own or, once an objection has opened the fall-back
/// vote, that one. Of a decided motion, the one that decided. Borrowed from the record.
const institution::Procedure& procedure_in_force(const MotionRecord&);

/// The counts as they stand, in whatever stage the motion is. Positions count in a silence
/// procedure and votes in a recorded vote; what a motion never came to is zero, `silent` and
/// `absent` included.
Counts count(const MotionRecord&);

/// What a motion still lacks, or lacked when it was decided, under the procedure in force. Of a
/// silence procedure it lacks nothing but time.
struct Missing {
    /// Further yes votes, by parties that have not voted, that would reach the majority as it
    /// stands. `entitled + 1` stands for out of reach: no number of members would do.
    std::uint32_t yes_more = 0;
    /// Further participants that would reach the quorum; `entitled + 1` likewise.
    std::uint32_t participants_more = 0;
    /// On the roll and without a position (silence procedure) or a vote (recorded vote), by id.
    std::vector<institution::MemberId> silent;
};
BOOST_DESCRIBE_STRUCT(Missing, (), (yes_more, participants_more, silent))

Missing still_missing(const MotionRecord&);

}  // namespace comity::decide
