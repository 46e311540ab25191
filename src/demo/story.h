// SPDX-License-Identifier: Apache-2.0
#pragma once

// The demonstration: ten steps from a founding to a move of the seat, played with real signatures
// on a real record, each saying what it proved.
//
// Facts in it are real and sourced (members, their dates, groups, population, the size of the
// pool); every act is simulated, and the founding entry says so. Where an act could be held against
// somebody (a restriction, an objection, a failed delivery), its author is made up and says so.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "node/node.h"
#include "store/log.h"
#include "store/objects.h"

namespace comity::demo {

struct StoryPlaces {
    std::filesystem::path share;  ///< holds templates/ and data/ of the distribution
    std::filesystem::path data;   ///< of the record: made if it is not there
};

/// Where the keys are with which anybody can act in the demonstration, and the node's own.
std::filesystem::path keys_folder(const StoryPlaces& places);

/// A record that is open: what a server needs.
struct OpenRecord {
    std::unique_ptr<store::Log> log;
    std::unique_ptr<store::Objects> objects;
    std::unique_ptr<node::Node> node;
};

/// One line a step: its number, what happened, what it proved.
using Tell = std::function<void(int step, const std::string& line)>;

/// Whether the story was played there, to its end.
bool is_played(const StoryPlaces& places);

/// Founds the demonstration in an empty place and plays the ten steps. A place where an earlier
/// play was cut short is emptied first; anything else there is refused. Errors: conflict
/// "demo/not-empty"; "demo/proof-failed" when a step does not show what it must; those of the
/// parts.
Result<OpenRecord> play(const StoryPlaces& places, const Tell& tell);

/// Opens a record that was played before. Errors: those of Node::open.
Result<OpenRecord> reopen(const StoryPlaces& places);

}  // namespace comity::demo
