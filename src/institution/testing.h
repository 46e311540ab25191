// SPDX-License-Identifier: Apache-2.0
#pragma once

// For tests only: a small institution with its keys.
//
// Two states, a company, an operator's office and a secretariat that is registrar. Keys come from
// their names, so that a failure repeats.

#include <string>
#include <string_view>

#include "crypto/key.h"
#include "institution/institution.h"

namespace comity::institution::testing {

template <class IdType>
IdType id(std::string_view text) {
    return IdType::parse(text).value();
}

inline MemberId member_id(std::string_view text) { return id<MemberId>(text); }

inline LocalizedText english(std::string text) {
    return {{LanguageTag::parse("en").value(), std::move(text)}};
}

inline Date day(std::string_view text) { return Date::parse(text).value(); }
inline Timestamp moment(std::string_view text) { return Timestamp::parse(text).value(); }

/// The Ed25519 key of a name.
inline crypto::PrivateKey key_of(std::string_view name) {
    return crypto::PrivateKey::from_seed(sha256({bytes_of(name)}).octets).value();
}

inline StatusChange change(std::string_view status, std::string_view from) {
    return {.status = id<StatusId>(status), .from = day(from), .sources = {}, .note = {}};
}

inline Member party(std::string_view name, std::string_view of_class, std::string_view status) {
    return {.id = member_id(name),
            .member_class = id<ClassId>(of_class),
            .name = english(std::string(name)),
            .area = {},
            .history = {change(status, "2026-01-01")}};
}

inline std::vector<Procedure> small_procedures() {
    const Rational two_thirds = Rational::parse("2/3").value();
    const Rational half = Rational::parse("1/2").value();
    return {{.id = id<ProcedureId>("silence"),
             .name = english("Silence"),
             .clause = "Rule 1",
             .rule = SilenceProcedure{.seconds_min = 60, .fallback = id<ProcedureId>("vote")}},
            {.id = id<ProcedureId>("vote"),
             .name = english("Vote"),
             .clause = "Rule 2",
             .rule = RecordedVote{.share = two_thirds, .quorum = half, .seconds_min = 60}}};
}

inline std::vector<Role> small_roles() {
    return {
        {.id = id<RoleId>("operator"),
         .name = english("Operator"),
         .holder = member_id("operator-office"),
         .statements = {"institution.clock", "institution.state_root"}},
        {.id = id<RoleId>("registrar"),
         .name = english("Registrar"),
         .holder = member_id("secretariat"),
         .statements = {"institution.key", "institution.key_revocation", "institution.mandate",
                        "institution.mandate_end", "institution.member", "institution.status"}}};
}

inline std::vector<MembershipClass> small_classes() {
    return {{.id = id<ClassId>("state"),
             .name = english("State"),
             .statements = {"decide.vote", "exchange.need", "institution.key"},
             .in_benefit_ledger = true},
            {.id = id<ClassId>("company"),
             .name = english("Company"),
             .statements = {"exchange.offer"},
             .in_benefit_ledger = false},
            {.id = id<ClassId>("office"),
             .name = english("Office"),
             .statements = {},
             .in_benefit_ledger = false}};
}

inline Charter small_charter() {
    Charter charter;
    charter.purposes = english("To test.");
    charter.sources = {
        {.id = id<SourceId>("gazette"), .title = "Gazette", .url = {}, .date = day("2026-01-01")}};
    charter.classes = small_classes();
    for (const char* status : {"signatory", "observer", "withdrawn", "in-office"}) {
        charter.statuses.push_back({.id = id<StatusId>(status), .name = english(status)});
    }
    for (const char* organ : {"council", "bureau"}) {
        charter.organs.push_back({.id = id<OrganId>(organ),
                                  .name = english(organ),
                                  .classes = {id<ClassId>("state")},
                                  .statuses = {id<StatusId>("signatory")}});
    }
    charter.roles = small_roles();
    charter.procedures = small_procedures();
    charter.units = {{.id = id<UnitId>("gpu-hour"), .name = english("GPU-hour")}};
    charter.item_classes = {{.id = id<ItemClassId>("training"), .name = english("Training")}};
    charter.end_uses = {{.id = id<EndUseId>("education"), .name = english("Education")}};
    charter.groups = {
        {.id = id<GroupId>("ldc"),
         .name = english("LDC"),
         .source = id<SourceId>("gazette"),
         .members = {
             {.area = AreaCode::parse("XAA").value(),
              .from = day("2024-01-01"),
              .until = day("2026-11-24")},
             {.area = AreaCode::parse("XAB").value(), .from = day("2024-01-01"), .until = {}}}}};
    charter.members = {party("north", "state", "signatory"), party("south", "state", "signatory"),
                       party("maker", "company", "observer"),
                       party("operator-office", "office", "in-office"),
                       party("secretariat", "office", "in-office")};
    return charter;
}

inline Founding small_founding() {
    static const crypto::PublicKey receipt_key =
        crypto::PrivateKey::generate(crypto::Algorithm::es256).public_key();
    return {.origin = "test.example",
            .name = english("Test"),
            .demonstration = {},
            .checkpoint_key = key_of("checkpoint").public_key(),
            .receipt_key = receipt_key,
            .operator_id = member_id("operator-office"),
            .operator_key = key_of("operator-office").public_key(),
            .seals = {},
            .founded_at = moment("2026-07-16T09:00:00Z")};
}

/// The seal of a party acts at the next index.
inline Act act(std::string_view party, std::uint64_t index,
               std::optional<std::string_view> delegate = {}) {
    Act made{.index = index,
             .now = moment("2026-07-16T09:00:00Z"),
             .actor = {.member = member_id(party), .delegate = {}, .key = {}}};
    if (delegate) made.actor.delegate = id<DelegateId>(*delegate);
    return made;
}

/// A registration of the key of `name`, with its proof.
inline KeyRegistration registration(std::string_view party, std::string_view name,
                                    std::optional<std::string_view> delegate = {}) {
    KeyRegistration made{member_id(party), {}, key_of(name).public_key(), {}};
    if (delegate) made.delegate = id<DelegateId>(*delegate);
    made.proof = key_of(name).sign(key_proof_message("test.example", made));
    return made;
}

}  // namespace comity::institution::testing
