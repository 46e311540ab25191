// SPDX-License-Identifier: Apache-2.0
#include "cli/reports_observe.h"

#include <algorithm>

#include "cli/answer.h"
#include "exchange/allocation.h"

namespace comity::cli {
namespace {

using observe::Concentration;

constexpr std::size_t holders_shown_max = 10;

/// A heading, in a report of several parts.
std::string part(std::string_view title) {
    return "\n" + std::string(title) + "\n" + std::string(title.size(), '-') + "\n";
}

template <class T>
std::string number(T value) {
    return std::to_string(value);
}

std::string index_text(const std::optional<std::int64_t>& hhi) {
    return hhi ? number(*hhi) + " of 10000" : "- (nothing is held)";
}

/// "86.8 %" of the k largest; "-" if there are fewer.
std::string top_text(const std::vector<observe::PartialShare>& top, std::uint32_t holders) {
    for (const observe::PartialShare& each : top) {
        if (each.holders == holders) return percent(each.per_thousand, each.share);
    }
    return "-";
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text.append(text.empty() ? "" : ", ").append(word);
    return text;
}

void add_top(Facts& facts, const std::vector<observe::PartialShare>& top) {
    for (const observe::PartialShare& each : top) {
        facts.emplace_back(each.holders == 1 ? "the largest holder"
                                             : "the " + number(each.holders) + " largest together",
                           percent(each.per_thousand, each.share));
    }
}

/// The Lorenz curve at each quarter of the holders.
void add_lorenz(Facts& facts, const Concentration& found) {
    constexpr std::size_t quarters = 4;
    for (std::size_t quarter = 1; quarter < quarters; ++quarter) {
        const std::size_t point = quarter * found.holders / quarters;
        if (point == 0 || point >= found.lorenz.size()) continue;
        facts.emplace_back(
            point == 1 ? "the one with least" : "the " + number(point) + " with least together",
            percent(found.lorenz[point].per_thousand, found.lorenz[point].share));
    }
}

Table shares_table(const std::vector<observe::HolderShare>& shares, const std::string& unnamed) {
    Table table{.headings = {"share", "holder"}, .rows = {}};
    for (std::size_t i = 0; i < std::min(shares.size(), holders_shown_max); ++i) {
        const std::string& holder = shares[i].holder;
        table.rows.push_back(
            {percent(shares[i].per_thousand, shares[i].share), holder.empty() ? unnamed : holder});
    }
    return table;
}

std::string shares_text(const std::vector<observe::HolderShare>& shares,
                        const std::string& unnamed = {}) {
    std::string text = shares_table(shares, unnamed).text();
    if (shares.size() > holders_shown_max) {
        text += "and " + number(shares.size() - holders_shown_max) + " more; --json has them all\n";
    }
    return text;
}

std::string summary(const observe::ImportedConcentration& found) {
    const Concentration& all = found.concentration;
    Facts facts = {{"Herfindahl-Hirschman index", index_text(all.hhi)}};
    add_top(facts, all.top);
    add_lorenz(facts, all);
    facts.emplace_back("total", all.total + " " + found.unit);
    facts.emplace_back("holders", number(all.with_amount) + " with an amount, of " +
                                      number(found.holders_listed) + " that rows name");
    facts.emplace_back(found.row_names + " used", number(found.used) + " of " + number(found.rows));
    return text_of(facts);
}

std::string rows_text(const observe::ImportedConcentration& found) {
    Table table{.headings = {"left out", "remaining", "condition"},
                .rows = {{"-", number(found.rows), "all rows of the file"}}};
    for (const observe::Step& step : found.steps) {
        table.rows.push_back({number(step.left_out), number(step.remaining), step.condition});
    }
    std::string text = table.text();
    if (found.unreadable > 0) {
        text += number(found.unreadable) +
                " of the rows without an amount hold something that is none.\n";
    }
    return text;
}

std::string without_largest_text(const observe::WithoutLargest& rest, const std::string& unit) {
    Facts facts = {
        {"left out", rest.row + ", " + rest.amount + " " + unit + ", of " + joined(rest.holders)},
        {"Herfindahl-Hirschman index", index_text(rest.hhi)}};
    add_top(facts, rest.top);
    return text_of(facts);
}

std::string entities_text(const observe::EntityEffect& effect) {
    std::string text = effect.title + ", " + effect.date.text() + ". " + effect.source + "\n";
    text += "Index with names counted as the table says: " + index_text(effect.hhi) + "\n\n";
    text += "By type of entity:\n" + shares_text(effect.by_type, "(not in the table)");
    text += "\nWith names counted as the table says:\n" + shares_text(effect.shares);
    if (!effect.not_in_table.empty()) {
        text += "Not in the table: " + joined(effect.not_in_table) + "\n";
    }
    return text;
}

std::string how_text(const std::vector<observe::Explanation>& how) {
    std::string text;
    for (const observe::Explanation& each : how) {
        text.append(each.of).append(": ").append(each.text).append("\n");
    }
    return text;
}

std::string source_text(const observe::ImportedConcentration& found) {
    const observe::Origin& origin = found.origin;
    Facts facts = {{"publisher", origin.publisher},
                   {"title", origin.title},
                   {"address", origin.url},
                   {"licence", origin.licence},
                   {"attribution", origin.attribution},
                   {"this file", found.file.text()}};
    if (const auto& newest = found.newest) facts.emplace_back("newest row", newest->text());
    std::string text = text_of(facts) + "\n" + origin.names + "\n";
    for (const std::string& caveat : found.caveats) text.append(caveat).append("\n");
    return text;
}

std::string measured_text(state::Measured measured) {
    switch (measured) {
        case state::Measured::offered:
            return "offered";
        case state::Measured::offered_non_rival:
            return "offered, non-rival";
        case state::Measured::provided:
            return "provided and confirmed";
        case state::Measured::received:
            break;
    }
    return "received and confirmed";
}

std::vector<std::string> spread_row(const std::string& name, const state::Spread& spread) {
    const Concentration& found = spread.concentration;
    return {found.total,
            found.hhi ? number(*found.hhi) : "-",
            top_text(found.top, 1),
            top_text(found.top, 3),
            number(found.with_amount),
            number(found.holders),
            name};
}

const std::vector<std::string> spread_headings = {
    "total", "index", "largest", "3 largest", "members with any", "counted", "what"};

void add_class_rows(Table& table, const std::string& name, const state::Spread& spread) {
    if (!spread.concentration.hhi) return;
    for (const state::ClassPart& each : spread.classes) {
        table.rows.push_back({each.amount, percent(each.per_thousand, each.share),
                              number(each.members), each.member_class.text(), name});
    }
}

std::string equality_cell(const std::optional<exchange::Equality>& equality,
                          std::string (*show)(const exchange::Equality&)) {
    return equality ? show(*equality) : "-";
}

/// To three decimals, the nearest, halves up; the exact fraction is in the JSON.
std::string gini_text(const exchange::Equality& equality) {
    constexpr std::int64_t scale = 1'000;
    constexpr std::size_t decimals = 3;
    if (equality.total == 0) return "-";
    const exchange::Int128 twice = exchange::Int128{2} * equality.gini.den;
    const exchange::Int128 scaled = exchange::Int128{2} * scale * equality.gini.num;
    const std::string digits =
        number(static_cast<std::int64_t>((scaled + equality.gini.den) / twice));
    if (digits.size() > decimals) return "1." + digits.substr(1);
    return "0." + std::string(decimals - digits.size(), '0') + digits;
}

Table benefit_table(const std::vector<state::BenefitRow>& rows) {
    Table table{.headings = {"members", "that asked", "confirmed", "smallest", "median", "Gini",
                             "Gini of all", "with nothing", "class"},
                .rows = {}};
    for (const state::BenefitRow& row : rows) {
        const auto& asked = row.among_askers;
        std::string name = row.member_class.text();
        if (const auto& group = row.group) name += ", on the list " + group->group.text();
        table.rows.push_back({number(row.members),
                              equality_cell(asked, [](const auto& e) { return number(e.members); }),
                              equality_cell(asked, [](const auto& e) { return number(e.total); }),
                              equality_cell(asked, [](const auto& e) { return number(e.min); }),
                              equality_cell(asked, [](const auto& e) { return e.median.text(); }),
                              equality_cell(asked, gini_text),
                              equality_cell(row.among_all, gini_text), number(row.zero_receivers),
                              name});
    }
    return table;
}

/// Whether something is offered, asked or confirmed.
bool has_anything(const state::UnitObservation& unit) {
    return std::any_of(
               unit.spreads.begin(), unit.spreads.end(),
               [](const auto& each) { return each.spread.concentration.hhi.has_value(); }) ||
           std::any_of(unit.benefit.begin(), unit.benefit.end(),
                       [](const auto& row) { return row.among_askers.has_value(); });
}

std::string unit_text(const state::UnitObservation& unit) {
    Table spreads{.headings = spread_headings, .rows = {}};
    Table classes{.headings = {"units", "share", "members", "class", "what"}, .rows = {}};
    for (const state::UnitSpread& each : unit.spreads) {
        const std::string name = measured_text(each.measured);
        spreads.rows.push_back(spread_row(name, each.spread));
        add_class_rows(classes, name, each.spread);
    }
    std::string text = part("Unit " + unit.question.unit.text()) + spreads.text();
    text += below(classes);
    text += below(benefit_table(unit.benefit));
    return text;
}

std::string influence_text(const state::Influence& found) {
    Table spreads{.headings = spread_headings, .rows = {}};
    spreads.rows.push_back(spread_row("motions proposed", found.proposed));
    spreads.rows.push_back(spread_row("motions adopted", found.adopted));
    Table classes{.headings = {"motions", "share", "members", "class", "what"}, .rows = {}};
    add_class_rows(classes, "proposed", found.proposed);
    add_class_rows(classes, "adopted", found.adopted);
    Table members{.headings = {"proposed", "adopted", "not adopted", "withdrawn", "open",
                               "on the roll", "took part", "said nothing", "member"},
                  .rows = {}};
    for (const state::MemberInfluence& each : found.members) {
        members.rows.push_back({number(each.proposed), number(each.adopted),
                                number(each.not_adopted), number(each.withdrawn), number(each.open),
                                number(each.entitled), number(each.took_part),
                                number(each.said_nothing), each.member.text()});
    }
    return part("Influence: " + number(found.motions) +
                (found.motions == 1 ? " motion" : " motions")) +
           spreads.text() + below(classes) + below(members);
}

}  // namespace

std::string percent(std::int64_t per_thousand, std::string_view share) {
    constexpr std::int64_t ten = 10;
    constexpr std::int64_t all = 1'000;
    if (per_thousand == 0 && share != "0") return "under 0.1 %";
    if (per_thousand == all && share != "1") return "over 99.9 %";
    return number(per_thousand / ten) + "." + number(per_thousand % ten) + " %";
}

std::string concentration_report(const observe::ImportedConcentration& found) {
    std::string text = found.title + ", by " + found.grouping + "\n\n" + summary(found);
    text += part("Shares") + shares_text(found.concentration.shares);
    if (const auto& rest = found.without_largest) {
        text += part("Without the largest row") + without_largest_text(*rest, found.unit);
    }
    if (const auto& effect = found.entities) {
        text += part("By a reviewed table of entities") + entities_text(*effect);
    }
    text += part("Rows") + rows_text(found);
    text += part("How was this computed") + how_text(found.how);
    text += part("Source") + source_text(found);
    return text;
}

std::string observation_report(const RecordObservation& found) {
    std::string text = "What the record " + found.origin + " says of its institution, on " +
                       found.influence.day.text() + "\n";
    std::string empty;
    for (const state::UnitObservation& unit : found.units) {
        if (has_anything(unit)) {
            text += unit_text(unit);
        } else {
            empty.append(empty.empty() ? "" : ", ").append(unit.question.unit.text());
        }
    }
    if (!empty.empty()) text += "\nNothing is offered, asked or confirmed in: " + empty + "\n";
    text += influence_text(found.influence);
    text += part("How was this computed") + how_text(found.how);
    text += part("Source") + "The first " + number(found.size) + " entries of the record " +
            found.origin + ", replayed and checked here.\n";
    return text;
}

}  // namespace comity::cli
