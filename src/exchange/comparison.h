// SPDX-License-Identifier: Apache-2.0
#pragma once

// Why one member got more than another in a round: their numbers side by side, and which reasons
// apply, read off the result and what is lawful.
//
// What always holds: a reason that is named is true of the numbers, and where one member got more,
// at least one is named. Neither member is the measure of the other: the same two give the same
// comparison in either order, each in its own place. Pure; docs/spec/exchange.md section 3.

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/rational.h"
#include "base/result.h"
#include "exchange/exchange.h"

namespace comity::exchange {

/// How many offers a comparison names at most; others are counted.
inline constexpr std::size_t obstacles_max = 16;

/// Why the member with fewer units has fewer. "It" is that member. All but `grants` speak of the
/// rival pool.
enum class MoreReason {
    got_all_it_asked,      ///< of the pool and of grants: it left nothing open
    not_listed,            ///< it has no weight in the adopted table
    member_cap,            ///< it has all that its cap allows
    no_access,             ///< no unit that the other has could have come to it, directly or by
                           ///< others' changing what they hold; `obstacles` say why
    larger_weight,         ///< of the other, whose last turn came before its next one
    carry_over,            ///< it brought more units of earlier rounds, and the same
    lottery,               ///< the other's last turn and its next one are equal: places decided
    smaller_weight_first,  ///< they are equal, and the rounding takes the smaller weight first
    floor,                 ///< the other has no more than its floor, which comes first
    earlier_stage,         ///< a need of its waited for needs of an earlier tier, or for choices
                           ///< that members named before
    least_quantity,        ///< a need of its was set aside: less than is of use to it was left
    grants,                ///< the other got more of non-rival offers; `grant_obstacles` say why
    by_the_rule            ///< none of these: as the rule divided
};
BOOST_DESCRIBE_ENUM(MoreReason, got_all_it_asked, not_listed, member_cap, no_access, larger_weight,
                    carry_over, lottery, smaller_weight_first, floor, earlier_stage, least_quantity,
                    grants, by_the_rule)

struct ComparedMember {
    institution::MemberId member;
    bool is_listed = true;  ///< otherwise it has only what it asked
    std::int64_t asked = 0;
    std::int64_t units = 0;    ///< pool and grants
    std::int64_t granted = 0;  ///< of them, of non-rival offers
    std::int64_t weight = 0;
    std::int64_t carry_over = 0;
    std::int64_t floor = 0;
    std::int64_t cap = 0;
    std::uint32_t lottery_rank = 0;
    std::optional<Rational> level;  ///< (carry-over + units of the pool) / weight

    friend bool operator==(const ComparedMember&, const ComparedMember&) = default;
};
BOOST_DESCRIBE_STRUCT(ComparedMember, (),
                      (member, is_listed, asked, units, granted, weight, carry_over, floor, cap,
                       lottery_rank, level))

/// An offer that serves the member with more, and what keeps the open needs of the other from it:
/// for each of them the first of these that holds.
struct Obstacle {
    OfferId offer;
    bool is_own = false;                              ///< the member itself provides it
    bool item_class = false;                          ///< a need does not accept its item class
    bool window = false;                              ///< a need has no day in common with it
    std::vector<institution::Citation> restrictions;  ///< block it or ask for review; by id

    friend bool operator==(const Obstacle&, const Obstacle&) = default;
};
BOOST_DESCRIBE_STRUCT(Obstacle, (), (offer, is_own, item_class, window, restrictions))

/// Levels before and after a unit of the pool.
struct Turn {
    Rational before;
    Rational after;

    friend bool operator==(const Turn&, const Turn&) = default;
};
BOOST_DESCRIBE_STRUCT(Turn, (), (before, after))

struct Comparison {
    RoundId round;
    Rounding rounding = Rounding::sainte_lague;
    ComparedMember first;
    ComparedMember second;
    std::optional<institution::MemberId> more;  ///< absent: both got the same number
    std::vector<MoreReason> reasons;            ///< in order of the enumerators
    std::optional<Turn> last_turn;  ///< of the member with more: where turns are a reason, as next
    std::optional<Turn> next_turn;  ///< of the other
    std::vector<Obstacle> obstacles;        ///< no_access: by offer
    std::uint32_t obstacles_not_named = 0;  ///< past obstacles_max
    std::vector<institution::Citation>
        blocked_by;  ///< no_access: restrictions that the open needs met, before any offer; by id
    std::vector<Obstacle> grant_obstacles;  ///< grants: by offer
    std::uint32_t grant_obstacles_not_named = 0;

    friend bool operator==(const Comparison&, const Comparison&) = default;
};
BOOST_DESCRIBE_STRUCT(Comparison, (),
                      (round, rounding, first, second, more, reasons, last_turn, next_turn,
                       obstacles, obstacles_not_named, blocked_by, grant_obstacles,
                       grant_obstacles_not_named))

/// `result` is the inputs' (check_result). O(needs * log + pairs), as pool_of.
/// Errors: invalid "exchange/same-member"; not_found "exchange/not-in-round" for a member without a
/// need in the round; those of pool_of.
Result<Comparison> compare(const RoundInputs& inputs, const RoundResult& result,
                           const institution::MemberId& first, const institution::MemberId& second);

/// In a round that is allocated. Errors: not_found "exchange/no-such-round"; conflict
/// "exchange/not-allocated"; as above.
Result<Comparison> compare(const Exchange& exchange, const RoundId& round,
                           const institution::MemberId& first, const institution::MemberId& second);

}  // namespace comity::exchange
