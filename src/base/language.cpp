// SPDX-License-Identifier: Apache-2.0
#include "base/language.h"

#include <algorithm>
#include <cstddef>

namespace comity {
namespace {

constexpr std::size_t tag_octets_max = 16;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower_or_digit(char c) { return is_lower(c) || is_digit(c); }

bool is_language(std::string_view subtag) {
    return (subtag.size() == 2 || subtag.size() == 3) && std::ranges::all_of(subtag, is_lower);
}

bool is_script(std::string_view subtag) {
    return subtag.size() == 4 && is_upper(subtag[0]) &&
           std::ranges::all_of(subtag.substr(1), is_lower);
}

bool is_region(std::string_view subtag) {
    return (subtag.size() == 2 && std::ranges::all_of(subtag, is_upper)) ||
           (subtag.size() == 3 && std::ranges::all_of(subtag, is_digit));
}

bool is_variant(std::string_view subtag) {
    const bool has_length =
        (subtag.size() >= 5 && subtag.size() <= 8) || (subtag.size() == 4 && is_digit(subtag[0]));
    return has_length && std::ranges::all_of(subtag, is_lower_or_digit);
}

/// The text before the next hyphen; `rest` becomes what follows it, or is_last is set.
struct Subtags {
    std::string_view rest;
    bool is_last = false;

    std::string_view next() {
        const auto hyphen = rest.find('-');
        const std::string_view subtag = rest.substr(0, hyphen);
        is_last = hyphen == std::string_view::npos;
        rest.remove_prefix(is_last ? rest.size() : hyphen + 1);
        return subtag;
    }
};

bool is_tag(std::string_view text) {
    Subtags subtags{.rest = text};
    if (!is_language(subtags.next())) return false;
    enum class Last { language, script, region, variant };
    Last last = Last::language;
    while (!subtags.is_last) {
        const std::string_view subtag = subtags.next();
        if (last < Last::script && is_script(subtag)) {
            last = Last::script;
        } else if (last < Last::region && is_region(subtag)) {
            last = Last::region;
        } else if (is_variant(subtag)) {
            last = Last::variant;
        } else {
            return false;
        }
    }
    return true;
}

}  // namespace

Result<LanguageTag> LanguageTag::parse(std::string_view text) {
    if (text.size() > tag_octets_max || !is_tag(text)) {
        return Error{Code::invalid, "base/bad-language",
                     "Write the language as in en, fr-CA or zh-Hant-TW, in this case of letters."};
    }
    LanguageTag tag;
    tag.text_ = text;
    return tag;
}

}  // namespace comity
