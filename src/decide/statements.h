// SPDX-License-Identifier: Apache-2.0
#pragma once

// What delegates sign when they decide. Content type of each:
// application/vnd.comity.decide.<name>+json with the name in the comment.

#include <boost/describe.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/language.h"
#include "base/time.h"
#include "codec/value.h"
#include "crypto/sha256.h"
#include "institution/ids.h"

namespace comity::decide {

using MotionId = Id<struct MotionTag>;

inline constexpr std::size_t paragraphs_max = 256;             ///< of one motion
inline constexpr std::size_t paragraph_number_bytes_max = 32;  ///< of one paragraph's number
inline constexpr std::size_t effects_max = 64;                 ///< of one motion

struct Paragraph {
    std::string number;  ///< as cited: "1", "2 (a)"
    LocalizedText text;
};
BOOST_DESCRIBE_STRUCT(Paragraph, (), (number, text))

/// What adoption changes. `kind` names the effect ("exchange.adopt_rule"), `value` is its payload
/// in the part that owns it; `state/effects.h` has the list, checks each when the motion is
/// entered, and applies all of them when it is adopted.
struct Effect {
    std::string kind;
    codec::Value value;
};
BOOST_DESCRIBE_STRUCT(Effect, (), (kind, value))

/// `motion`
struct Motion {
    MotionId id;
    LocalizedText title;
    institution::OrganId organ;
    institution::ProcedureId procedure;
    std::vector<Paragraph> text;
    std::vector<Effect> effects;
    Timestamp closes_at;
};
BOOST_DESCRIBE_STRUCT(Motion, (), (id, title, organ, procedure, text, effects, closes_at))

enum class PositionKind { support, accept, reservation, stand_aside, abstain, object };
BOOST_DESCRIBE_ENUM(PositionKind, support, accept, reservation, stand_aside, abstain, object)

/// `position`: in a silence procedure; a later one replaces an earlier one, and both stay on
/// record. An objection is formal and needs a reason.
struct Position {
    MotionId motion;
    PositionKind position = PositionKind::accept;
    std::optional<LocalizedText> reason;
};
BOOST_DESCRIBE_STRUCT(Position, (), (motion, position, reason))

enum class Choice { yes, no, abstain };
BOOST_DESCRIBE_ENUM(Choice, yes, no, abstain)

/// `vote`: in a recorded vote; a later one before the close replaces an earlier one.
struct Vote {
    MotionId motion;
    Choice choice = Choice::abstain;
    std::optional<LocalizedText> explanation;
};
BOOST_DESCRIBE_STRUCT(Vote, (), (motion, choice, explanation))

/// `withdrawal`: by the party that moved it, before it is decided.
struct Withdrawal {
    MotionId motion;
};
BOOST_DESCRIBE_STRUCT(Withdrawal, (), (motion))

/// `outcome`: the operator puts the digest of a decided motion under the record's proofs. Only the
/// digest of what the fold has is accepted: SHA-256 of the deterministic CBOR of its MotionRecord.
struct OutcomeNotice {
    MotionId motion;
    Digest outcome;
};
BOOST_DESCRIBE_STRUCT(OutcomeNotice, (), (motion, outcome))

}  // namespace comity::decide
