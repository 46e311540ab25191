// SPDX-License-Identifier: Apache-2.0
#pragma once

// Makes receipt bundles (state/bundle.h) from a running node.

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "node/node.h"
#include "state/bundle.h"

namespace comity::node {

/// The bundle for the entries `about`, with their evidence and the newest state root, under the
/// present checkpoint. O(log n) hashes an entry, and the state's parts are encoded once.
/// Errors: not_found "record/no-such-leaf"; unavailable "node/no-state-root-yet" when the newest
/// state root stands before one of the entries: ask again after the next clock entry.
Result<state::Bundle> receipt_bundle(const Node& node, const std::vector<std::uint64_t>& about);

}  // namespace comity::node
