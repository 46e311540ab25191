// SPDX-License-Identifier: Apache-2.0
//
// Pages: rounds, round. "Why did this member get so many?" is answered here.

#include <algorithm>
#include <map>

#include "base/hex.h"
#include "server/page_parts.h"
#include "server/page_round.h"
#include "server/views.h"

namespace comity::server {
namespace {

Html numbers(const Reader& reader, const std::vector<exchange::RoundMember>& members,
             const Slice& part) {
    std::map<institution::MemberId, const exchange::RoundMember*> by_id;
    std::vector<institution::MemberId> order;
    for (const exchange::RoundMember& member : members) {
        by_id.emplace(member.member, &member);
        order.push_back(member.member);
    }
    reader.sort_by_name(order);
    Table basis{.caption = reader.say("round.numbers"),
                .columns = {{reader.say("col.member")},
                            {reader.say("col.weight"), true},
                            {reader.say("col.carry_over"), true},
                            {reader.say("col.floor"), true},
                            {reader.say("col.cap"), true},
                            {reader.say("col.lottery_rank"), true},
                            {reader.say("col.level"), true}},
                .rows = {}};
    Table became{.caption = reader.say("round.became"),
                 .columns = {{reader.say("col.member")},
                             {reader.say("col.allocated"), true},
                             {reader.say("col.granted"), true},
                             {reader.say("col.accepted"), true},
                             {reader.say("col.delivered"), true},
                             {reader.say("col.confirmed"), true},
                             {reader.say("col.not_delivered"), true}},
                 .rows = {}};
    for (std::size_t i = part.first; i < std::min(part.last, members.size()); ++i) {
        const exchange::RoundMember& m = *by_id.at(order[i]);
        basis.rows.push_back({reader.member(m.member), reader.number(m.weight),
                              reader.number(m.carry_over), reader.number(m.floor),
                              reader.number(m.cap), reader.number(m.lottery_rank),
                              reader.share(m.level)});
        became.rows.push_back({reader.member(m.member), reader.number(m.allocated),
                               reader.number(m.granted), reader.number(m.accepted),
                               reader.number(m.delivered), reader.number(m.confirmed),
                               reader.number(m.not_delivered)});
    }
    if (basis.rows.empty()) return {};
    return lines(became) + details(reader.say("round.numbers_summary"),
                                   paragraph(reader.say("round.level_is")) + lines(basis));
}

Html certificate(const Reader& reader, const RoundDetail& detail, const Slice& part) {
    std::vector<Html> items;
    for (std::size_t i = part.first; i < std::min(part.last, detail.offers.size()); ++i) {
        const exchange::OfferResult& offer = detail.offers[i];
        const Html name = reader.offer(offer.offer);
        items.push_back(offer.bottleneck
                            ? reader.say("round.certificate_full",
                                         {{"offer", name},
                                          {"units", offer.allocated},
                                          {"member", reader.member(*offer.bottleneck)}})
                            : reader.say("round.certificate_free",
                                         {{"offer", name}, {"units", offer.allocated}}));
    }
    if (items.empty()) return {};
    return heading(reader.say("round.certificate")) +
           paragraph(reader.say("round.certificate_lead")) +
           details(reader.say("round.certificate_offers"), list_of(items));
}

/// The draws that the round named, each with its numbers once they are entered.
Html named_draws(const Reader& reader, const exchange::PublishedDraws& named,
                 const exchange::PublishedNumbers* entered) {
    Table table{.caption = reader.say("round.named_draws"),
                .columns = {{reader.say("col.issuer")},
                            {reader.say("col.draw")},
                            {reader.say("col.date")},
                            {reader.say("col.numbers")}},
                .rows = {}};
    for (std::size_t i = 0; i < named.draws.size(); ++i) {
        const exchange::NamedDraw& draw = named.draws[i];
        table.rows.push_back({reader.text(draw.issuer), reader.text(draw.name),
                              reader.date(draw.date),
                              entered == nullptr ? none() : reader.code(entered->numbers.at(i))});
    }
    return table.html();
}

/// Beside commitments and reveals: the public source that the round named and its value, or that
/// there is none and what follows from that.
Html public_source(const Reader& reader, const exchange::RoundView& view) {
    if (!view.round.public_source) {
        const bool is_foreseeable = view.lottery_basis == exchange::LotteryBasis::inputs_alone;
        return paragraph(
            reader.say(is_foreseeable ? "round.ties_foreseeable" : "round.no_public_source"));
    }
    const exchange::PublicSource& source = *view.round.public_source;
    Html text = paragraph(reader.say("round.public_source_lead"));
    Facts facts;
    if (view.quicknet_number) {
        facts.emplace_back(reader.say("fact.quicknet"),
                           reader.code(std::to_string(*view.quicknet_number)));
    }
    facts.emplace_back(reader.say("fact.enter_until"), reader.time(source.enter_until));
    facts.emplace_back(reader.say("fact.public_value_entry"),
                       view.public_value_at ? reader.entry(*view.public_value_at) : none());
    const exchange::PublishedNumbers* numbers = nullptr;
    if (view.public_value) {
        numbers = std::get_if<exchange::PublishedNumbers>(&*view.public_value);
        if (const auto* drand = std::get_if<exchange::DrandValue>(&*view.public_value)) {
            facts.emplace_back(reader.say("fact.signature"), reader.code(to_hex(drand->signature)));
        }
    }
    text += facts_list(facts);
    if (const auto* named = std::get_if<exchange::PublishedDraws>(&source.source)) {
        text += named_draws(reader, *named, numbers);
    }
    return text;
}

Html lottery(const Reader& reader, const RoundDetail& detail) {
    Html text = heading(reader.say("round.lottery")) + paragraph(reader.say("round.lottery_lead")) +
                public_source(reader, detail.view);
    if (detail.view.seed) {
        text += facts_list({{reader.say("fact.seed"), reader.code(detail.view.seed->text())}});
    }
    if (detail.commitments.empty()) return text + paragraph(reader.say("round.no_commitments"));
    Table table{.caption = reader.say("round.commitments"),
                .columns = {{reader.say("col.member")},
                            {reader.say("col.commitment")},
                            {reader.say("col.reveal")}},
                .rows = {}};
    std::vector<institution::MemberId> members;
    members.reserve(detail.commitments.size());
    for (const auto& [member, commitment] : detail.commitments) members.push_back(member);
    reader.sort_by_name(members);
    members.resize(std::min(members.size(), rows_a_page));
    for (const auto& member : members) {
        const auto reveal = detail.reveals.find(member);
        table.rows.push_back(
            {reader.member(member), reader.code(detail.commitments.at(member).text()),
             reveal == detail.reveals.end() ? reader.say("round.not_revealed")
                                            : reader.code(to_hex(reveal->second))});
    }
    text += table.html();
    if (!detail.view.withheld.empty()) {
        text += paragraph(
            reader.say("round.withheld", {{"members", reader.members(detail.view.withheld)}}));
    }
    return text;
}

Html facts(const Reader& reader, const RoundDetail& detail) {
    const exchange::RoundView& view = detail.view;
    const auto entry = [&](const std::optional<std::uint64_t>& index) {
        return index ? reader.entry(*index) : none();
    };
    return facts_list(
        {{reader.say("fact.id"), reader.code(view.round.id.text())},
         {reader.say("fact.unit"), reader.unit(view.round.unit)},
         {reader.say("fact.rule"),
          reader.say("round.rule", {{"rule", reader.code(view.round.rule.text())},
                                    {"version", std::int64_t{view.round.rule_version}}})},
         {reader.say("fact.motion"), view.motion ? reader.motion(*view.motion) : none()},
         {reader.say("fact.freezes"), reader.time(view.round.freezes_at)},
         {reader.say("fact.draws"), reader.time(view.round.draws_at)},
         {reader.say("fact.answers"), reader.time(view.round.answers_until)},
         {reader.say("fact.entry"), reader.entry(view.entry)},
         {reader.say("fact.cut_off"), entry(view.cut_off)},
         {reader.say("fact.drawn_at"), entry(view.drawn_at)},
         {reader.say("fact.published_at"), entry(view.published_at)},
         {reader.say("fact.inputs"), view.inputs ? reader.code(view.inputs->text()) : none()},
         {reader.say("fact.result"), view.result ? reader.code(view.result->text()) : none()}});
}

/// Links to what a delegate asks of a drawn round.
Html on_this_page(const Reader& reader, const RoundDetail& detail) {
    Html links = link("#shares", reader.say("round.who_got_what"));
    const auto add = [&](std::string_view anchor, std::string_view name) {
        links += Html::text(" · ") + link(anchor, reader.say(name));
    };
    if (detail.view.members.size() + detail.view.unlisted.size() > 1) add("#compare", "compare");
    add("#unmet", "unmet");
    add("#price", "price");
    return paragraph(reader.say("round.on_this_page", {{"links", links}}));
}

/// Null before the draw.
const exchange::Allocated* allocated_in(const Ask& ask, const exchange::RoundId& id) {
    const auto found = ask.state.exchange.rounds.find(id);
    if (found == ask.state.exchange.rounds.end()) return nullptr;
    return std::get_if<exchange::Allocated>(&found->second.stage);
}

/// The two members that are compared, for links to other pages of the lists.
std::string compared_query(const Ask& ask) {
    std::string text;
    for (const std::string_view name : {"compare", "with"}) {
        if (const auto value = ask.query.text(name)) {
            text += name;
            text += "=";
            text += url_encoded(*value);
            text += "&";
        }
    }
    return text;
}

}  // namespace

Result<Page> rounds_page(const Ask& ask, const Reader& reader) {
    const std::vector<RoundRow> rows = rounds_view(ask);
    const Slice part = TRY(slice(ask, rows.size()));
    Table table{.caption = reader.say("rounds.caption"),
                .columns = {{reader.say("col.title")},
                            {reader.say("col.unit")},
                            {reader.say("col.stage")},
                            {reader.say("col.draws")},
                            {reader.say("col.entry")}},
                .rows = {}};
    for (std::size_t i = part.first; i < part.last; ++i) {
        const RoundRow& row = rows[i];
        table.rows.push_back({reader.round(row.round.id), reader.unit(row.round.unit),
                              reader.word("round_stage", row.stage),
                              reader.time(row.round.draws_at), reader.entry(row.entry)});
    }
    Page page{.title = reader.say("nav.rounds"), .trail = {}, .body = {}};
    page.body += paragraph(reader.say("rounds.lead"));
    page.body += rows.empty() ? paragraph(reader.say("rounds.none")) : table.html();
    page.body += page_links(reader, "rounds", "", part);
    return page;
}

Result<Page> round_page(const Ask& ask, const Reader& reader) {
    const RoundDetail detail = TRY(full_round_view(ask));
    const exchange::RoundView& view = detail.view;
    // One number of a page for all lists of the round; the longest decides how many there are.
    const Slice part = TRY(slice(ask, rows_of(detail)));
    Page page{.title = reader.text(view.round.title),
              .trail = {{"rounds", reader.say("nav.rounds")}},
              .body = {}};
    page.body += state_line(reader.word("round_stage", view.stage));
    page.body += repetition(reader, view);
    if (view.failure) page.body += paragraph(reader.text(*view.failure));
    if (const exchange::Allocated* allocated = allocated_in(ask, view.round.id)) {
        const exchange::RoundInputs& inputs = allocated->inputs;
        page.body += what_was_divided(reader, detail, inputs);
        page.body += on_this_page(reader, detail);
        page.body += who_got_what(reader, detail, part);
        page.body += two_members(reader, detail, inputs);
        page.body += what_was_not_met(reader, detail, part);
        page.body += what_was_left_over(reader, detail, inputs);
        page.body += what_departed(reader, detail);
        page.body += what_conditions_cost(reader, detail);
        page.body += heading(reader.say("round.what_became"));
        page.body += numbers(reader, view.members, part) + certificate(reader, detail, part);
        page.body += lottery(reader, detail);
        page.body += heading(reader.say("round.on_record")) + facts(reader, detail);
    } else {
        page.body += facts(reader, detail) + lottery(reader, detail);
    }
    page.body += page_links(reader, "rounds/" + view.round.id.text(), compared_query(ask), part);
    return page;
}

}  // namespace comity::server
