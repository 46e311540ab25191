// SPDX-License-Identifier: Apache-2.0
#include "decide/decide.h"

#include <gtest/gtest.h>

#include "decide/explain.h"
#include "decide/testing.h"

// How we trust the course of a motion: each sentence of docs/spec/decide.md about who may say what,
// and when, is a test here; random sequences of acts are in sequence_test.cpp.

namespace comity::decide {
namespace {

using institution::MemberId;
using testing::Assembly;
using testing::english;
using testing::id;
using testing::objection;
using testing::period_seconds;
using testing::position;
using testing::usual_procedures;
using testing::vote;

class Deciding : public ::testing::Test {
protected:
    /// Enters what must be accepted.
    template <class Statement>
    void enter(const std::string& party, const Statement& statement,
               std::string_view delegate = "one") {
        const auto entered = assembly.enter(assembly.act(party, delegate), statement);
        ASSERT_TRUE(entered) << entered.error().message;
    }

    /// The reason of what must be refused; and that it changed nothing.
    template <class Statement>
    std::string_view refusal(const std::string& party, const Statement& statement) {
        return refusal(assembly.act(party), statement);
    }
    template <class Statement>
    std::string_view refusal(const institution::Act& act, const Statement& statement) {
        const auto checked = check(assembly.decide(), assembly.institution(), act, statement);
        return checked ? std::string_view("accepted") : checked.error().reason;
    }

    const Decided& decided(std::string_view motion) const {
        return std::get<Decided>(assembly.record(motion).stage);
    }

