// SPDX-License-Identifier: Apache-2.0
#include "codec/pointer.h"

namespace comity::codec {
namespace {

constexpr std::size_t excerpt_octets_max = 64;

bool is_inside_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

std::string pointer_to_member(std::string_view name) {
    std::string pointer = "/";
    for (const char c : excerpt(name)) {
        if (c == '~') {
            pointer += "~0";
        } else if (c == '/') {
            pointer += "~1";
        } else {
            pointer += c;
        }
    }
    return pointer;
}

std::string pointer_to_element(std::size_t index) { return "/" + std::to_string(index); }

std::string message_at(std::string_view pointer, std::string_view message) {
    if (pointer.empty()) return std::string(message);
    return std::string(pointer) + ": " + std::string(message);
}

std::string excerpt(std::string_view text) {
    std::size_t size = text.size();
    if (size > excerpt_octets_max) {
        size = excerpt_octets_max;
        while (size > 0 && is_inside_character(text[size])) --size;
    }
    std::string shown;
    for (const char c : text.substr(0, size)) shown += is_control(c) ? '?' : c;
    if (size < text.size()) shown += "…";
    return shown;
}

}  // namespace comity::codec
