// SPDX-License-Identifier: Apache-2.0
//
// How we trust the life of a need: one story from need to confirmed benefit, checked at each step,
// and every refusal of every statement by its reason, with nothing changed by it.

#include "exchange/exchange.h"

#include <gtest/gtest.h>

#include "exchange/exchange_world.h"

namespace comity::exchange {
namespace {

/// Two needs, two offers, the rule, and the round called.
World called() {
    World world;
    EXPECT_EQ(world.adopt(equal_rule()), "adopted");
    world.must("maker", offer_of("o1", 6));
    world.must("school", offer_of("o2", 4));
    world.must("arda", need_of("n1", "XAA", 8));
    world.must("dova", need_of("n2", "XAD", 8));
    world.must("maker", round_of("r1"));
    return world;
}

World drawn() {
    World world = called();
    freeze_and_draw(world);
    return world;
}

TEST(Exchange, ANeedBecomesAConfirmedBenefit) {
    World world = called();
    world.must("arda", commitment_of("r1", random_of('a')));
    world.must("dova", commitment_of("r1", random_of('d')));
    world.clock("2026-08-02T06:00:00Z");
    world.must("arda", Reveal{id<RoundId>("r1"), random_of('a')});
    world.must("dova", Reveal{id<RoundId>("r1"), random_of('d')});
    world.clock("2026-08-03T06:00:00Z");

    const Allocated& allocated = world.allocated("r1");
    EXPECT_TRUE(check_result(allocated.inputs, world.round("r1").commitments,
                             world.round("r1").reveals, {}, allocated.result));
    EXPECT_EQ(world.outcome("r1", "n1").allocated, 5);
    EXPECT_EQ(world.outcome("r1", "n2").allocated, 5);
    EXPECT_EQ(world.outcome("r1", "n1").reason, Reason::no_better_off);
    EXPECT_EQ(free_units(world.exchange.offers.at(id<OfferId>("o1"))), 0);
    world.must("maker", ResultNotice{id<RoundId>("r1"), allocated.digest});

    world.must("arda", acceptance_of("r1", "n1", 5));
    world.must("dova", acceptance_of("r1", "n2", 2));
    EXPECT_EQ(unmet_units(world.exchange.needs.at(id<NeedId>("n2"))), 6);
    const auto lines = promised_lines(allocated, id<NeedId>("n1"));
    ASSERT_FALSE(lines.empty());
    const std::string offer = lines.front().offer.text();
    const std::string provider = offer == "o1" ? "maker" : "school";
    world.must(provider, delivery_of("d1", "r1", offer, "n1", 1));
    world.must("arda", confirmation_of("d1", 1));
    EXPECT_EQ(world.exchange.deliveries.at(id<DeliveryId>("d1")).arrival()->confirmation.quantity,
              1);
}

TEST(Exchange, WhatIsNotAnsweredGoesBackWhenAnswersClose) {
    World world = drawn();
    world.must("arda", acceptance_of("r1", "n1", 5));
    world.clock("2026-08-10T00:00:00Z");
    EXPECT_TRUE(is_finished(world.round("r1")));
    EXPECT_EQ(world.exchange.needs.at(id<NeedId>("n1")).promised, 5);
    EXPECT_EQ(world.exchange.needs.at(id<NeedId>("n2")).promised, 0);
    EXPECT_EQ(world.exchange.offers.at(id<OfferId>("o1")).promised +
                  world.exchange.offers.at(id<OfferId>("o2")).promised,
              5);
    EXPECT_FALSE(world.allocated("r1").accepted.contains(id<NeedId>("n2")));
}

TEST(Exchange, AWithdrawnOfferKeepsWhatItPromised) {
    World world = drawn();
    world.must("arda", acceptance_of("r1", "n1", 5));
    world.clock("2026-08-10T00:00:00Z");
    const auto lines = promised_lines(world.allocated("r1"), id<NeedId>("n1"));
    const std::string offer = lines.front().offer.text();
    const std::string provider = offer == "o1" ? "maker" : "school";
    world.must(provider, OfferWithdrawal{lines.front().offer});
    world.must(provider, delivery_of("d1", "r1", offer, "n1", 1));
}

TEST(Exchange, RefusesAnOfferThatDoesNotHold) {
    World world = called();
    EXPECT_EQ(world.refusal("maker", offer_of("o1", 1)), "exchange/offer-exists");
    EXPECT_EQ(world.refusal("maker", offer_of("o3", 0)), "exchange/bad-quantity");
    EXPECT_EQ(world.refusal("maker", offer_of("o3", -1)), "exchange/bad-quantity");
    EXPECT_EQ(world.refusal("maker", offer_of("o3", quantity_max + 1)), "exchange/bad-quantity");
    EXPECT_EQ(world.refusal("maker", offer_of("o3", 1, "weapon")), "exchange/unknown-item-class");
    Offer offer = offer_of("o3", 1);
    offer.unit = id<institution::UnitId>("ton");
    EXPECT_EQ(world.refusal("maker", offer), "exchange/unknown-unit");
    offer = offer_of("o3", 1);
    offer.until = offer.from;
    EXPECT_EQ(world.refusal("maker", offer), "exchange/empty-period");
    EXPECT_EQ(world.refusal("maker", offer_of("o3", quantity_max)), "accepted");
}

TEST(Exchange, RefusesANeedThatDoesNotHold) {
    World world = called();
    EXPECT_EQ(world.refusal("arda", need_of("n1", "XAA", 1)), "exchange/need-exists");
    EXPECT_EQ(world.refusal("arda", need_of("n3", "XAA", 0)), "exchange/bad-quantity");
    EXPECT_EQ(world.refusal("arda", need_of("n3", "XAB", 1)), "exchange/wrong-destination");
    EXPECT_EQ(world.refusal("nobody", need_of("n3", "XAA", 1)), "exchange/not-a-party");
    Need need = need_of("n3", "XAA", 1);
    need.item_classes.emplace();
    EXPECT_EQ(world.refusal("arda", need), "exchange/empty-list");
    need.item_classes = {id<institution::ItemClassId>("weapon")};
    EXPECT_EQ(world.refusal("arda", need), "exchange/unknown-item-class");
    need = need_of("n3", "XAA", 1);
    need.end_use = id<institution::EndUseId>("war");
    EXPECT_EQ(world.refusal("arda", need), "exchange/unknown-end-use");
    need = need_of("n3", "XAA", 1);
    need.unit = id<institution::UnitId>("ton");
    EXPECT_EQ(world.refusal("arda", need), "exchange/unknown-unit");
    need = need_of("n3", "XAA", 1);
    need.until = need.from;
    EXPECT_EQ(world.refusal("arda", need), "exchange/empty-period");
    EXPECT_EQ(world.refusal("enna", need_of("n3", "XAB", 1)), "accepted") << "no area of its own";
}

TEST(Exchange, RefusesAWithdrawalByAnotherOrTwiceOrFromAnOpenRound) {
    World world = called();
    const OfferWithdrawal offer{id<OfferId>("o1")};
    const NeedWithdrawal need{id<NeedId>("n1")};
    EXPECT_EQ(world.refusal("maker", OfferWithdrawal{id<OfferId>("o9")}), "exchange/no-such-offer");
    EXPECT_EQ(world.refusal("arda", NeedWithdrawal{id<NeedId>("n9")}), "exchange/no-such-need");
    EXPECT_EQ(world.refusal("school", offer), "exchange/not-the-provider");
    EXPECT_EQ(world.refusal("dova", need), "exchange/not-the-member");
    world.clock("2026-08-02T00:00:00Z");
    EXPECT_EQ(world.refusal("maker", offer), "exchange/in-open-round");
    EXPECT_EQ(world.refusal("arda", need), "exchange/in-open-round");
    world.clock("2026-08-03T00:00:00Z");
    EXPECT_EQ(world.refusal("maker", offer), "exchange/in-open-round");
    world.clock("2026-08-10T00:00:00Z");
    world.must("maker", offer);
    world.must("arda", need);
    EXPECT_EQ(world.refusal("maker", offer), "exchange/withdrawn");
    EXPECT_EQ(world.refusal("arda", need), "exchange/withdrawn");
}

TEST(Exchange, RefusesARoundThatDoesNotHold) {
    World world = called();
    EXPECT_EQ(world.refusal("maker", round_of("r1")), "exchange/round-exists");
    EXPECT_EQ(world.refusal("maker", round_of("r2")), "exchange/round-open");
    EXPECT_EQ(world.refusal("maker", round_of("r2", "unheard-of")), "exchange/no-such-rule");
    EXPECT_EQ(world.refusal("maker", round_of("r2", "equal", 2)),
              "exchange/not-the-newest-version");
    Round round = round_of("r2");
    round.unit = id<institution::UnitId>("ton");
    EXPECT_EQ(world.refusal("maker", round), "exchange/unknown-unit");
    for (const int wrong : {0, 1, 2}) {
        round = round_of("r2");
        round.unit = id<institution::UnitId>("access");
        if (wrong == 0) round.freezes_at = world.institution.now;
        if (wrong == 1) round.draws_at = round.freezes_at;
        if (wrong == 2) round.answers_until = round.draws_at;
        EXPECT_EQ(world.refusal("maker", round), "exchange/bad-deadlines") << wrong;
    }
    round = round_of("r2");
    round.unit = id<institution::UnitId>("access");
    EXPECT_EQ(world.refusal("maker", round), "accepted") << "another unit has its own rounds";
}

TEST(Exchange, ANewVersionOfARuleEndsCallsUnderTheOldOne) {
    World world = called();
    freeze_and_draw(world);
    world.clock("2026-08-10T00:00:00Z");
    AllocationRule next = equal_rule();
    next.version = 2;
    EXPECT_EQ(world.adopt(next), "adopted");
    Round round = round_of("r2");
    round.freezes_at = time("2026-08-11T00:00:00Z");
    round.draws_at = time("2026-08-12T00:00:00Z");
    round.answers_until = time("2026-08-13T00:00:00Z");
    EXPECT_EQ(world.refusal("maker", round), "exchange/not-the-newest-version");
    round.rule_version = 2;
    EXPECT_EQ(world.refusal("maker", round), "accepted");
}

TEST(Exchange, RefusesACommitmentLateOrByWhoHasNoStake) {
    World world = called();
    EXPECT_EQ(world.refusal("arda", commitment_of("r9", random_of('a'))), "exchange/no-such-round");
    EXPECT_EQ(world.refusal("maker", commitment_of("r1", random_of('a'))),
              "exchange/not-in-ledger");
    EXPECT_EQ(world.refusal("arda", commitment_of("r1", random_of('a'))), "accepted");
    EXPECT_EQ(world.refusal("arda", commitment_of("r1", random_of('b'))), "accepted")
        << "replaced before the freeze";
    EXPECT_EQ(world.round("r1").commitments.at(member("arda")), sha256({random_of('b')}));
    world.institution.now = time("2026-08-02T00:00:00Z");
    EXPECT_EQ(world.refusal("arda", commitment_of("r1", random_of('c'))), "exchange/call-closed");
    world.clock("2026-08-02T00:00:00Z");
    EXPECT_EQ(world.refusal("arda", commitment_of("r1", random_of('c'))), "exchange/call-closed");
}

TEST(Exchange, RefusesARevealThatIsEarlyLateTwiceOrNotWhatWasCommitted) {
    World world = called();
    const Reveal reveal{id<RoundId>("r1"), random_of('a')};
    world.must("arda", commitment_of("r1", random_of('a')));
    EXPECT_EQ(world.refusal("arda", reveal), "exchange/not-frozen");
    world.clock("2026-08-02T00:00:00Z");
    EXPECT_EQ(world.refusal("dova", reveal), "exchange/no-commitment");
    EXPECT_EQ(world.refusal("arda", Reveal{reveal.round, random_of('b')}), "exchange/bad-reveal");
    Bytes longer = random_of('a');
    longer.push_back(std::byte{0});
    EXPECT_EQ(world.refusal("arda", Reveal{reveal.round, longer}), "exchange/bad-reveal");
    world.institution.now = time("2026-08-03T00:00:00Z");
    EXPECT_EQ(world.refusal("arda", reveal), "exchange/reveals-closed");
    world.institution.now = time("2026-08-02T23:59:59Z");
    EXPECT_EQ(world.refusal("arda", reveal), "accepted");
    EXPECT_EQ(world.refusal("arda", reveal), "exchange/already-revealed");
    world.clock("2026-08-03T00:00:00Z");
    EXPECT_EQ(world.refusal("arda", reveal), "exchange/reveals-closed");
}

TEST(Exchange, AcceptsOnlyTheDigestThatItComputed) {
    World world = called();
    EXPECT_EQ(world.refusal("maker", ResultNotice{id<RoundId>("r1"), {}}),
              "exchange/not-allocated");
    freeze_and_draw(world);
    EXPECT_EQ(world.refusal("maker", ResultNotice{id<RoundId>("r1"), {}}), "exchange/wrong-result");
    const ResultNotice notice{id<RoundId>("r1"), digest_of(world.allocated("r1").result)};
    EXPECT_EQ(world.refusal("maker", notice), "accepted");
    EXPECT_EQ(world.refusal("maker", notice), "exchange/already-published");
}

TEST(Exchange, RefusesAnAnswerByAnotherTooMuchTwiceOrLate) {
    World world = called();
    EXPECT_EQ(world.refusal("arda", acceptance_of("r1", "n1", 1)), "exchange/not-allocated");
    world.must("bela", need_of("n3", "XAB", 1));
    world.restrictions.push_back({"ban", "course", "XAB"});
    freeze_and_draw(world);
    EXPECT_EQ(world.refusal("arda", acceptance_of("r1", "n9", 1)), "exchange/not-in-round");
    EXPECT_EQ(world.refusal("dova", acceptance_of("r1", "n1", 1)), "exchange/not-the-member");
    EXPECT_EQ(world.refusal("arda", acceptance_of("r1", "n1", 6)), "exchange/bad-quantity");
    EXPECT_EQ(world.refusal("arda", acceptance_of("r1", "n1", -1)), "exchange/bad-quantity");
    EXPECT_EQ(world.refusal("bela", acceptance_of("r1", "n3", 0)), "exchange/nothing-allocated");
    EXPECT_EQ(world.refusal("arda", acceptance_of("r1", "n1", 0)), "accepted");
    EXPECT_EQ(world.refusal("arda", acceptance_of("r1", "n1", 5)), "exchange/already-answered");
    world.institution.now = time("2026-08-10T00:00:00Z");
    EXPECT_EQ(world.refusal("dova", acceptance_of("r1", "n2", 5)), "exchange/answers-closed");
    world.clock("2026-08-10T00:00:00Z");
    EXPECT_EQ(world.refusal("dova", acceptance_of("r1", "n2", 5)), "exchange/answers-closed");
}

TEST(Exchange, RefusesADeliveryThatNobodyAccepted) {
    World world;
    EXPECT_EQ(world.adopt(equal_rule()), "adopted");
    world.must("maker", offer_of("o1", 6));
    world.must("maker", offer_of("o2", 6, "lab"));
    Need need = need_of("n1", "XAA", 8);
    need.item_classes = {id<institution::ItemClassId>("course")};
    world.must("arda", need);
    world.must("maker", round_of("r1"));
    freeze_and_draw(world);
    const auto delivery = [](std::int64_t units) {
        return delivery_of("d1", "r1", "o1", "n1", units);
    };
    EXPECT_EQ(world.refusal("maker", delivery(1)), "exchange/not-accepted");
    world.must("arda", acceptance_of("r1", "n1", 4));
    EXPECT_EQ(world.refusal("school", delivery(1)), "exchange/not-the-provider");
    EXPECT_EQ(world.refusal("maker", delivery_of("d1", "r1", "o9", "n1", 1)),
              "exchange/no-such-offer");
    EXPECT_EQ(world.refusal("maker", delivery_of("d1", "r9", "o1", "n1", 1)),
              "exchange/no-such-round");
    EXPECT_EQ(world.refusal("maker", delivery_of("d1", "r1", "o2", "n1", 1)),
              "exchange/no-such-line");
    EXPECT_EQ(world.refusal("maker", delivery(0)), "exchange/bad-quantity");
    EXPECT_EQ(world.refusal("maker", delivery(5)), "exchange/over-delivery");
    EXPECT_EQ(world.refusal("maker", delivery(3)), "accepted");
    EXPECT_EQ(world.refusal("maker", delivery(1)), "exchange/delivery-exists");
    EXPECT_EQ(world.refusal("maker", delivery_of("d2", "r1", "o1", "n1", 2)),
              "exchange/over-delivery");
    EXPECT_EQ(world.refusal("maker", delivery_of("d2", "r1", "o1", "n1", 1)), "accepted");

    EXPECT_EQ(world.refusal("arda", confirmation_of("d9", 1)), "exchange/no-such-delivery");
    EXPECT_EQ(world.refusal("maker", confirmation_of("d1", 1)), "exchange/not-the-member");
    EXPECT_EQ(world.refusal("arda", confirmation_of("d1", 4)), "exchange/bad-quantity");
    Confirmation odd = confirmation_of("d1", 0);
    odd.quantity = 1;
    EXPECT_EQ(world.refusal("arda", odd), "exchange/bad-quantity");
    odd = confirmation_of("d1", 1);
    odd.quantity = 0;
    EXPECT_EQ(world.refusal("arda", odd), "exchange/bad-quantity");
    EXPECT_EQ(world.refusal("arda", confirmation_of("d1", 2)), "accepted");
    EXPECT_EQ(world.refusal("arda", confirmation_of("d1", 2)), "exchange/already-confirmed");
    EXPECT_EQ(world.refusal("arda", confirmation_of("d2", 0)), "accepted") << "not delivered";
}

TEST(Exchange, RefusesARuleOrTableThatDoesNotHold) {
    World world;
    AllocationRule rule = equal_rule();
    rule.version = 2;
    EXPECT_EQ(world.adopt(rule), "exchange/wrong-version");
    rule.version = 1;
    rule.weights = id<WeightTableId>("people");
    EXPECT_EQ(world.adopt(rule), "exchange/no-such-weights");
    rule.weights = {};
    rule.floor = GroupFloor{id<institution::GroupId>("other"), {1, 2}};
    EXPECT_EQ(world.adopt(rule), "exchange/unknown-group");
    for (const Rational share : {Rational{0, 1}, Rational{-1, 2}, Rational{3, 2}}) {
        rule.floor = GroupFloor{id<institution::GroupId>("list"), share};
        EXPECT_EQ(world.adopt(rule), "exchange/bad-share") << share.text();
        rule.floor = {};
        rule.member_cap = share;
        EXPECT_EQ(world.adopt(rule), "exchange/bad-share") << share.text();
        rule.member_cap = {};
    }
    WeightTable table;
    table.id = id<WeightTableId>("people");
    EXPECT_EQ(world.adopt(table), "exchange/empty-list");
    table.weights[member("arda")] = 0;
    EXPECT_EQ(world.adopt(table), "exchange/bad-weight");
    table.weights[member("arda")] = (std::int64_t{1} << 40) + 1;
    EXPECT_EQ(world.adopt(table), "exchange/bad-weight");
    table.weights = {{member("nobody"), 1}};
    EXPECT_EQ(world.adopt(table), "exchange/unknown-member");
    table.weights = {{member("arda"), 1}};
    EXPECT_EQ(world.adopt(table), "adopted");
    EXPECT_EQ(world.adopt(table), "exchange/wrong-version");
    rule.weights = table.id;
    EXPECT_EQ(world.adopt(rule), "adopted");
}

TEST(Exchange, TheStateReadsBackFromItsOctets) {
    World world = drawn();
    world.must("arda", acceptance_of("r1", "n1", 3));
    const Bytes octets = codec::to_cbor(world.exchange);
    const auto read = codec::from_cbor<Exchange>(octets);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(codec::to_cbor(*read), octets);
}

}  // namespace
}  // namespace comity::exchange
