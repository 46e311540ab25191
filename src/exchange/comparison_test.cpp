// SPDX-License-Identifier: Apache-2.0

// How we trust a comparison: in random rounds every reason that is named holds in the numbers, as
// the tests count them, and whether a unit could have moved is what the engine says of the same
// pool with the two totals changed by that unit. Where one member got more, a reason is named.

#include "exchange/comparison.h"

#include <algorithm>

#include "exchange/random_round.h"
#include "exchange/round_pool.h"

namespace comity::exchange {
namespace {

Comparison compared(const World& world, std::string_view first, std::string_view second) {
    auto comparison = compare(world.exchange, id<RoundId>("r1"), member(first), member(second));
    EXPECT_TRUE(comparison) << comparison.error().message;
    return std::move(comparison).value();
}

using Reasons = std::vector<MoreReason>;

struct Asked {
    std::string_view need;
    std::string_view member;
    std::string_view area;
    std::int64_t quantity = 0;
};

World drawn(World world, const AllocationRule& rule, const std::vector<Asked>& needs) {
    EXPECT_EQ(world.adopt(rule), "adopted");
    for (const Asked& asked : needs) {
        world.must(asked.member, need_of(asked.need, asked.area, asked.quantity));
    }
    world.must("maker", round_of("r1", rule.id.text()));
    freeze_and_draw(world);
    return world;
}

TEST(Comparison, AMemberThatGotAllItAskedAskedForLess) {
    World world;
    world.must("maker", offer_of("o1", 9));
    world =
        drawn(std::move(world), equal_rule(), {{"n1", "arda", "XAA", 2}, {"n2", "bela", "XAB", 9}});
    const Comparison comparison = compared(world, "arda", "bela");
    EXPECT_EQ(comparison.more, member("bela"));
    EXPECT_EQ(comparison.reasons, Reasons{MoreReason::got_all_it_asked});
    EXPECT_EQ(comparison.first.units, 2);
    EXPECT_EQ(comparison.second.units, 7);
}

TEST(Comparison, ALargerWeightIsNamedWithTheTurns) {
    World world;
    WeightTable people;
    people.id = id<WeightTableId>("people");
    people.weights = {{member("arda"), 1}, {member("bela"), 3}};
    EXPECT_EQ(world.adopt(people), "adopted");
    AllocationRule rule = equal_rule();
    rule.weights = people.id;
    world.must("maker", offer_of("o1", 8));
    world = drawn(std::move(world), rule,
                  {{"n1", "arda", "XAA", 9}, {"n2", "bela", "XAB", 9}, {"n3", "enna", "XAE", 1}});
    const Comparison comparison = compared(world, "bela", "arda");
    EXPECT_EQ(comparison.more, member("bela"));
    EXPECT_EQ(comparison.reasons, Reasons{MoreReason::larger_weight});
    EXPECT_EQ(comparison.last_turn, (Turn{Rational{5, 3}, Rational{2, 1}}));
    EXPECT_EQ(comparison.next_turn, (Turn{Rational{2, 1}, Rational{3, 1}}));
    EXPECT_EQ(compared(world, "enna", "arda").reasons, Reasons{MoreReason::not_listed});
}

TEST(Comparison, AnOddUnitIsTheLotterys) {
    World world;
    world.must("maker", offer_of("o1", 5));
    world =
        drawn(std::move(world), equal_rule(), {{"n1", "arda", "XAA", 9}, {"n2", "bela", "XAB", 9}});
    const Comparison comparison = compared(world, "arda", "bela");
    EXPECT_EQ(comparison.reasons, Reasons{MoreReason::lottery});
    const bool is_first = *comparison.more == member("arda");
    EXPECT_EQ(is_first, comparison.first.lottery_rank < comparison.second.lottery_rank);
}

TEST(Comparison, WhereAdamsTakesTheSmallerWeightFirstThatIsNamed) {
    World world;
    WeightTable people;
    people.id = id<WeightTableId>("people");
    people.weights = {{member("arda"), 5}, {member("bela"), 3}};
    EXPECT_EQ(world.adopt(people), "adopted");
    AllocationRule rule = equal_rule();
    rule.rounding = Rounding::adams;
    rule.weights = people.id;
    world.must("maker", offer_of("o1", 1));
    world = drawn(std::move(world), rule, {{"n1", "arda", "XAA", 9}, {"n2", "bela", "XAB", 9}});
    const Comparison comparison = compared(world, "arda", "bela");
    EXPECT_EQ(comparison.more, member("bela"));
    EXPECT_EQ(comparison.reasons, Reasons{MoreReason::smaller_weight_first});
}

TEST(Comparison, WhatIsNotLawfulIsNamedWithItsRestriction) {
    World world;
    world.restrictions = {{"ban", "course", "XAA"}};
    world.must("maker", offer_of("o1", 1));
    Offer past = offer_of("o2", 3, "lab");
    past.until = day("2026-08-20");
    world.must("arda", offer_of("o3", 2, "lab"));
    world.must("maker", past);
    world =
        drawn(std::move(world), equal_rule(), {{"n1", "arda", "XAA", 9}, {"n2", "bela", "XAB", 9}});
    const Comparison comparison = compared(world, "arda", "bela");
    EXPECT_EQ(comparison.reasons, Reasons{MoreReason::no_access})
        << "also where the turn would be a tie";
    ASSERT_EQ(comparison.obstacles.size(), 2U);
    ASSERT_EQ(comparison.obstacles[0].restrictions.size(), 1U);
    EXPECT_EQ(comparison.obstacles[0].offer, id<OfferId>("o1"));
    EXPECT_EQ(comparison.obstacles[0].restrictions[0].restriction.text(), "ban");
    EXPECT_TRUE(comparison.obstacles[1].is_own);
    ASSERT_EQ(comparison.blocked_by.size(), 1U);
    EXPECT_EQ(comparison.blocked_by[0].restriction.text(), "ban");
    EXPECT_FALSE(comparison.last_turn);
}

TEST(Comparison, AFloorAndACapAreNamed) {
    AllocationRule rule = equal_rule();
    rule.floor = GroupFloor{id<institution::GroupId>("list"), {1, 1}};
    World world;
    world.must("maker", offer_of("o1", 8));
    const World floored = drawn(world, rule, {{"n1", "arda", "XAA", 6}, {"n2", "dova", "XAD", 6}});
    EXPECT_EQ(compared(floored, "arda", "dova").reasons, Reasons{MoreReason::floor});

    rule.floor.reset();
    rule.member_cap = Rational{1, 4};
    Offer for_all = offer_of("o2", 3, "model");
    for_all.rivalry = Rivalry::non_rival;
    world.must("maker", for_all);
    world.restrictions = {{"ban", "model", "XAA"}};
    const World capped = drawn(world, rule, {{"n1", "arda", "XAA", 6}, {"n2", "dova", "XAD", 6}});
    const Comparison comparison = compared(capped, "arda", "dova");
    EXPECT_EQ(comparison.reasons, Reasons{MoreReason::grants}) << "two each of the pool";
    ASSERT_EQ(comparison.grant_obstacles.size(), 1U);
    EXPECT_EQ(comparison.grant_obstacles[0].restrictions[0].restriction.text(), "ban");
}

TEST(Comparison, TheSameNumberNeedsNoReason) {
    World world;
    world.must("maker", offer_of("o1", 4));
    world =
        drawn(std::move(world), equal_rule(), {{"n1", "arda", "XAA", 9}, {"n2", "bela", "XAB", 9}});
    const Comparison comparison = compared(world, "arda", "bela");
    EXPECT_FALSE(comparison.more);
    EXPECT_TRUE(comparison.reasons.empty());
}

TEST(Comparison, WhatCannotBeComparedIsRefused) {
    World world = drawn(World(), equal_rule(), {{"n1", "arda", "XAA", 9}});
    const auto reason = [&](std::string_view round, std::string_view a, std::string_view b) {
        const auto refused = compare(world.exchange, id<RoundId>(round), member(a), member(b));
        return refused ? std::string("compared") : std::string(refused.error().reason);
    };
    EXPECT_EQ(reason("r1", "arda", "arda"), "exchange/same-member");
    EXPECT_EQ(reason("r1", "arda", "bela"), "exchange/not-in-round");
    EXPECT_EQ(reason("r9", "arda", "bela"), "exchange/no-such-round");
    World open;
    EXPECT_EQ(open.adopt(equal_rule()), "adopted");
    open.must("maker", round_of("r1"));
    world.exchange = open.exchange;
    EXPECT_EQ(reason("r1", "arda", "bela"), "exchange/not-allocated");
}

/// -1, 0, 1: how a unit of one member compares with a unit of another, by the table of
/// docs/spec/allocation.md section 2; small numbers only.
int order(Rounding rounding, std::int64_t n, std::int64_t w, std::int64_t m, std::int64_t v) {
    std::int64_t left = 0;
    std::int64_t right = 0;
    switch (rounding) {
        case Rounding::adams:
            left = n * v;
            right = m * w;
            break;
        case Rounding::sainte_lague:
            left = (2 * n + 1) * v;
            right = (2 * m + 1) * w;
            break;
        case Rounding::dhondt:
            left = (n + 1) * v;
            right = (m + 1) * w;
            break;
        case Rounding::huntington_hill:
            left = n * (n + 1) * v * v;
            right = m * (m + 1) * w * w;
            break;
        case Rounding::serial:
            break;
    }
    if (left == right && rounding == Rounding::adams) return w < v ? -1 : (w > v ? 1 : 0);
    return left < right ? -1 : (left > right ? 1 : 0);
}

struct Pair {
    const ComparedMember& more;
    const ComparedMember& fewer;
    Rounding rounding;

