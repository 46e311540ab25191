// SPDX-License-Identifier: Apache-2.0
#include "store/log_checks.h"

#include <algorithm>
#include <string>

#include "base/check.h"

namespace comity::store {

Head empty_head() { return Head{.size = 0, .root = sha256({})}; }

Result<> check_batch(const Batch& batch) {
    COMITY_CHECK(batch.next.size == batch.expected.size + batch.entries.size());
    const auto too_long = [](const NewEntry& entry) {
        return entry.entry.size() > log_entry_bytes_max;
    };
    if (batch.entries.size() > batch_entries_max ||
        batch.checkpoint.size() > checkpoint_bytes_max ||
        std::any_of(batch.entries.begin(), batch.entries.end(), too_long)) {
        return Error{Code::too_large, "store/batch-too-large",
                     "At most " + std::to_string(batch_entries_max) + " entries of " +
                         std::to_string(log_entry_bytes_max) + " octets, and a checkpoint of " +
                         std::to_string(checkpoint_bytes_max) + ", can be appended at once."};
    }
    return {};
}

Result<> check_snapshot(const Snapshot& snapshot) {
    if (snapshot.state.size() > snapshot_bytes_max) {
        return Error{Code::too_large, "store/snapshot-too-large",
                     "The state has " + std::to_string(snapshot.state.size()) +
                         " octets; at most " + std::to_string(snapshot_bytes_max) +
                         " can be kept as a snapshot."};
    }
    return {};
}

Result<> check_range(std::uint64_t first, std::uint64_t count, std::uint64_t size) {
    if (count > read_entries_max) {
        return Error{Code::too_large, "store/read-too-large",
                     "At most " + std::to_string(read_entries_max) +
                         " entries can be read at once; ask for fewer."};
    }
    if (first > size || count > size - first) {
        return Error{Code::not_found, "store/no-such-entry",
                     "The log has " + std::to_string(size) + " entries; entry " +
                         std::to_string(std::max(first, size)) + " is not there."};
    }
    return {};
}

Error head_moved(const Head& expected, const Head& present) {
    return Error{Code::conflict, "store/head-moved",
                 "The log has " + std::to_string(present.size) +
                     " entries and not, with the same root, the " + std::to_string(expected.size) +
                     " that were expected; read its head again."};
}

Error duplicate_entry(std::uint64_t index) {
    return Error{Code::conflict, "store/duplicate-entry",
                 "The entry that was to be number " + std::to_string(index) +
                     " is in the log already; ask for its index."};
}

Error snapshot_ahead(std::uint64_t snapshot_size, std::uint64_t log_size) {
    return Error{Code::conflict, "store/snapshot-ahead",
                 "A snapshot of " + std::to_string(snapshot_size) +
                     " entries cannot be kept beside a log of " + std::to_string(log_size) + "."};
}

}  // namespace comity::store
