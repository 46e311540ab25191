// SPDX-License-Identifier: Apache-2.0
#include "record/content_type.h"

#include <algorithm>

namespace comity::record {
namespace {

constexpr std::string_view prefix = "application/vnd.comity.";
constexpr std::string_view suffix = "+json";
constexpr std::size_t name_bytes_max = 64;

bool is_name(std::string_view name) {
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    return !name.empty() && name.size() <= name_bytes_max && lower(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [&](char c) { return lower(c) || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace

Result<ContentType> ContentType::parse(std::string_view text) {
    const Error bad{Code::invalid, "record/bad-content-type",
                    "Expected application/vnd.comity.<part>.<type>+json."};
    if (!text.starts_with(prefix) || !text.ends_with(suffix) ||
        text.size() < prefix.size() + suffix.size()) {
        return bad;
    }
    text.remove_prefix(prefix.size());
    text.remove_suffix(suffix.size());
    const auto dot = text.find('.');
    if (dot == std::string_view::npos) return bad;
    const auto part = text.substr(0, dot);
    const auto type = text.substr(dot + 1);
    if (!is_name(part) || !is_name(type)) return bad;
    return ContentType{.part = std::string(part), .type = std::string(type)};
}

std::string ContentType::text() const {
    return std::string(prefix) + part + "." + type + std::string(suffix);
}

}  // namespace comity::record
