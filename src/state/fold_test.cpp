// SPDX-License-Identifier: Apache-2.0
//
// How we trust the fold: one whole path works; each way of being unauthorised is refused by name;
// and over a thousand random courses of acts, valid and not, a refusal changes nothing, and replay
// from the record and from any snapshot come to the same root.

#include "state/fold.h"

#include <gtest/gtest.h>

#include <random>

#include "state/testing.h"

namespace comity::state {
namespace {

using namespace comity::state::testing;

std::string refusal(const Result<std::uint64_t>& result) {
    return result ? "accepted" : std::string(result.error().reason);
}

/// Blocks what goes to the seat of bree; absent: of any item class.
rules::Restriction test_restriction(std::string_view name, std::uint32_t version,
                                    std::optional<std::set<institution::ItemClassId>> classes) {
    return {.id = id<institution::RestrictionId>(name),
            .version = version,
            .title = english("r"),
            .treatment = rules::Treatment::block,
            .scope = {.item_classes = std::move(classes),
                      .origins = {},
                      .destinations = {{area("XAB")}},
                      .end_uses = {}},
            .exceptions = {},
            .from = day("2026-01-01"),
            .until = {},
            .instrument = {.title = "Order", .clause = {}, .url = {}}};
}

TEST(Fold, TakesANeedToAConfirmedBenefit) {
    const World world = full_world();
    const auto& delivery = world.state.exchange.deliveries.at(id<exchange::DeliveryId>("delivery"));
    ASSERT_NE(delivery.arrival(), nullptr);
    EXPECT_EQ(delivery.arrival()->confirmation.quantity, 5);
    EXPECT_TRUE(world.state.ledger.effects.at(id<decide::MotionId>("adopt")).applied);
}

TEST(Fold, ARecordOnWhichNobodyCouldRegisterAKeyIsNotFounded) {
    institution::Founding founding = test_founding();
    founding.seals.clear();
    const crypto::PrivateKey key = key_of("operator-office");
    const Bytes first = signed_entry(founding_type, "operator-office", founding.origin,
                                     codec::to_json(founding), key);
    const Bytes second = signed_entry(charter_type, "operator-office", founding.origin,
                                      codec::to_json(test_charter()), key);
    EXPECT_EQ(found(first, second).error().reason, "state/no-registrar");
}

TEST(Fold, RefusesWhatTheSignerMayNotSay) {
    World world;
    world.admit_everybody();
    const Payload need = test_need("n", "XAA", 5);
    const auto with = [&](std::string_view issuer, std::string_view key, std::string_view type,
                          const std::string& subject, std::string_view audience) {
        return refusal(world.enter(
            signed_entry(type, issuer, subject, payload_json(need), key_of(key), audience)));
    };
    EXPECT_EQ(with("anor", "anor", "exchange.need", "need/n", "other.example"),
              "state/wrong-audience");
    EXPECT_EQ(with("bree", "anor", "exchange.need", "need/n", test_origin), "state/wrong-issuer");
    EXPECT_EQ(with("anor", "stranger", "exchange.need", "need/n", test_origin),
              "institution/unknown-key");
    EXPECT_EQ(with("anor", "anor", "exchange.need", "need/other", test_origin),
              "state/wrong-subject");
    EXPECT_EQ(with("anor", "anor", "exchange.offer", "need/n", test_origin),
              "institution/not-permitted");
    EXPECT_EQ(
        with("operator-office", "operator-office", "institution.charter", "need/n", test_origin),
        "state/already-founded");
    EXPECT_EQ(with("anor", "anor", "exchange.need", "need/n", test_origin), "accepted");
}

TEST(Fold, TheHostHasNoVoice) {
    World world;
    world.admit_everybody();
    World::must(world.act_by_delegate("anor", test_motion(world.state, "m", {})));
    const Payload objection = decide::Position{.motion = id<decide::MotionId>("m"),
                                               .position = decide::PositionKind::object,
                                               .reason = english("no")};
    EXPECT_EQ(refusal(world.act("secretariat", objection)), "institution/not-permitted");
    EXPECT_EQ(refusal(world.act("operator-office", objection)), "institution/not-permitted");
    EXPECT_EQ(refusal(world.act("anor", objection)), "institution/no-mandate");
}

TEST(Fold, ARevokedKeySignsNothingAfterwards) {
    World world;
    world.admit_everybody();
    World::must(world.act("bree", test_need("before", "XAB", 1)));
    World::must(world.act("secretariat", institution::KeyRevocation{
                                             .key = crypto::thumbprint(key_of("bree").public_key()),
                                             .reason = "lost"}));
    EXPECT_EQ(refusal(world.act("bree", test_need("after", "XAB", 1))), "institution/revoked-key");
    EXPECT_TRUE(world.state.exchange.needs.contains(id<exchange::NeedId>("before")));
}

TEST(Fold, AnExpiredMandateCastsNothing) {
    World world;
    world.admit_everybody();
    World::must(world.tick(99 * 86'400));
    World::must(world.act_by_delegate("anor", test_motion(world.state, "m", {}, 3 * 86'400)));
    World::must(world.tick(2 * 86'400));
    EXPECT_EQ(refusal(world.act_by_delegate(
                  "bree", decide::Position{.motion = id<decide::MotionId>("m"),
                                           .position = decide::PositionKind::support,
                                           .reason = {}})),
              "institution/mandate-not-in-force");
}

TEST(Fold, AStateRootIsTakenOnlyWhenItIsRight) {
    World world;
    const Digest root = state_root(world.state);
    EXPECT_EQ(
        refusal(world.act("operator-office", institution::StateRoot{.size = 1, .root = root})),
        "state/wrong-size");
    EXPECT_EQ(
        refusal(world.act("operator-office", institution::StateRoot{.size = 2, .root = Digest{}})),
        "state/wrong-root");
    EXPECT_EQ(refusal(world.log_root()), "accepted");
}

TEST(Effects, AllTakePlaceOrNone) {
    World world;
    world.admit_everybody();
    // Two motions with the same rule: the second cannot take place once the first has.
    const auto effects = [] {
        institution::CharterAmendment amendment;
        amendment.units = {{.id = id<institution::UnitId>("hour"), .name = english("Hour")}};
        return std::vector{make_effect(amendment), make_effect(test_rule())};
    };
    World::must(world.act_by_delegate(
        "anor", test_motion(world.state, "first", {make_effect(test_rule())})));
    World::must(
        world.act_by_delegate("bree", test_motion(world.state, "second", effects(), 9'000)));
    World::must(world.tick(8'000));
    World::must(world.tick(8'000));
    EXPECT_TRUE(world.state.ledger.effects.at(id<decide::MotionId>("first")).applied);
    const auto& second = world.state.ledger.effects.at(id<decide::MotionId>("second"));
    EXPECT_FALSE(second.applied);
    EXPECT_NE(second.reason.find("/effects/1"), std::string::npos) << second.reason;
    EXPECT_EQ(institution::find_unit(world.state.institution, id<institution::UnitId>("hour")),
              nullptr);
    EXPECT_EQ(world.state.institution.charter_version, 1U);
}

TEST(Effects, AMotionWithAnImpossibleEffectIsNotEntered) {
    World world;
    world.admit_everybody();
    auto rule = test_rule();
    rule.weights = id<exchange::WeightTableId>("nowhere");
    const auto entered =
        world.act_by_delegate("anor", test_motion(world.state, "m", {make_effect(rule)}));
    ASSERT_FALSE(entered);
    EXPECT_NE(entered.error().message.find("/effects/0"), std::string::npos);
    EXPECT_EQ(refusal(world.act_by_delegate(
                  "anor", test_motion(world.state, "m", {{.kind = "no.such", .value = {}}}))),
              "state/unknown-effect");
}

TEST(Effects, AMotionSettlesADispute) {
    World world = full_world();
    const auto delivery = id<exchange::DeliveryId>("delivery");
    const auto settle = [&](std::string_view name, std::int64_t quantity) {
        return world.act_by_delegate(
            "anor", test_motion(world.state, name,
                                {make_effect(exchange::DisputeSettlement{delivery, quantity})}));
    };
    EXPECT_EQ(settle("too-early", 3).error().reason, "exchange/not-disputed");
    World::must(world.act("maker", exchange::Dispute{delivery, "Six places were used."}));
    EXPECT_EQ(settle("too-much", 6).error().reason, "exchange/bad-quantity");
    World::must(settle("settle", 3));
    World::must(world.tick(7'200));
    const auto& record = world.state.exchange.deliveries.at(delivery);
    ASSERT_EQ(record.arrivals.size(), 2U);
    EXPECT_EQ(record.arrivals[0].confirmation.quantity, 5) << "what was said stays on record";
    EXPECT_EQ(record.arrivals[1].confirmation.quantity, 3);
    EXPECT_EQ(record.arrivals[1].motion, "settle");
    EXPECT_FALSE(record.is_disputed());

    // Settled by agreement before the motion is decided: nothing is left to take effect.
    World::must(world.act("maker", exchange::Dispute{delivery, "Four."}));
    World::must(settle("late", 4));
    World::must(world.act("maker", exchange::DisputeWithdrawal{delivery}));
    World::must(world.tick(7'200));
    EXPECT_FALSE(world.state.ledger.effects.at(id<decide::MotionId>("late")).applied);
    EXPECT_EQ(world.state.exchange.deliveries.at(delivery).arrivals.size(), 2U);
}

TEST(Fold, TheLawOfTheDayDecidesWhatMayBeSaidAfterADraw) {
    World world = full_world();
    exchange::Departure gone{.round = id<exchange::RoundId>("round"),
                             .offer = id<exchange::OfferId>("pool"),
                             .need = id<exchange::NeedId>("need-b"),
                             .quantity = 2,
                             .kind = exchange::DepartureKind::restricted,
                             .reason = "The licence was refused.",
                             .restriction = id<institution::RestrictionId>("ban")};
    World::must(world.act(
        "bree", exchange::Acceptance{.round = gone.round, .need = gone.need, .quantity = 5}));
    EXPECT_EQ(world.act("maker", gone).error().reason, "exchange/not-restricted");
    const rules::Restriction ban = test_restriction("ban", 1, std::nullopt);
    World::must(world.act("issuer", ban));
    World::must(world.act("maker", gone));
    const auto& need = world.state.exchange.needs.at(gone.need);
    EXPECT_EQ(exchange::unmet_units(need), 5);
}

TEST(Effects, AnAdmittedMemberIsEntitled) {
    World world;
    world.admit_everybody();
    World::must(world.act_by_delegate(
        "anor", test_motion(world.state, "admit",
                            {make_effect(party("elm", "state", "signatory", "XAE"))})));
    World::must(world.tick(8'000));
    const auto council =
        institution::entitled(world.state.institution, id<institution::OrganId>("council"),
                              date_of(world.state.institution.now));
    EXPECT_EQ(council.size(), 5U);
}

// Random courses ---------------------------------------------------------------------------------

class Course {
public:
    explicit Course(unsigned seed) : random_(seed) { world_.admit_everybody(); }

    /// Enters acts until `count` were tried; checks that each refusal left everything as it was.
    void run(int count) {
        for (int i = 0; i < count; ++i) {
            const Bytes entry = next_act();
            const std::uint64_t size = world_.state.size;
            const Bytes before = snapshot(world_.state);
            const auto entered = world_.enter(entry);
            if (entered) {
                ++accepted;
                tried_.push_back(entry);
                EXPECT_EQ(world_.state.size, size + 1);
            } else {
                ++refused;
                EXPECT_EQ(snapshot(world_.state), before) << entered.error().reason;
            }
        }
    }

    const World& world() const { return world_; }
    int accepted = 0;
    int refused = 0;

private:
    int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
    std::string some(std::string_view kind) {
        return std::string(kind) + "-" + std::to_string(below(3));
    }
    std::string_view some_state() { return test_states[static_cast<std::size_t>(below(4))]; }

    Payload payload(std::string_view member) {
        const State& state = world_.state;
        const std::string seat = "XA" + std::string(1, static_cast<char>(member[0] - 'a' + 'A'));
        switch (below(16)) {
            case 0:
                return test_motion(
                    state, some("motion"),
                    {make_effect(test_rule(static_cast<std::uint32_t>(1 + below(2))))});
            case 1:
            case 2:
                return decide::Position{.motion = id<decide::MotionId>(some("motion")),
                                        .position = static_cast<decide::PositionKind>(below(6)),
                                        .reason = english("because")};
            case 3:
                return decide::Vote{.motion = id<decide::MotionId>(some("motion")),
                                    .choice = static_cast<decide::Choice>(below(3)),
                                    .explanation = {}};
            case 4:
                return test_need(some("need"), seat, 1 + below(9));
            case 5:
                return test_offer(some("offer"), 1 + below(9),
                                  below(2) == 0 ? "training" : "equipment");
            case 6:
                return test_round(state, some("round"));
            case 7:
                return exchange::Acceptance{.round = id<exchange::RoundId>(some("round")),
                                            .need = id<exchange::NeedId>(some("need")),
                                            .quantity = below(6)};
            case 8:
                return exchange::Delivery{.id = id<exchange::DeliveryId>(some("delivery")),
                                          .round = id<exchange::RoundId>(some("round")),
                                          .offer = id<exchange::OfferId>(some("offer")),
                                          .need = id<exchange::NeedId>(some("need")),
                                          .quantity = 1 + below(5)};
            case 9:
                return exchange::Confirmation{
                    .delivery = id<exchange::DeliveryId>(some("delivery")),
                    .outcome = exchange::DeliveryOutcome::confirmed,
                    .quantity = 1 + below(5),
                    .note = {}};
            case 10:
                return restriction();
            case 11:
                return exchange::NeedWithdrawal{.id = id<exchange::NeedId>(some("need"))};
            case 12:
                return institution::KeyRevocation{
                    .key = crypto::thumbprint(key_of("dale-delegate").public_key()),
                    .reason = "lost"};
            case 13:
                return institution::StateRoot{.size = state.size,
                                              .root = below(2) == 0 ? state_root(state) : Digest{}};
            default:
                return institution::ClockTick{
                    .time = {state.institution.now.seconds + below(4'000) - 100}};
        }
    }

    Payload restriction() {
        const std::string name = some("restriction");
        return test_restriction(name, static_cast<std::uint32_t>(1 + below(2)),
                                {{id<institution::ItemClassId>("equipment")}});
    }

    /// Mostly the right signer for the payload; sometimes another, a stranger, or an entry again.
    Bytes next_act() {
        if (!tried_.empty() && below(12) == 0) {
            return tried_[static_cast<std::size_t>(below(static_cast<int>(tried_.size())))];
        }
        const std::string_view member = some_state();
        const Payload what = payload(member);
        const std::string_view type = type_of(what);
        std::string issuer(member);
        if (type.starts_with("institution.")) issuer = "operator-office";
        if (type == "institution.key_revocation" || type == "exchange.round")
            issuer = "secretariat";
        if (type == "exchange.offer" || type == "exchange.delivery") issuer = "maker";
        if (type.starts_with("rules.")) issuer = "issuer";
        std::string key = issuer;
        if (type.starts_with("decide.")) key += "-delegate";
        const int mischief = below(20);
        if (mischief == 0) key = "stranger";
        if (mischief == 1) key = "maker";
        if (mischief == 2) issuer = "bree";
        Bytes entry = world_.sign(issuer, key, what);
        if (mischief == 3) entry[entry.size() - 1] ^= std::byte{1};
        return entry;
    }

    World world_;
    std::mt19937 random_;
    std::vector<Bytes> tried_;
};

TEST(Fold, ARefusalChangesNothingAndEveryReplayComesToTheSameRoot) {
    constexpr int courses = 1'000;
    constexpr int acts = 16;
    int accepted = 0;
    int refused = 0;
    for (unsigned seed = 0; seed < courses && !::testing::Test::HasFailure(); ++seed) {
        Course course(seed);
        course.run(acts);
        accepted += course.accepted;
        refused += course.refused;
        const World& world = course.world();
        const Digest root = state_root(world.state);

        // From the record alone, and from a snapshot of any place on the way.
        const std::size_t place = 2 + seed % (world.entries.size() - 1);
        auto replayed = found(world.entries[0], world.entries[1]);
        ASSERT_TRUE(replayed);
        State from_record = std::move(replayed).value();
        std::optional<State> from_snapshot;
        for (std::size_t i = 2; i <= world.entries.size(); ++i) {
            if (i == place) {
                auto restored = restore(snapshot(from_record));
                ASSERT_TRUE(restored) << restored.error().message;
                from_snapshot = std::move(restored).value();
            }
            if (i == world.entries.size()) break;
            ASSERT_TRUE(fold(from_record, world.entries[i])) << seed << " " << i;
            if (!from_snapshot) continue;
            ASSERT_TRUE(fold(*from_snapshot, world.entries[i]));
        }
        EXPECT_EQ(state_root(from_record), root) << seed;
        ASSERT_TRUE(from_snapshot);
        EXPECT_EQ(state_root(*from_snapshot), root) << seed << " from " << place;
    }
    // The courses must be worth something: both kinds, and many of each.
    EXPECT_GT(accepted, courses * acts / 10);
    EXPECT_GT(refused, courses * acts / 10);
}

TEST(Snapshot, RefusesEveryOtherShape) {
    const World world;
    const Bytes good = snapshot(world.state);
    ASSERT_TRUE(restore(good));
    EXPECT_EQ(restore({}).error().reason, "state/bad-snapshot");
    Bytes cut = good;
    cut.pop_back();
    EXPECT_EQ(restore(cut).error().reason, "state/bad-snapshot");
    EXPECT_EQ(restore(codec::write_cbor(codec::Value{codec::Object{}})).error().reason,
              "state/bad-snapshot");
}

TEST(Payload, EveryTypeHasASchemaAndASubject) {
    for (const std::string_view type : statement_types()) {
        EXPECT_TRUE(payload_schema(type)) << type;
    }
    EXPECT_EQ(payload_schema("exchange.nothing").error().code, Code::not_found);
    EXPECT_EQ(parse_payload("exchange.nothing", {}).error().reason, "state/unknown-type");
}

}  // namespace
}  // namespace comity::state
