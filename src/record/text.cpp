// SPDX-License-Identifier: Apache-2.0
#include "record/text.h"

#include <array>
#include <cstddef>

#include "codec/utf8.h"

namespace comity::record {
namespace {

/// Takes one code point off the front of text that is well-formed UTF-8.
char32_t take_code_point(std::string_view& text) {
    const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::size_t size = octet(0) < 0x80 ? 1 : octet(0) < 0xe0 ? 2 : octet(0) < 0xf0 ? 3 : 4;
    constexpr std::array<unsigned char, 4> lead_bits{0x7f, 0x1f, 0x0f, 0x07};
    auto code_point = static_cast<char32_t>(octet(0) & lead_bits[size - 1]);
    for (std::size_t i = 1; i < size; ++i) code_point = code_point << 6 | (octet(i) & 0x3fU);
    text.remove_prefix(size);
    return code_point;
}

bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029;
}

bool is_space(char32_t c) {
    return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

template <class Predicate>
bool all_code_points(std::string_view text, Predicate allowed) {
    if (codec::first_bad_utf8(text)) return false;
    while (!text.empty()) {
        if (!allowed(take_code_point(text))) return false;
    }
    return true;
}

}  // namespace

bool is_plain_line(std::string_view text) {
    return all_code_points(text, [](char32_t c) { return !is_control(c); });
}

bool is_plain_text(std::string_view text) {
    return all_code_points(text, [](char32_t c) { return c == U'\n' || !is_control(c); });
}

bool has_space(std::string_view text) {
    return !all_code_points(text, [](char32_t c) { return !is_space(c); });
}

}  // namespace comity::record
