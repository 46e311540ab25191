// SPDX-License-Identifier: Apache-2.0
#pragma once

// Log: the one durable truth, an append-only sequence of entries with its head and checkpoint.
//
// What always holds, in every implementation (log_contract_test.cpp runs over each):
//   - append() is all or nothing, and durable when it returns success; before that, no reader sees
//     any of it. It commits only on top of the head that the caller expected (compare-and-swap), so
//     two writers can never both win.
//   - What was appended is never changed or removed; the size never shrinks.
//   - No two entries share an id.
//   - Readers see whole batches, never wait for the writer, and get `corrupt` rather than a guess.
//
// Thread-safe: one writer at a time (others wait), any number of readers. The log knows nothing of
// trees or signatures: it stores the root and the checkpoint that it is given (record/log.h checks
// them).

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/sha256.h"

namespace comity::store {

/// Most entries that one read() may ask for.
inline constexpr std::uint64_t read_entries_max = 1024;
/// Most entries in one batch. Enough to amortise the flush; the memory of a transaction is bounded.
inline constexpr std::size_t batch_entries_max = 16'384;
/// Largest entry, state of a snapshot, and checkpoint text that a log takes.
inline constexpr std::size_t log_entry_bytes_max = 1U << 20U;
inline constexpr std::size_t snapshot_bytes_max = 512U << 20U;
inline constexpr std::size_t checkpoint_bytes_max = 1U << 16U;

/// How long the log is and the root over its entries. A new log: size 0, root sha256({}).
struct Head {
    std::uint64_t size = 0;
    Digest root;

    friend bool operator==(const Head&, const Head&) = default;
};

/// The head of a log without entries.
Head empty_head();

struct NewEntry {
    Bytes entry;
    Digest id;  ///< deduplication key: unique over the whole log
};

/// One transaction. `next.size` is `expected.size + entries.size()`; anything else is a bug of the
/// caller and aborts. No entries is allowed: it exchanges the checkpoint for another of the same
/// size (more witnesses, for example).
struct Batch {
    Head expected;  ///< the head that the batch was built on
    std::vector<NewEntry> entries;
    Head next;
    std::string checkpoint;
};

/// The folded state after `size` entries, from which a node restarts without replaying all of them.
struct Snapshot {
    std::uint64_t size = 0;
    Digest root;  ///< of the tree of that size
    Bytes state;

    friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

class Log {
public:
    virtual ~Log() = default;

    /// Commits `batch` durably, or changes nothing.
    /// Errors: conflict "store/head-moved" when `expected` is not the head; conflict
    /// "store/duplicate-entry" (also within the batch); too_large "store/batch-too-large";
    /// unavailable "store/disk-full" (nothing was written; try again when there is room);
    /// unavailable "store/io-error" (whether it was written is known only after reopening), and
    /// then "store/broken" for every later write; corrupt "store/log-damaged".
    /// Cost: one flush of the disk for a batch of any size.
    virtual Result<> append(const Batch& batch) = 0;

    /// The entries `first` .. `first + count - 1`, exactly those.
    /// Errors: not_found "store/no-such-entry" if any of them is past the head; too_large
    /// "store/read-too-large" over read_entries_max; corrupt "store/log-damaged" with the index.
    virtual Result<std::vector<Bytes>> read(std::uint64_t first, std::uint64_t count) const = 0;

    /// The index of the entry with this id, or none.
    virtual Result<std::optional<std::uint64_t>> index_of(const Digest& id) const = 0;

    virtual Result<Head> head() const = 0;

    /// The checkpoint of the newest batch; empty before the first.
    virtual Result<std::string> checkpoint() const = 0;

    /// Keeps `snapshot` and, of all, the two with the greatest size. The same size replaces.
    /// Errors: conflict "store/snapshot-ahead" if it is of more entries than the log has; too_large
    /// "store/snapshot-too-large"; those of append().
    virtual Result<> put_snapshot(const Snapshot& snapshot) = 0;

    /// The snapshot of the greatest size, or none.
    /// Errors: corrupt "store/snapshot-damaged" when its bytes are not those that were put.
    virtual Result<std::optional<Snapshot>> newest_snapshot() const = 0;

protected:
    Log() = default;
    Log(const Log&) = default;
    Log& operator=(const Log&) = default;
};

/// Opens `file`, or creates it with the directories above it. SQLite, WAL mode, every commit
/// flushed. An advisory lock on `<file>.lock` is held until the Log is destroyed or the process
/// dies. Checks that the head fits the rows: cost O(entries), about 10 ms for 100,000.
/// Errors: unavailable "store/locked" when another writer has it; invalid "store/not-a-log" for a
/// file of another program; invalid "store/unknown-version" for one of a newer Comity; corrupt
/// "store/log-damaged"; unavailable "store/disk-full", "store/io-error", "store/cannot-open".
Result<std::unique_ptr<Log>> open_sqlite_log(const std::filesystem::path& file);

/// A log that lives as long as the object. For tests and dry runs.
std::unique_ptr<Log> make_memory_log();

}  // namespace comity::store
