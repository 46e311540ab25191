// SPDX-License-Identifier: Apache-2.0
#include "record/tree.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace comity::record {

void Tree::append(const Digest& leaf) {
    COMITY_CHECK(size() < tree_size_max);
    Digest completed = leaf;
    for (std::size_t level = 0;; ++level) {
        if (level == levels_.size()) levels_.emplace_back();
        auto& nodes = levels_[level];
        nodes.push_back(completed);
        if (nodes.size() % 2 == 1) return;
        completed = node_hash(nodes[nodes.size() - 2], nodes[nodes.size() - 1]);
    }
}

void Tree::truncate(std::uint64_t size) {
    COMITY_CHECK(size <= this->size());
    for (std::size_t level = 0; level < levels_.size(); ++level) {
        levels_[level].resize(size >> level);
    }
}

std::uint64_t Tree::size() const { return levels_.empty() ? 0 : levels_.front().size(); }

Digest Tree::root() const { return root_at(size()); }

Digest Tree::root_at(std::uint64_t size) const {
    COMITY_CHECK(size <= this->size());
    return size == 0 ? sha256({}) : range_root(0, size);
}

bool Tree::has_node(unsigned level, std::uint64_t index) const {
    return level < levels_.size() && index < levels_[level].size();
}

Digest Tree::node(unsigned level, std::uint64_t index) const {
    COMITY_CHECK(has_node(level, index));
    return levels_[level][index];
}

/// Root over leaves [first, end), where the range begins a subtree large enough to hold it.
Digest Tree::range_root(std::uint64_t first, std::uint64_t end) const {
    COMITY_CHECK(first < end);
    // The complete subtrees of the range, from the smallest and rightmost to the left. Each stands
    // directly on the left of what was folded so far.
    std::uint64_t rest = end - first;
    std::uint64_t edge = end;
    auto level = static_cast<unsigned>(std::countr_zero(rest));
    edge -= std::uint64_t{1} << level;
    Digest root = node(level, edge >> level);
    rest &= rest - 1;
    while (rest != 0) {
        level = static_cast<unsigned>(std::countr_zero(rest));
        edge -= std::uint64_t{1} << level;
        root = node_hash(node(level, edge >> level), root);
        rest &= rest - 1;
    }
    return root;
}

Result<InclusionProof> Tree::prove_inclusion(std::uint64_t index, std::uint64_t size) const {
    if (size > this->size() || index >= size) {
        return Error{Code::not_found, "record/no-such-leaf",
                     "The log has no entry at that index in a tree of that size."};
    }
    InclusionProof proof{.leaf_index = index, .tree_size = size, .path = {}};
    // From the root down: the sibling is the half that the leaf is not in.
    std::uint64_t first = 0;
    std::uint64_t end = size;
    while (end - first > 1) {
        const std::uint64_t middle = first + std::bit_floor(end - first - 1);
        if (index < middle) {
            proof.path.push_back(range_root(middle, end));
            end = middle;
        } else {
            proof.path.push_back(range_root(first, middle));
            first = middle;
        }
    }
    std::reverse(proof.path.begin(), proof.path.end());
    return proof;
}

Result<ConsistencyProof> Tree::prove_consistency(std::uint64_t from, std::uint64_t to) const {
    if (from == 0 || from > to || to > size()) {
        return Error{Code::not_found, "record/no-such-size",
                     "Consistency is proven between two sizes from 1 up to the log's size."};
    }
    ConsistencyProof proof{.old_size = from, .new_size = to, .path = {}};
    // RFC 9162 section 2.1.4.1, from the root down: as in an inclusion proof, until the old tree
    // ends exactly where a subtree of the new one does.
    std::uint64_t first = 0;
    std::uint64_t end = to;
    while (from != end) {
        const std::uint64_t middle = first + std::bit_floor(end - first - 1);
        if (from <= middle) {
            proof.path.push_back(range_root(middle, end));
            end = middle;
        } else {
            proof.path.push_back(range_root(first, middle));
            first = middle;
        }
    }
    if (first != 0) proof.path.push_back(range_root(first, end));  // else it is the old root
    std::reverse(proof.path.begin(), proof.path.end());
    return proof;
}

}  // namespace comity::record
