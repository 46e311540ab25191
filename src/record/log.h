// SPDX-License-Identifier: Apache-2.0
#pragma once

// RecordLog: the record itself, a store of entries with its tree, checkpoint and published files.
//
// What always holds: the head is what the store holds durably; its checkpoint is signed and kept in
// the same transaction as the entries; entries are published only after that, and the published
// checkpoint only after the tiles under it. Whatever was interrupted is resumed by opening again,
// since all publication is idempotent. A failed append leaves everything as it was. On any
// mismatch between entries, head, checkpoint and published checkpoint it refuses to open and says
// what differs: nothing is repaired in silence, and no second tree is ever signed.
//
// Thread-safe: appends take turns; reads go on meanwhile and see the last durable head.
// Sources: RFC 6962 (tree), C2SP tlog-checkpoint and tlog-tiles.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key.h"
#include "record/checkpoint.h"
#include "record/merkle.h"
#include "record/tree.h"
#include "store/log.h"
#include "store/objects.h"

namespace comity::record {

/// Under which name the record speaks, and with which key (Ed25519) it signs checkpoints.
struct RecordKeys {
    std::string origin;
    crypto::PrivateKey checkpoint_key;
};

/// An entry that was checked and may be appended, with its statement_id.
using PreparedEntry = store::NewEntry;

inline constexpr std::size_t batch_entries_max = 4'096;

/// What an append made durable.
struct Appended {
    std::uint64_t first_index = 0;  ///< of the batch; the others follow
    Checkpoint checkpoint;
    std::string note;                        ///< the signed checkpoint
    std::optional<Error> publication_error;  ///< durable, but not yet published: call publish again
};

class RecordLog {
public:
    /// Rebuilds the tree from `log`, compares, and publishes to `objects` what is not yet there.
    /// Both are borrowed and must outlive this; `objects` may be null (nothing is published).
    /// O(entries) reads and hashes.
    /// Errors: invalid "record/wrong-key" for a key that is not Ed25519, invalid
    /// "record/bad-origin"; corrupt "record/root-differs" when the entries do not give the head's
    /// root, corrupt "record/checkpoint-differs" when the stored checkpoint is not ours or not of
    /// that head, corrupt "record/published-differs" when the published checkpoint is not ours or
    /// of another tree, corrupt "record/rolled-back" when it is larger than the log; and the
    /// store's errors.
    static Result<std::unique_ptr<RecordLog>> open(store::Log& log, store::Objects* objects,
                                                   RecordKeys keys);

    /// Appends all entries or none, durably, under one signed checkpoint; then publishes.
    /// Hashes only what is new. At most 4,096 entries of at most 65,535 octets.
    /// Errors: invalid "record/empty-batch"; too_large "record/batch-too-large", too_large
    /// "record/entry-too-large"; the store's errors ("store/duplicate-entry", "store/head-moved",
    /// "store/disk-full", …).
    Result<Appended> append(std::vector<PreparedEntry> entries);

    /// Publishes tiles, bundles and checkpoint up to the head; nothing when that is done.
    /// Errors: those of the objects; corrupt "record/…" as open.
    Result<> publish();

    /// The last durable size and root, unsigned.
    Checkpoint head() const;

    /// The signed checkpoint of head(); empty while the record is.
    std::string checkpoint() const;

    /// Leaf hash of entry `index`. Errors: not_found "record/no-such-leaf" past the head.
    Result<Digest> leaf(std::uint64_t index) const;

    /// Entries [first, first + count). Errors: as store::Log::read.
    Result<std::vector<Bytes>> read(std::uint64_t first, std::uint64_t count) const;

    /// Root of the first `size` entries. Errors: not_found "record/no-such-size" above the head.
    Result<Digest> root_at(std::uint64_t size) const;

    /// As Tree's, within the head.
    Result<InclusionProof> prove_inclusion(std::uint64_t index, std::uint64_t size) const;
    Result<ConsistencyProof> prove_consistency(std::uint64_t from, std::uint64_t to) const;

    /// The key under which others check the checkpoints, as vkey text.
    std::string verifier_key() const;

private:
    RecordLog(store::Log& log, store::Objects* objects, RecordKeys keys);

    Result<> rebuild();
    Result<> check_head(const store::Head& head);
    Result<> find_published();
    Result<> publish_turn();
    Result<> publish_tiles(std::uint64_t from, std::uint64_t to);
    Result<> publish_bundle(std::uint64_t index, std::uint32_t width);
    store::Head extend(const std::vector<PreparedEntry>& entries);

    store::Log& log_;
    store::Objects* objects_;
    RecordKeys keys_;

    std::mutex turn_;                   // one append or publication at a time, across its I/O
    std::uint64_t published_size_ = 0;  // under turn_

    mutable std::shared_mutex mutex_;  // tree_, head_, note_; never held across I/O
    Tree tree_;                        // may be ahead of head_ while an append is in the store
    store::Head head_;
    std::string note_;
};

}  // namespace comity::record
