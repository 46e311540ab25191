// SPDX-License-Identifier: Apache-2.0
#pragma once

// Names in the reader's language, and what a name is sorted by.
//
// A text that is missing in a language is shown in another, and the caller learns in which, so that
// a page can mark it. Order in a language is the server's (ICU); here is only what it compares.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/language.h"
#include "institution/institution.h"

namespace comity::institution {

/// Arabic, Chinese, English, French, Russian, Spanish: always in this order.
inline constexpr std::array<std::string_view, 6> official_languages = {"ar", "zh", "en",
                                                                       "fr", "ru", "es"};

/// A text and the language that it is in; borrowed from the LocalizedText.
struct LocalText {
    const LanguageTag* language = nullptr;
    std::string_view text;
};

/// The text in `wanted`; else in the same language without script, region or variant (fr for
/// fr-CA); else in any form of it (zh-Hans for zh); else in English; else in the first official
/// language that is there; else in the first there is. Absent only for no text at all.
std::optional<LocalText> text_in(const LocalizedText& text, const LanguageTag& wanted);

/// The name of a party, with the same fall-backs. Absent for an unknown party.
std::optional<LocalText> name_of(const Institution& institution, const MemberId& member,
                                 const LanguageTag& wanted);

/// What a collator compares for `name`: without the Arabic definite article, which lists of states
/// in Arabic pass over. Names in other languages are stored without articles (data/README.md).
std::string_view sort_text(std::string_view name, const LanguageTag& language);

}  // namespace comity::institution
