// SPDX-License-Identifier: Apache-2.0

// Why we trust pairs of least cost: on small pools, under rules of every kind, no other pairs that
// carry the same units cost less, as trying all of them shows; a price is what one more unit saves,
// as trying all again shows; and of every possible price vector one is accepted if, and only if,
// the pairs cost least.

#include "exchange/least_cost.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <random>
#include <vector>

#include "exchange/allocation_oracle.h"
#include "exchange/certificate.h"
#include "exchange/division.h"
#include "exchange/instance_generator.h"

namespace comity::exchange {

namespace {

constexpr std::int64_t impossible = std::int64_t{1} << 50;

/// Tries all pairs that give each part, or each member, what `like` gives it.
class Trial {
public:
    Trial(const PricedPool& pool, const Allocation& like) : pool_(pool) {
        const AllocationInstance& instance = pool.instance;
        for (const AllocationOffer& offer : instance.offers) left_.push_back(offer.capacity);
        if (!pool.by_need) totals_ = like.totals;
        for (std::size_t p = 0; p < pool.parts.size(); ++p) {
            const PricedPart& part = pool.parts[p];
            std::int64_t carried = 0;
            for (const Index offer : instance.list(part.list)) {
                cells_.push_back({p, part.need, offer, cost(part.need, offer)});
                for (const AllocationFlow& flow : like.flows) {
                    if (flow.need == part.need && flow.offer == offer) carried += flow.units;
                }
            }
            room_.push_back(pool.by_need ? carried : instance.needs[part.need].quantity);
        }
    }

    std::int64_t least_cost() {
        best_ = impossible;
        go(0, 0);
        return best_;
    }
    std::int64_t least_cost_with_one_more(Index offer) {
        ++left_[offer];
        const std::int64_t least = least_cost();
        --left_[offer];
        return least;
    }

private:
    struct Cell {
        std::size_t part;
        Index need;
        Index offer;
        std::int64_t cost;
    };

    std::int64_t cost(Index need, Index offer) const {
        const auto lawful = pool_.instance.lawful(need);
        const auto at = std::find(lawful.begin(), lawful.end(), offer) - lawful.begin();
        return pool_.costs
            .units[pool_.costs.row_begin[pool_.costs.row_of[need]] + static_cast<std::size_t>(at)];
    }

    std::int64_t kept(const Cell& cell) const {
        for (const AllocationFlow& flow : pool_.costs.before) {
            if (flow.need == cell.need && flow.offer == cell.offer) return flow.units;
        }
        return 0;
    }

    bool is_part_done(std::size_t cell) const {
        const bool is_last =
            cell + 1 == cells_.size() || cells_[cell + 1].part != cells_[cell].part;
        return !pool_.by_need || !is_last || room_[cells_[cell].part] == 0;
    }

    void go(std::size_t at, std::int64_t so_far) {
        if (so_far >= best_) return;
        if (at == cells_.size()) {
            const bool holds = std::all_of(totals_.begin(), totals_.end(),
                                           [](std::int64_t open) { return open == 0; });
            if (holds) best_ = so_far;
            return;
        }
        const Cell& cell = cells_[at];
        const Index owner = pool_.instance.needs[cell.need].owner;
        const std::int64_t free_of_change = kept(cell);
        std::int64_t most = std::min(room_[cell.part], left_[cell.offer]);
        if (!pool_.by_need) most = std::min(most, totals_[owner]);
        for (std::int64_t units = 0; units <= most; ++units) {
            take(cell, owner, units);
            const std::int64_t changed = std::max<std::int64_t>(0, units - free_of_change);
            if (is_part_done(at)) {
                go(at + 1, so_far + units * cell.cost + changed * pool_.costs.change);
            }
            take(cell, owner, -units);
        }
    }

    void take(const Cell& cell, Index owner, std::int64_t units) {
        room_[cell.part] -= units;
        left_[cell.offer] -= units;
        if (!pool_.by_need) totals_[owner] -= units;
    }

