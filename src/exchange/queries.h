// SPDX-License-Identifier: Apache-2.0
#pragma once

// What pages and the command line ask of the exchange: a round with every share and its reason, the
// way of a need, what is unmet and why. Facts as data; the words are the reader's language's.
//
// Pure views, ordered by id throughout; nothing here decides anything.

#include <boost/describe.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/rational.h"
#include "base/result.h"
#include "base/time.h"
#include "exchange/exchange.h"
#include "exchange/lottery.h"
#include "institution/transfer.h"

namespace comity::exchange {

enum class RoundStage { call_open, inputs_frozen, allocated, closed, failed };
BOOST_DESCRIBE_ENUM(RoundStage, call_open, inputs_frozen, allocated, closed, failed)

RoundStage stage_of(const RoundRecord& record);

/// The facts of the one sentence that says why a need got what it got. A level is
/// (carry_over + allocated) / weight of the rival pool.
///
/// no_better_off can be checked with the two steps alone: the last unit of the holder took it from
/// holder_level_before to holder_level, one more unit would take the member from level to
/// level_after. The rounding says which point of a step counts (docs/spec/allocation.md section 2),
/// and the holder's is not above the member's. What holds of the highest step holds of all.
struct NeedFacts {
    NeedResult result;
    RuleId rule;
    std::uint32_t rule_version = 0;
    Rounding rounding = Rounding::sainte_lague;
    std::optional<Rational> level;                    ///< of its member; absent if not listed
    std::optional<Rational> level_after;              ///< the same with one unit more
    std::optional<Rational> bottleneck_level;         ///< of result.bottleneck
    std::optional<Rational> holder_level;             ///< of result.holder
    std::optional<Rational> holder_level_before;      ///< the same without its last unit
    std::optional<std::int64_t> cap;                  ///< member_cap: units at most
    std::optional<institution::GroupId> floor_group;  ///< floor_first: whose; none: one unit each
    std::optional<std::int64_t> minimum;              ///< below_minimum: units at least
    std::optional<WeightTableId> weights;             ///< not_listed: in which table it is not
};
BOOST_DESCRIBE_STRUCT(NeedFacts, (),
                      (result, rule, rule_version, rounding, level, level_after, bottleneck_level,
                       holder_level, holder_level_before, cap, floor_group, minimum, weights))

/// A member's share in a round, and what became of it. Units.
struct RoundMember {
    institution::MemberId member;
    std::int64_t weight = 0;
    std::int64_t carry_over = 0;
    Rational level;
    std::int64_t floor = 0;
    std::int64_t cap = 0;
    std::uint32_t lottery_rank = 0;
    std::int64_t asked = 0;      ///< by all its needs in the round
    std::int64_t allocated = 0;  ///< of the rival pool
    std::int64_t granted = 0;    ///< of non-rival offers
    std::int64_t accepted = 0;
    std::int64_t delivered = 0;
    std::int64_t confirmed = 0;  ///< returned units included
    std::int64_t not_delivered = 0;
    std::int64_t claimed = 0;    ///< of what the round left over
    std::int64_t fell_away = 0;  ///< not available, restricted or given up
    std::int64_t returned = 0;   ///< of the confirmed
};
BOOST_DESCRIBE_STRUCT(RoundMember, (),
                      (member, weight, carry_over, level, floor, cap, lottery_rank, asked,
                       allocated, granted, accepted, delivered, confirmed, not_delivered, claimed,
                       fell_away, returned))

/// A departure and what it changed: levels over what members hold of the rival pool after answers
/// and the departures before it.
struct DepartureEffect {
    DepartureRecord record;
    institution::MemberId member;          ///< whose units they were
    std::optional<Rational> level_before;  ///< of the member; absent: not in the rival pool
    std::optional<Rational> level_after;
    std::optional<Rational> worst_before;  ///< smallest level of all members of the round
    std::optional<Rational> worst_after;
};
BOOST_DESCRIBE_STRUCT(DepartureEffect, (),
                      (record, member, level_before, level_after, worst_before, worst_after))

struct RoundView {
    Round round;
    std::uint64_t entry = 0;
    RoundStage stage = RoundStage::call_open;
    std::vector<institution::MemberId> committed;
    std::vector<institution::MemberId> revealed;
    std::vector<institution::MemberId> withheld;   ///< once drawn
    std::optional<std::uint64_t> quicknet_number;  ///< the round of drand that counts, if it does
    std::optional<PublicValue> public_value;       ///< once entered, with the entry
    std::optional<std::uint64_t> public_value_at;
    std::optional<LotteryBasis> lottery_basis;  ///< once drawn
    std::optional<std::uint64_t> cut_off;       ///< once frozen, with what follows
    std::optional<std::string> motion;          ///< that adopted the rule
    std::optional<Digest> inputs;
    std::vector<institution::MemberId> unlisted;
    std::optional<std::uint64_t> drawn_at;  ///< entry; once drawn, with what follows
    std::optional<Digest> seed;
    std::optional<Digest> result;
    std::optional<std::uint64_t> published_at;
    std::int64_t pool = 0;       ///< rival units offered
    std::int64_t allocated = 0;  ///< of them
    std::vector<RoundMember> members;
    std::vector<NeedFacts> needs;
    std::vector<institution::MemberId> zero_receivers;  ///< with a need and nothing allocated
    std::optional<std::string> failure;
    std::optional<Repeated> repeated;
    std::vector<ClaimRecord> claims;
    std::vector<DepartureEffect> departures;  ///< by entry
    /// Drawn, and every need in it that can lawfully use an offer has all that it asks, or its cap:
    /// nothing was contested.
    bool is_plentiful = false;
    std::int64_t left_over = 0;  ///< rival units that nobody in the round wanted
};
BOOST_DESCRIBE_STRUCT(RoundView, (),
                      (round, entry, stage, committed, revealed, withheld, quicknet_number,
                       public_value, public_value_at, lottery_basis, cut_off, motion, inputs,
                       unlisted, drawn_at, seed, result, published_at, pool, allocated, members,
                       needs, zero_receivers, failure, repeated, claims, departures, is_plentiful,
                       left_over))

/// O(needs of the round + deliveries). Errors: not_found "exchange/no-such-round".
Result<RoundView> view_round(const Exchange& exchange, const RoundId& id);

/// Of one need in an allocated round. Errors: not_found "exchange/not-in-round".
Result<NeedFacts> facts_of(const Allocated& allocated, const NeedId& need);

/// What a round meant for a need.
struct JourneyRound {
    RoundId round;
    RoundStage stage = RoundStage::call_open;
    std::optional<NeedFacts> facts;          ///< once drawn
    std::vector<Line> promised;              ///< as it stands after the answer
    std::optional<std::int64_t> accepted;    ///< its answer; 0 is a refusal
    std::vector<DeliveryRecord> deliveries;  ///< with confirmations
    std::vector<ClaimRecord> claims;
    std::vector<DepartureRecord> departures;
};
BOOST_DESCRIBE_STRUCT(JourneyRound, (),
                      (round, stage, facts, promised, accepted, deliveries, claims, departures))

/// From a need to its confirmed benefit.
struct NeedJourney {
    NeedRecord need;
    std::int64_t unmet = 0;
    std::int64_t confirmed = 0;        ///< less what it returned
    std::vector<JourneyRound> rounds;  ///< that froze it or of which it claimed, by entry
};
BOOST_DESCRIBE_STRUCT(NeedJourney, (), (need, unmet, confirmed, rounds))

/// Errors: not_found "exchange/no-such-need".
Result<NeedJourney> journey_of(const Exchange& exchange, const NeedId& id);

/// What stands between a need and its units.
enum class Barrier {
    awaiting_round,  ///< no round with it has drawn
    no_offer,
    none_lawful,
    no_better_off,
    member_cap,
    floor_first,
    below_minimum,
    earlier_stage,
    not_listed,
    outside_window,
    declined,       ///< its member did not take all that was allocated
    not_answered,   ///< its member did not answer in time
    not_available,  ///< a provider could not provide what it had promised
    restricted      ///< a restriction came between after the draw
};
BOOST_DESCRIBE_ENUM(Barrier, awaiting_round, no_offer, none_lawful, no_better_off, member_cap,
                    floor_first, below_minimum, earlier_stage, not_listed, outside_window, declined,
                    not_answered, not_available, restricted)

/// Units of one need behind one barrier. A need may stand behind two.
struct UnmetUnits {
    NeedId need;
    institution::MemberId member;
    Barrier barrier = Barrier::awaiting_round;
    std::int64_t units = 0;
    std::optional<RoundId> round;                          ///< that showed it
    std::vector<institution::RestrictionId> restrictions;  ///< none_lawful: all that it met
};
BOOST_DESCRIBE_STRUCT(UnmetUnits, (), (need, member, barrier, units, round, restrictions))

struct BarrierCount {
    Barrier barrier = Barrier::awaiting_round;
    std::uint32_t needs = 0;
    std::int64_t units = 0;
};
BOOST_DESCRIBE_STRUCT(BarrierCount, (), (barrier, needs, units))

/// What is unmet in a unit, and the statistics of the very same rows. The barriers' units add up to
/// `total`. Under a restriction stand the units of every row that names it, so that one unit counts
/// under each restriction that its need met; these do not add up.
struct UnmetList {
    institution::UnitId unit;
    std::int64_t total = 0;
    std::vector<UnmetUnits> rows;        ///< by need, then barrier
    std::vector<BarrierCount> barriers;  ///< those that occur, in order of the enumerators
    std::map<institution::RestrictionId, std::int64_t> restrictions;  ///< units
};
BOOST_DESCRIBE_STRUCT(UnmetList, (), (unit, total, rows, barriers, restrictions))

/// Of all needs of the unit that are not withdrawn, by the newest round that drew each.
UnmetList unmet_in(const Exchange& exchange, const institution::UnitId& unit);

/// An offer that a need could use, and what the restrictions say of it.
struct ScreenedOffer {
    OfferId offer;
    std::int64_t free = 0;  ///< units
    institution::Screening screening;
};
BOOST_DESCRIBE_STRUCT(ScreenedOffer, (), (offer, free, screening))

/// How a need stands before a round, on a day.
struct NeedScreening {
    NeedId need;
    std::vector<ScreenedOffer> offers;         ///< open, acceptable, in its window, of others
    std::vector<OfferId> lawful_alternatives;  ///< where one is blocked or held: as in a round
};
BOOST_DESCRIBE_STRUCT(NeedScreening, (), (need, offers, lawful_alternatives))

/// O(offers of the unit), and one screening for each class of them.
NeedScreening screen_need(const Exchange& exchange, const NeedRecord& need, const Screen& screen,
                          Date day);

}  // namespace comity::exchange
