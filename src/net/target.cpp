// SPDX-License-Identifier: Apache-2.0
#include "net/target.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace comity::net {
namespace {

Error bad_target(std::string_view why) {
    return Error{Code::invalid, "net/bad-target",
                 "The path or query of the address cannot be read: " + std::string(why) + "."};
}

std::optional<unsigned> hex_value(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
    return std::nullopt;
}

/// The number of octets of the UTF-8 sequence at the start of `text`, 0 if it is not one (RFC 3629:
/// no overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t utf8_sequence(std::string_view text) {
    const auto octet = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const unsigned first = octet(0);
    if (first < 0x80) return 1;
    const std::size_t length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (length == 0 || first > 0xf4) return 0;
    const unsigned low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const unsigned high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (octet(1) < low || octet(1) > high) return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if ((octet(i) & 0xc0U) != 0x80U) return 0;
    }
    return length;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_sequence(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

/// Replaces the escapes, and in forms '+' by a space. The result is UTF-8 without NUL.
Result<std::string> decode(std::string_view text, bool is_form) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            const auto high = i + 2 < text.size() ? hex_value(text[i + 1]) : std::nullopt;
            const auto low = i + 2 < text.size() ? hex_value(text[i + 2]) : std::nullopt;
            if (!high || !low) return bad_target("a % stands before two hexadecimal digits");
            c = static_cast<char>(*high * 16 + *low);
            if (c == '\0') return bad_target("it holds a NUL");
            i += 2;
        } else if (is_form && c == '+') {
            c = ' ';
        }
        decoded.push_back(c);
    }
    if (!is_utf8(decoded)) return bad_target("it is not UTF-8");
    return decoded;
}

/// Decodes segment by segment, so that an encoded '/' cannot pass for a border between two.
Result<std::string> decode_path(std::string_view path) {
    std::string decoded;
    while (!path.empty()) {  // begins with '/' each time
        const auto end = std::min(path.find('/', 1), path.size());
        const std::string segment = TRY(decode(path.substr(1, end - 1), false));
        const auto is_control = [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; };
        if (std::any_of(segment.begin(), segment.end(), is_control)) {
            return bad_target("the path holds control characters");
        }
        if (segment.find('/') != std::string::npos) {
            return bad_target("the path holds an encoded '/'");
        }
        if (segment == "." || segment == "..") return bad_target("the path holds '.' or '..'");
        decoded += "/" + segment;
        path.remove_prefix(end);
    }
    return decoded;
}

}  // namespace

Result<Target> Target::parse(std::string_view text) {
    const auto is_visible = [](char c) { return c > 0x20 && c < 0x7f && c != '#'; };
    if (!text.starts_with('/')) return bad_target("it begins with '/'");
    if (!std::all_of(text.begin(), text.end(), is_visible)) {
        return bad_target("write spaces, '#' and letters outside ASCII as %XX");
    }
    const auto question = std::min(text.find('?'), text.size());
    Target target;
    target.path = TRY(decode_path(text.substr(0, question)));
    std::string_view rest = text.substr(std::min(question + 1, text.size()));
    while (!rest.empty()) {
        const auto end = std::min(rest.find('&'), rest.size());
        const std::string_view piece = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (piece.empty()) continue;
        if (target.query.size() == query_pairs_max) return bad_target("the query is too long");
        const auto equals = std::min(piece.find('='), piece.size());
        std::string name = TRY(decode(piece.substr(0, equals), true));
        std::string value = TRY(decode(piece.substr(std::min(equals + 1, piece.size())), true));
        target.query.emplace_back(std::move(name), std::move(value));
    }
    return target;
}

}  // namespace comity::net