    const PricedPool& pool_;
    std::vector<Cell> cells_;
    std::vector<std::int64_t> left_;    ///< of each offer
    std::vector<std::int64_t> room_;    ///< of each part
    std::vector<std::int64_t> totals_;  ///< open, of each member; empty where parts keep theirs
    std::int64_t best_ = 0;
};

std::uint32_t below(std::mt19937& random, std::uint32_t n) {
    return static_cast<std::uint32_t>(random() % n);
}

/// Costs from 0 to `dearest`; some needs with the same list share a row, some pairs have a plan.
PairCosts random_costs(std::mt19937& random, const AllocationInstance& instance,
                       std::uint32_t dearest, bool has_plan) {
    PairCosts costs;
    std::vector<std::optional<Index>> shared(instance.list_count());
    for (Index need = 0; need < instance.needs.size(); ++need) {
        std::optional<Index>& known = shared[instance.list_of(need)];
        if (known && below(random, 2) == 0) {
            costs.row_of.push_back(*known);
        } else {
            known = static_cast<Index>(costs.row_begin.size() - 1);
            costs.row_of.push_back(*known);
            for (std::size_t i = 0; i < instance.lawful(need).size(); ++i) {
                costs.units.push_back(below(random, dearest + 1));
            }
            costs.row_begin.push_back(costs.units.size());
        }
        if (!has_plan) continue;
        for (const Index offer : instance.lawful(need)) {
            if (below(random, 3) == 0) costs.before.push_back({need, offer, 1 + below(random, 3)});
        }
    }
    if (has_plan) costs.change = below(random, dearest + 1);
    return costs;
}

/// Adds a list of offers; returns its number.
Index add_list(AllocationInstance& instance, const std::vector<Index>& offers) {
    instance.lawful_offers.insert(instance.lawful_offers.end(), offers.begin(), offers.end());
    instance.lawful_begin.push_back(static_cast<Index>(instance.lawful_offers.size()));
    return instance.list_count() - 1;
}

struct Case {
    Pool pool;
    DivisionRule rule;
};

/// Floors and caps of members go with one stage; tiers, choices and least quantities with several.
Case random_case(std::mt19937& random) {
    Case made{.pool = {},
              .rule = {.rounding = static_cast<Rounding>(below(random, 5)),
                       .one_each = below(random, 3) == 0}};
    Pool& pool = made.pool;
    pool.instance =
        oracle::random_instance(random, {.members = 3, .needs = 4, .offers = 3, .quantity = 3});
    AllocationInstance& instance = pool.instance;
    if (instance.lawful_list.empty()) {
        for (Index n = 0; n < instance.needs.size(); ++n) instance.lawful_list.push_back(n);
    }
    if (below(random, 3) == 0) {
        made.rule.reserved = ReservedShare{*Rational::make(1, 2), {}};
        for (std::size_t m = 0; m < instance.members.size(); ++m) {
            made.rule.reserved->in_group.push_back(below(random, 2) == 0);
        }
    }
    const bool is_staged = below(random, 2) == 0;
    if (is_staged) {
        made.rule.by_choice = below(random, 2) == 0;
        made.rule.minimums = below(random, 2) == 0;
        for (AllocationMember& member : instance.members) member.floor = 0;
        for (Index need = 0; need < instance.needs.size(); ++need) {
            NeedTerms terms{.own_order = below(random, 3), .tier = below(random, 2)};
            const auto quantity = static_cast<std::uint32_t>(instance.needs[need].quantity);
            if (made.rule.minimums) terms.minimum = below(random, quantity + 1);
            if (made.rule.by_choice && below(random, 3) != 0) {
                std::array<std::vector<Index>, 2> parts;
                for (const Index offer : instance.lawful(need)) {
                    parts.at(below(random, 2)).push_back(offer);
                }
                for (const auto& part : parts) terms.choices.push_back(add_list(instance, part));
            }
            pool.terms.push_back(std::move(terms));
        }
    }
    pool.costs =
        random_costs(random, instance, below(random, 2) == 0 ? 2 : 9, below(random, 3) == 0);
    return made;
}

/// Two members with a need each, for two offers of 3; A is nearer to X, B to Y.
Case two_by_two() {
    Case made;
    AllocationInstance& instance = made.pool.instance;
    instance.members = {{.name = "A", .tie_rank = 0}, {.name = "B", .tie_rank = 1}};
    instance.needs = {{0, 3}, {1, 4}};
    instance.offers = {{3}, {3}, {2}};
    instance.lawful_offers = {0, 1, 2};
    instance.lawful_begin = {0, 3};
    instance.lawful_list = {0, 0};
    made.pool.costs = PairCosts{.row_of = {0, 1},
                                .row_begin = {0, 3, 6},
                                .units = {1, 5, 9, 4, 2, 9},
                                .before = {},
                                .change = 0};
    return made;
}

/// "P0".."P4" of the first fault, or "accepted".
std::string condition(const Case& made, const Division& division) {
    const auto fault = price_fault(priced_pool(made.pool, made.rule), division.allocation(),
                                   division.prices.value());
    return fault ? "P" + std::to_string(fault->condition) : "accepted";
}

}  // namespace

TEST(LeastCost, NoOtherPairsCostLessAndAPriceIsWhatOneMoreUnitSaves) {
    std::mt19937 random(20261125);
    int staged = 0;
    int planned = 0;
    int priced = 0;
    int solved = 0;
    for (int round = 0; solved < 20'000; ++round) {
        const Case made = random_case(random);
        const Result<Division> division = divide(made.pool, made.rule);
        if (!division) {
            ASSERT_EQ(division.error().reason, "exchange/infeasible-floor");
            continue;
        }
        ++solved;
        const Result<> checked = check_division(made.pool, made.rule, *division);
        ASSERT_TRUE(checked) << "round " << round << ": " << checked.error().message;
        const PricedPool pool = priced_pool(made.pool, made.rule);
        const auto cost = static_cast<std::int64_t>(total_cost(pool, division->allocation()));
        Trial trial(pool, division->allocation());
        ASSERT_EQ(trial.least_cost(), cost) << "round " << round;
        for (Index o = 0; o < made.pool.instance.offers.size(); ++o) {
            ASSERT_EQ(cost - trial.least_cost_with_one_more(o), division->prices->offers[o])
                << "round " << round << " offer " << o;
            priced += division->prices->offers[o] > 0 ? 1 : 0;
        }
        staged += pool.by_need ? 1 : 0;
        planned += made.pool.costs->before.empty() ? 0 : 1;
        if (round % 4 != 0) continue;
        Pool without = made.pool;
        without.costs.reset();
        const Division any = *divide(without, made.rule);
        ASSERT_EQ(any.allocation().totals, division->allocation().totals) << "round " << round;
        ASSERT_EQ(any.allocation().certificate, division->allocation().certificate);
        ASSERT_EQ(*divide(made.pool, made.rule, 8), *division) << "round " << round;
    }
    EXPECT_GT(staged, 5'000);
    EXPECT_GT(planned, 2'500);
    EXPECT_GT(priced, 2'000);
}

TEST(LeastCost, SomePricesAreAcceptedIfAndOnlyIfThePairsCostLeast) {
    std::mt19937 random(7);
    int least = 0;
    int others = 0;
    for (int round = 0; round < 25'000; ++round) {
        AllocationInstance instance =
            oracle::random_instance(random, {.members = 2, .needs = 3, .offers = 2, .quantity = 2});
        const std::optional<Allocation> tried = oracle::random_feasible(random, instance);
        if (!tried) continue;
        const PairCosts costs = random_costs(random, instance, 2, round % 3 == 0);
        PricedPool pool{
            .instance = instance, .costs = costs, .parts = {}, .by_need = round % 2 == 0};
        for (Index n = 0; n < instance.needs.size(); ++n) {
            pool.parts.push_back({n, instance.list_of(n)});
        }
        Trial trial(pool, *tried);
        const bool is_least =
            trial.least_cost() == static_cast<std::int64_t>(total_cost(pool, *tried));
        // Prices of a proof are at most what two offers and a change can differ by.
        constexpr std::int64_t price_tried_max = 9;
        Prices prices{
            .offers = std::vector<std::int64_t>(instance.offers.size()),
            .members = std::vector<std::int64_t>(pool.by_need ? 0 : instance.members.size())};
        bool is_accepted = false;
        const std::function<void(std::size_t)> all = [&](std::size_t at) {
            if (is_accepted) return;
            if (at == prices.offers.size() + prices.members.size()) {
                is_accepted = !price_fault(pool, *tried, prices);
                return;
            }
            std::int64_t& number = at < prices.offers.size()
                                       ? prices.offers[at]
                                       : prices.members[at - prices.offers.size()];
            for (number = 0; number <= price_tried_max && !is_accepted; ++number) all(at + 1);
        };
        all(0);
        ASSERT_EQ(is_accepted, is_least) << "round " << round;
        (is_least ? least : others) += 1;
    }
    EXPECT_GT(least, 1'000);
    EXPECT_GT(others, 800);
}

TEST(LeastCost, TheCertificateHoldsForAllPairsThatCarryTheSameTotals) {
    std::mt19937 random(44);
    int same = 0;
    for (int round = 0; round < 60'000; ++round) {
        const AllocationInstance instance =
            oracle::random_instance(random, {.members = 3, .needs = 5, .offers = 3, .quantity = 3});
        const auto rounding = static_cast<Rounding>(round % 5);
        const Result<Allocation> best = allocate(instance, rounding);
        if (!best) continue;
        std::optional<Allocation> other = oracle::random_feasible(random, instance);
        if (!other || other->totals != best->totals || other->flows == best->flows) continue;
        other->certificate = best->certificate;
        ASSERT_FALSE(certificate_fault(instance, rounding, *other)) << "round " << round;
        ++same;
    }
    EXPECT_GT(same, 2'000);
}

TEST(LeastCost, ManyNeedsAndOffersAreServedAndProven) {
    std::mt19937 random(3);
    for (const bool by_class : {false, true}) {
        Case made;
        made.pool.instance = generate_instance({.seed = 9,
                                                .members = 30,
                                                .offers = 150,
                                                .needs = 900,
                                                .kinds = 3,
                                                .by_class = by_class});
        made.pool.costs = random_costs(random, made.pool.instance, 1'000'000, true);
        for (const bool by_need : {false, true}) {
            made.rule.minimums = by_need;
            const Result<Division> division = divide(made.pool, made.rule);
            ASSERT_TRUE(division) << division.error().message;
            const Result<> checked = check_division(made.pool, made.rule, *division);
            EXPECT_TRUE(checked) << checked.error().message;
            Pool without = made.pool;
            without.costs.reset();
            const Division any = *divide(without, made.rule);
            const PricedPool pool = priced_pool(made.pool, made.rule);
            EXPECT_LT(total_cost(pool, division->allocation()), total_cost(pool, any.allocation()));
        }
    }
}

TEST(LeastCost, AWorkedExample) {
    const Case made = two_by_two();
    const Division division = *divide(made.pool, made.rule);
    // 3 from X to A at 1, 3 from Y to B at 2, 1 from Z to B at 9. A unit more of X or of Y would
    // take a unit of Z's place.
    EXPECT_EQ(division.allocation().flows,
              (std::vector<AllocationFlow>{{0, 0, 3}, {1, 1, 3}, {1, 2, 1}}));
    EXPECT_TRUE(total_cost(priced_pool(made.pool, made.rule), division.allocation()) == 18);
    EXPECT_EQ(division.prices->offers, (std::vector<std::int64_t>{5, 7, 0}));
    EXPECT_EQ(division.prices->members, (std::vector<std::int64_t>{6, 9}));
}

TEST(LeastCost, BentPricesAreRefusedByTheirCondition) {
    const Case made = two_by_two();
    const Division right = *divide(made.pool, made.rule);
    ASSERT_EQ(condition(made, right), "accepted");
    const auto bent = [&](const std::function<void(Division&)>& bend) {
        Division division = right;
        bend(division);
        EXPECT_EQ(check_division(made.pool, made.rule, division).error().reason,
                  "exchange/bad-prices");
        return condition(made, division);
    };
    EXPECT_EQ(bent([](Division& d) { d.prices->offers.pop_back(); }), "P0");
    EXPECT_EQ(bent([](Division& d) { d.prices->members.pop_back(); }), "P0");
    EXPECT_EQ(bent([](Division& d) { d.prices->offers[0] = -1; }), "P0");
    EXPECT_EQ(bent([](Division& d) { d.prices->offers[0] = price_max + 1; }), "P0");
    EXPECT_EQ(bent([](Division& d) { d.prices->members[0] = -1; }), "P0");
    EXPECT_EQ(bent([](Division& d) { d.prices->offers[2] = 1; }), "P1");
    EXPECT_EQ(bent([](Division& d) { d.prices->offers[1] = 0; }), "P2");
    EXPECT_EQ(bent([](Division& d) { d.prices->members[1] = 8; }), "P3");
    // A value above what a unit costs only hurts where there is room for one.
    Case roomy = made;
    roomy.pool.instance.needs[1].quantity = 9;
    Division division = *divide(roomy.pool, roomy.rule);
    ASSERT_EQ(condition(roomy, division), "accepted");
    division.prices->members[1] = price_max;
    EXPECT_EQ(condition(roomy, division), "P4");
}

TEST(LeastCost, PricesWithoutCostsAndCostsWithoutPricesAreRefused) {
    Case made = two_by_two();
    Division division = *divide(made.pool, made.rule);
    const Prices prices = division.prices.value();
    division.prices.reset();
    EXPECT_EQ(check_division(made.pool, made.rule, division).error().reason, "exchange/bad-prices");
    division.prices = prices;
    made.pool.costs.reset();
    EXPECT_EQ(check_division(made.pool, made.rule, division).error().reason, "exchange/bad-prices");
}

TEST(LeastCost, RefusesCostsThatDoNotFit) {
    const auto reason = [](const std::function<void(PairCosts&)>& bend) {
        Case made = two_by_two();
        bend(*made.pool.costs);
        const auto division = divide(made.pool, made.rule);
        return division ? std::string() : std::string(division.error().reason);
    };
    EXPECT_EQ(reason([](PairCosts&) {}), "");
    EXPECT_EQ(reason([](PairCosts& c) { c.units[0] = -1; }), "exchange/bad-costs");
    EXPECT_EQ(reason([](PairCosts& c) { c.units[0] = pair_cost_max; }), "");
    EXPECT_EQ(reason([](PairCosts& c) { c.units[0] = pair_cost_max + 1; }), "exchange/bad-costs");
    EXPECT_EQ(reason([](PairCosts& c) { c.change = pair_cost_max - 8; }), "exchange/bad-costs");
    EXPECT_EQ(reason([](PairCosts& c) { c.change = -1; }), "exchange/bad-costs");
    EXPECT_EQ(reason([](PairCosts& c) { c.row_of[1] = 2; }), "exchange/bad-costs");
    EXPECT_EQ(reason([](PairCosts& c) { c.row_of.pop_back(); }), "exchange/bad-costs");
    EXPECT_EQ(reason([](PairCosts& c) { c.row_begin[1] = 2; }), "exchange/bad-costs");
    EXPECT_EQ(reason([](PairCosts& c) { c.before = {{0, 3, 1}}; }), "exchange/bad-costs");
    EXPECT_EQ(reason([](PairCosts& c) { c.before = {{0, 1, 1}, {0, 0, 1}}; }),
              "exchange/bad-costs");
    EXPECT_EQ(reason([](PairCosts& c) { c.before = {{0, 1, 0}}; }), "exchange/bad-costs");
}

TEST(LeastCost, TheLargestCostsAndQuantitiesDoNotOverflow) {
    Case made;
    AllocationInstance& instance = made.pool.instance;
    constexpr Index count = 60;
    constexpr std::int64_t units = units_max / count;
    PairCosts costs;
    for (Index i = 0; i < count; ++i) {
        instance.members.push_back({.name = {}, .tie_rank = i});
        instance.needs.push_back({i, units});
        instance.offers.push_back({units});
        costs.row_of.push_back(i);
        // A long chain: each offer but one is dear for each need but one.
        for (Index o = 0; o < count; ++o) {
            instance.lawful_offers.push_back(o);
            costs.units.push_back(o == (i + 1) % count ? 0 : pair_cost_max - o);
        }
        instance.lawful_begin.push_back(static_cast<Index>(instance.lawful_offers.size()));
        costs.row_begin.push_back(costs.units.size());
    }
    made.pool.costs = costs;
    const Result<Division> division = divide(made.pool, made.rule);
    ASSERT_TRUE(division) << division.error().message;
    EXPECT_TRUE(check_division(made.pool, made.rule, *division));
    EXPECT_TRUE(total_cost(priced_pool(made.pool, made.rule), division->allocation()) == 0);
}

}  // namespace comity::exchange
