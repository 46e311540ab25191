// SPDX-License-Identifier: Apache-2.0
//
// The data of institution and members; docs/use/api.md.

#include "server/views.h"
#include "state/described.h"

namespace comity::server {
namespace {

/// The charter without its founding members, who are in the register.
codec::Value charter_value(const institution::Charter& charter) {
    institution::Charter shown = charter;
    shown.members.clear();
    codec::Value value = codec::to_value(shown);
    std::get<codec::Object>(value.data).erase("members");
    return value;
}

bool fits(const institution::MemberRecord& record, const MemberQuestion& question,
          const std::optional<institution::StatusId>& status) {
    return status && (!question.status || status == question.status) &&
           (!question.member_class || record.member_class == *question.member_class);
}

}  // namespace

Date today(const Ask& ask) { return date_of(ask.state.institution.now); }

Result<codec::Value> institution_data(const Ask& ask) {
    const institution::Institution& institution = ask.state.institution;
    return codec::Value{
        codec::Object{{"founding", codec::to_value(institution.founding)},
                      {"charter", charter_value(institution.charter)},
                      {"charter_version", codec::to_value(institution.charter_version)},
                      {"now", codec::to_value(institution.now)},
                      {"size", codec::to_value(ask.state.size)},
                      {"members", codec::to_value(std::uint64_t{institution.members.size()})},
                      {"verifier_key", codec::Value{ask.log.verifier_key()}}}};
}

Result<std::vector<std::uint64_t>> institution_proof(const Ask&) {
    return std::vector<std::uint64_t>{0, 1};
}

Result<MemberQuestion> member_question(const Ask& ask) {
    return MemberQuestion{.day = TRY(ask.query.value<Date>("as_of")).value_or(today(ask)),
                          .known_before = TRY(ask.query.number("as_of_index")),
                          .status = TRY(ask.query.value<institution::StatusId>("status")),
                          .member_class = TRY(ask.query.value<institution::ClassId>("class"))};
}

std::vector<MemberRow> members_view(const Ask& ask, const MemberQuestion& question) {
    std::vector<MemberRow> rows;
    for (const auto& [id, record] : ask.state.institution.members) {
        const auto status = institution::status_on(record, question.day, question.known_before);
        if (!status || !fits(record, question, status)) continue;
        rows.push_back({.id = id,
                        .member_class = record.member_class,
                        .name = record.name,
                        .area = record.area,
                        .status = *status});
    }
    return rows;
}

Result<codec::Value> members_data(const Ask& ask) {
    const MemberQuestion question = TRY(member_question(ask));
    const std::vector<MemberRow> rows = members_view(ask, question);
    const Slice part = TRY(slice(ask, rows.size()));
    codec::Array items;
    for (std::size_t i = part.first; i < part.last; ++i) items.push_back(codec::to_value(rows[i]));
    codec::Value value = listing(std::move(items), rows.size(), part);
    auto& object = std::get<codec::Object>(value.data);
    object.emplace("as_of", codec::to_value(question.day));
    if (question.known_before) {
        object.emplace("as_of_index", codec::to_value(*question.known_before));
    }
    return value;
}

Result<MemberView> member_view(const Ask& ask) {
    const auto id = TRY(ask.id<institution::MemberId>("id"));
    const institution::Institution& institution = ask.state.institution;
    const auto* record = institution::find_member(institution, id);
    if (record == nullptr) {
        return Error{Code::not_found, "server/no-such-member",
                     "The register has no party '" + id.text() + "'."};
    }
    MemberView view{.id = id,
                    .record = *record,
                    .status = institution::status_on(*record, today(ask)),
                    .groups = {},
                    .keys = {},
                    .mandates = {}};
    for (const institution::Group& group : institution.charter.groups) {
        if (record->area && institution::in_group(institution, group.id, *record->area, today(ask)))
            view.groups.push_back(group.id);
    }
    for (const auto& [key, key_record] : institution.key_register.keys) {
        if (key_record.member == id) view.keys.push_back({.id = key, .key = key_record});
    }
    for (const institution::MandateId& mandate : record->mandates) {
        view.mandates.push_back(institution.mandates.at(mandate));
    }
    return view;
}

Result<codec::Value> member_data(const Ask& ask) { return codec::to_value(TRY(member_view(ask))); }

Result<std::vector<std::uint64_t>> member_proof(const Ask& ask) {
    return std::vector<std::uint64_t>{TRY(member_view(ask)).record.recorded_at};
}

}  // namespace comity::server
