// SPDX-License-Identifier: Apache-2.0
#pragma once

// Lots drawn from published numbers, as RFC 3797 draws them: anyone who has the pool and the
// numbers repeats the draw, and nobody who named the sources before their numbers existed chose it.
//
// Each source is the numbers that one issuer published (a lottery, an index). Pure.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/md5.h"

namespace comity::exchange {

inline constexpr std::size_t rfc3797_source_bytes_max = 1'024;  ///< of one source, as it is given
inline constexpr std::size_t rfc3797_sources_max = 64;
/// The place of a step is hashed in two octets.
inline constexpr std::uint32_t rfc3797_pool_max = 0xffff;

/// The numbers of one source in canonical form (RFC 3797 section 4): ascending, in decimal digits
/// without leading zeros, a period after each. Numbers are non-negative and whole, of any length,
/// with spaces or commas between them; one may stand twice.
/// Errors: invalid "exchange/bad-numbers".
Result<std::string> canonical_numbers(std::string_view numbers);

/// The canonical forms of all sources, in their order, each with a slash after it.
/// Errors: invalid "exchange/bad-numbers" for a source, for none, or for over rfc3797_sources_max.
Result<std::string> rfc3797_key_string(std::span<const std::string> sources);

struct Rfc3797Step {
    Md5 digest{};                 ///< of place, key string, place
    std::uint32_t remaining = 0;  ///< entries of the pool that were left: the divisor
    std::uint32_t picked = 0;     ///< number of the entry in the pool, from 1

    friend bool operator==(const Rfc3797Step&, const Rfc3797Step&) = default;
};

struct Rfc3797Draw {
    std::string key_string;
    std::vector<Rfc3797Step> steps;  ///< in the order of the draw
};

/// Draws `draws` of the entries 1..pool.
/// Errors: those of rfc3797_key_string and md5; invalid "exchange/bad-draw" unless
/// 1 <= draws <= pool <= rfc3797_pool_max. Cost: O(draws * pool).
Result<Rfc3797Draw> rfc3797_draw(std::uint32_t pool, std::uint32_t draws,
                                 std::span<const std::string> sources);

}  // namespace comity::exchange
