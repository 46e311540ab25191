// SPDX-License-Identifier: Apache-2.0
#pragma once

// Ed25519 (RFC 8032) over libsodium, strict: the half of crypto/key.h that is for this algorithm.

#include <array>

#include "base/bytes.h"
#include "base/result.h"

namespace comity::crypto::detail {

using Ed25519Secret = std::array<unsigned char, 64>;  // seed and public key, as libsodium has it

/// Errors: as checked_public_key.
Result<> check_ed25519_key(BytesView octets);

/// The secret of a 32-octet seed; the caller wipes it.
Ed25519Secret ed25519_from_seed(BytesView seed);

Bytes sign_ed25519(const Ed25519Secret& secret, BytesView message);

bool verify_ed25519(BytesView key, BytesView message, BytesView signature);

void wipe(std::span<unsigned char> secret);

}  // namespace comity::crypto::detail
