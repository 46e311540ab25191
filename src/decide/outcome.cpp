// SPDX-License-Identifier: Apache-2.0
//
// The operator's `outcome`: it can only say what the fold has decided already.

#include "codec/describe.h"
#include "decide/decide.h"

namespace comity::decide {

Digest outcome_digest(const MotionRecord& record) { return sha256({codec::to_cbor(record)}); }

Result<> check(const Decide& decide, const institution::Institution&, const institution::Act&,
               const OutcomeNotice& notice) {
    const auto found = decide.motions.find(notice.motion);
    if (found == decide.motions.end()) {
        return Error{Code::not_found, "decide/no-such-motion",
                     "There is no motion " + notice.motion.text() + "."};
    }
    if (!std::holds_alternative<Decided>(found->second.stage)) {
        return Error{Code::conflict, "decide/not-decided",
                     "Motion " + notice.motion.text() + " is not decided yet."};
    }
    if (decide.published.contains(notice.motion)) {
        return Error{Code::conflict, "decide/outcome-published",
                     "The outcome of " + notice.motion.text() + " is on the record already."};
    }
    if (notice.outcome != outcome_digest(found->second)) {
        return Error{Code::conflict, "decide/wrong-outcome",
                     "This is not the digest of the outcome that the record gives for " +
                         notice.motion.text() + "."};
    }
    return {};
}

void apply(Decide& decide, const institution::Institution&, const institution::Act& act,
           const OutcomeNotice& notice) {
    decide.published.emplace(notice.motion, act.index);
}

}  // namespace comity::decide
