// SPDX-License-Identifier: Apache-2.0
//
// How we trust Ed25519: RFC 8032 fixes keys and signatures; every encoding of a small-order point,
// every non-canonical encoding and every mixed-order variant of a good key is refused, which other
// libraries do not do (shown for OpenSSL); and each bit of a signature matters.

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <array>
#include <memory>
#include <set>

#include "base/hex.h"
#include "crypto/key.h"

namespace comity::crypto {
namespace {

using Point = std::array<unsigned char, 32>;

BytesView view(const Point& point) { return std::as_bytes(std::span(point)); }

Bytes hex(std::string_view text) { return *from_hex(text); }

PrivateKey signer() {
    return *PrivateKey::from_seed(
        hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
}

Point point_of(const PublicKey& key) {
    Point point{};
    std::transform(key.octets.begin(), key.octets.end(), point.begin(),
                   [](std::byte octet) { return std::to_integer<unsigned char>(octet); });
    return point;
}

/// A point of order 8: its multiples are all points of small order.
Point order_eight() {
    Point point{};
    const Bytes octets = hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
    std::transform(octets.begin(), octets.end(), point.begin(),
                   [](std::byte octet) { return std::to_integer<unsigned char>(octet); });
    return point;
}

/// The eight points whose multiple by 8 is the neutral point.
std::set<Point> small_order_points() {
    std::set<Point> points;
    Point sum{1};  // neutral
    for (int i = 0; i < 8; ++i) {
        points.insert(sum);
        Point next{};
        EXPECT_EQ(crypto_core_ed25519_add(next.data(), sum.data(), order_eight().data()), 0);
        sum = next;
    }
    EXPECT_EQ(sum, Point{1}) << "the generator has order 8";
    return points;
}

bool openssl_accepts(const Point& key, BytesView message, BytesView signature) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> loaded(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()),
        &EVP_PKEY_free);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    const auto* raw = [](BytesView octets) {
        return reinterpret_cast<const unsigned char*>(octets.data());
    }(signature);
    return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, loaded.get()) == 1 &&
           EVP_DigestVerify(context.get(), raw, signature.size(),
                            reinterpret_cast<const unsigned char*>(message.data()),
                            message.size()) == 1;
}

