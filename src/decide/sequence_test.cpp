// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "decide/decide.h"
#include "decide/evaluate.h"
#include "decide/testing.h"

// Random sequences of acts, valid and not: by parties without a mandate, for motions that are not
// there, late, twice. What is refused changes nothing, what is decided stays, and the stage and the
// counts of every motion are those that a slow reading of all accepted acts gives.

namespace comity::decide {
namespace {

using institution::MemberId;
using testing::Assembly;
using testing::id;
using testing::period_seconds;

constexpr int sequences = 500;
constexpr int acts_of_sequence = 25;

const std::vector<std::string>& parties() {
    static const std::vector<std::string> names{"ata", "bes", "cyr", "dov", "eos"};
    return names;
}

/// What the record shows of a motion, read from the accepted acts only.
struct Reading {
    std::string procedure;
    std::string mover;
    std::int64_t closes_at = 0;
    bool under_vote = false;
    bool silence_broken = false;
    std::map<std::string, PositionKind> positions;
    std::map<std::string, Choice> votes;
    std::optional<Basis> basis;

    void close() {
        const auto cast = [&](Choice choice) {
            return std::ranges::count(votes, choice, [](const auto& v) { return v.second; });
        };
        if (!under_vote) {
            basis = Basis::silence_kept;
        } else if (2 * std::ssize(votes) < std::ssize(parties())) {
            basis = Basis::quorum_missed;
        } else {
            const auto yes = cast(Choice::yes);
            const auto no = cast(Choice::no);
            const bool reached = yes + no > 0 && 3 * yes >= 2 * (yes + no);
            basis = reached ? Basis::majority_reached : Basis::majority_missed;
        }
    }
};

class Play {
public:
    explicit Play(std::uint64_t seed)
        : random_(seed),
          assembly_(parties(), testing::usual_procedures()),
          octets_(assembly_.octets()) {
        assembly_.add_party("guest");
        assembly_.institution().members.at(id<MemberId>("guest")).member_class =
            id<institution::ClassId>("observer");
    }

    void step() {
        switch (readings_.empty() ? 0 : pick(16)) {
            case 0:
            case 1:
            case 2:
                return move();
            case 3:
                return tick();
            case 4:
                return withdraw();
            case 5:
            case 6:
            case 7:
            case 8:
                return state_position();
            default:
                return cast_vote();
        }
    }

    void expect_as_read() const {
        for (const auto& [name, reading] : readings_) {
            const MotionRecord& record = assembly_.record(name);
            const Counts counts = count(record);
            const auto* decided = std::get_if<Decided>(&record.stage);
            ASSERT_EQ(decided != nullptr, reading.basis.has_value());
            if (decided != nullptr) {
                ASSERT_EQ(decided->basis, *reading.basis);
                ASSERT_EQ(codec::to_cbor(decided->counts), codec::to_cbor(counts));
            } else {
                ASSERT_EQ(std::holds_alternative<UnderVote>(record.stage), reading.under_vote);
                ASSERT_EQ(closing_time(record)->seconds, reading.closes_at);
            }
            for (const auto& [party, position] : reading.positions) {
                ASSERT_EQ(record.positions.at(id<MemberId>(party)).back().position, position);
            }
            expect_sums(record, counts, reading);
        }
    }

    std::size_t accepted() const { return accepted_; }
    std::size_t refused() const { return refused_; }

private:
    static void expect_sums(const MotionRecord& record, const Counts& counts,
                            const Reading& reading) {
        const std::size_t stated = counts.support + counts.accept + counts.reservation +
                                   counts.stand_aside + counts.abstain + counts.object;
        const std::size_t cast = counts.yes + counts.no + counts.abstention;
        ASSERT_EQ(counts.entitled, parties().size());
        ASSERT_EQ(stated, reading.positions.size());
        ASSERT_EQ(cast, reading.votes.size());
        ASSERT_EQ(counts.silent, reading.procedure == "two-thirds" ? 0 : parties().size() - stated);
        ASSERT_EQ(counts.absent, reading.under_vote ? parties().size() - cast : 0);
        const Missing missing = still_missing(record);
        ASSERT_EQ(missing.silent.size(), reading.under_vote ? counts.absent : counts.silent);
    }

    std::uint64_t pick(std::uint64_t below) { return random_() % below; }

    std::string any_party() {
        const std::uint64_t n = pick(parties().size() + 1);
        return n == parties().size() ? "guest" : parties()[n];
    }

    /// Mostly one that runs, if there is one; else any of four names.
    std::string any_motion() {
        std::vector<std::string> running;
        for (const auto& [name, reading] : readings_) {
            if (!reading.basis) running.push_back(name);
        }
        if (running.empty() || pick(4) == 0) return "m" + std::to_string(pick(4));
        return running[pick(running.size())];
    }

    institution::Act act_of(const std::string& party) {
        institution::Act act = assembly_.act(party, pick(2) == 0 ? "one" : "two");
        if (pick(20) == 0) act.actor.delegate = id<institution::DelegateId>("impostor");
        if (pick(20) == 0) act.actor.delegate.reset();
        return act;
    }

