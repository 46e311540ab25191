// SPDX-License-Identifier: Apache-2.0
#pragma once

// Observation: the meters turned on the institution itself. Who offers, who provides, who receives,
// in one unit; who proposes, whose motions are adopted, who takes part.
//
// A pure function of the state, so anyone who replays the record gets the same numbers. Units are
// never added across kinds. Where classes stand together, the part of each stands beside it.
// Definitions: docs/spec/observe.md, sections 4 and 5.

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "exchange/benefit.h"
#include "observe/concentration.h"
#include "observe/import.h"
#include "state/state.h"

namespace comity::state {

/// What is added up by member, in units.
enum class Measured {
    offered,            ///< of rival offers; of a withdrawn one, what stays promised
    offered_non_rival,  ///< of non-rival ones: what one receiver may get; withdrawn: nothing
    provided,           ///< confirmed by receivers, by the member that delivered
    received            ///< the same units by the member that confirmed: the benefit
};
BOOST_DESCRIBE_ENUM(Measured, offered, offered_non_rival, provided, received)

/// What a class has of an amount.
struct ClassPart {
    institution::ClassId member_class;
    std::uint32_t members = 0;  ///< that are counted
    std::string amount;
    std::string share;  ///< exact; "0" where nothing is held
    std::int64_t per_thousand = 0;
};
BOOST_DESCRIBE_STRUCT(ClassPart, (), (member_class, members, amount, share, per_thousand))

/// Some amount over members. Counted are the parties whose status lets them decide in an organ, on
/// the day of the logged clock, and whoever else has an amount. Holders are member ids.
struct Spread {
    observe::Concentration concentration;
    std::vector<ClassPart> classes;  ///< by id; those with a counted member
};
BOOST_DESCRIBE_STRUCT(Spread, (), (concentration, classes))

struct UnitSpread {
    Measured measured = Measured::offered;
    Spread spread;
};
BOOST_DESCRIBE_STRUCT(UnitSpread, (), (measured, spread))

/// Equality of the confirmed units of a class, or of those of it on a dated list (benefit.h).
struct BenefitRow {
    institution::ClassId member_class;
    std::optional<exchange::GroupOn> group;  ///< absent: the whole class
    std::uint32_t members = 0;
    std::uint32_t zero_receivers = 0;                ///< asked and confirmed nothing
    std::optional<exchange::Equality> among_askers;  ///< absent: nobody asked
    std::optional<exchange::Equality> among_all;     ///< absent: no members
};
BOOST_DESCRIBE_STRUCT(BenefitRow, (),
                      (member_class, group, members, zero_receivers, among_askers, among_all))

struct UnitQuestion {
    institution::UnitId unit;
    std::optional<institution::ClassId> member_class;  ///< absent: all classes together
};
BOOST_DESCRIBE_STRUCT(UnitQuestion, (), (unit, member_class))

struct UnitObservation {
    UnitQuestion question;
    Date day;                         ///< of the logged clock
    std::vector<UnitSpread> spreads;  ///< each of Measured
    /// Of every class that is measured, or of the one in question: the whole, then each dated list
    /// of the charter with a member on it that day.
    std::vector<BenefitRow> benefit;
};
BOOST_DESCRIBE_STRUCT(UnitObservation, (), (question, day, spreads, benefit))

/// O(offers + deliveries + classes * lists * (members + needs)). Errors: not_found
/// "exchange/unknown-unit", "exchange/unknown-class".
Result<UnitObservation> observe_unit(const State& state, const UnitQuestion& question);

/// What one member did in motions. A later statement of the same member on a motion adds nothing.
struct MemberInfluence {
    institution::MemberId member;
    institution::ClassId member_class;
    std::uint32_t proposed = 0;      ///< motions it moved: the sum of the next four
    std::uint32_t adopted = 0;       ///< of them
    std::uint32_t not_adopted = 0;   ///< decided otherwise
    std::uint32_t withdrawn = 0;     ///< by itself
    std::uint32_t open = 0;          ///< not decided yet
    std::uint32_t entitled = 0;      ///< motions on whose roll it stands
    std::uint32_t took_part = 0;     ///< of these, with a position or a vote of it
    std::uint32_t said_nothing = 0;  ///< of these, decided without either; not those withdrawn

    friend bool operator==(const MemberInfluence&, const MemberInfluence&) = default;
};
BOOST_DESCRIBE_STRUCT(MemberInfluence, (),
                      (member, member_class, proposed, adopted, not_adopted, withdrawn, open,
                       entitled, took_part, said_nothing))

struct Influence {
    Date day;
    std::uint32_t motions = 0;
    Spread proposed;                       ///< motions, by mover
    Spread adopted;                        ///< likewise
    std::vector<MemberInfluence> members;  ///< by id; all that are counted
};
BOOST_DESCRIBE_STRUCT(Influence, (), (day, motions, proposed, adopted, members))

/// O(motions * their roll).
Influence influence(const State& state);

/// How each number of the two observations was computed, and what the record does not hold.
std::vector<observe::Explanation> observation_explained();

}  // namespace comity::state