    Assembly assembly{{"ata", "bes", "cyr", "dov"}, usual_procedures()};
};

TEST_F(Deciding, SilenceAdoptsWhenThePeriodEndsAndNobodyObjected) {
    enter("ata", assembly.motion("m", "silence"));
    enter("bes", position("m", PositionKind::support));
    enter("cyr", position("m", PositionKind::reservation, english("Paragraph 1 binds no court.")));
    EXPECT_TRUE(assembly.tick(period_seconds - 1).empty());
    EXPECT_EQ(assembly.tick(period_seconds), std::vector{id<MotionId>("m")});

    const Decided& outcome = decided("m");
    EXPECT_TRUE(outcome.adopted);
    EXPECT_EQ(outcome.basis, Basis::silence_kept);
    EXPECT_EQ(outcome.procedure.id.text(), "silence");
    EXPECT_EQ(outcome.charter_version, 3U);
    EXPECT_EQ(outcome.decided_at, assembly.next_index() - 1);
    EXPECT_EQ(outcome.time, assembly.institution().now);
    EXPECT_EQ(codec::to_json(outcome.counts),
              codec::to_json(Counts{.entitled = 4, .support = 1, .reservation = 1, .silent = 2}));
}

TEST_F(Deciding, NothingButAnObjectionBreaksTheSilence) {
    enter("ata", assembly.motion("m", "silence"));
    for (const auto kind : {PositionKind::support, PositionKind::accept, PositionKind::reservation,
                            PositionKind::stand_aside, PositionKind::abstain}) {
        enter("bes", position("m", kind));
        EXPECT_TRUE(std::holds_alternative<UnderSilence>(assembly.record("m").stage));
    }
    enter("bes", objection("m"));
    EXPECT_FALSE(std::holds_alternative<UnderSilence>(assembly.record("m").stage));
}

TEST_F(Deciding, AnObjectionOpensTheFallbackVoteAtOnceWithItsFullPeriod) {
    enter("ata", assembly.motion("m", "silence"));
    assembly.tick(1'000);
    const std::uint64_t objected_at = assembly.next_index();
    enter("bes", objection("m"));

    const auto& stage = std::get<UnderVote>(assembly.record("m").stage);
    EXPECT_EQ(stage.closes_at.seconds, Assembly::start + 1'000 + period_seconds);
    EXPECT_EQ(stage.silence_broken_by, objected_at);
    EXPECT_EQ(procedure_in_force(assembly.record("m")).id.text(), "two-thirds");
    EXPECT_EQ(refusal("cyr", position("m", PositionKind::accept)), "decide/not-under-silence");

    enter("ata", vote("m", Choice::yes));
    enter("cyr", vote("m", Choice::yes));
    enter("bes", vote("m", Choice::no));
    EXPECT_TRUE(assembly.tick(period_seconds).empty()) << "the silence period closes no vote";
    EXPECT_EQ(assembly.tick(1'000 + period_seconds).size(), 1U);
    EXPECT_EQ(decided("m").basis, Basis::majority_reached);
    EXPECT_EQ(decided("m").procedure.id.text(), "two-thirds");
    const Counts& counts = decided("m").counts;
    EXPECT_EQ(counts.object, 1U);
    EXPECT_EQ(counts.silent, 3U);
    EXPECT_EQ(counts.yes, 2U);
    EXPECT_EQ(counts.no, 1U);
    EXPECT_EQ(counts.absent, 1U);
}

TEST_F(Deciding, AnObjectionWithoutAFallbackDecides) {
    enter("ata", assembly.motion("m", "bare-silence"));
    const std::uint64_t index = assembly.next_index();
    enter("bes", objection("m"));
    EXPECT_FALSE(decided("m").adopted);
    EXPECT_EQ(decided("m").basis, Basis::silence_broken);
    EXPECT_EQ(decided("m").decided_at, index);
    EXPECT_TRUE(assembly.tick(period_seconds).empty());
}

TEST_F(Deciding, AnObjectionGivesAReason) {
    enter("ata", assembly.motion("m", "silence"));
    EXPECT_EQ(refusal("bes", position("m", PositionKind::object)), "decide/objection-needs-reason");
    EXPECT_EQ(refusal("bes", position("m", PositionKind::object, LocalizedText{})),
              "decide/objection-needs-reason");
    EXPECT_EQ(refusal("bes", position("m", PositionKind::object, english(" \n\t"))),
              "decide/objection-needs-reason");
    EXPECT_EQ(refusal("bes", objection("m")), "accepted");
}

TEST_F(Deciding, AReasonOrExplanationThatIsThereSaysSomething) {
    enter("ata", assembly.motion("m", "silence"));
    enter("ata", assembly.motion("v", "two-thirds"));
    EXPECT_EQ(refusal("bes", position("m", PositionKind::accept, LocalizedText{})),
              "decide/bad-text");
    Vote explained = vote("v", Choice::yes);
    explained.explanation = english("");
    EXPECT_EQ(refusal("bes", explained), "decide/bad-text");
}

TEST_F(Deciding, WhatComesAtTheClosingTimeIsLate) {
    enter("ata", assembly.motion("m", "silence"));
    enter("ata", assembly.motion("v", "two-thirds"));
    assembly.set_clock(Assembly::start + period_seconds - 1);
    EXPECT_EQ(refusal("bes", objection("m")), "accepted");
    EXPECT_EQ(refusal("bes", vote("v", Choice::no)), "accepted");
    EXPECT_EQ(refusal("ata", Withdrawal{id<MotionId>("m")}), "accepted");
    assembly.set_clock(Assembly::start + period_seconds);
    EXPECT_EQ(refusal("bes", objection("m")), "decide/motion-closed");
    EXPECT_EQ(refusal("bes", vote("v", Choice::no)), "decide/motion-closed");
    EXPECT_EQ(refusal("ata", Withdrawal{id<MotionId>("m")}), "decide/motion-closed");
}

TEST_F(Deciding, ADecidedMotionTakesNothingMore) {
    enter("ata", assembly.motion("m", "silence"));
    assembly.tick(period_seconds);
    EXPECT_EQ(refusal("bes", objection("m")), "decide/motion-closed");
    EXPECT_EQ(refusal("bes", vote("m", Choice::no)), "decide/motion-closed");
    EXPECT_EQ(refusal("ata", Withdrawal{id<MotionId>("m")}), "decide/motion-closed");
    EXPECT_EQ(refusal("ata", assembly.motion("m", "silence")), "decide/motion-exists");
}

TEST_F(Deciding, VotesAreForRecordedVotesAndPositionsForSilence) {
    enter("ata", assembly.motion("m", "silence"));
    enter("ata", assembly.motion("v", "two-thirds"));
    EXPECT_EQ(refusal("bes", vote("m", Choice::yes)), "decide/not-under-vote");
    EXPECT_EQ(refusal("bes", position("v", PositionKind::accept)), "decide/not-under-silence");
    EXPECT_EQ(refusal("bes", vote("x", Choice::yes)), "decide/no-such-motion");
    EXPECT_EQ(refusal("bes", position("x", PositionKind::accept)), "decide/no-such-motion");
    EXPECT_EQ(refusal("bes", Withdrawal{id<MotionId>("x")}), "decide/no-such-motion");
}

TEST_F(Deciding, APartyHasOneVoiceHoweverManyDelegatesSpeak) {
    enter("ata", assembly.motion("v", "two-thirds"));
    enter("bes", vote("v", Choice::yes), "one");
    enter("bes", vote("v", Choice::no), "two");
    enter("cyr", vote("v", Choice::yes));
    const Counts counts = count(assembly.record("v"));
    EXPECT_EQ(counts.yes, 1U);
    EXPECT_EQ(counts.no, 1U);
    EXPECT_EQ(counts.absent, 2U);
    const auto& both = assembly.record("v").votes.at(id<MemberId>("bes"));
    ASSERT_EQ(both.size(), 2U) << "what was replaced stays on record";
    EXPECT_EQ(both.front().delegate.text(), "bes-one");
    EXPECT_EQ(both.back().delegate.text(), "bes-two");

    enter("ata", assembly.motion("m", "silence"));
    enter("bes", position("m", PositionKind::support), "one");
    enter("bes", position("m", PositionKind::reservation), "two");
    EXPECT_EQ(count(assembly.record("m")).support, 0U);
    EXPECT_EQ(count(assembly.record("m")).reservation, 1U);
    EXPECT_EQ(count(assembly.record("m")).silent, 3U);
}

TEST_F(Deciding, TheRollIsThatOfTheEntryOfTheMotion) {
    enter("ata", assembly.motion("m", "silence"));
    enter("ata", assembly.motion("v", "two-thirds"));
    assembly.add_party("eos");
    EXPECT_EQ(refusal("eos", position("m", PositionKind::accept)), "decide/not-on-the-roll");
    EXPECT_EQ(refusal("eos", vote("v", Choice::yes)), "decide/not-on-the-roll");
    EXPECT_EQ(count(assembly.record("v")).entitled, 4U);
    enter("ata", assembly.motion("later", "two-thirds"));
    EXPECT_EQ(refusal("eos", vote("later", Choice::yes)), "accepted");
}

TEST_F(Deciding, OnlyADelegateWithAMandateSpeaks) {
    enter("ata", assembly.motion("m", "silence"));
    auto seal = assembly.act("bes");
    seal.actor.delegate.reset();
    EXPECT_EQ(refusal(seal, objection("m")), "institution/no-mandate");
    EXPECT_EQ(refusal(seal, assembly.motion("n", "silence")), "institution/no-mandate");
    Motion elsewhere = assembly.motion("n", "silence");
    elsewhere.organ = id<institution::OrganId>("bureau");
    EXPECT_EQ(refusal("bes", elsewhere), "institution/not-entitled");
    EXPECT_EQ(refusal("ata", elsewhere), "accepted");
    enter("ata", elsewhere);
    EXPECT_EQ(assembly.record("n").roll, std::vector{id<MemberId>("ata")});
    EXPECT_EQ(refusal("bes", position("n", PositionKind::accept)), "institution/not-entitled");
}

TEST_F(Deciding, OnlyTheMoverWithdraws) {
    enter("ata", assembly.motion("m", "silence"));
    enter("bes", position("m", PositionKind::support));
    EXPECT_EQ(refusal("bes", Withdrawal{id<MotionId>("m")}), "decide/not-the-mover");
    enter("ata", Withdrawal{id<MotionId>("m")}, "two");
    EXPECT_EQ(decided("m").basis, Basis::withdrawn);
    EXPECT_FALSE(decided("m").adopted);
    EXPECT_EQ(decided("m").counts.support, 1U);
    EXPECT_TRUE(assembly.tick(period_seconds).empty());
}

TEST_F(Deciding, TheMoverMayWithdrawDuringTheFallbackVote) {
    enter("ata", assembly.motion("m", "silence"));
    enter("bes", objection("m"));
    enter("ata", Withdrawal{id<MotionId>("m")});
    EXPECT_EQ(decided("m").basis, Basis::withdrawn);
    EXPECT_EQ(decided("m").procedure.id.text(), "two-thirds");
    EXPECT_EQ(decided("m").counts.absent, 4U);
}

TEST_F(Deciding, AnAmendedCharterLeavesARunningMotionItsProcedure) {
    enter("ata", assembly.motion("m", "silence"));
    auto& charter = assembly.institution().charter;
    std::get<institution::RecordedVote>(charter.procedures[0].rule).share = testing::share("1");
    std::get<institution::SilenceProcedure>(charter.procedures[1].rule).fallback.reset();
    ++assembly.institution().charter_version;
    enter("bes", objection("m"));
    for (const char* party : {"ata", "cyr"}) enter(party, vote("m", Choice::yes));
    enter("bes", vote("m", Choice::no));
    assembly.tick(period_seconds);
    EXPECT_TRUE(decided("m").adopted);
    EXPECT_EQ(decided("m").charter_version, 3U);
}

TEST_F(Deciding, TheClockClosesInOrderOfClosingTimeThenOfId) {
    for (const char* name : {"c", "b", "a", "d"}) enter("ata", assembly.motion(name, "silence"));
    Motion longer = assembly.motion("a-longer", "silence");
    longer.closes_at.seconds += 5;
    enter("ata", longer);
    enter("bes", objection("d"));
    const auto adopted = assembly.tick(period_seconds + 10);
    EXPECT_EQ(adopted, (std::vector{id<MotionId>("a"), id<MotionId>("b"), id<MotionId>("c"),
                                    id<MotionId>("a-longer")}));
    EXPECT_EQ(decided("d").basis, Basis::quorum_missed);
    EXPECT_TRUE(assembly.tick(period_seconds + 11).empty()) << "once is enough";
}

TEST_F(Deciding, EachBendOfAMotionIsRefusedByName) {
    const Motion good = assembly.motion("m", "silence");
    ASSERT_EQ(refusal("ata", good), "accepted");
    const auto bent = [&](auto bend) {
        Motion motion = good;
        bend(motion);
        return refusal("ata", motion);
    };
    EXPECT_EQ(bent([](Motion& m) { m.organ = id<institution::OrganId>("senate"); }),
              "decide/no-such-organ");
    EXPECT_EQ(bent([](Motion& m) { m.procedure = id<institution::ProcedureId>("acclamation"); }),
              "decide/no-such-procedure");
    EXPECT_EQ(bent([](Motion& m) { --m.closes_at.seconds; }), "decide/period-too-short");
    EXPECT_EQ(bent([](Motion& m) { m.title.clear(); }), "decide/bad-text");
    EXPECT_EQ(bent([](Motion& m) { m.title = english(" "); }), "decide/bad-text");
    EXPECT_EQ(bent([](Motion& m) { m.text.clear(); }), "decide/bad-text");
    EXPECT_EQ(bent([](Motion& m) { m.text[0].number.clear(); }), "decide/bad-text");
    EXPECT_EQ(bent([](Motion& m) { m.text[0].number.assign(paragraph_number_bytes_max + 1, '1'); }),
              "decide/bad-text");
    EXPECT_EQ(bent([](Motion& m) { m.text[0].text.clear(); }), "decide/bad-text");
    EXPECT_EQ(bent([](Motion& m) { m.text.push_back(m.text[0]); }), "decide/bad-text");
    EXPECT_EQ(bent([](Motion& m) { m.effects.resize(effects_max + 1); }),
              "decide/too-many-effects");
}

TEST_F(Deciding, AMotionHasAtMostAsManyParagraphsAsStated) {
    Motion motion = assembly.motion("m", "silence");
    motion.text.clear();
    for (std::size_t n = 1; n <= paragraphs_max; ++n) {
        motion.text.push_back({.number = std::to_string(n), .text = english("Decides.")});
    }
    EXPECT_EQ(refusal("ata", motion), "accepted");
    motion.text.push_back({.number = "more", .text = english("Decides.")});
    EXPECT_EQ(refusal("ata", motion), "decide/bad-text");
}

TEST(Procedures, AMotionNeverClosesWhereItIsEntered) {
    auto procedures = usual_procedures();
    std::get<institution::RecordedVote>(procedures[0].rule).seconds_min = 0;
    std::get<institution::SilenceProcedure>(procedures[2].rule).seconds_min = -9;
    Assembly assembly({"ata"}, procedures);
    for (const char* name : {"two-thirds", "bare-silence"}) {
        Motion motion = assembly.motion("m", name);
        motion.closes_at = assembly.institution().now;
        const auto refused =
            check(assembly.decide(), assembly.institution(), assembly.act("ata"), motion);
        ASSERT_FALSE(refused) << name;
        EXPECT_EQ(refused.error().reason, "decide/period-too-short");
        ++motion.closes_at.seconds;
        EXPECT_TRUE(check(assembly.decide(), assembly.institution(), assembly.act("ata"), motion));
    }
    const auto no_time_to_vote = check(assembly.decide(), assembly.institution(),
                                       assembly.act("ata"), assembly.motion("m", "silence"));
    ASSERT_FALSE(no_time_to_vote);
    EXPECT_EQ(no_time_to_vote.error().reason, "decide/period-too-short");
}

TEST(Procedures, AFallbackThatIsNoRecordedVoteIsRefusedWhenTheMotionIsEntered) {
    for (const char* fallback : {"nowhere", "bare"}) {
        const Assembly assembly({"ata"},
                                {testing::procedure("bare", testing::silence()),
                                 testing::procedure("silence", testing::silence(fallback))});
        const auto refused = check(assembly.decide(), assembly.institution(), assembly.act("ata"),
                                   assembly.motion("m", "silence"));
        ASSERT_FALSE(refused) << fallback;
        EXPECT_EQ(refused.error().reason, "decide/no-such-procedure");
    }
}

TEST(Procedures, AnAbsurdPeriodEndsWhereTimeCanStillBeWritten) {
    auto procedures = usual_procedures();
    std::get<institution::RecordedVote>(procedures[0].rule).seconds_min =
        std::numeric_limits<std::int64_t>::max();
    Assembly assembly({"ata", "bes"}, procedures);
    ASSERT_TRUE(assembly.enter(assembly.act("ata"), assembly.motion("m", "silence")));
    ASSERT_TRUE(assembly.enter(assembly.act("bes"), objection("m")));
    EXPECT_EQ(std::get<UnderVote>(assembly.record("m").stage).closes_at.text(),
              "9999-12-31T23:59:59Z");
    EXPECT_TRUE(codec::from_cbor<Decide>(assembly.octets()));
}

TEST_F(Deciding, TheExplanationHasTheClauseTheRuleAndTheNumbers) {
    enter("ata", assembly.motion("m", "silence"));
    const std::uint64_t objected_at = assembly.next_index();
    enter("bes", objection("m"));
    enter("ata", vote("m", Choice::yes));
    enter("bes", vote("m", Choice::no));

    const Explanation running = explain(assembly.record("m"));
    EXPECT_FALSE(running.ruling);
    EXPECT_EQ(running.closes_at->seconds, Assembly::start + period_seconds);
    EXPECT_EQ(running.majority->yes_needed, 2);
    EXPECT_TRUE(running.quorum->reached);

    assembly.tick(period_seconds);
    const Explanation told = explain(assembly.record("m"));
    EXPECT_EQ(told.procedure.text(), "two-thirds");
    EXPECT_EQ(told.clause, "Rule 1");
    EXPECT_EQ(told.charter_version, 3U);
    EXPECT_FALSE(told.closes_at);
    EXPECT_FALSE(told.ruling->adopted);
    EXPECT_EQ(told.ruling->basis, Basis::majority_missed);
    EXPECT_EQ(told.silence_broken_by->member.text(), "bes");
    EXPECT_EQ(told.silence_broken_by->entry, objected_at);
    EXPECT_EQ(told.silence_broken_by->reason, english("It goes too far."));
    EXPECT_EQ(told.quorum->participants, 2U);
    EXPECT_EQ(told.quorum->participants_needed, 2);
    EXPECT_EQ(told.majority->yes, 1U);
    EXPECT_EQ(told.majority->base_count, 2U);
    EXPECT_EQ(told.majority->share.text(), "2/3");
}

TEST_F(Deciding, TheExplanationOfASilenceHasNoVoteInIt) {
    enter("ata", assembly.motion("m", "bare-silence"));
    EXPECT_FALSE(explain(assembly.record("m")).silence_broken_by);
    assembly.tick(period_seconds);
    const Explanation told = explain(assembly.record("m"));
    EXPECT_EQ(told.ruling->basis, Basis::silence_kept);
    EXPECT_FALSE(told.quorum);
    EXPECT_FALSE(told.majority);
    EXPECT_EQ(told.clause, "Rule 2");
}

TEST_F(Deciding, WhatIsMissingIsNamed) {
    enter("ata", assembly.motion("m", "silence"));
    enter("bes", position("m", PositionKind::accept));
    Missing missing = still_missing(assembly.record("m"));
    EXPECT_EQ(missing.yes_more, 0U);
    EXPECT_EQ(missing.participants_more, 0U);
    EXPECT_EQ(missing.silent,
              (std::vector{id<MemberId>("ata"), id<MemberId>("cyr"), id<MemberId>("dov")}));

    enter("bes", objection("m"));
    enter("bes", vote("m", Choice::no));
    missing = still_missing(assembly.record("m"));
    EXPECT_EQ(missing.yes_more, 2U);
    EXPECT_EQ(missing.participants_more, 1U);
    EXPECT_EQ(missing.silent.size(), 3U);
    EXPECT_EQ(missing.silent.front().text(), "ata");
}

TEST_F(Deciding, TheOperatorPublishesEachOutcomeOnceAndOnlyAsItIs) {
    enter("ata", assembly.motion("m", "silence"));
    OutcomeNotice notice{.motion = id<MotionId>("m"), .outcome = {}};
    EXPECT_EQ(refusal("ata", OutcomeNotice{.motion = id<MotionId>("x"), .outcome = {}}),
              "decide/no-such-motion");
    EXPECT_EQ(refusal("ata", notice), "decide/not-decided");
    assembly.tick(period_seconds);
    EXPECT_EQ(refusal("ata", notice), "decide/wrong-outcome");
    notice.outcome = outcome_digest(assembly.record("m"));
    EXPECT_EQ(notice.outcome, sha256({codec::to_cbor(assembly.record("m"))}));
    enter("ata", notice);
    EXPECT_EQ(refusal("ata", notice), "decide/outcome-published");
}

TEST_F(Deciding, TheStateReadsBackFromItsOctets) {
    enter("ata", assembly.motion("m", "silence"));
    enter("ata", assembly.motion("v", "two-thirds"));
    enter("ata", assembly.motion("w", "bare-silence"));
    enter("bes", objection("m"));
    enter("cyr", vote("m", Choice::abstain));
    enter("bes", objection("w"));
    const auto read = codec::from_cbor<Decide>(assembly.octets());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(codec::to_cbor(*read), assembly.octets());
}

}  // namespace
}  // namespace comity::decide
