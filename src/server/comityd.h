// SPDX-License-Identifier: Apache-2.0
#pragma once

// The program comityd without its command line: found a record, open one, serve it, play the
// demonstration. Each function is one subcommand and shows the whole object graph of it.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "demo/story.h"

namespace comity::server {

/// Bounds and defaults of what an operator may choose.
struct ServeOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8'080;         ///< 0: any free one
    unsigned clock_every_seconds = 60;  ///< between entries of the logged clock; 1 to 86,400
    unsigned workers = 4;               ///< threads that answer requests
};

/// Of the program, as in the top CMakeLists.txt: "0.1.0".
std::string_view version();

/// The folder that holds templates/, data/ and messages/: `given`, else $COMITY_SHARE, else where
/// it was when comityd was built.
std::filesystem::path share_folder(const std::optional<std::filesystem::path>& given);

/// Makes the keys (readable by their owner only) and an empty record in `data`, and founds the
/// institution of the template, under `origin` if it is given. Besides the three keys of the node
/// it makes a seal for each party whose role registers keys; hand those over. Never writes over a
/// key. Errors: conflict "server/already-there"; unavailable "server/cannot-write"; those of
/// institution::parse_template and node::found.
Result<> init(const std::filesystem::path& template_file, const std::filesystem::path& data,
              const std::optional<std::string>& origin);

/// Opens the record of `data`: record.sqlite, public/, keys/. Errors: not_found
/// "server/no-such-file"; those of Node::open and of the stores.
Result<demo::OpenRecord> open_record(const std::filesystem::path& data);

/// Serves `record` until SIGINT or SIGTERM, and then lets what is under way end. Blocks. Call
/// block_stop_signals first, before any thread starts.
Result<> serve(const demo::OpenRecord& record, const std::filesystem::path& share,
               const ServeOptions& options);

/// SIGINT and SIGTERM wait for serve in every thread that starts after this.
void block_stop_signals();

/// Plays the story in a fresh folder that is removed afterwards, or in `data`; one line a step on
/// standard output.
Result<> play_once(const std::filesystem::path& share,
                   const std::optional<std::filesystem::path>& data);

/// The demonstration of `data`, played now if it was not.
Result<demo::OpenRecord> open_demonstration(const std::filesystem::path& share,
                                            const std::filesystem::path& data);

/// Where the demonstration is kept when nobody says: $XDG_STATE_HOME or ~/.local/state, below it
/// comity/demonstration.
std::filesystem::path default_demonstration_folder();

}  // namespace comity::server
