// SPDX-License-Identifier: Apache-2.0
#include "rules/rules.h"

#include <gtest/gtest.h>

#include "codec/describe.h"
#include "rules/testing.h"

// How we trust restrictions: each sentence of docs/spec/rules.md about who may state what is a test
// here, with each bend of a valid restriction refused by name. Screening is in screening_test.cpp.

namespace comity::rules {
namespace {

using institution::EndUseId;
using institution::ItemClassId;
using institution::MemberId;
using institution::RestrictionId;
using testing::act_of;
using testing::area;
using testing::day;
using testing::id;

LocalizedText english(std::string text) { return {{*LanguageTag::parse("en"), std::move(text)}}; }

Restriction example(std::uint32_t version = 1) {
    return {.id = id<RestrictionId>("r"),
            .version = version,
            .title = english("Compute for unnamed purposes"),
            .treatment = Treatment::block,
            .scope = {.item_classes = std::set{id<ItemClassId>("compute")},
                      .origins = {},
                      .destinations = std::set{area("XAA"), area("XAB")},
                      .end_uses = {}},
            .exceptions = {{.item_classes = {},
                            .origins = {},
                            .destinations = {},
                            .end_uses = std::set{id<EndUseId>("health")}}},
            .from = day("2026-08-01"),
            .until = day("2027-01-01"),
            .instrument = {.title = "Order 7 of the example authority", .clause = {}, .url = {}}};
}

class Restricting : public ::testing::Test {
protected:
    template <class Statement>
    std::string_view refusal(std::string_view issuer, const Statement& statement) const {
        const auto checked = check(rules, institution, act_of(issuer, 9), statement);
        return checked ? std::string_view("accepted") : checked.error().reason;
    }

    template <class Statement>
    void enter(std::string_view issuer, std::uint64_t index, const Statement& statement) {
        const auto checked = check(rules, institution, act_of(issuer, index), statement);
        ASSERT_TRUE(checked) << checked.error().message;
        apply(rules, act_of(issuer, index), statement);
    }

    template <class Bend>
    std::string_view bent(Bend bend) const {
        Restriction restriction = example();
        bend(restriction);
        return refusal("ata", restriction);
    }

