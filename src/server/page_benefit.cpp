// SPDX-License-Identifier: Apache-2.0
//
// Page: benefit, of one class in one unit, before and after a round.

#include <algorithm>
#include <map>
#include <set>

#include "server/page_parts.h"
#include "server/views.h"

namespace comity::server {
namespace {

using exchange::BenefitLedger;
using exchange::Equality;

template <class Show>
Html of(const std::optional<BenefitLedger>& ledger, const Show& show) {
    return ledger ? show(*ledger) : none();
}

/// No number where there is none, and why.
Html none_because(const Reader& reader, std::string_view reason) {
    return none() + Html::text(" ") + reader.say(reason);
}

Html statuses(const Reader& reader, const std::set<institution::StatusId>& statuses) {
    Html names;
    for (const auto& status : statuses) {
        names += (names.empty() ? Html() : Html::text(", ")) + reader.status(status);
    }
    return names.empty() ? none() : names;
}

Html equality(const Reader& reader, const BenefitView& view) {
    Table table{.caption = reader.say("benefit.equality",
                                      {{"unit", reader.unit(view.after.question.unit)}}),
                .columns = {{reader.say("col.measure")},
                            {reader.say("col.before"), true},
                            {reader.say("col.after"), true}},
                .rows = {}};
    const std::optional<BenefitLedger> after = view.after;
    const auto add = [&](std::string_view id, const auto& show) {
        table.rows.push_back({reader.say(id), of(view.before, show), of(after, show)});
    };
    const auto add_equality = [&](std::string_view id, bool among_all, const auto& show) {
        add(id, [&](const BenefitLedger& ledger) {
            const auto& found = among_all ? ledger.among_all : ledger.among_askers;
            if (found) return show(*found);
            return none_because(reader, among_all ? "benefit.nobody" : "benefit.nobody_asked");
        });
    };
    const auto total = [&](const Equality& e) { return reader.number(e.total); };
    const auto min = [&](const Equality& e) { return reader.number(e.min); };
    const auto median = [&](const Equality& e) { return reader.share(e.median); };
    const auto gini = [&](const Equality& e) {
        return e.total == 0 ? none_because(reader, "benefit.nothing_confirmed")
                            : reader.share(e.gini);
    };
    add("benefit.all_members",
        [&](const BenefitLedger& ledger) { return reader.count(ledger.members.size()); });
    add("benefit.askers", [&](const BenefitLedger& ledger) {
        return reader.number(ledger.among_askers ? ledger.among_askers->members : 0);
    });
    add_equality("benefit.total", false, total);
    add_equality("benefit.min", false, min);
    add_equality("benefit.median", false, median);
    add_equality("benefit.gini", false, gini);
    add("benefit.gini_per_weight", [&](const BenefitLedger& ledger) {
        if (ledger.gini_per_weight) return reader.share(*ledger.gini_per_weight);
        return none_because(
            reader, ledger.question.weights ? "benefit.nothing_confirmed" : "benefit.no_weights");
    });
    add_equality("benefit.gini_all", true, gini);
    add("benefit.zero_count",
        [&](const BenefitLedger& ledger) { return reader.count(ledger.zero_receivers.size()); });
    return table.html();
}

Html zero_receivers(const Reader& reader, const BenefitLedger& ledger) {
    Html text = heading(reader.say("benefit.zero"));
    if (ledger.zero_receivers.empty()) {
        return text + paragraph(reader.say(ledger.among_askers ? "benefit.zero_none"
                                                               : "benefit.zero_no_asker"));
    }
    std::map<institution::MemberId, const exchange::ZeroReceiver*> by_id;
    std::vector<institution::MemberId> order;
    for (const auto& zero : ledger.zero_receivers) {
        by_id.emplace(zero.member, &zero);
        order.push_back(zero.member);
    }
    reader.sort_by_name(order);
    order.resize(std::min(order.size(), rows_a_page));
    std::vector<Html> items;
    for (const auto& member : order) {
        const exchange::ZeroReceiver& zero = *by_id.at(member);
        Html item = reader.member(member) + Html::text(": ") + reader.word("zero", zero.cause);
        if (zero.reason) item += Html::text(" ") + reader.word("reason", *zero.reason);
        if (zero.need) {
            item += Html::text(" ") +
                    reader.say("benefit.see_need", {{"need", reader.need(*zero.need)}});
        }
        items.push_back(item);
    }
    return text + list_of(items);
}

/// By name, those of `part`.
Html members(const Reader& reader, const Html& caption,
             const std::vector<exchange::MemberBenefit>& members, const Slice& part) {
    std::map<institution::MemberId, const exchange::MemberBenefit*> by_id;
    std::vector<institution::MemberId> order;
    for (const auto& member : members) {
        by_id.emplace(member.member, &member);
        order.push_back(member.member);
    }
    reader.sort_by_name(order);
    Table table{.caption = caption,
                .columns = {{reader.say("col.member")},
                            {reader.say("col.status")},
                            {reader.say("col.asked"), true},
                            {reader.say("col.allocated"), true},
                            {reader.say("col.accepted"), true},
                            {reader.say("col.delivered"), true},
                            {reader.say("col.confirmed"), true},
                            {reader.say("col.not_delivered"), true}},
                .rows = {}};
    for (std::size_t i = part.first; i < std::min(part.last, order.size()); ++i) {
        const exchange::MemberBenefit& m = *by_id.at(order[i]);
        table.rows.push_back({reader.member(m.member), m.status ? reader.status(*m.status) : none(),
                              reader.number(m.asked), reader.number(m.allocated),
                              reader.number(m.accepted), reader.number(m.delivered),
                              reader.number(m.confirmed), reader.number(m.not_delivered)});
    }
    return table.rows.empty() ? Html() : table.html();
}

Html form(const Ask& ask, const Reader& reader, const exchange::BenefitQuestion& question) {
    const institution::Charter& charter = ask.state.institution.charter;
    std::vector<Choice> units;
    units.reserve(charter.units.size());
    for (const auto& unit : charter.units)
        units.push_back({unit.id.text(), reader.text(unit.name)});
    std::vector<Choice> classes;
    for (const auto& each : charter.classes) {
        if (each.in_benefit_ledger) classes.push_back({each.id.text(), reader.text(each.name)});
    }
    std::vector<Choice> statuses = {{"", reader.say("benefit.deciding")}};
    for (const auto& status : charter.statuses) {
        statuses.push_back({status.id.text(), reader.text(status.name)});
    }
    std::vector<Choice> groups = {{"", reader.say("benefit.no_list")}};
    for (const auto& group : charter.groups) {
        groups.push_back({group.id.text(), reader.text(group.name)});
    }
    return get_form(
        reader, "benefit",
        select(reader.say("form.unit"), "unit", units, question.unit.text()) +
            select(reader.say("members.class"), "class", classes, question.member_class.text()) +
            select(reader.say("members.status"), "status", statuses,
                   ask.query.text("status").value_or("")) +
            select(reader.say("benefit.group"), "group", groups,
                   question.group ? question.group->group.text() : ""));
}

std::string query_of(const Ask& ask) {
    std::string text;
    for (const std::string_view name :
         {"unit", "class", "status", "group", "group_date", "without"}) {
        if (const auto value = ask.query.text(name)) {
            text += std::string(name) + "=" + url_encoded(*value) + "&";
        }
    }
    return text;
}

}  // namespace

Result<Page> benefit_page(const Ask& ask, const Reader& reader) {
    const BenefitView view = TRY(benefit_view(ask));
    const exchange::BenefitQuestion& question = view.after.question;
    // One number of a page for both tables.
    const Slice part =
        TRY(slice(ask, std::max(view.after.members.size(), view.after.others.size())));
    Page page{.title = reader.say("benefit.title",
                                  {{"unit", reader.unit(question.unit)},
                                   {"class", reader.member_class(question.member_class)}}),
              .trail = {},
              .body = {}};
    page.body += paragraph(reader.say("benefit.lead")) + form(ask, reader, question);
    const Html member_class = reader.member_class(question.member_class);
    page.body += paragraph(
        question.statuses
            ? reader.say("benefit.measured", {{"class", member_class},
                                              {"statuses", statuses(reader, *question.statuses)},
                                              {"day", reader.date(today(ask))}})
            : reader.say("benefit.measured_all", {{"class", member_class}}));
    if (question.group) {
        page.body += paragraph(
            reader.say("benefit.of_group", {{"group", reader.group(question.group->group)},
                                            {"day", reader.date(question.group->day)}}));
    }
    if (view.round) {
        page.body +=
            paragraph(reader.say("benefit.before_is", {{"round", reader.round(*view.round)}}));
    }
    page.body += equality(reader, view);
    page.body +=
        details(reader.say("benefit.how"), paragraph(reader.say("benefit.how_confirmed")) +
                                               paragraph(reader.say("benefit.how_members")) +
                                               paragraph(reader.say("benefit.how_gini")) +
                                               paragraph(reader.say("benefit.how_weight")) +
                                               paragraph(reader.say("benefit.how_apart")));
    page.body += paragraph(reader.to("observe?unit=" + question.unit.text(),
                                     reader.say("benefit.see_observe")));
    page.body += zero_receivers(reader, view.after);
    page.body += heading(reader.say("benefit.by_member")) +
                 members(reader, reader.say("benefit.members"), view.after.members, part);
    if (!view.after.others.empty()) {
        page.body += heading(reader.say("benefit.others")) +
                     paragraph(reader.say("benefit.others_are")) +
                     members(reader, reader.say("benefit.members"), view.after.others, part);
    }
    page.body += page_links(reader, "benefit", query_of(ask), part);
    return page;
}

}  // namespace comity::server
