// SPDX-License-Identifier: Apache-2.0
//
// How we trust checkpoints: an independent program's log and witness signatures come out octet for
// octet, and whatever is not exactly three lines of the expected log is refused.

#include "record/checkpoint.h"

#include <gtest/gtest.h>

#include "record/test_vectors.h"

namespace comity::record {
namespace {

const std::string origin = "log.comity.example/v1";
constexpr Timestamp witnessed{1'790'000'000};

Checkpoint example() {
    return {.origin = origin, .size = 3, .root = digest_of_hex(vec_line("root"))};
}

/// The checkpoint note in vec.txt.
std::string example_note() {
    const std::string file = file_text("tests/vectors/record/vec.txt");
    const auto begin = file.find("\n" + origin + "\n") + 1;
    const auto end = file.find("\n\nreceipt");
    return file.substr(begin, end + 1 - begin);
}

NoteVerifier log_verifier() { return {.name = origin, .key = test_key("log").public_key()}; }

NoteSigner witness() { return {.name = "witness.example/w1", .key = test_key("wit")}; }

std::vector<NoteVerifier> witnesses() { return {witness().verifier(NoteKeyType::cosignature)}; }

TEST(Checkpoint, MatchesTheIndependentVector) {
    EXPECT_EQ(verifier_key(origin, test_key("log").public_key()), vec_line("log vkey"));
    EXPECT_EQ(witnesses()[0].text(), vec_line("wit vkey"));
    EXPECT_EQ(checkpoint_text(example()),
              "log.comity.example/v1\n3\nLnBfGdVCtFk4R5pZxf452g7whBpy2hTQiPa4yDS4TiE=\n");
    const std::string note = sign_checkpoint(example(), test_key("log"));
    EXPECT_EQ(note + cosign_checkpoint(example(), witness(), witnessed), example_note());
}

TEST(Checkpoint, OpensForTheLogAndItsWitness) {
    EXPECT_EQ(*open_checkpoint(example_note(), origin, test_key("log").public_key()), example());
    const auto cosigned = open_cosigned_checkpoint(example_note(), log_verifier(), witnesses());
    ASSERT_TRUE(cosigned) << cosigned.error().message;
    EXPECT_EQ(cosigned->checkpoint, example());
    EXPECT_EQ(cosigned->cosignatures,
              (std::vector<Cosignature>{{.witness = witness().name, .time = witnessed}}));
    const auto alone = open_cosigned_checkpoint(example_note(), log_verifier(), {});
    ASSERT_TRUE(alone);
    EXPECT_TRUE(alone->cosignatures.empty());
}

TEST(Checkpoint, OfAnotherLogOrKeyIsRefused) {
    const auto key = test_key("log").public_key();
    EXPECT_EQ(open_checkpoint(example_note(), "log.comity.example/v2", key).error().reason,
              "record/unknown-signers");
    EXPECT_EQ(open_checkpoint(example_note(), origin, test_key("wit").public_key()).error().reason,
              "record/unknown-signers");
    // A text that names another log, under this log's signature.
    Checkpoint other = example();
    other.origin = "other.example";
    const std::string note =
        sign_note(checkpoint_text(other), {.name = origin, .key = test_key("log")});
    EXPECT_EQ(open_checkpoint(note, origin, key).error().reason, "record/bad-checkpoint");
}

TEST(Checkpoint, OfAWitnessAloneIsRefused) {
    const std::string note =
        checkpoint_text(example()) + "\n" + cosign_checkpoint(example(), witness(), witnessed);
    EXPECT_EQ(open_cosigned_checkpoint(note, log_verifier(), witnesses()).error().reason,
              "record/unknown-signers");
}

TEST(Checkpoint, ABadCosignatureSpoilsIt) {
    Checkpoint other = example();
    other.size = 4;
    const std::string note = sign_checkpoint(example(), test_key("log")) +
                             cosign_checkpoint(other, witness(), witnessed);
    EXPECT_EQ(open_cosigned_checkpoint(note, log_verifier(), witnesses()).error().reason,
              "crypto/bad-signature");
    EXPECT_TRUE(open_checkpoint(note, origin, test_key("log").public_key()));
}

TEST(Checkpoint, WitnessesAreGivenByTheirCosignatureKeys) {
    EXPECT_EQ(
        open_cosigned_checkpoint(example_note(), log_verifier(), std::vector{witness().verifier()})
            .error()
            .reason,
        "record/wrong-key");
}

TEST(Checkpoint, EveryBentCharacterIsRefused) {
    const std::string note = sign_checkpoint(example(), test_key("log"));
    for (std::size_t i = 0; i < note.size(); ++i) {
        std::string bent = note;
        bent[i] = static_cast<char>(bent[i] ^ 1);
        EXPECT_FALSE(open_checkpoint(bent, origin, test_key("log").public_key())) << i;
    }
}

TEST(Checkpoint, TextIsExactlyThreeLines) {
    const std::string root = "LnBfGdVCtFk4R5pZxf452g7whBpy2hTQiPa4yDS4TiE=\n";
    ASSERT_TRUE(parse_checkpoint_text("a\n3\n" + root));
    for (const std::string& text : std::vector<std::string>{
             "",
             "a\n",
             "a\n3\n",
             "a\n3\n" + root.substr(0, root.size() - 1),
             "a\n3\n" + root + "extension\n",
             "a\n3\n" + root + "\n",
             "\n3\n" + root,
             "a b\n3\n" + root,
             "a+b\n3\n" + root,
             std::string(256, 'a') + "\n3\n" + root,
             "a\n\n" + root,
             "a\n03\n" + root,
             "a\n+3\n" + root,
             "a\n-3\n" + root,
             "a\n 3\n" + root,
             "a\n3 \n" + root,
             "a\n3.0\n" + root,
             "a\n9223372036854775808\n" + root,
             "a\n18446744073709551616\n" + root,
             "a\n3\n" + root.substr(1),
             "a\n3\n" + root.substr(4),
             "a\n3\nAAAA" + root,
             "a\n3\nLnBfGdVCtFk4R5pZxf452g7whBpy2hTQiPa4yDS4TiF=\n",  // stray bits
             "a\n0\n" + root,                                         // nothing has another root
             "a\r\n3\r\n" + root,
         }) {
        EXPECT_EQ(parse_checkpoint_text(text).error().reason, "record/bad-checkpoint") << text;
    }
    EXPECT_TRUE(parse_checkpoint_text("a\n9223372036854775807\n" + root));
    EXPECT_TRUE(parse_checkpoint_text(checkpoint_text({.origin = "a", .root = sha256({})})));
}

}  // namespace
}  // namespace comity::record