    institution::Institution institution =
        testing::institution_knowing({"compute", "model"}, {"health", "farming"});
    Rules rules;
};

TEST_F(Restricting, AnyPartyIsAnIssuer) {
    for (const char* issuer : {"ata", "host", "observer"}) {
        EXPECT_EQ(refusal(issuer, example()), "accepted");
    }
}

TEST_F(Restricting, TheFirstVersionIsOne) {
    EXPECT_EQ(refusal("ata", example(0)), "rules/wrong-version");
    EXPECT_EQ(refusal("ata", example(2)), "rules/wrong-version");
}

TEST_F(Restricting, TheIssuerAmendsWithTheNextVersion) {
    enter("ata", 5, example(1));
    EXPECT_EQ(refusal("bes", example(2)), "rules/not-the-issuer");
    EXPECT_EQ(refusal("ata", example(1)), "rules/wrong-version");
    EXPECT_EQ(refusal("ata", example(3)), "rules/wrong-version");
    enter("ata", 6, example(2));
    EXPECT_EQ(refusal("ata", example(3)), "accepted");

    const RestrictionRecord& record = rules.restrictions.at(id<RestrictionId>("r"));
    EXPECT_EQ(record.issuer.text(), "ata");
    ASSERT_EQ(record.versions.size(), 2U);
    EXPECT_EQ(record.versions[0].entry, 5U);
    EXPECT_EQ(record.versions[1].entry, 6U);
}

TEST_F(Restricting, AnotherPartyCannotTakeTheId) {
    enter("ata", 5, example(1));
    EXPECT_EQ(refusal("bes", example(1)), "rules/not-the-issuer");
}

TEST_F(Restricting, OnlyTheIssuerWithdrawsAndOnlyOnce) {
    const RestrictionWithdrawal withdrawal{.id = id<RestrictionId>("r"),
                                           .reason = "Order 7 ended."};
    EXPECT_EQ(refusal("ata", withdrawal), "rules/no-such-restriction");
    enter("ata", 5, example());
    EXPECT_EQ(refusal("bes", withdrawal), "rules/not-the-issuer");
    EXPECT_EQ(refusal("ata", RestrictionWithdrawal{.id = withdrawal.id, .reason = " "}),
              "rules/bad-text");
    enter("ata", 6, withdrawal);
    EXPECT_EQ(refusal("ata", withdrawal), "rules/withdrawn");
    EXPECT_EQ(refusal("ata", example(2)), "rules/withdrawn");
    const RestrictionRecord& record = rules.restrictions.at(id<RestrictionId>("r"));
    EXPECT_EQ(record.withdrawn_at, 6U);
    EXPECT_EQ(record.withdrawal_reason, "Order 7 ended.");
    EXPECT_FALSE(in_force(record, day("2026-09-01")));
}

TEST_F(Restricting, EachBendIsRefusedByName) {
    EXPECT_EQ(bent([](Restriction&) {}), "accepted");
    EXPECT_EQ(bent([](Restriction& r) { r.title.clear(); }), "rules/bad-text");
    EXPECT_EQ(bent([](Restriction& r) { r.title = english(""); }), "rules/bad-text");
    EXPECT_EQ(bent([](Restriction& r) { r.instrument.title = " "; }), "rules/no-instrument");
    EXPECT_EQ(bent([](Restriction& r) { r.until = r.from; }), "rules/empty-period");
    EXPECT_EQ(bent([](Restriction& r) { r.until = day("2026-07-31"); }), "rules/empty-period");
    EXPECT_EQ(bent([](Restriction& r) { r.until.reset(); }), "accepted");
    EXPECT_EQ(
        bent([](Restriction& r) { r.exceptions.resize(exceptions_max + 1, r.exceptions[0]); }),
        "rules/too-many-exceptions");
    EXPECT_EQ(bent([](Restriction& r) { r.exceptions.resize(exceptions_max, r.exceptions[0]); }),
              "accepted");
    EXPECT_EQ(bent([](Restriction& r) { r.exceptions.clear(); }), "accepted");
    EXPECT_EQ(bent([](Restriction& r) { r.scope = {}; }), "accepted") << "everything, everywhere";
}

TEST_F(Restricting, AnEmptyListIsRefusedWhereverItStands) {
    EXPECT_EQ(bent([](Restriction& r) { r.scope.item_classes.emplace().clear(); }),
              "rules/empty-list");
    EXPECT_EQ(bent([](Restriction& r) { r.scope.origins.emplace(); }), "rules/empty-list");
    EXPECT_EQ(bent([](Restriction& r) { r.scope.destinations.emplace(); }), "rules/empty-list");
    EXPECT_EQ(bent([](Restriction& r) { r.scope.end_uses.emplace(); }), "rules/empty-list");
    EXPECT_EQ(bent([](Restriction& r) { r.exceptions[0].origins.emplace(); }), "rules/empty-list");
    EXPECT_EQ(bent([](Restriction& r) { r.exceptions[0] = {}; }), "rules/empty-list");
}

TEST_F(Restricting, WhatTheCharterDoesNotKnowIsRefusedWithWhatItKnows) {
    EXPECT_EQ(bent([](Restriction& r) { r.scope.item_classes = std::set{id<ItemClassId>("gpu")}; }),
              "rules/unknown-item-class");
    EXPECT_EQ(bent([](Restriction& r) {
                  r.exceptions[0].item_classes = std::set{id<ItemClassId>("gpu")};
              }),
              "rules/unknown-item-class");
    EXPECT_EQ(bent([](Restriction& r) {
                  r.exceptions[0].end_uses = std::set{id<EndUseId>("health"), id<EndUseId>("war")};
              }),
              "rules/unknown-end-use");

    Restriction restriction = example();
    restriction.scope.end_uses = std::set{id<EndUseId>("war")};
    const auto refused = check(rules, institution, act_of("ata", 5), restriction);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "rules/unknown-end-use");
    EXPECT_EQ(refused.error().message,
              "The charter does not know 'war'; it knows: health, farming.");
    institution.charter.end_uses.clear();
    EXPECT_EQ(check(rules, institution, act_of("ata", 5), restriction).error().message,
              "The charter does not know 'war'; it knows: none.");
}

TEST_F(Restricting, TheStateReadsBackFromItsOctets) {
    enter("ata", 5, example(1));
    enter("ata", 6, example(2));
    enter("ata", 7,
          RestrictionWithdrawal{.id = id<RestrictionId>("r"), .reason = "Order 7 ended."});
    const Bytes octets = codec::to_cbor(rules);
    const auto read = codec::from_cbor<Rules>(octets);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(codec::to_cbor(*read), octets);
}

}  // namespace
}  // namespace comity::rules
