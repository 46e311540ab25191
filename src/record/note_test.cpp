// SPDX-License-Identifier: Apache-2.0
//
// How we trust notes: the specification's example opens, and no known signature that fails, no
// foreign name, no smuggled line and no unusual text gets through.

#include "record/note.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/base64.h"
#include "record/test_vectors.h"

namespace comity::record {
namespace {

const std::string text = "one\n\ntwo\n";

NoteSigner signer(std::string_view word) {
    return {.name = std::string(word) + ".example", .key = test_key(word)};
}

std::string reason(const std::string& note, const std::vector<NoteVerifier>& known) {
    const auto opened = open_note(note, known);
    return opened ? "opened" : std::string(opened.error().reason);
}

TEST(Note, ExampleOfTheSpecificationOpens) {
    const auto example = json_file("tests/vectors/record/signed-note.json");
    const auto verifier = NoteVerifier::parse(text_of(example, "verifier_key"));
    ASSERT_TRUE(verifier) << verifier.error().message;
    EXPECT_EQ(verifier->text(), text_of(example, "verifier_key"));
    const auto opened = open_note(text_of(example, "note"), std::vector{*verifier});
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->text, "This is an example message.\n");
    ASSERT_EQ(opened->proofs.size(), 1U);
    EXPECT_EQ(opened->proofs[0].name, "example.com/foo");
}

TEST(Note, IsSplitAtTheLastBlankLine) {
    const std::string note = sign_note(text, signer("log"));
    const auto opened = open_note(note, std::vector{signer("log").verifier()});
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->text, text);
}

TEST(Note, UnknownSignersAreIgnoredButNotEnough) {
    const std::string note = sign_note(text, signer("log")) + sign_note_line(text, signer("wit"));
    const auto known = signer("wit").verifier();
    EXPECT_EQ(reason(note, {known}), "opened");
    EXPECT_EQ(reason(note, {signer("issuer").verifier()}), "record/unknown-signers");
    EXPECT_EQ(reason(note, {}), "record/unknown-signers");
}

TEST(Note, OneBadSignatureByAKnownKeySpoilsIt) {
    const std::string good = sign_note(text, signer("log"));
    const std::string bad_line = sign_note_line("other\n", signer("wit"));
    EXPECT_EQ(reason(good + bad_line, {signer("log").verifier()}), "opened");
    EXPECT_EQ(reason(good + bad_line, {signer("log").verifier(), signer("wit").verifier()}),
              "crypto/bad-signature");
    // Also when a good one by the same key stands before it.
    EXPECT_EQ(reason(good + sign_note_line("other\n", signer("log")), {signer("log").verifier()}),
              "crypto/bad-signature");
}

TEST(Note, NamesAreComparedExactly) {
    const NoteSigner longer{.name = "log.example.evil", .key = test_key("log")};
    EXPECT_EQ(reason(sign_note(text, longer), {signer("log").verifier()}),
              "record/unknown-signers");
    // Another name under the known id.
    std::string note = sign_note(text, signer("log"));
    note.replace(note.find("log.example"), 11, "Log.example");
    EXPECT_EQ(reason(note, {signer("log").verifier()}), "record/unknown-signers");
}

TEST(Note, ASignerCountsOnce) {
    const std::string note = sign_note(text, signer("log")) + sign_note_line(text, signer("log"));
    EXPECT_EQ(open_note(note, std::vector{signer("log").verifier()})->proofs.size(), 1U);
}

TEST(Note, TwoKnownKeysOfOneNameAndIdAreRefused) {
    const auto known = signer("log").verifier();
    EXPECT_EQ(reason(sign_note(text, signer("log")), {known, known}), "record/ambiguous-verifiers");
}

