// SPDX-License-Identifier: Apache-2.0

// Why we trust public values: the number of a round of quicknet is checked against the definition
// at every second around its times, seeds with values that drand published are those of a third
// implementation (docs/spec/vectors/lottery.json), and every field of a source and a value, bent,
// is refused with its reason.

#include "exchange/beacon.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include "codec/describe.h"
#include "exchange/exchange_world.h"
#include "exchange/lottery.h"
#include "exchange/queries.h"

namespace comity::exchange {
namespace {

struct VectorCase {
    std::string name;
    Digest root;
    std::map<std::string, Digest> reveals;
    std::optional<PublicValue> public_value;
    Digest seed;
    std::vector<std::string> order;
    std::vector<Digest> redraws;
};
BOOST_DESCRIBE_STRUCT(VectorCase, (), (name, root, reveals, public_value, seed, order, redraws))

struct Vectors {
    std::string note;
    std::vector<std::string> members;
    std::vector<VectorCase> cases;
};
BOOST_DESCRIBE_STRUCT(Vectors, (), (note, members, cases))

Vectors vectors() {
    std::ifstream in(COMITY_SOURCE_DIR "/docs/spec/vectors/lottery.json", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    auto read = codec::from_json<Vectors>(text);
    if (!read) ADD_FAILURE() << read.error().message;
    return read ? std::move(read).value() : Vectors{};
}

/// Of any signature: the fold does not verify it.
DrandValue value_of(std::uint64_t number) {
    DrandValue value;
    value.number = number;
    value.signature = Bytes(quicknet_signature_bytes, std::byte{0x5a});
    value.randomness = sha256({value.signature});
    return value;
}

const Timestamp draws_at = time("2026-08-03T00:00:00Z");
const Timestamp answers_until = time("2026-08-10T00:00:00Z");

PublicSource quicknet_source() {
    return {.source = DrandQuicknet{}, .enter_until = time("2026-08-04T00:00:00Z")};
}

PublicSource published_source() {
    return {.source = PublishedDraws{.draws = {{"Issuer A", "Six numbers", day("2026-08-04")},
                                               {"Issuer B", "Lotto", day("2026-08-05")}}},
            .enter_until = time("2026-08-07T00:00:00Z")};
}

std::string judged(const PublicSource& source) {
    const Result<> checked = check_public_source(source, draws_at, answers_until);
    return checked ? "right" : std::string(checked.error().reason);
}

std::string judged(const PublicSource& source, const PublicValue& value) {
    const Result<> checked = check_public_value(source, draws_at, value);
    return checked ? "right" : std::string(checked.error().reason);
}

TEST(Beacon, SeedsWithPublicValuesAreThoseOfTheVectors) {
    const Vectors known = vectors();
    ASSERT_GE(known.cases.size(), 5U);
    for (const VectorCase& vector : known.cases) {
        std::vector<LotteryReveal> reveals;
        for (const auto& [member, value] : vector.reveals) reveals.push_back({member, value});
        Bytes octets;
        if (const auto& value = vector.public_value) octets = *seed_octets(*value);
        const Result<Digest> seed = lottery_seed(vector.root, reveals, octets);
        ASSERT_TRUE(seed);
        EXPECT_EQ(seed->text(), vector.seed.text()) << vector.name;
        const auto ranks = lottery_ranks(*seed, known.members);
        for (std::size_t m = 0; m < known.members.size(); ++m) {
            EXPECT_EQ(vector.order.at(ranks[m]), known.members[m]) << vector.name;
        }
        ASSERT_EQ(vector.redraws.size(), 3U);
        for (std::uint32_t k = 1; k <= 3; ++k) {
            EXPECT_EQ(redraw_seed(*seed, k), vector.redraws[k - 1]) << vector.name;
        }
    }
}

TEST(Beacon, WhatDrandPublishedIsAValueOfTheRoundThatItsTimeGives) {
    std::size_t real = 0;
    for (const VectorCase& vector : vectors().cases) {
        if (!vector.public_value) continue;
        const auto* drand = std::get_if<DrandValue>(&*vector.public_value);
        if (drand == nullptr) continue;
        ++real;
        const Timestamp at{quicknet_time_of(drand->number).seconds - reveal_margin_seconds};
        EXPECT_TRUE(check_public_value(quicknet_source(), at, *drand));
        EXPECT_TRUE(check_public_value(quicknet_source(), {at.seconds - 2}, *drand));
        EXPECT_FALSE(check_public_value(quicknet_source(), {at.seconds - 3}, *drand));
        EXPECT_FALSE(check_public_value(quicknet_source(), {at.seconds + 1}, *drand));
    }
    EXPECT_EQ(real, 2U);
}

TEST(Beacon, TheRoundThatCountsIsTheFirstAtOrAfterTheMoment) {
    EXPECT_EQ(quicknet_round_at({0}), 1U);
    for (std::int64_t later = 0; later < 100; ++later) {
        const Timestamp moment{quicknet_genesis.seconds + later};
        const std::uint64_t number = quicknet_round_at(moment);
        EXPECT_GE(quicknet_time_of(number), moment);
        if (number > 1) {
            EXPECT_LT(quicknet_time_of(number - 1), moment);
        }
    }
    EXPECT_EQ(quicknet_round_at(time("2027-01-01T00:00:00Z")), 35'319'412U);
    EXPECT_EQ(quicknet_time_of(1), quicknet_genesis);
}

TEST(Beacon, ASourceHasNoValueBeforeRevealsClose) {
    EXPECT_EQ(judged(quicknet_source()), "right");
    EXPECT_GE(known_from(quicknet_source(), draws_at).seconds,
              draws_at.seconds + reveal_margin_seconds);
    EXPECT_EQ(judged(published_source()), "right");
    EXPECT_EQ(known_from(published_source(), draws_at), time("2026-08-04T10:00:00Z"));

    // 3 August has begun in the earliest zone before draws_at; so has the 4th for a later draws_at.
    PublicSource early = published_source();
    std::get<PublishedDraws>(early.source).draws[0].date = day("2026-08-03");
    EXPECT_EQ(judged(early), "exchange/bad-public-source");
    EXPECT_TRUE(
        check_public_source(published_source(), time("2026-08-03T09:55:00Z"), answers_until));
    EXPECT_FALSE(
        check_public_source(published_source(), time("2026-08-03T09:55:01Z"), answers_until));
}

TEST(Beacon, TheTimeToEnterAValueEndsAfterItExistsAndBeforeAnswersClose) {
    PublicSource source = quicknet_source();
    const Timestamp exists = known_from(source, draws_at);
    source.enter_until = exists;
    EXPECT_EQ(judged(source), "exchange/bad-public-source");
    source.enter_until = {exists.seconds + 1};
    EXPECT_EQ(judged(source), "right");
    source.enter_until = {answers_until.seconds - 1};
    EXPECT_EQ(judged(source), "right");
    source.enter_until = answers_until;
    EXPECT_EQ(judged(source), "exchange/bad-public-source");

    // The 5th ends in the last time zone at noon of the 6th.
    PublicSource published = published_source();
    published.enter_until = time("2026-08-06T12:00:00Z");
    EXPECT_EQ(judged(published), "right");
    published.enter_until = time("2026-08-06T11:59:59Z");
    EXPECT_EQ(judged(published), "exchange/bad-public-source");
}

TEST(Beacon, NamedDrawsAreBoundedAndSayWhoDrawsWhat) {
    const auto bent = [](auto&& bend) {
        PublicSource source = published_source();
        bend(std::get<PublishedDraws>(source.source).draws);
        return judged(source);
    };
    EXPECT_EQ(bent([](auto& draws) { draws.clear(); }), "exchange/bad-public-source");
    EXPECT_EQ(bent([](auto& draws) { draws.resize(named_draws_max, draws[0]); }), "right");
    EXPECT_EQ(bent([](auto& draws) { draws.resize(named_draws_max + 1, draws[0]); }),
              "exchange/bad-public-source");
    EXPECT_EQ(bent([](auto& draws) { draws[1].issuer.clear(); }), "exchange/bad-public-source");
    EXPECT_EQ(bent([](auto& draws) { draws[1].name.clear(); }), "exchange/bad-public-source");
    EXPECT_EQ(bent([](auto& draws) { draws[1].name = std::string(201, 'a'); }),
              "exchange/bad-public-source");
}

TEST(Beacon, ABentValueOfDrandIsRefused) {
    const PublicSource source = quicknet_source();
    const DrandValue right = value_of(quicknet_number_for(draws_at));
    EXPECT_EQ(judged(source, right), "right");
    for (const std::int64_t off : {-1, 1}) {
        EXPECT_EQ(judged(source, value_of(right.number + static_cast<std::uint64_t>(off))),
                  "exchange/wrong-beacon-round");
    }
    for (std::size_t octet = 0; octet < quicknet_signature_bytes; ++octet) {
        DrandValue bent = right;
        bent.signature[octet] ^= std::byte{1};
        EXPECT_EQ(judged(source, bent), "exchange/bad-beacon");
    }
    for (const std::size_t size : {0U, 47U, 49U, 96U}) {
        DrandValue other = right;
        other.signature.assign(size, std::byte{1});
        other.randomness = sha256({other.signature});
        EXPECT_EQ(judged(source, other), "exchange/bad-beacon");
    }
    DrandValue other = right;
    other.randomness.octets[31] ^= std::byte{1};
    EXPECT_EQ(judged(source, other), "exchange/bad-beacon");
    EXPECT_EQ(judged(source, PublishedNumbers{{"1", "2"}}), "exchange/wrong-source");
    EXPECT_EQ(judged(published_source(), right), "exchange/wrong-source");
}

TEST(Beacon, PublishedNumbersAreOneTextForEachNamedDraw) {
    const PublicSource source = published_source();
    EXPECT_EQ(judged(source, PublishedNumbers{{"1 2", "3"}}), "right");
    EXPECT_EQ(judged(source, PublishedNumbers{{"1 2"}}), "exchange/bad-beacon");
    EXPECT_EQ(judged(source, PublishedNumbers{{"1", "2", "3"}}), "exchange/bad-beacon");
    EXPECT_EQ(judged(source, PublishedNumbers{{"1 2", ""}}), "exchange/bad-numbers");
    EXPECT_EQ(judged(source, PublishedNumbers{{"1 2", "3.5"}}), "exchange/bad-numbers");
    EXPECT_EQ(*seed_octets(PublishedNumbers{{"2 1", "3"}}),
              *seed_octets(PublishedNumbers{{"01,2", "3"}}));
    EXPECT_NE(*seed_octets(PublishedNumbers{{"2 1", "3"}}),
              *seed_octets(PublishedNumbers{{"1", "2 3"}}));
    EXPECT_NE(*seed_octets(PublishedNumbers{{"1", "2"}}),
              *seed_octets(PublishedNumbers{{"2", "1"}}));
}

// --- in a round -------------------------------------------------------------------------------

Round round_with(const PublicSource& source) {
    Round round = round_of("r1");
    round.public_source = source;
    return round;
}

Beacon beacon_of(const PublicValue& value) { return {id<RoundId>("r1"), value}; }

World called_with(const PublicSource& source) {
    World world;
    EXPECT_EQ(world.adopt(equal_rule()), "adopted");
    world.must("maker", offer_of("o1", 3));
    world.must("arda", need_of("n1", "XAA", 2));
    world.must("bela", need_of("n2", "XAB", 2));
    world.must("maker", round_with(source));
    return world;
}

const DrandValue right_value = value_of(quicknet_number_for(draws_at));

TEST(BeaconRound, DrawsAfterTheValueAndNotBefore) {
    World world = called_with(quicknet_source());
    world.must("arda", commitment_of("r1", random_of('a')));
    EXPECT_EQ(world.refusal("maker", beacon_of(right_value)), "exchange/not-frozen");
    world.clock("2026-08-02T00:00:00Z");
    world.must("arda", Reveal{id<RoundId>("r1"), random_of('a')});
    EXPECT_EQ(world.refusal("maker", beacon_of(right_value)), "exchange/beacon-too-early");
    world.clock("2026-08-03T00:00:00Z");
    ASSERT_TRUE(std::holds_alternative<InputsFrozen>(world.round("r1").stage));
    world.clock("2026-08-03T00:05:02Z");
    ASSERT_TRUE(std::holds_alternative<InputsFrozen>(world.round("r1").stage));
    EXPECT_EQ(world.refusal("maker", beacon_of(value_of(1))), "exchange/wrong-beacon-round");
    world.must("maker", beacon_of(right_value));
    EXPECT_EQ(world.refusal("maker", beacon_of(right_value)), "exchange/already-entered");
    EXPECT_EQ(world.round("r1").public_value_at, world.index - 1);
    world.clock("2026-08-03T00:05:03Z");
    const RoundRecord& round = world.round("r1");
    const Allocated& drawn = world.allocated("r1");
    EXPECT_EQ(
        drawn.result.seed,
        *lottery_seed(digest_of(drawn.inputs),
                      std::vector<LotteryReveal>{{"arda", *Digest::from_octets(random_of('a'))}},
                      *seed_octets(right_value)));
    EXPECT_TRUE(check_result(drawn.inputs, round.commitments, round.reveals, round.public_value,
                             drawn.result));
    EXPECT_EQ(check_result(drawn.inputs, round.commitments, round.reveals, {}, drawn.result)
                  .error()
                  .reason,
              "exchange/bad-result");
    const RoundView view = *view_round(world.exchange, id<RoundId>("r1"));
    EXPECT_EQ(view.quicknet_number, right_value.number);
    EXPECT_EQ(view.public_value, PublicValue(right_value));
    EXPECT_EQ(view.lottery_basis, LotteryBasis::public_value);
    EXPECT_EQ(world.refusal("maker", beacon_of(right_value)), "exchange/already-entered");
}

TEST(BeaconRound, RevealsCloseBeforeTheValueExists) {
    World world = called_with(quicknet_source());
    world.must("arda", commitment_of("r1", random_of('a')));
    world.clock("2026-08-02T00:00:00Z");
    world.clock("2026-08-03T00:00:00Z");
    EXPECT_EQ(world.refusal("arda", Reveal{id<RoundId>("r1"), random_of('a')}),
              "exchange/reveals-closed");
    EXPECT_LE(time("2026-08-03T00:00:00Z"), known_from(quicknet_source(), draws_at));
}

TEST(BeaconRound, FailsWithoutTheValueAndTakesNothing) {
    World world = called_with(quicknet_source());
    world.clock("2026-08-02T00:00:00Z");
    world.clock("2026-08-03T23:59:59Z");
    ASSERT_TRUE(std::holds_alternative<InputsFrozen>(world.round("r1").stage));
    world.institution.now = time("2026-08-04T00:00:00Z");
    EXPECT_EQ(world.refusal("maker", beacon_of(right_value)), "exchange/beacon-closed");
    world.clock("2026-08-04T00:00:00Z");
    const auto* failed = std::get_if<Failed>(&world.round("r1").stage);
    ASSERT_NE(failed, nullptr);
    EXPECT_EQ(failed->reason, "exchange/no-public-value");
    EXPECT_EQ(free_units(world.exchange.offers.at(id<OfferId>("o1"))), 3);
    EXPECT_EQ(world.refusal("maker", beacon_of(right_value)), "exchange/beacon-closed");
    Round again = round_of("r2");
    again.freezes_at = time("2026-08-05T00:00:00Z");
    again.draws_at = time("2026-08-06T00:00:00Z");
    world.must("maker", again);
}

TEST(BeaconRound, AsksForAClockEntryWhenRevealsCloseAndWhenTheValueCanBeEntered) {
    World world = called_with(quicknet_source());
    const auto is_due_at = [&](std::string_view now) {
        return is_due(world.round("r1"), world.institution.now, time(now));
    };
    EXPECT_FALSE(is_due_at("2026-08-01T23:59:59Z"));
    EXPECT_TRUE(is_due_at("2026-08-02T00:00:00Z"));
    world.clock("2026-08-02T00:00:00Z");
    EXPECT_FALSE(is_due_at("2026-08-02T23:59:59Z"));
    EXPECT_TRUE(is_due_at("2026-08-03T00:00:00Z"));
    world.clock("2026-08-03T00:00:00Z");
    EXPECT_FALSE(is_due_at("2026-08-03T00:04:59Z"));
    EXPECT_TRUE(is_due_at("2026-08-03T00:05:02Z"));
    world.clock("2026-08-03T00:05:02Z");
    EXPECT_FALSE(is_due_at("2026-08-03T23:59:59Z"));
    EXPECT_TRUE(is_due_at("2026-08-04T00:00:00Z"));
    world.must("maker", beacon_of(right_value));
    EXPECT_TRUE(is_due_at("2026-08-03T00:05:02Z"));
}

TEST(BeaconRound, AValueEnteredInTimeIsDrawnWithHoweverLateTheClockIs) {
    World world = called_with(quicknet_source());
    world.clock("2026-08-02T00:00:00Z");
    world.clock("2026-08-03T12:00:00Z");
    world.must("maker", beacon_of(right_value));
    world.clock("2026-08-09T00:00:00Z");
    EXPECT_TRUE(std::holds_alternative<Allocated>(world.round("r1").stage));
}

TEST(BeaconRound, PublishedNumbersMakeTheSeed) {
    World world = called_with(published_source());
    world.clock("2026-08-02T00:00:00Z");
    world.clock("2026-08-04T09:59:59Z");
    const PublishedNumbers numbers{{"7 1 9", "12"}};
    EXPECT_EQ(world.refusal("maker", beacon_of(numbers)), "exchange/beacon-too-early");
    world.clock("2026-08-06T10:00:00Z");
    EXPECT_EQ(world.refusal("maker", beacon_of(right_value)), "exchange/wrong-source");
    world.must("maker", beacon_of(numbers));
    world.clock("2026-08-06T10:00:01Z");
    const Allocated& drawn = world.allocated("r1");
    EXPECT_EQ(drawn.result.seed,
              *lottery_seed(digest_of(drawn.inputs), {}, bytes_of("published\n1.7.9./12./")));
}

TEST(BeaconRound, WithoutASourceNoValueCounts) {
    World world;
    ASSERT_EQ(world.adopt(equal_rule()), "adopted");
    world.must("maker", round_of("r1"));
    world.clock("2026-08-02T00:00:00Z");
    world.institution.now = time("2026-08-03T00:00:00Z");
    EXPECT_EQ(world.refusal("maker", beacon_of(right_value)), "exchange/no-public-source");
    EXPECT_EQ(world.refusal("maker", Beacon{id<RoundId>("none"), right_value}),
              "exchange/no-such-round");
    world.clock("2026-08-03T00:00:00Z");
    const RoundView view = *view_round(world.exchange, id<RoundId>("r1"));
    EXPECT_EQ(view.lottery_basis, LotteryBasis::inputs_alone);
    EXPECT_FALSE(view.quicknet_number);
}

TEST(BeaconRound, ARuleMayAskForASourceOfItsKind) {
    AllocationRule rule = equal_rule();
    rule.lottery_source = PublicSourceKind::drand_quicknet;
    World world;
    ASSERT_EQ(world.adopt(rule), "adopted");
    EXPECT_EQ(world.refusal("maker", round_of("r1")), "exchange/public-source-required");
    EXPECT_EQ(world.refusal("maker", round_with(published_source())),
              "exchange/public-source-required");
    PublicSource late = quicknet_source();
    late.enter_until = answers_until;
    EXPECT_EQ(world.refusal("maker", round_with(late)), "exchange/bad-public-source");
    world.must("maker", round_with(quicknet_source()));
}

TEST(LotteryBasis, SaysWhatMakesTiesUnforeseeable) {
    EXPECT_EQ(lottery_basis(true, 0), LotteryBasis::public_value);
    EXPECT_EQ(lottery_basis(true, 3), LotteryBasis::public_value);
    EXPECT_EQ(lottery_basis(false, 1), LotteryBasis::reveals);
    EXPECT_EQ(lottery_basis(false, 0), LotteryBasis::inputs_alone);
}

}  // namespace
}  // namespace comity::exchange
