// SPDX-License-Identifier: Apache-2.0
#pragma once

// LanguageTag: names a language, as in BCP 47 (RFC 5646), within the subset that texts need.
//
//     language [-Script] [-REGION] *(-variant)      en   zh-Hant-TW   de-AT   sl-rozaj
//
// At most 16 octets, in the case that RFC 5646 section 2.1.1 recommends, so a language has one text
// and works as a key. Extensions, private use and grandfathered tags are not taken.

#include <compare>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace comity {

struct LanguageTag {
    /// Empty: no language. Its text is not one that parse accepts.
    LanguageTag() = default;

    /// Errors: invalid "base/bad-language".
    static Result<LanguageTag> parse(std::string_view text);

    const std::string& text() const { return text_; }

    friend auto operator<=>(const LanguageTag&, const LanguageTag&) = default;

private:
    std::string text_;
};

/// The same text in several languages.
using LocalizedText = std::map<LanguageTag, std::string>;

}  // namespace comity
