// SPDX-License-Identifier: Apache-2.0
#include "base/id.h"

#include <cstddef>

namespace comity::detail {
namespace {

constexpr std::size_t slug_octets_max = 64;

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

Error bad(std::string_view message) {
    return Error{Code::invalid, "base/bad-id", std::string(message)};
}

}  // namespace

Result<> check_slug(std::string_view text) {
    if (text.empty()) return bad("Give an id; it is empty.");
    if (text.size() > slug_octets_max) return bad("Shorten the id to 64 characters.");
    char previous = '-';
    for (const char c : text) {
        const bool is_inner_hyphen = c == '-' && previous != '-';
        if (!is_letter_or_digit(c) && !is_inner_hyphen) {
            return bad("Use only a-z, 0-9 and single hyphens between them in an id.");
        }
        previous = c;
    }
    if (previous == '-') return bad("Remove the hyphen at the end of the id.");
    return {};
}

}  // namespace comity::detail
