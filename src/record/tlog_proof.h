// SPDX-License-Identifier: Apache-2.0
#pragma once

// TlogProof: a text file that proves offline that an entry is on the record, with the cosigned
// checkpoint that the proof leads to. Source: C2SP tlog-proof v1 (".tlog-proof").
//
//     c2sp.org/tlog-proof@v1
//     extra <base64>                 (optional)
//     index <n>
//     <base64 of a hash>             (as many as the path has)
//
//     <checkpoint note, verbatim>
//
// One text for each proof: what is read is written back octet for octet. Pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/sha256.h"
#include "record/checkpoint.h"
#include "record/merkle.h"

namespace comity::record {

inline constexpr std::size_t tlog_proof_bytes_max = 140'000;  // a note, 63 hashes, and extra data

struct TlogProof {
    std::optional<Bytes> extra;  ///< for the application; not covered by the proof
    std::uint64_t index = 0;
    std::vector<Digest> path;
    std::string checkpoint;  ///< signed note, verbatim

    friend bool operator==(const TlogProof&, const TlogProof&) = default;
};

std::string write_tlog_proof(const TlogProof& proof);

/// Errors: too_large "record/tlog-proof-too-large"; invalid "record/bad-tlog-proof". Nothing is
/// verified: see verify_tlog_proof.
Result<TlogProof> parse_tlog_proof(std::string_view text);

/// The checkpoint under which `leaf` is proven, signed by `log`, with the cosignatures of
/// `witnesses`; how many are enough is the caller's policy.
/// Errors: those of open_cosigned_checkpoint; invalid "record/bad-proof".
Result<CosignedCheckpoint> verify_tlog_proof(const TlogProof& proof, const Digest& leaf,
                                             const NoteVerifier& log,
                                             std::span<const NoteVerifier> witnesses);

}  // namespace comity::record
