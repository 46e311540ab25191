// SPDX-License-Identifier: Apache-2.0
#pragma once

// Decimal: an amount exactly as a file writes it, "2.1e25" or "0.125", never through a binary
// floating-point number.
//
// What parse and of return is canonical: digits without a zero at either end, so equal amounts are
// equal values. Amounts are not negative.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace comity::observe {

inline constexpr std::size_t decimal_bytes_max = 64;      ///< of an amount as it is written
inline constexpr std::size_t decimal_digits_max = 40;     ///< significant ones
inline constexpr std::int32_t decimal_exponent_max = 60;  ///< and its negative: of the last digit

struct Decimal {
    std::string digits = "0";
    std::int32_t exponent = 0;  ///< the amount is digits * 10^exponent

    /// Reads digits, with a fraction and with an exponent if there are any: 12, 0.5, 2.1e25, 3E+4.
    /// No sign, no blanks, no separators of thousands, no names of numbers.
    /// Errors: invalid "observe/bad-number", for what is beyond the bounds above too.
    static Result<Decimal> parse(std::string_view text);

    /// A whole number, not negative.
    static Decimal of(std::int64_t number);

    /// digits * 10^exponent brought to the canonical form. `digits` is not empty.
    static Decimal canonical(std::string digits, std::int32_t exponent);

    bool is_zero() const { return digits == "0"; }

    /// Plain digits where they are short, else as 2.1e25; parse reads it back.
    std::string text() const;

    friend bool operator==(const Decimal&, const Decimal&) = default;
    /// By amount.
    friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);
};

}  // namespace comity::observe
