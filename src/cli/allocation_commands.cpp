// SPDX-License-Identifier: Apache-2.0
//
// comity allocation: the engine by itself, on instances in files (docs/spec/allocation.md).

#include <algorithm>

#include "cli/answer.h"
#include "cli/commands.h"
#include "cli/source.h"
#include "codec/json.h"
#include "exchange/allocation_explanation.h"
#include "exchange/instance_generator.h"
#include "exchange/instance_json.h"
#include "exchange/what_if.h"
#include "rules/screening_index.h"
#include "state/audit.h"
#include "state/described.h"

namespace comity::cli {
namespace {

struct AllocationArguments {
    std::string instance;
    std::string solution;
    std::string certificate;
    std::string from;
    std::string round;
    std::string rule;
    std::vector<std::string> rules;
    std::vector<std::string> tables;
    std::string costs;
    std::string trust;
    unsigned threads = 1;
    exchange::InstanceShape shape;
};

Result<exchange::AllocationRule> rule_from(const std::string& file) {
    const std::string json = TRY(read_file(file));
    return exchange::read_rule(TRY(codec::parse_json(json)));
}

/// The instances of a file, under the rule that the command names, if it names one.
Result<std::vector<exchange::NamedInstance>> instances_of(const AllocationArguments& a) {
    const std::string json = TRY(read_file(a.instance));
    auto instances = TRY(exchange::parse_instances(json));
    if (a.rule.empty()) return instances;
    const exchange::AllocationRule rule = TRY(rule_from(a.rule));
    for (exchange::NamedInstance& named : instances) named.rule = rule;
    return instances;
}

/// One instance gives its solution; several give an array, in their order.
Result<codec::Value> solve_all(const AllocationArguments& a) {
    const auto instances = TRY(instances_of(a));
    codec::Array solutions;
    for (const exchange::NamedInstance& named : instances) {
        auto solved = exchange::solve(named, a.threads);
        if (!solved) {
            Error error = std::move(solved).error();
            if (!named.name.empty()) error.message = named.name + ": " + error.message;
            return error;
        }
        solutions.push_back(exchange::solution(named, *solved));
    }
    if (solutions.size() == 1) return std::move(solutions.front());
    return codec::Value{std::move(solutions)};
}

Result<> solve(const Session& session, const AllocationArguments& a) {
    const codec::Value solutions = TRY(solve_all(a));
    if (!a.certificate.empty()) {
        TRY(write_file(a.certificate, codec::write_json_pretty(solutions) + "\n"));
    }
    print(solutions, session.json);
    return {};
}

/// One document for each of `count` instances; a single one may stand without an array.
Result<codec::Array> documents_of(const std::string& file, std::size_t count) {
    const std::string json = TRY(read_file(file));
    codec::Value document =
        TRY(codec::parse_json(json, {.bytes_max = exchange::instances_bytes_max, .depth_max = 32}));
    if (count == 1 && !std::holds_alternative<codec::Array>(document.data)) {
        document = codec::Value{codec::Array{std::move(document)}};
    }
    auto* documents = std::get_if<codec::Array>(&document.data);
    if (documents == nullptr || documents->size() != count) {
        return Error{
            Code::invalid, "cli/solutions-differ",
            "There must be one solution for each of the " + std::to_string(count) + " instances."};
    }
    return std::move(*documents);
}

/// The certificates of a file of their own, in place of those that the solutions have.
Result<> put_certificates(const std::string& file, codec::Array& solutions) {
    const codec::Array certificates = TRY(documents_of(file, solutions.size()));
    for (std::size_t i = 0; i < solutions.size(); ++i) {
        auto* solution = std::get_if<codec::Object>(&solutions[i].data);
        const auto* holder = certificates[i].as<codec::Object>();
        if (solution == nullptr || holder == nullptr || !holder->contains("certificate")) {
            return Error{Code::invalid, "cli/no-certificate",
                         "The file of certificates must hold an object with \"certificate\" for "
                         "each solution."};
        }
        (*solution)["certificate"] = holder->at("certificate");
    }
    return {};
}

Result<> check(Session& session, const AllocationArguments& a) {
    const auto instances = TRY(instances_of(a));
    codec::Array solutions = TRY(documents_of(a.solution, instances.size()));
    if (!a.certificate.empty()) TRY(put_certificates(a.certificate, solutions));
    session.verification = true;
    for (std::size_t i = 0; i < instances.size(); ++i) {
        auto checked = exchange::check_solution(instances[i], solutions[i]);
        if (!checked) {
            Error error = std::move(checked).error();
            if (!instances[i].name.empty())
                error.message = instances[i].name + ": " + error.message;
            return error;
        }
    }
    print_line("Every allocation is lawful and optimal: " + std::to_string(instances.size()) +
               " checked.");
    return {};
}

/// An instance under its rule, and what came of it: what sentences are made from.
struct Solved {
    const exchange::NamedInstance& named;
    const exchange::RuledPool& ruled;
    const exchange::Division& division;

