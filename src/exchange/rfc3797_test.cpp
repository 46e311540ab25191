// SPDX-License-Identifier: Apache-2.0

// Why we trust the draw: it repeats, step by step, the reference draw that RFC 3797 prints and a
// draw of the IETF that was published; and every number of a source counts.

#include "exchange/rfc3797.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/hex.h"

namespace comity::exchange {
namespace {

struct PublishedStep {
    const char* digest;
    std::uint32_t remaining;
    std::uint32_t picked;
};

void expect_steps(const Result<Rfc3797Draw>& draw, const std::vector<PublishedStep>& published) {
    ASSERT_TRUE(draw) << draw.error().message;
    ASSERT_EQ(draw->steps.size(), published.size());
    for (std::size_t i = 0; i < published.size(); ++i) {
        EXPECT_EQ(to_hex(draw->steps[i].digest), published[i].digest) << i;
        EXPECT_EQ(draw->steps[i].remaining, published[i].remaining) << i;
        EXPECT_EQ(draw->steps[i].picked, published[i].picked) << i;
    }
}

std::vector<std::uint32_t> picks(std::uint32_t pool, std::uint32_t draws,
                                 const std::vector<std::string>& sources) {
    const Result<Rfc3797Draw> draw = rfc3797_draw(pool, draws, sources);
    std::vector<std::uint32_t> picked;
    if (!draw) return picked;
    for (const Rfc3797Step& step : draw->steps) picked.push_back(step.picked);
    return picked;
}

const std::vector<std::string> reference = {"9319", "2 5 12 8 10", "9 18 26 34 41 45"};

// RFC 3797 section 6 (June 2004): 25 entries, three sources.
TEST(Rfc3797, TheReferenceDrawIsReproduced) {
    const Result<Rfc3797Draw> draw = rfc3797_draw(25, 16, reference);
    ASSERT_TRUE(draw);
    EXPECT_EQ(draw->key_string, "9319./2.5.8.10.12./9.18.26.34.41.45./");
    expect_steps(draw, {{"990dd0a5692a029a98b5e01aa28f3459", 25, 17},
                        {"3691e55cb63fcc37914430b2f70b5ec6", 24, 7},
                        {"fe814edf564c190ac1d25753979990fa", 23, 2},
                        {"1863ccaceb568c31d7ddbdf1d4e91387", 22, 16},
                        {"f4ab33df4889f0af29c513905be1d758", 21, 25},
                        {"13eaeb529f61acfb9a29d0ba3a60de4a", 20, 23},
                        {"992db77c382ca2bdb9727001f3cdccd9", 19, 8},
                        {"63ab4258eca922976811c7f55c383ce7", 18, 24},
                        {"dfbc5ac97ced01b3a6e348e3cc63f40d", 17, 19},
                        {"31cb111c4a4ebe9287ceae16fe51b909", 16, 13},
                        {"07fa46c122f164c215bbc72793b189a3", 15, 22},
                        {"ac52f8d75ccbe2e61afeb3387637d501", 14, 5},
                        {"53306f73e14fc0b2fbf434218d25948e", 13, 18},
                        {"b5d1403501a81f9a47318be7893b347c", 12, 9},
                        {"85b10b356aa06663ef1b1b407765100a", 11, 1},
                        {"3269e6ce559abd57e2ba6aab495eb9bd", 10, 4}});
}

// Nominating Committee of the IETF, 2022: 267 volunteers, four lotteries drawn from 29 July to
// 2 August 2022. Seeds and published result: github.com/richsalz/ietf-rfc3797-code, files
// 2022.seeds and 2022.results, commit 7673bcf.
TEST(Rfc3797, TheDrawOfTheNominatingCommitteeOf2022IsReproduced) {
    const std::vector<std::string> lotteries = {"7 18 28 40 48 8 11", "15 21 31 36 65 16",
                                                "17 21 12 26 8 42 35 13",
                                                "1 10 13 14 16 25 27 5 21"};
    const Result<Rfc3797Draw> draw = rfc3797_draw(267, 10, lotteries);
    ASSERT_TRUE(draw);
    EXPECT_EQ(draw->key_string,
              "7.8.11.18.28.40.48./15.16.21.31.36.65./8.12.13.17.21.26.35.42./"
              "1.5.10.13.14.16.21.25.27./");
    expect_steps(draw, {{"d0bd0c1947856d9ec8892bfd7b8f537a", 267, 171},
                        {"a9b445cd350943417b4a365d4752f665", 266, 245},
                        {"6090f1c93e7ef6aa20fd73ce3892eaef", 265, 68},
                        {"6b81ad77e14855fefb36aba73fade5f3", 264, 190},
                        {"6a426aaa8df10ba1df2adbf85e18b673", 263, 70},
                        {"55fc29bbbf1170647975df74fedccc15", 262, 126},
                        {"57e7969fd21534f95fadc7196649955e", 261, 110},
                        {"20a9c424b529414c8b41ea90083cb29f", 260, 128},
                        {"327721252e133a0b8b24656fa4af7688", 259, 138},
                        {"4937abac4e80b067f4297150f1e30b97", 258, 173}});
}

TEST(Rfc3797, EveryNumberCountsAndItsPlaceInTheSourceDoesNot) {
    const std::vector<std::uint32_t> drawn = picks(25, 10, reference);
    ASSERT_EQ(drawn.size(), 10U);
    EXPECT_EQ(picks(25, 10, {"09319", "12,10, 8 5,2", "45 41 34 26 18 0009"}), drawn);
    EXPECT_NE(picks(25, 10, {"9318", reference[1], reference[2]}), drawn);
    EXPECT_NE(picks(25, 10, {reference[0], "2 5 12 8 11", reference[2]}), drawn);
    EXPECT_NE(picks(25, 10, {reference[1], reference[0], reference[2]}), drawn);
    EXPECT_NE(picks(25, 10, {reference[0], reference[1]}), drawn);
}

TEST(Rfc3797, AWholePoolIsDrawnOnceEach) {
    std::vector<std::uint32_t> drawn = picks(300, 300, reference);
    ASSERT_EQ(drawn.size(), 300U);
    std::sort(drawn.begin(), drawn.end());
    for (std::uint32_t i = 0; i < 300; ++i) EXPECT_EQ(drawn[i], i + 1);
}

TEST(Rfc3797, NumbersAreSortedByValueWithoutLeadingZeros) {
    EXPECT_EQ(*canonical_numbers("10 9 0100 2"), "2.9.10.100.");
    EXPECT_EQ(*canonical_numbers("000,0"), "0.0.");
    EXPECT_EQ(*canonical_numbers("  7 "), "7.");
    EXPECT_EQ(*canonical_numbers("340282366920938463463374607431768211456 5"),
              "5.340282366920938463463374607431768211456.");
}

TEST(Rfc3797, WhatIsNoListOfNumbersIsRefused) {
    for (const std::string text :
         {"", " ", ",", "1.5", "-1", "+1", "1a", "a", "1/2", "1\t2", "1\n", "0x10", "\xd9\xa1"}) {
        EXPECT_EQ(canonical_numbers(text).error().reason, "exchange/bad-numbers") << text;
    }
    EXPECT_TRUE(canonical_numbers(std::string(rfc3797_source_bytes_max, '1')));
    EXPECT_EQ(canonical_numbers(std::string(rfc3797_source_bytes_max + 1, '1')).error().reason,
              "exchange/bad-numbers");
    EXPECT_EQ(rfc3797_draw(5, 1, {}).error().reason, "exchange/bad-numbers");
    const std::vector<std::string> many(rfc3797_sources_max + 1, "1");
    EXPECT_EQ(rfc3797_draw(5, 1, many).error().reason, "exchange/bad-numbers");
}

TEST(Rfc3797, TheBoundsOfADrawAreKept) {
    EXPECT_EQ(rfc3797_draw(5, 0, reference).error().reason, "exchange/bad-draw");
    EXPECT_EQ(rfc3797_draw(5, 6, reference).error().reason, "exchange/bad-draw");
    EXPECT_EQ(rfc3797_draw(0, 0, reference).error().reason, "exchange/bad-draw");
    EXPECT_EQ(rfc3797_draw(rfc3797_pool_max + 1, 1, reference).error().reason, "exchange/bad-draw");
    EXPECT_TRUE(rfc3797_draw(rfc3797_pool_max, 1, reference));
}

}  // namespace
}  // namespace comity::exchange
