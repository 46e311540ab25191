// SPDX-License-Identifier: Apache-2.0
#include "exchange/rfc3797.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace comity::exchange {
namespace {

Error bad_numbers(const char* message) {
    return Error{Code::invalid, "exchange/bad-numbers", message};
}

bool is_separator(char c) { return c == ' ' || c == ','; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The digest as a number, the most significant octet first, modulo `divisor`.
std::uint32_t remainder_of(const Md5& digest, std::uint32_t divisor) {
    std::uint64_t rest = 0;
    for (const std::byte octet : digest) {
        rest = ((rest << 8U) | std::to_integer<std::uint64_t>(octet)) % divisor;
    }
    return static_cast<std::uint32_t>(rest);
}

}  // namespace

Result<std::string> canonical_numbers(std::string_view numbers) {
    if (numbers.size() > rfc3797_source_bytes_max) {
        return bad_numbers("The numbers of one source may have at most 1,024 characters.");
    }
    std::vector<std::string_view> parsed;
    for (std::size_t at = 0; at < numbers.size();) {
        if (is_separator(numbers[at])) {
            ++at;
            continue;
        }
        const std::size_t from = at;
        while (at < numbers.size() && is_digit(numbers[at])) ++at;
        const bool ends = at == numbers.size() || is_separator(numbers[at]);
        if (at == from || !ends) {
            return bad_numbers(
                "A source is whole numbers in the digits 0 to 9, with spaces or commas between "
                "them.");
        }
        std::string_view digits = numbers.substr(from, at - from);
        digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
        parsed.push_back(digits);
    }
    if (parsed.empty()) return bad_numbers("A source has at least one number.");
    std::sort(parsed.begin(), parsed.end(), [](std::string_view a, std::string_view b) {
        return std::pair(a.size(), a) < std::pair(b.size(), b);
    });
    std::string canonical;
    for (const std::string_view digits : parsed) canonical.append(digits).append(".");
    return canonical;
}

Result<std::string> rfc3797_key_string(std::span<const std::string> sources) {
    if (sources.empty() || sources.size() > rfc3797_sources_max) {
        return bad_numbers("Name from 1 to 64 sources of numbers.");
    }
    std::string key_string;
    for (const std::string& source : sources) {
        const std::string canonical = TRY(canonical_numbers(source));
        key_string.append(canonical).append("/");
    }
    return key_string;
}

Result<Rfc3797Draw> rfc3797_draw(std::uint32_t pool, std::uint32_t draws,
                                 std::span<const std::string> sources) {
    if (draws < 1 || draws > pool || pool > rfc3797_pool_max) {
        return Error{Code::invalid, "exchange/bad-draw",
                     "Draw at least 1 and at most the whole pool, which has at most 65,535."};
    }
    Rfc3797Draw draw{.key_string = TRY(rfc3797_key_string(sources)), .steps = {}};
    std::vector<std::uint32_t> left(pool);
    std::iota(left.begin(), left.end(), 1U);
    draw.steps.reserve(draws);
    for (std::uint32_t step = 0; step < draws; ++step) {
        const std::array place{static_cast<std::byte>(step >> 8U), static_cast<std::byte>(step)};
        const Md5 digest = TRY(md5({place, bytes_of(draw.key_string), place}));
        const auto remaining = static_cast<std::uint32_t>(left.size());
        const auto picked = left.begin() + remainder_of(digest, remaining);
        draw.steps.push_back({digest, remaining, *picked});
        left.erase(picked);
    }
    return draw;
}

}  // namespace comity::exchange
