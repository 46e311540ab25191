// SPDX-License-Identifier: Apache-2.0
#pragma once

// The fold: which statement may be entered next, and what it changes.
//
// `check` decides and changes nothing; `apply` enters what check admitted and cannot fail, so there
// is never a partial effect. Both are pure: no clock, no network, no randomness, no floating point.
// The rule for entry n is in the entries before n.
//
// Order of the questions, the cheapest and most fundamental first: is it a statement, is it for
// this record, is its key known and valid at this index, is its signature right, does its issuer
// hold the key, may that party sign this type, is the payload well formed, and then the part's own
// rules.

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key.h"
#include "institution/institution.h"
#include "record/statement.h"
#include "state/payload.h"
#include "state/state.h"

namespace comity::state {

/// A statement whose signature was verified with the key that its key id names. Only `verify` makes
/// one; it needs no state, so any number of threads can do it.
class VerifiedStatement {
public:
    const record::Statement& statement() const { return statement_; }

private:
    friend Result<VerifiedStatement> verify(record::Statement, const crypto::PublicKey&);
    explicit VerifiedStatement(record::Statement statement) : statement_(std::move(statement)) {}
    record::Statement statement_;
};

/// Errors: unauthenticated "state/wrong-key" when `key` is not the one that the statement names;
/// invalid "record/wrong-algorithm", "crypto/bad-signature".
Result<VerifiedStatement> verify(record::Statement statement, const crypto::PublicKey& key);

/// The key that a statement names, if the register has ever had it.
/// Errors: unauthenticated "institution/unknown-key".
Result<crypto::PublicKey> key_for(const State& state, const record::Statement& statement);

/// What check admitted, ready to be applied to the very state it was checked against.
struct Admission {
    institution::Act act;
    Payload payload;
};

/// Whether the statement may be entry `state.size`. Errors: a refusal with its reason: forbidden
/// "state/wrong-audience", "state/wrong-issuer", invalid "state/wrong-subject", "state/wrong-type",
/// those of institution::actor_of and may_sign, and those of the part.
Result<Admission> check(const State& state, const VerifiedStatement& statement);

/// Enters what was admitted.
void apply(State& state, const Admission& admission);

/// The state after the two founding entries. Both are signed with the operator key that entry 0
/// declares, by the operator, for the origin that entry 0 declares.
/// Errors: those of institution::found; invalid "state/bad-genesis", and "state/no-registrar" for a
/// record on which no key could ever be registered.
Result<State> found(BytesView founding_entry, BytesView charter_entry);

/// Folds one more entry of a record: parse, verify, check, apply. For replay and audit.
/// On failure the state is unchanged.
Result<> fold(State& state, BytesView entry);

}  // namespace comity::state
