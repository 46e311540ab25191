// SPDX-License-Identifier: Apache-2.0
#pragma once

// Checkpoint: what the log commits to, its size and root under its name, as a signed note.
//
// The text is exactly three lines, origin, size, base64 of the root, and nothing else; the log's
// key is named as its origin. A checkpoint is opened only with the origin and key that the reader
// already has: a server never chooses who it is. Pure functions, safe from any thread.
// Sources: C2SP tlog-checkpoint v1, tlog-cosignature v1.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "crypto/key.h"
#include "crypto/sha256.h"
#include "record/note.h"

namespace comity::record {

struct Checkpoint {
    std::string origin;      ///< the log's name, "log.example.org/record"; see is_key_name
    std::uint64_t size = 0;  ///< entries under the root
    Digest root;             ///< of size 0: the hash of nothing

    friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// The three lines that are signed.
std::string checkpoint_text(const Checkpoint& checkpoint);

/// Reads exactly what checkpoint_text writes. Errors: invalid "record/bad-checkpoint".
Result<Checkpoint> parse_checkpoint_text(std::string_view text);

/// The signed note. `key` must be Ed25519.
std::string sign_checkpoint(const Checkpoint& checkpoint, const crypto::PrivateKey& key);

/// The checkpoint in `note`, signed by the log itself.
/// Errors: those of open_note; invalid "record/bad-checkpoint", also for another origin.
Result<Checkpoint> open_checkpoint(std::string_view note, const std::string& origin,
                                   const crypto::PublicKey& key);

/// A witness's word that it saw no other tree, and when.
struct Cosignature {
    std::string witness;
    Timestamp time;

    friend bool operator==(const Cosignature&, const Cosignature&) = default;
};

struct CosignedCheckpoint {
    Checkpoint checkpoint;
    std::vector<Cosignature> cosignatures;  ///< of the given witnesses, each at most once
};

/// As open_checkpoint, and with the cosignatures of `witnesses` (vkeys of type 0x04). How many are
/// enough is the caller's policy. A witness's bad signature spoils the note.
/// Errors: as open_checkpoint; "record/wrong-key" for a witness key of another type.
Result<CosignedCheckpoint> open_cosigned_checkpoint(std::string_view note, const NoteVerifier& log,
                                                    std::span<const NoteVerifier> witnesses);

/// The line that a witness adds below a checkpoint note; `key` must be Ed25519.
std::string cosign_checkpoint(const Checkpoint& checkpoint, const NoteSigner& witness,
                              Timestamp time);

/// The verifier key text (vkey) under which others check the log's checkpoints.
std::string verifier_key(const std::string& origin, const crypto::PublicKey& key);

}  // namespace comity::record
