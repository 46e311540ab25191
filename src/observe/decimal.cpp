// SPDX-License-Identifier: Apache-2.0
#include "observe/decimal.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"

namespace comity::observe {
namespace {

constexpr std::string_view decimal_digits = "0123456789";

/// Takes the digits at the front of `text` off it.
std::string_view take_digits(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_not_of(decimal_digits), text.size());
    const std::string_view digits = text.substr(0, end);
    text.remove_prefix(end);
    return digits;
}

Error bad_number(std::string_view text) {
    return Error{Code::invalid, "observe/bad-number",
                 "'" + std::string(text.substr(0, decimal_bytes_max)) +
                     "' is no amount; write it as in 12, 0.5 or 2.1e25, without a sign."};
}

/// The exponent after 'e', if the rest of the text is one.
bool read_exponent(std::string_view rest, std::int32_t& exponent) {
    if (!rest.starts_with('e') && !rest.starts_with('E')) return false;
    rest.remove_prefix(1);
    if (rest.starts_with('+')) {
        rest.remove_prefix(1);
        if (rest.starts_with('-')) return false;
    }
    constexpr std::size_t exponent_bytes_max = 4;  // "-999": no overflow in what follows
    if (rest.empty() || rest.size() > exponent_bytes_max) return false;
    const auto [end, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), exponent);
    return failed == std::errc() && end == rest.data() + rest.size();
}

}  // namespace

Result<Decimal> Decimal::parse(std::string_view text) {
    if (text.size() > decimal_bytes_max) return bad_number(text);
    std::string_view rest = text;
    const std::string_view whole = take_digits(rest);
    std::string_view fraction;
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        fraction = take_digits(rest);
        if (fraction.empty()) return bad_number(text);
    }
    std::int32_t exponent = 0;
    if (whole.empty() || (!rest.empty() && !read_exponent(rest, exponent))) return bad_number(text);
    Decimal made = canonical(std::string(whole).append(fraction),
                             exponent - static_cast<std::int32_t>(fraction.size()));
    if (made.digits.size() > decimal_digits_max || made.exponent > decimal_exponent_max ||
        made.exponent < -decimal_exponent_max) {
        return bad_number(text);
    }
    return made;
}

Decimal Decimal::of(std::int64_t number) {
    COMITY_CHECK(number >= 0);
    return canonical(std::to_string(number), 0);
}

Decimal Decimal::canonical(std::string digits, std::int32_t exponent) {
    COMITY_CHECK(!digits.empty());
    const std::size_t last = digits.find_last_not_of('0');
    if (last == std::string::npos) return {};
    exponent += static_cast<std::int32_t>(digits.size() - last - 1);
    digits.resize(last + 1);
    digits.erase(0, digits.find_first_not_of('0'));
    return {.digits = std::move(digits), .exponent = exponent};
}

std::string Decimal::text() const {
    constexpr std::int32_t plain_digits_max = 18;
    const auto size = static_cast<std::int32_t>(digits.size());
    const std::int32_t before_point = size + exponent;  // digits before the point; may be below 0
    if (exponent >= 0 && before_point <= plain_digits_max) {
        return digits + std::string(static_cast<std::size_t>(exponent), '0');
    }
    if (exponent < 0 && before_point > 0 && before_point <= plain_digits_max) {
        const auto point = static_cast<std::size_t>(before_point);
        return digits.substr(0, point) + "." + digits.substr(point);
    }
    if (exponent < 0 && before_point <= 0 && -exponent <= plain_digits_max) {
        return "0." + std::string(static_cast<std::size_t>(-before_point), '0') + digits;
    }
    const std::string fraction = size > 1 ? "." + digits.substr(1) : "";
    return digits.substr(0, 1) + fraction + "e" + std::to_string(before_point - 1);
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
    if (a.is_zero() || b.is_zero()) return b.is_zero() <=> a.is_zero();
    const auto magnitude = [](const Decimal& d) {
        return static_cast<std::int64_t>(d.digits.size()) + d.exponent;
    };
    if (magnitude(a) != magnitude(b)) return magnitude(a) <=> magnitude(b);
    return a.digits.compare(b.digits) <=> 0;  // neither begins with a zero
}

}  // namespace comity::observe
