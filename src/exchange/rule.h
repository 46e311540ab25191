// SPDX-License-Identifier: Apache-2.0
#pragma once

// Allocation rules and weight tables: data that members adopt by motion, never constants of the
// code.

#include <boost/describe.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/language.h"
#include "base/rational.h"
#include "base/time.h"
#include "exchange/allocation.h"
#include "exchange/statements.h"
#include "institution/ids.h"

namespace comity::exchange {

// The wire form of exchange::Rounding (allocation.h).
BOOST_DESCRIBE_ENUM(Rounding, adams, sainte_lague, dhondt, huntington_hill)

/// Reserves up to `share` of the pool, by the same rule, for the members on a dated list; what they
/// cannot lawfully use returns to all (rule R-FLOOR).
struct GroupFloor {
    institution::GroupId group;
    Rational share;
};
BOOST_DESCRIBE_STRUCT(GroupFloor, (), (group, share))

/// Lexicographic max-min over weighted levels (docs/spec/allocation.md).
struct AllocationRule {
    RuleId id;
    std::uint32_t version = 1;
    LocalizedText title;
    Rounding rounding = Rounding::sainte_lague;
    std::optional<WeightTableId> weights;  ///< absent: every member weighs 1
    std::optional<GroupFloor> floor;
    std::optional<Rational> member_cap;  ///< largest share of the pool for one member
    bool carry_over = false;  ///< units confirmed before, in this unit, count in the level
    std::optional<PublicSourceKind> lottery_source =
        std::nullopt;  ///< rounds must name a public source of this kind; absent: they may
};
BOOST_DESCRIBE_STRUCT(AllocationRule, (),
                      (id, version, title, rounding, weights, floor, member_cap, carry_over,
                       lottery_source))

/// Fixed from outside, never from what a member declares. A member that is not listed cannot take
/// part in a round under a rule that uses the table, and is listed as such.
struct WeightTable {
    WeightTableId id;
    std::uint32_t version = 1;
    LocalizedText title;
    std::string source;
    Date date;
    std::map<institution::MemberId, std::int64_t> weights;  ///< positive
};
BOOST_DESCRIBE_STRUCT(WeightTable, (), (id, version, title, source, date, weights))

}  // namespace comity::exchange
