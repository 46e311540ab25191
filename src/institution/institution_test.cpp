// SPDX-License-Identifier: Apache-2.0
// How we trust the register: every small arrangement of key indexes and mandate periods is compared
// with its definition, statuses are compared with a slow search over what was entered, and each
// right is asked of everybody who might have it.

#include "institution/institution.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "codec/describe.h"
#include "institution/limits.h"
#include "institution/testing.h"

namespace comity::institution {
namespace {

using namespace testing;

Institution small() { return found(small_founding(), small_charter()).value(); }

std::string_view reason(const Result<>& result) {
    return result ? std::string_view("accepted") : result.error().reason;
}

template <class Statement>
void enter(Institution& institution, const Act& act, const Statement& statement) {
    const auto checked = check(institution, act, statement);
    ASSERT_TRUE(checked) << checked.error().message;
    apply(institution, act, statement);
}

void tick(Institution& institution, std::string_view time) {
    enter(institution, act("operator-office", 9), ClockTick{moment(time)});
}

Mandate mandate(std::string_view name, std::string_view party, std::string_view delegate,
                std::string_view organ = "council") {
    return {.id = id<MandateId>(name),
            .member = member_id(party),
            .delegate = id<DelegateId>(delegate),
            .organ = id<OrganId>(organ),
            .from = moment("2026-07-16T10:00:00Z"),
            .until = moment("2026-07-16T12:00:00Z")};
}

// Founding -------------------------------------------------------------------------------------

TEST(Founding, GivesTheStateAfterTwoEntries) {
    const Institution institution = small();
    EXPECT_EQ(institution.charter_version, 1U);
    EXPECT_EQ(institution.now.text(), "2026-07-16T09:00:00Z");
    EXPECT_EQ(institution.members.size(), 5U);
    EXPECT_EQ(find_member(institution, member_id("north"))->recorded_at, 1U);
    EXPECT_EQ(find_member(institution, member_id("north"))->history.at(0).recorded_at, 1U);
    ASSERT_EQ(institution.key_register.keys.size(), 1U);
    const KeyRecord& seal = institution.key_register.keys.begin()->second;
    EXPECT_EQ(seal.member, member_id("operator-office"));
    EXPECT_FALSE(seal.delegate);
    EXPECT_EQ(seal.registered_at, 0U);
}

TEST(Founding, StateSurvivesItsOwnEncoding) {
    Institution institution = small();
    enter(institution, act("secretariat", 2), registration("north", "n"));
    enter(institution, act("north", 3), mandate("m", "north", "ada"));
    const auto again = codec::from_cbor<Institution>(codec::to_cbor(institution));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(codec::to_json(*again), codec::to_json(institution));
    const auto keys = codec::from_cbor<KeyRegister>(codec::to_cbor(institution.key_register));
    ASSERT_TRUE(keys) << keys.error().message;
    EXPECT_EQ(codec::to_json(*keys), codec::to_json(institution.key_register));
}

// Keys -----------------------------------------------------------------------------------------

TEST(Keys, AreValidAfterTheirRegistrationUpToTheirRevocation) {
    const Digest key = crypto::thumbprint(key_of("n").public_key());
    for (std::uint64_t registered = 1; registered < 6; ++registered) {
        for (std::uint64_t revoked = registered; revoked < 7; ++revoked) {
            KeyRegister keys;
            keys.keys[key] = {member_id("north"), {}, key_of("n").public_key(), registered, {}};
            if (revoked > registered) keys.keys[key].revoked_at = revoked;
            for (std::uint64_t index = 0; index < 9; ++index) {
                const bool has_begun = registered < index;
                const bool has_ended = revoked > registered && index > revoked;
                const auto actor = actor_of(keys, key, index);
                EXPECT_EQ(actor.has_value(), has_begun && !has_ended)
                    << registered << " " << revoked << " " << index;
                if (actor) continue;
                EXPECT_EQ(actor.error().code, Code::unauthenticated);
                EXPECT_EQ(actor.error().reason,
                          has_begun ? "institution/revoked-key" : "institution/unknown-key");
            }
        }
    }
}

TEST(Keys, TheOperatorsSignsTheFirstTwoEntriesAndOn) {
    const Institution institution = small();
    const Digest seal = crypto::thumbprint(small_founding().operator_key);
    for (const std::uint64_t index : {0U, 1U, 2U, 1'000U}) {
        const auto actor = actor_of(institution.key_register, seal, index);
        ASSERT_TRUE(actor) << index;
        EXPECT_EQ(actor->member, member_id("operator-office"));
        EXPECT_EQ(actor->key, seal);
    }
    EXPECT_FALSE(actor_of(institution.key_register, Digest{}, 5));
}

TEST(Keys, AreRegisteredByTheRegistrarOrTheOwnSealAndNobodyElse) {
    Institution institution = small();
    const auto of_north = registration("north", "n", "ada");
    EXPECT_TRUE(check(institution, act("secretariat", 2), of_north));
    EXPECT_TRUE(check(institution, act("north", 2), of_north));
    for (const char* other : {"south", "maker", "operator-office"}) {
        EXPECT_EQ(reason(check(institution, act(other, 2), of_north)), "institution/not-own")
            << other;
    }
    for (const char* delegating : {"north", "secretariat", "south"}) {
        EXPECT_EQ(reason(check(institution, act(delegating, 2, "eve"), of_north)),
                  "institution/delegate-cannot")
            << delegating;
    }
}

TEST(Keys, AProofIsForOneRecordOnePartyOneDelegateOneKey) {
    const Institution institution = small();
    const Act by_registrar = act("secretariat", 2);
    const KeyRegistration good = registration("north", "n", "ada");
    ASSERT_TRUE(check(institution, by_registrar, good));

    KeyRegistration bent = good;
    bent.member = member_id("south");
    EXPECT_EQ(reason(check(institution, by_registrar, bent)), "institution/bad-key-proof");
    bent = good;
    bent.delegate.reset();
    EXPECT_EQ(reason(check(institution, by_registrar, bent)), "institution/bad-key-proof");
    bent = good;
    bent.delegate = id<DelegateId>("eve");
    EXPECT_EQ(reason(check(institution, by_registrar, bent)), "institution/bad-key-proof");
    bent = good;
    bent.public_key = key_of("other").public_key();
    EXPECT_EQ(reason(check(institution, by_registrar, bent)), "institution/bad-key-proof");
    bent = good;
    bent.proof = key_of("n").sign(key_proof_message("other.example", good));
    EXPECT_EQ(reason(check(institution, by_registrar, bent)), "institution/bad-key-proof");
    bent = good;
    bent.proof.pop_back();
    EXPECT_EQ(reason(check(institution, by_registrar, bent)), "institution/bad-key-proof");
    for (std::size_t i = 0; i < good.proof.size(); ++i) {
        bent = good;
        bent.proof[i] ^= std::byte{1};
        EXPECT_EQ(reason(check(institution, by_registrar, bent)), "institution/bad-key-proof") << i;
    }
}

TEST(Keys, TheProofMessageIsFrozen) {
    const KeyRegistration seal = registration("north", "n");
    const Bytes message = key_proof_message("test.example", seal);
    const std::string text =
        "comity/key/v1\ntest.example\nnorth\n\n" + seal.public_key.text() + "\n";
    EXPECT_EQ(message, Bytes(bytes_of(text).begin(), bytes_of(text).end()));
}

TEST(Keys, AreRegisteredOnceInTheLifeOfARecord) {
    Institution institution = small();
    enter(institution, act("secretariat", 2), registration("north", "n"));
    const Digest key = crypto::thumbprint(key_of("n").public_key());
    EXPECT_EQ(reason(check(institution, act("secretariat", 3), registration("north", "n"))),
              "institution/key-exists");
    EXPECT_EQ(reason(check(institution, act("secretariat", 3), registration("south", "n"))),
              "institution/key-exists");
    enter(institution, act("secretariat", 3), KeyRevocation{key, "lost"});
    EXPECT_EQ(reason(check(institution, act("secretariat", 4), registration("north", "n"))),
              "institution/key-exists");
    EXPECT_EQ(
        reason(check(institution, act("secretariat", 4), registration("north", "checkpoint"))),
        "institution/key-exists");
    EXPECT_EQ(
        reason(check(institution, act("secretariat", 4), registration("north", "operator-office"))),
        "institution/key-exists");
}

TEST(Keys, HaveALimitOfThoseInForce) {
    Institution institution = small();
    std::uint64_t index = 2;
    for (std::uint32_t i = 0; i < keys_per_member_max; ++i) {
        enter(institution, act("secretariat", index++),
              registration("north", "n" + std::to_string(i)));
    }
    EXPECT_EQ(reason(check(institution, act("secretariat", index), registration("north", "more"))),
              "institution/too-many-keys");
    EXPECT_TRUE(check(institution, act("secretariat", index), registration("south", "s")));
    enter(institution, act("secretariat", index++),
          KeyRevocation{crypto::thumbprint(key_of("n7").public_key()), "old"});
    EXPECT_TRUE(check(institution, act("secretariat", index), registration("north", "more")));
}

TEST(Keys, AreRevokedByRegistrarOwnSealOrThemselves) {
    Institution institution = small();
    enter(institution, act("secretariat", 2), registration("north", "n"));
    enter(institution, act("secretariat", 3), registration("north", "ada", "ada"));
    const KeyRevocation lost{crypto::thumbprint(key_of("ada").public_key()), "lost"};
    EXPECT_TRUE(check(institution, act("secretariat", 4), lost));
    EXPECT_TRUE(check(institution, act("north", 4), lost));
    EXPECT_EQ(reason(check(institution, act("south", 4), lost)), "institution/not-own");
    EXPECT_EQ(reason(check(institution, act("operator-office", 4), lost)), "institution/not-own");
    Act by_delegate = act("north", 4, "ada");
    EXPECT_EQ(reason(check(institution, by_delegate, lost)), "institution/delegate-cannot");
    by_delegate.actor.key = lost.key;
    enter(institution, by_delegate, lost);
    EXPECT_EQ(reason(check(institution, act("north", 5), lost)), "institution/key-revoked");
    EXPECT_EQ(reason(check(institution, act("north", 5), KeyRevocation{Digest{}, "lost"})),
              "institution/no-such-key");
    const KeyRevocation silent{crypto::thumbprint(key_of("n").public_key()), ""};
    EXPECT_EQ(reason(check(institution, act("north", 5), silent)), "institution/bad-text");
}

// Rights ---------------------------------------------------------------------------------------

TEST(Rights, ComeFromTheClassOrARoleAndFromNothingElse) {
    const Institution institution = small();
    const std::map<std::string, std::set<std::string>> may = {
        {"north", {"decide.vote", "exchange.need", "institution.key"}},
        {"maker", {"exchange.offer"}},
        {"operator-office", {"institution.clock", "institution.state_root"}},
        {"secretariat",
         {"institution.key", "institution.key_revocation", "institution.mandate",
          "institution.mandate_end", "institution.member", "institution.status"}}};
    std::set<std::string> types{"decide.motion", "institution.charter", ""};
    for (const auto& [party, some] : may) types.insert(some.begin(), some.end());
    for (const auto& [party, allowed] : may) {
        for (const auto& type : types) {
            const auto result = may_sign(institution, act(party, 2).actor, type);
            EXPECT_EQ(result.has_value(), allowed.contains(type)) << party << " " << type;
            if (!result) {
                EXPECT_EQ(reason(result), "institution/not-permitted");
            }
        }
    }
    const auto refused = may_sign(institution, act("secretariat", 2).actor, "decide.vote");
    EXPECT_NE(refused.error().message.find("class office, registrar"), std::string::npos)
        << refused.error().message;
}

TEST(Rights, TheClockIsTheOperators) {
    Institution institution = small();
    const ClockTick later{moment("2026-07-16T09:00:01Z")};
    EXPECT_TRUE(check(institution, act("operator-office", 2), later));
    for (const char* other : {"north", "maker", "secretariat"}) {
        EXPECT_EQ(reason(check(institution, act(other, 2), later)), "institution/not-operator");
    }
    EXPECT_EQ(reason(check(institution, act("operator-office", 2),
                           ClockTick{moment("2026-07-16T09:00:00Z")})),
              "institution/clock-not-later");
    const auto longest = Timestamp{institution.now.seconds + clock_step_seconds_max};
    EXPECT_TRUE(check(institution, act("operator-office", 2), ClockTick{longest}));
    EXPECT_EQ(reason(check(institution, act("operator-office", 2),
                           ClockTick{Timestamp{longest.seconds + 1}})),
              "institution/clock-step-too-long");
    enter(institution, act("operator-office", 2), ClockTick{longest});
    EXPECT_EQ(institution.now, longest);
}

// Mandates -------------------------------------------------------------------------------------

TEST(Mandates, HoldFromTheirBeginningUntilJustBeforeTheirEnd) {
    Institution institution = small();
    enter(institution, act("north", 2), mandate("m", "north", "ada"));
    const auto asked = [&](std::string_view time) {
        institution.now = moment(time);
        return std::string(
            reason(may_act_in(institution, act("north", 9, "ada").actor, id<OrganId>("council"))));
    };
    EXPECT_EQ(asked("2026-07-16T09:59:59Z"), "institution/mandate-not-in-force");
    EXPECT_EQ(asked("2026-07-16T10:00:00Z"), "accepted");
    EXPECT_EQ(asked("2026-07-16T11:59:59Z"), "accepted");
    EXPECT_EQ(asked("2026-07-16T12:00:00Z"), "institution/mandate-not-in-force");
}

TEST(Mandates, AreForOneDelegateOfOnePartyInOneOrgan) {
    Institution institution = small();
    enter(institution, act("north", 2), mandate("m", "north", "ada"));
    tick(institution, "2026-07-16T11:00:00Z");
    const auto council = id<OrganId>("council");
    EXPECT_TRUE(may_act_in(institution, act("north", 3, "ada").actor, council));
    EXPECT_EQ(reason(may_act_in(institution, act("north", 3).actor, council)),
              "institution/no-mandate");
    EXPECT_EQ(reason(may_act_in(institution, act("north", 3, "eve").actor, council)),
              "institution/no-mandate");
    EXPECT_EQ(reason(may_act_in(institution, act("south", 3, "ada").actor, council)),
              "institution/no-mandate");
    EXPECT_EQ(reason(may_act_in(institution, act("north", 3, "ada").actor, id<OrganId>("bureau"))),
              "institution/no-mandate");
}

TEST(Mandates, GiveNothingToAPartyThatIsNotEntitled) {
    Institution institution = small();
    enter(institution, act("secretariat", 2), mandate("m1", "maker", "ada"));
    enter(institution, act("secretariat", 3), mandate("m2", "north", "ada"));
    tick(institution, "2026-07-16T11:00:00Z");
    const auto council = id<OrganId>("council");
    EXPECT_EQ(reason(may_act_in(institution, act("maker", 4, "ada").actor, council)),
              "institution/not-entitled");
    EXPECT_TRUE(may_act_in(institution, act("north", 4, "ada").actor, council));
    enter(institution, act("secretariat", 4),
          StatusNotice{member_id("north"), change("withdrawn", "2026-07-16")});
    EXPECT_EQ(reason(may_act_in(institution, act("north", 5, "ada").actor, council)),
              "institution/not-entitled");
}

TEST(Mandates, EndEarly) {
    Institution institution = small();
    enter(institution, act("north", 2), mandate("m", "north", "ada"));
    tick(institution, "2026-07-16T11:00:00Z");
    const MandateEnd end{id<MandateId>("m")};
    EXPECT_EQ(reason(check(institution, act("south", 3), end)), "institution/not-own");
    EXPECT_EQ(reason(check(institution, act("north", 3, "ada"), end)),
              "institution/delegate-cannot");
    EXPECT_EQ(reason(check(institution, act("north", 3), MandateEnd{id<MandateId>("x")})),
              "institution/no-such-mandate");
    enter(institution, act("secretariat", 3), end);
    EXPECT_EQ(reason(may_act_in(institution, act("north", 4, "ada").actor, id<OrganId>("council"))),
              "institution/mandate-not-in-force");
    EXPECT_EQ(reason(check(institution, act("north", 4), end)), "institution/mandate-ended");
    enter(institution, act("north", 4), mandate("m-again", "north", "ada"));
    EXPECT_TRUE(may_act_in(institution, act("north", 5, "ada").actor, id<OrganId>("council")));
}

TEST(Mandates, AreRefusedWithTheReason) {
    Institution institution = small();
    const Mandate good = mandate("m", "north", "ada");
    EXPECT_TRUE(check(institution, act("north", 2), good));
    EXPECT_EQ(reason(check(institution, act("south", 2), good)), "institution/not-own");
    EXPECT_EQ(reason(check(institution, act("north", 2, "ada"), good)),
              "institution/delegate-cannot");
    Mandate bent = good;
    bent.member = member_id("nobody");
    EXPECT_EQ(reason(check(institution, act("north", 2), bent)), "institution/no-such-member");
    bent = good;
    bent.organ = id<OrganId>("court");
    EXPECT_EQ(reason(check(institution, act("north", 2), bent)), "institution/no-such-organ");
    bent = good;
    bent.until = bent.from;
    EXPECT_EQ(reason(check(institution, act("north", 2), bent)), "institution/empty-period");
    bent = good;
    bent.from = moment("2020-01-01T00:00:00Z");
    bent.until = institution.now;
    EXPECT_EQ(reason(check(institution, act("north", 2), bent)), "institution/mandate-over");
    enter(institution, act("north", 2), good);
    EXPECT_EQ(reason(check(institution, act("north", 3), good)), "institution/mandate-exists");
}

RC_GTEST_PROP(Mandates, NobodyActsOnCredentialsThatAreExpiredOrForAnotherOrgan, ()) {
    Institution institution = small();
    const auto hours = [](std::int64_t n) {
        return Timestamp{moment("2026-07-16T09:00:00Z").seconds + n * 3600};
    };
    std::vector<Mandate> given;
    for (std::uint64_t i = 0; i < 12; ++i) {
        Mandate one =
            mandate("m" + std::to_string(i), *rc::gen::element("north", "south", "maker"),
                    *rc::gen::element("ada", "eve"), *rc::gen::element("council", "bureau"));
        one.from = hours(*rc::gen::inRange(0, 20));
        one.until = Timestamp{one.from.seconds + 3600 * *rc::gen::inRange(1, 9)};
        if (!check(institution, act("secretariat", 2 + i), one)) continue;
        apply(institution, act("secretariat", 2 + i), one);
        given.push_back(one);
    }
    institution.now = hours(*rc::gen::inRange(0, 30));
    for (const char* party : {"north", "south", "maker"}) {
        for (const char* delegate : {"ada", "eve"}) {
            for (const char* organ : {"council", "bureau"}) {
                const bool has_credentials =
                    std::any_of(given.begin(), given.end(), [&](const Mandate& one) {
                        return one.member.text() == party && one.delegate.text() == delegate &&
                               one.organ.text() == organ && one.from <= institution.now &&
                               institution.now < one.until;
                    });
                const auto result =
                    may_act_in(institution, act(party, 90, delegate).actor, id<OrganId>(organ));
                RC_ASSERT(result.has_value() ==
                          (has_credentials && std::string_view(party) != "maker"));
            }
        }
    }
}

// Members --------------------------------------------------------------------------------------

TEST(Members, AreRegisteredOnce) {
    Institution institution = small();
    const Member east = party("east", "state", "signatory");
    EXPECT_TRUE(check_admission(institution, east));
    enter(institution, act("secretariat", 7), east);
    EXPECT_EQ(find_member(institution, member_id("east"))->recorded_at, 7U);
    EXPECT_EQ(reason(check(institution, act("secretariat", 8), east)), "institution/member-exists");
    EXPECT_EQ(reason(check_admission(institution, east)), "institution/member-exists");
    apply_admission(institution, 9, party("west", "state", "observer"));
    EXPECT_EQ(status_on(*find_member(institution, member_id("west")), day("2026-07-16")),
              id<StatusId>("observer"));

    const auto strange = check_admission(institution, party("far", "planet", "signatory"));
    EXPECT_EQ(reason(strange), "institution/bad-member");
    EXPECT_TRUE(strange.error().message.starts_with("/member_class: ")) << strange.error().message;
    const auto odd = check_admission(institution, party("far", "state", "friend"));
    EXPECT_TRUE(odd.error().message.starts_with("/history/0/status: ")) << odd.error().message;
}

TEST(Members, ChangeStatusOnADay) {
    Institution institution = small();
    const auto north = member_id("north");
    enter(institution, act("secretariat", 5),
          StatusNotice{north, change("withdrawn", "2026-09-01")});
    enter(institution, act("secretariat", 6),
          StatusNotice{north, change("observer", "2026-08-01")});
    const MemberRecord& record = *find_member(institution, north);
    EXPECT_EQ(status_on(record, day("2025-12-31")), std::nullopt);
    EXPECT_EQ(status_on(record, day("2026-07-31")), id<StatusId>("signatory"));
    EXPECT_EQ(status_on(record, day("2026-08-01")), id<StatusId>("observer"));
    EXPECT_EQ(status_on(record, day("2026-09-01")), id<StatusId>("withdrawn"));
    EXPECT_EQ(status_on(record, day("2026-08-15"), 6), id<StatusId>("signatory"))
        << "as of an index, what came later is not known";
    EXPECT_EQ(status_on(record, day("2026-08-15"), 1), std::nullopt);
    EXPECT_EQ(members_with_status(institution, {id<StatusId>("signatory")}, day("2026-08-15")),
              std::vector{member_id("south")});

    EXPECT_EQ(reason(check(institution, act("secretariat", 7),
                           StatusNotice{north, change("observer", "2026-08-01")})),
              "institution/status-exists");
    EXPECT_EQ(reason(check(institution, act("secretariat", 7),
                           StatusNotice{member_id("nobody"), change("observer", "2026-08-01")})),
              "institution/no-such-member");
    EXPECT_EQ(reason(check(institution, act("secretariat", 7),
                           StatusNotice{north, change("friend", "2026-08-01")})),
              "institution/no-such-status");
    StatusNotice sourced{north, change("observer", "2026-08-02")};
    sourced.change.sources = {id<SourceId>("gazette")};
    EXPECT_TRUE(check(institution, act("secretariat", 7), sourced));
    sourced.change.sources = {id<SourceId>("rumour")};
    EXPECT_EQ(reason(check(institution, act("secretariat", 7), sourced)),
              "institution/no-such-source");
}

RC_GTEST_PROP(Members, HaveTheStatusThatTheLatestDayThenTheLatestEntryGives, ()) {
    Institution institution = small();
    const auto north = member_id("north");
    struct Entered {
        Date from;
        std::uint64_t index;
        StatusId status;
    };
    std::vector<Entered> entered{{day("2026-01-01"), 1, id<StatusId>("signatory")}};
    for (std::uint64_t index = 2; index < 12; ++index) {
        StatusNotice notice{
            north, change(*rc::gen::element("signatory", "observer", "withdrawn"), "2026-01-01")};
        notice.change.from.days += *rc::gen::inRange(-3, 6);
        if (!check(institution, act("secretariat", index), notice)) continue;
        apply(institution, act("secretariat", index), notice);
        entered.push_back({notice.change.from, index, notice.change.status});
    }
    const MemberRecord& record = *find_member(institution, north);
    for (std::int32_t offset = -5; offset < 8; ++offset) {
        const Date asked{day("2026-01-01").days + offset};
        for (std::uint64_t known_before = 0; known_before < 14; ++known_before) {
            const Entered* best = nullptr;
            for (const Entered& one : entered) {
                if (one.from > asked || one.index >= known_before) continue;
                const bool is_better = best == nullptr || one.from > best->from ||
                                       (one.from == best->from && one.index > best->index);
                if (is_better) best = &one;
            }
            const auto status = status_on(record, asked, known_before);
            RC_ASSERT(status.has_value() == (best != nullptr));
            if (best != nullptr) RC_ASSERT(*status == best->status);
        }
    }
}

TEST(Members, AreEntitledByClassAndStatus) {
    Institution institution = small();
    const auto council = id<OrganId>("council");
    EXPECT_EQ(entitled(institution, council, day("2026-07-16")),
              (std::vector{member_id("north"), member_id("south")}));
    EXPECT_TRUE(entitled(institution, council, day("2025-12-31")).empty());
    EXPECT_TRUE(entitled(institution, id<OrganId>("court"), day("2026-07-16")).empty());
    apply_admission(institution, 3, party("guest", "state", "observer"));
    apply_admission(institution, 4, party("firm", "company", "signatory"));
    EXPECT_EQ(entitled(institution, council, day("2026-07-16")).size(), 2U);
}

TEST(Members, BelongToADatedGroupOnItsDays) {
    const Institution institution = small();
    const auto ldc = id<GroupId>("ldc");
    const auto leaving = AreaCode::parse("XAA").value();
    EXPECT_FALSE(in_group(institution, ldc, leaving, day("2023-12-31")));
    EXPECT_TRUE(in_group(institution, ldc, leaving, day("2024-01-01")));
    EXPECT_TRUE(in_group(institution, ldc, leaving, day("2026-11-23")));
    EXPECT_FALSE(in_group(institution, ldc, leaving, day("2026-11-24")));
    EXPECT_TRUE(in_group(institution, ldc, AreaCode::parse("XAB").value(), day("2030-01-01")));
    EXPECT_FALSE(in_group(institution, ldc, AreaCode::parse("XAC").value(), day("2024-01-01")));
    EXPECT_FALSE(in_group(institution, id<GroupId>("lldc"), leaving, day("2024-01-01")));
}

// Amendments -----------------------------------------------------------------------------------

TEST(Amendments, ReplaceWhatHasTheSameIdAndAddTheRest) {
    Institution institution = small();
    CharterAmendment amendment;
    amendment.roles = {institution.charter.roles.at(0)};
    amendment.roles.at(0).holder = member_id("secretariat");
    amendment.units = {{.id = id<UnitId>("training-place"), .name = english("Training place")}};
    amendment.purposes = english("To test more.");
    ASSERT_TRUE(check(institution, amendment));
    apply_amendment(institution, amendment);
    EXPECT_EQ(institution.charter_version, 2U);
    EXPECT_EQ(institution.charter.roles.size(), 2U);
    EXPECT_EQ(institution.charter.units.size(), 2U);
    EXPECT_EQ(institution.charter.purposes, english("To test more."));
    EXPECT_NE(find_unit(institution, id<UnitId>("training-place")), nullptr);
    EXPECT_TRUE(may_sign(institution, act("secretariat", 5).actor, "institution.clock"));
    EXPECT_FALSE(may_sign(institution, act("operator-office", 5).actor, "institution.clock"));
    EXPECT_TRUE(
        check(institution, act("secretariat", 5), ClockTick{moment("2026-07-16T09:00:01Z")}))
        << "the clock goes with the role";
}

TEST(Amendments, MayGiveARoleToAPartyThatCameLater) {
    Institution institution = small();
    CharterAmendment amendment;
    amendment.roles = {institution.charter.roles.at(0)};
    amendment.roles.at(0).holder = member_id("new-office");
    const auto early = check(institution, amendment);
    EXPECT_EQ(reason(early), "institution/bad-charter");
    EXPECT_TRUE(early.error().message.starts_with("/roles/0/holder: ")) << early.error().message;
    apply_admission(institution, 3, party("new-office", "office", "in-office"));
    EXPECT_TRUE(check(institution, amendment));
}

TEST(Amendments, ThatChangeNothingOrTheSameTwiceAreRefused) {
    const Institution institution = small();
    EXPECT_EQ(reason(check(institution, CharterAmendment{})), "institution/empty-amendment");
    CharterAmendment twice;
    twice.units = {{.id = id<UnitId>("day"), .name = english("Day")},
                   {.id = id<UnitId>("day"), .name = english("Night")}};
    EXPECT_EQ(reason(check(institution, twice)), "institution/bad-amendment");
}

}  // namespace
}  // namespace comity::institution
