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
    std::string weights;
    std::string trust;
    unsigned threads = 1;
    exchange::InstanceShape shape;
};

/// One instance gives its solution; several give an array, in their order.
Result<codec::Value> solve_all(const AllocationArguments& a) {
    const std::string json = TRY(read_file(a.instance));
    const auto instances = TRY(exchange::parse_instances(json));
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

Result<> check(Session& session, const AllocationArguments& a) {
    const std::string instance_json = TRY(read_file(a.instance));
    const std::string solution_json = TRY(read_file(a.solution));
    const auto instances = TRY(exchange::parse_instances(instance_json));
    codec::Value document = TRY(codec::parse_json(
        solution_json, {.bytes_max = exchange::instances_bytes_max, .depth_max = 32}));
    session.verification = true;
    if (instances.size() == 1 && !std::holds_alternative<codec::Array>(document.data)) {
        document = codec::Value{codec::Array{std::move(document)}};
    }
    const auto* solutions = std::get_if<codec::Array>(&document.data);
    if (solutions == nullptr || solutions->size() != instances.size()) {
        return Error{Code::invalid, "cli/solutions-differ",
                     "There must be one solution for each of the " +
                         std::to_string(instances.size()) + " instances."};
    }
    for (std::size_t i = 0; i < instances.size(); ++i) {
        auto checked = exchange::check_solution(instances[i], (*solutions)[i]);
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

std::string level_text(const exchange::AllocationInstance& instance,
                       const exchange::Allocation& allocation, exchange::Index member) {
    const exchange::AllocationMember& m = instance.members[member];
    return exchange::lowest_terms(m.carry_over + allocation.totals[member], m.weight).text();
}

/// Why a need did not get all that it asked, as a sentence.
std::string sentence(const exchange::NamedInstance& named, const exchange::Allocation& allocation,
                     exchange::Index need, const exchange::NeedExplanation& explanation) {
    const exchange::AllocationInstance& instance = named.instance;
    const exchange::Index owner = instance.needs[need].owner;
    const auto named_level = [&](exchange::Index member) {
        return instance.members[member].name + " at level " +
               level_text(instance, allocation, member);
    };
    switch (explanation.outcome) {
        case exchange::NeedOutcome::met_in_full:
            return "It got all that it asked.";
        case exchange::NeedOutcome::no_offer:
            return "The pool holds no units.";
        case exchange::NeedOutcome::none_lawful:
            return "No offer with units is lawful for it.";
        case exchange::NeedOutcome::member_cap:
            return "Its member has the " + std::to_string(instance.members[owner].cap) +
                   " units that its cap allows.";
        case exchange::NeedOutcome::floor_first:
            return "A floor comes first: " + named_level(explanation.holder.value_or(owner)) +
                   " keeps what it could use, while its member stands at level " +
                   level_text(instance, allocation, owner) + ".";
        case exchange::NeedOutcome::no_better_off:
            break;
    }
    const std::string at = "Its member stands at level " + level_text(instance, allocation, owner);
    if (explanation.holder == owner) {
        return at + ", and nobody that holds what it could lawfully use comes after it.";
    }
    return at + "; of those that hold what it could lawfully use, the highest is " +
           named_level(explanation.holder.value_or(owner)) +
           ", whose last unit came before the next one here.";
}

std::string help_text(const exchange::NamedInstance& named,
                      const exchange::Allocation& allocation) {
    constexpr std::size_t shown_max = 5;
    const exchange::Help help =
        exchange::what_would_help(named.instance, named.rounding, allocation);
    if (!help.member) return "Nobody wants more that an offer of this pool could give.";
    std::string offers;
    for (std::size_t i = 0; i < std::min(shown_max, help.offers.size()); ++i) {
        offers += (offers.empty() ? "" : ", ") + named.offers[help.offers[i]];
    }
    if (help.offers.size() > shown_max) {
        offers += " and " + std::to_string(help.offers.size() - shown_max) + " others";
    }
    return "What would help the worst-off: one unit more of " + offers + " would go to " +
           named.instance.members[*help.member].name + ".";
}

/// Why each need got what it got; all of it follows from the certificate.
Result<> explain(const Session& session, const AllocationArguments& a) {
    const std::string json = TRY(read_file(a.instance));
    for (const exchange::NamedInstance& named : TRY(exchange::parse_instances(json))) {
        const exchange::Solution solved = TRY(exchange::solve(named, a.threads));
        if (session.json) {
            print(exchange::solution(named, solved), true);
            continue;
        }
        if (!named.name.empty()) print_line(named.name);
        const auto explanations =
            exchange::explain(named.instance, named.rounding, solved.allocation);
        for (exchange::Index need = 0; need < explanations.size(); ++need) {
            const exchange::AllocationNeed& asked = named.instance.needs[need];
            print_line(named.needs[need] + " of " + named.instance.members[asked.owner].name +
                       ": " + std::to_string(explanations[need].given) + " of " +
                       std::to_string(asked.quantity) + ". " +
                       sentence(named, solved.allocation, need, explanations[need]));
        }
        print_line(help_text(named, solved.allocation));
    }
    return {};
}

std::string outcome_text(const std::optional<exchange::Outcome>& outcome) {
    return outcome ? std::to_string(outcome->units) : "-";
}

std::string level_of(const std::optional<exchange::Outcome>& outcome) {
    return outcome ? outcome->level.text() : "-";
}

std::string change_text(const exchange::MemberComparison& row) {
    if (!row.present || !row.draft) return row.present ? "not listed" : "listed";
    const std::int64_t more = row.draft->units - row.present->units;
    return (more > 0 ? "+" : "") + std::to_string(more);
}

void print_comparison(const exchange::RuleComparison& comparison) {
    Table table{.headings = {"asked", "present", "draft", "change", "present level", "draft level",
                             "member"},
                .rows = {}};
    for (const exchange::MemberComparison& row : comparison.members) {
        table.rows.push_back({std::to_string(row.asked), outcome_text(row.present),
                              outcome_text(row.draft), change_text(row), level_of(row.present),
                              level_of(row.draft), row.member.text()});
    }
    print_line(table.text());
    const auto summary = [](const exchange::RuleOutcome& outcome) {
        return std::to_string(outcome.units) + " units; with nothing " +
               std::to_string(outcome.members_with_nothing) + ", not listed " +
               std::to_string(outcome.members_unlisted) + "; smallest level " +
               (outcome.smallest_level ? outcome.smallest_level->text() : "-");
    };
    print_line("Present rule: " + summary(comparison.present));
    print_line("Draft:        " + summary(comparison.draft));
}

/// Replays the record first, so that nobody has to believe the host what the round was.
Result<> what_if(Session& session, const AllocationArguments& a) {
    const auto round = TRY(parsed<exchange::RoundId>("round", a.round));
    const std::string rule_json = TRY(read_file(a.rule));
    exchange::DraftRule draft{.rule = TRY(codec::from_json<exchange::AllocationRule>(rule_json)),
                              .weights = {}};
    if (!a.weights.empty()) {
        const std::string weights_json = TRY(read_file(a.weights));
        draft.weights = TRY(codec::from_json<exchange::WeightTable>(weights_json));
    }
    const auto trusted = TRY(trusted_key(a.trust));
    const Source source = TRY(open_source(a.from));
    const state::AuditReport report = TRY(audited(session, source, trusted));
    const state::State& state = report.state;
    const exchange::Screen screen = rules::ScreeningByDay(state.rules);
    const exchange::RuleComparison comparison =
        TRY(exchange::what_if(state.exchange, state.institution, screen, round, draft));
    if (session.json) {
        print(codec::to_value(comparison), true);
        return {};
    }
    say_demonstration(state.institution.founding.demonstration);
    print_comparison(comparison);
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
    solve_one->callback(
        [&session, a] { session.action = [&session, a] { return solve(session, *a); }; });

    auto* check_one = noun->add_subcommand(
        "check", "Check a solution by its certificate (exit code 6: it does not hold)");
    check_one->add_option("instance", a->instance, "The instances")->required();
    check_one->add_option("solution", a->solution, "What solve printed with --json")->required();
    check_one->callback(
        [&session, a] { session.action = [&session, a] { return check(session, *a); }; });

    auto* explained = noun->add_subcommand(
        "explain", "Why each need got what it got, and what would help the worst-off");
    explained->add_option("instance", a->instance, "The instances")->required();
    explained->callback(
        [&session, a] { session.action = [&session, a] { return explain(session, *a); }; });

    auto* tried = noun->add_subcommand(
        "what-if", "A draft rule on an open or past round, member by member; enters nothing");
    tried->add_option("record", a->from, "Folder or address of the record")->required();
    tried->add_option("round", a->round, "Id of the round")->required();
    tried
        ->add_option("--rule", a->rule,
                     "JSON of the draft: comity schema exchange.adopt_rule; - reads standard input")
        ->required();
    tried->add_option("--weights", a->weights,
                      "JSON of a draft table of weights: comity schema exchange.adopt_weights");
    tried->add_option("--trust", a->trust, "The record's key as you know it");
    tried->callback(
        [&session, a] { session.action = [&session, a] { return what_if(session, *a); }; });

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
