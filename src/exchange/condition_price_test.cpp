// SPDX-License-Identifier: Apache-2.0

// How we trust a price: it is what the round gives when the condition is really not there, that is
// when the world is frozen again without it and drawn with the same lottery; and who issued the
// condition makes no difference.

#include "exchange/condition_price.h"

#include "exchange/random_round.h"

namespace comity::exchange {
namespace {

PriceList priced(const World& world, std::size_t conditions_max = priced_conditions_max) {
    auto list = price_conditions(world.exchange, id<RoundId>("r1"), conditions_max);
    EXPECT_TRUE(list) << list.error().message;
    return std::move(list).value();
}

/// Eight courses and four labs. arda may not have courses, bela may have all.
World restricted(const std::vector<TestRestriction>& restrictions) {
    World world;
    world.restrictions = restrictions;
    EXPECT_EQ(world.adopt(equal_rule()), "adopted");
    world.must("maker", offer_of("o1", 8));
    world.must("maker", offer_of("o2", 4, "lab"));
    world.must("arda", need_of("n1", "XAA", 10));
    world.must("bela", need_of("n2", "XAB", 10));
    world.must("maker", round_of("r1"));
    freeze_and_draw(world);
    return world;
}

TEST(ConditionPrice, ARestrictionCostsWhatWouldMoveWithoutIt) {
    const World world = restricted({{"ban", "course", "XAA"}});
    const PriceList list = priced(world);
    EXPECT_EQ(list.present.units, 12);
    EXPECT_EQ(list.present.worst_off, (WorstOff{member("arda"), Rational{4, 1}, 4}));
    ASSERT_EQ(list.conditions.size(), 1U);
    const ConditionPrice& ban = list.conditions[0];
    EXPECT_EQ(ban.condition.kind, ConditionKind::restriction);
    EXPECT_EQ(ban.condition.restriction->restriction.text(), "ban");
    EXPECT_EQ(ban.condition.issuer, member("maker"));
    EXPECT_EQ(ban.without.standing.units, 12);
    EXPECT_EQ(ban.without.standing.worst_off, (WorstOff{member("arda"), Rational{6, 1}, 6}));
    const std::vector<MemberChange> changes = {{member("arda"), 4, 6}, {member("bela"), 8, 6}};
    EXPECT_EQ(ban.without.members, changes);
    EXPECT_EQ(ban.without.members_with_more, 1U);
    EXPECT_EQ(ban.without.members_with_less, 1U);
    ASSERT_TRUE(list.without_all);
    EXPECT_EQ(*list.without_all, ban.without);
}

TEST(ConditionPrice, WhatTwoConditionsHoldBackIsSeenWhenBothAreLeftOut) {
    const World world = restricted({{"ban-1", "course", "XAA"},
                                    {"ban-2", "course", "XAA", institution::Verdict::needs_review},
                                    {"ban-3", "lab", "XAA"}});
    const PriceList list = priced(world);
    EXPECT_EQ(list.present.members_with_nothing, 1U);
    ASSERT_EQ(list.conditions.size(), 3U);
    EXPECT_TRUE(list.conditions[0].without.members.empty()) << "the other one still stands";
    EXPECT_TRUE(list.conditions[1].without.members.empty());
    EXPECT_EQ(list.conditions[2].without.standing.members_with_nothing, 0U);
    ASSERT_EQ(list.issuers.size(), 1U);
    EXPECT_EQ(list.issuers[0].conditions, 3U);
    EXPECT_EQ(list.issuers[0].units, 2) << "bela asks 10 and had them; the two labs left move";
    EXPECT_EQ(list.issuers[0].without.standing.worst_off->level, (Rational{6, 1}));
}

TEST(ConditionPrice, TheWindowOfAnOfferIsAConditionOfItsProvider) {
    World world;
    EXPECT_EQ(world.adopt(equal_rule()), "adopted");
    Offer early = offer_of("o1", 8);
    early.until = day("2026-09-15");
    world.must("school", early);
    world.must("maker", offer_of("o2", 1));
    Need late = need_of("n1", "XAA", 6);
    late.from = day("2026-10-01");
    world.must("arda", late);
    world.must("maker", round_of("r1"));
    freeze_and_draw(world);
    const PriceList list = priced(world);
    ASSERT_EQ(list.conditions.size(), 1U) << "the other window keeps nobody away";
    const Condition& window = list.conditions[0].condition;
    EXPECT_EQ(window.kind, ConditionKind::window);
    EXPECT_EQ(window.issuer, member("school"));
    EXPECT_EQ(window.offer, id<OfferId>("o1"));
    EXPECT_EQ(window.until, day("2026-09-15"));
    EXPECT_EQ(list.present.units, 1);
    EXPECT_EQ(list.conditions[0].without.standing.units, 6);
}

TEST(ConditionPrice, PastTheBoundConditionsAreCounted) {
    const World world = restricted({{"ban-1", "course", "XAA"}, {"ban-2", "lab", "XAA"}});
    const PriceList list = priced(world, 1);
    ASSERT_EQ(list.conditions.size(), 1U);
    EXPECT_EQ(list.conditions[0].condition.restriction->restriction.text(), "ban-1");
    EXPECT_EQ(list.not_priced, 1U);
    EXPECT_EQ(list.issuers[0].conditions, 1U);
    const PriceList none = priced(world, 0);
    EXPECT_EQ(none.not_priced, 2U);
    EXPECT_FALSE(none.without_all);
}

TEST(ConditionPrice, OnlyADrawnRoundIsPriced) {
    World world;
    EXPECT_EQ(world.adopt(equal_rule()), "adopted");
    world.must("maker", round_of("r1"));
    const auto reason = [&](std::string_view round) {
        return std::string(price_conditions(world.exchange, id<RoundId>(round)).error().reason);
    };
    EXPECT_EQ(reason("r1"), "exchange/not-allocated");
    EXPECT_EQ(reason("r9"), "exchange/no-such-round");
}

/// Units and level of each member, as a draw has them.
std::map<institution::MemberId, std::pair<std::int64_t, std::string>> shares_in(
    const RoundResult& result) {
    std::map<institution::MemberId, std::pair<std::int64_t, std::string>> shares;
    for (const MemberResult& row : result.members) {
        shares[row.member].second =
            Rational::make(row.carry_over + row.allocated, row.weight).value().text();
    }
    for (const NeedResult& need : result.needs) {
        if (const auto at = shares.find(need.member); at != shares.end()) {
            at->second.first += need.allocated;
        }
    }
    return shares;
}

/// The round frozen anew in a world without the condition, and drawn with the lottery it had.
RoundResult drawn_without(const RandomRound& random, const Condition& condition) {
    const Allocated& present = random.allocated();
    Exchange exchange = random.world.exchange;
    World rules;
    for (const TestRestriction& restriction : random.world.restrictions) {
        if (condition.restriction && restriction.id == condition.restriction->restriction.text()) {
            continue;
        }
        rules.restrictions.push_back(restriction);
    }
    for (auto& [id, record] : exchange.offers) record.promised = 0;
    for (auto& [id, record] : exchange.needs) record.promised = 0;
    if (condition.offer) {
        exchange.offers.at(*condition.offer).offer.from = day("2000-01-01");
        exchange.offers.at(*condition.offer).offer.until.reset();
    }
    const RoundRecord& record = random.world.round("r1");
    RoundInputs inputs = freeze(exchange, random.world.institution, rules.screening(), record.round,
                                time("2026-08-02T00:00:00Z"), present.inputs.cut_off)
                             .value();
    for (std::size_t m = 0; m < inputs.members.size(); ++m) {
        inputs.members[m].carry_over = present.inputs.members[m].carry_over;
    }
    return draw_with(inputs, {present.result.seed, present.result.withheld}).value();
}

void check_price(const RandomRound& random, const ConditionPrice& price) {
    const auto before = shares_in(random.allocated().result);
    const auto after = shares_in(drawn_without(random, price.condition));
    std::vector<MemberChange> changes;
    std::int64_t units = 0;
    std::uint32_t with_nothing = 0;
    std::optional<Rational> smallest;
    for (const auto& [member, share] : after) {
        if (share.first != before.at(member).first) {
            changes.push_back({member, before.at(member).first, share.first});
        }
        units += share.first;
        with_nothing += share.first == 0 ? 1 : 0;
        const Rational level = Rational::parse(share.second).value();
        if (!smallest || level < *smallest) smallest = level;
    }
    ASSERT_EQ(price.without.members, changes);
    ASSERT_EQ(price.without.standing.units, units);
    ASSERT_EQ(price.without.standing.members_with_nothing, with_nothing);
    const auto& worst = price.without.standing.worst_off;
    ASSERT_EQ(worst.has_value(), smallest.has_value());
    if (!worst) return;
    ASSERT_EQ(worst->level, *smallest);
    ASSERT_EQ(worst->level.text(), after.at(worst->member).second);
    ASSERT_EQ(worst->units, after.at(worst->member).first);
}

TEST(ConditionPrice, IsWhatTheRoundGivesInAWorldWithoutIt) {
    std::size_t restrictions = 0;
    std::size_t windows = 0;
    std::size_t costly = 0;
    for (unsigned seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const RandomRound random(seed);
        const PriceList list = priced(random.world);
        for (const ConditionPrice& price : list.conditions) {
            check_price(random, price);
            if (testing::Test::HasFatalFailure()) return;
            ++(price.condition.restriction ? restrictions : windows);
            if (!price.without.members.empty()) ++costly;
        }
    }
    EXPECT_GT(restrictions, 300U);
    EXPECT_GT(windows, 50U);
    EXPECT_GT(costly, 100U);
}

TEST(ConditionPrice, IsTheSameWhoeverIssued) {
    for (unsigned seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const RandomRound random(seed);
        const Allocated& round = random.allocated();
        RoundInputs renamed = round.inputs;
        for (ScreenedTransfer& screened : renamed.screenings) {
            for (institution::Citation& citation : screened.screening.citations) {
                const auto last = citation.restriction.text().back();
                citation.issuer = member(last % 2 == 0 ? "dova" : "zeta");
            }
        }
        const PriceList list = priced(random.world);
        const PriceList other = price_conditions(renamed, round.result).value();
        ASSERT_EQ(list.conditions.size(), other.conditions.size());
        for (std::size_t i = 0; i < list.conditions.size(); ++i) {
            ASSERT_EQ(list.conditions[i].without, other.conditions[i].without);
        }
        ASSERT_EQ(list.without_all, other.without_all);
        std::uint32_t counted = 0;
        for (const IssuerPrice& issuer : other.issuers) counted += issuer.conditions;
        ASSERT_EQ(counted, other.conditions.size());
    }
}

}  // namespace
}  // namespace comity::exchange
