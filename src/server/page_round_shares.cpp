// SPDX-License-Identifier: Apache-2.0
//
// The page of a round: what was divided by which rule, who got what, and what was not met.

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "server/page_parts.h"
#include "server/page_round.h"

namespace comity::server {
namespace {

using exchange::Reason;
using institution::MemberId;

/// What a member has in the round; without a weight only what it asked.
struct Row {
    MemberId member;
    const exchange::RoundMember* share = nullptr;
    std::int64_t asked = 0;
    std::int64_t units = 0;
    std::set<Reason> reasons;  ///< of its needs that lack units
};

/// By level, then name; members without a weight last.
std::vector<Row> rows_in_order(const Reader& reader, const exchange::RoundView& view) {
    std::map<MemberId, Row> rows;
    for (const exchange::NeedFacts& facts : view.needs) {
        Row& row = rows[facts.result.member];
        row.asked += facts.result.asked;
        row.units += facts.result.allocated;
        if (facts.result.reason != Reason::met_in_full) row.reasons.insert(facts.result.reason);
    }
    for (const exchange::RoundMember& member : view.members) rows[member.member].share = &member;
    std::vector<MemberId> order;
    order.reserve(rows.size());
    for (auto& [id, row] : rows) {
        row.member = id;
        order.push_back(id);
    }
    reader.sort_by_name(order);
    std::vector<Row> sorted;
    sorted.reserve(order.size());
    for (const MemberId& id : order) sorted.push_back(std::move(rows.at(id)));
    std::stable_sort(sorted.begin(), sorted.end(), [](const Row& a, const Row& b) {
        if (a.share == nullptr || b.share == nullptr) return a.share != nullptr;
        return a.share->level < b.share->level;
    });
    return sorted;
}

Html reasons_of(const Reader& reader, const Row& row) {
    if (row.reasons.empty()) return reader.word("short_why", Reason::met_in_full);
    Html text;
    for (const Reason reason : row.reasons) {
        text += (text.empty() ? Html() : Html::text("; ")) + reader.word("short_why", reason);
    }
    return text;
}

/// The member's name, where a link can find it; marked if it is one of the two compared.
Html name_in_table(const Reader& reader, const RoundDetail& detail, const MemberId& member) {
    const auto& two = detail.comparison;
    const bool is_compared = two && (two->first.member == member || two->second.member == member);
    return element(is_compared ? "mark" : "span", {{"id", "member-" + member.text()}},
                   reader.member(member));
}

/// The order in which unmet needs are told: what no rule could give, then what the rule gave
/// others.
constexpr std::array<Reason, 10> unmet_order = {
    Reason::none_lawful,   Reason::no_offer,     Reason::outside_window, Reason::not_listed,
    Reason::declined,      Reason::member_cap,   Reason::floor_first,    Reason::earlier_stage,
    Reason::below_minimum, Reason::no_better_off};

/// Needs that lack units, by reason, then name of the member, then id.
std::vector<const exchange::NeedFacts*> unmet_needs(const Reader& reader,
                                                    const exchange::RoundView& view) {
    std::map<MemberId, std::vector<const exchange::NeedFacts*>> of_member;
    for (const auto& facts : view.needs) {
        if (facts.result.reason != Reason::met_in_full) {
            of_member[facts.result.member].push_back(&facts);
        }
    }
    std::vector<MemberId> order;
    order.reserve(of_member.size());
    for (const auto& [member, facts] : of_member) order.push_back(member);
    reader.sort_by_name(order);
    std::vector<const exchange::NeedFacts*> needs;
    for (const Reason reason : unmet_order) {
        for (const MemberId& member : order) {
            for (const exchange::NeedFacts* facts : of_member.at(member)) {
                if (facts->result.reason == reason) needs.push_back(facts);
            }
        }
    }
    return needs;
}

Html unmet_item(const Reader& reader, const exchange::NeedFacts& facts) {
    const exchange::NeedResult& result = facts.result;
    Html item = reader.say("unmet.need", {{"member", reader.member(result.member)},
                                          {"need", reader.need(result.need)},
                                          {"asked", result.asked},
                                          {"allocated", result.allocated}}) +
                Html::text(" ") + why(reader, facts);
    if (result.blocked_by.empty()) return item;
    Html more =
        citations(reader, result.blocked_by) +
        paragraph(result.lawful_alternatives.empty()
                      ? reader.say("round.no_alternatives")
                      : reader.say("need.alternatives",
                                   {{"offers", offers(reader, result.lawful_alternatives)}}));
    return item + details(reader.say("unmet.restrictions"), more);
}

Html all_needs(const Reader& reader, const exchange::RoundView& view, const Slice& part) {
    Table table{.caption = reader.say("round.shares"),
                .columns = {{reader.say("col.need")},
                            {reader.say("col.member")},
                            {reader.say("col.asked"), true},
                            {reader.say("col.allocated"), true},
                            {reader.say("col.why")}},
                .rows = {}};
    for (std::size_t i = part.first; i < std::min(part.last, view.needs.size()); ++i) {
        const exchange::NeedResult& result = view.needs[i].result;
        table.rows.push_back({reader.need(result.need), reader.member(result.member),
                              reader.number(result.asked), reader.number(result.allocated),
                              reader.word("short_why", result.reason)});
    }
    if (table.rows.empty()) return {};
    return details(reader.say("round.shares_summary"), lines(table));
}

Html weights_in_words(const Reader& reader, const exchange::RoundInputs& inputs) {
    if (inputs.rule.by_claims) return reader.say("rule.by_claims");
    const auto& weights = inputs.weights;
    if (!weights) return reader.say("rule.no_weights");
    return reader.say("rule.weights", {{"table", reader.code(weights->id.text())},
                                       {"version", std::int64_t{weights->version}},
                                       {"motion", reader.motion(weights->motion)}});
}

/// What pairs cost, under a rule that asks for those of least cost.
std::vector<Html> costs_in_words(const Reader& reader, const exchange::RoundInputs& inputs) {
    std::vector<Html> words;
    if (const auto& costs = inputs.costs) {
        words.push_back(reader.say("rule.costs", {{"table", reader.code(costs->id.text())},
                                                  {"version", std::int64_t{costs->version}},
                                                  {"motion", reader.motion(costs->motion)}}));
    }
    const auto& least = inputs.rule.least_cost;
    if (least && least->new_provider) {
        words.push_back(reader.say("rule.new_provider", {{"units", *least->new_provider}}));
    }
    return words;
}

/// The parts of a rule that not every rule has.
std::vector<Html> terms_in_words(const Reader& reader, const exchange::AllocationRule& rule) {
    std::vector<Html> words;
    if (const auto& carry = rule.carry_over) {
        words.push_back(reader.say("rule.carry_over", {{"rounds", std::int64_t{carry->rounds}},
                                                       {"keep", reader.share(carry->keep)}}));
    } else {
        words.push_back(reader.say("rule.no_carry_over"));
    }
    if (const auto& tiers = rule.tiers) {
        for (const auto& tier : *tiers) {
            Html end_uses;
            for (const auto& end_use : tier) {
                end_uses +=
                    (end_uses.empty() ? Html() : Html::text(", ")) + reader.end_use(end_use);
            }
            words.push_back(reader.say("rule.tier", {{"end_uses", end_uses}}));
        }
    }
    if (rule.one_each) words.push_back(reader.say("rule.one_each"));
    if (rule.by_choice) words.push_back(reader.say("rule.by_choice"));
    if (rule.minimums) words.push_back(reader.say("rule.minimums"));
    return words;
}

}  // namespace

Html what_was_divided(const Reader& reader, const RoundDetail& detail,
                      const exchange::RoundInputs& inputs) {
    const exchange::RoundView& view = detail.view;
    const exchange::AllocationRule& rule = inputs.rule;
    std::int64_t asked = 0;
    std::int64_t granted = 0;
    for (const exchange::NeedFacts& facts : view.needs) asked += facts.result.asked;
    for (const exchange::Line& line : detail.grants) granted += line.units;
    const Html name = reader.text(rule.title);
    Html text = paragraph(
        reader.say("round.summary", {{"allocated", view.allocated},
                                     {"pool", view.pool},
                                     {"members", static_cast<std::int64_t>(view.members.size())},
                                     {"asked", asked},
                                     {"unit", reader.unit(view.round.unit)}}));
    text += paragraph(
        reader.say("round.by_rule", {{"rule", name.empty() ? reader.code(rule.id.text()) : name},
                                     {"version", std::int64_t{rule.version}}}));
    std::vector<Html> words;
    words.push_back(weights_in_words(reader, inputs));
    for (Html& term : terms_in_words(reader, rule)) words.push_back(std::move(term));
    for (Html& cost : costs_in_words(reader, inputs)) words.push_back(std::move(cost));
    if (rule.floor) {
        words.push_back(reader.say("rule.floor", {{"share", reader.share(rule.floor->share)},
                                                  {"group", reader.group(rule.floor->group)}}));
    }
    if (rule.member_cap) {
        words.push_back(reader.say("rule.cap", {{"share", reader.share(*rule.member_cap)}}));
    }
    words.push_back(
        reader.say("rule.rounding", {{"rounding", reader.word("rounding", rule.rounding)},
                                     {"means", reader.word("rounding_means", rule.rounding)}}));
    words.push_back(reader.say("rule.law"));
    if (granted > 0) words.push_back(reader.say("rule.grants", {{"units", granted}}));
    for (const exchange::RuleWarning warning : exchange::warnings_of(rule)) {
        words.push_back(reader.word("rule_warning", warning));
    }
    return text + list_of(words);
}

Html who_got_what(const Reader& reader, const RoundDetail& detail, const Slice& part) {
    const std::vector<Row> rows = rows_in_order(reader, detail.view);
    Table table{.caption = reader.say("round.members"),
                .columns = {{reader.say("col.member")},
                            {reader.say("col.asked"), true},
                            {reader.say("col.got"), true},
                            {reader.say("col.weight"), true},
                            {reader.say("col.level"), true},
                            {reader.say("col.why")}},
                .rows = {}};
    for (std::size_t i = part.first; i < std::min(part.last, rows.size()); ++i) {
        const Row& row = rows[i];
        table.rows.push_back({name_in_table(reader, detail, row.member), reader.number(row.asked),
                              reader.number(row.units),
                              row.share == nullptr ? none() : reader.number(row.share->weight),
                              row.share == nullptr ? none() : reader.share(row.share->level),
                              reasons_of(reader, row)});
    }
    Html text = element("h2", {{"id", "shares"}}, reader.say("round.who_got_what"));
    if (!table.rows.empty()) text += paragraph(reader.say("round.level_short")) + lines(table);
    text += paragraph(
        detail.view.zero_receivers.empty()
            ? reader.say("round.zero_none")
            : reader.say("round.zero", {{"members", reader.members(detail.view.zero_receivers)}}));
    return text + all_needs(reader, detail.view, part);
}

Html what_was_not_met(const Reader& reader, const RoundDetail& detail, const Slice& part) {
    const auto needs = unmet_needs(reader, detail.view);
    Html text = element("h2", {{"id", "unmet"}}, reader.say("unmet"));
    if (needs.empty()) return text + paragraph(reader.say("unmet.nothing"));
    for (const Reason reason : unmet_order) {
        std::vector<Html> items;
        for (std::size_t i = part.first; i < std::min(part.last, needs.size()); ++i) {
            if (needs[i]->result.reason == reason) items.push_back(unmet_item(reader, *needs[i]));
        }
        if (!items.empty()) text += subheading(reader.word("unmet", reason)) + list_of(items);
    }
    return text;
}

std::size_t rows_of(const RoundDetail& detail) {
    return std::max({detail.view.needs.size(),
                     detail.view.members.size() + detail.view.unlisted.size(),
                     detail.offers.size()});
}

}  // namespace comity::server
