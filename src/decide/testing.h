// SPDX-License-Identifier: Apache-2.0
#pragma once

// For tests only: an institution with one organ whose members are all entitled, and a clock.
//
// Each party has the delegates "<party>-one" and "<party>-two" with mandates in force. Acts get the
// next index and the present clock.

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/describe.h"
#include "decide/decide.h"
#include "institution/institution.h"

namespace comity::decide::testing {

template <class IdType>
IdType id(std::string_view text) {
    return IdType::parse(text).value();
}

inline LocalizedText english(std::string text) {
    return {{LanguageTag::parse("en").value(), std::move(text)}};
}

inline Rational share(std::string_view text) { return Rational::parse(text).value(); }

inline institution::Procedure procedure(std::string_view name, institution::RecordedVote rule) {
    return {.id = id<institution::ProcedureId>(name),
            .name = english(std::string(name)),
            .clause = "Rule 1",
            .rule = rule};
}

inline institution::Procedure procedure(std::string_view name, institution::SilenceProcedure rule) {
    return {.id = id<institution::ProcedureId>(name),
            .name = english(std::string(name)),
            .clause = "Rule 2",
            .rule = std::move(rule)};
}

inline constexpr std::int64_t period_seconds = 3'600;  ///< of the procedures below

inline institution::RecordedVote majority_of(institution::VoteBase base,
                                             institution::Comparison comparison,
                                             std::string_view of, std::string_view quorum = "0") {
    return {.base = base,
            .comparison = comparison,
            .share = share(of),
            .quorum = share(quorum),
            .seconds_min = period_seconds};
}

inline institution::SilenceProcedure silence(std::optional<std::string_view> fallback = {}) {
    institution::SilenceProcedure rule{.seconds_min = period_seconds, .fallback = {}};
    if (fallback) rule.fallback = id<institution::ProcedureId>(*fallback);
    return rule;
}

/// Two thirds of present and voting with half of the members; silence with and without a fall-back.
inline std::vector<institution::Procedure> usual_procedures() {
    return {procedure("two-thirds", majority_of(institution::VoteBase::present_and_voting,
                                                institution::Comparison::at_least, "2/3", "1/2")),
            procedure("silence", silence("two-thirds")), procedure("bare-silence", silence())};
}

/// The institution, its motions and its logged clock. The second organ, "bureau", is the first
/// one's first party's alone, by its class.
class Assembly {
public:
    Assembly(const std::vector<std::string>& parties,
             std::vector<institution::Procedure> procedures) {
        using namespace institution;
        institution_.charter_version = 3;
        institution_.charter.procedures = std::move(procedures);
        for (const char* organ : {"assembly", "bureau"}) {
            const bool is_bureau = std::string_view(organ) == "bureau";
            std::set<ClassId> classes{id<ClassId>("host")};
            if (!is_bureau) classes.insert(id<ClassId>("state"));
            institution_.charter.organs.push_back({.id = id<OrganId>(organ),
                                                   .name = english(organ),
                                                   .classes = std::move(classes),
                                                   .statuses = {id<StatusId>("member")}});
        }
        for (const std::string& party : parties) add_party(party);
        set_clock(start);
    }

    static constexpr std::int64_t start = 1'784'192'400;  ///< 2026-07-16T09:00:00Z

    void add_party(const std::string& party) {
        using namespace institution;
        const bool is_first = institution_.members.empty();
        const RecordedStatus member{.change = {.status = id<StatusId>("member"),
                                               .from = Date{20'000},
                                               .sources = {},
                                               .confidence = Confidence::high,
                                               .note = {}},
                                    .recorded_at = 1};
        MemberRecord& record = institution_.members[id<MemberId>(party)];
        record.member_class = id<ClassId>(is_first ? "host" : "state");
        record.name = english(party);
        record.history = {member};
        for (const std::string delegate : {"one", "two"}) {
            for (const std::string organ : {"assembly", "bureau"}) {
                const Act registration{
                    .index = 1,
                    .now = Timestamp{0},
                    .actor = {.member = id<MemberId>(party), .delegate = {}, .key = {}}};
                institution::apply(
                    institution_, registration,
                    Mandate{.id = id<MandateId>(party + "-" + delegate + "-" + organ),
                            .member = id<MemberId>(party),
                            .delegate = id<DelegateId>(party + "-" + delegate),
                            .organ = id<OrganId>(organ),
                            .from = Timestamp{0},
                            .until = Timestamp{start + 1'000'000'000}});
            }
        }
    }

    institution::Act act(const std::string& party, std::string_view delegate = "one") const {
        return {
            .index = index_,
            .now = institution_.now,
            .actor = {.member = id<institution::MemberId>(party),
                      .delegate = id<institution::DelegateId>(party + "-" + std::string(delegate)),
                      .key = {}}};
    }

    /// Enters the statement, if check accepts it.
    template <class Statement>
    Result<> enter(const institution::Act& act, const Statement& statement) {
        TRY(check(decide_, institution_, act, statement));
        apply(decide_, institution_, act, statement);
        ++index_;
        return {};
    }

    /// Logs a clock entry so many seconds after the start; what was adopted.
    std::vector<MotionId> tick(std::int64_t seconds) {
        set_clock(start + seconds);
        return advance(decide_, institution_.now, index_++);
    }

    /// Moves the clock without closing anything, as between the tick and its own advance.
    void set_clock(std::int64_t seconds_since_1970) {
        institution_.now = Timestamp{seconds_since_1970};
    }

    /// A motion in the assembly that closes after `period_seconds`.
    Motion motion(std::string_view motion_id, std::string_view procedure_id) const {
        return {.id = id<MotionId>(motion_id),
                .title = english("A motion"),
                .organ = id<institution::OrganId>("assembly"),
                .procedure = id<institution::ProcedureId>(procedure_id),
                .text = {{.number = "1", .text = english("Decides.")}},
                .effects = {},
                .closes_at = Timestamp{institution_.now.seconds + period_seconds}};
    }

    const MotionRecord& record(std::string_view motion_id) const {
        return decide_.motions.at(id<MotionId>(motion_id));
    }

    institution::Institution& institution() { return institution_; }
    const institution::Institution& institution() const { return institution_; }
    const Decide& decide() const { return decide_; }
    Decide& decide() { return decide_; }
    std::uint64_t next_index() const { return index_; }
    Bytes octets() const { return codec::to_cbor(decide_); }

private:
    institution::Institution institution_;
    Decide decide_;
    std::uint64_t index_ = 10;
};

inline Position position(std::string_view motion, PositionKind kind,
                         std::optional<LocalizedText> reason = {}) {
    return {.motion = id<MotionId>(motion), .position = kind, .reason = std::move(reason)};
}

inline Position objection(std::string_view motion) {
    return position(motion, PositionKind::object, english("It goes too far."));
}

inline Vote vote(std::string_view motion, Choice choice) {
    return {.motion = id<MotionId>(motion), .choice = choice, .explanation = {}};
}

}  // namespace comity::decide::testing
