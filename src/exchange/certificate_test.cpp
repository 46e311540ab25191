// SPDX-License-Identifier: Apache-2.0

// Why we trust the checker: on small instances every possible certificate is tried for optimal and
// for other allocations, and the checker accepts one if and only if the totals are the optimal
// ones. (A checker without C5 passes random tests and fails this one.) Then every field of a valid
// result is bent once.

#include "exchange/certificate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "exchange/allocation_oracle.h"
#include "exchange/instance_generator.h"

namespace comity::exchange {

namespace {

/// Whether any of the (members + 1)^offers certificates makes the checker accept.
bool some_certificate_is_accepted(const AllocationInstance& instance, Rounding rounding,
                                  Allocation allocation) {
    const auto members = static_cast<Index>(instance.members.size());
    std::vector<Index> choice(instance.offers.size());
    for (;;) {
        for (std::size_t o = 0; o < choice.size(); ++o) {
            allocation.certificate[o] = choice[o] == members ? free_offer : choice[o];
        }
        if (!certificate_fault(instance, rounding, allocation)) return true;
        std::size_t o = 0;
        while (o < choice.size() && choice[o] == members) choice[o++] = 0;
        if (o == choice.size()) return false;
        ++choice[o];
    }
}

struct Solved {
    AllocationInstance instance;
    Allocation allocation;
};

/// Small, and with something in it to bend.
Solved solved_example() {
    const AllocationInstance instance =
        generate_instance({.seed = 4, .members = 12, .offers = 30, .needs = 80, .kinds = 2});
    return {instance, *allocate(instance, Rounding::sainte_lague)};
}

/// "C0".."C5" of the first fault, or "accepted".
std::string condition(const Solved& solved) {
    const std::optional<CertificateFault> fault =
        certificate_fault(solved.instance, Rounding::sainte_lague, solved.allocation);
    return fault ? "C" + std::to_string(fault->condition) : "accepted";
}

}  // namespace

TEST(Certificate, AnyCertificateIsAcceptedIfAndOnlyIfTheTotalsAreOptimal) {
    std::mt19937 random(40);
    int optimal = 0;
    int others = 0;
    for (int round = 0; round < 40'000; ++round) {
        const AllocationInstance instance =
            oracle::random_instance(random, {.members = 3, .needs = 5, .offers = 3, .quantity = 3});
        const auto rounding = static_cast<Rounding>(round % 5);
        const Result<Allocation> best = allocate(instance, rounding);
        if (!best) continue;
        const std::optional<Allocation> tried = oracle::random_feasible(random, instance);
        if (!tried) continue;
        const bool is_optimal = tried->totals == best->totals;
        ASSERT_EQ(some_certificate_is_accepted(instance, rounding, *tried), is_optimal)
            << "round " << round;
        (is_optimal ? optimal : others) += 1;
    }
    EXPECT_GT(optimal, 5'000);
    EXPECT_GT(others, 5'000);
}

TEST(Certificate, SteppingAsideForAWorseOffMemberIsDemanded) {
    // A, at its cap, holds X and could as well use Y, of which C has most; B has nothing and could
    // use X only. A's total would stay, so that no condition but C5 sees it.
    AllocationInstance instance;
    instance.members = {{.name = "A", .cap = 1, .tie_rank = 0},
                        {.name = "B", .tie_rank = 1},
                        {.name = "C", .tie_rank = 2}};
    instance.offers = {{1}, {4}};
    instance.needs = {{0, 1}, {0, 1}, {1, 1}, {2, 4}};
    instance.lawful_begin = {0, 1, 2, 3, 4};
    instance.lawful_offers = {0, 1, 0, 1};
    const Allocation allocation{
        .flows = {{0, 0, 1}, {3, 1, 4}}, .totals = {1, 0, 4}, .certificate = {1, 2}};
    const std::optional<CertificateFault> fault =
        certificate_fault(instance, Rounding::sainte_lague, allocation);
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->condition, 5);
    EXPECT_EQ(fault->member, Index{0});
    EXPECT_FALSE(some_certificate_is_accepted(instance, Rounding::sainte_lague, allocation));
    EXPECT_EQ(allocate(instance, Rounding::sainte_lague)->totals,
              (std::vector<std::int64_t>{1, 1, 3}));
}

TEST(Certificate, EveryBentFieldIsRefused) {
    const Solved valid = solved_example();
    ASSERT_EQ(condition(valid), "accepted");
    for (std::size_t f = 0; f < valid.allocation.flows.size(); ++f) {
        for (const std::int64_t units : {-1, 1}) {
            Solved bent = valid;
            bent.allocation.flows[f].units += units;
            EXPECT_EQ(condition(bent), "C0");
        }
        Solved missing = valid;
        missing.allocation.flows.erase(missing.allocation.flows.begin() +
                                       static_cast<std::ptrdiff_t>(f));
        EXPECT_EQ(condition(missing), "C0");
        Solved twice = valid;
        twice.allocation.flows.insert(
            twice.allocation.flows.begin() + static_cast<std::ptrdiff_t>(f),
            twice.allocation.flows[f]);
        EXPECT_EQ(condition(twice), "C0");
        Solved elsewhere = valid;
        elsewhere.allocation.flows[f].offer = 30;
        EXPECT_EQ(condition(elsewhere), "C0");
        elsewhere.allocation.flows[f] = {.need = 80, .offer = 0, .units = 1};
        EXPECT_EQ(condition(elsewhere), "C0");
    }
    for (std::size_t m = 0; m < valid.allocation.totals.size(); ++m) {
        Solved bent = valid;
        ++bent.allocation.totals[m];
        EXPECT_EQ(condition(bent), "C0");
    }
    Solved bent = valid;
    bent.allocation.totals.pop_back();
    EXPECT_EQ(condition(bent), "C0");
    bent = valid;
    bent.allocation.certificate.pop_back();
    EXPECT_EQ(condition(bent), "C0");
    bent = valid;
    bent.allocation.certificate[0] = 12;
    EXPECT_EQ(condition(bent), "C0");
}

TEST(Certificate, AUnitMovedBetweenMembersIsRefused) {
    // Consistent lies: totals and pairs agree, capacities hold, and still it is not the optimum.
    const Solved valid = solved_example();
    const AllocationInstance& instance = valid.instance;
    int moved = 0;
    std::set<std::string> seen;
    for (const AllocationFlow& flow : valid.allocation.flows) {
        for (Index need = 0; need < instance.needs.size(); ++need) {
            const std::span<const Index> lawful = instance.lawful(need);
            const Index from = instance.needs[flow.need].owner;
            const Index to = instance.needs[need].owner;
            if (from == to || !std::binary_search(lawful.begin(), lawful.end(), flow.offer)) {
                continue;
            }
            Solved bent = valid;
            std::vector<AllocationFlow>& flows = bent.allocation.flows;
            const auto add = [&flows](Index j, Index o, std::int64_t units) {
                const auto at = std::find_if(flows.begin(), flows.end(), [&](const auto& f) {
                    return std::pair(f.need, f.offer) >= std::pair(j, o);
                });
                if (at != flows.end() && at->need == j && at->offer == o) {
                    at->units += units;
                    if (at->units == 0) flows.erase(at);
                } else {
                    flows.insert(at, {j, o, units});
                }
            };
            add(flow.need, flow.offer, -1);
            add(need, flow.offer, 1);
            --bent.allocation.totals[from];
            ++bent.allocation.totals[to];
            const std::string found = condition(bent);
            EXPECT_NE(found, "accepted");
            seen.insert(found);
            ++moved;
        }
    }
    EXPECT_GT(moved, 400);
    EXPECT_TRUE(seen.contains("C3") || seen.contains("C4"));
}

TEST(Certificate, ABentBottleneckIsRefusedUnlessItStillProvesTheSame) {
    // Another bottleneck may be as good a proof; then the totals are optimal all the same. What may
    // never be is that a wrong potential is accepted where units are left, or where it matters.
    Solved valid = solved_example();
    int refused = 0;
    int bends = 0;
    for (Index o = 0; o < valid.instance.offers.size(); ++o) {
        for (Index m = 0; m <= valid.instance.members.size(); ++m) {
            Solved bent = valid;
            bent.allocation.certificate[o] = m == valid.instance.members.size() ? free_offer : m;
            if (bent.allocation == valid.allocation) continue;
            ++bends;
            refused += condition(bent) == "accepted" ? 0 : 1;
        }
    }
    EXPECT_GT(refused, bends * 9 / 10) << bends;
}

TEST(Certificate, ARefusalNamesTheConditionAndThePlace) {
    Solved bent = solved_example();
    const AllocationFlow first = bent.allocation.flows.front();
    bent.allocation.flows.front().units += 1'000'000;
    const Result<> checked =
        check_certificate(bent.instance, Rounding::sainte_lague, bent.allocation);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().reason, "exchange/bad-certificate");
    EXPECT_EQ(checked.error().message,
              "The certificate fails at C0: member m" +
                  std::to_string(bent.instance.needs[first.need].owner) + ", need number " +
                  std::to_string(first.need) +
                  " receives less than one unit over a pair, or more than it asks.");
}

TEST(Certificate, AMalformedInstanceIsRefusedBeforeAnythingIsRead) {
    Solved bent = solved_example();
    bent.instance.lawful_begin.clear();
    EXPECT_EQ(check_certificate(bent.instance, Rounding::adams, bent.allocation).error().reason,
              "exchange/bad-instance");
}

TEST(Certificate, AnotherRoundingIsNotProved) {
    AllocationInstance instance;
    instance.offers = {{2}};
    for (Index m = 0; m < 3; ++m) {
        const std::int64_t weight = m == 0 ? 53 : 24 - m;
        instance.members.push_back({.name = {}, .weight = weight, .tie_rank = m});
        instance.needs.push_back({m, 2});
        instance.lawful_offers.push_back(0);
        instance.lawful_begin.push_back(m + 1);
    }
    const Allocation adams = *allocate(instance, Rounding::adams);
    const Allocation dhondt = *allocate(instance, Rounding::dhondt);
    ASSERT_NE(adams.totals, dhondt.totals);
    EXPECT_TRUE(certificate_fault(instance, Rounding::dhondt, adams));
    EXPECT_TRUE(certificate_fault(instance, Rounding::adams, dhondt));
}

}  // namespace comity::exchange
