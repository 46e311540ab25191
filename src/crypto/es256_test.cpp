// SPDX-License-Identifier: Apache-2.0
//
// How we trust ES256: a published signature verifies, our signatures always have the low S, the
// high one is refused although it satisfies the equation, and each bit of a signature matters.

#include <gtest/gtest.h>
#include <openssl/bn.h>

#include <algorithm>
#include <memory>

#include "base/hex.h"
#include "crypto/key.h"

namespace comity::crypto {
namespace {

Bytes hex(std::string_view text) { return *from_hex(text); }

const Bytes& order() {
    static const Bytes octets =
        hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    return octets;
}

/// The signature with n - s in the place of s.
Bytes with_other_s(Bytes signature) {
    int borrow = 0;
    for (std::size_t i = 32; i-- > 0;) {
        int digit =
            std::to_integer<int>(order()[i]) - std::to_integer<int>(signature[32 + i]) - borrow;
        borrow = digit < 0 ? 1 : 0;
        digit += borrow * 256;
        signature[32 + i] = static_cast<std::byte>(digit);
    }
    return signature;
}

Bytes joined(Bytes first, const Bytes& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

// Source: RFC 6979 appendix A.2.5 (P-256, SHA-256); its first signature has a high S.
class Rfc6979 : public testing::Test {
protected:
    const PublicKey key = *checked_public_key(
        Algorithm::es256, hex("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                              "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"));
    const Bytes of_sample =
        hex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
            "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
    const Bytes of_test =
        hex("f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
            "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083");
};

TEST_F(Rfc6979, APublishedSignatureWithLowSVerifies) {
    EXPECT_TRUE(verify(key, bytes_of("test"), of_test));
    EXPECT_FALSE(verify(key, bytes_of("sample"), of_test));
}

TEST_F(Rfc6979, APublishedSignatureWithHighSIsRefusedAndItsLowTwinVerifies) {
    EXPECT_EQ(verify(key, bytes_of("sample"), of_sample).error().reason, "crypto/bad-signature");
    EXPECT_TRUE(verify(key, bytes_of("sample"), with_other_s(of_sample)));
}

TEST(Es256, SignsWithLowSAndRefusesTheHighOne) {
    const PrivateKey key = PrivateKey::generate(Algorithm::es256);
    for (int i = 0; i < 60; ++i) {  // a random S is low in half of the cases
        const Bytes message = random_bytes(33);
        const Bytes signature = key.sign(message);
        ASSERT_TRUE(verify(key.public_key(), message, signature));
        EXPECT_FALSE(verify(key.public_key(), message, with_other_s(signature)));
    }
}

TEST(Es256, AcceptsNothingBent) {
    const PrivateKey key = PrivateKey::generate(Algorithm::es256);
    const Bytes message = random_bytes(20);
    const Bytes signature = key.sign(message);
    for (std::size_t bit = 0; bit < signature.size() * 8; bit += 3) {
        Bytes bent = signature;
        bent[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
        EXPECT_FALSE(verify(key.public_key(), message, bent)) << bit;
    }
    EXPECT_FALSE(verify(key.public_key(), random_bytes(20), signature));
    EXPECT_FALSE(verify(PrivateKey::generate(Algorithm::es256).public_key(), message, signature));
}

TEST(Es256, RefusesZeroAndNumbersOutsideTheGroup) {
    const PrivateKey key = PrivateKey::generate(Algorithm::es256);
    const Bytes message = random_bytes(20);
    const Bytes signature = key.sign(message);
    const Bytes r(signature.begin(), signature.begin() + 32);
    const Bytes s(signature.begin() + 32, signature.end());
    const Bytes zero(32);
    for (const Bytes& bent :
         {joined(zero, s), joined(r, zero), joined(zero, zero), joined(order(), s),
          joined(r, order()), Bytes{}, r, joined(signature, Bytes(1))}) {
        EXPECT_EQ(verify(key.public_key(), message, bent).error().reason, "crypto/bad-signature");
    }
}

TEST(Es256, RefusesPointsThatAreNotOnTheCurve) {
    const PublicKey good = PrivateKey::generate(Algorithm::es256).public_key();
    ASSERT_TRUE(checked_public_key(Algorithm::es256, good.octets));
    for (std::size_t i = 0; i < good.octets.size(); ++i) {
        Bytes bent = good.octets;
        bent[i] ^= std::byte{1};  // a random x is on the curve half the time, but with another y
        EXPECT_EQ(checked_public_key(Algorithm::es256, bent).error().reason, "crypto/bad-key") << i;
    }
    for (const Bytes& other :
         {Bytes(64), Bytes(64, std::byte{0xff}), Bytes(63), Bytes(65), Bytes{}, Bytes(32)}) {
        EXPECT_EQ(checked_public_key(Algorithm::es256, other).error().reason, "crypto/bad-key");
    }
}

// x + p is the same coordinate written a second time; it fits 256 bits only for a small x.
TEST(Es256, RefusesCoordinatesBeyondTheField) {
    const Bytes x5 = hex("0000000000000000000000000000000000000000000000000000000000000005");
    const Bytes x5_plus_p = hex("ffffffff00000001000000000000000000000001000000000000000000000004");
    const Bytes y5 = hex("459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc");
    ASSERT_TRUE(checked_public_key(Algorithm::es256, joined(x5, y5)));
    EXPECT_FALSE(checked_public_key(Algorithm::es256, joined(x5_plus_p, y5)));
}

}  // namespace
}  // namespace comity::crypto
