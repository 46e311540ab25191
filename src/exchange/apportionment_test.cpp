// SPDX-License-Identifier: Apache-2.0

// Why we trust the divisor methods at size: the 435 seats of the House of Representatives of the
// United States of America come out as they were apportioned after the censuses of 2010 and 2020,
// by the method of equal proportions that its law names (Huntington-Hill, one seat at least).
//
// Apportionment populations (resident and overseas) and seats: U.S. Census Bureau, Apportionment
// Population and Number of Representatives by State, Table 1, 2010 census (published 21 December
// 2010) and 2020 census (published 26 April 2021). Populations were read from the public repository
// GPHemsley/house-apportionment, which quotes those tables, and agree with their totals.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "exchange/allocation.h"
#include "exchange/certificate.h"

namespace comity::exchange {
namespace {

struct State {
    const char* id;  ///< postal code
    std::int64_t population_2010;
    std::int64_t seats_2010;
    std::int64_t population_2020;
    std::int64_t seats_2020;
};

constexpr State states[] = {
    {"AL", 4802982, 7, 5030053, 7},     {"AK", 721523, 1, 736081, 1},
    {"AZ", 6412700, 9, 7158923, 9},     {"AR", 2926229, 4, 3013756, 4},
    {"CA", 37341989, 53, 39576757, 52}, {"CO", 5044930, 7, 5782171, 8},
    {"CT", 3581628, 5, 3608298, 5},     {"DE", 900877, 1, 990837, 1},
    {"FL", 18900773, 27, 21570527, 28}, {"GA", 9727566, 14, 10725274, 14},
    {"HI", 1366862, 2, 1460137, 2},     {"ID", 1573499, 2, 1841377, 2},
    {"IL", 12864380, 18, 12822739, 17}, {"IN", 6501582, 9, 6790280, 9},
    {"IA", 3053787, 4, 3192406, 4},     {"KS", 2863813, 4, 2940865, 4},
    {"KY", 4350606, 6, 4509342, 6},     {"LA", 4553962, 6, 4661468, 6},
    {"ME", 1333074, 2, 1363582, 2},     {"MD", 5789929, 8, 6185278, 8},
    {"MA", 6559644, 9, 7033469, 9},     {"MI", 9911626, 14, 10084442, 13},
    {"MN", 5314879, 8, 5709752, 8},     {"MS", 2978240, 4, 2963914, 4},
    {"MO", 6011478, 8, 6160281, 8},     {"MT", 994416, 1, 1085407, 2},
    {"NE", 1831825, 3, 1963333, 3},     {"NV", 2709432, 4, 3108462, 4},
    {"NH", 1321445, 2, 1379089, 2},     {"NJ", 8807501, 12, 9294493, 12},
    {"NM", 2067273, 3, 2120220, 3},     {"NY", 19421055, 27, 20215751, 26},
    {"NC", 9565781, 13, 10453948, 14},  {"ND", 675905, 1, 779702, 1},
    {"OH", 11568495, 16, 11808848, 15}, {"OK", 3764882, 5, 3963516, 5},
    {"OR", 3848606, 5, 4241500, 6},     {"PA", 12734905, 18, 13011844, 17},
    {"RI", 1055247, 2, 1098163, 2},     {"SC", 4645975, 7, 5124712, 7},
    {"SD", 819761, 1, 887770, 1},       {"TN", 6375431, 9, 6916897, 9},
    {"TX", 25268418, 36, 29183290, 38}, {"UT", 2770765, 4, 3275252, 4},
    {"VT", 630337, 1, 643503, 1},       {"VA", 8037736, 11, 8654542, 11},
    {"WA", 6753369, 10, 7715946, 10},   {"WV", 1859815, 3, 1795045, 2},
    {"WI", 5698230, 8, 5897473, 8},     {"WY", 568300, 1, 577719, 1},
};

constexpr std::int64_t house = 435;

struct Census {
    std::vector<std::int64_t> populations;
    std::vector<std::int64_t> seats;  ///< official
};

Census census_2010() {
    Census census;
    for (const State& state : states) {
        census.populations.push_back(state.population_2010);
        census.seats.push_back(state.seats_2010);
    }
    return census;
}

Census census_2020() {
    Census census;
    for (const State& state : states) {
        census.populations.push_back(state.population_2020);
        census.seats.push_back(state.seats_2020);
    }
    return census;
}

std::int64_t sum(const std::vector<std::int64_t>& values) {
    std::int64_t total = 0;
    for (const std::int64_t value : values) total += value;
    return total;
}

/// The seats are one offer that every state may use up to the whole house; each has `floor` at
/// least.
std::vector<std::int64_t> apportion(const Census& census, Rounding rounding, std::int64_t floor) {
    AllocationInstance instance;
    instance.offers.push_back({house});
    for (Index m = 0; m < census.populations.size(); ++m) {
        instance.members.push_back(
            {.name = states[m].id, .weight = census.populations[m], .floor = floor, .tie_rank = m});
        instance.needs.push_back({m, house});
        instance.lawful_offers.push_back(0);
        instance.lawful_begin.push_back(m + 1);
    }
    const Result<Allocation> allocation = allocate(instance, rounding);
    if (!allocation) {
        ADD_FAILURE() << allocation.error().message;
        return {};
    }
    const Result<> checked = check_certificate(instance, rounding, *allocation);
    EXPECT_TRUE(checked) << checked.error().message;
    return allocation->totals;
}

std::size_t states_that_differ(const Census& census, Rounding rounding, std::int64_t floor) {
    const std::vector<std::int64_t> seats = apportion(census, rounding, floor);
    EXPECT_EQ(seats.size(), census.seats.size());
    EXPECT_EQ(sum(seats), house);
    std::size_t differ = 0;
    for (std::size_t m = 0; m < seats.size(); ++m) differ += seats[m] != census.seats[m] ? 1U : 0U;
    return differ;
}

TEST(Apportionment, TheTablesAddUpToTheirPublishedTotals) {
    EXPECT_EQ(sum(census_2010().populations), 309'183'463);
    EXPECT_EQ(sum(census_2020().populations), 331'108'434);
    EXPECT_EQ(sum(census_2010().seats), house);
    EXPECT_EQ(sum(census_2020().seats), house);
}

TEST(Apportionment, HuntingtonHillGivesTheOfficialSeatsOf2010) {
    const Census census = census_2010();
    EXPECT_EQ(apportion(census, Rounding::huntington_hill, 1), census.seats);
}

TEST(Apportionment, HuntingtonHillGivesTheOfficialSeatsOf2020) {
    const Census census = census_2020();
    EXPECT_EQ(apportion(census, Rounding::huntington_hill, 1), census.seats);
}

TEST(Apportionment, TheOtherMethodsDifferInAFewStates) {
    const Census former = census_2010();
    EXPECT_EQ(states_that_differ(former, Rounding::adams, 1), 15U);
    EXPECT_EQ(states_that_differ(former, Rounding::sainte_lague, 1), 2U);
    EXPECT_EQ(states_that_differ(former, Rounding::dhondt, 1), 15U);
    const Census latter = census_2020();
    EXPECT_EQ(states_that_differ(latter, Rounding::adams, 1), 9U);
    EXPECT_EQ(states_that_differ(latter, Rounding::sainte_lague, 1), 4U);
    EXPECT_EQ(states_that_differ(latter, Rounding::dhondt, 1), 15U);
}

// The method alone, without the seat that the constitution gives to each state: it matters to
// D'Hondt, which would leave some states without any.
TEST(Apportionment, OnlyDHondtNeedsTheFirstSeatToBeGiven) {
    const Census former = census_2010();
    EXPECT_EQ(states_that_differ(former, Rounding::huntington_hill, 0), 0U);
    EXPECT_EQ(states_that_differ(former, Rounding::adams, 0), 15U);
    EXPECT_EQ(states_that_differ(former, Rounding::sainte_lague, 0), 2U);
    EXPECT_EQ(states_that_differ(former, Rounding::dhondt, 0), 17U);
    const Census latter = census_2020();
    EXPECT_EQ(states_that_differ(latter, Rounding::huntington_hill, 0), 0U);
    EXPECT_EQ(states_that_differ(latter, Rounding::adams, 0), 9U);
    EXPECT_EQ(states_that_differ(latter, Rounding::sainte_lague, 0), 4U);
    EXPECT_EQ(states_that_differ(latter, Rounding::dhondt, 0), 19U);
}

}  // namespace
}  // namespace comity::exchange
