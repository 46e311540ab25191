// SPDX-License-Identifier: Apache-2.0
#pragma once

// For tests only: a small institution as a record makes it, with everybody's keys.
//
// Four states with a delegate each, a provider, an issuing body, an operator's office and a
// secretariat that is registrar. Every act is a signed statement that goes through the fold. Keys
// come from names, so that a failure repeats.

#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "record/statement.h"
#include "state/described.h"
#include "state/effects.h"
#include "state/fold.h"
#include "state/signing.h"

namespace comity::state::testing {

inline constexpr std::string_view test_origin = "test.example/record";

template <class T>
T id(std::string_view text) {
    return T::parse(text).value();
}

inline LocalizedText english(std::string text) {
    return {{LanguageTag::parse("en").value(), std::move(text)}};
}

inline Date day(std::string_view text) { return Date::parse(text).value(); }
inline institution::AreaCode area(std::string_view text) {
    return institution::AreaCode::parse(text).value();
}

inline crypto::PrivateKey key_of(std::string_view name) {
    return crypto::PrivateKey::from_seed(sha256({bytes_of(name)}).octets).value();
}

inline const crypto::PrivateKey& receipt_key() {
    static const auto key = crypto::PrivateKey::generate(crypto::Algorithm::es256);
    return key;
}

inline institution::KeyRegistration registration(std::string_view party, std::string_view key,
                                                 std::optional<std::string_view> delegate = {}) {
    institution::KeyRegistration made{.member = id<institution::MemberId>(party),
                                      .delegate = {},
                                      .public_key = key_of(key).public_key(),
                                      .proof = {}};
    if (delegate) made.delegate = id<institution::DelegateId>(*delegate);
    made.proof = key_of(key).sign(institution::key_proof_message(std::string(test_origin), made));
    return made;
}

inline institution::Founding test_founding() {
    return {.origin = std::string(test_origin),
            .name = english("Test institution"),
            .demonstration = english("A test."),
            .checkpoint_key = key_of("checkpoint").public_key(),
            .receipt_key = receipt_key().public_key(),
            .operator_id = id<institution::MemberId>("operator-office"),
            .operator_key = key_of("operator-office").public_key(),
            .seals = {registration("secretariat", "secretariat")},
            .founded_at = Timestamp::parse("2026-09-01T00:00:00Z").value()};
}

inline institution::Member party(std::string_view name, std::string_view of_class,
                                 std::string_view status, std::optional<std::string_view> seat) {
    institution::Member member{.id = id<institution::MemberId>(name),
                               .member_class = id<institution::ClassId>(of_class),
                               .name = english(std::string(name)),
                               .area = {},
                               .history = {{.status = id<institution::StatusId>(status),
                                            .from = day("2026-07-16"),
                                            .sources = {},
                                            .confidence = institution::Confidence::high,
                                            .note = {}}}};
    if (seat) member.area = area(*seat);
    return member;
}

inline std::vector<institution::MembershipClass> test_classes() {
    using institution::ClassId;
    const std::set<std::string> of_states = {"decide.motion",       "decide.position",
                                             "decide.vote",         "decide.withdrawal",
                                             "exchange.need",       "exchange.need_withdrawal",
                                             "exchange.commitment", "exchange.reveal",
                                             "exchange.acceptance", "exchange.confirmation",
                                             "exchange.claim",      "exchange.departure",
                                             "exchange.dispute",    "exchange.dispute_withdrawal",
                                             "institution.key",     "institution.key_revocation",
                                             "institution.mandate", "institution.mandate_end"};
    const std::set<std::string> of_providers = {"exchange.offer",    "exchange.offer_withdrawal",
                                                "exchange.delivery", "exchange.departure",
                                                "exchange.dispute",  "exchange.dispute_withdrawal"};
    const std::set<std::string> of_issuers = {"rules.restriction", "rules.restriction_withdrawal"};
    return {{.id = id<ClassId>("state"),
             .name = english("State"),
             .statements = of_states,
             .in_benefit_ledger = true},
            {.id = id<ClassId>("company"),
             .name = english("Company"),
             .statements = of_providers,
             .in_benefit_ledger = false},
            {.id = id<ClassId>("issuing-body"),
             .name = english("Issuing body"),
             .statements = of_issuers,
             .in_benefit_ledger = false},
            {.id = id<ClassId>("office"),
             .name = english("Office"),
             .statements = {},
             .in_benefit_ledger = false}};
}

inline std::vector<institution::Role> test_roles() {
    using namespace institution;
    return {{.id = id<RoleId>("operator"),
             .name = english("Operator"),
             .holder = id<MemberId>("operator-office"),
             .statements = {"institution.clock", "institution.state_root", "decide.outcome",
                            "exchange.result"}},
            {.id = id<RoleId>("registrar"),
             .name = english("Registrar"),
             .holder = id<MemberId>("secretariat"),
             .statements = {"institution.member", "institution.status", "institution.key",
                            "institution.key_revocation", "institution.mandate",
                            "institution.mandate_end", "exchange.round", "exchange.beacon",
                            "exchange.repetition_end"}}};
}

inline std::vector<institution::Procedure> test_procedures() {
    using namespace institution;
    return {{.id = id<ProcedureId>("silence"),
             .name = english("Silence"),
             .clause = "Rule 1",
             .rule = SilenceProcedure{.seconds_min = 3'600, .fallback = id<ProcedureId>("vote")}},
            {.id = id<ProcedureId>("vote"),
             .name = english("Vote"),
             .clause = "Rule 2",
             .rule = RecordedVote{.base = VoteBase::present_and_voting,
                                  .comparison = Comparison::at_least,
                                  .share = Rational::parse("2/3").value(),
                                  .quorum = Rational::parse("1/2").value(),
                                  .seconds_min = 3'600}}};
}

inline institution::Charter test_charter() {
    using namespace institution;
    Charter charter;
    charter.purposes = english("To test.");
    charter.classes = test_classes();
    for (const char* status : {"signatory", "registered", "in-office"}) {
        charter.statuses.push_back({.id = id<StatusId>(status), .name = english(status)});
    }
    charter.organs = {{.id = id<OrganId>("council"),
                       .name = english("Council"),
                       .classes = {id<ClassId>("state")},
                       .statuses = {id<StatusId>("signatory")}}};
    charter.roles = test_roles();
    charter.procedures = test_procedures();
    charter.units = {{.id = id<UnitId>("place"), .name = english("Place")}};
    charter.item_classes = {{.id = id<ItemClassId>("training"), .name = english("Training")},
                            {.id = id<ItemClassId>("equipment"), .name = english("Equipment")}};
    charter.end_uses = {{.id = id<EndUseId>("education"), .name = english("Education")}};
    charter.members = {party("anor", "state", "signatory", "XAA"),
                       party("bree", "state", "signatory", "XAB"),
                       party("cara", "state", "signatory", "XAC"),
                       party("dale", "state", "signatory", "XAD"),
                       party("maker", "company", "registered", "XAP"),
                       party("issuer", "issuing-body", "registered", "XAQ"),
                       party("operator-office", "office", "in-office", {}),
                       party("secretariat", "office", "in-office", {})};
    return charter;
}

inline constexpr std::array<std::string_view, 4> test_states = {"anor", "bree", "cara", "dale"};

inline Bytes octets(const std::string& text) {
    const BytesView view = bytes_of(text);
    return {view.begin(), view.end()};
}

inline Bytes signed_entry(std::string_view type, std::string_view issuer,
                          const std::string& subject, const std::string& json,
                          const crypto::PrivateKey& key, std::string_view audience = test_origin) {
    return record::sign_statement({.content_type = content_type_of(type),
                                   .issuer = std::string(issuer),
                                   .subject = subject,
                                   .audience = std::string(audience),
                                   .issued_at = Timestamp::parse("2026-09-01T00:00:00Z").value(),
                                   .payload = octets(json)},
                                  key);
}

/// A record that grows entry by entry. The party's key is the key of its name; its delegate's is
/// the key of "<party>-delegate".
struct World {
    State state;
    std::vector<Bytes> entries;

    World() {
        const auto founding = test_founding();
        const crypto::PrivateKey key = key_of("operator-office");
        entries.push_back(signed_entry(founding_type, "operator-office", founding.origin,
                                       codec::to_json(founding), key));
        entries.push_back(signed_entry(charter_type, "operator-office", founding.origin,
                                       codec::to_json(test_charter()), key));
        auto founded = found(entries[0], entries[1]);
        COMITY_CHECK(founded.has_value());
        state = std::move(founded).value();
    }

    Bytes sign(std::string_view issuer, std::string_view key, const Payload& payload) const {
        return signed_entry(type_of(payload), issuer, subject_of(payload), payload_json(payload),
                            key_of(key));
    }

    Result<std::uint64_t> enter(const Bytes& entry) {
        TRY(fold(state, entry));
        entries.push_back(entry);
        return state.size - 1;
    }

    Result<std::uint64_t> act(std::string_view issuer, const Payload& payload) {
        return enter(sign(issuer, issuer, payload));
    }
    Result<std::uint64_t> act_by_delegate(std::string_view issuer, const Payload& payload) {
        return enter(sign(issuer, std::string(issuer) + "-delegate", payload));
    }

    /// Registers all seals, and for each state a delegate with a mandate in the council.
    void admit_everybody() {
        for (const std::string_view name : {"anor", "bree", "cara", "dale", "maker", "issuer"}) {
            must(act("secretariat", registration(name, name)));
        }
        for (const std::string_view name : test_states) {
            const std::string delegate = std::string(name) + "-delegate";
            must(act(name, registration(name, delegate, delegate)));
            must(act(name, institution::Mandate{
                               .id = id<institution::MandateId>(std::string(name) + "-m"),
                               .member = id<institution::MemberId>(name),
                               .delegate = id<institution::DelegateId>(delegate),
                               .organ = id<institution::OrganId>("council"),
                               .from = state.institution.now,
                               .until = {state.institution.now.seconds + 100 * 86'400}}));
        }
    }

    Result<std::uint64_t> tick(std::int64_t seconds) {
        return act("operator-office",
                   institution::ClockTick{.time = {state.institution.now.seconds + seconds}});
    }

    Result<std::uint64_t> log_root() {
        return act("operator-office",
                   institution::StateRoot{.size = state.size, .root = state_root(state)});
    }

    template <class T>
    static T must(Result<T> result) {
        if (!result) {
            (void)std::fprintf(stderr, "%s\n", result.error().message.c_str());
        }
        return std::move(result).value();
    }
};

inline exchange::AllocationRule test_rule(std::uint32_t version = 1) {
    return {.id = id<exchange::RuleId>("places"),
            .version = version,
            .title = english("Worst-off first"),
            .rounding = exchange::Rounding::sainte_lague,
            .weights = {},
            .floor = {},
            .member_cap = {},
            .carry_over = {}};
}

inline decide::Motion test_motion(const State& state, std::string_view name,
                                  std::vector<decide::Effect> effects,
                                  std::int64_t seconds = 7'200) {
    return {.id = id<decide::MotionId>(name),
            .title = english(std::string(name)),
            .organ = id<institution::OrganId>("council"),
            .procedure = id<institution::ProcedureId>("silence"),
            .text = {{.number = "1", .text = english("It is adopted.")}},
            .effects = std::move(effects),
            .closes_at = {state.institution.now.seconds + seconds}};
}

inline exchange::Offer test_offer(std::string_view name, std::int64_t quantity,
                                  std::string_view item_class = "training") {
    return {.id = id<exchange::OfferId>(name),
            .title = english(std::string(name)),
            .unit = id<institution::UnitId>("place"),
            .item_class = id<institution::ItemClassId>(item_class),
            .origin = area("XAP"),
            .rivalry = exchange::Rivalry::rival,
            .quantity = quantity,
            .from = day("2026-08-01"),
            .until = {},
            .terms = {}};
}

inline exchange::Need test_need(std::string_view name, std::string_view seat,
                                std::int64_t quantity) {
    return {.id = id<exchange::NeedId>(name),
            .title = english(std::string(name)),
            .unit = id<institution::UnitId>("place"),
            .item_classes = {},
            .destination = area(seat),
            .end_use = id<institution::EndUseId>("education"),
            .quantity = quantity,
            .from = day("2026-08-01"),
            .until = day("2027-08-01")};
}

inline exchange::Round test_round(const State& state, std::string_view name) {
    const std::int64_t now = state.institution.now.seconds;
    return {.id = id<exchange::RoundId>(name),
            .title = english(std::string(name)),
            .unit = id<institution::UnitId>("place"),
            .rule = id<exchange::RuleId>("places"),
            .rule_version = 1,
            .freezes_at = {now + 100},
            .draws_at = {now + 200},
            .answers_until = {now + 10'000}};
}

/// A value of the round's quicknet number as the fold takes it; the network never signed it.
inline exchange::Beacon made_up_beacon(const exchange::Round& round) {
    const Bytes signature(exchange::quicknet_signature_bytes, std::byte{0x5a});
    return {.round = round.id,
            .value = exchange::DrandValue{.number = exchange::quicknet_number_for(round.draws_at),
                                          .signature = signature,
                                          .randomness = sha256({signature})}};
}

/// What the member puts into a lottery.
inline Bytes test_lot(std::string_view member) {
    const Digest lot = sha256({bytes_of(member)});
    return {lot.octets.begin(), lot.octets.end()};
}

/// The whole path once: a rule adopted, a round, a delivery, a confirmation, all published, and a
/// state root at the end. With a public source, the round waits for a made-up value of quicknet.
enum class Source { none, quicknet };
inline World full_world(Source source = Source::none) {
    World world;
    const auto must = [](auto result) { return World::must(std::move(result)); };
    world.admit_everybody();
    must(world.act_by_delegate("anor",
                               test_motion(world.state, "adopt", {make_effect(test_rule())})));
    must(world.act_by_delegate("bree", decide::Position{.motion = id<decide::MotionId>("adopt"),
                                                        .position = decide::PositionKind::support,
                                                        .reason = {}}));
    must(world.tick(7'200));
    must(world.act(
        "operator-office",
        decide::OutcomeNotice{.motion = id<decide::MotionId>("adopt"),
                              .outcome = decide::outcome_digest(
                                  world.state.decide.motions.at(id<decide::MotionId>("adopt")))}));
    must(world.act("maker", test_offer("pool", 10)));
    must(world.act("anor", test_need("need-a", "XAA", 8)));
    must(world.act("bree", test_need("need-b", "XAB", 8)));
    exchange::Round called = test_round(world.state, "round");
    if (source == Source::quicknet) {
        called.public_source = {.source = exchange::DrandQuicknet{},
                                .enter_until = {called.draws_at.seconds + 600}};
    }
    must(world.act("secretariat", called));
    const exchange::RoundId round = id<exchange::RoundId>("round");
    for (const std::string_view name : {"anor", "bree"}) {
        must(world.act(
            name, exchange::Commitment{.round = round, .commitment = sha256({test_lot(name)})}));
    }
    must(world.tick(100));
    must(world.act("anor", exchange::Reveal{.round = round, .random = test_lot("anor")}));
    must(world.tick(100));
    if (source == Source::quicknet) {
        must(world.tick(exchange::reveal_margin_seconds + exchange::quicknet_period));
        must(world.act("secretariat", made_up_beacon(called)));
        must(world.tick(1));
    }
    const auto& stage = world.state.exchange.rounds.at(id<exchange::RoundId>("round")).stage;
    const auto& allocated = std::get<exchange::Allocated>(stage);
    must(
        world.act("operator-office", exchange::ResultNotice{.round = id<exchange::RoundId>("round"),
                                                            .result = allocated.digest}));
    must(world.act("anor", exchange::Acceptance{.round = id<exchange::RoundId>("round"),
                                                .need = id<exchange::NeedId>("need-a"),
                                                .quantity = 5}));
    must(world.act("maker", exchange::Delivery{.id = id<exchange::DeliveryId>("delivery"),
                                               .round = id<exchange::RoundId>("round"),
                                               .offer = id<exchange::OfferId>("pool"),
                                               .need = id<exchange::NeedId>("need-a"),
                                               .quantity = 5}));
    must(world.act("anor", exchange::Confirmation{.delivery = id<exchange::DeliveryId>("delivery"),
                                                  .outcome = exchange::DeliveryOutcome::confirmed,
                                                  .quantity = 5,
                                                  .note = {}}));
    must(world.log_root());
    return world;
}

}  // namespace comity::state::testing
