// SPDX-License-Identifier: Apache-2.0
#include "net/http_text.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace comity::net {
namespace {

bool is_token_character(char c) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
}

bool is_value_character(char c) {
    const auto octet = static_cast<unsigned char>(c);
    return c == '\t' || (octet >= 0x20 && octet != 0x7f);
}

}  // namespace

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_field_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_value_character);
}

bool can_be_sent(const std::map<std::string, std::string>& headers) {
    return std::all_of(headers.begin(), headers.end(), [](const auto& header) {
        return is_token(header.first) && is_field_value(header.second);
    });
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) c = (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
    return lower;
}

std::string http_date(std::time_t seconds) {
    // Not strftime: its names follow the locale of the process.
    constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm at{};
    if (::gmtime_r(&seconds, &at) == nullptr) return "Thu, 01 Jan 1970 00:00:00 GMT";
    std::array<char, 64> text{};
    (void)std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                        days.at(static_cast<std::size_t>(at.tm_wday)), at.tm_mday,
                        months.at(static_cast<std::size_t>(at.tm_mon)), at.tm_year + 1900,
                        at.tm_hour, at.tm_min, at.tm_sec);
    return text.data();
}

}  // namespace comity::net