    std::int64_t last() const { return more.carry_over + more.units - more.granted - 1; }
    std::int64_t next() const { return fewer.carry_over + fewer.units - fewer.granted; }
    int turn() const { return order(rounding, last(), more.weight, next(), fewer.weight); }
    bool more_comes_first() const {
        return turn() < 0 || (turn() == 0 && more.lottery_rank < fewer.lottery_rank);
    }
};

/// Whether the pool has an allocation that differs in one unit of two totals, as the engine sees
/// it.
bool can_move(const Allocated& round, const Pair& pair) {
    RoundPool pool = pool_of(round.inputs).value();
    std::uint32_t rank = 0;
    for (std::size_t m = 0; m < pool.rival.instance.members.size(); ++m) {
        AllocationMember& entry = pool.rival.instance.members[m];
        std::int64_t total = round.result.members[m].allocated;
        if (round.result.members[m].member == pair.more.member) --total;
        if (round.result.members[m].member == pair.fewer.member) ++total;
        entry.floor = total;
        entry.cap = total;
        entry.tie_rank = rank++;
    }
    const auto allocation = allocate(pool.rival.instance, Rounding::sainte_lague);
    EXPECT_TRUE(allocation || allocation.error().reason == "exchange/infeasible-floor");
    return allocation.has_value();
}

/// Whether the need may have a unit of the offer, and what the restrictions say.
bool is_lawful(const World& world, const FrozenNeed& need, const FrozenOffer& offer) {
    const bool meets = offer.from < need.until && (!offer.until || need.from < *offer.until);
    return meets && offer.provider != need.member &&
           (!need.item_classes || need.item_classes->contains(offer.item_class)) &&
           world.screen({offer.item_class, offer.origin, need.destination, need.end_use}).verdict ==
               institution::Verdict::allowed;
}

const FrozenOffer& offer_in(const Allocated& round, const OfferId& offer) {
    return *std::find_if(round.inputs.offers.begin(), round.inputs.offers.end(),
                         [&](const FrozenOffer& row) { return row.id == offer; });
}

/// The needs of a member that lack units.
std::vector<FrozenNeed> open_needs(const Allocated& round, const institution::MemberId& owner) {
    std::vector<FrozenNeed> open;
    for (const FrozenNeed& need : round.inputs.needs) {
        if (need.member != owner) continue;
        for (const NeedResult& row : round.result.needs) {
            if (row.need == need.id && row.allocated < row.asked) open.push_back(need);
        }
    }
    return open;
}

void check_no_access(const RandomRound& random, const Comparison& comparison, const Pair& pair) {
    const Allocated& round = random.allocated();
    ASSERT_FALSE(can_move(round, pair));
    std::set<OfferId> held;
    for (const Line& line : round.result.lines) {
        for (const FrozenNeed& need : round.inputs.needs) {
            if (need.id == line.need && need.member == pair.more.member) held.insert(line.offer);
        }
    }
    std::set<OfferId> named;
    for (const Obstacle& obstacle : comparison.obstacles) {
        named.insert(obstacle.offer);
        ASSERT_TRUE(obstacle.is_own || obstacle.item_class || obstacle.window ||
                    !obstacle.restrictions.empty());
        const FrozenOffer& offer = offer_in(round, obstacle.offer);
        ASSERT_EQ(obstacle.is_own, offer.provider == pair.fewer.member);
        for (const FrozenNeed& need : open_needs(round, pair.fewer.member)) {
            ASSERT_FALSE(is_lawful(random.world, need, offer));
        }
    }
    std::set<institution::RestrictionId> met;
    for (const FrozenNeed& need : open_needs(round, pair.fewer.member)) {
        for (const FrozenOffer& offer : round.inputs.offers) {
            FrozenNeed anywhere = need;
            anywhere.destination = id<institution::AreaCode>("XZZ");  // no restriction names it
            const bool fits = is_lawful(random.world, anywhere, offer);
            // The engine names restrictions before offers of acceptable classes, days and
            // providers.
            if (!fits) continue;
            const auto said = random.world.screen(
                {offer.item_class, offer.origin, need.destination, need.end_use});
            for (const auto& citation : said.citations) met.insert(citation.restriction);
        }
    }
    std::set<institution::RestrictionId> cited;
    for (const auto& citation : comparison.blocked_by) cited.insert(citation.restriction);
    ASSERT_EQ(cited, met);
    ASSERT_EQ(named, held) << "each offer that the other draws on is out of reach, and named";
}

bool has(const Comparison& comparison, MoreReason reason) {
    const auto& reasons = comparison.reasons;
    return std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
}

void check_turn(const RandomRound& random, const Comparison& comparison, const Pair& pair) {
    ASSERT_TRUE(can_move(random.allocated(), pair)) << "otherwise turns are no reason";
    ASSERT_TRUE(pair.more_comes_first());
    ASSERT_EQ(comparison.last_turn->before.text(),
              Rational::make(pair.last(), pair.more.weight)->text());
    ASSERT_EQ(comparison.next_turn->after.text(),
              Rational::make(pair.next() + 1, pair.fewer.weight)->text());
    if (has(comparison, MoreReason::larger_weight)) {
        ASSERT_GT(pair.more.weight, pair.fewer.weight);
    }
    if (has(comparison, MoreReason::carry_over)) {
        ASSERT_GT(pair.fewer.carry_over, pair.more.carry_over);
    }
    ASSERT_EQ(has(comparison, MoreReason::lottery), pair.turn() == 0);
    if (has(comparison, MoreReason::smaller_weight_first)) {
        ASSERT_EQ(pair.rounding, Rounding::adams);
        ASSERT_EQ(pair.last() * pair.fewer.weight, pair.next() * pair.more.weight);
        ASSERT_LT(pair.more.weight, pair.fewer.weight);
    }
}

void check_reasons(const RandomRound& random, const Comparison& comparison, const Pair& pair) {
    const Allocated& round = random.allocated();
    ASSERT_FALSE(comparison.reasons.empty());
    ASSERT_FALSE(has(comparison, MoreReason::by_the_rule));
    ASSERT_EQ(has(comparison, MoreReason::not_listed), !pair.fewer.is_listed);
    if (!pair.fewer.is_listed) return;
    ASSERT_EQ(has(comparison, MoreReason::got_all_it_asked),
              open_needs(round, pair.fewer.member).empty());
    if (has(comparison, MoreReason::got_all_it_asked)) return;
    ASSERT_EQ(has(comparison, MoreReason::grants), pair.more.granted > pair.fewer.granted);
    const std::int64_t more = pair.more.units - pair.more.granted;
    const std::int64_t fewer = pair.fewer.units - pair.fewer.granted;
    if (more <= fewer) return;
    ASSERT_EQ(has(comparison, MoreReason::member_cap), fewer == pair.fewer.cap);
    if (fewer == pair.fewer.cap) return;
    if (has(comparison, MoreReason::no_access)) return check_no_access(random, comparison, pair);
    if (comparison.last_turn) return check_turn(random, comparison, pair);
    ASSERT_TRUE(has(comparison, MoreReason::floor));
    ASSERT_TRUE(can_move(round, pair));
    ASSERT_FALSE(pair.more_comes_first()) << "without the floor the unit would have moved";
    ASSERT_GT(pair.more.floor, 0);
    ASSERT_EQ(more, pair.more.floor);
}

TEST(Comparison, EveryReasonHoldsInTheNumbersOfRandomRounds) {
    std::map<MoreReason, int> counted;
    for (unsigned seed = 1; seed <= 1'500; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const RandomRound random(seed);
        const Allocated& round = random.allocated();
        std::set<institution::MemberId> members;
        for (const NeedResult& need : round.result.needs) members.insert(need.member);
        for (const auto& a : members) {
            for (const auto& b : members) {
                if (!(a < b)) continue;
                SCOPED_TRACE(a.text() + " and " + b.text());
                const Comparison one = compare(round.inputs, round.result, a, b).value();
                Comparison other = compare(round.inputs, round.result, b, a).value();
                std::swap(other.first, other.second);
                ASSERT_EQ(one, other);
                ASSERT_EQ(one.more.has_value(), one.first.units != one.second.units);
                if (!one.more) continue;
                const bool is_first = *one.more == a;
                ASSERT_EQ(is_first, one.first.units > one.second.units);
                const Pair pair{is_first ? one.first : one.second,
                                is_first ? one.second : one.first, round.inputs.rule.rounding};
                check_reasons(random, one, pair);
                if (testing::Test::HasFatalFailure()) return;
                for (const MoreReason reason : one.reasons) ++counted[reason];
            }
        }
    }
    for (const MoreReason reason :
         {MoreReason::got_all_it_asked, MoreReason::not_listed, MoreReason::no_access,
          MoreReason::larger_weight, MoreReason::carry_over, MoreReason::lottery, MoreReason::floor,
          MoreReason::grants}) {
        EXPECT_GT(counted[reason], 3) << static_cast<int>(reason);
    }
}

}  // namespace
}  // namespace comity::exchange
