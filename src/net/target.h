// SPDX-License-Identifier: Apache-2.0
#pragma once

// Target: the path and query of a request, decoded once and strictly (RFC 3986 section 2.1; the
// query as HTML forms write it).
//
// What a router compares is then exactly what a handler reads: no segment is "." or "..", none
// holds an encoded '/', and all text is UTF-8 without NUL.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace comity::net {

inline constexpr std::size_t query_pairs_max = 256;

struct Target {
    std::string path;                                        ///< begins with '/', decoded
    std::vector<std::pair<std::string, std::string>> query;  ///< in the order sent, decoded

    /// Reads the target of a request line in origin form: "/a/b?x=1&y=2". In the query '+' is a
    /// space, a name without '=' has an empty value, and empty pieces are skipped.
    /// Errors: invalid "net/bad-target".
    static Result<Target> parse(std::string_view text);
};

}  // namespace comity::net
