// SPDX-License-Identifier: Apache-2.0
//
// Page: the meters turned on the institution itself. Who offers, provides, receives in one unit,
// and who proposes and takes part.

#include <algorithm>
#include <array>
#include <map>

#include "server/observe_view.h"
#include "server/page_parts.h"
#include "server/views.h"

namespace comity::server {
namespace {

using observe::Concentration;

constexpr std::size_t holders_shown_max = 10;
constexpr std::uint32_t points_shown_max = 20;  // of a Lorenz curve; its JSON has all
constexpr std::int64_t curve_side = 1'000;      // units of the drawing; shares are per thousand

/// An exact amount or share, a fraction with its decimal; as it is where 64 bits do not hold it.
Html fraction(const Reader& reader, const std::string& exact) {
    const auto value = Rational::parse(exact);
    return value ? reader.share(*value) : reader.code(exact);
}

Html top(const Reader& reader, const Concentration& found, std::uint32_t holders) {
    for (const observe::PartialShare& each : found.top) {
        if (each.holders == holders) return fraction(reader, each.share);
    }
    return none();
}

/// The name of a holder, which is a member's id.
Html holder(const Reader& reader, const std::string& id) {
    const auto member = institution::MemberId::parse(id);
    return member ? reader.member(*member) : reader.code(id);
}

struct Named {
    Html name;
    const state::Spread& spread;
};

Html spreads(const Reader& reader, const Html& caption, const std::vector<Named>& all) {
    Table table{.caption = caption,
                .columns = {{reader.say("col.measure")},
                            {reader.say("observe.total"), true},
                            {reader.say("observe.hhi"), true},
                            {reader.say("observe.largest"), true},
                            {reader.say("observe.three"), true},
                            {reader.say("observe.with_any"), true},
                            {reader.say("observe.counted"), true}},
                .rows = {}};
    for (const Named& each : all) {
        const Concentration& found = each.spread.concentration;
        table.rows.push_back({each.name, fraction(reader, found.total),
                              found.hhi ? reader.number(*found.hhi) : none(), top(reader, found, 1),
                              top(reader, found, 3), reader.count(found.with_amount),
                              reader.count(found.holders)});
    }
    return table.html();
}

Html classes(const Reader& reader, const std::vector<Named>& all) {
    Table table{.caption = reader.say("observe.classes"),
                .columns = {{reader.say("col.measure")},
                            {reader.say("col.class")},
                            {reader.say("observe.total"), true},
                            {reader.say("observe.share"), true},
                            {reader.say("observe.counted"), true}},
                .rows = {}};
    for (const Named& each : all) {
        if (!each.spread.concentration.hhi) continue;
        for (const state::ClassPart& part : each.spread.classes) {
            table.rows.push_back({each.name, reader.member_class(part.member_class),
                                  fraction(reader, part.amount), fraction(reader, part.share),
                                  reader.count(part.members)});
        }
    }
    return table.rows.empty() ? Html() : table.html();
}

/// The largest holders of one amount.
Html largest(const Reader& reader, const Html& caption, const Concentration& found) {
    Table table{.caption = caption,
                .columns = {{reader.say("col.member")},
                            {reader.say("observe.total"), true},
                            {reader.say("observe.share"), true}},
                .rows = {}};
    for (std::size_t i = 0; i < std::min(found.shares.size(), holders_shown_max); ++i) {
        const observe::HolderShare& share = found.shares[i];
        table.rows.push_back({holder(reader, share.holder), fraction(reader, share.amount),
                              fraction(reader, share.share)});
    }
    return table.rows.empty() ? Html() : table.html();
}

std::string coordinate(std::int64_t x, std::int64_t y) {
    return std::to_string(x) + "," + std::to_string(curve_side - y) + " ";
}

/// The curve as a picture; the table beside it says the same in figures.
Html curve(const Reader& reader, const Concentration& found) {
    std::string points;
    for (const observe::PartialShare& point : found.lorenz) {
        points.append(coordinate(std::int64_t{point.holders} * curve_side / found.holders,
                                 point.per_thousand));
    }
    const std::string side = std::to_string(curve_side);
    const std::string label = reader.say("observe.curve").without_elements().markup();
    const Html equal = element("polyline",
                               {{"points", coordinate(0, 0) + coordinate(curve_side, curve_side)},
                                {"fill", "none"},
                                {"stroke", "currentColor"},
                                {"stroke-width", "4"},
                                {"stroke-dasharray", "20"}},
                               Html());
    const Html shares = element(
        "polyline",
        {{"points", points}, {"fill", "none"}, {"stroke", "currentColor"}, {"stroke-width", "8"}},
        Html());
    return element("svg",
                   {{"viewBox", "0 0 " + side + " " + side},
                    {"width", "240"},
                    {"height", "240"},
                    {"role", "img"},
                    {"aria-label", label}},
                   equal + shares);
}

Html lorenz(const Reader& reader, const Html& name, const Concentration& found) {
    if (found.lorenz.empty()) return {};
    Table table{
        .caption = reader.say("observe.lorenz", {{"what", name}}),
        .columns = {{reader.say("observe.least"), true}, {reader.say("observe.share"), true}},
        .rows = {}};
    const std::uint32_t steps = std::min(found.holders, points_shown_max);
    for (std::uint32_t step = 0; step <= steps; ++step) {
        const std::size_t point = std::size_t{found.holders} * step / steps;
        table.rows.push_back({reader.count(found.lorenz[point].holders),
                              fraction(reader, found.lorenz[point].share)});
    }
    return details(table.caption, curve(reader, found) + table.html());
}

Html equality_or_none(const std::optional<exchange::Equality>& equality, const auto& show) {
    return equality ? show(*equality) : none();
}

Html benefit(const Reader& reader, const state::UnitObservation& unit) {
    Table table{.caption = reader.say("observe.benefit"),
                .columns = {{reader.say("col.class")},
                            {reader.say("benefit.all_members"), true},
                            {reader.say("benefit.askers"), true},
                            {reader.say("benefit.total"), true},
                            {reader.say("benefit.min"), true},
                            {reader.say("benefit.median"), true},
                            {reader.say("benefit.gini"), true},
                            {reader.say("benefit.gini_all"), true},
                            {reader.say("benefit.zero_count"), true}},
                .rows = {}};
    const auto gini = [&](const exchange::Equality& e) {
        return e.total == 0 ? none() : reader.share(e.gini);
    };
    for (const state::BenefitRow& row : unit.benefit) {
        Html name = reader.member_class(row.member_class);
        std::string query =
            "unit=" + unit.question.unit.text() + "&class=" + row.member_class.text();
        if (const auto& group = row.group) {
            name += Html::text(", ") + reader.group(group->group);
            query += "&group=" + group->group.text() + "&group_date=" + group->day.text();
        }
        const auto& asked = row.among_askers;
        const auto count = [&](const auto& e) { return reader.count(e.members); };
        const auto total = [&](const auto& e) { return reader.number(e.total); };
        const auto min = [&](const auto& e) { return reader.number(e.min); };
        const auto median = [&](const auto& e) { return reader.share(e.median); };
        table.rows.push_back({reader.to("benefit?" + query, name), reader.count(row.members),
                              equality_or_none(asked, count), equality_or_none(asked, total),
                              equality_or_none(asked, min), equality_or_none(asked, median),
                              equality_or_none(asked, gini), equality_or_none(row.among_all, gini),
                              reader.count(row.zero_receivers)});
    }
    return table.rows.empty() ? Html() : table.html();
}

/// By name, those of `part`.
Html participation(const Reader& reader, const std::vector<state::MemberInfluence>& members,
                   const Slice& part) {
    std::map<institution::MemberId, const state::MemberInfluence*> by_id;
    std::vector<institution::MemberId> order;
    order.reserve(members.size());
    for (const state::MemberInfluence& member : members) {
        by_id.emplace(member.member, &member);
        order.push_back(member.member);
    }
    reader.sort_by_name(order);
    Table table{.caption = reader.say("observe.by_member"),
                .columns = {{reader.say("col.member")},
                            {reader.say("observe.proposed"), true},
                            {reader.say("observe.adopted"), true},
                            {reader.say("observe.not_adopted"), true},
                            {reader.say("observe.withdrawn"), true},
                            {reader.say("observe.open"), true},
                            {reader.say("observe.entitled"), true},
                            {reader.say("observe.took_part"), true},
                            {reader.say("observe.said_nothing"), true}},
                .rows = {}};
    for (std::size_t i = part.first; i < std::min(part.last, order.size()); ++i) {
        const state::MemberInfluence& m = *by_id.at(order[i]);
        table.rows.push_back(
            {reader.member(m.member), reader.count(m.proposed), reader.count(m.adopted),
             reader.count(m.not_adopted), reader.count(m.withdrawn), reader.count(m.open),
             reader.count(m.entitled), reader.count(m.took_part), reader.count(m.said_nothing)});
    }
    return table.rows.empty() ? Html() : table.html();
}

Html form(const Ask& ask, const Reader& reader, const state::UnitQuestion& question) {
    const institution::Charter& charter = ask.state.institution.charter;
    std::vector<Choice> units;
    units.reserve(charter.units.size());
    for (const auto& unit : charter.units) {
        units.push_back({unit.id.text(), reader.text(unit.name)});
    }
    std::vector<Choice> classes = {{"", reader.say("observe.all_classes")}};
    for (const auto& each : charter.classes) {
        classes.push_back({each.id.text(), reader.text(each.name)});
    }
    const auto& chosen = question.member_class;
    return get_form(
        reader, "observe",
        select(reader.say("form.unit"), "unit", units, question.unit.text()) +
            select(reader.say("members.class"), "class", classes, chosen ? chosen->text() : ""));
}

Html how(const Reader& reader) {
    constexpr std::array<std::string_view, 7> sentences = {
        "observe.how_source", "observe.how_members",   "observe.how_units",       "observe.how_hhi",
        "observe.how_lorenz", "observe.how_influence", "observe.how_not_measured"};
    Html text;
    for (const std::string_view sentence : sentences) text += paragraph(reader.say(sentence));
    return details(reader.say("benefit.how"), text);
}

std::string query_of(const Ask& ask) {
    std::string text;
    for (const std::string_view name : {"unit", "class"}) {
        if (const auto value = ask.query.text(name)) {
            text.append(name).append("=").append(url_encoded(*value)).append("&");
        }
    }
    return text;
}

}  // namespace

Result<Page> observe_page(const Ask& ask, const Reader& reader) {
    const ObserveView view = TRY(observe_view(ask));
    const Slice part = TRY(slice(ask, view.influence.members.size()));
    const Html unit = reader.unit(view.unit.question.unit);
    std::vector<Named> units;
    units.reserve(view.unit.spreads.size());
    for (const state::UnitSpread& each : view.unit.spreads) {
        units.push_back({reader.word("measured", each.measured), each.spread});
    }
    const std::vector<Named> motions = {
        {reader.say("observe.motions_proposed"), view.influence.proposed},
        {reader.say("observe.motions_adopted"), view.influence.adopted}};
    Page page{.title = reader.say("observe.title", {{"unit", unit}}), .trail = {}, .body = {}};
    page.body += paragraph(reader.say("observe.lead", {{"day", reader.date(today(ask))}})) +
                 form(ask, reader, view.unit.question) +
                 spreads(reader, reader.say("observe.units", {{"unit", unit}}), units) +
                 how(reader) + classes(reader, units);
    for (const Named& each : units) {
        page.body += largest(reader, each.name, each.spread.concentration) +
                     lorenz(reader, each.name, each.spread.concentration);
    }
    page.body += heading(reader.say("observe.benefit_heading")) + benefit(reader, view.unit);
    page.body +=
        heading(reader.say("observe.influence")) +
        spreads(reader,
                reader.say("observe.motions",
                           {{"motions", static_cast<std::int64_t>(view.influence.motions)}}),
                motions) +
        classes(reader, motions) + participation(reader, view.influence.members, part) +
        page_links(reader, "observe", query_of(ask), part);
    return page;
}

}  // namespace comity::server
