// SPDX-License-Identifier: Apache-2.0
#pragma once

// MD5, for one thing only: RFC 3797 draws with it, and draws that others published are repeated
// here. It protects nothing: collisions can be made at will. Source: RFC 1321.

#include <array>
#include <cstddef>
#include <initializer_list>

#include "base/bytes.h"
#include "base/result.h"

namespace comity {

using Md5 = std::array<std::byte, 16>;

/// MD5 of the concatenation of `parts`.
/// Errors: unavailable "crypto/no-md5" where OpenSSL was set up without it.
Result<Md5> md5(std::initializer_list<BytesView> parts);

}  // namespace comity
