// SPDX-License-Identifier: Apache-2.0
//
// How we trust receipts: an independent program's receipt comes out octet for octet and verifies;
// every bit of one matters; and each other way to write one is refused before anything is hashed.

#include "record/receipt.h"

#include <gtest/gtest.h>

#include "codec/cbor.h"
#include "crypto/cose.h"
#include "record/statement.h"
#include "record/test_vectors.h"

namespace comity::record {
namespace {

Tree vec_tree() {
    return tree_of({leaf_hash(bytes_of("genesis-0")), leaf_hash(bytes_of("genesis-1")),
                    leaf_hash(hex(vec_line("statement")))});
}

Bytes receipt_for(const Tree& tree, std::uint64_t index, const crypto::PrivateKey& key) {
    const auto proof = *tree.prove_inclusion(index, tree.size());
    const auto receipt =
        sign_receipt(proof, tree.root(),
                     {.issuer = "https://log.comity.example", .subject = "urn:x:1", .key = key});
    EXPECT_TRUE(receipt);
    return *receipt;
}

TEST(IndependentVector, StatementLeavesAndRootComeOutOctetForOctet) {
    const Bytes statement = hex(vec_line("statement"));
    const auto cose = crypto::parse_cose_sign1(statement);
    ASSERT_TRUE(cose) << cose.error().message;
    EXPECT_EQ(crypto::encode(*cose), statement);
    EXPECT_EQ(statement.size(), 144U);
    const Bytes signed_octets = crypto::signature_input(cose->protected_header, cose->payload);
    EXPECT_EQ(to_hex(signed_octets), vec_line("statement tbs"));
    const auto issuer = test_key("issuer");
    EXPECT_TRUE(crypto::verify(issuer.public_key(), signed_octets, cose->signature));
    EXPECT_EQ(issuer.sign(signed_octets), cose->signature);
    const Tree tree = vec_tree();
    EXPECT_EQ(to_hex(tree.root().octets), vec_line("root"));
    std::string leaves;
    for (std::uint64_t i = 0; i < 3; ++i) {
        leaves += (i == 0 ? "['" : "', '") + to_hex(tree.node(0, i).octets);
    }
    EXPECT_EQ(leaves + "']", vec_line("leaves"));
}

TEST(IndependentVector, HashEnvelopeVerifies) {
    const auto cose = crypto::parse_cose_sign1(hex(vec_line("hash-envelope")));
    ASSERT_TRUE(cose);
    const Digest preimage = sha256({bytes_of("%PDF-preimage")});
    EXPECT_EQ(cose->payload, owned(preimage.octets));
    EXPECT_TRUE(crypto::verify(test_key("issuer").public_key(),
                               crypto::signature_input(cose->protected_header, cose->payload),
                               cose->signature));
}

TEST(IndependentVector, ReceiptComesOutOctetForOctet) {
    const auto log = test_key("log");
    EXPECT_EQ(to_hex(crypto::thumbprint(log.public_key()).octets),
              vec_line("cose key thumbprint (RFC 9679)"));
    EXPECT_EQ(to_hex(receipt_for(vec_tree(), 2, log)), vec_line("receipt idx2 size3"));
    const auto proven = verify_receipt(hex(vec_line("receipt idx2 size3")), vec_tree().node(0, 2),
                                       log.public_key());
    ASSERT_TRUE(proven) << proven.error().message;
    EXPECT_EQ(proven->tree_size, 3U);
    EXPECT_EQ(proven->leaf_index, 2U);
    EXPECT_EQ(proven->root, vec_tree().root());
    EXPECT_EQ(proven->issuer, "https://log.comity.example");
    EXPECT_EQ(proven->subject, "urn:x:1");
}

TEST(Receipt, OfEveryLeafOfSmallTreesVerifies) {
    const auto key = crypto::PrivateKey::generate(crypto::Algorithm::es256);
    for (std::uint64_t size = 2; size <= 9; ++size) {
        const Tree tree = tree_of(leaves_numbered(size));
        for (std::uint64_t index = 0; index < size; ++index) {
            const Bytes receipt = receipt_for(tree, index, key);
            const auto proven = verify_receipt(receipt, tree.node(0, index), key.public_key());
            ASSERT_TRUE(proven) << index << " of " << size << ": " << proven.error().message;
            EXPECT_EQ(proven->root, tree.root());
            EXPECT_EQ(proven->leaf_index, index);
            const auto other = verify_receipt(receipt, sha256({}), key.public_key());
            EXPECT_EQ(other.error().reason, "crypto/bad-signature") << "another leaf";
        }
    }
}

TEST(Receipt, IsSignedWithTheAlgorithmThatVerifiersKnow) {
    const Tree tree = tree_of(leaves_numbered(2));
    const auto es256 = crypto::PrivateKey::generate(crypto::Algorithm::es256);
    // d2 84 58xx: then the map of four, and 1: -7 or -19.
    EXPECT_EQ(to_hex(receipt_for(tree, 0, es256)).substr(8, 6), "a40126");
    EXPECT_EQ(to_hex(receipt_for(tree, 0, test_key("log"))).substr(8, 8),
              "a4013204" + std::string());
}

// Only the size, which is not signed, may change: to one for which the path has the same shape.
TEST(Receipt, EveryBentBitIsRefusedButThoseOfTheUnsignedSize) {
    const Tree tree = tree_of(leaves_numbered(5));
    const auto key = test_key("log");
    int other_sizes = 0;
    for (const Bytes& receipt : bent(receipt_for(tree, 3, key))) {
        const auto proven = verify_receipt(receipt, tree.node(0, 3), key.public_key());
        if (!proven) continue;
        EXPECT_EQ(proven->root, tree.root());
        EXPECT_EQ(proven->leaf_index, 3U);
        EXPECT_NE(proven->tree_size, 5U);
        ++other_sizes;
    }
    EXPECT_EQ(other_sizes, 1) << "7; 4, 1 and 13 have paths of another shape";
}

TEST(Receipt, DoesNotBindIndexAndSizeWithoutACheckpoint) {
    const Tree tree = tree_of(leaves_numbered(5));
    const auto key = test_key("log");
    Bytes receipt = receipt_for(tree, 4, key);
    const std::string text = to_hex(receipt);
    const auto proof = text.find("83050481");  // [5, 4, [one hash]]
    ASSERT_NE(proof, std::string::npos);
    receipt = hex(text.substr(0, proof) + "83020181" + text.substr(proof + 8));
    const auto proven = verify_receipt(receipt, tree.node(0, 4), key.public_key());
    ASSERT_TRUE(proven);
    EXPECT_EQ(proven->tree_size, 2U);
    EXPECT_EQ(proven->leaf_index, 1U);
    EXPECT_EQ(proven->root, tree.root());
    EXPECT_NE(proven->root, tree.root_at(2)) << "which a checkpoint of size 2 shows";
}

TEST(Receipt, NamesItsKeyAndItsAlgorithm) {
    const Tree tree = tree_of(leaves_numbered(5));
    const Bytes receipt = receipt_for(tree, 3, test_key("log"));
    EXPECT_EQ(verify_receipt(receipt, tree.node(0, 3), test_key("wit").public_key()).error().reason,
              "record/wrong-key");
}

TEST(Receipt, IsNotGivenForATreeOfOneEntry) {
    const Tree tree = tree_of(leaves_numbered(1));
    const auto receipt = sign_receipt(*tree.prove_inclusion(0, 1), tree.root(),
                                      {.issuer = "a", .subject = "b", .key = test_key("log")});
    EXPECT_EQ(receipt.error().reason, "record/no-receipt-for-one-entry");
}

TEST(Receipt, ClaimsHaveTheirLimits) {
    const Tree tree = tree_of(leaves_numbered(2));
    const auto proof = *tree.prove_inclusion(0, 2);
    const auto key = test_key("log");
    for (const std::string& bad : {std::string(), std::string(257, 'a'), std::string("a\nb")}) {
        EXPECT_EQ(sign_receipt(proof, tree.root(), {.issuer = bad, .subject = "b", .key = key})
                      .error()
                      .reason,
                  "record/bad-receipt");
        EXPECT_EQ(sign_receipt(proof, tree.root(), {.issuer = "a", .subject = bad, .key = key})
                      .error()
                      .reason,
                  "record/bad-receipt");
    }
}

/// A receipt made by hand, signed over the right root whatever else is wrong with it.
struct HandMade {
    std::int64_t algorithm = crypto::cose_ed25519;
    std::int64_t structure = 1;
    std::int64_t size = 3;
    std::int64_t index = 2;
    std::vector<Bytes> path{owned(vec_tree().node(1, 0).octets)};
    std::size_t proofs = 1;
    bool detached = true;
    std::string behind{};

