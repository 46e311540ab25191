// SPDX-License-Identifier: Apache-2.0

// What follows a result, through the acts of members: departures, disputes, claims, calls that
// repeat, and the reasons of needs that stand apart.

#include <gmock/gmock.h>

#include <limits>

#include "exchange/benefit.h"
#include "exchange/exchange_world.h"
#include "exchange/queries.h"
#include "exchange/round.h"

namespace comity::exchange {
namespace {

using ::testing::ElementsAre;

/// With answers until the day after the draw.
Round short_round(std::string_view name) {
    Round called = round_of(name);
    called.answers_until = time("2026-08-04T00:00:00Z");
    return called;
}

/// r2, after the answers of r1.
Round next_round() {
    Round next = short_round("r2");
    next.freezes_at = time("2026-08-05T00:00:00Z");
    next.draws_at = time("2026-08-06T00:00:00Z");
    next.answers_until = time("2026-08-07T00:00:00Z");
    return next;
}

void expect_whole(const World& world) {
    for (const auto& [name, record] : world.exchange.offers) {
        EXPECT_GE(record.promised, 0) << name.text();
        EXPECT_GE(free_units(record), 0) << name.text();
    }
    for (const auto& [name, record] : world.exchange.needs) {
        EXPECT_GE(record.promised, 0) << name.text();
        EXPECT_GE(record.given_back, 0) << name.text();
    }
}

/// The places of `maker` shared by arda (6 asked) and bela (4 asked), all answered.
struct Drawn : World {
    explicit Drawn(std::int64_t offered = 8, const AllocationRule& rule = equal_rule()) {
        EXPECT_EQ(adopt(rule), "adopted");
        must("maker", offer_of("course", offered));
        must("arda", need_of("a", "XAA", 6));
        must("bela", need_of("b", "XAB", 4));
        must("school", short_round("r1"));
        clock("2026-08-02T00:00:00Z");
        clock("2026-08-03T00:00:00Z");
    }

    void close() {
        must("arda", acceptance_of("r1", "a", 4));
        must("bela", acceptance_of("r1", "b", 4));
        clock("2026-08-04T00:00:00Z");
    }

    Departure departure(std::string_view of, std::int64_t units, DepartureKind kind) const {
        Departure gone;
        gone.round = id<RoundId>("r1");
        gone.offer = id<OfferId>("course");
        gone.need = id<NeedId>(of);
        gone.quantity = units;
        gone.kind = kind;
        gone.reason = "The hall burned down.";
        return gone;
    }

    LineState line(std::string_view of) const {
        return line_state(exchange, id<RoundId>("r1"), id<NeedId>(of), id<OfferId>("course"));
    }

