// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tree: a growing Merkle tree in memory that proves anything about itself in O(log n).
//
// It keeps the hash of every complete subtree, at most 64 octets a leaf, so appending hashes each
// new node once and old nodes never again. A value without locks: the owner guards it
// (record/log.h does). The tree of RFC 6962 section 2.1; record/merkle.h verifies what this proves.

#include <cstdint>
#include <deque>
#include <vector>

#include "base/result.h"
#include "crypto/sha256.h"
#include "record/merkle.h"

namespace comity::record {

class Tree {
public:
    /// Amortised O(1): one hash for each subtree that the leaf completes.
    void append(const Digest& leaf);

    /// Forgets all leaves from `size` on, which must not be above size().
    void truncate(std::uint64_t size);

    /// Number of leaves.
    std::uint64_t size() const;

    Digest root() const;

    /// Root of the first `size` leaves, which must not be above size(). O(log n) hashes.
    Digest root_at(std::uint64_t size) const;

    /// Proof that leaf `index` is in the tree of the first `size` leaves. O(log n) hashes.
    /// Errors: not_found "record/no-such-leaf" unless index < size <= size().
    Result<InclusionProof> prove_inclusion(std::uint64_t index, std::uint64_t size) const;

    /// Proof that the first `from` leaves begin the tree of the first `to`. O(log n) hashes.
    /// Errors: not_found "record/no-such-size" unless 1 <= from <= to <= size().
    Result<ConsistencyProof> prove_consistency(std::uint64_t from, std::uint64_t to) const;

    /// Hash over leaves [index * 2^level, (index + 1) * 2^level), which must all be there.
    Digest node(unsigned level, std::uint64_t index) const;

    /// Whether `node` may be asked for these.
    bool has_node(unsigned level, std::uint64_t index) const;

private:
    Digest range_root(std::uint64_t first, std::uint64_t end) const;

    // levels_[k][i] is node(k, i). Deques, because growing one never moves (and so never stalls
    // readers behind the copying of) the hashes of millions of old entries.
    std::vector<std::deque<Digest>> levels_;
};

}  // namespace comity::record
