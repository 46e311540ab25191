// SPDX-License-Identifier: Apache-2.0
#pragma once

// ContentType: what kind of statement a payload is, "application/vnd.comity.<part>.<type>+json".
//
// Holding one proves that both names were checked: [a-z][a-z0-9_]*, at most 64 octets each.

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"

namespace comity::record {

struct ContentType {
    std::string part;  ///< the part of Comity that reads it, "decide"
    std::string type;  ///< the statement, "motion"

    /// Errors: invalid "record/bad-content-type".
    static Result<ContentType> parse(std::string_view text);

    /// What parse reads.
    std::string text() const;

    friend auto operator<=>(const ContentType&, const ContentType&) = default;
};

}  // namespace comity::record
