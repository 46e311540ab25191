// SPDX-License-Identifier: Apache-2.0
#pragma once

// Node: one institution's record, served by one process. It orders statements, makes them durable,
// and keeps the state that they give.
//
//   - One sequencer thread is the only writer. It takes what waits, checks and applies each
//     statement to its own copy of the state, commits the batch in one durable transaction, applies
//     the same to the state that readers see, and only then answers. Readers never see what is not
//     durable, and nothing is promised before it is.
//   - A batch that cannot be committed changes nothing. After an I/O error of the store the node
//     refuses every later statement until it is opened again; reading goes on.
//   - The host has no privilege: what the operator signs goes through the same check.
//
// Thread-safe throughout.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key.h"
#include "institution/charter.h"
#include "record/log.h"
#include "record/receipt.h"
#include "state/fold.h"
#include "state/state.h"
#include "store/log.h"
#include "store/objects.h"

namespace comity::node {

struct NodeKeys {
    crypto::PrivateKey operator_key;    ///< Ed25519: clock, state roots, outcomes, results
    crypto::PrivateKey checkpoint_key;  ///< Ed25519
    crypto::PrivateKey receipt_key;     ///< ES256
};

struct NodeOptions {
    std::size_t queue_statements_max = 4'096;      ///< waiting for the sequencer; more is refused
    std::size_t batch_statements_max = 1'024;      ///< in one transaction
    std::uint64_t snapshot_every_entries = 2'000;  ///< at least; at a state root. 0: never
};

/// A statement that is durable, and where.
struct Accepted {
    std::uint64_t index = 0;
    bool already = false;    ///< it stood there before; nothing was added
    std::string checkpoint;  ///< signed note that covers it
};

/// What a receipt needs of the newest state root: the parts under it, and the keys.
struct RootEvidence {
    std::uint64_t entry = 0;  ///< index of the state root
    std::map<std::string, Digest> parts;
    Bytes keys;  ///< CBOR of the key register
};

/// Writes the two founding entries to an empty log, signed with the operator key.
/// `founding`'s keys must be the public ones of `keys`.
/// Errors: conflict "node/already-founded"; invalid "node/keys-differ"; those of state::found.
Result<> found(store::Log& log, const institution::Founding& founding,
               const institution::Charter& charter, const NodeKeys& keys);

struct AdmittedBatch;

class Node {
public:
    /// Opens a founded record: restores the newest snapshot that fits the log, folds the entries
    /// after it, and starts the sequencer. `log` and `objects` (may be null: tiles are not
    /// published) are borrowed.
    /// Errors: not_found "node/not-founded"; invalid "node/keys-differ" when the keys are not those
    /// of the founding entry; corrupt "node/entry-refused", naming the entry that does not fold;
    /// those of record::RecordLog::open.
    static Result<std::unique_ptr<Node>> open(store::Log& log, store::Objects* objects,
                                              NodeKeys keys, NodeOptions options = {});

    ~Node();

    /// Enters one statement; returns when it is durable. Safe to repeat: the same statement is
    /// entered once. Errors: a refusal of state::check; invalid "record/bad-statement"; unavailable
    /// "node/busy", "node/broken", "node/stopping"; those of the store.
    Result<Accepted> submit(BytesView entry);

    /// As submit, for what the operator says of the state it will be entered on: `say` is called on
    /// the sequencer thread with that state, and may have nothing to say.
    Result<std::optional<Accepted>> say(
        std::function<std::optional<state::Payload>(const state::State&)> say);

    /// Logs the time; then, as far as they are due, the outcomes of motions and the results of
    /// rounds, and a state root. Returns the entries. Errors: those of submit.
    Result<std::vector<Accepted>> tick(Timestamp now);

    /// Logs a state root if entries followed the last one.
    Result<std::optional<Accepted>> log_state_root();

    /// Calls `use` with the state under a shared lock, and returns what it returns. Keep it short,
    /// and keep no reference.
    template <class F>
    auto read(F&& use) const {
        const std::shared_lock lock(state_mutex_);
        return std::forward<F>(use)(std::as_const(*state_));
    }

    const record::RecordLog& log() const;

    /// Of the newest state root; null before the first.
    std::shared_ptr<const RootEvidence> newest_root() const;

    /// The index of the statement with this id, if it is on the record.
    Result<std::optional<std::uint64_t>> find(const Digest& statement_id) const;

    /// A COSE receipt (RFC 9942, ES256) that entry `index` is in the tree of the present head.
    Result<Bytes> receipt(std::uint64_t index) const;

private:
    struct Impl;
    explicit Node(std::unique_ptr<Impl> impl);
    void start_sequencer();
    void show(const AdmittedBatch& batch);
    void take_snapshot_if_due();

    mutable std::shared_mutex state_mutex_;
    std::unique_ptr<state::State> state_;  // what readers see; changed by the sequencer only
    std::shared_ptr<const RootEvidence> newest_root_;  // under state_mutex_
    std::unique_ptr<Impl> impl_;                       // last: its thread uses the two above
};

}  // namespace comity::node
