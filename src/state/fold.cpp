// SPDX-License-Identifier: Apache-2.0
#include "state/fold.h"

#include <algorithm>

#include "base/check.h"
#include "rules/screening_index.h"
#include "state/described.h"
#include "state/effects.h"
#include "state/signing.h"

namespace comity::state {
namespace {

std::string text_of(const Bytes& json) {
    return {reinterpret_cast<const char*>(json.data()), json.size()};
}

Error bad_genesis(const std::string& what) {
    return Error{Code::invalid, "state/bad-genesis", what};
}

/// The screening of the exchange: what the restrictions in force say.
exchange::Screen screen_of(const State& state) { return rules::ScreeningByDay(state.rules); }

/// One overload for each payload: the part's own rules.
struct CheckPayload {
    const State& state;
    const institution::Act& act;

    template <class T>
    static constexpr bool in_institution =
        std::is_same_v<T, institution::Member> || std::is_same_v<T, institution::StatusNotice> ||
        std::is_same_v<T, institution::KeyRegistration> ||
        std::is_same_v<T, institution::KeyRevocation> || std::is_same_v<T, institution::Mandate> ||
        std::is_same_v<T, institution::MandateEnd> || std::is_same_v<T, institution::ClockTick>;

    template <class T>
    requires in_institution<T> Result<> operator()(const T& payload) const {
        return institution::check(state.institution, act, payload);
    }

    Result<> operator()(const institution::StateRoot& payload) const {
        if (payload.size != state.size) {
            return Error{Code::conflict, "state/wrong-size",
                         "A state root logged as entry " + std::to_string(state.size) +
                             " must give that size."};
        }
        if (payload.root != state_root(state)) {
            return Error{
                Code::conflict, "state/wrong-root",
                "The state after " + std::to_string(state.size) + " entries has another root."};
        }
        return {};
    }

    Result<> operator()(const decide::Motion& payload) const {
        TRY(decide::check(state.decide, state.institution, act, payload));
        return check_effects(state, payload.effects);
    }
    Result<> operator()(const decide::Position& payload) const { return decides(payload); }
    Result<> operator()(const decide::Vote& payload) const { return decides(payload); }
    Result<> operator()(const decide::Withdrawal& payload) const { return decides(payload); }
    Result<> operator()(const decide::OutcomeNotice& payload) const { return decides(payload); }

    Result<> operator()(const rules::Restriction& payload) const {
        return rules::check(state.rules, state.institution, act, payload);
    }
    Result<> operator()(const rules::RestrictionWithdrawal& payload) const {
        return rules::check(state.rules, state.institution, act, payload);
    }

    Result<> operator()(const exchange::Claim& payload) const {
        return exchange::check(state.exchange, state.institution, act, payload, screen_of(state));
    }
    Result<> operator()(const exchange::Departure& payload) const {
        return exchange::check(state.exchange, state.institution, act, payload, screen_of(state));
    }

    template <class T>
    requires(!in_institution<T>) Result<> operator()(const T& payload) const {
        return exchange::check(state.exchange, state.institution, act, payload);
    }

private:
    template <class T>
    Result<> decides(const T& payload) const {
        return decide::check(state.decide, state.institution, act, payload);
    }
};

struct ApplyPayload {
    State& state;
    const institution::Act& act;

    /// Time moves everything that has a deadline: decisions first, since a rule that is adopted at
    /// this entry holds for the rounds that freeze at it.
    void operator()(const institution::ClockTick& payload) const {
        institution::apply(state.institution, act, payload);
        for (const decide::MotionId& motion :
             decide::advance(state.decide, payload.time, act.index)) {
            apply_effects(state, motion, act.index);
        }
        exchange::advance(state.exchange, state.institution, screen_of(state), payload.time,
                          act.index);
    }
    void operator()(const institution::StateRoot& payload) const {
        state.ledger.roots.push_back({.entry = act.index, .root = payload.root});
    }

    void operator()(const decide::Motion& payload) const { decides(payload); }
    void operator()(const decide::Position& payload) const { decides(payload); }
    void operator()(const decide::Vote& payload) const { decides(payload); }
    void operator()(const decide::Withdrawal& payload) const { decides(payload); }
    void operator()(const decide::OutcomeNotice& payload) const { decides(payload); }

    void operator()(const rules::Restriction& payload) const {
        rules::apply(state.rules, act, payload);
    }
    void operator()(const rules::RestrictionWithdrawal& payload) const {
        rules::apply(state.rules, act, payload);
    }

