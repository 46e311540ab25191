// SPDX-License-Identifier: Apache-2.0
//
// We trust the catalogue because ICU compiles every message, because markup in an argument never
// reaches ICU, and because the pseudo-language changes every letter of ours and no argument.

#include "server/messages.h"

#include <gtest/gtest.h>

#include "server/html.h"

namespace comity::server {
namespace {

const LanguageTag english = LanguageTag::parse("en").value();
const LanguageTag pseudo_language = LanguageTag::parse("qps").value();

Catalogue catalogue(std::string_view json) { return Catalogue::parse(json).value(); }

TEST(Catalogue, CountsByThePluralRulesOfTheLanguage) {
    const Catalogue words = catalogue(R"({"n": "{n, plural, one {# need} other {# needs}}"})");
    EXPECT_EQ(words.message(english, "n", {{"n", std::int64_t{1}}}).markup(), "1 need");
    EXPECT_EQ(words.message(english, "n", {{"n", std::int64_t{2'000}}}).markup(), "2,000 needs");
}

TEST(Catalogue, AnArgumentCanNeitherChangeTheSentenceNorThePage) {
    const Catalogue words = catalogue(R"({"by": "By {who} & <others>"})");
    const Html hostile = Html::text("{n} ' <script>");
    EXPECT_EQ(words.message(english, "by", {{"who", hostile}}).markup(),
              "By {n} &#39; &lt;script&gt; &amp; &lt;others&gt;");
}

TEST(Catalogue, ThePseudoLanguageIsBracketedLongerAndKeepsArguments) {
    const Catalogue words = catalogue(R"({"by": "Signed by {who}"})");
    const std::string shown =
        words.message(pseudo_language, "by", {{"who", Html::text("Lesotho")}}).markup();
    EXPECT_TRUE(shown.starts_with("[")) << shown;
    EXPECT_NE(shown.find("Lesotho"), std::string::npos);
    EXPECT_EQ(shown.find("Signed"), std::string::npos);
    EXPECT_GT(shown.size(), std::string("Signed by Lesotho").size() * 14 / 10);
}

TEST(Catalogue, AMessageThatIcuCannotReadIsRefusedByItsId) {
    const auto parsed = Catalogue::parse(R"({"good": "x", "bad": "{n, plural, one {#}"})");
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().reason, "server/bad-message");
    EXPECT_NE(parsed.error().message.find("bad"), std::string::npos);
}

}  // namespace
}  // namespace comity::server
