// SPDX-License-Identifier: Apache-2.0
#pragma once

// Rational: an exact fraction, for shares and thresholds. "Two thirds" is 2/3, never 0.667.
//
// What parse and make return is in lowest terms with a denominator above zero. Comparison is exact
// for every pair of such values: the products are taken in 128 bits.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace comity {

struct Rational {
    std::int64_t num = 0;
    std::int64_t den = 1;  ///< above zero

    /// Reads `5`, `-5` or `2/3`, in lowest terms, without spaces, signs `+` or leading zeros.
    /// Errors: invalid "base/bad-rational".
    static Result<Rational> parse(std::string_view text);

    /// num/den brought to lowest terms.
    /// Errors: invalid "base/bad-rational" for a denominator of zero, or one of the two numbers
    /// being the least that 64 bits hold.
    static Result<Rational> make(std::int64_t num, std::int64_t den);

    /// What parse reads.
    std::string text() const;

    friend std::strong_ordering operator<=>(const Rational& a, const Rational& b);
    friend bool operator==(const Rational& a, const Rational& b);
};

}  // namespace comity
