// SPDX-License-Identifier: Apache-2.0
//
// We trust amounts because what is written in two ways is one value, because the text is read back
// as the same, and because the order is that of whole numbers.

#include "observe/decimal.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace comity::observe {
namespace {

Decimal decimal(std::string_view text) { return Decimal::parse(text).value(); }

TEST(Decimal, OneAmountHasOneValue) {
    for (const std::string_view text :
         {"2.1e25", "21e24", "0.21E26", "2.10e+25", "0002.1e25", "21000000000000000000000000"}) {
        EXPECT_EQ(decimal(text), (Decimal{"21", 24})) << text;
    }
    EXPECT_EQ(decimal("1768569.9848668606"), (Decimal{"17685699848668606", -10}));
    for (const std::string_view text : {"0", "0.00", "0e9", "000"}) {
        EXPECT_TRUE(decimal(text).is_zero()) << text;
        EXPECT_EQ(decimal(text), Decimal{}) << text;
    }
    EXPECT_EQ(decimal("1e60").exponent, 60);
    EXPECT_EQ(decimal("1e-60").exponent, -60);
}

TEST(Decimal, TextIsPlainWhereItIsShort) {
    EXPECT_EQ(decimal("0").text(), "0");
    EXPECT_EQ(decimal("1200").text(), "1200");
    EXPECT_EQ(decimal("12.50").text(), "12.5");
    EXPECT_EQ(decimal("5e-3").text(), "0.005");
    EXPECT_EQ(decimal("21e24").text(), "2.1e25");
    EXPECT_EQ(decimal("1e18").text(), "1e18");
    EXPECT_EQ(decimal("1e17").text(), "100000000000000000");
    EXPECT_EQ(decimal("1e-30").text(), "1e-30");
}

TEST(Decimal, RefusesWhatIsNoAmount) {
    for (const std::string_view text :
         {"",      " ",      "-1",
          "+1",    "1 ",     " 1",
          "1.",    ".5",     "1,000",
          "1e",    "1e+",    "1e+-1",
          "1e1.5", "1e9999", "nan",
          "inf",   "0x10",   "1_0",
          "1e61",  "1e-61",  "12345678901234567890123456789012345678901"}) {
        const auto read = Decimal::parse(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().reason, "observe/bad-number");
    }
    EXPECT_FALSE(Decimal::parse(std::string(65, '0')));
    EXPECT_TRUE(Decimal::parse(std::string(64, '0')));
}

RC_GTEST_PROP(Decimal, TheTextIsReadBack, ()) {
    const auto digits = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 60);
    const auto exponent = *rc::gen::inRange(-40, 41);
    const Decimal made = decimal(std::to_string(digits) + "e" + std::to_string(exponent));
    RC_ASSERT(decimal(made.text()) == made);
}

RC_GTEST_PROP(Decimal, TheOrderIsThatOfNumbers, ()) {
    const auto a = *rc::gen::inRange<std::int64_t>(0, 2'000);
    const auto b = *rc::gen::inRange<std::int64_t>(0, 2'000);
    const auto written = [](std::int64_t number) {
        return decimal(std::to_string(number) + "e-2");
    };
    RC_ASSERT((written(a) <=> written(b)) == (a <=> b));
    RC_ASSERT((written(a) == written(b)) == (a == b));
    RC_ASSERT(Decimal::of(a) == decimal(std::to_string(a)));
}

}  // namespace
}  // namespace comity::observe
