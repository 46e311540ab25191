// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <string>

#include "base/check.h"
#include "exchange/allocation.h"

namespace comity::exchange {

namespace {

std::string decimal(Int128 number) {
    std::string digits;
    Int128 rest = number;
    do {
        const auto digit = static_cast<int>(rest % 10);
        digits.push_back(static_cast<char>('0' + (digit < 0 ? -digit : digit)));
        rest /= 10;
    } while (rest != 0);
    if (number < 0) digits.push_back('-');
    std::reverse(digits.begin(), digits.end());
    return digits;
}

}  // namespace

Fraction lowest_terms(Int128 numerator, Int128 denominator) {
    COMITY_CHECK(denominator > 0);
    Int128 divisor = denominator;
    Int128 rest = numerator < 0 ? -numerator : numerator;
    while (rest != 0) {
        const Int128 next = divisor % rest;
        divisor = rest;
        rest = next;
    }
    return {.numerator = numerator / divisor, .denominator = denominator / divisor};
}

std::string Fraction::text() const {
    const std::string whole = decimal(numerator);
    return denominator == 1 ? whole : whole + "/" + decimal(denominator);
}

}  // namespace comity::exchange
