// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"

#include <cstdint>

namespace comity {
namespace {

struct Alphabet {
    std::string_view characters;
    bool is_padded;
};

constexpr Alphabet standard{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                            true};
constexpr Alphabet url{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", false};

constexpr std::uint32_t six_bits = 0x3f;
constexpr std::uint32_t eight_bits = 0xff;

std::string encode(BytesView octets, const Alphabet& alphabet) {
    std::string text;
    text.reserve((octets.size() + 2) / 3 * 4);
    std::uint32_t pending = 0;
    unsigned bits = 0;
    for (const std::byte octet : octets) {
        pending = (pending << 8U) | std::to_integer<std::uint32_t>(octet);
        for (bits += 8; bits >= 6;) {
            bits -= 6;
            text += alphabet.characters[(pending >> bits) & six_bits];
        }
    }
    if (bits > 0) text += alphabet.characters[(pending << (6 - bits)) & six_bits];
    while (alphabet.is_padded && text.size() % 4 != 0) text += '=';
    return text;
}

Error bad(std::string_view message) {
    return Error{Code::invalid, "base/bad-base64", std::string(message)};
}

/// `text` without the padding that its length calls for.
Result<std::string_view> without_padding(std::string_view text) {
    if (text.size() % 4 != 0) return bad("Pad the base64 text with = to a multiple of four.");
    for (int removed = 0; removed < 2 && text.ends_with('='); ++removed) text.remove_suffix(1);
    return text;
}

Result<Bytes> decode(std::string_view text, const Alphabet& alphabet) {
    if (text.size() % 4 == 1) return bad("The base64 text breaks off inside an octet.");
    Bytes octets;
    octets.reserve(text.size() * 3 / 4);
    std::uint32_t pending = 0;
    unsigned bits = 0;
    for (const char c : text) {
        const auto digit = alphabet.characters.find(c);
        if (digit == std::string_view::npos) {
            return bad(alphabet.is_padded
                           ? "Use only letters, digits, + and / in base64."
                           : "Use only letters, digits, - and _ in base64url, without =.");
        }
        pending = (pending << 6U) | static_cast<std::uint32_t>(digit);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        octets.push_back(static_cast<std::byte>((pending >> bits) & eight_bits));
    }
    const std::uint32_t stray = pending & ((1U << bits) - 1U);
    if (stray != 0) return bad("The last base64 character has bits that belong to no octet.");
    return octets;
}

}  // namespace

std::string to_base64(BytesView octets) { return encode(octets, standard); }

Result<Bytes> from_base64(std::string_view text) {
    const std::string_view digits = TRY(without_padding(text));
    return decode(digits, standard);
}

std::string to_base64url(BytesView octets) { return encode(octets, url); }

Result<Bytes> from_base64url(std::string_view text) { return decode(text, url); }

}  // namespace comity
