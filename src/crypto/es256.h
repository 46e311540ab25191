// SPDX-License-Identifier: Apache-2.0
#pragma once

// ECDSA on P-256 with SHA-256 over OpenSSL, low S only, and PKCS #8: the half of crypto/key.h that
// is for this algorithm. Signatures are r and s, 32 octets each, as COSE and WebCrypto have them.

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace comity::crypto::detail {

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using OpensslKey = std::unique_ptr<EVP_PKEY, FreeKey>;

/// Errors: as checked_public_key.
Result<> check_es256_key(BytesView octets);

OpensslKey generate_es256();

/// x and y of an ES256 key.
Bytes es256_public_octets(const EVP_PKEY& key);

/// r and low s.
Bytes sign_es256(const EVP_PKEY& key, BytesView message);

bool verify_es256(BytesView key, BytesView message, BytesView signature);

/// Reads an unencrypted PKCS #8 block; null unless it holds an Ed25519 or a P-256 key.
OpensslKey read_pem(std::string_view pem);

std::string write_pem(const EVP_PKEY& key);

/// An Ed25519 key for write_pem; its seed for what read_pem gave, or empty.
OpensslKey openssl_ed25519(BytesView seed);
Bytes ed25519_seed(const EVP_PKEY& key);

}  // namespace comity::crypto::detail
