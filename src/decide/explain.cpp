// SPDX-License-Identifier: Apache-2.0
#include "decide/explain.h"

#include <variant>

namespace comity::decide {
namespace {

/// At most one position can be an objection: it ends the silence in which positions are stated.
std::optional<SilenceBreak> silence_break(const MotionRecord& record) {
    for (const auto& [member, stated] : record.positions) {
        const RecordedPosition& last = stated.back();
        if (last.position != PositionKind::object) continue;
        return SilenceBreak{.member = member,
                            .delegate = last.delegate,
                            .reason = last.reason.value_or(LocalizedText{}),
                            .entry = last.entry};
    }
    return {};
}

}  // namespace

Explanation explain(const MotionRecord& record) {
    const institution::Procedure& procedure = procedure_in_force(record);
    Explanation explanation{.procedure = procedure.id,
                            .procedure_name = procedure.name,
                            .clause = procedure.clause,
                            .charter_version = record.charter_version,
                            .ruling = {},
                            .closes_at = closing_time(record),
                            .counts = count(record),
                            .silence_broken_by = silence_break(record),
                            .quorum = {},
                            .majority = {}};
    if (const auto* decided = std::get_if<Decided>(&record.stage)) {
        explanation.ruling = Ruling{.adopted = decided->adopted,
                                    .basis = decided->basis,
                                    .decided_at = decided->decided_at,
                                    .time = decided->time};
    }
    if (const auto* vote = std::get_if<institution::RecordedVote>(&procedure.rule)) {
        const Ballot ballot = ballot_of(explanation.counts);
        explanation.quorum = test_quorum(ballot, *vote);
        explanation.majority = test_majority(ballot, *vote);
    }
    return explanation;
}

}  // namespace comity::decide
