// SPDX-License-Identifier: Apache-2.0
#include "crypto/ed25519.h"

#include <sodium.h>

#include <algorithm>

#include "base/check.h"
#include "crypto/key.h"

namespace comity::crypto {
namespace {

using Point = std::array<unsigned char, 32>;

/// Every function below begins here: libsodium must be initialised before anything else of it.
void ready() {
    static const int initialised = sodium_init();
    COMITY_CHECK(initialised >= 0);
}

const unsigned char* raw(BytesView octets) {
    return reinterpret_cast<const unsigned char*>(octets.data());
}

unsigned char* raw(Bytes& octets) { return reinterpret_cast<unsigned char*>(octets.data()); }

/// The y coordinates, little-endian, of the eight points of small order: 0 (order 4), 1 (the
/// neutral point), -1 (order 2), two of order 8; then 0 and 1 in their second encoding, plus p.
/// The two x of each y differ in the top bit, which is masked before comparing.
constexpr std::array<Point, 7> small_order{{
    {0x00},
    {0x01},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
     0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
     0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
     0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
     0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
    {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
}};

/// L + 1, little-endian, where L is the order of the group (RFC 8032 section 5.1).
constexpr Point order_plus_one{0xee, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                               0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                               0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

bool has_small_order(const Point& point) {
    Point positive = point;
    positive.back() &= 0x7f;
    return std::find(small_order.begin(), small_order.end(), positive) != small_order.end();
}

/// Whether the point has order L. Multiplying by L + 1 gives the point back only then; libsodium's
/// own check let points of order 2L pass for years (CVE-2025-69277).
bool is_in_prime_group(const Point& point) {
    if (crypto_core_ed25519_is_valid_point(point.data()) != 1) return false;
    Point product{};
    if (crypto_scalarmult_ed25519_noclamp(product.data(), order_plus_one.data(), point.data()) !=
        0) {
        return false;
    }
    return product == point;
}

}  // namespace

namespace detail {

Result<> check_ed25519_key(BytesView octets) {
    ready();
    Point point{};
    if (octets.size() != point.size()) {
        return Error{Code::invalid, "crypto/bad-key", "An Ed25519 key has 32 octets."};
    }
    std::copy_n(raw(octets), point.size(), point.begin());
    if (has_small_order(point)) {
        return Error{Code::invalid, "crypto/weak-key",
                     "Anybody can sign for this Ed25519 key; make a new one."};
    }
    if (!is_in_prime_group(point)) {
        return Error{Code::invalid, "crypto/bad-key",
                     "This is not the canonical form of an Ed25519 key; make a new one."};
    }
    return {};
}

Ed25519Secret ed25519_from_seed(BytesView seed) {
    ready();
    COMITY_CHECK(seed.size() == seed_size);
    Ed25519Secret secret{};
    Point public_octets{};
    COMITY_CHECK(crypto_sign_seed_keypair(public_octets.data(), secret.data(), raw(seed)) == 0);
    return secret;
}

Bytes sign_ed25519(const Ed25519Secret& secret, BytesView message) {
    ready();
    Bytes signature(signature_size);
    COMITY_CHECK(crypto_sign_detached(raw(signature), nullptr, raw(message), message.size(),
                                      secret.data()) == 0);
    return signature;
}

bool verify_ed25519(BytesView key, BytesView message, BytesView signature) {
    ready();
    if (key.size() != crypto_sign_PUBLICKEYBYTES || signature.size() != signature_size) {
        return false;
    }
    return crypto_sign_verify_detached(raw(signature), raw(message), message.size(), raw(key)) == 0;
}

void wipe(std::span<unsigned char> secret) { sodium_memzero(secret.data(), secret.size()); }

}  // namespace detail

Bytes random_bytes(std::size_t count) {
    ready();
    Bytes octets(count);
    if (count > 0) randombytes_buf(octets.data(), octets.size());  // an empty one has no address
    return octets;
}

}  // namespace comity::crypto
