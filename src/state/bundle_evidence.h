// SPDX-License-Identifier: Apache-2.0
#pragma once

// The evidence of a bundle against its entries: how a motion was decided, and what a round gave.
//
// Both start from entries whose place and signature are proven already; docs/spec/bundle.md,
// verifying, steps 6 and 7.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "institution/charter.h"
#include "state/bundle.h"
#include "state/payload.h"

namespace comity::state {

/// Entries by index: what was signed, and by whom.
struct ProvenEntries {
    std::map<std::uint64_t, Payload> payloads;
    std::map<std::uint64_t, std::string> issuers;
    std::set<std::uint64_t> about;  ///< the entries that the receipt is for
    std::string operator_id;
    std::optional<institution::Charter> charter;  ///< of the founding, if the bundle has it

    /// The payload at `index` if it is a T, else null.
    template <class T>
    const T* payload_at(std::uint64_t index) const {
        const auto found = payloads.find(index);
        return found == payloads.end() ? nullptr : std::get_if<T>(&found->second);
    }

    const std::string& issuer_at(std::uint64_t index) const { return issuers.at(index); }
};

/// What a motion's evidence was found to show.
struct DecidedMotion {
    decide::Motion motion;
    bool adopted = false;
    std::string said;  ///< for the report
};

/// invalid "state/bundle-entry", naming the entry.
Error entry_failed(std::uint64_t index, const std::string& what);

/// The outcome follows from positions and votes that their members signed.
/// Errors: invalid "state/bundle-evidence", "state/bundle-entry".
Result<DecidedMotion> check_motion(const ProvenEntries&, const MotionEvidence&);

/// The result follows from the inputs under a rule that `motion` (null if the bundle has none)
/// adopted. Returns what was shown, one sentence each. Errors as check_motion.
Result<std::vector<std::string>> check_round(const ProvenEntries&, const DecidedMotion* motion,
                                             const RoundEvidence&);

}  // namespace comity::state
