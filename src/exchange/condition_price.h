// SPDX-License-Identifier: Apache-2.0
#pragma once

// The price of a condition: what a round gives, and what it would give if one condition were not
// there. The same computation for every condition of every issuer.
//
// A condition is what keeps an offer from a need though the engine could match them: a restriction
// that a screening of the round cites, or the window of an offer. Everything else stays as it is:
// needs, other conditions, rule, day and lottery. Where two conditions stand before the same units,
// each alone costs nothing; so the conditions of one issuer, and all of them, are also left out
// together. Nothing is entered anywhere. Pure; docs/spec/exchange.md, "The price of a condition".

#include <boost/describe.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/rational.h"
#include "base/result.h"
#include "exchange/exchange.h"
#include "exchange/round.h"

namespace comity::exchange {

/// Largest number of conditions that one round is priced for; what comes later is counted only.
inline constexpr std::size_t priced_conditions_max = 256;

enum class ConditionKind {
    restriction,  ///< issued by a party; every version and kind of transfer that it touches
    window        ///< of an offer: without it the offer can serve any day
};
BOOST_DESCRIBE_ENUM(ConditionKind, restriction, window)

/// A restriction by its citation, or the window of an offer by the offer.
struct Condition {
    ConditionKind kind = ConditionKind::restriction;
    institution::MemberId issuer;  ///< of the restriction; provider of the offer
    std::optional<institution::Citation> restriction = {};  ///< of a restriction
    std::optional<OfferId> offer = {};                      ///< of a window, as what follows
    std::optional<Date> from = {};
    std::optional<Date> until = {};

    friend bool operator==(const Condition&, const Condition&) = default;
};
BOOST_DESCRIBE_STRUCT(Condition, (), (kind, issuer, restriction, offer, from, until))

/// The member with the smallest level; of several, the first by id.
struct WorstOff {
    institution::MemberId member;
    Rational level;          ///< (carry-over + units of the rival pool) / weight
    std::int64_t units = 0;  ///< granted ones included

    friend bool operator==(const WorstOff&, const WorstOff&) = default;
};
BOOST_DESCRIBE_STRUCT(WorstOff, (), (member, level, units))

/// What a division gives, over the members with a weight in it.
struct Standing {
    std::int64_t units = 0;  ///< granted ones included
    std::uint32_t members_with_nothing = 0;
    std::optional<WorstOff> worst_off;  ///< absent if no member is in the round

    friend bool operator==(const Standing&, const Standing&) = default;
};
BOOST_DESCRIBE_STRUCT(Standing, (), (units, members_with_nothing, worst_off))

/// A member that would have another number of units. Granted ones included.
struct MemberChange {
    institution::MemberId member;
    std::int64_t present = 0;
    std::int64_t without = 0;

    friend bool operator==(const MemberChange&, const MemberChange&) = default;
};
BOOST_DESCRIBE_STRUCT(MemberChange, (), (member, present, without))

/// What the round would give without some conditions.
struct Change {
    Standing standing;
    std::uint32_t members_with_more = 0;  ///< than at present
    std::uint32_t members_with_less = 0;
    std::vector<MemberChange> members;  ///< with more or with less, by id

    friend bool operator==(const Change&, const Change&) = default;
};
BOOST_DESCRIBE_STRUCT(Change, (), (standing, members_with_more, members_with_less, members))

struct ConditionPrice {
    Condition condition;
    Change without;  ///< this condition alone

    friend bool operator==(const ConditionPrice&, const ConditionPrice&) = default;
};
BOOST_DESCRIBE_STRUCT(ConditionPrice, (), (condition, without))

/// The conditions of one issuer that are priced.
struct IssuerPrice {
    institution::MemberId issuer;
    std::uint32_t conditions = 0;
    std::int64_t units = 0;  ///< sum over them of the units that the round would give more
    Change without;          ///< all of them at once

    friend bool operator==(const IssuerPrice&, const IssuerPrice&) = default;
};
BOOST_DESCRIBE_STRUCT(IssuerPrice, (), (issuer, conditions, units, without))

struct PriceList {
    RoundId round;
    Standing present;
    std::vector<ConditionPrice> conditions;  ///< restrictions by id, then windows by offer
    std::uint64_t not_priced = 0;            ///< conditions past the bound, in the same order
    std::vector<IssuerPrice> issuers;        ///< by id
    std::optional<Change> without_all;       ///< that are priced; absent if none is

    friend bool operator==(const PriceList&, const PriceList&) = default;
};
BOOST_DESCRIBE_STRUCT(PriceList, (), (round, present, conditions, not_priced, issuers, without_all))

/// Every condition of a round: each restriction that a screening cites, by id, then each window of
/// an offer that a need of another member could use on another day, by offer. O(screenings +
/// offers * kinds of needs).
std::vector<Condition> conditions_of(const RoundInputs& inputs);

/// The inputs as they would be without the conditions.
RoundInputs without(const RoundInputs& inputs, const std::vector<Condition>& conditions);

/// Cost: at most one draw for each condition, one for each issuer, and one.
/// Errors: those of draw.
Result<PriceList> price_conditions(const RoundInputs& inputs, const RoundResult& present,
                                   std::size_t conditions_max = priced_conditions_max);

/// Of a round that is allocated, or allocated and closed. Errors: not_found
/// "exchange/no-such-round"; conflict "exchange/not-allocated"; those of draw.
Result<PriceList> price_conditions(const Exchange& exchange, const RoundId& round,
                                   std::size_t conditions_max = priced_conditions_max);

}  // namespace comity::exchange
