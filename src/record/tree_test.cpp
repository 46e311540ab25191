// SPDX-License-Identifier: Apache-2.0
//
// How we trust the growing tree: it agrees with the slow functions of merkle.h about every root and
// path of every small tree, and with a direct reading of the RFC about every consistency proof;
// larger trees are generated.

#include "record/tree.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>

#include "record/test_vectors.h"

namespace comity::record {
namespace {

constexpr std::uint64_t largest_tree = 70;

/// SUBPROOF of RFC 9162 section 2.1.4.1, word for word.
void subproof(std::uint64_t m, std::span<const Digest> leaves, bool complete,
              std::vector<Digest>& path) {
    const std::uint64_t n = leaves.size();
    if (m == n) {
        if (!complete) path.push_back(root_hash(leaves));
        return;
    }
    const std::uint64_t k = std::bit_floor(n - 1);
    if (m <= k) {
        subproof(m, leaves.first(k), complete, path);
        path.push_back(root_hash(leaves.subspan(k)));
    } else {
        subproof(m - k, leaves.subspan(k), false, path);
        path.push_back(root_hash(leaves.first(k)));
    }
}

TEST(Tree, AgreesWithTheSlowFunctionsForEverySize) {
    const auto leaves = leaves_numbered(largest_tree);
    const Tree tree = tree_of(leaves);
    for (std::uint64_t size = 0; size <= largest_tree; ++size) {
        const auto part = std::span(leaves).first(size);
        EXPECT_EQ(tree.root_at(size), root_hash(part)) << size;
        for (std::uint64_t index = 0; index < size; ++index) {
            EXPECT_EQ(*tree.prove_inclusion(index, size), *prove_inclusion(part, index));
        }
    }
    EXPECT_EQ(tree.root(), root_hash(leaves));
}

TEST(Tree, ProvesConsistencyOfEveryPairOfSizesAsTheRfcSays) {
    const auto leaves = leaves_numbered(largest_tree);
    const Tree tree = tree_of(leaves);
    for (std::uint64_t to = 1; to <= largest_tree; ++to) {
        for (std::uint64_t from = 1; from <= to; ++from) {
            const auto proof = tree.prove_consistency(from, to);
            ASSERT_TRUE(proof) << from << " to " << to;
            std::vector<Digest> expected;
            subproof(from, std::span(leaves).first(to), true, expected);
            EXPECT_EQ(proof->path, expected) << from << " to " << to;
            EXPECT_TRUE(verify_consistency(*proof, tree.root_at(from), tree.root_at(to)))
                << from << " to " << to;
        }
    }
}

TEST(Tree, ABentConsistencyProofIsRefused) {
    const Tree tree = tree_of(leaves_numbered(largest_tree));
    const Digest other = sha256({bytes_of("other")});
    for (const auto& [from, to] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{{1, 2},
                                                                                       {2, 3},
                                                                                       {3, 7},
                                                                                       {4, 8},
                                                                                       {6, 8},
                                                                                       {7, 8},
                                                                                       {8, 9},
                                                                                       {21, 40},
                                                                                       {32, 64},
                                                                                       {33, 70}}) {
        const auto proof = *tree.prove_consistency(from, to);
        const Digest old_root = tree.root_at(from);
        const Digest new_root = tree.root_at(to);
        EXPECT_FALSE(verify_consistency(proof, other, new_root));
        EXPECT_FALSE(verify_consistency(proof, old_root, other));
        EXPECT_FALSE(verify_consistency(proof, new_root, old_root));
        for (std::size_t i = 0; i <= proof.path.size(); ++i) {
            auto longer = proof;
            longer.path.insert(longer.path.begin() + static_cast<std::ptrdiff_t>(i), old_root);
            EXPECT_FALSE(verify_consistency(longer, old_root, new_root));
            if (i == proof.path.size()) break;
            auto bent = proof;
            bent.path[i].octets[31] ^= std::byte{1};
            EXPECT_FALSE(verify_consistency(bent, old_root, new_root)) << from << " " << to << i;
            auto shorter = proof;
            shorter.path.erase(shorter.path.begin() + static_cast<std::ptrdiff_t>(i));
            EXPECT_FALSE(verify_consistency(shorter, old_root, new_root));
        }
    }
}

TEST(Tree, AnotherPairOfSizesDoesNotPass) {
    constexpr std::uint64_t small = 20;
    const Tree tree = tree_of(leaves_numbered(small));
    for (std::uint64_t to = 2; to <= small; ++to) {
        for (std::uint64_t from = 1; from < to; ++from) {
            const auto proof = *tree.prove_consistency(from, to);
            for (std::uint64_t other = 1; other <= small; ++other) {
                const Digest root = tree.root_at(other);
                if (other != from) {
                    EXPECT_FALSE(verify_consistency(proof, root, tree.root_at(to)));
                }
                if (other != to) {
                    EXPECT_FALSE(verify_consistency(proof, tree.root_at(from), root));
                }
            }
        }
    }
}

TEST(Tree, ForgetsWhatIsTruncatedAndGrowsAgain) {
    const auto leaves = leaves_numbered(largest_tree);
    for (std::uint64_t kept = 0; kept <= largest_tree; ++kept) {
        Tree tree = tree_of(leaves);
        tree.truncate(kept);
        EXPECT_EQ(tree.size(), kept);
        EXPECT_EQ(tree.root(), root_hash(std::span(leaves).first(kept)));
        for (std::uint64_t i = kept; i < largest_tree; ++i) tree.append(leaves[i]);
        EXPECT_EQ(tree.root(), root_hash(leaves)) << kept;
    }
}

TEST(Tree, KnowsWhichNodesAreComplete) {
    const auto leaves = leaves_numbered(11);
    const Tree tree = tree_of(leaves);
    EXPECT_EQ(tree.node(0, 10), leaves[10]);
    EXPECT_EQ(tree.node(1, 4), node_hash(leaves[8], leaves[9]));
    EXPECT_EQ(tree.node(3, 0), root_hash(std::span(leaves).first(8)));
    EXPECT_TRUE(tree.has_node(1, 4));
    EXPECT_FALSE(tree.has_node(1, 5));
    EXPECT_FALSE(tree.has_node(0, 11));
    EXPECT_FALSE(tree.has_node(4, 0));
    EXPECT_FALSE(tree.has_node(63, 0));
}

TEST(Tree, RefusesToProveWhatIsNotThere) {
    const Tree tree = tree_of(leaves_numbered(5));
    EXPECT_EQ(tree.prove_inclusion(5, 5).error().reason, "record/no-such-leaf");
    EXPECT_EQ(tree.prove_inclusion(0, 6).error().reason, "record/no-such-leaf");
    EXPECT_EQ(tree.prove_inclusion(0, 0).error().reason, "record/no-such-leaf");
    EXPECT_EQ(tree.prove_consistency(0, 5).error().reason, "record/no-such-size");
    EXPECT_EQ(tree.prove_consistency(4, 3).error().reason, "record/no-such-size");
    EXPECT_EQ(tree.prove_consistency(4, 6).error().reason, "record/no-such-size");
    EXPECT_EQ(Tree().prove_inclusion(0, 0).error().reason, "record/no-such-leaf");
}

RC_GTEST_PROP(Tree, ProvesAnyLeafAndAnyOlderTreeOfALargeOne, ()) {
    static const Tree tree = tree_of(leaves_numbered(3000));
    const auto size = *rc::gen::inRange<std::uint64_t>(1, 3001);
    const auto from = *rc::gen::inRange<std::uint64_t>(1, size + 1);
    const auto inclusion = *tree.prove_inclusion(from - 1, size);
    RC_ASSERT(verify_inclusion(inclusion, tree.node(0, from - 1), tree.root_at(size)));
    const auto consistency = *tree.prove_consistency(from, size);
    RC_ASSERT(verify_consistency(consistency, tree.root_at(from), tree.root_at(size)));
}

}  // namespace
}  // namespace comity::record
