// SPDX-License-Identifier: Apache-2.0

// Why we trust the reasons: each code once by hand, and on random instances each reason's claim is
// checked against its definition.

#include "exchange/allocation_explanation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "exchange/allocation_oracle.h"

namespace comity::exchange {

namespace {

/// A and B want 6 units each; X holds 8, both may use it unless changed.
AllocationInstance two_members() {
    AllocationInstance instance;
    instance.members = {{.name = "A", .tie_rank = 0}, {.name = "B", .tie_rank = 1}};
    instance.offers = {{8}};
    instance.needs = {{0, 6}, {1, 6}};
    instance.lawful_begin = {0, 1, 2};
    instance.lawful_offers = {0, 0};
    return instance;
}

NeedExplanation explained(const AllocationInstance& instance, Index need) {
    const Allocation allocation = *allocate(instance, Rounding::sainte_lague);
    const NeedExplanation one = explain(instance, Rounding::sainte_lague, allocation, need);
    EXPECT_EQ(explain(instance, Rounding::sainte_lague, allocation)[need], one);
    return one;
}

}  // namespace

TEST(Explanation, MetInFull) {
    AllocationInstance instance = two_members();
    instance.offers[0].capacity = 12;
    const NeedExplanation found = explained(instance, 0);
    EXPECT_EQ(found.outcome, NeedOutcome::met_in_full);
    EXPECT_EQ(found.given, 6);
    EXPECT_EQ(found.missing, 0);
}

TEST(Explanation, NothingInThePoolIsNotNothingLawful) {
    AllocationInstance instance = two_members();
    instance.offers[0].capacity = 0;
    EXPECT_EQ(explained(instance, 0).outcome, NeedOutcome::no_offer);

    instance = two_members();
    instance.lawful_begin = {0, 0, 1};
    instance.lawful_offers = {0};
    const NeedExplanation found = explained(instance, 0);
    EXPECT_EQ(found.outcome, NeedOutcome::none_lawful);
    EXPECT_EQ(found.missing, 6);
    EXPECT_FALSE(found.holder || found.bottleneck);
}

TEST(Explanation, HeldByMembersNoBetterOff) {
    AllocationInstance instance = two_members();
    instance.members[1].carry_over = 2;
    const NeedExplanation found = explained(instance, 0);
    EXPECT_EQ(found.outcome, NeedOutcome::no_better_off);
    EXPECT_EQ(found.given, 5);
    EXPECT_EQ(found.missing, 1);
    EXPECT_EQ(found.holder, Index{1});
    EXPECT_EQ(found.bottleneck, Index{0});
}

TEST(Explanation, TheCapOfTheMember) {
    AllocationInstance instance = two_members();
    instance.members[0].cap = 3;
    EXPECT_EQ(explained(instance, 0).outcome, NeedOutcome::member_cap);
    EXPECT_EQ(explained(instance, 1).outcome, NeedOutcome::no_better_off);
}

TEST(Explanation, AFloorOfAnotherCameFirst) {
    AllocationInstance instance = two_members();
    instance.members[1].floor = 6;
    const NeedExplanation found = explained(instance, 0);
    EXPECT_EQ(found.outcome, NeedOutcome::floor_first);
    EXPECT_EQ(found.given, 2);
    EXPECT_EQ(found.holder, Index{1});
}

// One unit more of an offer that would help goes to the member it names, and to nobody else.
TEST(Explanation, WhatWouldHelpHelpsTheOneItNames) {
    std::mt19937 random(29);
    int helped = 0;
    for (int round = 0; round < 2'000; ++round) {
        const AllocationInstance instance = oracle::random_instance(random, {});
        const auto rounding = static_cast<Rounding>(round % 5);
        const Result<Allocation> allocation = allocate(instance, rounding);
        if (!allocation) continue;
        const Help help = what_would_help(instance, rounding, *allocation);
        ASSERT_EQ(help.member.has_value(), !help.offers.empty());
        for (const Index offer : help.offers) {
            AllocationInstance more = instance;
            ++more.offers[offer].capacity;
            std::vector<std::int64_t> expected = allocation->totals;
            ++expected[*help.member];
            ASSERT_EQ(allocate(more, rounding)->totals, expected) << "round " << round;
            ++helped;
        }
    }
    EXPECT_GT(helped, 500);
}

TEST(Explanation, EveryReasonIsTrueOnRandomInstances) {
    std::mt19937 random(3);
    std::vector<int> seen(6);
    for (int round = 0; round < 3'000; ++round) {
        const AllocationInstance instance = oracle::random_instance(random, {});
        const Result<Allocation> allocation = allocate(instance, Rounding::dhondt);
        if (!allocation) continue;
        const auto level = [&](Index m, std::int64_t more) {
            const AllocationMember& member = instance.members[m];
            return lowest_terms(allocation->totals[m] + member.carry_over + more, member.weight);
        };
        const auto no_more = [](const Fraction& a, const Fraction& b) {
            return a.numerator * b.denominator <= b.numerator * a.denominator;
        };
        for (Index j = 0; j < instance.needs.size(); ++j) {
            const NeedExplanation found = explain(instance, Rounding::dhondt, *allocation, j);
            ++seen[static_cast<std::size_t>(found.outcome)];
            const Index owner = instance.needs[j].owner;
            ASSERT_EQ(found.given + found.missing, instance.needs[j].quantity);
            ASSERT_EQ(found.missing == 0, found.outcome == NeedOutcome::met_in_full);
            if (found.outcome == NeedOutcome::no_better_off) {
                // With D'Hondt the key of the next unit is the level that it leads to.
                ASSERT_TRUE(found.holder && found.bottleneck) << "round " << round;
                ASSERT_TRUE(no_more(level(*found.holder, 0), level(owner, 1))) << "round " << round;
                ASSERT_TRUE(no_more(level(*found.bottleneck, 1), level(owner, 1)));
            }
            if (found.outcome == NeedOutcome::floor_first) {
                ASSERT_EQ(allocation->totals[*found.holder], instance.members[*found.holder].floor);
            }
        }
    }
    for (const int times : seen) EXPECT_GT(times, 0);
}

}  // namespace comity::exchange
