// SPDX-License-Identifier: Apache-2.0
//
// How we trust what a reader sees: every kind of value, the order of languages, columns that stand
// under each other, and nothing that a terminal would obey.

#include "cli/answer.h"

#include <gtest/gtest.h>

#include "codec/json.h"

namespace comity::cli {
namespace {

codec::Value json(std::string_view text) { return codec::parse_json(text).value(); }

TEST(Printable, KeepsLinesAndNothingElseThatATerminalObeys) {
    EXPECT_EQ(printable("a\nb"), "a\nb");
    EXPECT_EQ(printable("\x1b[2K\rVerified.\x7f\xc2\x9b"), " [2K Verified.  ");
    EXPECT_EQ(printable("é ü 中"), "é ü 中");
}

TEST(Answer, ReadsEveryKindOfValueByItsPath) {
    const codec::Value value = json(
        R"({"a":{"n":40,"yes":true,"no":false,"list":["x","y"],"none":[],"word":"met_in_full"}})");
    const Languages languages = languages_of("", "");
    const Answer answer(value, languages);
    EXPECT_EQ(answer.at("a.n"), "40");
    EXPECT_EQ(answer.number("a.n"), 40);
    EXPECT_EQ(answer.at("a.yes"), "yes");
    EXPECT_TRUE(answer.is_true("a.yes"));
    EXPECT_EQ(answer.at("a.no"), "no");
    EXPECT_FALSE(answer.is_true("a.no"));
    EXPECT_EQ(answer.at("a.list"), "x, y");
    EXPECT_EQ(answer.elements("a.list").size(), 2U);
    EXPECT_EQ(answer.at("a.none"), "-");
    EXPECT_EQ(answer.part("a").word("word"), "met in full");
    EXPECT_EQ(answer.members("a").size(), 6U);
}

TEST(Answer, SaysADashForWhatIsNotThere) {
    const codec::Value value = json(R"({"a":{"n":40}})");
    const Languages languages = languages_of("", "");
    const Answer answer(value, languages);
    for (const char* path : {"b", "a.m", "a.n.x", "b.c.d"}) {
        EXPECT_FALSE(answer.has(path)) << path;
        EXPECT_EQ(answer.at(path), "-") << path;
        EXPECT_EQ(answer.number(path), 0) << path;
        EXPECT_FALSE(answer.is_true(path)) << path;
        EXPECT_TRUE(answer.elements(path).empty()) << path;
        EXPECT_TRUE(answer.members(path).empty()) << path;
    }
}

TEST(Answer, HasNothingThatATerminalObeys) {
    const Languages languages = languages_of("", "");
    std::string text;
    for (char c = 1; c < 0x20; ++c) text += c;
    text += "\x7f\xc2\x80\xc2\x9f";
    const codec::Value value{text + "é\xc2\xa0z"};
    EXPECT_EQ(Answer(value, languages).text(), std::string(31 + 3, ' ') + "é\xc2\xa0z");
}

TEST(Languages, ComeFromTheOptionElseFromTheLocaleAndEndInEnglish) {
    EXPECT_EQ(languages_of("fr", "de_AT.UTF-8"), (Languages{"fr", "en"}));
    EXPECT_EQ(languages_of("", "de_AT.UTF-8"), (Languages{"de-AT", "de", "en"}));
    EXPECT_EQ(languages_of("", "pt_BR@latin"), (Languages{"pt-BR", "pt", "en"}));
    for (const char* none : {"", "C", "C.UTF-8", "POSIX"}) {
        EXPECT_EQ(languages_of("", none), (Languages{"en"})) << none;
    }
}

TEST(Languages, AReaderGetsTheFirstThatIsThere) {
    const codec::Value texts = json(R"({"ar":"1","de":"2","en":"3"})");
    EXPECT_EQ(in_language(texts, languages_of("", "de_AT.UTF-8")), "2");
    EXPECT_EQ(in_language(texts, languages_of("fr", "")), "3");
    EXPECT_EQ(in_language(json(R"({"ar":"1","zh":"2"})"), languages_of("fr", "")), "1");
    EXPECT_EQ(in_language(json("{}"), languages_of("fr", "")), "");
    EXPECT_EQ(in_language(json("4"), languages_of("fr", "")), "");
}

TEST(Table, StandsInColumnsNumbersRight) {
    const Table table{
        .headings = {"ID", "ASKED", "TITLE"},
        .rows = {{"lso", "40", "Évasion"}, {"senegal", "1600", "x"}, {"é", "-", "-"}}};
    EXPECT_EQ(table.text(),
              "ID       ASKED  TITLE\n"
              "lso         40  Évasion\n"
              "senegal   1600  x\n"
              "é            -  -\n");
    EXPECT_EQ(below(table), "\n" + table.text());
    EXPECT_EQ(below(Table{.headings = {"ID"}, .rows = {}}), "");
}

TEST(Table, FactsAreLabelledOneALine) {
    EXPECT_EQ(text_of({{"id", "lso"}, {"end use", "education"}}),
              "id       lso\n"
              "end use  education\n");
    EXPECT_EQ(units(1), "1 unit");
    EXPECT_EQ(units(0), "0 units");
}

}  // namespace
}  // namespace comity::cli
