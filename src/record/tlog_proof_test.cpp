// SPDX-License-Identifier: Apache-2.0
//
// How we trust offline proofs: they read back octet for octet, every changed character is refused
// by the reader or by the verifier, and only the log's and the witnesses' signatures count.

#include "record/tlog_proof.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "record/test_vectors.h"

namespace comity::record {
namespace {

const Tree& tree() {
    static const Tree made = tree_of(leaves_numbered(5));
    return made;
}

NoteVerifier log_verifier() { return {.name = "log.example", .key = test_key("log").public_key()}; }

std::vector<NoteVerifier> witnesses() {
    return {NoteSigner{.name = "wit.example", .key = test_key("wit")}.verifier(
        NoteKeyType::cosignature)};
}

TlogProof example() {
    const Checkpoint checkpoint{.origin = "log.example", .size = 5, .root = tree().root()};
    return {.extra = std::nullopt,
            .index = 3,
            .path = tree().prove_inclusion(3, 5)->path,
            .checkpoint = sign_checkpoint(checkpoint, test_key("log")) +
                          cosign_checkpoint(checkpoint,
                                            {.name = "wit.example", .key = test_key("wit")}, {7})};
}

TEST(TlogProof, ReadsBackAndVerifies) {
    TlogProof proof = example();
    for (const auto& extra : {std::optional<Bytes>{}, std::optional(owned(bytes_of("x\n")))}) {
        proof.extra = extra;
        const std::string text = write_tlog_proof(proof);
        EXPECT_TRUE(text.starts_with("c2sp.org/tlog-proof@v1\n"));
        const auto parsed = parse_tlog_proof(text);
        ASSERT_TRUE(parsed) << parsed.error().message;
        EXPECT_EQ(*parsed, proof);
        const auto proven =
            verify_tlog_proof(*parsed, tree().node(0, 3), log_verifier(), witnesses());
        ASSERT_TRUE(proven) << proven.error().message;
        EXPECT_EQ(proven->checkpoint.size, 5U);
        EXPECT_EQ(proven->cosignatures,
                  (std::vector<Cosignature>{{.witness = "wit.example", .time = {7}}}));
    }
}

TEST(TlogProof, OfATreeOfOneEntryHasNoPath) {
    const Tree one = tree_of(leaves_numbered(1));
    const TlogProof proof{
        .extra = std::nullopt,
        .index = 0,
        .path = {},
        .checkpoint = sign_checkpoint({.origin = "log.example", .size = 1, .root = one.root()},
                                      test_key("log"))};
    const auto parsed = parse_tlog_proof(write_tlog_proof(proof));
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(verify_tlog_proof(*parsed, one.root(), log_verifier(), {}));
}

TEST(TlogProof, EveryBentCharacterIsRefused) {
    const std::string text = write_tlog_proof(example());
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string bent = text;
        bent[i] = static_cast<char>(bent[i] ^ 1);
        const auto parsed = parse_tlog_proof(bent);
        if (!parsed) continue;
        // In a witness's name it makes the line an unknown witness's, which is skipped.
        const auto proven =
            verify_tlog_proof(*parsed, tree().node(0, 3), log_verifier(), witnesses());
        EXPECT_TRUE(!proven || proven->cosignatures.empty()) << i << " " << bent;
    }
}

TEST(TlogProof, OfAnotherLeafIndexOrSizeIsRefused) {
    const TlogProof good = example();
    const auto reason = [](const TlogProof& proof, const Digest& leaf) {
        return verify_tlog_proof(proof, leaf, log_verifier(), {}).error().reason;
    };
    EXPECT_EQ(reason(good, tree().node(0, 2)), "record/bad-proof");
    TlogProof moved = good;
    moved.index = 2;
    EXPECT_EQ(reason(moved, tree().node(0, 3)), "record/bad-proof");
    moved.index = 5;
    EXPECT_EQ(reason(moved, tree().node(0, 3)), "record/bad-proof");
    TlogProof unsigned_proof = good;
    unsigned_proof.checkpoint = sign_checkpoint(
        {.origin = "log.example", .size = 5, .root = tree().root()}, test_key("wit"));
    EXPECT_EQ(reason(unsigned_proof, tree().node(0, 3)), "record/unknown-signers");
}

TEST(TlogProof, IsReadStrictly) {
    const TlogProof good = example();
    const std::string hash = to_base64(good.path[0].octets) + "\n";
    const std::string end = "\n" + good.checkpoint;
    const std::string head = "c2sp.org/tlog-proof@v1\n";
    ASSERT_TRUE(parse_tlog_proof(head + "index 3\n" + hash + end));
    std::string path_of_64;
    for (int i = 0; i < 64; ++i) path_of_64 += hash;
    for (const std::string& text :
         std::vector<std::string>{"",
                                  head,
                                  head + "index 3\n",
                                  head + "index 3\n" + hash,
                                  "c2sp.org/tlog-proof@v2\nindex 3\n" + hash + end,
                                  "index 3\n" + hash + end,
                                  head + hash + end,
                                  head + "index 03\n" + hash + end,
                                  head + "index -3\n" + hash + end,
                                  head + "index\n" + hash + end,
                                  head + "index \n" + hash + end,
                                  head + "index 3 \n" + hash + end,
                                  head + "Index 3\n" + hash + end,
                                  head + "index 9223372036854775807\n" + hash + end,
                                  head + "index 18446744073709551616\n" + hash + end,
                                  head + "index 3\nextra AAAA\n" + hash + end,
                                  head + "extra AAA\nindex 3\n" + hash + end,
                                  head + "extra AAAA\n" + hash + end,
                                  head + "extra AAAA\nextra AAAA\nindex 3\n" + hash + end,
                                  head + "index 3\nAAAA\n" + end,
                                  head + "index 3\n" + hash.substr(1) + end,
                                  head + "index 3\n" + hash + good.checkpoint,
                                  head + "index 3\n" + hash + "\n" + end,
                                  head + "index 3\n" + hash + "\n",
                                  head + "index 3\r\n" + hash + end,
                                  head + "index 3\n" + path_of_64 + end,
                                  head + "index 3\n" + hash + end + "x"}) {
        const auto parsed = parse_tlog_proof(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().reason, "record/bad-tlog-proof") << text;
    }
    EXPECT_EQ(parse_tlog_proof(std::string(tlog_proof_bytes_max + 1, 'a')).error().reason,
              "record/tlog-proof-too-large");
}

}  // namespace
}  // namespace comity::record
