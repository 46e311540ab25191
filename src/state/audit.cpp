// SPDX-License-Identifier: Apache-2.0
#include "state/audit.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "record/merkle.h"
#include "record/note.h"
#include "record/statement.h"
#include "record/tile.h"
#include "record/tree.h"
#include "state/described.h"
#include "state/fold.h"
#include "state/signing.h"

namespace comity::state {
namespace {

Error audit_failed(std::string_view reason, std::string message) {
    return Error{Code::corrupt, reason, std::move(message)};
}

Error entry_failed(std::uint64_t index, const std::string& what) {
    return audit_failed("state/audit-entry", "Entry " + std::to_string(index) + ": " + what);
}

std::uint32_t width_at(std::uint64_t size, std::uint64_t tile) {
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(record::tile_width, size - tile * record::tile_width));
}

/// A partial tile may be gone once the full one exists (C2SP tlog-tiles); its beginning serves.
Result<Bytes> file_or_longer(const RecordFiles& files, const std::string& name,
                             const std::string& full) {
    auto found = files(name);
    if (found || found.error().code != Code::not_found || name == full) return found;
    return files(full);
}

Result<std::vector<Bytes>> bundle_at(const RecordFiles& files, std::uint64_t tile,
                                     std::uint32_t width) {
    const std::string name = record::entries_path(tile, width);
    auto octets = files(name);
    if (octets) {
        auto entries = record::parse_bundle(*octets, width);
        if (entries) return entries;
        return audit_failed("state/audit-file", name + ": " + entries.error().message);
    }
    if (octets.error().code != Code::not_found || width == record::tile_width) {
        return octets.error();
    }
    const Bytes full = TRY(files(record::entries_path(tile, record::tile_width)));
    auto entries = TRY(record::parse_bundle(full, record::tile_width));
    entries.resize(width);
    return entries;
}

class Audit {
public:
    Audit(const RecordFiles& files, const AuditOptions& options)
        : files_(files), options_(options) {}

    Result<AuditReport> run() {
        TRY(read_founding());
        TRY(check_tree());
        TRY(check_tiles());
        TRY(fold_entries());
        return std::move(report_);
    }

private:
    /// The checkpoint cannot be opened without a key, and the key is in entry 0: read the claimed
    /// size first, believe nothing of it before the signature holds.
    Result<> read_founding() {
        const Bytes note_bytes = TRY(files_("checkpoint"));
        const std::string note(reinterpret_cast<const char*>(note_bytes.data()), note_bytes.size());
        const auto parsed = record::parse_note(note);
        const auto claimed = parsed ? record::parse_checkpoint_text(parsed->text)
                                    : Result<record::Checkpoint>(parsed.error());
        if (!claimed) {
            return audit_failed("state/audit-checkpoint", "checkpoint: " + claimed.error().message);
        }
        if (claimed->size < 2) {
            return audit_failed("state/audit-checkpoint",
                                "checkpoint: a record has at least its two founding entries.");
        }
        const auto first = TRY(bundle_at(files_, 0, width_at(claimed->size, 0)));
        auto founded = found(first[0], first[1]);
        if (!founded) return entry_failed(0, founded.error().message);
        genesis_ = {record::leaf_hash(first[0]), record::leaf_hash(first[1])};
        report_.state = std::move(founded).value();
        const auto& founding = report_.state.institution.founding;
        report_.checkpoint_key = founding.checkpoint_key;
        if (options_.trusted && *options_.trusted != founding.checkpoint_key) {
            return audit_failed("state/audit-untrusted", "Entry 0: the record's key is " +
                                                             founding.checkpoint_key.text() +
                                                             ", not the one you trust.");
        }
        auto opened = record::open_checkpoint(note, founding.origin, founding.checkpoint_key);
        if (!opened) {
            return audit_failed("state/audit-checkpoint", "checkpoint: " + opened.error().message);
        }
        report_.checkpoint = std::move(opened).value();
        return {};
    }

