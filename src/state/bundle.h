// SPDX-License-Identifier: Apache-2.0
#pragma once

// Receipt bundle: one JSON file that shows, without a network and without trusting the host, that
// statements stand on a record, who signed them, and that what followed from them was right.
// docs/spec/bundle.md is the format.
//
// verify_bundle needs no state, no server and no disk: an auditor reads this file, `record` and
// `crypto`. What it cannot see, it does not claim: that no other version of the record was shown to
// somebody else (compare checkpoints), and that the whole record holds (audit it).

#include <boost/describe.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/language.h"
#include "base/result.h"
#include "crypto/key.h"
#include "crypto/sha256.h"
#include "record/checkpoint.h"
#include "state/payload.h"
#include "state/state.h"

namespace comity::state {

inline constexpr std::string_view bundle_format = "comity-bundle/1";
inline constexpr std::size_t bundle_bytes_max = 16U << 20U;
inline constexpr std::size_t bundle_entries_max = 4'096;

/// An entry with the hashes that lead from its leaf to the root of the bundle's checkpoint.
struct BundleEntry {
    std::uint64_t index = 0;
    Bytes entry;
    std::vector<Digest> path;
};
BOOST_DESCRIBE_STRUCT(BundleEntry, (), (index, entry, path))

/// What a round was computed from and what came out, as deterministic CBOR. The result's digest is
/// in an `exchange.result` entry of the bundle.
struct RoundEvidence {
    Bytes inputs;
    Bytes result;
};
BOOST_DESCRIBE_STRUCT(RoundEvidence, (), (inputs, result))

/// How a motion was decided: CBOR of its MotionRecord. The digest is in a `decide.outcome` entry.
struct MotionEvidence {
    Bytes record;
};
BOOST_DESCRIBE_STRUCT(MotionEvidence, (), (record))

struct Bundle {
    std::string format{bundle_format};
    std::optional<LocalizedText> demonstration;  ///< as in the founding entry: the label to show
    std::string checkpoint;                      ///< signed note
    std::vector<std::uint64_t> about;            ///< the entries that the receipt is for
    std::vector<BundleEntry> entries;     ///< by index; the founding one, those of `about`, their
                                          ///< evidence, and a state root after all of them
    std::uint64_t state_root = 0;         ///< index of that state root
    std::map<std::string, Digest> parts;  ///< digests of the parts under the state root
    Bytes keys;                           ///< CBOR of the key register, the part "keys"
    std::optional<MotionEvidence> motion;
    std::optional<RoundEvidence> round;
    Digest checksum;  ///< of the rest, bundle_checksum: against damage on the way, not forgery
};
BOOST_DESCRIBE_STRUCT(Bundle, (),
                      (format, demonstration, checkpoint, about, entries, state_root, parts, keys,
                       motion, round, checksum))

/// SHA-256 of the canonical JSON of the bundle with a checksum of zeros.
Digest bundle_checksum(Bundle bundle);

/// Errors: invalid "state/bad-bundle", and those of codec::from_json.
Result<Bundle> parse_bundle(std::string_view json);
/// Writes the bundle with its checksum.
std::string write_bundle(Bundle bundle);

/// One entry of a verified bundle, as a person reads it.
struct VerifiedEntry {
    std::uint64_t index = 0;
    std::string type;
    std::string issuer;
    std::string subject;
    Timestamp issued_at;
    std::string json;  ///< the payload as it was signed
};

/// What a bundle was found to show.
struct BundleReport {
    record::Checkpoint checkpoint;
    crypto::PublicKey checkpoint_key;
    LocalizedText institution;
    std::optional<LocalizedText> demonstration;
    std::vector<VerifiedEntry> about;
    std::size_t entries = 0;         ///< verified in all
    std::vector<std::string> steps;  ///< what was checked, one sentence each
};

/// Checks everything that the bundle claims: the checkpoint's signature, the inclusion of every
/// entry, its signature, that its key was registered before it and not revoked (from the key
/// register under a state root that the operator signed), the adoption of the rule by the counts of
/// its positions, and the allocation by its certificate.
/// `trusted`: the record's checkpoint key as the reader knows it; absent: the one in the bundle.
/// Errors: invalid or corrupt "state/bundle-…"; the message names the entry and what failed.
Result<BundleReport> verify_bundle(const Bundle& bundle,
                                   const std::optional<crypto::PublicKey>& trusted);

/// The entries and evidence that belong to entry `index` with this payload: for a confirmation its
/// delivery, need, offer, round, result, and the motion that adopted the rule.
struct Evidence {
    std::set<std::uint64_t> entries;
    std::optional<decide::MotionId> motion;
    std::optional<exchange::RoundId> round;
};
Evidence evidence_for(const State& state, std::uint64_t index, const Payload& payload);

}  // namespace comity::state