// Source: RFC 8032 section 7.1, tests 1 and 2.
TEST(Ed25519, MatchesThePublishedVectors) {
    const PrivateKey first = signer();
    EXPECT_EQ(to_hex(first.public_key().octets),
              "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    EXPECT_EQ(to_hex(first.sign({})),
              "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc6"
              "1e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
    const PrivateKey second = *PrivateKey::from_seed(
        hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
    EXPECT_EQ(to_hex(second.sign(hex("72"))),
              "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e45"
              "8f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

TEST(Ed25519, AcceptsWhatItSignsAndNothingBent) {
    const PrivateKey key = PrivateKey::generate(Algorithm::ed25519);
    Bytes message = random_bytes(40);
    const Bytes signature = key.sign(message);
    ASSERT_TRUE(verify(key.public_key(), message, signature));
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
        Bytes bent = signature;
        bent[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
        EXPECT_EQ(verify(key.public_key(), message, bent).error().reason, "crypto/bad-signature")
            << bit;
    }
    for (std::byte& octet : message) {
        octet ^= std::byte{0x10};
        EXPECT_FALSE(verify(key.public_key(), message, signature));
        octet ^= std::byte{0x10};
    }
    const PrivateKey other = PrivateKey::generate(Algorithm::ed25519);
    EXPECT_FALSE(verify(other.public_key(), message, signature));
}

TEST(Ed25519, RefusesASignatureOfAnotherLength) {
    const PrivateKey key = signer();
    Bytes signature = key.sign({});
    signature.push_back(std::byte{0});
    EXPECT_FALSE(verify(key.public_key(), {}, signature));
    signature.resize(63);
    EXPECT_FALSE(verify(key.public_key(), {}, signature));
    EXPECT_FALSE(verify(key.public_key(), {}, {}));
}

// S + L verifies in the equation; accepting it would give a second signature for free.
TEST(Ed25519, RefusesAnSBeyondTheGroupOrder) {
    const PrivateKey key = signer();
    Bytes signature = key.sign({});
    const Bytes order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    unsigned carry = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        carry += std::to_integer<unsigned>(signature[32 + i]) + std::to_integer<unsigned>(order[i]);
        signature[32 + i] = static_cast<std::byte>(carry & 0xff);
        carry >>= 8;
    }
    ASSERT_EQ(carry, 0U);
    EXPECT_FALSE(verify(key.public_key(), {}, signature));
}

TEST(Ed25519, RefusesEveryPointOfSmallOrder) {
    const auto points = small_order_points();
    ASSERT_EQ(points.size(), 8U);
    for (const Point& point : points) {
        const auto checked = checked_public_key(Algorithm::ed25519, view(point));
        ASSERT_FALSE(checked) << to_hex(view(point));
        EXPECT_EQ(checked.error().reason, "crypto/weak-key") << to_hex(view(point));
        Point other_sign = point;
        other_sign[31] ^= 0x80;  // for x = 0 a non-canonical encoding of the same point
        EXPECT_FALSE(checked_public_key(Algorithm::ed25519, view(other_sign)));
    }
}

// y from p to 2^255 - 1 encodes y - p a second time.
TEST(Ed25519, RefusesEveryNonCanonicalEncoding) {
    for (int above = 0; above < 19; ++above) {
        for (const int sign : {0x00, 0x80}) {
            Point point{};
            point.fill(0xff);
            point[0] = static_cast<unsigned char>(0xed + above);
            point[31] = static_cast<unsigned char>(0x7f | sign);
            EXPECT_FALSE(checked_public_key(Algorithm::ed25519, view(point))) << above;
        }
    }
}

// The reason for all this: under such a key anybody has signed anything.
TEST(Ed25519, RefusesKeysUnderWhichOpensslAcceptsAnyMessage) {
    const Point neutral{1};
    Point non_canonical{};
    non_canonical.fill(0xff);
    non_canonical[0] = 0xee;
    non_canonical[31] = 0x7f;
    Bytes signature(signature_size);
    signature[0] = std::byte{1};  // R neutral, S 0
    for (const Point& point : {neutral, non_canonical}) {
        ASSERT_TRUE(openssl_accepts(point, bytes_of("any message"), signature));
        EXPECT_EQ(checked_public_key(Algorithm::ed25519, view(point)).error().reason,
                  "crypto/weak-key");
        const PublicKey unchecked{Algorithm::ed25519,
                                  Bytes(view(point).begin(), view(point).end())};
        EXPECT_FALSE(verify(unchecked, bytes_of("any message"), signature));
    }
}

TEST(Ed25519, RefusesAGoodKeyMovedByAPointOfSmallOrder) {
    const Point good = point_of(signer().public_key());
    for (const Point& small : small_order_points()) {
        if (small == Point{1}) continue;  // neutral: moves nothing
        Point moved{};
        ASSERT_EQ(crypto_core_ed25519_add(moved.data(), good.data(), small.data()), 0);
        const auto checked = checked_public_key(Algorithm::ed25519, view(moved));
        ASSERT_FALSE(checked) << to_hex(view(small));
        EXPECT_EQ(checked.error().reason, "crypto/bad-key");
    }
}

TEST(Ed25519, RefusesPointsOffTheCurveAndOtherLengths) {
    Point off{2};  // y = 2 has no x
    EXPECT_EQ(checked_public_key(Algorithm::ed25519, view(off)).error().reason, "crypto/bad-key");
    for (const std::size_t size : {0U, 31U, 33U, 64U}) {
        EXPECT_EQ(checked_public_key(Algorithm::ed25519, Bytes(size)).error().reason,
                  "crypto/bad-key");
    }
}

TEST(Ed25519, AcceptsEveryKeyThatItMakes) {
    for (int i = 0; i < 50; ++i) {
        const PublicKey key = PrivateKey::generate(Algorithm::ed25519).public_key();
        EXPECT_EQ(*checked_public_key(Algorithm::ed25519, key.octets), key);
    }
}

TEST(Ed25519, HasSeedsOfThirtyTwoOctets) {
    EXPECT_EQ(PrivateKey::from_seed(Bytes(31)).error().reason, "crypto/bad-key");
    EXPECT_EQ(PrivateKey::from_seed(Bytes(64)).error().reason, "crypto/bad-key");
}

}  // namespace
}  // namespace comity::crypto
