// SPDX-License-Identifier: Apache-2.0
// How we trust fractions: all small ones are compared by plain cross-multiplication, the largest
// ones where 64 bits would overflow.
#include "base/rational.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <numeric>

namespace comity {
namespace {

constexpr auto largest = std::numeric_limits<std::int64_t>::max();
constexpr auto least = std::numeric_limits<std::int64_t>::min();

TEST(Rational, EverySmallFractionHasOneTextAndItsOrder) {
    for (std::int64_t a = -6; a <= 6; ++a) {
        for (std::int64_t b = 1; b <= 6; ++b) {
            const auto left = Rational::make(a, b);
            ASSERT_TRUE(left);
            ASSERT_EQ(*Rational::parse(left->text()), *left);
            ASSERT_EQ(*Rational::make(-a, -b), *left);
            ASSERT_EQ(std::gcd(left->num, left->den), 1);
            for (std::int64_t c = -6; c <= 6; ++c) {
                for (std::int64_t d = 1; d <= 6; ++d) {
                    const auto right = Rational::make(c, d);
                    ASSERT_EQ(*left < *right, a * d < c * b);
                    ASSERT_EQ(*left == *right, a * d == c * b);
                    ASSERT_EQ(left->text() == right->text(), a * d == c * b);
                }
            }
        }
    }
}

TEST(Rational, ComparesExactlyWhereProductsPass64Bits) {
    const Rational just_below{.num = largest - 1, .den = largest};
    const Rational further_below{.num = largest - 2, .den = largest - 1};
    EXPECT_LT(further_below, just_below);
    EXPECT_LT(just_below, Rational{.num = 1});
    EXPECT_GT(Rational{.num = largest}, (Rational{.num = largest, .den = 2}));
    EXPECT_LT(Rational{.num = -largest}, Rational{.num = largest});
}

TEST(Rational, ReadsOnlyLowestTerms) {
    EXPECT_EQ(Rational::parse("2/3")->num, 2);
    EXPECT_EQ(Rational::parse("2/3")->den, 3);
    EXPECT_EQ(Rational::parse("5")->text(), "5");
    EXPECT_EQ(Rational::parse("-1/2")->text(), "-1/2");
    EXPECT_EQ(Rational::parse("9223372036854775807")->num, largest);
    for (const auto* text : {"",
                             "/",
                             "1/",
                             "/2",
                             "2/4",
                             "5/1",
                             "0/7",
                             "1/0",
                             "0/0",
                             "1/-2",
                             "-1/-2",
                             "+1",
                             "1/+2",
                             "01",
                             "-0",
                             "1 /2",
                             "1/2 ",
                             "1/2/3",
                             "0.5",
                             "1e3",
                             "a",
                             "1/b",
                             "½",
                             "9223372036854775808",
                             "-9223372036854775808",
                             "1/9223372036854775808"}) {
        const auto value = Rational::parse(text);
        ASSERT_FALSE(value) << text;
        EXPECT_EQ(value.error().reason, "base/bad-rational");
    }
    EXPECT_NE(Rational::parse("50/100").error().message.find("1/2"), std::string::npos);
}

TEST(Rational, MakesNothingFromWhatDoesNotFit) {
    for (const auto& [num, den] : {std::pair{std::int64_t{1}, std::int64_t{0}},
                                   {least, 1},
                                   {1, least},
                                   {least, least},
                                   {0, 0}}) {
        EXPECT_EQ(Rational::make(num, den).error().reason, "base/bad-rational");
    }
    EXPECT_EQ(Rational::make(largest, -largest)->text(), "-1");
}

RC_GTEST_PROP(Rational, RoundTrips, (std::int64_t num, std::int64_t den)) {
    RC_PRE(num != least && den != least && den != 0);
    const auto value = Rational::make(num, den);
    RC_ASSERT(value.has_value());
    RC_ASSERT(value->den > 0);
    RC_ASSERT(*Rational::parse(value->text()) == *value);
}

}  // namespace
}  // namespace comity
