// SPDX-License-Identifier: Apache-2.0
#pragma once

// Restrictions in force, and what they say of a transfer.
//
// Symmetrical: every issuer's restriction works alike, and every refusal cites rule, issuer,
// version and dates. Pure values and functions.

#include <boost/describe.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/result.h"
#include "institution/institution.h"
#include "institution/transfer.h"
#include "rules/statements.h"

namespace comity::rules {

struct RestrictionVersion {
    Restriction restriction;
    std::uint64_t entry = 0;
};
BOOST_DESCRIBE_STRUCT(RestrictionVersion, (), (restriction, entry))

struct RestrictionRecord {
    institution::MemberId issuer;
    std::vector<RestrictionVersion> versions;  ///< oldest first; the last is in force
    std::optional<std::uint64_t> withdrawn_at;
    std::optional<std::string> withdrawal_reason;
};
BOOST_DESCRIBE_STRUCT(RestrictionRecord, (), (issuer, versions, withdrawn_at, withdrawal_reason))

struct Rules {
    std::map<institution::RestrictionId, RestrictionRecord> restrictions;
};
BOOST_DESCRIBE_STRUCT(Rules, (), (restrictions))

/// Errors "rules/…": not-the-issuer, wrong-version, no-such-restriction, withdrawn,
/// unknown-item-class, unknown-end-use, empty-period, empty-list.
Result<> check(const Rules&, const institution::Institution&, const institution::Act&,
               const Restriction&);
Result<> check(const Rules&, const institution::Institution&, const institution::Act&,
               const RestrictionWithdrawal&);

void apply(Rules&, const institution::Act&, const Restriction&);
void apply(Rules&, const institution::Act&, const RestrictionWithdrawal&);

/// What the restrictions in force on `day` say: blocked if any blocks, else needs_review if any
/// asks for it, else allowed. All matching restrictions are cited. O(restrictions).
institution::Screening screen(const Rules&, const institution::Transfer&, Date day);

bool matches(const Scope&, const institution::Transfer&);

}  // namespace comity::rules
