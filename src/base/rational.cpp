// SPDX-License-Identifier: Apache-2.0
#include "base/rational.h"

#include <charconv>
#include <limits>
#include <numeric>
#include <system_error>

namespace comity {
namespace {

__extension__ using Int128 = __int128;

Error bad(std::string message) {
    return Error{Code::invalid, "base/bad-rational", std::move(message)};
}

Result<std::int64_t> parse_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc{} || end != text.data() + text.size() ||
        text != std::to_string(number)) {
        return bad("Write a whole number or a fraction such as 2/3.");
    }
    return number;
}

}  // namespace

Result<Rational> Rational::make(std::int64_t num, std::int64_t den) {
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    if (den == 0) return bad("The denominator must not be zero.");
    // Its negative does not fit, so it has no place among fractions with a positive denominator.
    if (num == least || den == least) return bad("The number is too large for a fraction.");
    const std::int64_t divisor = std::gcd(num, den);
    const std::int64_t sign = den < 0 ? -1 : 1;
    return Rational{.num = num / divisor * sign, .den = den / divisor * sign};
}

Result<Rational> Rational::parse(std::string_view text) {
    const auto slash = text.find('/');
    const std::int64_t num = TRY(parse_number(text.substr(0, slash)));
    const std::int64_t den =
        slash == std::string_view::npos ? 1 : TRY(parse_number(text.substr(slash + 1)));
    Rational value = TRY(make(num, den));
    if (value.text() != text)
        return bad("Write the fraction in lowest terms: " + value.text() + ".");
    return value;
}

std::string Rational::text() const {
    const std::string whole = std::to_string(num);
    return den == 1 ? whole : whole + '/' + std::to_string(den);
}

std::strong_ordering operator<=>(const Rational& a, const Rational& b) {
    const Int128 left = Int128{a.num} * b.den;
    const Int128 right = Int128{b.num} * a.den;
    if (left == right) return std::strong_ordering::equal;
    return left < right ? std::strong_ordering::less : std::strong_ordering::greater;
}

bool operator==(const Rational& a, const Rational& b) { return (a <=> b) == 0; }

}  // namespace comity
