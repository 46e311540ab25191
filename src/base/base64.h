// SPDX-License-Identifier: Apache-2.0
#pragma once

// Base64 (RFC 4648): the padded alphabet of section 4 and the URL alphabet of section 5.
//
// Strict both ways, so octets have exactly one text: padding where it is due and nowhere else, no
// white space, no line ends, and no bits set beyond the last octet.

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace comity {

/// Section 4: `+` and `/`, padded with `=` to a multiple of four characters.
std::string to_base64(BytesView octets);

/// Reads exactly what to_base64 writes. Errors: invalid "base/bad-base64".
Result<Bytes> from_base64(std::string_view text);

/// Section 5: `-` and `_`, without padding.
std::string to_base64url(BytesView octets);

/// Reads exactly what to_base64url writes. Errors: invalid "base/bad-base64".
Result<Bytes> from_base64url(std::string_view text);

}  // namespace comity
