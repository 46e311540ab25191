// SPDX-License-Identifier: Apache-2.0
#pragma once

// A draft rule on a round that is open or past, member by member, before anybody proposes it.
//
// Everything but the rule stays as it is in the round: needs, offers, cut-off, day, restrictions
// and lottery. Nothing is entered anywhere. Whoever has the record can compute it; a server is not
// asked. Pure.

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/rational.h"
#include "base/result.h"
#include "exchange/exchange.h"

namespace comity::exchange {

struct DraftRule {
    AllocationRule rule;                  ///< its version is not read
    std::optional<WeightTable> weights;   ///< a draft table; absent: the newest that was adopted
    std::optional<CostTable> costs = {};  ///< likewise
};

/// What a member has under one rule. Units of needs, granted ones included.
struct Outcome {
    std::int64_t units = 0;
    Rational level;  ///< (carry-over + units of the rival pool) / weight
    std::int64_t weight = 0;
};
BOOST_DESCRIBE_STRUCT(Outcome, (), (units, level, weight))

struct MemberComparison {
    institution::MemberId member;
    std::int64_t asked = 0;
    std::optional<Outcome> present;  ///< absent: it has no weight in that rule's table
    std::optional<Outcome> draft;
};
BOOST_DESCRIBE_STRUCT(MemberComparison, (), (member, asked, present, draft))

/// The whole under one rule, over the members that asked.
struct RuleOutcome {
    std::int64_t units = 0;
    std::uint32_t members_with_nothing = 0;
    std::uint32_t members_unlisted = 0;
    std::optional<Rational> smallest_level;  ///< of the members that are listed
};
BOOST_DESCRIBE_STRUCT(RuleOutcome, (),
                      (units, members_with_nothing, members_unlisted, smallest_level))

struct RuleComparison {
    RoundId round;
    AllocationRule present_rule;
    AllocationRule draft_rule;
    RuleOutcome present;
    RuleOutcome draft;
    std::vector<MemberComparison> members;  ///< by id
    std::vector<RuleWarning> warnings;      ///< of the draft
};
BOOST_DESCRIBE_STRUCT(RuleComparison, (),
                      (round, present_rule, draft_rule, present, draft, members, warnings))

/// Under its own rule a round that is allocated has its result; another is drawn with what was
/// revealed so far. Cost: two draws.
/// Errors: not_found "exchange/no-such-round"; conflict "exchange/round-failed" for one that could
/// not be allocated; those of check_adoption and draw.
Result<RuleComparison> what_if(const Exchange& exchange,
                               const institution::Institution& institution, const Screen& screen,
                               const RoundId& round, const DraftRule& draft);

}  // namespace comity::exchange
