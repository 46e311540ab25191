// SPDX-License-Identifier: Apache-2.0
#pragma once

// Query: the query of a request, read strictly. A name that a resource does not know, or one given
// twice, is an error that says which names are known: a misspelt filter never shows everything.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace comity::server {

inline constexpr std::uint64_t page_max = 1'000'000;
inline constexpr std::size_t rows_a_page = 50;

class Query {
public:
    Query() = default;

    /// `known`: names, separated by spaces. Errors: invalid "server/unknown-parameter",
    /// "server/repeated-parameter".
    static Result<Query> read(const std::vector<std::pair<std::string, std::string>>& pairs,
                              std::string_view known);

    /// The value; empty values count as absent, as an HTML form sends them.
    std::optional<std::string> text(std::string_view name) const;

    /// Errors: invalid "server/bad-parameter".
    Result<std::optional<std::uint64_t>> number(std::string_view name) const;

    /// Of a type with parse. Errors: those of T::parse, the parameter named before.
    template <class T>
    Result<std::optional<T>> value(std::string_view name) const {
        const std::optional<std::string> given = text(name);
        if (!given) return std::optional<T>();
        auto parsed = T::parse(*given);
        if (!parsed) return named(name, parsed.error());
        return std::optional<T>(std::move(parsed).value());
    }

    /// As value, and required. Errors: invalid "server/missing-parameter".
    template <class T>
    Result<T> required(std::string_view name) const {
        auto given = TRY(value<T>(name));
        if (!given) return missing(name);
        return *std::move(given);
    }

    /// From 1. Errors: invalid "server/bad-parameter".
    Result<std::size_t> page() const;

private:
    static Error named(std::string_view name, const Error& error);
    static Error missing(std::string_view name);

    std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace comity::server
