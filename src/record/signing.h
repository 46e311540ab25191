// SPDX-License-Identifier: Apache-2.0
#pragma once

// What statements and receipts share: the header labels they use, and which COSE algorithm belongs
// to which key. Sources: RFC 9052, RFC 9597, RFC 9942, IANA COSE registry.

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "crypto/key.h"

namespace comity::record::detail {

// Header parameters.
inline constexpr std::int64_t label_algorithm = 1;
inline constexpr std::int64_t label_content_type = 3;
inline constexpr std::int64_t label_key_id = 4;
inline constexpr std::int64_t label_claims = 15;
inline constexpr std::int64_t label_proof_kind = 395;  // verifiable data structure
inline constexpr std::int64_t label_proofs = 396;

// Claims.
inline constexpr std::int64_t claim_issuer = 1;
inline constexpr std::int64_t claim_subject = 2;
inline constexpr std::int64_t claim_audience = 3;
inline constexpr std::int64_t claim_issued_at = 6;

/// Whether a claim's text is 1 to 256 octets without control characters.
bool is_claim(std::string_view text);

/// Whether `algorithm` is one of -19, -9, -8, -7.
bool is_known_algorithm(std::int64_t algorithm);

/// The key decides, not the header. Errors: invalid "record/wrong-algorithm".
Result<> check_algorithm(std::int64_t algorithm, const crypto::PublicKey& key);

}  // namespace comity::record::detail