    const OfferRecord& course() const { return exchange.offers.at(id<OfferId>("course")); }
    const NeedRecord& stated(std::string_view of) const {
        return exchange.needs.at(id<NeedId>(of));
    }
    RoundView view(std::string_view of = "r1") const {
        return view_round(exchange, id<RoundId>(of)).value();
    }
};

TEST(Departure, OfAProviderTakesTheUnitsAwayAndOpensTheNeed) {
    Drawn world;
    world.close();
    EXPECT_EQ(world.refusal("bela", world.departure("b", 1, DepartureKind::not_available)),
              "exchange/not-the-provider");
    EXPECT_EQ(world.refusal("maker", world.departure("b", 5, DepartureKind::not_available)),
              "exchange/over-departure");
    EXPECT_EQ(world.refusal("maker", world.departure("b", 0, DepartureKind::not_available)),
              "exchange/bad-quantity");
    auto wordless = world.departure("b", 1, DepartureKind::not_available);
    wordless.reason.clear();
    EXPECT_EQ(world.refusal("maker", wordless), "exchange/bad-reason");

    world.must("maker", world.departure("b", 3, DepartureKind::not_available));
    EXPECT_EQ(free_units(world.course()), 0) << "what cannot be provided is not offered again";
    EXPECT_EQ(unmet_units(world.stated("b")), 3);
    EXPECT_EQ(world.line("b").undelivered(), 1);
    EXPECT_EQ(world.refusal("maker", delivery_of("d", "r1", "course", "b", 2)),
              "exchange/over-delivery");

    const UnmetList unmet = unmet_in(world.exchange, id<institution::UnitId>("place"));
    ASSERT_EQ(unmet.rows.size(), 2U);  // arda lacks 2 for want of units
    EXPECT_EQ(unmet.rows[1].barrier, Barrier::not_available);
    EXPECT_EQ(unmet.rows[1].units, 3);
    expect_whole(world);
}

TEST(Departure, OfAReceiverFreesTheUnitsAndIsNotAskedAgain) {
    Drawn world;
    world.close();
    EXPECT_EQ(world.refusal("maker", world.departure("b", 1, DepartureKind::given_up)),
              "exchange/not-the-member");
    world.must("bela", world.departure("b", 1, DepartureKind::given_up));
    EXPECT_EQ(free_units(world.course()), 1);
    EXPECT_EQ(unmet_units(world.stated("b")), 0);
    EXPECT_EQ(world.refusal("bela", world.departure("b", 1, DepartureKind::returned)),
              "exchange/over-departure")
        << "nothing is confirmed";

    world.must("maker", delivery_of("d", "r1", "course", "b", 3));
    EXPECT_EQ(world.refusal("bela", world.departure("b", 1, DepartureKind::given_up)),
              "exchange/over-departure")
        << "what is on the way can be given up no more";
    world.must("bela", confirmation_of("d", 3));
    world.must("bela", world.departure("b", 2, DepartureKind::returned));
    EXPECT_EQ(free_units(world.course()), 3);
    EXPECT_EQ(unmet_units(world.stated("b")), 0);
    const auto journey = journey_of(world.exchange, id<NeedId>("b")).value();
    EXPECT_EQ(journey.confirmed, 1);
    EXPECT_EQ(journey.rounds.at(0).departures.size(), 2U);
    expect_whole(world);
}

TEST(Departure, ForARestrictionMustNameOneInForce) {
    Drawn world;
    world.close();
    auto gone = world.departure("b", 2, DepartureKind::restricted);
    EXPECT_EQ(world.refusal("maker", gone), "exchange/bad-departure");
    gone.restriction = id<institution::RestrictionId>("embargo");
    EXPECT_EQ(world.refusal("maker", gone), "exchange/not-restricted");
    world.restrictions.push_back({"embargo", "course", "XAB"});
    auto misplaced = world.departure("b", 2, DepartureKind::not_available);
    misplaced.restriction = gone.restriction;
    EXPECT_EQ(world.refusal("maker", misplaced), "exchange/bad-departure");
    world.must("maker", gone);
    EXPECT_EQ(free_units(world.course()), 2) << "others may lawfully use them";
    const UnmetList unmet = unmet_in(world.exchange, id<institution::UnitId>("place"));
    EXPECT_EQ(unmet.rows.at(1).barrier, Barrier::restricted);
    EXPECT_THAT(unmet.rows.at(1).restrictions,
                ElementsAre(id<institution::RestrictionId>("embargo")));
    EXPECT_EQ(unmet.restrictions.at(id<institution::RestrictionId>("embargo")), 2);
}

TEST(Departure, SaysWhatItChangedForTheMemberAndTheWorstOff) {
    Drawn world;
    world.close();
    world.must("maker", world.departure("a", 1, DepartureKind::not_available));
    world.must("maker", world.departure("b", 3, DepartureKind::not_available));
    const RoundView view = world.view();
    ASSERT_EQ(view.departures.size(), 2U);
    const DepartureEffect& first = view.departures[0];
    EXPECT_EQ(first.record.author, member("maker"));
    EXPECT_EQ(first.member, member("arda"));
    EXPECT_EQ(first.level_before, (Rational{4, 1}));
    EXPECT_EQ(first.level_after, (Rational{3, 1}));
    EXPECT_EQ(first.worst_before, (Rational{4, 1}));
    EXPECT_EQ(first.worst_after, (Rational{3, 1}));
    EXPECT_EQ(view.departures[1].worst_before, (Rational{3, 1}));
    EXPECT_EQ(view.departures[1].worst_after, (Rational{1, 1}));
    EXPECT_EQ(view.members.at(1).fell_away, 3);
}

TEST(Departure, OfAReceiverKeepsItOutOfTheRoundThatContinues) {
    Drawn world;
    world.close();
    world.must("bela", world.departure("b", 2, DepartureKind::given_up));
    Round next = next_round();
    next.continues = id<RoundId>("r1");
    world.must("bela", need_of("b2", "XAB", 9));
    world.must("school", next);
    world.clock("2026-08-05T00:00:00Z");
    world.clock("2026-08-06T00:00:00Z");
    const RoundView view = world.view("r2");
    ASSERT_EQ(view.needs.size(), 1U);
    EXPECT_EQ(view.needs[0].result.member, member("arda"));
    EXPECT_EQ(view.needs[0].result.allocated, 2);
}

TEST(Reasons, OfWhoDeclinedAndOfAnotherWindow) {
    Drawn world;
    world.must("arda", acceptance_of("r1", "a", 4));
    world.must("bela", acceptance_of("r1", "b", 1));
    world.clock("2026-08-04T00:00:00Z");
    Round next = next_round();
    next.continues = id<RoundId>("r1");
    world.must("school", next);
    world.clock("2026-08-05T00:00:00Z");
    EXPECT_EQ(world.refusal("bela", NeedWithdrawal{id<NeedId>("b")}), "exchange/in-open-round");
    world.clock("2026-08-06T00:00:00Z");
    const RoundView view = world.view("r2");
    ASSERT_EQ(view.needs.size(), 2U);
    EXPECT_EQ(view.needs[0].result.allocated, 2);
    EXPECT_EQ(view.needs[1].result.reason, Reason::declined);
    EXPECT_EQ(view.needs[1].result.asked, 3);
    EXPECT_EQ(view.needs[1].result.allocated, 0);

    World other;
    EXPECT_EQ(other.adopt(equal_rule()), "adopted");
    Offer early = offer_of("course", 5);
    early.until = day("2026-08-20");
    other.must("maker", early);
    other.must("arda", need_of("a", "XAA", 2));
    Need choosy = need_of("b", "XAB", 2);
    choosy.item_classes = {{id<institution::ItemClassId>("model")}};
    other.must("bela", choosy);
    other.must("school", short_round("r1"));
    other.clock("2026-08-02T00:00:00Z");
    other.clock("2026-08-03T00:00:00Z");
    const RoundView drawn = view_round(other.exchange, id<RoundId>("r1")).value();
    EXPECT_EQ(drawn.needs.at(0).result.reason, Reason::outside_window);
    EXPECT_EQ(drawn.needs.at(1).result.reason, Reason::no_offer);
}

TEST(Dispute, LetsTheReceiverCorrectAndKeepsWhatWasSaid) {
    Drawn world;
    world.close();
    world.must("maker", delivery_of("d", "r1", "course", "b", 4));
    world.must("bela", confirmation_of("d", 1));
    EXPECT_EQ(world.refusal("bela", confirmation_of("d", 4)), "exchange/already-confirmed");
    EXPECT_EQ(world.refusal("arda", Dispute{id<DeliveryId>("d"), "All four were used."}),
              "exchange/not-between-them");
    EXPECT_EQ(world.refusal("maker", Dispute{id<DeliveryId>("d"), ""}), "exchange/bad-reason");
    world.must("maker", Dispute{id<DeliveryId>("d"), "All four were used."});
    EXPECT_EQ(world.refusal("bela", Dispute{id<DeliveryId>("d"), "No."}),
              "exchange/already-disputed");
    EXPECT_EQ(world.refusal("bela", DisputeWithdrawal{id<DeliveryId>("d")}),
              "exchange/not-the-disputer");
    world.must("bela", confirmation_of("d", 4));
    const DeliveryRecord& record = world.exchange.deliveries.at(id<DeliveryId>("d"));
    ASSERT_EQ(record.arrivals.size(), 2U);
    EXPECT_EQ(record.arrivals[0].confirmation.quantity, 1);
    EXPECT_EQ(record.arrivals[1].confirmation.quantity, 4);
    EXPECT_FALSE(record.is_disputed());
    EXPECT_EQ(world.refusal("maker", DisputeWithdrawal{id<DeliveryId>("d")}),
              "exchange/not-disputed");
}

TEST(Dispute, CannotCountUnitsTwice) {
    Drawn world;
    world.close();
    world.must("maker", delivery_of("d", "r1", "course", "b", 4));
    world.must("bela", confirmation_of("d", 1));
    world.must("maker",
               delivery_of("again", "r1", "course", "b", 2));  // what did not arrive is still open
    world.must("maker", Dispute{id<DeliveryId>("d"), "All four were used."});
    EXPECT_EQ(world.refusal("bela", confirmation_of("d", 3)), "exchange/over-delivery");
    world.must("bela", confirmation_of("again", 0));
    world.must("bela", confirmation_of("d", 3));
    world.must("bela", world.departure("b", 3, DepartureKind::returned));
    world.must("bela", Dispute{id<DeliveryId>("d"), "I miscounted."});
    EXPECT_EQ(world.refusal("bela", confirmation_of("d", 2)), "exchange/over-departure");
    world.must("bela", DisputeWithdrawal{id<DeliveryId>("d")});
    EXPECT_EQ(world.line("b").confirmed, 3);
    EXPECT_EQ(world.line("b").undelivered(), 1);
}

TEST(Dispute, IsSettledByAMotion) {
    Drawn world;
    world.close();
    world.must("maker", delivery_of("d", "r1", "course", "b", 4));
    const DisputeSettlement said{id<DeliveryId>("d"), 3};
    EXPECT_EQ(check_settlement(world.exchange, said).error().reason, "exchange/not-disputed");
    world.must("maker", Dispute{id<DeliveryId>("d"), "The receiver is silent."});
    EXPECT_EQ(check_settlement(world.exchange, {id<DeliveryId>("d"), 5}).error().reason,
              "exchange/bad-quantity");
    ASSERT_TRUE(check_settlement(world.exchange, said));
    apply_settlement(world.exchange, "motion-7", world.index++, said);
    const DeliveryRecord& record = world.exchange.deliveries.at(id<DeliveryId>("d"));
    ASSERT_NE(record.arrival(), nullptr);
    EXPECT_EQ(record.arrival()->confirmation.quantity, 3);
    EXPECT_EQ(record.arrival()->motion, "motion-7");
    EXPECT_FALSE(record.is_disputed());
    EXPECT_EQ(world.line("b").undelivered(), 1);
}

TEST(Dispute, EndsInNoMoreThanItsBound) {
    Drawn world;
    world.close();
    world.must("maker", delivery_of("d", "r1", "course", "b", 4));
    for (std::size_t i = 0; i < disputes_max; ++i) {
        world.must("maker", Dispute{id<DeliveryId>("d"), "Say something."});
        world.must("maker", DisputeWithdrawal{id<DeliveryId>("d")});
    }
    EXPECT_EQ(world.refusal("maker", Dispute{id<DeliveryId>("d"), "Once more."}),
              "exchange/already-disputed");
}

AllocationRule first_come() {
    AllocationRule rule = equal_rule();
    rule.first_come = true;
    return rule;
}

Claim claim(std::string_view of, std::int64_t units) {
    return {id<RoundId>("r1"), id<NeedId>(of), id<OfferId>("course"), units};
}

TEST(Claim, TakesWhatNobodyWantedUntilTheNextRoundFreezes) {
    Drawn world(20, first_come());
    EXPECT_TRUE(world.view().is_plentiful);
    EXPECT_EQ(world.view().left_over, 10);
    world.must("cira", need_of("c", "XAC", 30));
    EXPECT_EQ(world.refusal("cira", claim("c", 1)), "exchange/round-open");
    world.must("arda", acceptance_of("r1", "a", 6));
    world.must("bela", acceptance_of("r1", "b", 4));
    world.clock("2026-08-04T00:00:00Z");
    EXPECT_EQ(world.refusal("arda", claim("c", 1)), "exchange/not-the-member");
    EXPECT_EQ(world.refusal("cira", claim("c", 11)), "exchange/nothing-left");
    EXPECT_EQ(world.refusal("bela", claim("b", 1)), "exchange/withdrawn") << "it has all it asks";
    world.restrictions.push_back({"embargo", "course", "XAC"});
    EXPECT_EQ(world.refusal("cira", claim("c", 1)), "exchange/not-lawful");
    world.restrictions.clear();
    world.must("cira", claim("c", 7));
    world.must("cira", claim("c", 1));
    EXPECT_EQ(free_units(world.course()), 2);
    EXPECT_EQ(world.line("c").accepted, 8);
    world.must("maker", delivery_of("d", "r1", "course", "c", 8));
    world.must("cira", confirmation_of("d", 8));
    EXPECT_EQ(world.view().claims.size(), 2U);

    Round next = next_round();
    world.must("school", next);
    world.must("cira", claim("c", 1));
    world.clock("2026-08-05T00:00:00Z");
    EXPECT_EQ(world.refusal("cira", claim("c", 1)), "exchange/claims-closed");
    expect_whole(world);
}

TEST(Claim, OnlyUnderARuleThatHasItAndNotOfWhatOthersWant) {
    Drawn without(20);
    without.must("cira", need_of("c", "XAC", 3));
    without.must("arda", acceptance_of("r1", "a", 6));
    without.must("bela", acceptance_of("r1", "b", 4));
    without.clock("2026-08-04T00:00:00Z");
    EXPECT_EQ(without.refusal("cira", claim("c", 1)), "exchange/no-claims");

    Drawn scarce(8, first_come());
    EXPECT_FALSE(scarce.view().is_plentiful);
    scarce.must("cira", need_of("c", "XAC", 3));
    scarce.must("arda", acceptance_of("r1", "a", 4));
    scarce.must("bela", acceptance_of("r1", "b", 1));  // gives back what arda still wants
    scarce.clock("2026-08-04T00:00:00Z");
    EXPECT_EQ(scarce.refusal("cira", claim("c", 1)), "exchange/still-wanted");
}

TEST(Claim, StaysWithinTheCap) {
    AllocationRule rule = first_come();
    rule.member_cap = Rational{1, 4};
    Drawn world(40, rule);
    world.must("arda", acceptance_of("r1", "a", 6));
    world.must("bela", acceptance_of("r1", "b", 4));
    world.clock("2026-08-04T00:00:00Z");
    world.must("arda", need_of("a2", "XAA", 9));
    EXPECT_EQ(world.refusal("arda", claim("a2", 5)), "exchange/member-cap");
    world.must("arda", claim("a2", 4));
}

Round repeating(std::uint32_t days, std::uint32_t times) {
    Round called = short_round("r1");
    called.repeats = Repetition{days, times};
    return called;
}

TEST(Repetition, IsRefusedWhereRoundsWouldOverlapOrDrawsHaveDates) {
    World world;
    EXPECT_EQ(world.adopt(equal_rule()), "adopted");
    EXPECT_EQ(world.refusal("school", repeating(0, 1)), "exchange/bad-repetition");
    EXPECT_EQ(world.refusal("school", repeating(1, 0)), "exchange/bad-repetition");
    EXPECT_EQ(world.refusal("school", repeating(2, 1)), "exchange/bad-repetition")
        << "it would freeze when answers close";
    EXPECT_EQ(world.refusal("school", repeating(7, repetitions_max + 1)),
              "exchange/bad-repetition");
    Round dated = repeating(7, 2);
    dated.answers_until = time("2026-08-08T00:00:00Z");
    dated.public_source =
        PublicSource{PublishedDraws{{NamedDraw{"A lottery", "Six numbers", day("2026-08-05")}}},
                     time("2026-08-07T20:00:00Z")};
    EXPECT_EQ(world.refusal("school", dated), "exchange/bad-repetition");
    Round named = repeating(7, 2);
    named.id = id<RoundId>(std::string(62, 'r'));
    EXPECT_EQ(world.refusal("school", named), "exchange/bad-repetition");
}

TEST(Repetition, OpensRoundAfterRoundUnderTheNewestRule) {
    World world;
    EXPECT_EQ(world.adopt(equal_rule()), "adopted");
    world.must("maker", offer_of("course", 8));
    world.must("school", repeating(7, 2));
    world.clock("2026-08-02T00:00:00Z");
    world.clock("2026-08-03T00:00:00Z");
    EXPECT_EQ(world.exchange.rounds.size(), 1U);
    AllocationRule second = equal_rule();
    second.version = 2;
    EXPECT_EQ(world.adopt(second), "adopted");
    world.clock("2026-08-04T00:00:00Z");
    ASSERT_EQ(world.exchange.rounds.size(), 2U);
    const RoundRecord& next = world.exchange.rounds.at(id<RoundId>("r1-1"));
    EXPECT_EQ(next.round.freezes_at, time("2026-08-09T00:00:00Z"));
    EXPECT_EQ(next.round.answers_until, time("2026-08-11T00:00:00Z"));
    EXPECT_EQ(next.round.rule_version, 2U);
    EXPECT_EQ(next.repeated->call, id<RoundId>("r1"));
    EXPECT_EQ(next.repeated->number, 1U);
    Round another = next.round;
    another.id = id<RoundId>("r9");
    EXPECT_EQ(world.refusal("school", another), "exchange/round-open");

    // A need that comes in between takes part in the next round.
    world.must("arda", need_of("a", "XAA", 3));
    world.clock("2026-08-09T00:00:00Z");
    world.clock("2026-08-10T00:00:00Z");
    EXPECT_EQ(view_round(world.exchange, id<RoundId>("r1-1")).value().allocated, 3);
    world.clock("2026-08-11T00:00:00Z");
    ASSERT_TRUE(world.exchange.rounds.contains(id<RoundId>("r1-2")));
    world.clock("2026-08-16T00:00:00Z");
    world.clock("2026-08-17T00:00:00Z");
    world.clock("2026-08-18T00:00:00Z");
    EXPECT_EQ(world.exchange.rounds.size(), 3U) << "it repeats twice";
}

TEST(Repetition, LeavesOutWhatALateClockMissedAndIsEnded) {
    World world;
    EXPECT_EQ(world.adopt(equal_rule()), "adopted");
    world.must("school", repeating(7, 5));
    world.clock("2026-08-02T00:00:00Z");
    world.clock("2026-08-03T00:00:00Z");
    world.clock("2026-08-17T00:00:00Z");  // the freezes of 9 and 16 August are past
    ASSERT_EQ(world.exchange.rounds.size(), 2U);
    ASSERT_TRUE(world.exchange.rounds.contains(id<RoundId>("r1-3")));
    EXPECT_EQ(world.exchange.rounds.at(id<RoundId>("r1-3")).round.freezes_at,
              time("2026-08-23T00:00:00Z"));
    EXPECT_EQ(world.refusal("school", RepetitionEnd{id<RoundId>("r1-3")}), "exchange/not-repeated");
    world.must("school", RepetitionEnd{id<RoundId>("r1")});
    EXPECT_EQ(world.refusal("school", RepetitionEnd{id<RoundId>("r1")}),
              "exchange/repetition-ended");
    world.clock("2026-08-23T00:00:00Z");
    world.clock("2026-08-24T00:00:00Z");
    world.clock("2026-08-25T00:00:00Z");
    EXPECT_EQ(world.exchange.rounds.size(), 2U);
}

TEST(Repetition, IsBoundedWhateverAStatementSays) {
    Round called = repeating(1, std::numeric_limits<std::uint32_t>::max());
    EXPECT_FALSE(round_of_call(called, id<RoundId>("r2"), 1));
    EXPECT_FALSE(round_of_call(called, id<RoundId>("r1-1001"), 1));
    const auto last = round_of_call(called, id<RoundId>("r1-1000"), 4);
    ASSERT_TRUE(last);
    EXPECT_EQ(last->rule_version, 4U);
    EXPECT_EQ(last->freezes_at.seconds, called.freezes_at.seconds + 1'000 * 86'400);
}

TEST(Repetition, GoesOnAfterARoundThatFailed) {
    World world;
    EXPECT_EQ(world.adopt(equal_rule()), "adopted");
    Round called = repeating(7, 1);
    called.public_source = PublicSource{DrandQuicknet{}, time("2026-08-03T12:00:00Z")};
    world.must("school", called);
    world.clock("2026-08-02T00:00:00Z");
    world.clock("2026-08-03T12:00:00Z");
    EXPECT_TRUE(std::holds_alternative<Failed>(world.exchange.rounds.at(id<RoundId>("r1")).stage));
    ASSERT_TRUE(world.exchange.rounds.contains(id<RoundId>("r1-1")));
    EXPECT_EQ(world.exchange.rounds.at(id<RoundId>("r1-1")).round.public_source->enter_until,
              time("2026-08-10T12:00:00Z"));
}

TEST(Benefit, CountsWhatWasNotReturnedAndWhatIsDisputed) {
    Drawn world;
    world.close();
    world.must("maker", delivery_of("d", "r1", "course", "b", 4));
    world.must("bela", confirmation_of("d", 4));
    world.must("bela", world.departure("b", 4, DepartureKind::returned));
    world.must("maker", Dispute{id<DeliveryId>("d"), "They were used."});
    world.must("maker", world.departure("a", 4, DepartureKind::not_available));
    const BenefitLedger ledger = benefit(world.exchange, world.institution,
                                         {.unit = id<institution::UnitId>("place"),
                                          .member_class = id<institution::ClassId>("state"),
                                          .group = {},
                                          .without = {},
                                          .weights = {}})
                                     .value();
    const MemberBenefit& bela = ledger.members.at(1);
    EXPECT_EQ(bela.confirmed, 0);
    EXPECT_EQ(bela.returned, 4);
    EXPECT_EQ(bela.disputed, 4);
    ASSERT_EQ(ledger.zero_receivers.size(), 2U);
    EXPECT_EQ(ledger.zero_receivers[0].cause, ZeroCause::fell_away);
    EXPECT_EQ(ledger.zero_receivers[1].cause, ZeroCause::fell_away);
}

UnitTable reference_hours() {
    UnitTable table;
    table.unit = id<institution::UnitId>("place");
    table.factors = {{id<institution::UnitId>("access"), 4}};
    return table;
}

TEST(Units, AreAdoptedByVersionAndWithinBounds) {
    World world;
    const auto adopted = [&](const auto& bend) {
        UnitTable table = reference_hours();
        bend(table);
        return world.adopt(table);
    };
    const auto access = id<institution::UnitId>("access");
    EXPECT_EQ(adopted([](UnitTable& t) { t.version = 2; }), "exchange/wrong-version");
    EXPECT_EQ(adopted([](UnitTable& t) { t.unit = id<institution::UnitId>("hour"); }),
              "exchange/unknown-unit");
    EXPECT_EQ(adopted([](UnitTable& t) { t.factors.clear(); }), "exchange/empty-list");
    EXPECT_EQ(adopted([&](UnitTable& t) { t.factors[access] = 0; }), "exchange/bad-factor");
    EXPECT_EQ(adopted([&](UnitTable& t) { t.factors[access] = unit_factor_max + 1; }),
              "exchange/bad-factor");
    EXPECT_EQ(adopted([](UnitTable& t) { t.factors[t.unit] = 2; }), "exchange/bad-factor");
    EXPECT_EQ(adopted([](UnitTable&) {}), "adopted");
}

TEST(Units, OfOffersAndNeedsAreCountedByTheTableInForceWhenTheyWereStated) {
    World world;
    EXPECT_EQ(world.adopt(equal_rule()), "adopted");
    Offer fast = offer_of("fast", 3);
    fast.unit = id<institution::UnitId>("access");
    fast.counts_in = id<institution::UnitId>("place");
    EXPECT_EQ(world.refusal("maker", fast), "exchange/no-conversion");
    EXPECT_EQ(world.adopt(reference_hours()), "adopted");
    Offer vast = fast;
    vast.quantity = quantity_max / 4 + 1;
    EXPECT_EQ(world.refusal("maker", vast), "exchange/bad-quantity");
    world.must("maker", fast);
    world.must("maker", offer_of("slow", 5));
    UnitTable next = reference_hours();
    next.version = 2;
    next.factors[id<institution::UnitId>("access")] = 9;
    EXPECT_EQ(world.adopt(next), "adopted");
    Need own = need_of("a", "XAA", 1);
    own.unit = id<institution::UnitId>("access");
    own.counts_in = id<institution::UnitId>("place");
    own.minimum = 1;
    world.must("arda", own);
    world.must("bela", need_of("b", "XAB", 30));
    world.must("school", short_round("r1"));
    freeze_and_draw(world);

    const Allocated& drawn = world.allocated("r1");
    ASSERT_EQ(drawn.inputs.offers.size(), 2U);
    EXPECT_EQ(drawn.inputs.offers[0].quantity, 12) << "3, each as 4";
    EXPECT_EQ(drawn.inputs.offers[0].converted,
              (Converted{id<institution::UnitId>("access"), 1, 4}));
    EXPECT_FALSE(drawn.inputs.offers[1].converted);
    EXPECT_EQ(drawn.inputs.needs[0].quantity, 9);
    EXPECT_EQ(drawn.inputs.needs[0].minimum, 9);
    EXPECT_EQ(world.outcome("r1", "a").allocated + world.outcome("r1", "b").allocated, 17);
    EXPECT_EQ(free_units(world.exchange.offers.at(id<OfferId>("fast"))), 0);
    world.must("bela", acceptance_of("r1", "b", 1));
    const UnmetList unmet = unmet_in(world.exchange, id<institution::UnitId>("place"));
    EXPECT_EQ(unmet.total, 30 - 1 + 9 - world.outcome("r1", "a").allocated);
    EXPECT_TRUE(unmet_in(world.exchange, id<institution::UnitId>("access")).rows.empty());
}

}  // namespace
}  // namespace comity::exchange
