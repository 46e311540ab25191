// SPDX-License-Identifier: Apache-2.0
//
// comity allocation: the engine by itself, on instances in files (docs/spec/allocation.md).

#include "cli/commands.h"
#include "codec/json.h"
#include "exchange/instance_generator.h"
#include "exchange/instance_json.h"

namespace comity::cli {
namespace {

struct AllocationArguments {
    std::string instance;
    std::string solution;
    std::string certificate;
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
    session.verification = true;
    codec::Value document = TRY(codec::parse_json(
        solution_json, {.bytes_max = exchange::instances_bytes_max, .depth_max = 32}));
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

    auto* generated =
        noun->add_subcommand("generate", "Print a random instance, the same for a seed");
    generated->add_option("--seed", a->shape.seed, "Seed");
    generated->add_option("--members", a->shape.members, "Members");
    generated->add_option("--offers", a->shape.offers, "Offers");
    generated->add_option("--needs", a->shape.needs, "Needs");
    generated->callback([&session, a] { session.action = [a] { return generate(*a); }; });
}

}  // namespace comity::cli