    /// The tree of the entries as they are, and its root against the checkpoint. When they differ,
    /// the published hashes tell which entry was changed.
    Result<> check_tree() {
        const std::uint64_t size = report_.checkpoint.size;
        TRY(for_each_bundle(files_, size,
                            [&](std::uint64_t, const std::vector<Bytes>& entries) -> Result<> {
                                for (const Bytes& entry : entries) {
                                    tree_.append(record::leaf_hash(entry));
                                }
                                return {};
                            }));
        if (tree_.root() == report_.checkpoint.root) return {};
        for (std::uint64_t tile = 0; tile * record::tile_width < size; ++tile) {
            const std::uint32_t width = width_at(size, tile);
            const auto published = TRY(hash_tile_file(0, tile, width));
            const Bytes computed = record::hash_tile(tree_, 0, tile, width);
            for (std::uint32_t i = 0; i < width; ++i) {
                constexpr std::size_t hash_size = sizeof(Digest::octets);
                if (!std::equal(computed.begin() + static_cast<std::ptrdiff_t>(i * hash_size),
                                computed.begin() + static_cast<std::ptrdiff_t>((i + 1) * hash_size),
                                published.begin() + static_cast<std::ptrdiff_t>(i * hash_size))) {
                    return entry_failed(tile * record::tile_width + i,
                                        "its octets do not give the hash that was published.");
                }
            }
        }
        return audit_failed(
            "state/audit-root",
            "checkpoint: the tree of the " + std::to_string(size) + " entries has another root.");
    }

    Result<Bytes> hash_tile_file(unsigned level, std::uint64_t tile, std::uint32_t width) {
        const std::string name = record::tile_path(level, tile, width);
        Bytes octets =
            TRY(file_or_longer(files_, name, record::tile_path(level, tile, record::tile_width)));
        const std::size_t wanted = std::size_t{width} * sizeof(Digest::octets);
        if (octets.size() < wanted) {
            return audit_failed("state/audit-file", name + ": it is too short.");
        }
        octets.resize(wanted);
        return octets;
    }

    Result<> check_tiles() {
        for (const record::TileCoordinates& tile : record::new_tiles(0, report_.checkpoint.size)) {
            const Bytes published = TRY(hash_tile_file(tile.level, tile.index, tile.width));
            if (published != record::hash_tile(tree_, tile.level, tile.index, tile.width)) {
                return audit_failed("state/audit-file",
                                    record::tile_path(tile.level, tile.index, tile.width) +
                                        ": its hashes are not those of the entries.");
            }
        }
        return {};
    }

    Result<> fold_entries() {
        report_.signatures = 2;  // the founding entries
        return for_each_bundle(
            files_, report_.checkpoint.size,
            [&](std::uint64_t first, const std::vector<Bytes>& entries) -> Result<> {
                for (std::size_t i = 0; i < entries.size(); ++i) {
                    const std::uint64_t index = first + i;
                    TRY(check_same(index, entries[i]));
                    const auto statement = record::parse_statement(entries[i]);
                    if (!statement) return entry_failed(index, statement.error().message);
                    TRY(check_new(index, *statement));
                    if (index < 2) continue;
                    const auto folded = fold(report_.state, entries[i]);
                    if (!folded) return entry_failed(index, folded.error().message);
                    count(*statement);
                }
                if (options_.progress) {
                    options_.progress(first + entries.size(), report_.checkpoint.size);
                }
                return {};
            });
    }

    /// A source is read more than once; it must give the octets whose tree was checked.
    Result<> check_same(std::uint64_t index, BytesView entry) const {
        const Digest leaf = record::leaf_hash(entry);
        if (leaf == tree_.node(0, index) && (index >= 2 || leaf == genesis_.at(index))) return {};
        return entry_failed(index, "the source gave other octets than before.");
    }

    /// The record holds each statement once: a second time it could undo what followed the first.
    Result<> check_new(std::uint64_t index, const record::Statement& statement) {
        if (ids_.insert(record::statement_id(statement)).second) return {};
        return entry_failed(index, "the record holds this statement already.");
    }

    void count(const record::Statement& statement) {
        const std::string type = type_of(statement.header);
        ++report_.signatures;
        if (type == "institution.state_root") ++report_.state_roots;
        if (type == "decide.outcome") ++report_.outcomes;
        if (type == "exchange.result") ++report_.allocations;
    }

    const RecordFiles& files_;
    const AuditOptions& options_;
    record::Tree tree_;
    std::array<Digest, 2> genesis_;  // leaves of the founding entries, as they were read first
    std::set<Digest> ids_;
    AuditReport report_;
};

}  // namespace

Result<> for_each_bundle(
    const RecordFiles& files, std::uint64_t size,
    const std::function<Result<>(std::uint64_t first, const std::vector<Bytes>& entries)>& use) {
    for (std::uint64_t tile = 0; tile * record::tile_width < size; ++tile) {
        const auto entries = TRY(bundle_at(files, tile, width_at(size, tile)));
        TRY(use(tile * record::tile_width, entries));
    }
    return {};
}

Result<AuditReport> audit(const RecordFiles& files, const AuditOptions& options) {
    return Audit(files, options).run();
}

}  // namespace comity::state
