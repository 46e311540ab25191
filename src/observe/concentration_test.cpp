// SPDX-License-Identifier: Apache-2.0
//
// We trust the measures because small cases come out as by hand, because they agree with the
// definition in 128-bit integers, and because neither order nor scale nor the cutting of amounts
// changes anything.

#include "observe/concentration.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace comity::observe {
namespace {

Decimal decimal(std::string_view text) { return Decimal::parse(text).value(); }

std::vector<Holding> holdings_of(const std::vector<std::int64_t>& amounts) {
    std::vector<Holding> holdings;
    for (std::size_t i = 0; i < amounts.size(); ++i) {
        holdings.push_back({"h" + std::to_string(i), Decimal::of(amounts[i])});
    }
    return holdings;
}

Concentration of(const std::vector<std::int64_t>& amounts) {
    return concentration(holdings_of(amounts));
}

/// num/den of a text that the module wrote, small enough here.
std::pair<std::int64_t, std::int64_t> fraction(const std::string& text) {
    const auto slash = text.find('/');
    return {std::stoll(text.substr(0, slash)),
            slash == std::string::npos ? 1 : std::stoll(text.substr(slash + 1))};
}

TEST(Concentration, SmallCasesByHand) {
    const Concentration three = of({1, 2, 5});  // squares 1 + 4 + 25 = 30, over 8 * 8
    EXPECT_EQ(three.hhi_exact, "15/32");
    EXPECT_EQ(three.hhi, 4'688) << "4687.5: a half goes up";
    EXPECT_EQ(three.total, "8");
    EXPECT_EQ(three.holders, 3U);
    EXPECT_EQ(three.top, (std::vector<PartialShare>{{1, "5/8", 625}, {3, "1", 1'000}}));
    EXPECT_EQ(three.lorenz, (std::vector<PartialShare>{
                                {0, "0", 0}, {1, "1/8", 125}, {2, "3/8", 375}, {3, "1", 1'000}}));
    EXPECT_EQ(three.shares,
              (std::vector<HolderShare>{
                  {"h2", "5", "5/8", 625}, {"h1", "2", "1/4", 250}, {"h0", "1", "1/8", 125}}));
    EXPECT_EQ(of({7}).hhi, 10'000);
    EXPECT_EQ(of({0, 7}).hhi, 10'000);
    EXPECT_EQ(of({0, 7}).holders, 2U);
    EXPECT_EQ(of({0, 7}).with_amount, 1U);
    EXPECT_EQ(of({0, 7}).lorenz,
              (std::vector<PartialShare>{{0, "0", 0}, {1, "0", 0}, {2, "1", 1'000}}));
}

TEST(Concentration, NothingHasNoShares) {
    for (const Concentration& none : {of({}), of({0, 0})}) {
        EXPECT_FALSE(none.hhi);
        EXPECT_FALSE(none.hhi_exact);
        EXPECT_EQ(none.total, "0");
        EXPECT_EQ(none.with_amount, 0U);
        EXPECT_TRUE(none.top.empty());
        EXPECT_TRUE(none.shares.empty());
        EXPECT_TRUE(none.lorenz.empty());
    }
    EXPECT_EQ(of({0, 0}).holders, 2U);
}

TEST(Concentration, EqualSharesAreTenThousandOverTheirNumber) {
    for (std::int64_t n = 1; n <= 300; ++n) {
        const Concentration equal = of(std::vector<std::int64_t>(static_cast<std::size_t>(n), 3));
        EXPECT_EQ(equal.hhi, (2 * 10'000 + n) / (2 * n)) << n;
        EXPECT_EQ(equal.hhi_exact, n == 1 ? "1" : "1/" + std::to_string(n));
    }
}

TEST(Concentration, ALargeSumLosesNoUnit) {
    // As doubles, both are 5e26: the largest has more than half by one unit.
    const Concentration found = concentration(std::vector<Holding>{
        {"a", decimal("500000000000000000000000001")}, {"b", decimal("5e26")}});
    EXPECT_EQ(found.total, "1.000000000000000000000000001e27");
    EXPECT_EQ(found.shares[0].share, "500000000000000000000000001/1000000000000000000000000001");
    EXPECT_EQ(found.shares[1].share, "500000000000000000000000000/1000000000000000000000000001");
}

TEST(Concentration, SplitRowsAreFractions) {
    const Concentration found = concentration(std::vector<Holding>{{"a", decimal("1"), 3},
                                                                   {"b", decimal("1"), 3},
                                                                   {"c", decimal("1"), 3},
                                                                   {"a", decimal("1"), 2},
                                                                   {"c", decimal("0.5"), 1}});
    EXPECT_EQ(found.total, "2");
    ASSERT_EQ(found.shares.size(), 3U);
    EXPECT_EQ(found.shares[0], (HolderShare{"a", "5/6", "5/12", 417}));
    EXPECT_EQ(found.shares[1], (HolderShare{"c", "5/6", "5/12", 417}));
    EXPECT_EQ(found.shares[2], (HolderShare{"b", "1/3", "1/6", 167}));
}

TEST(Concentration, TheBoundsOfItsInputAreInReach) {
    std::vector<Holding> holdings;
    const std::string digits(decimal_digits_max, '9');
    for (std::uint32_t parts = 1; parts <= parts_max; ++parts) {
        holdings.push_back({"large", decimal(digits + "e60"), parts});
        holdings.push_back({"small", decimal("1e-60"), parts});
    }
    const Concentration found = concentration(holdings);
    EXPECT_EQ(found.hhi, 10'000) << "rounded";
    EXPECT_NE(found.hhi_exact, "1") << "and yet not all";
    EXPECT_EQ(found.with_amount, 2U);
}

RC_GTEST_PROP(Concentration, IsTheSumOfSquares, ()) {
    const auto amounts =
        *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 1'000));
    std::int64_t total = 0;
    std::int64_t squares = 0;
    for (const std::int64_t amount : amounts) {
        total += amount;
        squares += amount * amount;
    }
    const Concentration found = of(amounts);
    if (total == 0) {
        RC_ASSERT(!found.hhi);
        return;
    }
    // The nearest h: |h/10000 - squares/total^2| <= 1/20000.
    const std::int64_t off = *found.hhi * total * total - 10'000 * squares;
    RC_ASSERT(2 * off <= total * total);
    RC_ASSERT(2 * off > -total * total);
}

RC_GTEST_PROP(Concentration, NeitherOrderNorScaleNorCuttingCounts, ()) {
    const auto amounts = *rc::gen::nonEmpty(
        rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 1'000)));
    const std::vector<Holding> plain = holdings_of(amounts);
    const Concentration found = concentration(plain);

    std::vector<Holding> reversed(plain.rbegin(), plain.rend());
    RC_ASSERT(concentration(reversed) == found);

    std::vector<Holding> scaled = plain;
    for (Holding& holding : scaled) {
        if (!holding.amount.is_zero()) holding.amount.exponent += 25;
    }
    const Concentration large = concentration(scaled);
    RC_ASSERT(large.hhi == found.hhi && large.top == found.top && large.lorenz == found.lorenz);

    std::vector<Holding> cut;
    for (std::size_t i = 0; i < plain.size(); ++i) {
        const auto piece = *rc::gen::inRange<std::int64_t>(0, amounts[i] + 1);
        cut.insert(cut.begin(), {plain[i].holder, Decimal::of(piece)});
        cut.push_back({plain[i].holder, Decimal::of(2 * (amounts[i] - piece)), 2});
    }
    RC_ASSERT(concentration(cut) == found);
}

RC_GTEST_PROP(Concentration, TheLorenzCurveEndsAtOneAndIsConvex, ()) {
    const auto amounts = *rc::gen::nonEmpty(
        rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 1'000)));
    const Concentration found = of(amounts);
    if (!found.hhi) return;
    const auto& points = found.lorenz;
    RC_ASSERT(points.size() == amounts.size() + 1);
    RC_ASSERT(points.front().share == "0");
    RC_ASSERT(points.back().share == "1");
    const std::int64_t total = std::stoll(found.total);
    std::int64_t before = 0;
    std::int64_t step_before = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
        RC_ASSERT(points[i].holders == i);
        const auto [num, den] = fraction(points[i].share);
        RC_ASSERT(total % den == 0);
        const std::int64_t sum = num * (total / den);
        RC_ASSERT(sum - before >= step_before);
        step_before = sum - before;
        before = sum;
    }
}

}  // namespace
}  // namespace comity::observe
