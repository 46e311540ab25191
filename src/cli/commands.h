// SPDX-License-Identifier: Apache-2.0
#pragma once

// The commands of comity, by theme. Each adds its nouns and verbs to the parser; a verb's callback
// sets Session::action, which main runs.

#include <CLI/CLI.hpp>

#include "cli/session.h"

namespace comity::cli {

void add_key_commands(CLI::App& app, Session& session);
void add_register_commands(CLI::App& app, Session& session);    // institution, member, mandate
void add_decide_commands(CLI::App& app, Session& session);      // motion, position
void add_rules_commands(CLI::App& app, Session& session);       // restriction
void add_exchange_commands(CLI::App& app, Session& session);    // need, offer, round, delivery
void add_proof_commands(CLI::App& app, Session& session);       // receipt, verify, audit, …
void add_allocation_commands(CLI::App& app, Session& session);  // allocation
void add_observe_commands(CLI::App& app, Session& session);     // observe
void add_lottery_commands(CLI::App& app, Session& session);     // lottery
/// Below `allocation`: questions to a drawn round.
void add_drawn_round_commands(CLI::App& allocation, Session& session);

/// Adds `noun show ID`: one thing of the node's collection.
inline void add_showing(CLI::App& noun, Session& session, const Report& report,
                        const std::string& help = "Show one") {
    auto* one = noun.add_subcommand("show", help);
    auto name = std::make_shared<std::string>();
    one->add_option("id", *name, "Its id")->required();
    one->callback([&session, report, name] {
        session.action = [&session, report, name] {
            return show(session, "/api/v1/" + std::string(report.collection) + "/" + encoded(*name),
                        report.facts);
        };
    });
}

/// Adds `noun list` and `noun show ID`.
inline void add_reading(CLI::App& noun, Session& session, const Report& report) {
    noun.add_subcommand("list", "List all")->callback([&session, report] {
        session.action = [&session, report] { return list(session, report); };
    });
    add_showing(noun, session, report);
}

/// Adds `noun verb FILE`: signs the JSON of a file as a statement of `type`.
inline CLI::App* add_submitting(CLI::App& noun, Session& session, const std::string& verb,
                                const std::string& help, const std::string& type) {
    auto* command = noun.add_subcommand(verb, help);
    auto file = std::make_shared<std::string>();
    command
        ->add_option(
            "file", *file,
            "JSON of the payload; - reads standard input. Its schema: comity schema " + type)
        ->required();
    command->callback([&session, type, file] {
        session.action = [&session, type, file] { return submit_file(session, type, *file); };
    });
    return command;
}

}  // namespace comity::cli
