// SPDX-License-Identifier: Apache-2.0
#pragma once

// The state: what the record says, as values. It is a pure function of the entries, and its root is
// what any two machines compare.
//
//     state(n + 1) = apply(state(n), entry(n))            (state/fold.h)
//     root = SHA-256(CBOR {part: SHA-256(CBOR of the part), …, "size": n})
//
// The root is taken over the parts, so that a receipt can carry one part (the keys) and prove that
// it belongs to a root. docs/spec/state.md has the bytes.

#include <boost/describe.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/sha256.h"
#include "decide/decide.h"
#include "exchange/exchange.h"
#include "institution/institution.h"
#include "rules/rules.h"

namespace comity::state {

/// What became of the effects of an adopted motion: all of them took place, or none.
struct EffectsOutcome {
    bool applied = false;
    std::string reason;  ///< why not, as a sentence; empty when applied
    std::uint64_t entry = 0;
};
BOOST_DESCRIBE_STRUCT(EffectsOutcome, (), (applied, reason, entry))

/// A state root that the operator logged, and the index of the entry.
struct LoggedRoot {
    std::uint64_t entry = 0;
    Digest root;
};
BOOST_DESCRIBE_STRUCT(LoggedRoot, (), (entry, root))

/// What the fold itself keeps, beside the parts.
struct Ledger {
    std::map<decide::MotionId, EffectsOutcome> effects;
    std::vector<LoggedRoot> roots;  ///< oldest first
};
BOOST_DESCRIBE_STRUCT(Ledger, (), (effects, roots))

struct State {
    std::uint64_t size = 0;  ///< entries folded
    institution::Institution institution;
    decide::Decide decide;
    rules::Rules rules;
    exchange::Exchange exchange;
    Ledger ledger;
};

/// The digests of the parts, by name: decide, exchange, institution, keys, ledger, rules.
/// O(state): every part is encoded and hashed.
std::map<std::string, Digest> part_digests(const State& state);

/// The root over the parts' digests and the size.
Digest root_of(const std::map<std::string, Digest>& parts, std::uint64_t size);

/// root_of(part_digests(state), state.size).
Digest state_root(const State& state);

/// Deterministic CBOR {part: bytes of the part, "size": n}. O(state).
Bytes snapshot(const State& state);

/// The state of a snapshot. Errors: corrupt "state/bad-snapshot".
Result<State> restore(BytesView snapshot);

}  // namespace comity::state
