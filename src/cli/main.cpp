// SPDX-License-Identifier: Apache-2.0
//
// comity: what delegates, the secretariat, providers, receivers and auditors do from a terminal.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "base/language.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "codec/json.h"
#include "state/effects.h"

namespace comity::cli {
namespace {

constexpr const char* introduction =
    "From a need to a confirmed benefit, on a record that nobody can rewrite.\n"
    "\n"
    "Examples:\n"
    "  comity need list --url http://127.0.0.1:8080\n"
    "  comity need file lso-training --title \"Training places\" --unit training-place --quantity "
    "40 \\\n"
    "      --destination LSO --end-use education --from 2026-09-01 --until 2027-09-01 \\\n"
    "      --key delegate.pem --as lso\n"
    "  comity receipt get 57 --wait 90 --out receipt.json && comity verify receipt.json\n"
    "  comity audit http://127.0.0.1:8080\n";

constexpr const char* closing =
    "Exit codes: 0 done, 1 failed, 2 bad input, 3 not found, 4 not permitted,\n"
    "5 conflict or too late, 6 verification failed, 7 network.\n"
    "Start a demonstration with: comityd demo";

void add_schema_command(CLI::App& app, Session& session) {
    auto* schema = app.add_subcommand(
        "schema", "JSON Schema of a statement's payload or of a motion's effect");
    auto type = std::make_shared<std::string>();
    schema->add_option("type", *type, "For example exchange.need; absent: list the types");
    schema->callback([&session, type] {
        session.action = [type]() -> Result<> {
            if (type->empty()) {
                for (const std::string_view name : state::statement_types()) print_line(name);
                for (const std::string_view kind : state::effect_kinds()) {
                    print_line(std::string(kind) + "  (effect of a motion)");
                }
                return {};
            }
            auto found = state::payload_schema(*type);
            if (!found) {
                if (auto of_effect = state::effect_schema(*type)) found = std::move(of_effect);
            }
            print(TRY(std::move(found)), true);
            return {};
        };
    });
}

void add_options(CLI::App& app, Session& session) {
    app.add_option("--url", session.url, "The node")->envname("COMITY_URL")->capture_default_str();
    app.add_option("--key", session.key_file, "Your key, a PEM file")->envname("COMITY_KEY");
    app.add_option("--as", session.member, "The party whose key it is")->envname("COMITY_MEMBER");
    app.add_option("--language", session.language,
                   "Language of texts; absent: en for those that you give, for others the locale's")
        ->check([](const std::string& tag) {
            const auto known = LanguageTag::parse(tag);
            return known ? std::string() : known.error().message;
        });
    app.add_flag("--json", session.json, "Print JSON, for what is read as the node gives it");
    app.add_flag("--dry-run", session.dry_run, "Print what would be signed, and stop");
    app.set_version_flag("--version", std::string("comity ") + COMITY_VERSION);
    // Options may stand after the verb, where people write them.
    app.fallthrough();
    for (CLI::App* noun : app.get_subcommands({})) {
        noun->fallthrough();
        for (CLI::App* verb : noun->get_subcommands({})) verb->fallthrough();
    }
}

/// What the environment says of the language of messages, in the order of POSIX.
std::string locale_of_terminal() {
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
        // Read once, before any thread starts.
        const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
        if (value != nullptr && *value != '\0') return value;
    }
    return {};
}

int fail(const Session& session, const Error& error) {
    const int code =
        session.verification ? ExitCode::verification_failed : exit_code_of(error.code);
    if (session.json) {
        print(codec::Value{codec::Object{{"error", {std::string(error.reason)}},
                                         {"message", {error.message}}}},
              true);
    } else {
        note((session.verification ? "Does not verify. " : "") + error.message);
    }
    return code;
}

/// The first word that is no command, where one was expected; empty when there is none.
std::string unknown_word(const CLI::App& app, int argc, char** argv) {
    const CLI::App* at = &app;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word.starts_with("-")) return {};
        const auto verbs = at->get_subcommands([](const CLI::App*) { return true; });
        if (verbs.empty()) return {};
        const auto found = std::find_if(verbs.begin(), verbs.end(), [&](const CLI::App* verb) {
            return verb->get_name() == word;
        });
        if (found == verbs.end()) {
            std::string said = "There is no command ";
            said.append(word).append("; known: ");
            for (const CLI::App* verb : verbs) {
                said.append(verb == verbs.front() ? "" : ", ").append(verb->get_name());
            }
            return said.append(".");
        }
        at = *found;
    }
    return {};
}

int run(int argc, char** argv) {
    Session session;
    session.locale = locale_of_terminal();
    CLI::App app{introduction, "comity"};
    app.footer(closing);
    app.require_subcommand(1);
    add_register_commands(app, session);
    add_key_commands(app, session);
    add_decide_commands(app, session);
    add_rules_commands(app, session);
    add_exchange_commands(app, session);
    add_proof_commands(app, session);
    add_allocation_commands(app, session);
    add_lottery_commands(app, session);
    add_observe_commands(app, session);
    add_schema_command(app, session);
    add_options(app, session);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (const std::string said = unknown_word(app, argc, argv); !said.empty()) {
            note(said);
            return ExitCode::usage;
        }
        return app.exit(error) == 0 ? ExitCode::done : ExitCode::usage;
    }
    const auto finished = session.action();
    return finished ? ExitCode::done : fail(session, finished.error());
}

}  // namespace
}  // namespace comity::cli

int main(int argc, char** argv) {
    try {
        return comity::cli::run(argc, argv);
    } catch (const std::exception& error) {
        (void)std::fprintf(stderr, "comity: %s\n", error.what());
        return comity::cli::ExitCode::failed;
    }
}
