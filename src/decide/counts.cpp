// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "decide/decide.h"
#include "decide/evaluate.h"

namespace comity::decide {
namespace {

using institution::MemberId;
using institution::Procedure;
using institution::RecordedVote;
using institution::SilenceProcedure;

void add(Counts& counts, PositionKind position) {
    switch (position) {
        case PositionKind::support:
            ++counts.support;
            return;
        case PositionKind::accept:
            ++counts.accept;
            return;
        case PositionKind::reservation:
            ++counts.reservation;
            return;
        case PositionKind::stand_aside:
            ++counts.stand_aside;
            return;
        case PositionKind::abstain:
            ++counts.abstain;
            return;
        case PositionKind::object:
            ++counts.object;
            return;
    }
    COMITY_CHECK(false);
}

void add(Counts& counts, Choice choice) {
    switch (choice) {
        case Choice::yes:
            ++counts.yes;
            return;
        case Choice::no:
            ++counts.no;
            return;
        case Choice::abstain:
            ++counts.abstention;
            return;
    }
    COMITY_CHECK(false);
}

/// Who of the roll has no entry in `statements`.
template <class Statements>
std::vector<MemberId> without(const std::vector<MemberId>& roll, const Statements& statements) {
    std::vector<MemberId> rest;
    std::ranges::copy_if(roll, std::back_inserter(rest),
                         [&](const MemberId& member) { return !statements.contains(member); });
    return rest;
}

}  // namespace

const Procedure& procedure_in_force(const MotionRecord& record) {
    if (const auto* decided = std::get_if<Decided>(&record.stage)) return decided->procedure;
    const bool fell_back = std::holds_alternative<UnderVote>(record.stage) && record.fallback;
    return fell_back ? *record.fallback : record.procedure;
}

std::optional<Timestamp> closing_time(const MotionRecord& record) {
    if (const auto* silence = std::get_if<UnderSilence>(&record.stage)) return silence->closes_at;
    if (const auto* vote = std::get_if<UnderVote>(&record.stage)) return vote->closes_at;
    return {};
}

Counts count(const MotionRecord& record) {
    Counts counts{.entitled = static_cast<std::uint32_t>(record.roll.size())};
    for (const auto& [member, stated] : record.positions) add(counts, stated.back().position);
    for (const auto& [member, cast] : record.votes) add(counts, cast.back().choice);
    if (std::holds_alternative<SilenceProcedure>(record.procedure.rule)) {
        counts.silent = counts.entitled - static_cast<std::uint32_t>(record.positions.size());
    }
    if (std::holds_alternative<RecordedVote>(procedure_in_force(record).rule)) {
        counts.absent = counts.entitled - static_cast<std::uint32_t>(record.votes.size());
    }
    return counts;
}

Ballot ballot_of(const Counts& counts) {
    return {.entitled = counts.entitled,
            .yes = counts.yes,
            .no = counts.no,
            .abstention = counts.abstention};
}

Missing still_missing(const MotionRecord& record) {
    const auto* vote = std::get_if<RecordedVote>(&procedure_in_force(record).rule);
    if (vote == nullptr) return {.silent = without(record.roll, record.positions)};

    const Ballot ballot = ballot_of(count(record));
    const QuorumTest quorum = test_quorum(ballot, *vote);
    Missing missing{.yes_more = yes_more(ballot, *vote),
                    .silent = without(record.roll, record.votes)};
    if (quorum.participants_needed > quorum.entitled) {
        missing.participants_more = quorum.entitled + 1;
    } else if (!quorum.reached) {
        missing.participants_more =
            static_cast<std::uint32_t>(quorum.participants_needed) - quorum.participants;
    }
    return missing;
}

}  // namespace comity::decide
