// SPDX-License-Identifier: Apache-2.0
#pragma once

// What every Log checks alike, and the errors that every Log words alike. Private to store.

#include <cstdint>

#include "base/result.h"
#include "store/log.h"

namespace comity::store {

/// Aborts if the sizes do not add up. Errors: too_large "store/batch-too-large".
Result<> check_batch(const Batch& batch);

/// Errors: too_large "store/snapshot-too-large".
Result<> check_snapshot(const Snapshot& snapshot);

/// Errors: too_large "store/read-too-large", not_found "store/no-such-entry".
Result<> check_range(std::uint64_t first, std::uint64_t count, std::uint64_t size);

Error head_moved(const Head& expected, const Head& present);
Error duplicate_entry(std::uint64_t index);
Error snapshot_ahead(std::uint64_t snapshot_size, std::uint64_t log_size);

}  // namespace comity::store
