// SPDX-License-Identifier: Apache-2.0
#pragma once

// What `list` and `show` print of each kind of thing: a row for each, and labelled facts of one.
//
// Pure functions of the node's JSON (docs/use/api.md). Names of members and offers are ids, as the
// commands take them; --json prints what the node said instead.

#include <string>
#include <string_view>
#include <vector>

#include "cli/answer.h"

namespace comity::cli {

/// How one collection of the API is read.
struct Report {
    std::string_view collection;
    Table (*table)(const std::vector<Answer>& items);
    std::string (*facts)(const Answer& one);
};

Table members_table(const std::vector<Answer>& members);
std::string member_facts(const Answer& view);
Table motions_table(const std::vector<Answer>& motions);
std::string motion_facts(const Answer& view);
Table restrictions_table(const std::vector<Answer>& restrictions);
std::string restriction_facts(const Answer& view);
Table offers_table(const std::vector<Answer>& offers);
std::string offer_facts(const Answer& view);
Table needs_table(const std::vector<Answer>& needs);
std::string need_facts(const Answer& view);
Table rounds_table(const std::vector<Answer>& rounds);
std::string round_facts(const Answer& detail);

std::string institution_facts(const Answer& view);
std::string screening_facts(const Answer& view);

inline constexpr Report members_report{"members", members_table, member_facts};
inline constexpr Report motions_report{"motions", motions_table, motion_facts};
inline constexpr Report restrictions_report{"restrictions", restrictions_table, restriction_facts};
inline constexpr Report offers_report{"offers", offers_table, offer_facts};
inline constexpr Report needs_report{"needs", needs_table, need_facts};
inline constexpr Report rounds_report{"rounds", rounds_table, round_facts};

/// A restriction as it is cited: which, in which version, by whom, with which dates.
std::string citation(const Answer& citation);

}  // namespace comity::cli