    Bytes header() const {
        codec::CborWriter writer;
        writer.map(4);
        writer.integer(1), writer.integer(algorithm);
        writer.integer(4), writer.bytes(crypto::thumbprint(test_key("log").public_key()).octets);
        writer.integer(15), writer.map(2);
        writer.integer(1), writer.text("a"), writer.integer(2), writer.text("b");
        writer.integer(395), writer.integer(structure);
        return writer.take();
    }

    Bytes proof() const {
        codec::CborWriter writer;
        writer.array(3);
        writer.integer(size), writer.integer(index), writer.array(path.size());
        for (const Bytes& hash : path) writer.bytes(hash);
        return writer.take();
    }

    std::string outcome() const {
        const Digest root = vec_tree().root();
        codec::CborWriter writer;
        writer.tag(18), writer.array(4), writer.bytes(header());
        writer.map(1), writer.integer(396), writer.map(1), writer.integer(-1);
        writer.array(proofs);
        for (std::size_t i = 0; i < proofs; ++i) writer.bytes(proof());
        if (detached) {
            writer.null();
        } else {
            writer.bytes(root.octets);
        }
        writer.bytes(test_key("log").sign(crypto::signature_input(header(), root.octets)));
        Bytes receipt = writer.take();
        const Bytes more = hex(behind);
        receipt.insert(receipt.end(), more.begin(), more.end());
        const auto proven =
            verify_receipt(receipt, vec_tree().node(0, 2), test_key("log").public_key());
        return proven ? "proven" : std::string(proven.error().reason);
    }
};

TEST(Receipt, OfAnotherFormIsRefused) {
    EXPECT_EQ(HandMade{}.outcome(), "proven");
    EXPECT_EQ(HandMade{.algorithm = crypto::cose_eddsa}.outcome(), "proven");
    EXPECT_EQ(HandMade{.algorithm = crypto::cose_es256}.outcome(), "record/wrong-algorithm");
    EXPECT_EQ(HandMade{.algorithm = -16}.outcome(), "record/wrong-algorithm");
    EXPECT_EQ(HandMade{.structure = 2}.outcome(), "record/bad-receipt");
    EXPECT_EQ(HandMade{.size = -1}.outcome(), "record/bad-receipt");
    EXPECT_EQ(HandMade{.index = -1}.outcome(), "record/bad-receipt");
    EXPECT_EQ(HandMade{.index = 3}.outcome(), "record/bad-proof");
    EXPECT_EQ(HandMade{.size = 0}.outcome(), "record/bad-proof");
    EXPECT_EQ(HandMade{.size = std::numeric_limits<std::int64_t>::max()}.outcome(),
              "record/bad-proof");
    EXPECT_EQ(HandMade{.proofs = 0}.outcome(), "record/bad-receipt");
    EXPECT_EQ(HandMade{.proofs = 2}.outcome(), "record/bad-receipt");
    EXPECT_EQ(HandMade{.detached = false}.outcome(), "record/bad-receipt");
    EXPECT_EQ(HandMade{.behind = "00"}.outcome(), "record/bad-receipt");
    EXPECT_EQ(HandMade{.path = {}}.outcome(), "record/bad-receipt");
    EXPECT_EQ(HandMade{.path = {Bytes(31)}}.outcome(), "record/bad-receipt");
    EXPECT_EQ(HandMade{.path = std::vector(2, Bytes(32))}.outcome(), "record/bad-proof");
    EXPECT_EQ(HandMade{.path = std::vector(64, Bytes(32))}.outcome(), "record/bad-receipt");
    EXPECT_EQ(HandMade{.path = std::vector(200, Bytes(32))}.outcome(), "record/receipt-too-large");
}

}  // namespace
}  // namespace comity::record
