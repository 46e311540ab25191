// SPDX-License-Identifier: Apache-2.0
// How we trust founding: one sound charter is accepted, and each way of bending it once is refused
// at the bent place.

#include "institution/charter_check.h"

#include <gtest/gtest.h>

#include <functional>

#include "institution/limits.h"
#include "institution/testing.h"

namespace comity::institution {
namespace {

using namespace testing;

struct Bend {
    const char* place;
    std::function<void(Charter&)> bend;
};

template <class List>
void repeat_first(List& list) {
    list.push_back(list.front());
}

RecordedVote& vote(Charter& charter) {
    return std::get<RecordedVote>(charter.procedures.at(1).rule);
}

SilenceProcedure& silence(Charter& charter) {
    return std::get<SilenceProcedure>(charter.procedures.at(0).rule);
}

const std::vector<Bend> bends_of_lists = {
    {"/purposes", [](Charter& c) { c.purposes.clear(); }},
    {"/purposes/en", [](Charter& c) { c.purposes = english(""); }},
    {"/purposes/en", [](Charter& c) { c.purposes = english("a\tb"); }},
    {"/purposes/en", [](Charter& c) { c.purposes = english(std::string(8'001, 'x')); }},
    {"/sources/1/id", [](Charter& c) { repeat_first(c.sources); }},
    {"/sources/0/title", [](Charter& c) { c.sources[0].title.clear(); }},
    {"/sources/0/url", [](Charter& c) { c.sources[0].url = ""; }},
    {"/classes", [](Charter& c) { c.classes.clear(); }},
    {"/classes/3/id", [](Charter& c) { repeat_first(c.classes); }},
    {"/classes/0/id", [](Charter& c) { c.classes[0].id = {}; }},
    {"/classes/1/name", [](Charter& c) { c.classes[1].name.clear(); }},
    {"/classes/2/statements/0", [](Charter& c) { c.classes[2].statements = {"vote"}; }},
    {"/classes/2/statements/0", [](Charter& c) { c.classes[2].statements = {"Decide.vote"}; }},
    {"/classes/2/statements/0", [](Charter& c) { c.classes[2].statements = {"decide."}; }},
    {"/classes/2/statements/0", [](Charter& c) { c.classes[2].statements = {"a.b.c"}; }},
    {"/classes/2/statements/1",
     [](Charter& c) { c.classes[2].statements = {"decide.vote", "institution.clock"}; }},
    {"/classes/2/statements/0",
     [](Charter& c) { c.classes[2].statements = {"institution.state_root"}; }},
    {"/classes/2/statements/0", [](Charter& c) { c.classes[2].statements = {"institution.keys"}; }},
    {"/statuses/4/id", [](Charter& c) { repeat_first(c.statuses); }},
    {"/units/1/id", [](Charter& c) { repeat_first(c.units); }},
    {"/item_classes/1/id", [](Charter& c) { repeat_first(c.item_classes); }},
    {"/end_uses/1/id", [](Charter& c) { repeat_first(c.end_uses); }},
};

const std::vector<Bend> bends_of_organs_and_roles = {
    {"/organs/2/id", [](Charter& c) { repeat_first(c.organs); }},
    {"/organs/0/classes", [](Charter& c) { c.organs[0].classes.clear(); }},
    {"/organs/0/statuses", [](Charter& c) { c.organs[0].statuses.clear(); }},
    {"/organs/0/classes/0", [](Charter& c) { c.organs[0].classes = {id<ClassId>("x")}; }},
    {"/organs/1/statuses/1", [](Charter& c) { c.organs[1].statuses.insert(id<StatusId>("x")); }},
    {"/roles/2/id", [](Charter& c) { repeat_first(c.roles); }},
    {"/roles/1/holder", [](Charter& c) { c.roles[1].holder = member_id("x"); }},
    {"/roles/1/holder", [](Charter& c) { c.roles[1].holder = {}; }},
    {"/roles/0/statements/0", [](Charter& c) { c.roles[0].statements = {"institution.charter"}; }},
    {"/roles/0/statements/0", [](Charter& c) { c.roles[0].statements = {"institution.founding"}; }},
    {"/roles/0/statements/0", [](Charter& c) { c.roles[0].statements = {""}; }},
    {"/procedures/2/id", [](Charter& c) { repeat_first(c.procedures); }},
    {"/procedures/0/clause", [](Charter& c) { c.procedures[0].clause.clear(); }},
    {"/procedures/0/rule/seconds_min", [](Charter& c) { silence(c).seconds_min = -1; }},
    {"/procedures/0/rule/seconds_min",
     [](Charter& c) { silence(c).seconds_min = period_seconds_max + 1; }},
    {"/procedures/0/rule/fallback", [](Charter& c) { silence(c).fallback = id<ProcedureId>("x"); }},
    {"/procedures/0/rule/fallback",
     [](Charter& c) { silence(c).fallback = id<ProcedureId>("silence"); }},
    {"/procedures/1/rule/seconds_min", [](Charter& c) { vote(c).seconds_min = -1; }},
    {"/procedures/1/rule/share", [](Charter& c) { vote(c).share = {3, 2}; }},
    {"/procedures/1/rule/share", [](Charter& c) { vote(c).share = {-1, 2}; }},
    {"/procedures/1/rule/share", [](Charter& c) { vote(c).share = {1, 0}; }},
    {"/procedures/1/rule/share", [](Charter& c) { vote(c).share = {2, 4}; }},
    {"/procedures/1/rule/share", [](Charter& c) { vote(c).share = {0, 1}; }},
    {"/procedures/1/rule/share",
     [](Charter& c) {
         vote(c).comparison = Comparison::more_than;
         vote(c).share = {1, 1};
     }},
    {"/procedures/1/rule/quorum", [](Charter& c) { vote(c).quorum = {2, 1}; }},
};

const std::vector<Bend> bends_of_groups_and_members = {
    {"/groups/1/id", [](Charter& c) { repeat_first(c.groups); }},
    {"/groups/0/source", [](Charter& c) { c.groups[0].source = id<SourceId>("x"); }},
    {"/groups/0/members/0/area", [](Charter& c) { c.groups[0].members[0].area = {}; }},
    {"/groups/0/members/0/until",
     [](Charter& c) { c.groups[0].members[0].until = c.groups[0].members[0].from; }},
    {"/groups/0/members/2", [](Charter& c) { repeat_first(c.groups[0].members); }},
    {"/groups/0/members/2",
     [](Charter& c) {
         c.groups[0].members.push_back(c.groups[0].members[1]);
         c.groups[0].members[2].from = day("2030-01-01");  // the earlier period is open
     }},
    {"/members/5/id", [](Charter& c) { repeat_first(c.members); }},
    {"/members/0/id", [](Charter& c) { c.members[0].id = {}; }},
    {"/members/0/member_class", [](Charter& c) { c.members[0].member_class = id<ClassId>("x"); }},
    {"/members/0/name", [](Charter& c) { c.members[0].name.clear(); }},
    {"/members/0/area", [](Charter& c) { c.members[0].area = AreaCode(); }},
    {"/members/0/history/0/status",
     [](Charter& c) { c.members[0].history[0].status = id<StatusId>("x"); }},
    {"/members/0/history/0/sources/0",
     [](Charter& c) { c.members[0].history[0].sources = {id<SourceId>("x")}; }},
    {"/members/0/history/0/note", [](Charter& c) { c.members[0].history[0].note = ""; }},
    {"/members/0/history/1/from", [](Charter& c) { repeat_first(c.members[0].history); }},
    {"/members/0/history",
     [](Charter& c) { c.members[0].history.resize(history_max + 1, c.members[0].history[0]); }},
};

void expect_refused(const std::vector<Bend>& bends) {
    for (std::size_t i = 0; i < bends.size(); ++i) {
        Charter charter = small_charter();
        bends[i].bend(charter);
        const auto result = found(small_founding(), charter);
        ASSERT_FALSE(result) << i << " " << bends[i].place;
        EXPECT_EQ(result.error().code, Code::invalid);
        EXPECT_EQ(result.error().reason, "institution/bad-charter");
        const std::string& message = result.error().message;
        EXPECT_EQ(message.substr(0, message.find(": ")), bends[i].place) << i << " " << message;
    }
}

TEST(CharterCheck, TakesASoundCharter) {
    const auto result = found(small_founding(), small_charter());
    EXPECT_TRUE(result) << result.error().message;
}

TEST(CharterCheck, RefusesEachBentListAtItsPlace) { expect_refused(bends_of_lists); }

TEST(CharterCheck, RefusesEachBentOrganRoleAndProcedureAtItsPlace) {
    expect_refused(bends_of_organs_and_roles);
}

TEST(CharterCheck, RefusesEachBentGroupAndMemberAtItsPlace) {
    expect_refused(bends_of_groups_and_members);
}

TEST(CharterCheck, TakesPeriodsOfAGroupThatTouch) {
    Charter charter = small_charter();
    charter.groups[0].members.insert(
        charter.groups[0].members.begin(),
        {.area = AreaCode::parse("XAA").value(), .from = day("2026-11-24"), .until = {}});
    EXPECT_TRUE(found(small_founding(), charter));
}

TEST(FoundingCheck, SealsOfTheFoundingEntryActFromTheStart) {
    Founding founding = small_founding();
    KeyRegistration seal{.member = member_id("secretariat"),
                         .delegate = {},
                         .public_key = key_of("s").public_key(),
                         .proof = {}};
    seal.proof = key_of("s").sign(key_proof_message(founding.origin, seal));
    founding.seals = {seal};
    const auto institution = found(founding, small_charter());
    ASSERT_TRUE(institution) << institution.error().message;
    const auto actor = actor_of(institution->key_register, crypto::thumbprint(seal.public_key), 2);
    ASSERT_TRUE(actor);
    EXPECT_EQ(actor->member, seal.member);
}

TEST(FoundingCheck, RefusesEachBentPartAtItsPlace) {
    struct FoundingBend {
        const char* place;
        std::function<void(Founding&)> bend;
    };
    const auto es256 = crypto::PrivateKey::generate(crypto::Algorithm::es256).public_key();
    const auto sealed = [](std::string_view party, std::string_view key) {
        KeyRegistration seal{.member = member_id(party),
                             .delegate = {},
                             .public_key = key_of(key).public_key(),
                             .proof = {}};
        seal.proof = key_of(key).sign(key_proof_message("test.example", seal));
        return seal;
    };
    const std::vector<FoundingBend> bends = {
        {"/origin", [](Founding& f) { f.origin = ""; }},
        {"/origin", [](Founding& f) { f.origin = "a b"; }},
        {"/origin", [](Founding& f) { f.origin = "a+b"; }},
        {"/origin", [](Founding& f) { f.origin = "Example.org"; }},
        {"/origin", [](Founding& f) { f.origin = "https://example.org"; }},
        {"/origin", [](Founding& f) { f.origin = "example.org/"; }},
        {"/origin", [](Founding& f) { f.origin = "exämple.org"; }},
        {"/origin", [](Founding& f) { f.origin = "a\nb"; }},
        {"/origin", [](Founding& f) { f.origin = std::string(origin_bytes_max + 1, 'a'); }},
        {"/name", [](Founding& f) { f.name.clear(); }},
        {"/demonstration", [](Founding& f) { f.demonstration.emplace(); }},
        {"/operator_id", [](Founding& f) { f.operator_id = member_id("nobody"); }},
        {"/operator_id", [](Founding& f) { f.operator_id = {}; }},
        {"/checkpoint_key", [&](Founding& f) { f.checkpoint_key = es256; }},
        {"/checkpoint_key", [](Founding& f) { f.checkpoint_key.octets.pop_back(); }},
        {"/checkpoint_key", [](Founding& f) { f.checkpoint_key.octets.assign(32, std::byte{0}); }},
        {"/receipt_key", [](Founding& f) { f.receipt_key = f.checkpoint_key; }},
        {"/receipt_key", [](Founding& f) { f.receipt_key.octets[3] ^= std::byte{1}; }},
        {"/operator_key", [](Founding& f) { f.operator_key = f.checkpoint_key; }},
        {"/operator_key", [](Founding& f) { f.operator_key = f.receipt_key; }},
        {"/operator_key", [](Founding& f) { f.operator_key.octets.clear(); }},
        {"/seals/0/member", [&](Founding& f) { f.seals = {sealed("nobody", "n")}; }},
        {"/seals/0/delegate",
         [&](Founding& f) {
             f.seals = {sealed("secretariat", "s")};
             f.seals[0].delegate = id<DelegateId>("d");
         }},
        {"/seals/0/proof",
         [&](Founding& f) {
             f.seals = {sealed("secretariat", "s")};
             f.seals[0].proof[9] ^= std::byte{1};
         }},
        {"/seals/0/public_key",
         [&](Founding& f) { f.seals = {sealed("secretariat", "checkpoint")}; }},
        {"/seals/1/public_key",
         [&](Founding& f) { f.seals = {sealed("secretariat", "s"), sealed("secretariat", "s")}; }},
        {"/founded_at", [](Founding& f) { f.founded_at = Timestamp{0}; }},
    };
    for (std::size_t i = 0; i < bends.size(); ++i) {
        Founding founding = small_founding();
        bends[i].bend(founding);
        const auto result = found(founding, small_charter());
        ASSERT_FALSE(result) << i << " " << bends[i].place;
        EXPECT_EQ(result.error().reason, "institution/bad-founding");
        const std::string& message = result.error().message;
        EXPECT_EQ(message.substr(0, message.find(": ")), bends[i].place) << i << " " << message;
    }
}

TEST(AreaCode, IsThreeCapitalLetters) {
    EXPECT_EQ(AreaCode::parse("LSO").value().text(), "LSO");
    for (const char* text : {"", "LS", "LSOO", "lso", "L O", "L1O", "ÄÖ"}) {
        const auto result = AreaCode::parse(text);
        ASSERT_FALSE(result) << text;
        EXPECT_EQ(result.error().reason, "institution/bad-area");
    }
}

}  // namespace
}  // namespace comity::institution
