// SPDX-License-Identifier: Apache-2.0
//
// How we trust keys as values: each has one text, one COSE_Key and one thumbprint, and whatever
// differs by a character is refused; a secret survives its PEM and reads nothing else.

#include "crypto/key.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include <memory>

#include "base/base64.h"
#include "base/hex.h"

namespace comity::crypto {
namespace {

class EachAlgorithm : public testing::TestWithParam<Algorithm> {
protected:
    const PrivateKey key = PrivateKey::generate(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Keys, EachAlgorithm,
                         testing::Values(Algorithm::ed25519, Algorithm::es256));

TEST_P(EachAlgorithm, KeyHasOneText) {
    const std::string text = key.public_key().text();
    EXPECT_EQ(*PublicKey::parse(text), key.public_key());
    for (const std::string& other :
         {text + "=", " " + text, text + "A", text.substr(0, text.size() - 1),
          "ED25519:" + text.substr(text.find(':') + 1), text.substr(text.find(':') + 1),
          std::string("es384:") + text, std::string()}) {
        const auto parsed = PublicKey::parse(other);
        ASSERT_FALSE(parsed) << other;
        EXPECT_EQ(parsed.error().reason, "crypto/bad-key") << other;
    }
}

TEST_P(EachAlgorithm, KeyHasOneCoseKey) {
    const Bytes cose = cose_key(key.public_key());
    EXPECT_EQ(*parse_cose_key(cose), key.public_key());
    EXPECT_EQ(thumbprint(key.public_key()), sha256({cose}));
    constexpr std::size_t labels = 8;  // what stands before x; another x may be another key
    for (std::size_t i = 0; i < labels; ++i) {
        for (unsigned bit = 1; bit < 256; bit <<= 1U) {
            Bytes bent = cose;
            bent[i] ^= static_cast<std::byte>(bit);
            EXPECT_FALSE(parse_cose_key(bent)) << i << " bit " << bit;
        }
    }
    Bytes longer = cose;
    longer.push_back(std::byte{0});
    EXPECT_EQ(parse_cose_key(longer).error().reason, "codec/bad-cbor");
    EXPECT_FALSE(parse_cose_key(BytesView(cose).first(cose.size() - 1)));
}

TEST_P(EachAlgorithm, SecretSurvivesItsPem) {
    const std::string pem = key.pem();
    EXPECT_TRUE(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    const auto again = PrivateKey::from_pem(pem);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->public_key(), key.public_key());
    EXPECT_EQ(again->pem(), pem);
    EXPECT_TRUE(verify(key.public_key(), bytes_of("m"), again->sign(bytes_of("m"))));
}

TEST_P(EachAlgorithm, CopiesSignAlike) {
    const PrivateKey copy = key;  // NOLINT(performance-unnecessary-copy-initialization)
    EXPECT_TRUE(verify(key.public_key(), bytes_of("m"), copy.sign(bytes_of("m"))));
}

TEST_P(EachAlgorithm, SignatureOfTheOtherAlgorithmIsRefused) {
    const auto other = GetParam() == Algorithm::es256 ? Algorithm::ed25519 : Algorithm::es256;
    const Bytes signature = PrivateKey::generate(other).sign(bytes_of("m"));
    EXPECT_FALSE(verify(key.public_key(), bytes_of("m"), signature));
}

// Source: the thumbprint example of RFC 9679 section 6.
TEST(Key, ThumbprintMatchesThePublishedVector) {
    const auto key = checked_public_key(
        Algorithm::es256,
        *from_hex("65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d"
                  "1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c"));
    ASSERT_TRUE(key);
    EXPECT_EQ(to_hex(thumbprint(*key).octets),
              "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec");
}

TEST(Key, ParseRefusesAWeakKeyByName) {
    Bytes neutral(32);
    neutral[0] = std::byte{1};
    EXPECT_EQ(PublicKey::parse("ed25519:" + to_base64url(neutral)).error().reason,
              "crypto/weak-key");
}

std::string written(int (*write)(BIO*, const EVP_PKEY*), const char* curve) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen(curve),
                                                                  &EVP_PKEY_free);
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), &BIO_free_all);
    EXPECT_EQ(write(bio.get(), key.get()), 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return std::string(text, static_cast<std::size_t>(size));
}

int write_plain(BIO* bio, const EVP_PKEY* key) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
}

int write_encrypted(BIO* bio, const EVP_PKEY* key) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_128_cbc(), "x", 1, nullptr, nullptr);
}

int write_traditional(BIO* bio, const EVP_PKEY* key) {
    return PEM_write_bio_PrivateKey_traditional(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
}

TEST(Key, PemOfAnotherKindIsRefused) {
    ASSERT_TRUE(PrivateKey::from_pem(written(&write_plain, "P-256")));
    const std::string good = PrivateKey::generate(Algorithm::ed25519).pem();
    for (const std::string& pem :
         {written(&write_plain, "P-384"), written(&write_encrypted, "P-256"),
          written(&write_traditional, "P-256"), std::string(), std::string("not a key"),
          good.substr(0, good.size() / 2), "\n" + good, std::string(10'000, 'A')}) {
        const auto parsed = PrivateKey::from_pem(pem);
        ASSERT_FALSE(parsed) << pem.substr(0, 40);
        EXPECT_EQ(parsed.error().reason, "crypto/bad-key");
    }
}

TEST(Key, RandomBytesAreAsManyAsAskedAndDiffer) {
    EXPECT_TRUE(random_bytes(0).empty());
    EXPECT_EQ(random_bytes(32).size(), 32U);
    EXPECT_NE(random_bytes(32), random_bytes(32));
}

}  // namespace
}  // namespace comity::crypto