TEST(Note, CosignatureCommitsToItsTime) {
    const Timestamp time{1'790'000'000};
    const auto witness = signer("wit").verifier(NoteKeyType::cosignature);
    const std::string note = text + "\n" + cosign_note_line(text, signer("wit"), time);
    const auto opened = open_note(note, std::vector{witness});
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->proofs[0].time, time);
    // The same key as a plain signer has another id, and is not taken for it.
    EXPECT_EQ(reason(note, {signer("wit").verifier()}), "record/unknown-signers");

    auto parsed = *parse_note(note);
    for (std::size_t bit = 0; bit < 64; ++bit) {  // every bit of the time
        Bytes octets = owned(witness.id());
        octets.insert(octets.end(), parsed.signatures[0].octets.begin(),
                      parsed.signatures[0].octets.end());
        octets[4 + bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
        const std::string bent = text + "\n\u2014 " + witness.name + " " + to_base64(octets) + "\n";
        EXPECT_EQ(reason(bent, {witness}), "crypto/bad-signature");
    }
}

TEST(Note, MalformedTextIsRefused) {
    const std::string line = sign_note_line("a\n", signer("log"));
    const auto known = std::vector{signer("log").verifier()};
    ASSERT_EQ(reason("a\n\n" + line, known), "opened");
    const std::string base64 = line.substr(line.rfind(' ') + 1);
    const std::string name = "\u2014 log.example ";
    for (const std::string& note : std::vector<std::string>{
             "",
             "\n",
             "\n\n",
             "a\n",
             "a\n\n",
             "a\n" + line,
             "a\n\n" + line.substr(0, line.size() - 1),
             "a\n\n" + line + "x\n",
             "a\n\n" + line + "\n",
             "a\r\n\n" + line,
             std::string("a\0\n\n", 4) + line,
             "a\x7f\n\n" + line,
             "a\xff\n\n" + line,
             "a\n\n- log.example " + base64,
             "a\n\n\u2014log.example " + base64,
             "a\n\n\u2014  log.example " + base64,
             "a\n\n\u2014 log+example " + base64,
             "a\n\n\u2014 log\u00a0example " + base64,
             "a\n\n\u2014 " + std::string(256, 'n') + " " + base64,
             "a\n\n" + name + "\n",
             "a\n\n" + name + "====\n",
             "a\n\n" + name + "AAAAAA==\n",  // a key id and nothing
             "a\n\n" + name + base64.substr(0, base64.size() - 2) + "\n",
             "a\n\n" + name + " " + base64,
         }) {
        EXPECT_EQ(reason(note, known), "record/bad-note") << note;
    }
}

TEST(Note, HasAtMostSixteenSignaturesAndSixtyFourKibibytes) {
    const auto known = std::vector{signer("log").verifier()};
    std::string note = sign_note("a\n", signer("log"));
    for (int i = 1; i < 16; ++i) note += sign_note_line("a\n", signer("wit"));
    EXPECT_EQ(reason(note, known), "opened");
    EXPECT_EQ(reason(note + sign_note_line("a\n", signer("wit")), known), "record/bad-note");
    const std::string large = std::string(note_bytes_max, 'a') + "\n";
    EXPECT_EQ(reason(sign_note(large, signer("log")), known), "record/note-too-large");
}

TEST(Note, VerifierKeyIsReadStrictly) {
    const std::string good = signer("log").verifier().text();
    ASSERT_TRUE(NoteVerifier::parse(good));
    const auto first = good.find('+');
    std::string wrong_id = good;
    wrong_id[first + 1] = wrong_id[first + 1] == '0' ? '1' : '0';
    std::string capitals = good;
    std::transform(capitals.begin() + static_cast<std::ptrdiff_t>(first),
                   capitals.begin() + static_cast<std::ptrdiff_t>(first) + 9,
                   capitals.begin() + static_cast<std::ptrdiff_t>(first),
                   [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
    Bytes other_type = owned(signer("log").key.public_key().octets);
    other_type.insert(other_type.begin(), std::byte{2});
    std::vector<std::string> bad{"",
                                 "+",
                                 "++",
                                 "a+b",
                                 good + "A",
                                 " " + good,
                                 wrong_id,
                                 "other" + good.substr(first),
                                 good.substr(0, first + 10) + to_base64(other_type)};
    if (capitals != good) bad.push_back(capitals);
    EXPECT_EQ(NoteVerifier::parse(good.substr(0, good.size() - 4)).error().reason,
              "crypto/bad-key");
    for (const std::string& one : bad) {
        EXPECT_EQ(NoteVerifier::parse(one).error().reason, "record/bad-verifier-key") << one;
    }
}

TEST(Note, VerifierKeyOfSmallOrderIsRefused) {
    NoteVerifier weak{.name = "weak", .key = {}};
    weak.key.octets.resize(32);
    weak.key.octets[0] = std::byte{1};
    EXPECT_EQ(NoteVerifier::parse(weak.text()).error().reason, "crypto/weak-key");
}

TEST(Note, KeyNameHasNoSpacePlusOrControlCharacter) {
    EXPECT_TRUE(is_key_name("log.example.org/record"));
    EXPECT_TRUE(is_key_name("中文"));
    EXPECT_TRUE(is_key_name(std::string(255, 'a')));
    for (const char* name : {"", "a b", "a+b", "a\nb", "a\tb", "a\u00a0b", "a\u3000b", "\xff"}) {
        EXPECT_FALSE(is_key_name(name)) << name;
    }
    EXPECT_FALSE(is_key_name(std::string(256, 'a')));
}

}  // namespace
}  // namespace comity::record
