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

/// Whether the statement may be entered; its right to be signed is settled before. Any party may be
/// an issuer. Errors "rules/…":
/// - Restriction: not-the-issuer, withdrawn, wrong-version, bad-text, no-instrument, empty-period,
///   too-many-exceptions, empty-list, unknown-item-class, unknown-end-use
/// - RestrictionWithdrawal: no-such-restriction, not-the-issuer, withdrawn, bad-text
Result<> check(const Rules&, const institution::Institution&, const institution::Act&,
               const Restriction&);
Result<> check(const Rules&, const institution::Institution&, const institution::Act&,
               const RestrictionWithdrawal&);

void apply(Rules&, const institution::Act&, const Restriction&);
void apply(Rules&, const institution::Act&, const RestrictionWithdrawal&);

/// What the restrictions in force on `day` say: blocked if any blocks, else needs_review if any
/// asks for it, else allowed. All matching restrictions are cited. O(restrictions); to screen many
/// transfers on one day, use ScreeningIndex (rules/screening_index.h).
institution::Screening screen(const Rules&, const institution::Transfer&, Date day);

/// Whether every list of the scope that is there has the transfer's value.
bool matches(const Scope&, const institution::Transfer&);

/// What a matching restriction means for a transfer. Verdicts are ordered: the gravest prevails.
institution::Verdict verdict_of(Treatment);

/// Whether it applies on `day`: not withdrawn, and the last version's period has that day.
bool in_force(const RestrictionRecord&, Date day);

/// The last version, as a screening cites it.
institution::Citation cite(const institution::RestrictionId&, const RestrictionRecord&);

}  // namespace comity::rules
