// SPDX-License-Identifier: Apache-2.0
//
// comityd: serves the record of one institution. The command line is here, the rest in comityd.h.

#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>

#include "demo/story.h"
#include "server/comityd.h"

namespace {

using comity::Result;
namespace server = comity::server;

struct Chosen {
    std::string program;
    std::optional<std::string> share, data, origin;
    std::string template_file;
    bool once = false;
    server::ServeOptions serve;
};

std::optional<std::filesystem::path> as_path(const std::optional<std::string>& text) {
    return text ? std::optional<std::filesystem::path>(*text) : std::nullopt;
}

void add_serving(CLI::App& command, Chosen& chosen) {
    command.add_option("--port", chosen.serve.port, "Port; 0 takes any free one")
        ->capture_default_str();
    command.add_option("--address", chosen.serve.address, "Address to listen on")
        ->capture_default_str();
    command
        .add_option("--clock-every-seconds", chosen.serve.clock_every_seconds,
                    "Seconds between entries of the logged clock")
        ->check(CLI::Range(1, 86'400))
        ->capture_default_str();
    command.add_option("--share", chosen.share,
                       "Folder with templates/, data/ and messages/; else $COMITY_SHARE");
}

/// How to serve what was founded; with --share where serve would not find the folder by itself.
std::string serve_command(const std::string& program, const std::string& data,
                          const std::filesystem::path& share) {
    const bool is_found = std::filesystem::exists(share / "messages" / "en.json");
    return program + " serve --data " + data +
           (is_found ? "" : " --share DIR (the folder with templates/, data/ and messages/)");
}

Result<> run(const CLI::App& app, const Chosen& chosen) {
    const std::filesystem::path share = server::share_folder(as_path(chosen.share));
    const std::string data = chosen.data.value_or(std::string());  // init and serve require it
    if (app.got_subcommand("init")) {
        TRY(server::init(chosen.template_file, data, chosen.origin));
        std::cout << "Founded; the keys are in " << data
                  << "/keys. Now: " << serve_command(chosen.program, data, share) << '\n';
        return {};
    }
    if (chosen.once) return server::play_once(share, as_path(chosen.data));
    server::block_stop_signals();
    if (app.got_subcommand("demo")) {
        const auto place = as_path(chosen.data).value_or(server::default_demonstration_folder());
        const auto record = TRY(server::open_demonstration(share, place));
        std::cout << "Keys of its parties, for anybody to act with: "
                  << comity::demo::keys_folder({.share = share, .data = place}).string() << '\n';
        return server::serve(record, share, chosen.serve);
    }
    const auto record = TRY(server::open_record(data));
    return server::serve(record, share, chosen.serve);
}

int main_of(int argc, char** argv) {
    Chosen chosen;
    chosen.program = argc > 0 ? argv[0] : "comityd";
    CLI::App app("Comity: serves the record of one institution.");
    app.set_version_flag("--version", "comityd " + std::string(server::version()));
    app.require_subcommand(1);
    CLI::App& serve = *app.add_subcommand("serve", "Serve a record");
    serve.add_option("--data", chosen.data, "Folder of the record")->required();
    add_serving(serve, chosen);
    CLI::App& demo = *app.add_subcommand("demo", "Play the demonstration, then serve it");
    demo.add_option("--data", chosen.data, "Folder of the demonstration");
    demo.add_flag("--once", chosen.once, "Play the ten steps, print a line for each, and exit");
    add_serving(demo, chosen);
    CLI::App& init = *app.add_subcommand("init", "Make keys and found an institution");
    init.add_option("--template", chosen.template_file, "Template file")->required();
    init.add_option("--data", chosen.data, "Folder of the new record")->required();
    init.add_option("--origin", chosen.origin, "Name of the record instead of the template's");
    CLI11_PARSE(app, argc, argv);

    const Result<> done = run(app, chosen);
    if (done) return 0;
    std::cerr << "comityd: " << done.error().message << " (" << done.error().reason << ")\n";
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return main_of(argc, argv);
    } catch (const std::exception& problem) {
        std::cerr << "comityd: " << problem.what() << '\n';
        return 1;
    }
}
