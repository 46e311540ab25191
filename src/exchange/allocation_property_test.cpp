// SPDX-License-Identifier: Apache-2.0

// What members are promised of the rule, tried on random pools: a false report never pays when
// weights come from outside, more supply takes from nobody, a refusal under a freeze takes from
// nobody, and how a need is cut into pieces makes no difference.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "exchange/allocation.h"
#include "exchange/allocation_oracle.h"
#include "exchange/certificate.h"

namespace comity::exchange {

namespace {

using oracle::Totals;

/// A pool without floors: what a member may count on then depends on reports alone.
AllocationInstance pool(std::mt19937& random) {
    AllocationInstance instance =
        oracle::random_instance(random, {.members = 5, .needs = 9, .offers = 5, .quantity = 6});
    for (AllocationMember& member : instance.members) member.floor = 0;
    return instance;
}

Totals totals_of(const AllocationInstance& instance, Rounding rounding) {
    const Result<Allocation> allocation = allocate(instance, rounding);
    EXPECT_TRUE(allocation) << allocation.error().message;
    return allocation ? allocation->totals : Totals(instance.members.size());
}

/// The lists of the instance with one of them changed.
template <class Change>
AllocationInstance with_list(const AllocationInstance& instance, Index list, Change change) {
    AllocationInstance changed = instance;
    changed.lawful_begin = {0};
    changed.lawful_offers.clear();
    for (Index l = 0; l < instance.list_count(); ++l) {
        std::vector<Index> offers(instance.list(l).begin(), instance.list(l).end());
        if (l == list) change(offers);
        changed.lawful_offers.insert(changed.lawful_offers.end(), offers.begin(), offers.end());
        changed.lawful_begin.push_back(static_cast<Index>(changed.lawful_offers.size()));
    }
    return changed;
}

std::size_t needs_of(const AllocationInstance& instance, Index member) {
    return static_cast<std::size_t>(
        std::count_if(instance.needs.begin(), instance.needs.end(),
                      [&](const AllocationNeed& need) { return need.owner == member; }));
}

TEST(AllocationProperty, AskingForLessNeverPays) {
    std::mt19937 random(101);
    for (int trial = 0; trial < 10'000; ++trial) {
        const AllocationInstance instance = pool(random);
        const auto rounding = static_cast<Rounding>(trial % 5);
        const Index need = static_cast<Index>(random() % instance.needs.size());
        const Index owner = instance.needs[need].owner;
        AllocationInstance lie = instance;
        lie.needs[need].quantity = static_cast<std::int64_t>(
            random() % static_cast<std::uint64_t>(instance.needs[need].quantity + 1));
        ASSERT_LE(totals_of(lie, rounding)[owner], totals_of(instance, rounding)[owner])
            << "trial " << trial;
    }
}

TEST(AllocationProperty, AskingForMoreThanItCanUseNeverPays) {
    std::mt19937 random(102);
    int tried = 0;
    for (int trial = 0; tried < 10'000; ++trial) {
        const AllocationInstance instance = pool(random);
        const auto rounding = static_cast<Rounding>(trial % 5);
        const Index need = static_cast<Index>(random() % instance.needs.size());
        const Index owner = instance.needs[need].owner;
        // Of one need, every unit up to what was true is of use, and none above.
        if (needs_of(instance, owner) != 1) continue;
        ++tried;
        AllocationInstance lie = instance;
        lie.needs[need].quantity += 1 + static_cast<std::int64_t>(random() % 9);
        const std::int64_t of_use =
            std::min(totals_of(lie, rounding)[owner], instance.needs[need].quantity);
        ASSERT_LE(of_use, totals_of(instance, rounding)[owner]) << "trial " << trial;
    }
}

TEST(AllocationProperty, HidingThatAnOfferWouldServeNeverPays) {
    std::mt19937 random(103);
    int tried = 0;
    for (int trial = 0; tried < 10'000; ++trial) {
        const AllocationInstance instance = pool(random);
        const auto rounding = static_cast<Rounding>(trial % 5);
        const Index need = static_cast<Index>(random() % instance.needs.size());
        if (instance.lawful(need).empty()) continue;
        ++tried;
        const Index owner = instance.needs[need].owner;
        const AllocationInstance lie = with_list(instance, need, [&](std::vector<Index>& offers) {
            offers.erase(offers.begin() + static_cast<std::ptrdiff_t>(random() % offers.size()));
        });
        ASSERT_LE(totals_of(lie, rounding)[owner], totals_of(instance, rounding)[owner])
            << "trial " << trial;
    }
}

TEST(AllocationProperty, MoreSupplyTakesFromNobody) {
    std::mt19937 random(104);
    for (int trial = 0; trial < 10'000; ++trial) {
        const AllocationInstance instance = pool(random);
        const auto rounding = static_cast<Rounding>(trial % 5);
        AllocationInstance more = instance;
        const Index offer = static_cast<Index>(random() % instance.offers.size());
        more.offers[offer].capacity += 1 + static_cast<std::int64_t>(random() % 6);
        const Totals before = totals_of(instance, rounding);
        const Totals after = totals_of(more, rounding);
        for (std::size_t m = 0; m < before.size(); ++m) {
            ASSERT_GE(after[m], before[m]) << "trial " << trial << " member " << m;
        }
    }
}

// A member that refuses an offer keeps what it has from others; everybody else keeps all.
TEST(AllocationProperty, ARefusalUnderAFreezeTakesFromNobody) {
    std::mt19937 random(105);
    int passed_on = 0;
    for (int trial = 0; trial < 10'000; ++trial) {
        const AllocationInstance instance = pool(random);
        const auto rounding = static_cast<Rounding>(trial % 5);
        const Result<Allocation> first = allocate(instance, rounding);
        ASSERT_TRUE(first);
        if (first->flows.empty()) continue;
        const AllocationFlow refused = first->flows[random() % first->flows.size()];
        const Index refuser = instance.needs[refused.need].owner;
        AllocationInstance frozen = instance;
        for (Index need = 0; need < instance.needs.size(); ++need) {
            if (instance.needs[need].owner != refuser) continue;
            frozen = with_list(frozen, need, [&](std::vector<Index>& offers) {
                std::erase(offers, refused.offer);
            });
        }
        std::int64_t kept = first->totals[refuser];
        for (const AllocationFlow& flow : first->flows) {
            const bool is_refused =
                flow.offer == refused.offer && instance.needs[flow.need].owner == refuser;
            if (is_refused) kept -= flow.units;
        }
        for (Index m = 0; m < frozen.members.size(); ++m) {
            frozen.members[m].floor = m == refuser ? 0 : first->totals[m];
        }
        frozen.members[refuser].cap = kept;
        const Result<Allocation> second = allocate(frozen, rounding);
        ASSERT_TRUE(second) << "trial " << trial << ": " << second.error().message;
        ASSERT_TRUE(check_certificate(frozen, rounding, *second));
        std::int64_t given = 0;
        for (std::size_t m = 0; m < frozen.members.size(); ++m) {
            if (m == refuser) continue;
            ASSERT_GE(second->totals[m], first->totals[m]) << "trial " << trial;
            given += second->totals[m] - first->totals[m];
        }
        passed_on += given > 0 ? 1 : 0;
    }
    EXPECT_GT(passed_on, 500) << "what is refused is offered on";
}

TEST(AllocationProperty, CuttingANeedIntoPiecesChangesNoTotal) {
    std::mt19937 random(106);
    for (int trial = 0; trial < 10'000; ++trial) {
        const AllocationInstance instance = pool(random);
        const auto rounding = static_cast<Rounding>(trial % 5);
        const Index need = static_cast<Index>(random() % instance.needs.size());
        AllocationInstance cut = instance;
        const auto whole = static_cast<std::uint64_t>(instance.needs[need].quantity);
        const auto piece = static_cast<std::int64_t>(random() % (whole + 1));
        cut.needs[need].quantity -= piece;
        cut.needs.push_back({instance.needs[need].owner, piece});
        const std::span<const Index> offers = instance.lawful(need);
        cut.lawful_offers.insert(cut.lawful_offers.end(), offers.begin(), offers.end());
        cut.lawful_begin.push_back(static_cast<Index>(cut.lawful_offers.size()));
        ASSERT_EQ(totals_of(cut, rounding), totals_of(instance, rounding)) << "trial " << trial;
    }
}

// The same pool in another form: lists shared between needs, and every list twice.
TEST(AllocationProperty, SharedListsAreOnlyAnotherWayToWriteThePool) {
    std::mt19937 random(107);
    for (int trial = 0; trial < 5'000; ++trial) {
        AllocationInstance apart =
            oracle::random_instance(random, {.members = 5, .needs = 9, .offers = 6, .quantity = 5});
        const auto rounding = static_cast<Rounding>(trial % 5);
        AllocationInstance shared = apart;
        for (Index need = 0; need < apart.needs.size(); ++need) {
            const auto list = static_cast<Index>(random() % apart.list_count());
            shared.lawful_list.push_back(list);
        }
        apart.lawful_begin = {0};
        apart.lawful_offers.clear();
        for (Index need = 0; need < apart.needs.size(); ++need) {
            const std::span<const Index> offers = shared.lawful(need);
            apart.lawful_offers.insert(apart.lawful_offers.end(), offers.begin(), offers.end());
            apart.lawful_begin.push_back(static_cast<Index>(apart.lawful_offers.size()));
        }
        const Result<Allocation> one = allocate(apart, rounding);
        const Result<Allocation> other = allocate(shared, rounding);
        ASSERT_EQ(one.has_value(), other.has_value()) << "trial " << trial;
        if (!one) continue;
        ASSERT_EQ(one->totals, other->totals) << "trial " << trial;
        ASSERT_EQ(one->flows, other->flows) << "trial " << trial;
        ASSERT_TRUE(check_certificate(shared, rounding, *other)) << "trial " << trial;
        ASSERT_TRUE(check_certificate(apart, rounding, *other)) << "trial " << trial;
    }
}

}  // namespace

}  // namespace comity::exchange
