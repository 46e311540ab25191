// SPDX-License-Identifier: Apache-2.0
#include "codec/utf8.h"

#include <cstdint>

namespace comity::codec {
namespace {

/// What may follow a lead octet: the range of the second octet, and how many octets come in all.
struct Sequence {
    std::size_t length;
    std::uint8_t second_min;
    std::uint8_t second_max;
};

// RFC 3629 section 4, the table UTF8-2 to UTF8-4. Length 0: no character starts like this.
Sequence sequence_after(std::uint8_t lead) {
    if (lead < 0x80) return {1, 0, 0};
    if (lead < 0xc2) return {0, 0, 0};
    if (lead < 0xe0) return {2, 0x80, 0xbf};
    if (lead == 0xe0) return {3, 0xa0, 0xbf};
    if (lead == 0xed) return {3, 0x80, 0x9f};
    if (lead < 0xf0) return {3, 0x80, 0xbf};
    if (lead == 0xf0) return {4, 0x90, 0xbf};
    if (lead < 0xf4) return {4, 0x80, 0xbf};
    if (lead == 0xf4) return {4, 0x80, 0x8f};
    return {0, 0, 0};
}

}  // namespace

std::optional<std::size_t> first_bad_utf8(std::string_view text) {
    const auto octet = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    for (std::size_t i = 0; i < text.size();) {
        const Sequence sequence = sequence_after(octet(i));
        if (sequence.length == 0 || text.size() - i < sequence.length) return i;
        for (std::size_t k = 1; k < sequence.length; ++k) {
            const std::uint8_t min = k == 1 ? sequence.second_min : 0x80;
            const std::uint8_t max = k == 1 ? sequence.second_max : 0xbf;
            if (octet(i + k) < min || octet(i + k) > max) return i;
        }
        i += sequence.length;
    }
    return std::nullopt;
}

}  // namespace comity::codec
