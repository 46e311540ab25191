// SPDX-License-Identifier: Apache-2.0
//
// Pages: record, record entry.

#include "codec/json.h"
#include "server/page_parts.h"
#include "server/views.h"

namespace comity::server {
namespace {

Html issuer(const Reader& reader, const std::string& issuer) {
    const auto member = institution::MemberId::parse(issuer);
    return member ? reader.member(*member) : reader.code(issuer);
}

/// "need/lso-training" as a link, where the subject has a page.
Html subject(const Reader& reader, const std::string& subject) {
    const std::size_t slash = subject.find('/');
    if (slash == std::string::npos) return reader.code(subject);
    const std::string kind = subject.substr(0, slash);
    const std::string id = subject.substr(slash + 1);
    const state::State& state = reader.state();
    const auto known = [&](const auto& map, const auto& parsed) {
        return parsed && map.contains(*parsed);
    };
    Html text = reader.code(subject);
    if (kind == "need" && known(state.exchange.needs, exchange::NeedId::parse(id)))
        return reader.to("needs/" + id, text);
    if (kind == "offer" && known(state.exchange.offers, exchange::OfferId::parse(id)))
        return reader.to("offers/" + id, text);
    if (kind == "round" && known(state.exchange.rounds, exchange::RoundId::parse(id)))
        return reader.to("rounds/" + id, text);
    if (kind == "motion" && known(state.decide.motions, decide::MotionId::parse(id)))
        return reader.to("motions/" + id, text);
    if (kind == "restriction" &&
        known(state.rules.restrictions, institution::RestrictionId::parse(id)))
        return reader.to("restrictions/" + id, text);
    if (kind == "member" && known(state.institution.members, institution::MemberId::parse(id)))
        return reader.to("members/" + id, text);
    return text;
}

Html type_name(const Reader& reader, const std::string& type) { return reader.say("type." + type); }

}  // namespace

Result<Page> entries_page(const Ask& ask, const Reader& reader) {
    const std::uint64_t size = ask.state.size;
    const Slice part = TRY(slice(ask, size));
    const auto rows = TRY(entries_view(ask, size - part.last, size - part.first));
    Table table{.caption = reader.say("record.caption"),
                .columns = {{reader.say("col.entry")},
                            {reader.say("col.type")},
                            {reader.say("col.who")},
                            {reader.say("col.about")},
                            {reader.say("col.issued")}},
                .rows = {}};
    for (const EntryRow& row : rows) {
        table.rows.push_back({reader.entry(row.index), type_name(reader, row.type),
                              issuer(reader, row.issuer), subject(reader, row.subject),
                              reader.time(row.issued_at)});
    }
    Page page{.title = reader.say("nav.record"), .trail = {}, .body = {}};
    page.body += paragraph(reader.say("record.lead"));
    page.body += status_line(reader.say("record.count", {{"n", static_cast<std::int64_t>(size)}}));
    page.body += table.html() + page_links(reader, "record", "", part);
    return page;
}

Result<Page> entry_page(const Ask& ask, const Reader& reader) {
    const EntryView view = TRY(entry_view(ask));
    const EntryRow& header = view.header;
    const std::string number = std::to_string(header.index);
    Page page{.title = reader.say("entry.title", {{"entry", Html::text("#" + number)},
                                                  {"type", type_name(reader, header.type)}}),
              .trail = {{"record", reader.say("nav.record")}},
              .body = {}};
    page.body +=
        paragraph(reader.say("entry.lead", {{"issuer", issuer(reader, header.issuer)},
                                            {"size", static_cast<std::int64_t>(ask.state.size)}}));
    page.body += facts_list({{reader.say("fact.type"), reader.code(header.type)},
                             {reader.say("fact.issuer"), issuer(reader, header.issuer)},
                             {reader.say("fact.subject"), subject(reader, header.subject)},
                             {reader.say("fact.issued"), reader.time(header.issued_at)},
                             {reader.say("fact.audience"), reader.code(view.audience)}});
    page.body += heading(reader.say("entry.payload"));
    page.body += element("pre", {{"dir", "ltr"}, {"translate", "no"}},
                         Html::text(codec::write_json_pretty(view.payload)));
    page.body += heading(reader.say("entry.verify"));
    page.body += paragraph(reader.say(
        "entry.verify_how",
        {{"proof", link(reader.path("record/" + number) + ".proof", reader.say("forms.proof"))},
         {"command", reader.code("comity verify " + number + ".proof.json")}}));
    page.body += note(reader.say("entry.verify_honest"));
    page.body += details(
        reader.say("entry.digests"),
        facts_list({{reader.say("fact.statement_id"), reader.code(view.statement_id.text())},
                    {reader.say("fact.leaf"), reader.code(view.leaf.text())},
                    {reader.say("fact.key_id"), reader.code(view.key_id.text())},
                    {reader.say("fact.algorithm"), reader.number(view.algorithm)},
                    {reader.say("fact.content_type"), reader.code(view.content_type)},
                    {reader.say("fact.octets"), reader.count(view.entry.size())}}) +
            list_of({link("/entries/" + number + "/statement", reader.say("entry.octets")),
                     link("/entries/" + number, reader.say("entry.receipt"))}));
    return page;
}

}  // namespace comity::server
