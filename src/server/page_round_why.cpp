// SPDX-License-Identifier: Apache-2.0
//
// The page of a round: why one of two members got more, and what each condition costs.

#include <algorithm>
#include <set>

#include "server/page_parts.h"
#include "server/page_round.h"

namespace comity::server {
namespace {

using exchange::ComparedMember;
using exchange::Comparison;
using exchange::MoreReason;
using institution::MemberId;

Html joined(Html text, const Html& more) {
    if (!text.empty()) text += Html::text("; ");
    return text + more;
}

Html obstacle_words(const Reader& reader, const exchange::Obstacle& obstacle) {
    Html why;
    if (obstacle.is_own) why = joined(why, reader.say("obstacle.own"));
    if (obstacle.item_class) why = joined(why, reader.say("obstacle.item_class"));
    if (obstacle.window) why = joined(why, reader.say("obstacle.window"));
    for (const auto& citation : obstacle.restrictions) {
        why = joined(why, reader.say("obstacle.restriction",
                                     {{"restriction", reader.restriction(citation.restriction)},
                                      {"issuer", reader.member(citation.issuer)}}));
    }
    return reader.say("obstacle", {{"offer", reader.offer(obstacle.offer)}, {"why", why}});
}

Html obstacle_list(const Reader& reader, const std::vector<exchange::Obstacle>& obstacles,
                   std::uint32_t not_named) {
    std::vector<Html> items;
    items.reserve(obstacles.size() + 1);
    for (const auto& obstacle : obstacles) items.push_back(obstacle_words(reader, obstacle));
    if (not_named > 0) {
        items.push_back(reader.say("obstacle.others", {{"n", std::int64_t{not_named}}}));
    }
    return list_of(items);
}

Html reason_words(const Reader& reader, const Comparison& comparison, MoreReason reason,
                  const ComparedMember& more, const ComparedMember& fewer,
                  const exchange::RoundInputs& inputs) {
    const auto& floor = inputs.rule.floor;
    std::string id = "compare.";
    id += boost::describe::enum_to_string(reason, "");
    if (reason == MoreReason::floor && !floor) id += "_one_each";
    const bool is_carry = reason == MoreReason::carry_over;
    Html words = reader.say(id, {{"more", reader.member(more.member)},
                                 {"fewer", reader.member(fewer.member)},
                                 {"asked", fewer.asked},
                                 {"cap", fewer.cap},
                                 {"floor", more.floor},
                                 {"group", floor ? reader.group(floor->group) : none()},
                                 {"more_weight", more.weight},
                                 {"fewer_weight", fewer.weight},
                                 {"more_carry", is_carry ? more.carry_over : 0},
                                 {"fewer_carry", is_carry ? fewer.carry_over : 0},
                                 {"more_rank", std::int64_t{more.lottery_rank}},
                                 {"fewer_rank", std::int64_t{fewer.lottery_rank}},
                                 {"more_granted", more.granted},
                                 {"fewer_granted", fewer.granted}});
    if (reason == MoreReason::no_access) {
        words += obstacle_list(reader, comparison.obstacles, comparison.obstacles_not_named);
        if (!comparison.blocked_by.empty()) {
            words += paragraph(reader.say("compare.blocked_by",
                                          {{"fewer", reader.member(fewer.member)}})) +
                     citations(reader, comparison.blocked_by);
        }
    }
    if (reason == MoreReason::grants && !comparison.grant_obstacles.empty()) {
        words += Html::text(" ") +
                 reader.say("compare.grants_without", {{"fewer", reader.member(fewer.member)}});
        words +=
            obstacle_list(reader, comparison.grant_obstacles, comparison.grant_obstacles_not_named);
    }
    return words;
}

Html compared_table(const Reader& reader, const Comparison& comparison,
                    const exchange::AllocationRule& rule) {
    Table table{.caption = reader.say("compare.caption"),
                .columns = {{reader.say("col.member")},
                            {reader.say("col.asked"), true},
                            {reader.say("col.got"), true},
                            {reader.say("col.granted"), true},
                            {reader.say("col.weight"), true},
                            {reader.say("col.carry_over"), true},
                            {reader.say("col.level"), true},
                            {reader.say("col.lottery_rank"), true}},
                .rows = {}};
    if (rule.floor) table.columns.push_back({reader.say("col.floor"), true});
    if (rule.member_cap) table.columns.push_back({reader.say("col.cap"), true});
    for (const ComparedMember* row : {&comparison.first, &comparison.second}) {
        const auto listed = [&](std::int64_t number) {
            return row->is_listed ? reader.number(number) : none();
        };
        table.rows.push_back({reader.member(row->member), reader.number(row->asked),
                              reader.number(row->units), listed(row->granted), listed(row->weight),
                              listed(row->carry_over),
                              row->level ? reader.share(*row->level) : none(),
                              listed(std::int64_t{row->lottery_rank})});
        if (rule.floor) table.rows.back().push_back(listed(row->floor));
        if (rule.member_cap) table.rows.back().push_back(listed(row->cap));
    }
    return lines(table);
}

Html turns(const Reader& reader, const Comparison& comparison, const ComparedMember& more,
           const ComparedMember& fewer) {
    const auto& last = comparison.last_turn;
    const auto& next = comparison.next_turn;
    if (!last || !next) return {};
    return paragraph(
        reader.say("compare.turns", {{"more", reader.member(more.member)},
                                     {"fewer", reader.member(fewer.member)},
                                     {"last_before", reader.share(last->before)},
                                     {"last_after", reader.share(last->after)},
                                     {"next_before", reader.share(next->before)},
                                     {"next_after", reader.share(next->after)},
                                     {"rounding", reader.word("rounding", comparison.rounding)}}));
}

Html compared(const Reader& reader, const Comparison& comparison,
              const exchange::RoundInputs& inputs) {
    if (!comparison.more) {
        return status_line(reader.say("compare.equal")) +
               compared_table(reader, comparison, inputs.rule);
    }
    const bool is_first = *comparison.more == comparison.first.member;
    const ComparedMember& more = is_first ? comparison.first : comparison.second;
    const ComparedMember& fewer = is_first ? comparison.second : comparison.first;
    std::vector<Html> reasons;
    reasons.reserve(comparison.reasons.size());
    for (const MoreReason reason : comparison.reasons) {
        reasons.push_back(reason_words(reader, comparison, reason, more, fewer, inputs));
    }
    return status_line(reader.say("compare.more", {{"more", reader.member(more.member)},
                                                   {"fewer", reader.member(fewer.member)},
                                                   {"units", more.units - fewer.units}})) +
           list_of(reasons) + turns(reader, comparison, more, fewer) +
           compared_table(reader, comparison, inputs.rule);
}

Html condition_name(const Reader& reader, const exchange::Condition& condition) {
    if (condition.restriction) return reader.restriction(condition.restriction->restriction);
    return reader.say("price.window",
                      {{"offer", condition.offer ? reader.offer(*condition.offer) : none()}});
}

std::vector<Html> price_row(const Reader& reader, Html name, Html issuer,
                            const exchange::Standing& standing, const exchange::Change* change) {
    const auto count = [&](std::uint32_t members) {
        return change == nullptr ? none() : reader.count(members);
    };
    const auto& worst = standing.worst_off;
    return {std::move(name),
            std::move(issuer),
            reader.number(standing.units),
            reader.count(standing.members_with_nothing),
            worst ? reader.share(worst->level) : none(),
            worst ? reader.number(worst->units) : none(),
            count(change == nullptr ? 0 : change->members_with_more),
            count(change == nullptr ? 0 : change->members_with_less)};
}

Html price_table(const Reader& reader, const exchange::PriceList& list) {
    Table table{.caption = reader.say("price.caption"),
                .columns = {{reader.say("col.without")},
                            {reader.say("col.issuer")},
                            {reader.say("col.units"), true},
                            {reader.say("col.with_nothing"), true},
                            {reader.say("col.smallest_level"), true},
                            {reader.say("col.worst_off_units"), true},
                            {reader.say("col.with_more"), true},
                            {reader.say("col.with_less"), true}},
                .rows = {}};
    table.rows.push_back(
        price_row(reader, reader.say("price.as_it_is"), none(), list.present, nullptr));
    const auto add = [&](Html name, Html issuer, const exchange::Change& change) {
        table.rows.push_back(
            price_row(reader, std::move(name), std::move(issuer), change.standing, &change));
    };
    const std::size_t shown = std::min(list.conditions.size(), rows_a_page);
    for (std::size_t i = 0; i < shown; ++i) {
        const exchange::ConditionPrice& price = list.conditions[i];
        add(condition_name(reader, price.condition), reader.member(price.condition.issuer),
            price.without);
    }
    if (list.conditions.size() < 2) return lines(table);  // the rest would say the same again
    for (const exchange::IssuerPrice& issuer : list.issuers) {
        add(reader.say("price.all_of", {{"n", std::int64_t{issuer.conditions}}}),
            reader.member(issuer.issuer), issuer.without);
    }
    if (list.without_all) add(reader.say("price.without_any"), none(), *list.without_all);
    return lines(table);
}

Html change_words(const Reader& reader, const std::vector<exchange::MemberChange>& changes) {
    Html words;
    for (std::size_t i = 0; i < std::min(changes.size(), rows_a_page); ++i) {
        words =
            joined(words, reader.say("price.change", {{"member", reader.member(changes[i].member)},
                                                      {"present", changes[i].present},
                                                      {"without", changes[i].without}}));
    }
    if (changes.size() > rows_a_page) {
        words = joined(
            words, reader.say("price.others",
                              {{"n", static_cast<std::int64_t>(changes.size() - rows_a_page)}}));
    }
    return words.empty() ? reader.say("price.nobody") : words;
}

/// Condition by condition, who would have another number of units.
Html price_changes(const Reader& reader, const exchange::PriceList& list) {
    std::vector<Html> items;
    for (const exchange::ConditionPrice& price : list.conditions) {
        if (items.size() >= rows_a_page) break;
        items.push_back(reader.say("price.changes",
                                   {{"condition", condition_name(reader, price.condition)},
                                    {"changes", change_words(reader, price.without.members)}}));
    }
    for (const exchange::IssuerPrice& issuer : list.issuers) {
        items.push_back(reader.say("price.changes_of",
                                   {{"n", std::int64_t{issuer.conditions}},
                                    {"issuer", reader.member(issuer.issuer)},
                                    {"units", issuer.units},
                                    {"changes", change_words(reader, issuer.without.members)}}));
    }
    return details(reader.say("price.changes_summary"), list_of(items));
}

}  // namespace

Html two_members(const Reader& reader, const RoundDetail& detail,
                 const exchange::RoundInputs& inputs) {
    std::set<MemberId> in_round;
    for (const auto& facts : detail.view.needs) in_round.insert(facts.result.member);
    if (in_round.size() < 2) return {};
    std::vector<MemberId> order(in_round.begin(), in_round.end());
    reader.sort_by_name(order);
    std::vector<Choice> choices;
    choices.reserve(order.size());
    for (const MemberId& member : order) {
        choices.push_back({member.text(), reader.member_name(member)});
    }
    const auto& two = detail.comparison;
    Html text = element("h2", {{"id", "compare"}}, reader.say("compare"));
    text += paragraph(reader.say("compare.lead"));
    text += get_form(reader, "rounds/" + detail.view.round.id.text() + "#compare",
                     select(reader.say("form.compare"), "compare", choices,
                            two ? two->first.member.text() : order[0].text()) +
                         select(reader.say("form.with"), "with", choices,
                                two ? two->second.member.text() : order[1].text()));
    if (two) text += compared(reader, *two, inputs);
    return text;
}

Html what_conditions_cost(const Reader& reader, const RoundDetail& detail) {
    Html text = element("h2", {{"id", "price"}}, reader.say("price"));
    if (!detail.prices) {
        return text + paragraph(reader.say("price.too_large",
                                           {{"command", reader.code("comity allocation price")}}));
    }
    const exchange::PriceList& list = *detail.prices;
    if (list.conditions.empty()) return text + paragraph(reader.say("price.none"));
    text += paragraph(reader.say("price.lead")) + price_table(reader, list);
    const std::size_t left_out =
        list.conditions.size() - std::min(list.conditions.size(), rows_a_page);
    if (left_out > 0) {
        text += note(reader.say("price.not_shown", {{"n", static_cast<std::int64_t>(left_out)}}));
    }
    if (list.not_priced > 0) {
        text += note(
            reader.say("price.not_priced", {{"n", static_cast<std::int64_t>(list.not_priced)}}));
    }
    return text + price_changes(reader, list) +
           details(
               reader.say("round.numbers_summary"),
               paragraph(reader.say("price.computed")) +
                   paragraph(reader.say("price.computed_together")) +
                   paragraph(reader.say("price.computed_by",
                                        {{"command", reader.code("comity allocation price")}})));
}

}  // namespace comity::server
