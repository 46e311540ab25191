// SPDX-License-Identifier: Apache-2.0
#include "decide/decide.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "decide/evaluate.h"

namespace comity::decide {
namespace {

using institution::Act;
using institution::Institution;
using institution::Procedure;
using institution::RecordedVote;
using institution::SilenceProcedure;

// The last moment that has a text (base/time.h). A period that a charter sets absurdly long ends
// there, so that the state can always be written and read.
constexpr Timestamp end_of_time{253'402'300'799};

Timestamp after(Timestamp moment, std::int64_t seconds) {
    if (seconds >= end_of_time.seconds - moment.seconds) return end_of_time;
    return {moment.seconds + std::max<std::int64_t>(seconds, 0)};
}

std::int64_t seconds_min(const Procedure& procedure) {
    return std::visit([](const auto& rule) { return rule.seconds_min; }, procedure.rule);
}

/// Some language, and none of them blank.
bool has_words(const LocalizedText& text) {
    const auto is_blank = [](const auto& translation) {
        return translation.second.find_first_not_of(" \t\r\n") == std::string::npos;
    };
    return !text.empty() && std::ranges::none_of(text, is_blank);
}

Error bad_text(std::string message) {
    return {Code::invalid, "decide/bad-text", std::move(message)};
}

Result<> check_text(const Motion& motion) {
    if (!has_words(motion.title)) {
        return bad_text(
            "Give the motion a title in at least one language, and none that is blank.");
    }
    if (motion.text.empty() || motion.text.size() > paragraphs_max) {
        return bad_text("Give the motion 1 to " + std::to_string(paragraphs_max) +
                        " numbered paragraphs.");
    }
    std::set<std::string_view> numbers;
    for (const Paragraph& paragraph : motion.text) {
        const std::string& number = paragraph.number;
        if (number.empty() || number.size() > paragraph_number_bytes_max) {
            return bad_text("Number each paragraph with 1 to " +
                            std::to_string(paragraph_number_bytes_max) + " octets.");
        }
        if (!numbers.insert(number).second) {
            return bad_text("Two paragraphs have the number '" + number +
                            "'; give each its own, so that it can be cited.");
        }
        if (!has_words(paragraph.text)) {
            return bad_text("Give paragraph '" + number +
                            "' a text in at least one language, and none that is blank.");
        }
    }
    return {};
}

/// A reason or explanation may be left out; where it stands, it says something.
Result<> check_words(const std::optional<LocalizedText>& words) {
    if (!words || has_words(*words)) return {};
    return bad_text("Say it in at least one language, and none that is blank, or leave it out.");
}

/// The recorded vote that `procedure` falls back to; nullptr if it names none.
Result<const Procedure*> find_fallback(const Institution& institution, const Procedure& procedure) {
    const auto* silence = std::get_if<SilenceProcedure>(&procedure.rule);
    if (silence == nullptr || !silence->fallback) return nullptr;
    const Procedure* fallback = institution::find_procedure(institution, *silence->fallback);
    if (fallback == nullptr || !std::holds_alternative<RecordedVote>(fallback->rule)) {
        return Error{
            Code::not_found, "decide/no-such-procedure",
            "Procedure '" + procedure.id.text() + "' falls back to '" + silence->fallback->text() +
                "', which is not a recorded vote of the charter; choose another procedure."};
    }
    // Without a period, the vote would be over before the first one is cast.
    if (seconds_min(*fallback) <= 0) {
        return Error{Code::invalid, "decide/period-too-short",
                     "The fall-back vote '" + fallback->id.text() +
                         "' has no period in the charter; choose another procedure."};
    }
    return fallback;
}

Result<> check_period(const Motion& motion, const Procedure& procedure, Timestamp now) {
    const std::int64_t seconds = std::max<std::int64_t>(seconds_min(procedure), 1);
    const Timestamp earliest = after(now, seconds);
    if (motion.closes_at >= earliest) return {};
    return Error{Code::invalid, "decide/period-too-short",
                 "Procedure '" + procedure.id.text() + "' runs for at least " +
                     std::to_string(seconds) + " seconds; close the motion at " + earliest.text() +
                     " or later."};
}

/// The motion, if it runs and the actor may act in its organ.
Result<const MotionRecord*> find_running(const Decide& decide, const Institution& institution,
                                         const Act& act, const MotionId& id) {
    const auto found = decide.motions.find(id);
    if (found == decide.motions.end()) {
        return Error{Code::not_found, "decide/no-such-motion",
                     "There is no motion '" + id.text() + "'; check its id."};
    }
    const MotionRecord& record = found->second;
    TRY(institution::may_act_in(institution, act.actor, record.motion.organ));
    const std::optional<Timestamp> closes_at = closing_time(record);
    if (!closes_at || act.now >= *closes_at) {
        return Error{Code::conflict, "decide/motion-closed",
                     "The motion '" + id.text() + "' is closed; open a new one."};
    }
    return &record;
}

Result<> check_on_roll(const MotionRecord& record, const institution::MemberId& member) {
    if (std::ranges::binary_search(record.roll, member)) return {};
    return Error{Code::forbidden, "decide/not-on-the-roll",
                 "'" + member.text() + "' was not entitled in the organ when the motion '" +
                     record.motion.id.text() + "' was entered, so it has no voice in it."};
}

/// A motion that check has found.
MotionRecord& running(Decide& decide, const MotionId& id) {
    const auto found = decide.motions.find(id);
    COMITY_CHECK(found != decide.motions.end());
    COMITY_CHECK(!std::holds_alternative<Decided>(found->second.stage));
    return found->second;
}

const institution::DelegateId& delegate_of(const Act& act) {
    COMITY_CHECK(act.actor.delegate.has_value());
    return *act.actor.delegate;
}

void close(MotionRecord& record, Basis basis, Timestamp time, std::uint64_t index) {
    Decided decided{.adopted = basis == Basis::silence_kept || basis == Basis::majority_reached,
                    .basis = basis,
                    .procedure = procedure_in_force(record),
                    .charter_version = record.charter_version,
                    .counts = count(record),
                    .decided_at = index,
                    .time = time};
    record.stage = std::move(decided);
}

void break_silence(MotionRecord& record, const Act& act) {
    if (!record.fallback) return close(record, Basis::silence_broken, act.now, act.index);
    record.stage = UnderVote{.closes_at = after(act.now, seconds_min(*record.fallback)),
                             .silence_broken_by = act.index};
}

/// How a motion that has reached its closing time ends.
Basis basis_at_close(const MotionRecord& record) {
    const auto* vote = std::get_if<RecordedVote>(&procedure_in_force(record).rule);
    if (vote == nullptr) return Basis::silence_kept;
    return outcome(ballot_of(count(record)), *vote);
}

}  // namespace

Result<> check(const Decide& decide, const Institution& institution, const Act& act,
               const Motion& motion) {
    if (decide.motions.contains(motion.id)) {
        return Error{Code::conflict, "decide/motion-exists",
                     "There is a motion '" + motion.id.text() + "' already; choose another id."};
    }
    if (institution::find_organ(institution, motion.organ) == nullptr) {
        return Error{Code::not_found, "decide/no-such-organ",
                     "The charter has no organ '" + motion.organ.text() + "'."};
    }
    const Procedure* procedure = institution::find_procedure(institution, motion.procedure);
    if (procedure == nullptr) {
        return Error{Code::not_found, "decide/no-such-procedure",
                     "The charter has no procedure '" + motion.procedure.text() + "'."};
    }
    TRY(institution::may_act_in(institution, act.actor, motion.organ));
    TRY(find_fallback(institution, *procedure));
    TRY(check_text(motion));
    if (motion.effects.size() > effects_max) {
        return Error{Code::invalid, "decide/too-many-effects",
                     "A motion has at most " + std::to_string(effects_max) +
                         " effects; divide it into several."};
    }
    return check_period(motion, *procedure, act.now);
}

Result<> check(const Decide& decide, const Institution& institution, const Act& act,
               const Position& position) {
    const MotionRecord* record = TRY(find_running(decide, institution, act, position.motion));
    TRY(check_on_roll(*record, act.actor.member));
    if (!std::holds_alternative<UnderSilence>(record->stage)) {
        return Error{Code::conflict, "decide/not-under-silence",
                     "The motion '" + position.motion.text() +
                         "' is under a recorded vote; vote yes, no or abstain."};
    }
    if (position.position == PositionKind::object &&
        (!position.reason || !has_words(*position.reason))) {
        return Error{Code::invalid, "decide/objection-needs-reason",
                     "A formal objection gives its reason; add it, in at least one language."};
    }
    return check_words(position.reason);
}

Result<> check(const Decide& decide, const Institution& institution, const Act& act,
               const Vote& vote) {
    const MotionRecord* record = TRY(find_running(decide, institution, act, vote.motion));
    TRY(check_on_roll(*record, act.actor.member));
    if (!std::holds_alternative<UnderVote>(record->stage)) {
        return Error{Code::conflict, "decide/not-under-vote",
                     "The motion '" + vote.motion.text() +
                         "' is under a silence procedure; state a position."};
    }
    return check_words(vote.explanation);
}

Result<> check(const Decide& decide, const Institution& institution, const Act& act,
               const Withdrawal& withdrawal) {
    const MotionRecord* record = TRY(find_running(decide, institution, act, withdrawal.motion));
    if (record->mover == act.actor.member) return {};
    return Error{Code::forbidden, "decide/not-the-mover",
                 "The motion '" + withdrawal.motion.text() + "' was moved by '" +
                     record->mover.text() + "'; only that party may withdraw it."};
}

void apply(Decide& decide, const Institution& institution, const Act& act, const Motion& motion) {
    const Procedure* procedure = institution::find_procedure(institution, motion.procedure);
    COMITY_CHECK(procedure != nullptr);
    const auto fallback = find_fallback(institution, *procedure);
    COMITY_CHECK(fallback.has_value());

    MotionRecord record{
        .motion = motion,
        .mover = act.actor.member,
        .entry = act.index,
        .opened_at = act.now,
        .procedure = *procedure,
        .fallback = {},
        .charter_version = institution.charter_version,
        .roll = institution::entitled(institution, motion.organ, date_of(act.now)),
        .positions = {},
        .votes = {},
        .stage = UnderSilence{.closes_at = motion.closes_at},
    };
    if (*fallback != nullptr) record.fallback = **fallback;
    if (std::holds_alternative<RecordedVote>(procedure->rule)) {
        record.stage = UnderVote{.closes_at = motion.closes_at, .silence_broken_by = {}};
    }
    const bool is_new = decide.motions.emplace(motion.id, std::move(record)).second;
    COMITY_CHECK(is_new);
}

void apply(Decide& decide, const Institution&, const Act& act, const Position& position) {
    MotionRecord& record = running(decide, position.motion);
    record.positions[act.actor.member].push_back({.position = position.position,
                                                  .reason = position.reason,
                                                  .delegate = delegate_of(act),
                                                  .entry = act.index});
    if (position.position == PositionKind::object) break_silence(record, act);
}

void apply(Decide& decide, const Institution&, const Act& act, const Vote& vote) {
    MotionRecord& record = running(decide, vote.motion);
    record.votes[act.actor.member].push_back({.choice = vote.choice,
                                              .explanation = vote.explanation,
                                              .delegate = delegate_of(act),
                                              .entry = act.index});
}

void apply(Decide& decide, const Institution&, const Act& act, const Withdrawal& withdrawal) {
    close(running(decide, withdrawal.motion), Basis::withdrawn, act.now, act.index);
}

std::vector<MotionId> advance(Decide& decide, Timestamp now, std::uint64_t index) {
    std::vector<std::pair<Timestamp, MotionId>> due;
    for (const auto& [id, record] : decide.motions) {
        const std::optional<Timestamp> closes_at = closing_time(record);
        if (closes_at && *closes_at <= now) due.emplace_back(*closes_at, id);
    }
    std::ranges::sort(due);

    std::vector<MotionId> adopted;
    for (const auto& [closes_at, id] : due) {
        MotionRecord& record = running(decide, id);
        const Basis basis = basis_at_close(record);
        close(record, basis, now, index);
        if (std::get<Decided>(record.stage).adopted) adopted.push_back(id);
    }
    return adopted;
}

}  // namespace comity::decide