    /// Whether it was accepted. Refused, it leaves the state as it was.
    template <class Statement>
    bool enter(const institution::Act& act, const Statement& statement) {
        const bool is_accepted = assembly_.enter(act, statement).has_value();
        Bytes octets = assembly_.octets();
        EXPECT_EQ(octets != octets_, is_accepted);
        octets_ = std::move(octets);
        ++(is_accepted ? accepted_ : refused_);
        return is_accepted;
    }

    void move() {
        const std::string party = any_party();
        const std::string name = "m" + std::to_string(pick(4));
        const std::vector<std::string> procedures{"silence",    "silence",    "bare-silence",
                                                  "two-thirds", "two-thirds", "none-such"};
        const std::string& procedure = procedures[pick(procedures.size())];
        Motion motion = assembly_.motion(name, procedure);
        motion.closes_at.seconds += static_cast<std::int64_t>(pick(3)) - 1;
        if (!enter(act_of(party), motion)) return;
        ASSERT_FALSE(readings_.contains(name));
        ASSERT_NE(party, "guest");
        ASSERT_NE(procedure, "none-such");
        Reading reading;
        reading.procedure = procedure;
        reading.mover = party;
        reading.closes_at = motion.closes_at.seconds;
        reading.under_vote = procedure == "two-thirds";
        readings_[name] = reading;
    }

    void tick() {
        const std::map<std::string, Bytes> decided = decided_motions();
        elapsed_ += 1 + static_cast<std::int64_t>(pick(period_seconds / 2));
        std::set<MotionId> adopted;
        for (auto& [name, reading] : readings_) {
            if (reading.basis || reading.closes_at > Assembly::start + elapsed_) continue;
            reading.close();
            if (reading.basis == Basis::silence_kept || reading.basis == Basis::majority_reached) {
                adopted.insert(id<MotionId>(name));
            }
        }
        const auto returned = assembly_.tick(elapsed_);
        octets_ = assembly_.octets();
        EXPECT_EQ(std::set(returned.begin(), returned.end()), adopted);
        for (const auto& [name, octets] : decided) {
            EXPECT_EQ(codec::to_cbor(assembly_.record(name)), octets) << "decided stays";
        }
    }

    void withdraw() {
        const std::string party = any_party();
        const std::string name = any_motion();
        if (!enter(act_of(party), Withdrawal{id<MotionId>(name)})) return;
        Reading& reading = running(name);
        ASSERT_EQ(party, reading.mover);
        reading.basis = Basis::withdrawn;
    }

    void state_position() {
        const std::string party = any_party();
        const std::string name = any_motion();
        const auto kind = static_cast<PositionKind>(pick(6));
        std::optional<LocalizedText> reason;
        if (pick(3) > 0) reason = testing::english("As instructed.");
        if (!enter(act_of(party), testing::position(name, kind, reason))) return;
        Reading& reading = running(name);
        ASSERT_FALSE(reading.under_vote);
        reading.positions[party] = kind;
        if (kind != PositionKind::object) return;
        ASSERT_TRUE(reason);
        if (reading.procedure == "bare-silence") {
            reading.basis = Basis::silence_broken;
        } else {
            reading.under_vote = true;
            reading.closes_at = Assembly::start + elapsed_ + period_seconds;
        }
    }

    void cast_vote() {
        const std::string party = any_party();
        const std::string name = any_motion();
        const auto choice = static_cast<Choice>(pick(3));
        if (!enter(act_of(party), testing::vote(name, choice))) return;
        Reading& reading = running(name);
        ASSERT_TRUE(reading.under_vote);
        reading.votes[party] = choice;
    }

    Reading& running(const std::string& name) {
        Reading& reading = readings_.at(name);
        EXPECT_FALSE(reading.basis) << "a decided motion takes nothing";
        EXPECT_LT(Assembly::start + elapsed_, reading.closes_at);
        return reading;
    }

    std::map<std::string, Bytes> decided_motions() const {
        std::map<std::string, Bytes> decided;
        for (const auto& [name, reading] : readings_) {
            if (reading.basis) decided[name] = codec::to_cbor(assembly_.record(name));
        }
        return decided;
    }

    std::mt19937_64 random_;
    Assembly assembly_;
    Bytes octets_;  ///< of the state, before the next act
    std::map<std::string, Reading> readings_;
    std::int64_t elapsed_ = 0;
    std::size_t accepted_ = 0;
    std::size_t refused_ = 0;
};

TEST(Sequences, AreReadAsAPersonWouldReadThem) {
    std::size_t accepted = 0;
    std::size_t refused = 0;
    for (std::uint64_t seed = 1; seed <= sequences; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Play play(seed);
        for (int i = 0; i < acts_of_sequence; ++i) {
            play.step();
            if (i % 4 == 0 || i + 1 == acts_of_sequence) play.expect_as_read();
            if (::testing::Test::HasFailure()) return;
        }
        accepted += play.accepted();
        refused += play.refused();
    }
    EXPECT_GT(accepted, sequences * 5U) << "the sequences must get somewhere";
    EXPECT_GT(refused, sequences * 5U) << "and meet refusals";
}

}  // namespace
}  // namespace comity::decide
