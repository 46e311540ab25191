// SPDX-License-Identifier: Apache-2.0
// How we trust the names of things: every text of up to four characters over a small alphabet is
// held against the rule in its own words, and ids of two kinds do not mix.
#include "base/id.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "base/language.h"

namespace comity {
namespace {

using MotionId = Id<struct MotionTag>;
using OrganId = Id<struct OrganTag>;

static_assert(!std::is_convertible_v<MotionId, OrganId>);
static_assert(!std::is_convertible_v<std::string, MotionId>);
static_assert(!std::is_constructible_v<MotionId, std::string>);

bool is_slug_in_other_words(const std::string& text) {
    return !text.empty() && text.front() != '-' && text.back() != '-' &&
           text.find("--") == std::string::npos &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

/// Calls `use` with every text over `letters` of up to `length` characters.
template <class Use>
void for_every_text(std::string_view letters, std::size_t length, const Use& use,
                    const std::string& start = {}) {
    use(start);
    if (start.size() == length) return;
    for (const char c : letters) for_every_text(letters, length, use, start + c);
}

TEST(Id, TakesExactlySlugs) {
    for_every_text("az09-A_/.`{", 4, [](const std::string& text) {
        const auto id = MotionId::parse(text);
        ASSERT_EQ(id.has_value(), is_slug_in_other_words(text)) << text;
        if (id) {
            ASSERT_EQ(id->text(), text);
        } else {
            ASSERT_EQ(id.error().reason, "base/bad-id");
        }
    });
}

TEST(Id, HasAtMost64Octets) {
    EXPECT_TRUE(MotionId::parse(std::string(64, 'a')));
    EXPECT_FALSE(MotionId::parse(std::string(65, 'a')));
}

TEST(Id, RefusesTextOutsideAscii) {
    for (const auto* text : {"é", "a\xc2\xad", "ａ", "a b", "a\n"})
        EXPECT_FALSE(MotionId::parse(text));
    EXPECT_FALSE(MotionId::parse(std::string_view("a\0b", 3)));
}

TEST(Id, IsOrderedByItsText) {
    EXPECT_LT(*MotionId::parse("a"), *MotionId::parse("b"));
    EXPECT_EQ(*MotionId::parse("a"), *MotionId::parse("a"));
    EXPECT_TRUE(MotionId{}.is_empty());
    EXPECT_FALSE(MotionId::parse(MotionId{}.text()));
}

TEST(LanguageTag, TakesTagsInTheirOneForm) {
    for (const auto* text :
         {"en", "sw", "fil", "en-GB", "es-419", "zh-Hant", "zh-Hant-TW", "sl-rozaj", "de-1996",
          "de-CH-1996", "sr-Latn-RS", "ca-valencia", "de-1996-fonipa"}) {
        const auto tag = LanguageTag::parse(text);
        ASSERT_TRUE(tag) << text;
        EXPECT_EQ(tag->text(), text);
    }
}

TEST(LanguageTag, RefusesEveryBentTag) {
    for (const auto* text : {"",
                             "e",
                             "EN",
                             "En",
                             "engl",
                             "en-",
                             "-en",
                             "en--GB",
                             "en_GB",
                             "en-gb",
                             "en-Gb",
                             "zh-hant",
                             "zh-HANT",
                             "zh-TW-Hant",
                             "en-GB-US",
                             "es-41",
                             "x-foo",
                             "en-x-foo",
                             "en-u-co",
                             "de-abcd",
                             "i-navajo",
                             "en-GB ",
                             "en-\xc3\xa9t\xc3\xa9",
                             "sl-Rozaj",
                             "zh-Hant-Hant",
                             "de-abcdefghi"}) {
        const auto tag = LanguageTag::parse(text);
        ASSERT_FALSE(tag) << text;
        EXPECT_EQ(tag.error().reason, "base/bad-language");
    }
}

TEST(LanguageTag, HasAtMost16Octets) {
    EXPECT_TRUE(LanguageTag::parse("de-CH-1996-abcde"));
    EXPECT_FALSE(LanguageTag::parse("de-CH-1996-abcdef"));
}

}  // namespace
}  // namespace comity
