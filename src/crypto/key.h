// SPDX-License-Identifier: Apache-2.0
#pragma once

// Keys and signatures: Ed25519 (RFC 8032) and ECDSA on P-256 with SHA-256 (FIPS 186-5).
//
// What always holds: one message, one key and one signer give one acceptable form of signature. A
// PublicKey made by parse or checked_public_key is a canonical point of the prime-order group, so
// no key "signs everything" and honest verifiers agree; an ECDSA signature has a low S (n - s
// verifies as well, and would give a second hash for the same statement).
//
// Everything here is immutable after construction and safe from any thread. Private octets are
// wiped when the last copy goes. Ed25519 is libsodium's, because OpenSSL accepts small-order and
// non-canonical keys; P-256 is OpenSSL's.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/sha256.h"

namespace comity::crypto {

enum class Algorithm : std::uint8_t { ed25519, es256 };

inline constexpr std::size_t signature_size = 64;  ///< octets, of either algorithm
inline constexpr std::size_t seed_size = 32;       ///< octets of an Ed25519 seed

/// A key that signatures are checked with. Compared bytewise; the order means nothing.
struct PublicKey {
    Algorithm algorithm = Algorithm::ed25519;
    Bytes octets;  ///< ed25519: 32 as in RFC 8032; es256: x and y, 32 each, big-endian

    /// Reads "ed25519:<base64url>" or "es256:<base64url>". Errors: as checked_public_key.
    static Result<PublicKey> parse(std::string_view text);

    /// What parse reads.
    std::string text() const;

    friend auto operator<=>(const PublicKey&, const PublicKey&) = default;
};

/// The key that `octets` encode, checked to be a canonical point of the prime-order group.
/// Costs about one signature check.
/// Errors: invalid "crypto/weak-key" for a point of small order, under which anybody can sign;
/// invalid "crypto/bad-key" for a wrong length, a point off the curve, outside the prime-order
/// group, or encoded non-canonically.
Result<PublicKey> checked_public_key(Algorithm algorithm, BytesView octets);

/// RFC 9679 thumbprint: SHA-256 of cose_key(key). This is the key id (kid) everywhere.
Digest thumbprint(const PublicKey& key);

/// Deterministic COSE_Key (RFC 9052 section 7) of the required members only.
Bytes cose_key(const PublicKey& key);

/// Reads exactly what cose_key writes. Errors: as checked_public_key, and "codec/bad-cbor".
Result<PublicKey> parse_cose_key(BytesView cose);

/// A key that signs. Copies share one immutable secret.
class PrivateKey {
public:
    /// A new key from the system's randomness.
    static PrivateKey generate(Algorithm algorithm);

    /// The Ed25519 key of a 32-octet seed. Errors: invalid "crypto/bad-key" for another length.
    static Result<PrivateKey> from_seed(BytesView seed);

    /// Reads an unencrypted PKCS #8 "PRIVATE KEY" block.
    /// Errors: invalid "crypto/bad-key" for anything else, or for another kind of key.
    static Result<PrivateKey> from_pem(std::string_view pem);

    /// What from_pem reads. Secret: never log it, and store it readable to its owner only.
    std::string pem() const;

    const PublicKey& public_key() const;

    /// 64 octets: R and S for Ed25519; r and low s, big-endian, for ES256. An ES256 signature
    /// is different each time.
    Bytes sign(BytesView message) const;

private:
    struct Secret;
    explicit PrivateKey(std::shared_ptr<const Secret> secret);

    std::shared_ptr<const Secret> secret_;  // shared and const: copies cost nothing, race nothing
};

/// Succeeds when `signature` is by `key` over `message`. `key` must come from parse or
/// checked_public_key.
/// Errors: invalid "crypto/bad-signature", also for a high S and for another length than 64.
Result<> verify(const PublicKey& key, BytesView message, BytesView signature);

/// Octets from the system's randomness, for keys and nonces. Never used inside the fold.
Bytes random_bytes(std::size_t count);

}  // namespace comity::crypto
