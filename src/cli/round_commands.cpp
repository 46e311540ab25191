// SPDX-License-Identifier: Apache-2.0
//
// comity allocation price, why-more: questions to a drawn round, answered from the record alone.

#include "cli/answer.h"
#include "cli/commands.h"
#include "cli/source.h"
#include "exchange/comparison.h"
#include "exchange/condition_price.h"
#include "state/audit.h"
#include "state/described.h"

namespace comity::cli {
namespace {

struct RoundArguments {
    std::string from;
    std::string round;
    std::string first;
    std::string second;
    std::string trust;
};

/// Replays the record, so that nobody has to believe the host what the round was.
Result<state::State> replayed(Session& session, const RoundArguments& a) {
    const auto trusted = TRY(trusted_key(a.trust));
    const Source source = TRY(open_source(a.from));
    state::AuditReport report = TRY(audited(session, source, trusted));
    if (!session.json) say_demonstration(report.state.institution.founding.demonstration);
    return std::move(report.state);
}

std::string signed_text(std::int64_t number) {
    return (number > 0 ? "+" : "") + std::to_string(number);
}

std::string name_of(const exchange::Condition& condition) {
    if (condition.restriction) return condition.restriction->restriction.text();
    return "window of " + (condition.offer ? condition.offer->text() : "-");
}

/// Units and their change, members with nothing, smallest level and whose, members with more and
/// with less.
std::vector<std::string> change_cells(const exchange::Standing& present,
                                      const exchange::Change& change) {
    const exchange::Standing& standing = change.standing;
    const auto& worst = standing.worst_off;
    return {std::to_string(standing.units),
            signed_text(standing.units - present.units),
            std::to_string(standing.members_with_nothing),
            std::to_string(change.members_with_more),
            std::to_string(change.members_with_less),
            worst ? worst->level.text() : "-",
            worst ? worst->member.text() : "-"};
}

const std::vector<std::string> change_headings = {
    "units", "change", "with nothing", "gets more", "gets less", "smallest level", "worst-off"};

std::vector<std::string> with_last(std::vector<std::string> cells, std::string last) {
    cells.push_back(std::move(last));
    return cells;
}

std::string changes_text(const exchange::Change& change) {
    std::string text;
    for (const exchange::MemberChange& row : change.members) {
        text += text.empty() ? "" : ", ";
        text += row.member.text();
        text += " ";
        text += std::to_string(row.present);
        text += " -> ";
        text += std::to_string(row.without);
    }
    return text.empty() ? "nobody's units change" : text;
}

void print_conditions(const exchange::PriceList& list) {
    Table table{.headings = with_last(change_headings, "without"), .rows = {}};
    for (const exchange::ConditionPrice& price : list.conditions) {
        table.rows.push_back(
            with_last(change_cells(list.present, price.without),
                      name_of(price.condition) + " of " + price.condition.issuer.text()));
    }
    for (const exchange::IssuerPrice& issuer : list.issuers) {
        table.rows.push_back(
            with_last(change_cells(list.present, issuer.without),
                      "all " + std::to_string(issuer.conditions) + " of " + issuer.issuer.text()));
    }
    if (list.without_all) {
        table.rows.push_back(
            with_last(change_cells(list.present, *list.without_all), "any of them"));
    }
    print_line(table.text());
    for (const exchange::ConditionPrice& price : list.conditions) {
        print_line("Without " + name_of(price.condition) + ": " + changes_text(price.without) +
                   ".");
    }
}

void print_prices(const exchange::PriceList& list) {
    const exchange::Standing& present = list.present;
    std::string line = "The round gives " + units(present.units) +
                       "; members with nothing: " + std::to_string(present.members_with_nothing);
    if (const auto& worst = present.worst_off) {
        line += "; smallest level: " + worst->level.text() + " (" + worst->member.text() + ", " +
                units(worst->units) + ")";
    }
    print_line(line + ".");
    if (list.conditions.empty()) {
        print_line("No restriction and no window of an offer stands between its needs and offers.");
    } else {
        print_conditions(list);
    }
    if (list.not_priced > 0) {
        print_line("Not priced, being past the first " + std::to_string(list.conditions.size()) +
                   ": " + std::to_string(list.not_priced) + " conditions.");
    }
}

Result<> price(Session& session, const RoundArguments& a) {
    const auto round = TRY(parsed<exchange::RoundId>("round", a.round));
    const state::State state = TRY(replayed(session, a));
    const exchange::PriceList list = TRY(exchange::price_conditions(state.exchange, round));
    if (session.json) {
        print(codec::to_value(list), true);
    } else {
        print_prices(list);
    }
    return {};
}

std::string obstacle_text(const exchange::Obstacle& obstacle) {
    std::string why;
    const auto add = [&](const std::string& reason) { why += (why.empty() ? "" : "; ") + reason; };
    if (obstacle.is_own) add("it is its own offer");
    if (obstacle.item_class) add("its need does not accept the item class");
    if (obstacle.window) add("its need has no day in common with it");
    for (const auto& citation : obstacle.restrictions) {
        add("restriction " + citation.restriction.text() + " of " + citation.issuer.text());
    }
    return "  " + obstacle.offer.text() + ": " + why;
}

std::string turn_text(const exchange::Turn& turn) {
    return "from level " + turn.before.text() + " to " + turn.after.text();
}

/// What each reason says; F got fewer, M got more.
std::string reason_text(exchange::MoreReason reason, const exchange::ComparedMember& more,
                        const exchange::ComparedMember& fewer) {
    const std::string m = more.member.text();
    const std::string f = fewer.member.text();
    const auto against = [](std::int64_t a, std::int64_t b) {
        return std::to_string(a) + " against " + std::to_string(b);
    };
    switch (reason) {
        case exchange::MoreReason::got_all_it_asked:
            return f + " got all that it asked.";
        case exchange::MoreReason::not_listed:
            return f + " has no weight in the adopted table.";
        case exchange::MoreReason::member_cap:
            return f + " has the " + std::to_string(fewer.cap) + " units that its cap allows.";
        case exchange::MoreReason::no_access:
            return "No unit that " + m + " holds could have come to " + f +
                   ", directly or by others' changing offers:";
        case exchange::MoreReason::larger_weight:
            return m + " has the larger weight: " + against(more.weight, fewer.weight) + ".";
        case exchange::MoreReason::carry_over:
            return f + " carried over more units of earlier rounds: " +
                   against(fewer.carry_over, more.carry_over) + ".";
        case exchange::MoreReason::lottery:
            return "The last unit was a tie, and the lottery put " + m + " first: place " +
                   against(more.lottery_rank, fewer.lottery_rank) + ".";
        case exchange::MoreReason::smaller_weight_first:
            return "The last unit was a tie, in which the rounding takes the smaller weight: " +
                   against(more.weight, fewer.weight) + ".";
        case exchange::MoreReason::floor:
            return m + " has no more than its floor of " + units(more.floor) +
                   ", and floors come first.";
        case exchange::MoreReason::earlier_stage:
            return "A need of " + f +
                   " waited for needs of an earlier tier, or for choices named before.";
        case exchange::MoreReason::least_quantity:
            return "A need of " + f + " was set aside: less than is of use to it was left.";
        case exchange::MoreReason::grants:
            return m + " got more of non-rival offers: " + against(more.granted, fewer.granted) +
                   ".";
        case exchange::MoreReason::by_the_rule:
            break;
    }
    return "The rule divided so.";
}

void print_reason(const exchange::Comparison& comparison, exchange::MoreReason reason,
                  const exchange::ComparedMember& more, const exchange::ComparedMember& fewer) {
    print_line(reason_text(reason, more, fewer));
    const bool is_access = reason == exchange::MoreReason::no_access;
    if (!is_access && reason != exchange::MoreReason::grants) return;
    const auto& obstacles = is_access ? comparison.obstacles : comparison.grant_obstacles;
    for (const exchange::Obstacle& obstacle : obstacles) print_line(obstacle_text(obstacle));
    const std::uint32_t others =
        is_access ? comparison.obstacles_not_named : comparison.grant_obstacles_not_named;
    if (others > 0) print_line("  and " + std::to_string(others) + " other offers");
    if (!is_access || comparison.blocked_by.empty()) return;
    std::string restrictions;
    for (const auto& citation : comparison.blocked_by) {
        restrictions += restrictions.empty() ? "" : ", ";
        restrictions += citation.restriction.text();
        restrictions += " of ";
        restrictions += citation.issuer.text();
    }
    print_line("Restrictions that its open needs met: " + restrictions + ".");
}

void print_comparison(const exchange::Comparison& comparison) {
    Table table{.headings = {"asked", "got", "of non-rival", "weight", "carried over", "level",
                             "place", "member"},
                .rows = {}};
    for (const auto* row : {&comparison.first, &comparison.second}) {
        table.rows.push_back({std::to_string(row->asked), std::to_string(row->units),
                              std::to_string(row->granted), std::to_string(row->weight),
                              std::to_string(row->carry_over),
                              row->level ? row->level->text() : "-",
                              std::to_string(row->lottery_rank), row->member.text()});
    }
    print_line(table.text());
    if (!comparison.more) return print_line("Both got the same number of units.");
    const bool is_first = *comparison.more == comparison.first.member;
    const auto& more = is_first ? comparison.first : comparison.second;
    const auto& fewer = is_first ? comparison.second : comparison.first;
    print_line(more.member.text() + " got " + units(more.units - fewer.units) + " more.");
    for (const exchange::MoreReason reason : comparison.reasons) {
        print_reason(comparison, reason, more, fewer);
    }
    if (comparison.last_turn && comparison.next_turn) {
        print_line("The last unit of " + more.member.text() + " took it " +
                   turn_text(*comparison.last_turn) + "; the next one of " + fewer.member.text() +
                   " would take it " + turn_text(*comparison.next_turn) +
                   ", which comes later by the rounding.");
    }
}

Result<> why_more(Session& session, const RoundArguments& a) {
    const auto round = TRY(parsed<exchange::RoundId>("round", a.round));
    const auto first = TRY(parsed<institution::MemberId>("member", a.first));
    const auto second = TRY(parsed<institution::MemberId>("member", a.second));
    const state::State state = TRY(replayed(session, a));
    const exchange::Comparison comparison =
        TRY(exchange::compare(state.exchange, round, first, second));
    if (session.json) {
        print(codec::to_value(comparison), true);
    } else {
        print_comparison(comparison);
    }
    return {};
}

}  // namespace

void add_drawn_round_commands(CLI::App& allocation, Session& session) {
    const auto a = std::make_shared<RoundArguments>();
    const auto add = [&](const std::string& verb, const std::string& help) {
        auto* command = allocation.add_subcommand(verb, help);
        command->add_option("record", a->from, "Folder or address of the record")->required();
        command->add_option("round", a->round, "Id of the round")->required();
        command->add_option("--trust", a->trust, "The record's key as you know it");
        return command;
    };
    add("price", "What a drawn round would give without each condition, for every issuer alike")
        ->callback(
            [&session, a] { session.action = [&session, a] { return price(session, *a); }; });

    auto* compared = add("why-more", "Why one of two members got more than the other in a round");
    compared->add_option("first", a->first, "A member")->required();
    compared->add_option("second", a->second, "Another one")->required();
    compared->callback(
        [&session, a] { session.action = [&session, a] { return why_more(session, *a); }; });
}

}  // namespace comity::cli