    const exchange::AllocationMember& member(exchange::Index m) const {
        return ruled.pool.instance.members[m];
    }
    std::string level(exchange::Index m) const {
        return exchange::lowest_terms(member(m).carry_over + division.allocation().totals[m],
                                      member(m).weight)
            .text();
    }
    std::string named_level(exchange::Index m) const {
        return member(m).name + " at level " + level(m);
    }
};

/// Why a need did not get all that it asked, as a sentence.
std::string sentence(const Solved& solved, exchange::Index need,
                     const exchange::NeedExplanation& explanation) {
    const exchange::Index owner = solved.named.instance.needs[need].owner;
    const exchange::Index holder = explanation.holder.value_or(owner);
    const std::string stands = "its member stands at level " + solved.level(owner);
    switch (explanation.outcome) {
        case exchange::NeedOutcome::met_in_full:
            return "It got all that it asked.";
        case exchange::NeedOutcome::no_offer:
            return "The pool holds no units.";
        case exchange::NeedOutcome::none_lawful:
            return "No offer with units is lawful for it.";
        case exchange::NeedOutcome::member_cap:
            return "Its member has the " + std::to_string(solved.member(owner).cap) +
                   " units that its cap allows.";
        case exchange::NeedOutcome::floor_first:
            return "A floor comes first: " + solved.named_level(holder) +
                   " keeps what it could use, while " + stands + ".";
        case exchange::NeedOutcome::below_minimum:
            return "Fewer units than are of use to it were left, so it was set aside.";
        case exchange::NeedOutcome::earlier_stage:
            return "An earlier tier or choice comes first: " + solved.named_level(holder) +
                   " keeps what it could use, while " + stands + ".";
        case exchange::NeedOutcome::no_better_off:
            break;
    }
    if (holder == owner) {
        return "Nobody that holds what it could lawfully use comes after its member, which stands "
               "at level " +
               solved.level(owner) + ".";
    }
    return "Of those that hold what it could lawfully use, the last to be served is " +
           solved.named_level(holder) + ", whose last unit came before the next one here; " +
           stands + ".";
}

std::string help_text(const Solved& solved) {
    constexpr std::size_t shown_max = 5;
    const exchange::Help help = exchange::what_would_help(
        solved.ruled.pool.instance, solved.ruled.rule.rounding, solved.division.allocation());
    if (!help.member) return "Nobody wants more that an offer of this pool could give.";
    std::string offers;
    for (std::size_t i = 0; i < std::min(shown_max, help.offers.size()); ++i) {
        offers.append(offers.empty() ? "" : ", ").append(solved.named.offers[help.offers[i]]);
    }
    if (help.offers.size() > shown_max) {
        offers += " and " + std::to_string(help.offers.size() - shown_max) + " others";
    }
    return "What would help the worst-off: one unit more of " + offers + " would go to " +
           solved.member(*help.member).name + ".";
}

/// Why each need got what it got; all of it follows from the certificate.
Result<> explain(const Session& session, const AllocationArguments& a) {
    for (const exchange::NamedInstance& named : TRY(instances_of(a))) {
        const exchange::Solution solution = TRY(exchange::solve(named, a.threads));
        if (session.json) {
            print(exchange::solution(named, solution), true);
            continue;
        }
        const exchange::RuledPool ruled = TRY(exchange::under_rule(named));
        const Solved solved{named, ruled, solution.division};
        if (!named.name.empty()) print_line(named.name);
        for (exchange::Index need = 0; need < solution.reasons.size(); ++need) {
            const exchange::AllocationNeed& asked = named.instance.needs[need];
            const exchange::NeedExplanation& reason = solution.reasons[need];
            std::string line = named.needs[need];
            line.append(" of ").append(named.instance.members[asked.owner].name);
            line.append(": ").append(std::to_string(reason.given));
            line.append(" of ").append(std::to_string(asked.quantity)).append(". ");
            print_line(line.append(sentence(solved, need, reason)));
        }
        // With several stages, what would help is not read off one certificate.
        if (solution.division.stages.size() == 1 && solution.division.dropped.empty()) {
            print_line(help_text(solved));
        }
    }
    return {};
}

std::string outcome_text(const std::optional<exchange::Outcome>& outcome) {
    if (!outcome) return "not listed";
    return std::to_string(outcome->units) + " (" + outcome->level.text() + ")";
}

/// What members should know of a rule before they adopt it; the same words as the pages'.
std::string_view text_of(exchange::RuleWarning warning) {
    switch (warning) {
        case exchange::RuleWarning::asking_more_pays:
            return "Under this rule a member gains by asking for more than it needs.";
        case exchange::RuleWarning::smallest_first:
            return "Where there are few units, this rule gives them to the smallest weights first.";
        case exchange::RuleWarning::luck_decides:
            return "Under this rule the lottery alone decides; the first may take all.";
        case exchange::RuleWarning::terms_can_be_played:
            return "Under this rule it may pay to state other choices or least quantities than the "
                   "true ones.";
        case exchange::RuleWarning::worse_off_may_wait:
            return "A floor, a cap or a tier of this rule may serve a better-off member before a "
                   "worse-off one.";
    }
    return "";
}

/// Puts a draft table of costs under each draft rule, which then asks for pairs of least cost.
Result<> put_costs(const std::string& file, std::vector<exchange::DraftRule>& drafts) {
    const std::string json = TRY(read_file(file));
    const auto table = TRY(codec::from_json<exchange::CostTable>(json));
    for (exchange::DraftRule& draft : drafts) {
        draft.costs = table;
        exchange::LeastCost least = draft.rule.least_cost.value_or(exchange::LeastCost{});
        least.table = table.id;
        draft.rule.least_cost = std::move(least);
    }
    return {};
}

/// The drafts of a command: each rule with each table of weights, or alone.
Result<std::vector<exchange::DraftRule>> drafts_of(const AllocationArguments& a) {
    std::vector<exchange::DraftRule> drafts;
    for (const std::string& file : a.rules) {
        const exchange::AllocationRule rule = TRY(rule_from(file));
        if (a.tables.empty()) drafts.push_back({.rule = rule, .weights = {}});
        for (const std::string& table : a.tables) {
            const std::string json = TRY(read_file(table));
            exchange::DraftRule draft{.rule = rule, .weights = {}};
            draft.weights = TRY(codec::from_json<exchange::WeightTable>(json));
            if (const auto& weights = draft.weights) draft.rule.weights = weights->id;
            drafts.push_back(std::move(draft));
        }
    }
    if (!a.costs.empty()) TRY(put_costs(a.costs, drafts));
    return drafts;
}

std::string name_of(const exchange::AllocationRule& rule) {
    std::string name = rule.id.text();
    if (const auto& table = rule.weights) name.append(" by ").append(table->text());
    return name;
}

/// Members down, rules across: units, and in brackets the level.
void print_comparisons(const std::vector<exchange::RuleComparison>& comparisons) {
    const exchange::RuleComparison& first = comparisons.front();
    Table table{.headings = {"member", "asked", "present"}, .rows = {}};
    for (std::size_t draft = 0; draft < comparisons.size(); ++draft) {
        table.headings.push_back("draft " + std::to_string(draft + 1));
    }
    for (std::size_t m = 0; m < first.members.size(); ++m) {
        const exchange::MemberComparison& row = first.members[m];
        std::vector<std::string> cells = {row.member.text(), std::to_string(row.asked),
                                          outcome_text(row.present)};
        cells.reserve(cells.size() + comparisons.size());
        for (const exchange::RuleComparison& comparison : comparisons) {
            cells.push_back(outcome_text(comparison.members[m].draft));
        }
        table.rows.push_back(std::move(cells));
    }
    print_line("Units, and in brackets the level: what a member holds by weight.");
    print_line(table.text());
    const auto summary = [](const exchange::RuleOutcome& outcome) {
        return std::to_string(outcome.units) + " units; with nothing " +
               std::to_string(outcome.members_with_nothing) + ", not listed " +
               std::to_string(outcome.members_unlisted) + "; smallest level " +
               (outcome.smallest_level ? outcome.smallest_level->text() : "-");
    };
    print_line("Present: " + name_of(first.present_rule) + ". " + summary(first.present) + ".");
    for (std::size_t draft = 0; draft < comparisons.size(); ++draft) {
        const exchange::RuleComparison& comparison = comparisons[draft];
        std::string line = "Draft " + std::to_string(draft + 1) + ": ";
        line.append(name_of(comparison.draft_rule)).append(". ");
        print_line(line.append(summary(comparison.draft)).append("."));
        for (const exchange::RuleWarning warning : comparison.warnings) {
            print_line(std::string("  Note: ").append(text_of(warning)));
        }
    }
}

/// Replays the record first, so that nobody has to believe the host what the round was.
Result<> what_if(Session& session, const AllocationArguments& a) {
    const auto round = TRY(parsed<exchange::RoundId>("round", a.round));
    const std::vector<exchange::DraftRule> drafts = TRY(drafts_of(a));
    const auto trusted = TRY(trusted_key(a.trust));
    const Source source = TRY(open_source(a.from));
    const state::AuditReport report = TRY(audited(session, source, trusted));
    const state::State& state = report.state;
    const exchange::Screen screen = rules::ScreeningByDay(state.rules);
    std::vector<exchange::RuleComparison> comparisons;
    comparisons.reserve(drafts.size());
    for (const exchange::DraftRule& draft : drafts) {
        comparisons.push_back(
            TRY(exchange::what_if(state.exchange, state.institution, screen, round, draft)));
    }
    if (session.json) {
        codec::Array all;
        for (const exchange::RuleComparison& comparison : comparisons) {
            all.push_back(codec::to_value(comparison));
        }
        print(all.size() == 1 ? std::move(all.front()) : codec::Value{std::move(all)}, true);
        return {};
    }
    say_demonstration(state.institution.founding.demonstration);
    print_comparisons(comparisons);
    return {};
}

/// Generated instances have no names: members, needs and offers are numbered.
Result<> generate(const AllocationArguments& a) {
    const exchange::AllocationInstance instance = exchange::generate_instance(a.shape);
    exchange::NamedInstance named;
    named.instance = instance;
    const auto number = [](char kind, std::size_t i) {
        const std::string digits = std::to_string(i + 1);
        return kind + std::string(digits.size() < 9 ? 9 - digits.size() : 0, '0') + digits;
    };
    for (std::size_t i = 0; i < instance.needs.size(); ++i) named.needs.push_back(number('n', i));
    for (std::size_t i = 0; i < instance.offers.size(); ++i) named.offers.push_back(number('o', i));
    print_line(codec::write_json(exchange::to_value(named)));
    return {};
}

void add_rule_option(CLI::App& command, AllocationArguments& a) {
    command.add_option(
        "--rule", a.rule,
        "JSON of the rule, as a motion adopts it (data/rules); what it leaves out is "
        "not part of it. Without it, members and rounding of the instance say all");
}

}  // namespace

void add_allocation_commands(CLI::App& app, Session& session) {
    const auto a = std::make_shared<AllocationArguments>();
    auto* noun = app.add_subcommand("allocation", "Solve, check and generate allocation instances");
    noun->require_subcommand(1);

    auto* solve_one = noun->add_subcommand(
        "solve", "Allocate: exact fractions (r), whole units, and the certificate");
    solve_one
        ->add_option("instance", a->instance,
                     "JSON of one instance or of an array of them; - reads standard input")
        ->required();
    solve_one->add_option("--certificate", a->certificate, "Also write the solution to this file");
    solve_one->add_option("--threads", a->threads, "The result is the same for any number")
        ->check(CLI::Range(1, 64));
    add_rule_option(*solve_one, *a);
    solve_one->callback(
        [&session, a] { session.action = [&session, a] { return solve(session, *a); }; });

    auto* check_one = noun->add_subcommand(
        "check", "Check a solution by its certificate (exit code 6: it does not hold)");
    check_one->add_option("instance", a->instance, "The instances")->required();
    check_one->add_option("solution", a->solution, "What solve printed with --json")->required();
    check_one->add_option("certificate", a->certificate,
                          "A file with the certificate, in place of the one in the solution");
    add_rule_option(*check_one, *a);
    check_one->callback(
        [&session, a] { session.action = [&session, a] { return check(session, *a); }; });

    auto* explained = noun->add_subcommand(
        "explain", "Why each need got what it got, and what would help the worst-off");
    explained->add_option("instance", a->instance, "The instances")->required();
    add_rule_option(*explained, *a);
    explained->callback(
        [&session, a] { session.action = [&session, a] { return explain(session, *a); }; });

    auto* tried = noun->add_subcommand(
        "what-if", "A draft rule on an open or past round, member by member; enters nothing");
    tried->add_option("record", a->from, "Folder or address of the record")->required();
    tried->add_option("round", a->round, "Id of the round")->required();
    tried
        ->add_option("--rule", a->rules,
                     "JSON of a draft (data/rules; comity schema exchange.adopt_rule); - reads "
                     "standard input; several stand side by side")
        ->required();
    tried->add_option(
        "--weights", a->tables,
        "JSON of a draft table of weights (comity schema exchange.adopt_weights), put "
        "under each rule; several stand side by side");
    tried->add_option(
        "--costs", a->costs,
        "JSON of a draft table of costs (comity schema exchange.adopt_costs), put under each rule, "
        "which then asks for pairs of least cost");
    tried->add_option("--trust", a->trust, "The record's key as you know it");
    tried->callback(
        [&session, a] { session.action = [&session, a] { return what_if(session, *a); }; });

    add_drawn_round_commands(*noun, session);

    auto* generated =
        noun->add_subcommand("generate", "Print a random instance, the same for a seed");
    generated->add_option("--seed", a->shape.seed, "Seed");
    generated->add_option("--members", a->shape.members, "Members");
    generated->add_option("--offers", a->shape.offers, "Offers");
    generated->add_option("--needs", a->shape.needs, "Needs");
    generated->add_flag("--by-class", a->shape.by_class,
                        "Needs of a member and kind share a list of lawful offers");
    generated->callback([&session, a] { session.action = [a] { return generate(*a); }; });
}

}  // namespace comity::cli
