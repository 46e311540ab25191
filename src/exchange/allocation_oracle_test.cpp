// SPDX-License-Identifier: Apache-2.0

// The oracles of allocation_oracle.h, and the test that they agree with each other.

#include "exchange/allocation_oracle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <tuple>

namespace comity::exchange::oracle {

namespace {

/// Below zero if a's next unit, at `held_a`, comes first. Small numbers: 64 bits are ample.
int compare_units(const AllocationInstance& instance, Rounding rounding, std::size_t a,
                  std::int64_t held_a, std::size_t b, std::int64_t held_b) {
    const AllocationMember& ma = instance.members[a];
    const AllocationMember& mb = instance.members[b];
    const auto key = [&](std::int64_t n) -> std::int64_t {
        switch (rounding) {
            case Rounding::adams:
                return n;
            case Rounding::sainte_lague:
                return 2 * n + 1;
            case Rounding::dhondt:
                return n + 1;
            case Rounding::serial:
                return 0;
            case Rounding::huntington_hill:
                break;
        }
        return n * (n + 1);
    };
    const bool square = rounding == Rounding::huntington_hill;
    const std::int64_t da = square ? ma.weight * ma.weight : ma.weight;
    const std::int64_t db = square ? mb.weight * mb.weight : mb.weight;
    const auto tie = [&](const AllocationMember& m) {
        return std::tuple(rounding == Rounding::adams ? m.weight : 0, m.tie_rank);
    };
    const auto left = std::tuple(key(held_a) * db, tie(ma));
    const auto right = std::tuple(key(held_b) * da, tie(mb));
    return left < right ? -1 : left > right ? 1 : 0;
}

/// Units over pairs, one at a time.
class UnitFlow {
public:
    explicit UnitFlow(const AllocationInstance& instance)
        : instance_(instance),
          x_(instance.needs.size(), std::vector<std::int64_t>(instance.offers.size())) {}

    /// Gives the member one more unit, whatever it takes, if the others can keep their totals.
    bool give(Index member) {
        for (Index j = 0; j < instance_.needs.size(); ++j) {
            if (instance_.needs[j].owner != member || full(j)) continue;
            std::vector<bool> seen_needs(instance_.needs.size());
            std::vector<bool> seen_offers(instance_.offers.size());
            if (grow(j, seen_needs, seen_offers)) return true;
        }
        return false;
    }

private:
    std::int64_t used(Index o) const {
        std::int64_t sum = 0;
        for (const auto& row : x_) sum += row[o];
        return sum;
    }
    bool full(Index j) const {
        return std::accumulate(x_[j].begin(), x_[j].end(), std::int64_t{0}) >=
               instance_.needs[j].quantity;
    }
    /// Need j takes one unit more, above its quantity if it will lose one in the same move.
    bool grow(Index j, std::vector<bool>& seen_needs, std::vector<bool>& seen_offers) {
        if (seen_needs[j]) return false;
        seen_needs[j] = true;
        for (const Index o : instance_.lawful(j)) {
            if (seen_offers[o]) continue;
            seen_offers[o] = true;
            if (used(o) < instance_.offers[o].capacity) {
                ++x_[j][o];
                return true;
            }
            for (Index k = 0; k < instance_.needs.size(); ++k) {
                if (x_[k][o] > 0 && replace(k, seen_needs, seen_offers)) {
                    --x_[k][o];
                    ++x_[j][o];
                    return true;
                }
            }
        }
        return false;
    }
    /// Need k, or another need of its owner, takes a unit elsewhere for one that k gives up.
    bool replace(Index k, std::vector<bool>& seen_needs, std::vector<bool>& seen_offers) {
        if (grow(k, seen_needs, seen_offers)) return true;
        for (Index l = 0; l < instance_.needs.size(); ++l) {
            if (l == k || instance_.needs[l].owner != instance_.needs[k].owner || full(l)) continue;
            if (grow(l, seen_needs, seen_offers)) return true;
        }
        return false;
    }

