// SPDX-License-Identifier: Apache-2.0
//
// Pages: home, members, member.

#include <algorithm>
#include <map>

#include "institution/names.h"
#include "server/page_parts.h"
#include "server/views.h"

namespace comity::server {
namespace {

constexpr std::size_t home_rows_max = 5;

struct Deadline {
    Timestamp at;
    Html what;
};

Html deadlines(const Ask& ask, const Reader& reader) {
    std::vector<Deadline> open;
    for (const auto& [id, motion] : ask.state.decide.motions) {
        if (const auto at = decide::closing_time(motion)) {
            open.push_back(
                {*at, reader.say("home.motion_closes", {{"motion", reader.motion(id.text())},
                                                        {"time", reader.time(*at)}})});
        }
    }
    for (const auto& [id, record] : ask.state.exchange.rounds) {
        const auto stage = exchange::stage_of(record);
        const Html round = reader.round(id);
        if (stage == exchange::RoundStage::call_open) {
            const Timestamp at = record.round.freezes_at;
            open.push_back({at, reader.say("home.round_freezes",
                                           {{"round", round}, {"time", reader.time(at)}})});
        } else if (stage == exchange::RoundStage::inputs_frozen) {
            Timestamp at = record.round.draws_at;
            const char* what = "home.round_draws";
            if (const auto& source = record.round.public_source;
                source && !record.public_value && at <= ask.state.institution.now) {
                at = source->enter_until;
                what = "home.round_value";
            }
            open.push_back({at, reader.say(what, {{"round", round}, {"time", reader.time(at)}})});
        } else if (stage == exchange::RoundStage::allocated) {
            const Timestamp at = record.round.answers_until;
            open.push_back({at, reader.say("home.round_answers",
                                           {{"round", round}, {"time", reader.time(at)}})});
        }
    }
    std::stable_sort(open.begin(), open.end(),
                     [](const Deadline& a, const Deadline& b) { return a.at < b.at; });
    std::vector<Html> items;
    for (const Deadline& deadline : open) {
        if (items.size() < home_rows_max) items.push_back(deadline.what);
    }
    return items.empty() ? paragraph(reader.say("home.nothing_closes")) : list_of(items);
}

Html outcomes(const Ask& ask, const Reader& reader) {
    std::vector<Html> items;
    for (const MotionRow& row : motions_view(ask)) {
        if (!row.ruling || items.size() >= home_rows_max) continue;
        items.push_back(reader.motion(row.id.text()) + Html::text(" — ") +
                        reader.word("basis", row.ruling->basis));
    }
    for (const RoundRow& row : rounds_view(ask)) {
        if (items.size() >= 2 * home_rows_max) break;
        items.push_back(reader.round(row.round.id) + Html::text(" — ") +
                        reader.word("round_stage", row.stage));
    }
    return items.empty() ? paragraph(reader.say("home.no_outcomes")) : list_of(items);
}

Html members_by_status(const Ask& ask, const Reader& reader) {
    std::map<institution::StatusId, std::int64_t> counts;
    for (const auto& [id, record] : ask.state.institution.members) {
        if (const auto status = institution::status_on(record, today(ask))) ++counts[*status];
    }
    Facts facts;
    for (const auto& [status, count] : counts) {
        facts.emplace_back(reader.to("members?status=" + status.text(), reader.status(status)),
                           reader.number(count));
    }
    return facts_list(facts);
}

Html input(const Html& label, std::string_view type, std::string_view name,
           const std::string& value) {
    return element("label", label + void_element("input", {{"type", std::string(type)},
                                                           {"name", std::string(name)},
                                                           {"value", value}}));
}

Html members_form(const Ask& ask, const Reader& reader, const MemberQuestion& question) {
    std::vector<Choice> statuses = {{"", reader.say("form.any")}};
    for (const auto& status : ask.state.institution.charter.statuses) {
        statuses.push_back({status.id.text(), reader.text(status.name)});
    }
    std::vector<Choice> classes = {{"", reader.say("form.any")}};
    for (const auto& member_class : ask.state.institution.charter.classes) {
        classes.push_back({member_class.id.text(), reader.text(member_class.name)});
    }
    const std::string index = question.known_before ? std::to_string(*question.known_before) : "";
    return get_form(reader, "members",
                    input(reader.say("members.as_of"), "date", "as_of", question.day.text()) +
                        input(reader.say("members.as_of_index"), "text", "as_of_index", index) +
                        select(reader.say("members.status"), "status", statuses,
                               question.status ? question.status->text() : "") +
                        select(reader.say("members.class"), "class", classes,
                               question.member_class ? question.member_class->text() : ""));
}

std::string query_text(const Ask& ask, std::initializer_list<std::string_view> names) {
    std::string text;
    for (const std::string_view name : names) {
        if (const auto value = ask.query.text(name)) {
            text += std::string(name) + "=" + url_encoded(*value) + "&";
        }
    }
    return text;
}

Html history(const Reader& reader, const MemberView& view) {
    Table table{.caption = reader.say("member.history"),
                .columns = {{reader.say("col.status")},
                            {reader.say("col.from")},
                            {reader.say("col.entry")},
                            {reader.say("col.confidence")},
                            {reader.say("col.note")}},
                .rows = {}};
    for (const auto& status : view.record.history) {
        Html note = status.change.note ? reader.text(*status.change.note) : Html();
        for (const auto& id : status.change.sources) {
            note += Html::text(" ") + source(reader, id);
        }
        table.rows.push_back({reader.status(status.change.status), reader.date(status.change.from),
                              reader.entry(status.recorded_at),
                              reader.word("confidence", status.change.confidence), note});
    }
    return table.html();
}

Html keys(const Reader& reader, const MemberView& view) {
    if (view.keys.empty()) return paragraph(reader.say("member.no_keys"));
    Table table{.caption = reader.say("member.keys"),
                .columns = {{reader.say("col.key")},
                            {reader.say("col.holder")},
                            {reader.say("col.registered")},
                            {reader.say("col.revoked")}},
                .rows = {}};
    for (const KeyView& key : view.keys) {
        table.rows.push_back(
            {reader.code(key.id.text()),
             key.key.delegate ? reader.say("member.delegate",
                                           {{"delegate", reader.code(key.key.delegate->text())}})
                              : reader.say("member.seal"),
             reader.entry(key.key.registered_at),
             key.key.revoked_at ? reader.entry(*key.key.revoked_at)
                                : reader.say("member.not_revoked")});
    }
    return table.html();
}

Html mandates(const Reader& reader, const MemberView& view) {
    if (view.mandates.empty()) return {};
    Table table{.caption = reader.say("member.mandates"),
                .columns = {{reader.say("col.delegate")},
                            {reader.say("col.organ")},
                            {reader.say("col.from")},
                            {reader.say("col.until")},
                            {reader.say("col.entry")}},
                .rows = {}};
    for (const auto& record : view.mandates) {
        const auto& mandate = record.mandate;
        table.rows.push_back({reader.code(mandate.delegate.text()), reader.organ(mandate.organ),
                              reader.time(mandate.from), reader.time(mandate.until),
                              reader.entry(record.recorded_at)});
    }
    return table.html();
}

}  // namespace

Result<Page> home_page(const Ask& ask, const Reader& reader) {
    const institution::Institution& institution = ask.state.institution;
    Page page{.title = reader.text(institution.founding.name), .trail = {}, .body = {}};
    page.body += element("p", {{"class", "lead"}}, reader.text(institution.charter.purposes));
    page.body += heading(reader.say("home.closes_next")) + deadlines(ask, reader);
    page.body += heading(reader.say("home.latest")) + outcomes(ask, reader);
    page.body += heading(reader.say("home.members")) + members_by_status(ask, reader);
    page.body += heading(reader.say("home.record"));
    page.body += facts_list(
        {{reader.say("fact.entries"), reader.to("record", reader.count(ask.state.size))},
         {reader.say("fact.logged_time"), reader.time(institution.now)},
         {reader.say("fact.origin"), reader.code(institution.founding.origin)},
         {reader.say("fact.charter_version"), reader.number(institution.charter_version)},
         {reader.say("fact.operator"), reader.member(institution.founding.operator_id)},
         {reader.say("fact.verifier_key"), reader.code(ask.log.verifier_key())}});
    return page;
}

Result<Page> members_page(const Ask& ask, const Reader& reader) {
    const MemberQuestion question = TRY(member_question(ask));
    const std::vector<MemberRow> rows = members_view(ask, question);
    const Slice part = TRY(slice(ask, rows.size()));
    std::map<institution::MemberId, const MemberRow*> by_id;
    std::vector<institution::MemberId> order;
    for (const MemberRow& row : rows) {
        by_id.emplace(row.id, &row);
        order.push_back(row.id);
    }
    reader.sort_by_name(order);
    const auto count = static_cast<std::int64_t>(rows.size());
    Table table{.caption = reader.say("members.caption"),
                .columns = {{reader.say("col.name")},
                            {reader.say("col.class")},
                            {reader.say("col.status")},
                            {reader.say("col.area")}},
                .rows = {}};
    for (std::size_t i = part.first; i < part.last; ++i) {
        const MemberRow& row = *by_id.at(order[i]);
        table.rows.push_back({reader.to("members/" + row.id.text(), reader.text(row.name)),
                              reader.member_class(row.member_class), reader.status(row.status),
                              row.area ? reader.code(row.area->text()) : none()});
    }
    Page page{.title = reader.say("nav.members"), .trail = {}, .body = {}};
    page.body += paragraph(reader.say("members.lead")) + members_form(ask, reader, question);
    page.body += status_line(
        reader.say("members.count", {{"n", count}, {"day", reader.date(question.day)}}));
    page.body += rows.empty() ? Html() : table.html();
    page.body += page_links(reader, "members",
                            query_text(ask, {"as_of", "as_of_index", "status", "class"}), part);
    return page;
}

Result<Page> member_page(const Ask& ask, const Reader& reader) {
    const MemberView view = TRY(member_view(ask));
    Page page{.title = reader.text(view.record.name),
              .trail = {{"members", reader.say("nav.members")}},
              .body = {}};
    Html groups;
    for (const auto& group : view.groups) {
        groups += (groups.empty() ? Html() : Html::text(", ")) + reader.group(group);
    }
    page.body += facts_list(
        {{reader.say("fact.id"), reader.code(view.id.text())},
         {reader.say("fact.class"), reader.member_class(view.record.member_class)},
         {reader.say("fact.status_today"), view.status ? reader.status(*view.status) : none()},
         {reader.say("fact.area"),
          view.record.area ? reader.code(view.record.area->text()) : none()},
         {reader.say("fact.groups"), groups.empty() ? none() : groups},
         {reader.say("fact.entry"), reader.entry(view.record.recorded_at)}});
    page.body += paragraph(reader.to("needs?member=" + view.id.text(), reader.say("member.needs")));
    std::vector<Html> names;
    names.reserve(view.record.name.size());
    for (const auto& [language, name] : view.record.name) {
        names.push_back(element("bdi", {{"lang", language.text()}}, Html::text(name)) +
                        Html::text(" ") + reader.code(language.text()));
    }
    page.body += details(reader.say("member.names"), list_of(names));
    page.body += history(reader, view) + keys(reader, view) + mandates(reader, view);
    return page;
}

}  // namespace comity::server
