// SPDX-License-Identifier: Apache-2.0

// Why we trust the engine: on ten thousand small random instances it gives what the definition
// gives unit by unit and what trying every possible result gives; what it calls infeasible is
// infeasible; and a checker that shares no code with it accepts every certificate. The worked
// examples with published answers are in instance_json_test.cpp.

#include "exchange/allocation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <map>
#include <numeric>
#include <span>

#include "crypto/sha256.h"
#include "exchange/allocation_oracle.h"
#include "exchange/certificate.h"
#include "exchange/instance_generator.h"

namespace comity::exchange {

namespace {

using oracle::Totals;

constexpr Rounding every_rounding[] = {Rounding::adams, Rounding::sainte_lague, Rounding::dhondt,
                                       Rounding::huntington_hill, Rounding::serial};
constexpr std::span<const Rounding> divisor_roundings(every_rounding, 4);

/// One pool that everybody may use without limit, as seats in a parliament.
AllocationInstance seats(std::int64_t seats, const std::vector<std::int64_t>& weights) {
    AllocationInstance instance;
    instance.offers.push_back({seats});
    for (Index m = 0; m < weights.size(); ++m) {
        instance.members.push_back({.name = {}, .weight = weights[m], .tie_rank = m});
        instance.needs.push_back({m, seats});
        instance.lawful_offers.push_back(0);
        instance.lawful_begin.push_back(m + 1);
    }
    return instance;
}

Totals totals_of(const AllocationInstance& instance, Rounding rounding) {
    const Result<Allocation> allocation = allocate(instance, rounding);
    if (!allocation) {
        ADD_FAILURE() << allocation.error().message;
        return {};
    }
    const Result<> checked = check_certificate(instance, rounding, *allocation);
    EXPECT_TRUE(checked) << checked.error().message;
    return allocation->totals;
}

std::vector<std::string> exact_totals(const AllocationInstance& instance) {
    const Result<std::vector<Fraction>> levels = divisible_levels(instance);
    if (!levels) return {levels.error().message};
    std::vector<std::string> text;
    for (const Fraction& level : *levels) text.push_back(level.text());
    return text;
}

}  // namespace

TEST(Allocation, SeatsFollowTheDivisorMethods) {
    const AllocationInstance seven = seats(7, {53, 24, 23});
    EXPECT_EQ(totals_of(seven, Rounding::adams), (Totals{3, 2, 2}));
    EXPECT_EQ(totals_of(seven, Rounding::sainte_lague), (Totals{3, 2, 2}));
    EXPECT_EQ(totals_of(seven, Rounding::dhondt), (Totals{4, 2, 1}));

    const AllocationInstance ten = seats(10, {60, 28, 10, 2});
    EXPECT_EQ(totals_of(ten, Rounding::adams), (Totals{5, 3, 1, 1}));
    EXPECT_EQ(totals_of(ten, Rounding::sainte_lague), (Totals{6, 3, 1, 0}));
    EXPECT_EQ(totals_of(ten, Rounding::dhondt), (Totals{6, 3, 1, 0}));
}

TEST(Allocation, StrictLeximinGivesTheFirstPlacesToTheSmallest) {
    EXPECT_EQ(totals_of(seats(2, {53, 24, 23}), Rounding::adams), (Totals{0, 1, 1}));
}

TEST(Allocation, TheLotteryDecidesTies) {
    AllocationInstance instance = seats(3, {1, 1});
    EXPECT_EQ(totals_of(instance, Rounding::adams), (Totals{2, 1}));
    std::swap(instance.members[0].tie_rank, instance.members[1].tie_rank);
    for (const Rounding rounding : divisor_roundings) {
        EXPECT_EQ(totals_of(instance, rounding), (Totals{1, 2}));
    }
    EXPECT_EQ(totals_of(instance, Rounding::serial), (Totals{0, 3}));
}

TEST(Allocation, EqualsTwoObviousMethodsOnAHundredThousandSmallInstances) {
    std::mt19937 random(2026);
    int infeasible = 0;
    for (int round = 0; round < 100'000; ++round) {
        const AllocationInstance instance = oracle::random_instance(random, {});
        const auto rounding = every_rounding[static_cast<std::size_t>(round) % 5];
        const std::optional<Totals> expected = oracle::greedy(instance, rounding);
        const Result<Allocation> allocation = allocate(instance, rounding);
        if (!expected) {
            ++infeasible;
            ASSERT_FALSE(allocation) << "round " << round;
            ASSERT_EQ(allocation.error().reason, "exchange/infeasible-floor");
            ASSERT_EQ(divisible_levels(instance).error().reason, "exchange/infeasible-floor");
            continue;
        }
        ASSERT_TRUE(allocation) << allocation.error().message;
        ASSERT_EQ(allocation->totals, *expected) << "round " << round;
        const Result<> checked = check_certificate(instance, rounding, *allocation);
        ASSERT_TRUE(checked) << "round " << round << ": " << checked.error().message;
    }
    EXPECT_GT(infeasible, 1'000);
    EXPECT_LT(infeasible, 50'000);
}

TEST(Allocation, EqualsTheBestOfEveryPossibleResult) {
    std::mt19937 random(7);
    for (int round = 0; round < 100'000; ++round) {
        const AllocationInstance instance =
            oracle::random_instance(random, {.members = 3, .needs = 4, .offers = 3, .quantity = 3});
        const auto rounding = every_rounding[static_cast<std::size_t>(round) % 5];
        const std::optional<Totals> expected = oracle::best_totals(instance, rounding);
        const Result<Allocation> allocation = allocate(instance, rounding);
        ASSERT_EQ(allocation.has_value(), expected.has_value()) << "round " << round;
        if (expected) {
            ASSERT_EQ(allocation->totals, *expected) << "round " << round;
        }
    }
}

TEST(Allocation, EqualsTheDefinitionWhereGroupsDivideManyTimes) {
    std::mt19937 random(13);
    for (int round = 0; round < 1'500; ++round) {
        const AllocationInstance instance = oracle::random_instance(
            random, {.members = 9, .needs = 24, .offers = 12, .quantity = 7});
        const auto rounding = every_rounding[static_cast<std::size_t>(round) % 5];
        const std::optional<Totals> expected = oracle::greedy(instance, rounding);
        const Result<Allocation> allocation = allocate(instance, rounding);
        ASSERT_EQ(allocation.has_value(), expected.has_value()) << "round " << round;
        if (!expected) continue;
        ASSERT_EQ(allocation->totals, *expected) << "round " << round;
        const Result<> checked = check_certificate(instance, rounding, *allocation);
        ASSERT_TRUE(checked) << "round " << round << ": " << checked.error().message;
    }
}

TEST(Allocation, AdamsIsTheLexicographicallyLargestListOfLevels) {
    std::mt19937 random(11);
    for (int round = 0; round < 400; ++round) {
        const AllocationInstance instance =
            oracle::random_instance(random, {.members = 3, .needs = 4, .offers = 3, .quantity = 3});
        const Result<Allocation> allocation = allocate(instance, Rounding::adams);
        if (!allocation) continue;
        // Levels times 60, which every weight up to 5 divides.
        const auto levels = [&](const Totals& totals) {
            Totals sorted;
            for (std::size_t m = 0; m < totals.size(); ++m) {
                const AllocationMember& member = instance.members[m];
                sorted.push_back((totals[m] + member.carry_over) * 60 / member.weight);
            }
            std::sort(sorted.begin(), sorted.end());
            return sorted;
        };
        const Totals best = levels(allocation->totals);
        Totals totals(instance.members.size());
        for (;;) {
            bool inside = true;
            for (std::size_t m = 0; m < totals.size(); ++m) {
                inside = inside && totals[m] >= instance.members[m].floor &&
                         totals[m] <= instance.members[m].cap;
            }
            if (inside && levels(totals) > best) {
                ASSERT_FALSE(oracle::can_be_had(instance, totals)) << "round " << round;
            }
            std::size_t m = 0;
            while (m < totals.size() && totals[m] == 12) totals[m++] = 0;
            if (m == totals.size()) break;
            ++totals[m];
        }
    }
}

TEST(Allocation, DivisibleTotalsAreTheLimitOfEverSmallerUnits) {
    std::mt19937 random(5);
    constexpr std::int64_t pieces = 232'792'560;  // the least that 1..20 all divide
    int fractions = 0;
    for (int round = 0; round < 2'000; ++round) {
        const AllocationInstance instance = oracle::random_instance(random, {});
        const Result<std::vector<Fraction>> exact = divisible_levels(instance);
        AllocationInstance fine = instance;
        for (AllocationMember& member : fine.members) {
            member.floor *= pieces;
            member.carry_over *= pieces;
            if (member.cap != units_max) member.cap *= pieces;
        }
        for (AllocationNeed& need : fine.needs) need.quantity *= pieces;
        for (AllocationOffer& offer : fine.offers) offer.capacity *= pieces;
        const Result<Allocation> whole = allocate(fine, Rounding::sainte_lague);
        ASSERT_EQ(exact.has_value(), whole.has_value());
        if (!exact) continue;
        for (std::size_t m = 0; m < exact->size(); ++m) {
            // No sum of weights in these instances is above 20.
            const Fraction& total = (*exact)[m];
            ASSERT_EQ(pieces % total.denominator, 0);
            ASSERT_EQ(static_cast<std::int64_t>(total.numerator * (pieces / total.denominator)),
                      whole->totals[m])
                << "round " << round << " member " << m;
            fractions += total.denominator != 1 ? 1 : 0;
        }
    }
    EXPECT_GT(fractions, 150);
}

TEST(Allocation, DivisibleTotalsSurviveNumbersBeyond64Bits) {
    constexpr std::int64_t pool = units_max / 4;
    AllocationInstance instance = seats(pool, {weight_max, weight_max - 1, 3});
    EXPECT_EQ(exact_totals(instance),
              (std::vector<std::string>{"158456325028528675187087900672/1099511627777",
                                        "158456325028384559999012044800/1099511627777",
                                        "432345564227567616/1099511627777"}));
    instance.members[2].floor = pool / 2;
    instance.members[1].carry_over = 5;
    for (const Rounding rounding : divisor_roundings) {
        const Totals totals = totals_of(instance, rounding);
        EXPECT_EQ(std::accumulate(totals.begin(), totals.end(), std::int64_t{0}), pool);
        EXPECT_EQ(totals[2], pool / 2);
        EXPECT_GE(totals[0] - totals[1], 5);
        EXPECT_LE(totals[0] - totals[1], 5 + pool / weight_max);
    }
}

// Parts of a unit are sums of weights; two of them multiplied leave 64 bits.
TEST(Allocation, DivisibleTotalsSurviveTheLargestWeights) {
    std::mt19937 random(31);
    int divided = 0;
    for (int round = 0; round < 3'000; ++round) {
        AllocationInstance instance = oracle::random_instance(random, {});
        for (AllocationMember& member : instance.members) {
            const std::uint64_t bits = std::uint64_t{random()} << 32U | random();
            member.weight = 1 + static_cast<std::int64_t>(bits % std::uint64_t{weight_max});
        }
        const Result<Allocation> whole = allocate(instance, Rounding::sainte_lague);
        const Result<std::vector<Fraction>> exact = divisible_levels(instance);
        ASSERT_EQ(whole.has_value(), exact.has_value()) << "round " << round;
        if (!exact) continue;
        // Both give all that can flow.
        boost::multiprecision::cpp_rational sum = 0;
        for (std::size_t m = 0; m < exact->size(); ++m) {
            using Wide = boost::multiprecision::cpp_int;
            const Fraction& total = (*exact)[m];
            EXPECT_GE(total.numerator, Int128{instance.members[m].floor} * total.denominator);
            EXPECT_LE(total.numerator, Int128{instance.members[m].cap} * total.denominator);
            sum +=
                boost::multiprecision::cpp_rational(Wide(total.numerator), Wide(total.denominator));
            divided += total.denominator > 1 ? 1 : 0;
        }
        const std::int64_t given =
            std::accumulate(whole->totals.begin(), whole->totals.end(), std::int64_t{0});
        ASSERT_EQ(sum, given) << "round " << round;
    }
    EXPECT_GT(divided, 300);
}

TEST(Allocation, RefusesWhatHasNoMeaning) {
    const auto reason = [](auto&& bend) {
        AllocationInstance instance = seats(5, {1, 2});
        bend(instance);
        const Result<Allocation> allocation = allocate(instance, Rounding::sainte_lague);
        EXPECT_EQ(divisible_levels(instance).has_value(), allocation.has_value());
        return allocation ? std::string_view("none") : allocation.error().reason;
    };
    using I = AllocationInstance;
    EXPECT_EQ(reason([](I&) {}), "none");
    EXPECT_EQ(reason([](I& i) { i.members[0].weight = 0; }), "exchange/bad-instance");
    EXPECT_EQ(reason([](I& i) { i.members[0].weight = -1; }), "exchange/bad-instance");
    EXPECT_EQ(reason([](I& i) { i.members[0].floor = -1; }), "exchange/bad-instance");
    EXPECT_EQ(reason([](I& i) { i.members[0].carry_over = -1; }), "exchange/bad-instance");
    EXPECT_EQ(reason([](I& i) { i.members[0].floor = 3, i.members[0].cap = 2; }),
              "exchange/bad-instance");
    EXPECT_EQ(reason([](I& i) { i.members[0].tie_rank = 1; }), "exchange/bad-instance");
    EXPECT_EQ(reason([](I& i) { i.needs[0].owner = 2; }), "exchange/bad-instance");
    EXPECT_EQ(reason([](I& i) { i.needs[0].quantity = -1; }), "exchange/bad-instance");
    EXPECT_EQ(reason([](I& i) { i.offers[0].capacity = -1; }), "exchange/bad-instance");
    EXPECT_EQ(reason([](I& i) { i.lawful_offers[0] = 1; }), "exchange/bad-instance");
    EXPECT_EQ(reason([](I& i) { i.lawful_begin[1] = 9; }), "exchange/bad-instance");
    EXPECT_EQ(reason([](I& i) { i.lawful_begin.pop_back(); }), "exchange/bad-instance");
    EXPECT_EQ(reason([](I& i) { i.lawful_begin = {0, 2, 2}, i.lawful_offers = {0, 0}; }),
              "exchange/bad-instance");
    EXPECT_EQ(reason([](I& i) { i.members[0].weight = weight_max + 1; }),
              "exchange/instance-too-large");
    EXPECT_EQ(reason([](I& i) { i.members[0].cap = units_max + 1; }),
              "exchange/instance-too-large");
    EXPECT_EQ(reason([](I& i) { i.needs[0].quantity = i.needs[1].quantity = units_max; }),
              "exchange/instance-too-large");
    EXPECT_EQ(reason([](I& i) { i.offers[0].capacity = units_max + 1; }),
              "exchange/instance-too-large");
    EXPECT_EQ(reason([](I& i) { i.members[1].carry_over = units_max + 1; }),
              "exchange/instance-too-large");
    EXPECT_EQ(reason([](I& i) { i.members[0].floor = 6; }), "exchange/infeasible-floor");
    EXPECT_EQ(reason([](I& i) { i.members[0].floor = 3, i.members[1].floor = 3; }),
              "exchange/infeasible-floor");
}

TEST(Allocation, AnUnmeetableFloorIsNamed) {
    AllocationInstance instance = seats(5, {1, 2});
    instance.members[0].floor = 3;
    instance.members[1].name = "Lesotho";
    instance.members[1].floor = 3;
    EXPECT_EQ(allocate(instance, Rounding::adams).error().message,
              "The floors cannot all be met: with the others' floors, member Lesotho can receive 2 "
              "of its 3 units; lower a floor.");
}

TEST(Allocation, AnEmptyPoolAndAMemberWithoutNeedsAreFine) {
    EXPECT_EQ(totals_of({}, Rounding::adams), Totals{});
    AllocationInstance instance = seats(0, {1, 2});
    instance.members.push_back({.name = {}, .weight = 5, .tie_rank = 9});
    EXPECT_EQ(totals_of(instance, Rounding::dhondt), (Totals{0, 0, 0}));
    EXPECT_EQ(exact_totals(instance), (std::vector<std::string>{"0", "0", "0"}));
}

TEST(Allocation, OneAndTwoThreadsGiveTheSame) {
    const AllocationInstance instance =
        generate_instance({.members = 60, .offers = 400, .needs = 1'500, .kinds = 3});
    for (const Rounding rounding : every_rounding) {
        const Result<Allocation> one = allocate(instance, rounding, 1);
        const Result<Allocation> two = allocate(instance, rounding, 2);
        ASSERT_TRUE(one && two);
        EXPECT_EQ(*one, *two);
        EXPECT_TRUE(check_certificate(instance, rounding, *one));
    }
}

/// Every number of the allocation, in the same octets on every machine.
Digest digest_of(const Allocation& allocation) {
    Bytes octets;
    const auto add = [&octets](std::uint64_t number) {
        for (int shift = 0; shift < 64; shift += 8) {
            octets.push_back(static_cast<std::byte>(number >> shift));
        }
    };
    for (const AllocationFlow& flow : allocation.flows) {
        add(flow.need);
        add(flow.offer);
        add(static_cast<std::uint64_t>(flow.units));
    }
    for (const std::int64_t total : allocation.totals) add(static_cast<std::uint64_t>(total));
    for (const Index bottleneck : allocation.certificate) add(bottleneck);
    return sha256({octets});
}

TEST(Allocation, TheReferenceInstanceIsProvedAndTheSameWithEveryCompiler) {
    const AllocationInstance instance = generate_instance({});
    EXPECT_EQ(instance.members.size(), 200U);
    EXPECT_EQ(instance.offers.size(), 5'000U);
    EXPECT_EQ(instance.needs.size(), 20'000U);
    EXPECT_GT(instance.lawful_offers.size(), 1'200'000U);
    const std::map<Rounding, const char*> expected = {
        {Rounding::adams,
         "sha256:bcafb980c5bd352e9cd9f5d3c7649daa87c4f25f0c822195d845e3e62d5e2d42"},
        {Rounding::sainte_lague,
         "sha256:2fd05ae49b026ae211b070acd45d940a7f860f790dbb294f54b3c2b78aaf2d80"},
        {Rounding::dhondt,
         "sha256:5734bbfcde37a10b7c7726527236734006a406128e103e50fefd2cc7ebdc2497"},
        {Rounding::huntington_hill,
         "sha256:8d2718cd34b4c326e0ef5d5652f9b314b1b45f086ce7ce18cd6bb4fefef35591"}};
    for (const auto& [rounding, digest] : expected) {
        for (const unsigned threads : {1U, 2U}) {
            const Result<Allocation> allocation = allocate(instance, rounding, threads);
            ASSERT_TRUE(allocation);
            EXPECT_TRUE(check_certificate(instance, rounding, *allocation));
            EXPECT_EQ(digest_of(*allocation).text(), digest) << static_cast<int>(rounding);
        }
    }
}

// Pools that are hard for a flow: ways of every length, in one piece and in many; one need that
// wants everything; members that all want the same. Wrong first choices everywhere.
TEST(Allocation, ChainsOfEveryLengthEndInTime) {
    AllocationInstance instance;
    const auto add_link = [&](Index first, Index second) {
        const auto owner = static_cast<Index>(instance.members.size());
        instance.members.push_back({.name = {}, .weight = 1, .tie_rank = owner});
        instance.needs.push_back({owner, 1});
        instance.lawful_offers.insert(instance.lawful_offers.end(), {first, second});
        instance.lawful_begin.push_back(static_cast<Index>(instance.lawful_offers.size()));
    };
    // In a chain each member takes the lower offer first, and the last comer can only be served if
    // all of them move on to the higher one.
    Index next = 0;
    for (Index length = 1; length <= 200; ++length) {
        for (Index link = 0; link < length; ++link) add_link(next + link, next + link + 1);
        add_link(next, next + 1);
        next += length + 2;
    }
    instance.offers.assign(next, {1});
    const Result<Allocation> allocation = allocate(instance, Rounding::sainte_lague);
    ASSERT_TRUE(allocation);
    EXPECT_TRUE(check_certificate(instance, Rounding::sainte_lague, *allocation));
    for (Index length = 1, member = 0; length <= 200; ++length) {
        std::int64_t served = 0;
        for (Index link = 0; link <= length; ++link) served += allocation->totals[member++];
        EXPECT_EQ(served, length + 1) << "a chain of " << length << " has as many offers";
    }
}

TEST(Allocation, OneNeedThatWantsEverythingAndOneOfferThatAllWant) {
    AllocationInstance instance;
    constexpr Index others = 3'000;
    for (Index o = 0; o < others; ++o) instance.offers.push_back({2});
    for (Index m = 0; m <= others; ++m) {
        instance.members.push_back({.name = {}, .weight = 1 + m % 7, .tie_rank = m});
    }
    instance.needs.push_back({0, units_max / 2});
    for (Index o = 0; o < others; ++o) instance.lawful_offers.push_back(o);
    instance.lawful_begin.push_back(others);
    for (Index m = 1; m <= others; ++m) {
        instance.needs.push_back({m, 3});
        instance.lawful_offers.insert(instance.lawful_offers.end(), {m - 1, others});
        instance.lawful_begin.push_back(static_cast<Index>(instance.lawful_offers.size()));
    }
    instance.offers.push_back({2});
    for (const Rounding rounding : every_rounding) {
        const Result<Allocation> allocation = allocate(instance, rounding);
        ASSERT_TRUE(allocation);
        EXPECT_TRUE(check_certificate(instance, rounding, *allocation));
        std::int64_t sum = 0;
        for (const std::int64_t total : allocation->totals) sum += total;
        EXPECT_EQ(sum, 2 * others + 2) << "nothing is left over";
    }
}

TEST(Allocation, WholeUnitsStayCloseToTheExactShares) {
    const AllocationInstance instance =
        generate_instance({.seed = 3, .members = 60, .offers = 400, .needs = 1'500, .kinds = 3});
    const Result<Allocation> whole = allocate(instance, Rounding::sainte_lague);
    const Result<std::vector<Fraction>> exact = divisible_levels(instance);
    ASSERT_TRUE(whole && exact);
    Int128 sum = 0;
    for (std::size_t m = 0; m < exact->size(); ++m) {
        const Fraction& total = (*exact)[m];
        const Int128 apart = total.numerator - whole->totals[m] * total.denominator;
        EXPECT_LE(apart < 0 ? -apart : apart, 2 * total.denominator) << "member " << m;
        sum += whole->totals[m];
    }
    EXPECT_GT(sum, 0);
}

}  // namespace comity::exchange
