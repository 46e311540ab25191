// SPDX-License-Identifier: Apache-2.0
#include "server/query.h"

#include <charconv>

namespace comity::server {
namespace {

bool is_known(std::string_view name, std::string_view known) {
    while (!known.empty()) {
        const std::size_t space = known.find(' ');
        if (known.substr(0, space) == name) return true;
        known = space == std::string_view::npos ? std::string_view() : known.substr(space + 1);
    }
    return false;
}

}  // namespace

Result<Query> Query::read(const std::vector<std::pair<std::string, std::string>>& pairs,
                          std::string_view known) {
    Query query;
    for (const auto& [name, value] : pairs) {
        if (!is_known(name, known)) {
            return Error{Code::invalid, "server/unknown-parameter",
                         "The query parameter " + name + " is not known here; " +
                             (known.empty() ? std::string("there is none.")
                                            : "known are: " + std::string(known) + ".")};
        }
        if (!query.values_.emplace(name, value).second) {
            return Error{Code::invalid, "server/repeated-parameter",
                         "The query parameter " + name + " is given twice; give it once."};
        }
    }
    return query;
}

std::optional<std::string> Query::text(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end() || found->second.empty()) return {};
    return found->second;
}

Result<std::optional<std::uint64_t>> Query::number(std::string_view name) const {
    const std::optional<std::string> given = text(name);
    if (!given) return std::optional<std::uint64_t>();
    std::uint64_t number = 0;
    const char* const end = given->data() + given->size();
    const auto [stop, problem] = std::from_chars(given->data(), end, number);
    if (problem != std::errc() || stop != end) {
        return Error{
            Code::invalid, "server/bad-parameter",
            "The query parameter " + std::string(name) + " is a whole number in digits, as in 42."};
    }
    return std::optional(number);
}

Result<std::size_t> Query::page() const {
    const std::uint64_t page = TRY(number("page")).value_or(1);
    if (page < 1 || page > page_max) {
        return Error{Code::invalid, "server/bad-parameter",
                     "Pages are counted from 1 to " + std::to_string(page_max) + "."};
    }
    return static_cast<std::size_t>(page);
}

Error Query::named(std::string_view name, const Error& error) {
    return {error.code, error.reason,
            "The query parameter " + std::string(name) + ": " + error.message};
}

Error Query::missing(std::string_view name) {
    return {Code::invalid, "server/missing-parameter",
            "The query parameter " + std::string(name) + " is required."};
}

}  // namespace comity::server