    template <class T>
    void operator()(const T& payload) const {
        if constexpr (CheckPayload::in_institution<T>) {
            institution::apply(state.institution, act, payload);
        } else {
            exchange::apply(state.exchange, act, payload);
        }
    }

private:
    template <class T>
    void decides(const T& payload) const {
        decide::apply(state.decide, state.institution, act, payload);
    }
};

Result<> check_header(const State& state, const record::StatementHeader& header) {
    const std::string& origin = state.institution.founding.origin;
    if (header.audience != origin) {
        return Error{Code::forbidden, "state/wrong-audience",
                     "The statement is for the record " + header.audience + "; this one is " +
                         origin + ". Sign it again for this record."};
    }
    return {};
}

struct Genesis {
    record::Statement statement;
    std::string json;
};

Result<Genesis> genesis_statement(BytesView entry, std::string_view type) {
    record::Statement statement = TRY(record::parse_statement(entry));
    if (type_of(statement.header) != type) {
        return bad_genesis("A record begins with " + std::string(founding_type) + " and " +
                           std::string(charter_type) + "; found " + type_of(statement.header) +
                           ".");
    }
    std::string json = text_of(statement.cose.payload);
    return Genesis{.statement = std::move(statement), .json = std::move(json)};
}

Result<> check_genesis(const institution::Founding& founding, const Genesis& genesis) {
    const auto& header = genesis.statement.header;
    if (header.audience != founding.origin || header.subject != founding.origin) {
        return bad_genesis("A founding statement must be about and for " + founding.origin + ".");
    }
    if (header.issuer != founding.operator_id.text()) {
        return bad_genesis("A founding statement must come from the operator, " +
                           founding.operator_id.text() + ".");
    }
    TRY(verify(genesis.statement, founding.operator_key));
    return {};
}

/// Nobody could ever act on a record that starts with no key that may register keys.
Result<> check_registrar(const institution::Institution& institution) {
    const auto& keys = institution.key_register.keys;
    const bool is_there = std::any_of(keys.begin(), keys.end(), [&](const auto& key) {
        const institution::Actor actor{
            .member = key.second.member, .delegate = {}, .key = key.first};
        return institution::may_sign(institution, actor, "institution.key").has_value();
    });
    if (is_there) return {};
    return Error{
        Code::invalid, "state/no-registrar",
        "No seal of the founding entry may register keys; give one of the party that holds "
        "a role with institution.key."};
}

}  // namespace

Result<VerifiedStatement> verify(record::Statement statement, const crypto::PublicKey& key) {
    if (crypto::thumbprint(key) != statement.header.key_id) {
        return Error{Code::unauthenticated, "state/wrong-key",
                     "The statement names another key than the one given."};
    }
    TRY(record::verify_signature(statement, key));
    return VerifiedStatement(std::move(statement));
}

Result<crypto::PublicKey> key_for(const State& state, const record::Statement& statement) {
    const auto& keys = state.institution.key_register.keys;
    const auto found = keys.find(statement.header.key_id);
    if (found == keys.end()) {
        return Error{Code::unauthenticated, "institution/unknown-key",
                     "No party has registered the key " + statement.header.key_id.text() +
                         "; have it registered first."};
    }
    return found->second.public_key;
}

Result<Admission> check(const State& state, const VerifiedStatement& statement) {
    const record::StatementHeader& header = statement.statement().header;
    TRY(check_header(state, header));

    Admission admission;
    admission.act.index = state.size;
    admission.act.now = state.institution.now;
    admission.act.actor =
        TRY(institution::actor_of(state.institution.key_register, header.key_id, state.size));
    if (header.issuer != admission.act.actor.member.text()) {
        return Error{Code::forbidden, "state/wrong-issuer",
                     "The key belongs to " + admission.act.actor.member.text() +
                         ", and the statement says it comes from " + header.issuer + "."};
    }

    const std::string type = type_of(header);
    if (type == founding_type || type == charter_type) {
        return Error{Code::conflict, "state/already-founded",
                     "This record is founded; its charter changes by motion only."};
    }
    TRY(institution::may_sign(state.institution, admission.act.actor, type));
    admission.payload = TRY(parse_payload(type, statement.statement().cose.payload));
    if (header.subject != subject_of(admission.payload)) {
        return Error{Code::invalid, "state/wrong-subject",
                     "The header says the statement is about " + header.subject +
                         ", the payload is about " + subject_of(admission.payload) + "."};
    }
    TRY(std::visit(CheckPayload{state, admission.act}, admission.payload));
    return admission;
}

void apply(State& state, const Admission& admission) {
    COMITY_CHECK(admission.act.index == state.size);
    std::visit(ApplyPayload{state, admission.act}, admission.payload);
    ++state.size;
}

Result<State> found(BytesView founding_entry, BytesView charter_entry) {
    const Genesis first = TRY(genesis_statement(founding_entry, founding_type));
    const auto founding = TRY(codec::from_json<institution::Founding>(first.json));
    TRY(check_genesis(founding, first));
    const Genesis second = TRY(genesis_statement(charter_entry, charter_type));
    const auto charter = TRY(codec::from_json<institution::Charter>(second.json));
    TRY(check_genesis(founding, second));

    State state;
    state.institution = TRY(institution::found(founding, charter));
    TRY(check_registrar(state.institution));
    state.size = 2;
    return state;
}

Result<> fold(State& state, BytesView entry) {
    record::Statement statement = TRY(record::parse_statement(entry));
    const crypto::PublicKey key = TRY(key_for(state, statement));
    const VerifiedStatement verified = TRY(verify(std::move(statement), key));
    const Admission admission = TRY(check(state, verified));
    apply(state, admission);
    return {};
}

}  // namespace comity::state