    const AllocationInstance& instance_;
    std::vector<std::vector<std::int64_t>> x_;
};

/// All units of a vector of totals, first to last in the rule's order.
struct Taken {
    std::size_t member;
    std::int64_t held;
};
std::vector<Taken> units_of(const AllocationInstance& instance, Rounding rounding,
                            const Totals& totals) {
    std::vector<Taken> units;
    for (std::size_t m = 0; m < totals.size(); ++m) {
        for (std::int64_t n = instance.members[m].floor; n < totals[m]; ++n) {
            units.push_back({m, n + instance.members[m].carry_over});
        }
    }
    std::sort(units.begin(), units.end(), [&](const Taken& a, const Taken& b) {
        return compare_units(instance, rounding, a.member, a.held, b.member, b.held) < 0;
    });
    return units;
}

}  // namespace

std::optional<Totals> greedy(const AllocationInstance& instance, Rounding rounding) {
    UnitFlow flow(instance);
    Totals totals(instance.members.size());
    for (Index m = 0; m < totals.size(); ++m) {
        for (; totals[m] < instance.members[m].floor; ++totals[m]) {
            if (!flow.give(m)) return std::nullopt;
        }
    }
    std::vector<bool> done(totals.size());
    for (;;) {
        std::optional<Index> first;
        for (Index m = 0; m < totals.size(); ++m) {
            if (done[m] || totals[m] == instance.members[m].cap) continue;
            const auto held = [&](Index i) { return totals[i] + instance.members[i].carry_over; };
            if (!first || compare_units(instance, rounding, m, held(m), *first, held(*first)) < 0) {
                first = m;
            }
        }
        if (!first) return totals;
        if (flow.give(*first)) {
            ++totals[*first];
        } else {
            done[*first] = true;  // nor later: what is full only gets fuller
        }
    }
}

bool can_be_had(const AllocationInstance& instance, const Totals& totals) {
    const std::size_t members = std::size_t{1} << instance.members.size();
    const std::size_t cuts = std::size_t{1} << instance.offers.size();
    for (std::size_t set = 1; set < members; ++set) {
        std::int64_t wanted = 0;
        for (std::size_t m = 0; m < totals.size(); ++m) {
            if ((set >> m & 1) != 0) wanted += totals[m];
        }
        for (std::size_t cut = 0; cut < cuts; ++cut) {
            std::int64_t through = 0;
            for (std::size_t o = 0; o < instance.offers.size(); ++o) {
                if ((cut >> o & 1) != 0) through += instance.offers[o].capacity;
            }
            for (Index j = 0; j < instance.needs.size(); ++j) {
                const std::span<const Index> lawful = instance.lawful(j);
                const bool outside = std::any_of(lawful.begin(), lawful.end(),
                                                 [&](Index o) { return (cut >> o & 1) == 0; });
                if ((set >> instance.needs[j].owner & 1) != 0 && outside) {
                    through += instance.needs[j].quantity;
                }
            }
            if (wanted > through) return false;
        }
    }
    return true;
}

std::optional<Totals> best_totals(const AllocationInstance& instance, Rounding rounding) {
    std::optional<Totals> best;
    std::vector<Taken> best_units;
    Totals upper(instance.members.size());
    for (const AllocationNeed& need : instance.needs) upper[need.owner] += need.quantity;
    Totals totals;
    for (std::size_t m = 0; m < upper.size(); ++m) {
        upper[m] = std::min(upper[m], instance.members[m].cap);
        totals.push_back(instance.members[m].floor);
        if (totals[m] > upper[m]) return std::nullopt;
    }
    const auto better = [&](const std::vector<Taken>& units) {
        for (std::size_t k = 0; k < std::min(units.size(), best_units.size()); ++k) {
            const int order = compare_units(instance, rounding, units[k].member, units[k].held,
                                            best_units[k].member, best_units[k].held);
            if (order != 0) return order < 0;
        }
        return units.size() > best_units.size();
    };
    for (;;) {
        std::vector<Taken> units = units_of(instance, rounding, totals);
        if ((!best || better(units)) && can_be_had(instance, totals)) {
            best = totals;
            best_units = std::move(units);
        }
        std::size_t m = 0;
        while (m < totals.size() && totals[m] == upper[m]) {
            totals[m] = instance.members[m].floor;
            ++m;
        }
        if (m == totals.size()) return best;
        ++totals[m];
    }
}

AllocationInstance random_instance(std::mt19937& random, const Size& size) {
    const auto below = [&random](int bound) {
        return static_cast<int>(random() % static_cast<unsigned>(bound));
    };
    AllocationInstance instance;
    const int members = 1 + below(size.members);
    const int needs = 1 + below(size.needs);
    const int offers = 1 + below(size.offers);
    const bool weighted = below(4) != 0;
    const bool bounded = below(2) == 0;
    const bool carried = below(2) == 0;
    std::vector<std::uint32_t> ranks(static_cast<std::size_t>(members));
    std::iota(ranks.begin(), ranks.end(), 0U);
    for (std::size_t r = ranks.size() - 1; r > 0; --r) {
        std::swap(ranks[r], ranks[static_cast<std::size_t>(below(static_cast<int>(r) + 1))]);
    }
    for (int m = 0; m < members; ++m) {
        AllocationMember member{.name = std::string(1, static_cast<char>('A' + m)),
                                .tie_rank = ranks[static_cast<std::size_t>(m)]};
        if (weighted) member.weight = 1 + below(5);
        if (carried) member.carry_over = below(4);
        if (bounded && below(3) == 0) member.floor = below(3);
        if (bounded && below(3) == 0) member.cap = member.floor + below(4);
        instance.members.push_back(member);
    }
    for (int o = 0; o < offers; ++o) instance.offers.push_back({below(size.quantity + 2)});
    const int density = 1 + below(4);
    for (int j = 0; j < needs; ++j) {
        instance.needs.push_back({static_cast<Index>(below(members)), below(size.quantity + 1)});
        for (Index o = 0; o < static_cast<Index>(offers); ++o) {
            if (below(5) < density) instance.lawful_offers.push_back(o);
        }
        instance.lawful_begin.push_back(static_cast<Index>(instance.lawful_offers.size()));
    }
    return instance;
}

std::optional<Allocation> random_feasible(std::mt19937& random,
                                          const AllocationInstance& instance) {
    Allocation allocation;
    allocation.totals.resize(instance.members.size());
    allocation.certificate.assign(instance.offers.size(), free_offer);
    std::vector<std::int64_t> left;
    for (const AllocationOffer& offer : instance.offers) left.push_back(offer.capacity);
    for (Index j = 0; j < instance.needs.size(); ++j) {
        const Index owner = instance.needs[j].owner;
        std::int64_t asked = instance.needs[j].quantity;
        for (const Index o : instance.lawful(j)) {
            const std::int64_t room =
                std::min({asked, left[o], instance.members[owner].cap - allocation.totals[owner]});
            // Mostly as much as possible: what leaves much unused is refused too easily.
            const std::int64_t units =
                random() % 4 != 0
                    ? room
                    : static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(room + 1));
            if (units == 0) continue;
            allocation.flows.push_back({j, o, units});
            allocation.totals[owner] += units;
            left[o] -= units;
            asked -= units;
        }
    }
    for (std::size_t m = 0; m < instance.members.size(); ++m) {
        if (allocation.totals[m] < instance.members[m].floor) return std::nullopt;
    }
    return allocation;
}

TEST(AllocationOracle, TheTwoObviousMethodsAgree) {
    std::mt19937 random(1);
    int feasible = 0;
    for (int round = 0; round < 300; ++round) {
        const AllocationInstance instance =
            random_instance(random, {.members = 3, .needs = 4, .offers = 3, .quantity = 3});
        const auto rounding = static_cast<Rounding>(round % 5);
        const std::optional<Totals> totals = greedy(instance, rounding);
        ASSERT_EQ(totals, best_totals(instance, rounding)) << "round " << round;
        feasible += totals ? 1 : 0;
    }
    EXPECT_GT(feasible, 200);
}

}  // namespace comity::exchange::oracle
