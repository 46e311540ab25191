// SPDX-License-Identifier: Apache-2.0
#include "server/resource.h"

#include <algorithm>
#include <charconv>

namespace comity::server {

Error Ask::no_such_id(std::string_view name) const {
    return {Code::not_found, "server/no-such-id",
            "There is nothing called " + parameters.at(std::string(name)) + " here."};
}

Result<std::uint64_t> Ask::number(std::string_view name) const {
    const std::string& text = parameters.at(std::string(name));
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, number);
    // One address for each entry: no leading zeros.
    if (problem != std::errc() || stop != end || (text.size() > 1 && text[0] == '0')) {
        return no_such_id(name);
    }
    return number;
}

Result<Slice> slice(const Ask& ask, std::size_t total) {
    Slice slice;
    slice.page = TRY(ask.query.page());
    slice.pages = std::max<std::size_t>(1, (total + rows_a_page - 1) / rows_a_page);
    if (slice.page > slice.pages) {
        return Error{Code::not_found, "server/no-such-page",
                     "The list has " + std::to_string(slice.pages) + " pages."};
    }
    slice.first = (slice.page - 1) * rows_a_page;
    slice.last = std::min(total, slice.first + rows_a_page);
    return slice;
}

codec::Value listing(codec::Array items, std::size_t total, const Slice& slice) {
    const auto number = [](std::size_t n) { return codec::Value{static_cast<std::int64_t>(n)}; };
    return codec::Value{codec::Object{{"items", codec::Value{std::move(items)}},
                                      {"total", number(total)},
                                      {"page", number(slice.page)},
                                      {"pages", number(slice.pages)}}};
}

Html page_links(const Reader& reader, std::string_view path, const std::string& query,
                const Slice& slice) {
    if (slice.pages == 1) return {};
    const auto to = [&](std::size_t page, std::string_view words, std::string_view relation) {
        return element("a",
                       {{"href", reader.path(path) + "?" + query + "page=" + std::to_string(page)},
                        {"rel", std::string(relation)}},
                       reader.say(words));
    };
    Html links = reader.say("list.page", {{"page", static_cast<std::int64_t>(slice.page)},
                                          {"pages", static_cast<std::int64_t>(slice.pages)}});
    if (slice.page > 1) links += Html::text(" ") + to(slice.page - 1, "list.previous", "prev");
    if (slice.page < slice.pages)
        links += Html::text(" ") + to(slice.page + 1, "list.next", "next");
    return element("p", {{"class", "pages"}}, links);
}

std::string url_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (is_letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~') {
            encoded += c;
            continue;
        }
        const auto octet = static_cast<unsigned char>(c);
        encoded += '%';
        encoded += digits[octet >> 4U];
        encoded += digits[octet & 15U];
    }
    return encoded;
}

}  // namespace comity::server
