// SPDX-License-Identifier: Apache-2.0
#pragma once

// Moving the seat: a record, as any mirror serves it, becomes the log of another node.

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "node/node.h"
#include "state/audit.h"
#include "store/log.h"
#include "store/objects.h"

namespace comity::node {

/// Fills an empty log from published files, signed with `keys`, and checks that the checkpoint that
/// this gives is the published one, to the letter. The caller audits the files before, or the state
/// after (Node::open folds every entry). A backup whose entries do not give its root is refused
/// before anything is written.
/// Errors: conflict "node/already-founded" for a log that is not empty; invalid "node/keys-differ";
/// corrupt "node/restore-differs"; those of the store and of `files`.
Result<> restore(store::Log& log, const state::RecordFiles& files, const NodeKeys& keys,
                 const std::function<void(std::uint64_t done, std::uint64_t total)>& progress);

/// Copies the published files of the checkpoint's size from one place to another: a backup.
/// Files that are there already are compared, not written again. Returns the checkpoint's size.
/// Errors: those of `files` and of the objects; corrupt "node/bad-checkpoint"; conflict
/// "node/backup-of-another-record", and "node/backup-goes-back" if the backup there is longer;
/// corrupt "node/restore-differs" if the entries do not give the checkpoint's root, and
/// "node/backup-forks" if they are not those of the backup there. Nothing is written then.
Result<std::uint64_t> back_up(
    const state::RecordFiles& files, store::Objects& to,
    const std::function<void(std::uint64_t done, std::uint64_t total)>& progress);

/// The files of objects, as an audit reads them.
state::RecordFiles files_of(const store::Objects& objects);

}  // namespace comity::node
