// SPDX-License-Identifier: Apache-2.0
#include "node/restore.h"

#include "record/merkle.h"
#include "record/note.h"
#include "record/tile.h"
#include "record/tree.h"

namespace comity::node {
namespace {

constexpr std::uint64_t backup_entries_max = std::uint64_t{1} << 32U;

std::string text_of(const Bytes& octets) {
    return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

/// What the note says, before anybody has checked its signature.
Result<record::Checkpoint> claimed_checkpoint(const std::string& note) {
    const auto parsed = record::parse_note(note);
    auto claimed = parsed ? record::parse_checkpoint_text(parsed->text)
                          : Result<record::Checkpoint>(parsed.error());
    if (!claimed) {
        return Error{Code::corrupt, "node/bad-checkpoint",
                     "checkpoint: " + claimed.error().message};
    }
    return claimed;
}

Result<> copy(const state::RecordFiles& files, store::Objects& to, const std::string& name,
              const std::string& full) {
    auto octets = files(name);
    if (!octets && octets.error().code == Code::not_found && name != full) {
        // The partial tile may be gone since the full one exists; that one holds more.
        const Bytes longer = TRY(files(full));
        TRY(to.put_if_absent(full, longer));
        return {};
    }
    if (!octets) return octets.error();
    TRY(to.put_if_absent(name, *octets));
    return {};
}

/// The tree of the entries, which give the root of the checkpoint.
Result<record::Tree> checked_tree(const state::RecordFiles& files,
                                  const record::Checkpoint& published) {
    record::Tree tree;
    TRY(state::for_each_bundle(files, published.size,
                               [&](std::uint64_t, const std::vector<Bytes>& entries) -> Result<> {
                                   for (const Bytes& entry : entries) {
                                       tree.append(record::leaf_hash(entry));
                                   }
                                   return {};
                               }));
    if (tree.size() == published.size && tree.root() == published.root) return tree;
    return Error{Code::corrupt, "node/restore-differs",
                 "The entries do not give the root of their checkpoint; audit the record."};
}

/// A backup in `to` is of the same record, not of a later size, and what was there is there still.
Result<> check_older_backup(const store::Objects& to, const record::Checkpoint& claimed,
                            const record::Tree& tree) {
    const auto note = to.get("checkpoint");
    if (!note && note.error().code == Code::not_found) return {};
    if (!note) return note.error();
    const record::Checkpoint there = TRY(claimed_checkpoint(text_of(*note)));
    if (there.origin != claimed.origin) {
        return Error{Code::conflict, "node/backup-of-another-record",
                     "This place holds a backup of " + there.origin + ", not of " + claimed.origin +
                         "; give another place."};
    }
    if (there.size > claimed.size) {
        return Error{Code::conflict, "node/backup-goes-back",
                     "The backup here has " + std::to_string(there.size) +
                         " entries, and its source only " + std::to_string(claimed.size) +
                         "; a record does not shrink: audit both."};
    }
    if (tree.root_at(there.size) != there.root) {
        return Error{Code::corrupt, "node/backup-forks",
                     "The first " + std::to_string(there.size) +
                         " entries are not those of the backup here: its source shows another "
                         "history. Keep both checkpoints, they prove it."};
    }
    return {};
}

}  // namespace

Result<> restore(store::Log& log, const state::RecordFiles& files, const NodeKeys& keys,
                 const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    const store::Head head = TRY(log.head());
    if (head.size != 0) {
        return Error{Code::conflict, "node/already-founded",
                     "The log has entries already; restore into an empty one."};
    }
    const Bytes note_octets = TRY(files("checkpoint"));
    const std::string note = text_of(note_octets);
    const record::Checkpoint published = TRY(claimed_checkpoint(note));
    // Ed25519 is deterministic: the same key over the same text gives the same note. Before
    // anything is signed with the key, the note must show that it was.
    if (!record::open_checkpoint(note, published.origin, keys.checkpoint_key.public_key())) {
        return Error{Code::invalid, "node/keys-differ",
                     "The backup's checkpoint is signed with another key; give the record's keys."};
    }
    TRY(checked_tree(files, published));
    const auto record = TRY(record::RecordLog::open(
        log, nullptr, {.origin = published.origin, .checkpoint_key = keys.checkpoint_key}));
    const auto filled = state::for_each_bundle(
        files, published.size,
        [&](std::uint64_t first, const std::vector<Bytes>& entries) -> Result<> {
            std::vector<record::PreparedEntry> prepared;
            prepared.reserve(entries.size());
            for (const Bytes& entry : entries) {
                const auto statement = TRY(record::parse_statement(entry));
                prepared.push_back({.entry = entry, .id = record::statement_id(statement)});
            }
            TRY(record->append(std::move(prepared)));
            if (progress) progress(first + entries.size(), published.size);
            return {};
        });
    TRY(filled);
    if (record->head() != published) {
        return Error{Code::corrupt, "node/restore-differs",
                     "The entries of the backup do not give the root of its checkpoint; audit it."};
    }
    return {};
}

Result<std::uint64_t> back_up(const state::RecordFiles& files, store::Objects& to,
                              const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    const Bytes note = TRY(files("checkpoint"));
    const record::Checkpoint claimed = TRY(claimed_checkpoint(text_of(note)));
    if (claimed.size > backup_entries_max) {
        return Error{Code::too_large, "node/backup-too-large",
                     "The checkpoint claims " + std::to_string(claimed.size) +
                         " entries, more than a backup takes; check its source."};
    }
    const record::Tree tree = TRY(checked_tree(files, claimed));
    TRY(check_older_backup(to, claimed, tree));
    const auto tiles = record::new_tiles(0, claimed.size);
    std::uint64_t done = 0;
    for (const record::TileCoordinates& tile : tiles) {
        TRY(copy(files, to, record::tile_path(tile.level, tile.index, tile.width),
                 record::tile_path(tile.level, tile.index, record::tile_width)));
        if (tile.level == 0) {
            TRY(copy(files, to, record::entries_path(tile.index, tile.width),
                     record::entries_path(tile.index, record::tile_width)));
        }
        if (progress) progress(++done, tiles.size());
    }
    TRY(to.flush());
    // Last: a backup whose checkpoint is there is whole.
    TRY(to.replace("checkpoint", note));
    TRY(to.flush());
    return claimed.size;
}

state::RecordFiles files_of(const store::Objects& objects) {
    return [&objects](std::string_view name) { return objects.get(name); };
}

}  // namespace comity::node
