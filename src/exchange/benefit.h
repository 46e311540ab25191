// SPDX-License-Identifier: Apache-2.0
#pragma once

// Who benefits, and how equally: confirmed units, and the way to them, of one membership class in
// one unit. Different units are never added, different classes never compared, and members never
// measured together with observers or invitees: a measure is over stated statuses.
//
// Only what a receiver confirmed counts as benefit. Pure; exact fractions, no floating point.
// Measures and their formulas: docs/spec/exchange.md, "Benefit".

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "base/rational.h"
#include "base/result.h"
#include "base/time.h"
#include "exchange/exchange.h"
#include "institution/institution.h"

namespace comity::exchange {

/// The members that are on a dated list on a day.
struct GroupOn {
    institution::GroupId group;
    Date day;
};
BOOST_DESCRIBE_STRUCT(GroupOn, (), (group, day))

struct BenefitQuestion {
    institution::UnitId unit;
    institution::ClassId member_class;
    std::optional<GroupOn> group;          ///< absent: the whole class
    std::optional<RoundId> without;        ///< as if this round had not been: "before"
    std::optional<WeightTableId> weights;  ///< newest version, for equality per weight
    /// Statuses that are measured, on the day of the logged clock; absent: all, together.
    std::optional<std::set<institution::StatusId>> statuses = {};
};
BOOST_DESCRIBE_STRUCT(BenefitQuestion, (), (unit, member_class, group, without, weights, statuses))

/// The statuses with which parties of the class decide in some organ of the charter: what makes one
/// a member. Absent if the class is in no organ.
std::optional<std::set<institution::StatusId>> deciding_statuses(
    const institution::Institution& institution, const institution::ClassId& member_class);

/// Units of one member, from asking to benefit.
struct MemberBenefit {
    institution::MemberId member;
    std::int64_t asked = 0;          ///< its needs; of a withdrawn one, what stays promised
    std::int64_t allocated = 0;      ///< in rounds, grants included
    std::int64_t accepted = 0;       ///< of the allocated
    std::int64_t delivered = 0;      ///< as providers say
    std::int64_t confirmed = 0;      ///< as it says itself, less what it returned: the benefit
    std::int64_t not_delivered = 0;  ///< delivered as providers say, not arrived as it says
    std::optional<institution::StatusId> status = {};  ///< on the day of the logged clock
    std::int64_t claimed = 0;                          ///< of what rounds left over
    std::int64_t fell_away = 0;  ///< of what it accepted or claimed: undelivered and gone
    std::int64_t returned = 0;   ///< confirmed, and given back as not used
    std::int64_t disputed = 0;   ///< units of deliveries over which a dispute is open

    friend bool operator==(const MemberBenefit&, const MemberBenefit&) = default;
};
BOOST_DESCRIBE_STRUCT(MemberBenefit, (),
                      (member, asked, allocated, accepted, delivered, confirmed, not_delivered,
                       status, claimed, fell_away, returned, disputed))

/// How far a member that asked and confirmed nothing came.
enum class ZeroCause {
    not_in_round,           ///< no round with its needs has drawn
    allocated_nothing,      ///< the reason stands beside
    awaiting_answer,        ///< it was allocated units and may still answer
    not_accepted,           ///< it refused them or did not answer in time
    fell_away,              ///< what it accepted can come no more
    awaiting_delivery,      ///< it accepted
    awaiting_confirmation,  ///< a provider says that it delivered
    not_delivered           ///< it says that nothing arrived
};
BOOST_DESCRIBE_ENUM(ZeroCause, not_in_round, allocated_nothing, awaiting_answer, not_accepted,
                    fell_away, awaiting_delivery, awaiting_confirmation, not_delivered)

struct ZeroReceiver {
    institution::MemberId member;
    ZeroCause cause = ZeroCause::not_in_round;
    std::optional<RoundId> round;  ///< allocated_nothing: the newest with its needs,
    std::optional<NeedId> need;    ///< its need that lacks most there,
    std::optional<Reason> reason;  ///< and why

    friend bool operator==(const ZeroReceiver&, const ZeroReceiver&) = default;
};
BOOST_DESCRIBE_STRUCT(ZeroReceiver, (), (member, cause, round, need, reason))

/// Of confirmed units over some members, at least one.
struct Equality {
    std::uint32_t members = 0;
    std::int64_t total = 0;
    std::int64_t min = 0;
    Rational median;
    Rational gini;  ///< 0: all have the same; towards 1: one has all. Says nothing for total 0

    friend bool operator==(const Equality&, const Equality&) = default;
};
BOOST_DESCRIBE_STRUCT(Equality, (), (members, total, min, median, gini))

struct BenefitLedger {
    BenefitQuestion question;
    std::vector<MemberBenefit> members;  ///< by id; all that are measured, asking or not
    std::vector<MemberBenefit> others;   ///< by id; of the class with another status: in no measure
    std::optional<Equality> among_askers;  ///< over members that asked; absent if nobody did
    std::optional<Equality> among_all;     ///< over all members; absent if there are none
    /// Over askers with a weight; absent if none of them confirmed anything.
    std::optional<Rational> gini_per_weight;
    std::vector<ZeroReceiver> zero_receivers;  ///< members that asked and confirmed nothing, by id
};
BOOST_DESCRIBE_STRUCT(BenefitLedger, (),
                      (question, members, others, among_askers, among_all, gini_per_weight,
                       zero_receivers))

/// O(members + needs + rounds * their needs + deliveries).
/// Errors: not_found "exchange/unknown-unit", "exchange/unknown-class", "exchange/unknown-group",
/// "exchange/no-such-round", "exchange/no-such-weights"; invalid "exchange/not-in-ledger" for a
/// class over which the charter does not measure benefit.
Result<BenefitLedger> benefit(const Exchange& exchange, const institution::Institution& institution,
                              const BenefitQuestion& question);

struct WeightedAmount {
    std::int64_t amount = 0;  ///< not negative
    std::int64_t weight = 1;  ///< above zero
};

/// Gini coefficient of amount per weight, each weight counted as that many alike:
/// sum over pairs of |x_i w_j - x_j w_i|, divided by (sum of w)(sum of x); 0 if all amounts are 0.
/// Exact; if the lowest terms pass 64 bits, both lose as many low bits as needed. O(n log n).
Rational gini(std::span<const WeightedAmount> amounts);

/// The equality of plain amounts. `amounts` is not empty.
Equality equality_of(std::vector<std::int64_t> amounts);

}  // namespace comity::exchange
