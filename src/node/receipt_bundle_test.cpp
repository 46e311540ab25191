// SPDX-License-Identifier: Apache-2.0
//
// How we trust a receipt: it verifies offline, no bit of it can be changed, and what a host forges
// is refused even when it signs the forgery with all keys that it has.

#include "node/receipt_bundle.h"

#include <gtest/gtest.h>

#include <random>

#include "node/node_fixture.h"
#include "record/log.h"
#include "state/bundle.h"

namespace comity::node {
namespace {

using namespace comity::state::testing;

TEST_F(Published, AReceiptBundleVerifiesOffline) {
    const auto bundle = receipt_bundle(*fixture().node, {confirmation()});
    ASSERT_TRUE(bundle) << bundle.error().message;
    ASSERT_TRUE(bundle->motion && bundle->round);
    const auto read = state::parse_bundle(state::write_bundle(*bundle));
    ASSERT_TRUE(read) << read.error().message;
    const auto report = state::verify_bundle(*read, key_of("checkpoint").public_key());
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->about.size(), 1U);
    EXPECT_EQ(report->about[0].type, "exchange.confirmation");
    EXPECT_EQ(state::verify_bundle(*read, key_of("x").public_key()).error().reason,
              "state/bundle-untrusted");
}

TEST_F(Published, AFlippedBitAnywhereInABundleIsFound) {
    const std::string good =
        state::write_bundle(*receipt_bundle(*fixture().node, {confirmation()}));
    std::mt19937 random(3);
    constexpr int flips = 1'500;
    for (int i = 0; i < flips; ++i) {
        std::string bent = good;
        const std::size_t bit = random() % (bent.size() * 8);
        bent[bit / 8] = static_cast<char>(bent[bit / 8] ^ (1 << (bit % 8)));
        const auto read = state::parse_bundle(bent);
        const bool holds = read && state::verify_bundle(*read, {}).has_value();
        ASSERT_FALSE(holds) << "bit " << bit << " near "
                            << good.substr(bit / 8 - std::min<std::size_t>(bit / 8, 20), 40);
    }
}

TEST_F(Published, AForgedBundleIsRefusedWhateverItsChecksumSays) {
    const state::Bundle good = *receipt_bundle(*fixture().node, {confirmation()});
    const auto refused = [&](auto bend) {
        state::Bundle bent = good;
        bend(bent);
        bent.checksum = state::bundle_checksum(bent);
        const auto report = state::verify_bundle(bent, {});
        return report ? "verified" : report.error().message;
    };
    for (std::size_t i = 0; i < good.entries.size(); ++i) {
        const std::string name = "Entry " + std::to_string(good.entries[i].index) + ":";
        EXPECT_EQ(refused([&](state::Bundle& b) {
                      b.entries[i].entry.back() ^= std::byte{1};
                  }).find(name),
                  0U)
            << i;
        EXPECT_EQ(refused([&](state::Bundle& b) {
                      b.entries[i].path[0].octets[3] ^= std::byte{1};
                  }).find(name),
                  0U)
            << i;
    }
    EXPECT_NE(refused([](state::Bundle& b) { b.entries.erase(b.entries.begin()); }), "verified");
    EXPECT_NE(refused([](state::Bundle& b) { b.keys.back() ^= std::byte{1}; }), "verified");
    EXPECT_NE(refused([](state::Bundle& b) { b.parts.begin()->second.octets[0] ^= std::byte{1}; }),
              "verified");
    EXPECT_NE(refused([](state::Bundle& b) { b.round->inputs.back() ^= std::byte{1}; }),
              "verified");
    EXPECT_NE(refused([](state::Bundle& b) { b.round->result.back() ^= std::byte{1}; }),
              "verified");
    EXPECT_NE(refused([](state::Bundle& b) { b.motion->record.back() ^= std::byte{1}; }),
              "verified");
    EXPECT_NE(refused([](state::Bundle& b) { b.motion.reset(); }), "verified");
    EXPECT_NE(refused([](state::Bundle& b) { b.demonstration.reset(); }), "verified");
}

TEST(ReceiptBundle, OfARoundThatACallRepeatedShowsTheCall) {
    Fixture fixture;
    state::testing::World world = full_world();
    const auto must = [](auto result) { return state::testing::World::must(std::move(result)); };
    must(world.tick(10'000));
    constexpr std::int64_t day_seconds = 86'400;
    exchange::Round call = test_round(world.state, "weekly");
    call.repeats = exchange::Repetition{.days = 7, .times = 2};
    must(world.act("secretariat", call));
    must(world.tick(100));
    must(world.tick(100));
    must(world.tick(10'000));
    must(world.act("cara", test_need("need-c", "XAC", 2)));
    must(world.tick(7 * day_seconds - 10'000));
    must(world.tick(100));
    const auto second = id<exchange::RoundId>("weekly-1");
    const auto& record = world.state.exchange.rounds.at(second);
    const Digest digest = std::get<exchange::Allocated>(record.stage).digest;
    must(world.act("operator-office", exchange::ResultNotice{.round = second, .result = digest}));
    must(world.act("cara",
                   exchange::Acceptance{
                       .round = second, .need = id<exchange::NeedId>("need-c"), .quantity = 0}));
    must(world.log_root());
    fixture.enter_all(world);
    const std::uint64_t acceptance = world.entries.size() - 2;
    const auto bundle = receipt_bundle(*fixture.node, {acceptance});
    ASSERT_TRUE(bundle) << bundle.error().message;
    const auto report = state::verify_bundle(*bundle, key_of("checkpoint").public_key());
    EXPECT_TRUE(report) << report.error().message;
    const auto inputs = codec::from_cbor<exchange::RoundInputs>(bundle->round->inputs);
    EXPECT_EQ(inputs->round, second);
}

// What a host could forge -------------------------------------------------------------------------

/// The record of a whole path as a dishonest operator would write it: it has the operator's and the
/// checkpoint's key, and nobody else's. It puts what it signs in the place of entries, and makes
/// tree, checkpoint and proofs anew, so that only what the bundle says can betray it.
class Forgery {
public:
    explicit Forgery(Source source = Source::none) {
        Fixture fixture;
        fixture.enter_all(full_world(source));
        const std::uint64_t size = fixture.node->log().head().size;
        entries_ = fixture.node->log().read(0, size).value();
        bundle = receipt_bundle(*fixture.node, {find("exchange.confirmation")}).value();
        motion = codec::from_cbor<decide::MotionRecord>(bundle.motion->record).value();
        inputs = codec::from_cbor<exchange::RoundInputs>(bundle.round->inputs).value();
        result = codec::from_cbor<exchange::RoundResult>(bundle.round->result).value();
        fixture.node->read([&](const state::State& state) {
            const auto& round = state.exchange.rounds.at(inputs.round);
            commitments = round.commitments;
            reveals = round.reveals;
            public_value = round.public_value;
        });
    }

    /// The first entry of this type.
    std::uint64_t find(std::string_view type) const {
        for (std::uint64_t i = 0; i < entries_.size(); ++i) {
            const auto statement = record::parse_statement(entries_[i]);
            if (state::type_of(statement->header) == type) return i;
        }
        COMITY_CHECK(false);
        return 0;
    }

    /// The key that the host makes up for bree's delegate, in a register that it signs.
    void invent_key(const crypto::PrivateKey& key) {
        auto keys = codec::from_cbor<institution::KeyRegister>(bundle.keys).value();
        const auto delegate =
            keys.keys.at(crypto::thumbprint(key_of("bree-delegate").public_key()));
        institution::KeyRecord made = delegate;
        made.public_key = key.public_key();
        keys.keys.emplace(crypto::thumbprint(key.public_key()), made);
        bundle.keys = codec::to_cbor(keys);
        bundle.parts.at("keys") = sha256({bundle.keys});
        put_by_operator(
            bundle.state_root,
            institution::StateRoot{.size = bundle.state_root,
                                   .root = state::root_of(bundle.parts, bundle.state_root)});
    }

    const Bytes& entry(std::uint64_t index) const { return entries_.at(index); }

    void put_by_operator(std::uint64_t index, const state::Payload& payload) {
        put(index,
            signed_entry(state::type_of(payload), "operator-office", state::subject_of(payload),
                         state::payload_json(payload), key_of("operator-office")));
    }

    void put(std::uint64_t index, Bytes entry) { entries_.at(index) = std::move(entry); }

    /// The changed motion, and the outcome entry with its digest.
    void publish_motion() {
        bundle.motion->record = codec::to_cbor(motion);
        put_by_operator(find("decide.outcome"),
                        decide::OutcomeNotice{.motion = motion.motion.id,
                                              .outcome = sha256({bundle.motion->record})});
    }

    /// The changed inputs, what the rule makes of them, and the result entry with its digest.
    void publish_round() {
        result = exchange::draw(inputs, commitments, reveals, public_value).value();
        publish_result();
    }

    void publish_result() {
        bundle.round->inputs = codec::to_cbor(inputs);
        bundle.round->result = codec::to_cbor(result);
        put_by_operator(find("exchange.result"),
                        exchange::ResultNotice{.round = inputs.round,
                                               .result = sha256({bundle.round->result})});
    }

    /// What verification says of the bundle over the forged record; "verified" if it believes it.
    std::string verdict() const {
        const auto log = store::make_memory_log();
        const auto record = record::RecordLog::open(
            *log, nullptr,
            {.origin = std::string(test_origin), .checkpoint_key = key_of("checkpoint")});
        std::vector<record::PreparedEntry> prepared;
        for (const Bytes& entry : entries_) {
            // Ids as a dishonest host would give them, all different.
            const Digest id = sha256({entry, bytes_of(std::to_string(prepared.size()))});
            prepared.push_back({.entry = entry, .id = id});
        }
        if (!(*record)->append(std::move(prepared))) return "not appended";
        state::Bundle forged = bundle;
        forged.checkpoint = (*record)->checkpoint();
        for (state::BundleEntry& item : forged.entries) {
            item.entry = entries_.at(item.index);
            item.path = (*record)->prove_inclusion(item.index, entries_.size())->path;
        }
        forged.checksum = state::bundle_checksum(forged);
        const auto report = state::verify_bundle(forged, key_of("checkpoint").public_key());
        return report ? "verified" : report.error().message;
    }

    state::Bundle bundle;
    decide::MotionRecord motion;
    exchange::RoundInputs inputs;
    exchange::RoundResult result;
    std::map<institution::MemberId, Digest> commitments;
    std::map<institution::MemberId, Bytes> reveals;
    std::optional<exchange::PublicValue> public_value;

private:
    std::vector<Bytes> entries_;
};

std::string entry_text(std::uint64_t index) { return "Entry " + std::to_string(index) + ": "; }

const institution::MemberId& bree() {
    static const auto made = id<institution::MemberId>("bree");
    return made;
}

decide::Decided& decided(Forgery& forgery) {
    return std::get<decide::Decided>(forgery.motion.stage);
}

TEST(Forgery, PublishedUnchangedItIsBelieved) {
    Forgery forgery;
    forgery.publish_motion();
    forgery.publish_round();
    EXPECT_EQ(forgery.verdict(), "verified");
}

TEST(Forgery, AnOutcomeThatContradictsItsCounts) {
    Forgery forgery;
    decided(forgery).basis = decide::Basis::silence_broken;
    decided(forgery).adopted = false;
    forgery.publish_motion();
    EXPECT_EQ(forgery.verdict(), "Motion adopt: its outcome does not follow from its counts.");
}

TEST(Forgery, CountsThatAreNotThoseOfThePositions) {
    Forgery forgery;
    decided(forgery).counts.support += 1;
    decided(forgery).counts.silent -= 1;
    forgery.publish_motion();
    EXPECT_EQ(forgery.verdict(), "Motion adopt: its counts are not those of its positions.");
}

TEST(Forgery, APositionThatItsMemberDidNotSign) {
    Forgery forgery;
    auto& position = forgery.motion.positions.at(bree()).front();
    position.position = decide::PositionKind::accept;
    decided(forgery).counts = decide::count(forgery.motion);
    forgery.publish_motion();
    EXPECT_EQ(forgery.verdict(),
              entry_text(position.entry) + "it is not what bree said on motion adopt.");
}

TEST(Forgery, AReasonThatItsMemberDidNotGive) {
    Forgery forgery;
    auto& position = forgery.motion.positions.at(bree()).front();
    position.reason = english("Because we were told to.");
    forgery.publish_motion();
    EXPECT_EQ(forgery.verdict(),
              entry_text(position.entry) + "it is not what bree said on motion adopt.");
}

TEST(Forgery, APositionPutIntoAnothersMouth) {
    Forgery forgery;
    const auto said = forgery.motion.positions.at(bree());
    forgery.motion.positions[id<institution::MemberId>("cara")] = said;
    decided(forgery).counts = decide::count(forgery.motion);
    forgery.publish_motion();
    EXPECT_EQ(forgery.verdict(),
              entry_text(said.front().entry) + "it is not what cara said on motion adopt.");
}

TEST(Forgery, WhatAMemberSaidInAnotherOrder) {
    Forgery forgery;
    auto& said = forgery.motion.positions.at(bree());
    said.push_back(said.front());
    forgery.publish_motion();
    EXPECT_EQ(forgery.verdict(),
              entry_text(said.front().entry) + "it is not what bree said on motion adopt.");
}

TEST(Forgery, AMemberThatSaidNothingOrIsNotOnTheRoll) {
    for (const char* name : {"cara", "maker"}) {
        Forgery forgery;
        const auto said = forgery.motion.positions.at(bree());
        const bool is_on_roll = std::string_view(name) == "cara";
        forgery.motion.positions[id<institution::MemberId>(name)] =
            is_on_roll ? std::vector<decide::RecordedPosition>{} : said;
        forgery.publish_motion();
        EXPECT_EQ(forgery.verdict(), "Motion adopt: its roll does not fit what was said.") << name;
    }
}

TEST(Forgery, AProcedureThatTheMotionDidNotName) {
    Forgery forgery;
    auto& silence = std::get<institution::SilenceProcedure>(decided(forgery).procedure.rule);
    silence.seconds_min += 1;
    forgery.publish_motion();
    EXPECT_EQ(forgery.verdict(), "Motion adopt: its outcome does not follow from its counts.");
}

TEST(Forgery, AProcedureThatTheCharterDoesNotHave) {
    Forgery forgery;
    auto& silence = std::get<institution::SilenceProcedure>(forgery.motion.procedure.rule);
    silence.seconds_min = 1;
    decided(forgery).procedure = forgery.motion.procedure;
    forgery.publish_motion();
    EXPECT_EQ(forgery.verdict(), "Motion adopt: its procedure is not the one of the charter.");
}

TEST(Forgery, AFallBackThatNobodysObjectionLedTo) {
    Forgery forgery;
    decided(forgery).procedure = *forgery.motion.fallback;
    decided(forgery).counts = decide::count(forgery.motion);
    decided(forgery).basis = decide::Basis::quorum_missed;
    decided(forgery).adopted = false;
    forgery.publish_motion();
    EXPECT_EQ(forgery.verdict(), "Motion adopt: its outcome does not follow from its counts.");
}

TEST(Forgery, AWithdrawalThatNobodySigned) {
    Forgery forgery;
    decided(forgery).basis = decide::Basis::withdrawn;
    decided(forgery).adopted = false;
    forgery.publish_motion();
    EXPECT_EQ(forgery.verdict(), "Motion adopt: its outcome does not follow from its counts.");
}

TEST(Forgery, AnotherTextUnderTheSamePositions) {
    Forgery forgery;
    exchange::AllocationRule rule = test_rule();
    rule.rounding = exchange::Rounding::adams;
    forgery.motion.motion.effects = {state::make_effect(rule)};
    forgery.put_by_operator(forgery.motion.entry, forgery.motion.motion);
    forgery.publish_motion();
    forgery.inputs.rule = rule;
    forgery.publish_round();
    EXPECT_EQ(forgery.verdict(),
              entry_text(forgery.motion.entry) + "the motion was not moved by its mover.");
}

TEST(Forgery, AKeyThatItsMemberNeverRegistered) {
    Forgery forgery;
    const crypto::PrivateKey made_up = key_of("made up by the host");
    forgery.invent_key(made_up);
    auto& position = forgery.motion.positions.at(bree()).front();
    position.position = decide::PositionKind::accept;
    decided(forgery).counts = decide::count(forgery.motion);
    const state::Payload said = decide::Position{
        .motion = forgery.motion.motion.id, .position = decide::PositionKind::accept, .reason = {}};
    forgery.put(position.entry, signed_entry(state::type_of(said), "bree", state::subject_of(said),
                                             state::payload_json(said), made_up));
    forgery.publish_motion();
    EXPECT_EQ(forgery.verdict(),
              entry_text(position.entry) + "the bundle does not show that its key was registered.");
}

TEST(Forgery, AStatementWrittenTwice) {
    Forgery forgery;
    const std::uint64_t from = forgery.motion.positions.at(bree()).front().entry;
    const std::uint64_t to = forgery.bundle.about.front();
    forgery.put(to, forgery.entry(from));
    EXPECT_EQ(forgery.verdict(), entry_text(to) + "its statement stands at another entry too.");
}

TEST(Forgery, ARoundThatLeavesOutTheNeedItIsFor) {
    Forgery forgery;
    std::erase_if(forgery.inputs.needs,
                  [](const auto& need) { return need.id.text() == "need-a"; });
    std::erase_if(forgery.inputs.members,
                  [](const auto& member) { return member.id.text() == "anor"; });
    std::erase_if(forgery.inputs.screenings, [](const auto& screened) {
        return screened.transfer.destination.text() == "XAA";
    });
    forgery.publish_round();
    EXPECT_NE(forgery.verdict().find("the round's inputs leave it out."), std::string::npos)
        << forgery.verdict();
}

TEST(Forgery, ARoundUnderAnotherRuleOrUnit) {
    const std::string not_called = "Round round was not called under this rule and unit.";
    Forgery version;
    version.inputs.rule.version = 2;
    version.publish_round();
    EXPECT_EQ(version.verdict(), not_called);

    Forgery unit;
    unit.inputs.unit = id<institution::UnitId>("other");
    unit.publish_round();
    EXPECT_EQ(unit.verdict(), not_called);

    Forgery rounding;  // the same name and version, and another text
    rounding.inputs.rule.rounding = exchange::Rounding::adams;
    rounding.publish_round();
    EXPECT_EQ(rounding.verdict(), "Motion adopt adopted another rule than the round's.");
}

TEST(Forgery, WeightsOrCarryOverThatTheRuleDoesNotHave) {
    const std::string wrong =
        "Round round: its inputs hold weights, costs, carry-over or floors that the rule does not "
        "have.";
    Forgery weight;
    weight.inputs.members.front().weight = 9;
    weight.publish_round();
    EXPECT_EQ(weight.verdict(), wrong);

    Forgery carried;
    carried.inputs.members.back().carry_over = 3;
    carried.publish_round();
    EXPECT_EQ(carried.verdict(), wrong);
}

TEST(Forgery, ANeedOrAnOfferThatWasNotStatedSo) {
    Forgery more;
    more.inputs.needs.front().quantity += 1;
    more.publish_round();
    EXPECT_EQ(more.verdict(), entry_text(more.inputs.needs.front().entry) +
                                  "it is not the need that the round froze.");

    Forgery classes;
    classes.inputs.needs.front().item_classes = {id<institution::ItemClassId>("training")};
    classes.publish_round();
    EXPECT_EQ(classes.verdict(), entry_text(classes.inputs.needs.front().entry) +
                                     "it is not the need that the round froze.");

    Forgery offer;
    offer.inputs.offers.front().until = day("2029-01-01");
    offer.publish_round();
    EXPECT_EQ(offer.verdict(), entry_text(offer.inputs.offers.front().entry) +
                                   "it is not the offer that the round froze.");
}

TEST(Forgery, ALotteryThatTheMembersDidNotMake) {
    Forgery seed;
    seed.reveals.clear();  // the operator would rather have this draw
    seed.publish_round();
    EXPECT_EQ(seed.verdict(),
              "Round round: The lottery's seed does not follow from the inputs, the reveals "
              "and the public value.");

    Forgery late;
    late.inputs.cut_off = late.find("exchange.commitment");
    late.publish_round();
    EXPECT_EQ(late.verdict().find(entry_text(late.inputs.cut_off)), 0U) << late.verdict();
}

TEST(Forgery, APublicValueThatTheRoundDidNotName) {
    Forgery unchanged(Source::quicknet);
    const std::uint64_t index = unchanged.find("exchange.beacon");
    unchanged.publish_round();
    EXPECT_EQ(unchanged.verdict(), "verified");

    Forgery dropped(Source::quicknet);
    dropped.public_value.reset();  // the operator would rather have the draw without it
    dropped.publish_round();
    EXPECT_EQ(dropped.verdict(),
              "Round round: The lottery's seed does not follow from the inputs, the reveals and "
              "the public value.");
    auto& entries = dropped.bundle.entries;
    std::erase_if(entries, [&](const state::BundleEntry& item) { return item.index == index; });
    EXPECT_EQ(dropped.verdict(), "Round round: the bundle lacks the value of its public source.");

    Forgery other(Source::quicknet);
    auto drand = std::get<exchange::DrandValue>(*other.public_value);
    drand.number += 1;  // of another moment
    other.public_value = drand;
    other.put_by_operator(index, exchange::Beacon{.round = other.inputs.round, .value = drand});
    other.publish_round();
    EXPECT_EQ(other.verdict().find(entry_text(index) + "The round of quicknet that counts"), 0U)
        << other.verdict();

    Forgery unnamed;
    const std::uint64_t reveal = unnamed.find("exchange.reveal");
    unnamed.public_value = drand;
    unnamed.put_by_operator(reveal,
                            exchange::Beacon{.round = unnamed.inputs.round, .value = drand});
    unnamed.publish_round();
    EXPECT_EQ(unnamed.verdict(),
              entry_text(reveal) + "it is not the public value of the round's lottery.");
}

TEST(Receipt, SaysWhatMadeTheOrderOfTiesUnforeseeable) {
    const auto said = [](Source source) {
        const Forgery forgery(source);
        std::string all;
        const auto report = state::verify_bundle(forgery.bundle, key_of("checkpoint").public_key());
        if (!report) return report.error().message;
        for (const std::string& line : report->steps) all.append(line).append("\n");
        return all;
    };
    const std::string without = said(Source::none);
    EXPECT_NE(without.find("The round named no public source"), std::string::npos) << without;
    EXPECT_EQ(without.find("check_beacon"), std::string::npos) << without;
    const std::string with = said(Source::quicknet);
    EXPECT_NE(with.find("node web/dist/check_beacon.js "), std::string::npos) << with;
    EXPECT_NE(with.find("is not checked here"), std::string::npos) << with;
}

TEST(Forgery, AResultThatFavoursAMember) {
    Forgery forgery;
    auto& lines = forgery.result.lines;
    ASSERT_EQ(lines.size(), 2U);
    lines[0].units -= 1;
    lines[1].units += 1;
    forgery.publish_result();
    EXPECT_EQ(forgery.verdict().find("Round round: "), 0U) << forgery.verdict();
}

TEST(Forgery, ASecondFounding) {
    Forgery forgery;
    const std::uint64_t place = forgery.bundle.about.front();
    institution::Founding founding = test_founding();
    founding.name = english("Another institution");
    forgery.put(place, signed_entry(state::founding_type, "operator-office", founding.origin,
                                    codec::to_json(founding), key_of("operator-office")));
    EXPECT_EQ(forgery.verdict(), entry_text(place) + "it is not a founding entry of this record.");
}

}  // namespace
}  // namespace comity::node
