// SPDX-License-Identifier: Apache-2.0
//
// How we trust the hash: FIPS 180-4's examples fix it, and a text has one digest and back.

#include "crypto/sha256.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/hex.h"

namespace comity {
namespace {

// Source: NIST, examples with intermediate values, SHA-256; the empty message from RFC 6234.
TEST(Sha256, MatchesThePublishedVectors) {
    EXPECT_EQ(to_hex(sha256({}).octets),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(sha256({bytes_of("abc")}).octets),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(
        to_hex(
            sha256({bytes_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")}).octets),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, HashesTheConcatenationOfItsParts) {
    EXPECT_EQ(sha256({bytes_of("a"), {}, bytes_of("bc")}), sha256({bytes_of("abc")}));
}

TEST(Sha256, GivesEveryThreadTheSameDigest) {
    const Digest expected = sha256({bytes_of("abc")});
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 200; ++round) {
                EXPECT_EQ(sha256({bytes_of("abc")}), expected);
            }
        });
    }
}

TEST(Digest, ReadsWhatItWrites) {
    const Digest digest = sha256({bytes_of("abc")});
    EXPECT_EQ(digest.text(),
              "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(*Digest::parse(digest.text()), digest);
    EXPECT_EQ(*Digest::from_octets(digest.octets), digest);
}

TEST(Digest, RefusesAnyOtherText) {
    const std::string good = sha256({bytes_of("abc")}).text();
    std::vector<std::string> texts{"",
                                   "sha256:",
                                   good.substr(7),
                                   good + "0",
                                   "sha512:" + good,
                                   " " + good,
                                   good + "\n",
                                   "SHA256:" + good.substr(7)};
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bent = good;
        bent[i] = 'G';
        texts.push_back(bent);
        texts.push_back(good.substr(0, i) + good.substr(i + 1));
    }
    texts.push_back("sha256:BA" + good.substr(9));  // the same octets in capitals
    for (const std::string& text : texts) {
        const auto parsed = Digest::parse(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().reason, "crypto/bad-digest") << text;
    }
}

TEST(Digest, HasThirtyTwoOctets) {
    EXPECT_EQ(Digest::from_octets(Bytes(31)).error().reason, "crypto/bad-digest");
    EXPECT_EQ(Digest::from_octets(Bytes(33)).error().reason, "crypto/bad-digest");
}

}  // namespace
}  // namespace comity
