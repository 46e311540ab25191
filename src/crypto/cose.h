// SPDX-License-Identifier: Apache-2.0
#pragma once

// COSE_Sign1 (RFC 9052 section 4.2) in the one form that enters the record.
//
// The unprotected header is empty: what is not signed is not kept. The protected header stays the
// very octets that were received; signatures are checked over them and nothing is re-encoded.
// Pure functions, safe from any thread.

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace comity::crypto {

// COSE algorithm identifiers (IANA registry; -7 and -8 are deprecated by RFC 9864 but common).
inline constexpr std::int64_t cose_es256 = -7;
inline constexpr std::int64_t cose_eddsa = -8;
inline constexpr std::int64_t cose_esp256 = -9;
inline constexpr std::int64_t cose_ed25519 = -19;

struct CoseSign1 {
    Bytes protected_header;  ///< content of the byte string, verbatim; never empty
    Bytes payload;
    Bytes signature;  ///< 64 octets

    friend bool operator==(const CoseSign1&, const CoseSign1&) = default;
};

/// What the signature is over: Sig_structure of RFC 9052 section 4.4, external_aad empty.
Bytes signature_input(BytesView protected_header, BytesView payload);

/// Tagged COSE_Sign1 with an empty unprotected header: d2 84 <bstr> a0 <bstr> <bstr>.
Bytes encode(const CoseSign1& message);

/// Reads exactly what encode writes; what is read encodes back to the same octets. The content of
/// the protected header is the caller's to read.
/// Errors: invalid "crypto/bad-cose".
Result<CoseSign1> parse_cose_sign1(BytesView octets);

}  // namespace comity::crypto
