// SPDX-License-Identifier: Apache-2.0
#include "institution/names.h"

#include <gtest/gtest.h>

#include "institution/testing.h"

namespace comity::institution {
namespace {

using namespace testing;

LanguageTag tag(std::string_view text) { return LanguageTag::parse(text).value(); }

LocalizedText in(std::initializer_list<const char*> tags) {
    LocalizedText text;
    for (const char* one : tags) text[tag(one)] = one;
    return text;
}

TEST(Names, AreInTheWantedLanguageOrTheNearest) {
    const LocalizedText text = in({"ar", "en", "fr", "fr-CA", "zh-Hant", "de"});
    EXPECT_EQ(text_in(text, tag("fr-CA"))->text, "fr-CA");
    EXPECT_EQ(text_in(text, tag("fr-BE"))->text, "fr");
    EXPECT_EQ(text_in(text, tag("zh"))->text, "zh-Hant");
    EXPECT_EQ(text_in(text, tag("es"))->text, "en");
    EXPECT_EQ(text_in(in({"ru", "fr", "de"}), tag("es"))->text, "fr");
    EXPECT_EQ(text_in(in({"sw", "de"}), tag("es"))->text, "de");
    EXPECT_FALSE(text_in({}, tag("en")));
}

TEST(Names, SayInWhichLanguageTheyAre) {
    const LocalizedText text = in({"en"});
    EXPECT_EQ(*text_in(text, tag("ar"))->language, tag("en"));
}

TEST(Names, OfPartiesComeFromTheRegister) {
    const Institution institution = found(small_founding(), small_charter()).value();
    EXPECT_EQ(name_of(institution, member_id("north"), tag("fr"))->text, "north");
    EXPECT_FALSE(name_of(institution, member_id("nobody"), tag("fr")));
}

TEST(Names, AreSortedWithoutTheArabicArticle) {
    EXPECT_EQ(sort_text("الأردن", tag("ar")), "أردن");
    EXPECT_EQ(sort_text("ألبانيا", tag("ar")), "ألبانيا");
    EXPECT_EQ(sort_text("El Salvador", tag("es")), "El Salvador");
    EXPECT_EQ(sort_text("الأردن", tag("en")), "الأردن");
}

}  // namespace
}  // namespace comity::institution
