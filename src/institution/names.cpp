// SPDX-License-Identifier: Apache-2.0
#include "institution/names.h"

#include <algorithm>

namespace comity::institution {

namespace {

std::string_view primary(const LanguageTag& tag) {
    const std::string_view text = tag.text();
    return text.substr(0, text.find('-'));
}

/// The entry for exactly this tag. A text has few languages, so a walk is enough.
const LocalizedText::value_type* find_tag(const LocalizedText& text, std::string_view tag) {
    const auto found = std::find_if(text.begin(), text.end(),
                                    [&](const auto& entry) { return entry.first.text() == tag; });
    return found == text.end() ? nullptr : &*found;
}

const LocalizedText::value_type* find_primary(const LocalizedText& text,
                                              std::string_view language) {
    const auto found = std::find_if(text.begin(), text.end(), [&](const auto& entry) {
        return primary(entry.first) == language;
    });
    return found == text.end() ? nullptr : &*found;
}

const LocalizedText::value_type* find_best(const LocalizedText& text, const LanguageTag& wanted) {
    for (const std::string_view tag : {std::string_view(wanted.text()), primary(wanted)}) {
        if (const auto* found = find_tag(text, tag)) return found;
    }
    if (const auto* found = find_primary(text, primary(wanted))) return found;
    if (const auto* found = find_tag(text, "en")) return found;
    for (const std::string_view tag : official_languages) {
        if (const auto* found = find_tag(text, tag)) return found;
    }
    return text.empty() ? nullptr : &*text.begin();
}

}  // namespace

std::optional<LocalText> text_in(const LocalizedText& text, const LanguageTag& wanted) {
    const auto* found = find_best(text, wanted);
    if (found == nullptr) return std::nullopt;
    return LocalText{&found->first, found->second};
}

std::optional<LocalText> name_of(const Institution& institution, const MemberId& member,
                                 const LanguageTag& wanted) {
    const MemberRecord* record = find_member(institution, member);
    if (record == nullptr) return std::nullopt;
    return text_in(record->name, wanted);
}

std::string_view sort_text(std::string_view name, const LanguageTag& language) {
    // Alif and lam. A name that begins with a hamza on the alif (Albania, Germany) has no article.
    constexpr std::string_view article = "\u0627\u0644";
    const bool has_article = primary(language) == "ar" && name.starts_with(article);
    return has_article ? name.substr(article.size()) : name;
}

}  // namespace comity::institution
