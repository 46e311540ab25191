// SPDX-License-Identifier: Apache-2.0
#pragma once

// Audit: replays a whole published record and names the first thing that does not hold.
//
// It reads what any mirror serves (C2SP tlog-tiles: checkpoint, hash tiles, entry bundles) through
// a function, so that the same code audits a directory, a server and a test. It trusts one key.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key.h"
#include "record/checkpoint.h"
#include "state/state.h"

namespace comity::state {

/// Gives the published file of a name ("checkpoint", "tile/0/000", "tile/entries/000.p/7"), or
/// not_found.
using RecordFiles = std::function<Result<Bytes>(std::string_view name)>;

struct AuditOptions {
    std::optional<crypto::PublicKey> trusted;  ///< absent: the key in the founding entry
    std::function<void(std::uint64_t done, std::uint64_t total)> progress;  ///< may be empty
};

struct AuditReport {
    record::Checkpoint checkpoint;
    crypto::PublicKey checkpoint_key;
    std::uint64_t signatures = 0;   ///< verified, one an entry
    std::uint64_t state_roots = 0;  ///< recomputed and equal
    std::uint64_t outcomes = 0;     ///< published outcomes of motions, recomputed and equal
    std::uint64_t allocations = 0;  ///< published results of rounds, recomputed and equal
    State state;                    ///< after the last entry
};

/// In this order: the checkpoint's signature; every hash tile against the tree that the entries
/// give, and its root against the checkpoint; every entry's signature and admission by the fold,
/// which recomputes state roots, outcomes and allocations.
/// No statement may stand there twice. O(entries), with some 130 octets an entry in memory.
/// Errors: corrupt "state/audit-…", the message names the first entry or file that does not hold,
/// and what it should have been; those of `files`.
Result<AuditReport> audit(const RecordFiles& files, const AuditOptions& options);

/// Calls `use` with the entries of each bundle of the first `size`, in order, and the index of its
/// first. Checks only that the bundles are well formed. Errors: those of `files` and of `use`.
Result<> for_each_bundle(
    const RecordFiles& files, std::uint64_t size,
    const std::function<Result<>(std::uint64_t first, const std::vector<Bytes>& entries)>& use);

}  // namespace comity::state
