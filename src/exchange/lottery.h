// SPDX-License-Identifier: Apache-2.0
#pragma once

// The lottery that breaks ties, which nobody can choose or foresee: one place for each member and
// round, drawn after the inputs are frozen.
//
// Members commit to a secret value before the freeze and reveal it after; the draw hashes the
// frozen root and all revealed values. Whoever commits and then does not reveal stands behind all
// others, so withholding a value never pays; one member that reveals honestly is enough to make
// the draw unpredictable. Pure. Format: docs/spec/allocation.md section 7.

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/sha256.h"

namespace comity::exchange {

/// The secret that a member committed to, opened. The value is 32 octets.
struct LotteryReveal {
    std::string member;
    Digest value;
};

/// What a member publishes before the freeze: SHA-256 of the value. Copying another's commitment
/// gains nothing: the value counts once more in the seed, under the copier's id.
Digest lottery_commitment(const Digest& value);

/// Seed of the draw. The order of `reveals` does not matter.
/// Errors: invalid "exchange/bad-reveal" if a member reveals twice or an id is over 65,535 octets.
Result<Digest> lottery_seed(const Digest& frozen_root, std::span<const LotteryReveal> reveals);

/// Place of each of `members` (0 comes first), ascending by SHA-256(seed, id); those in `withheld`,
/// who committed and did not reveal, come after all others in the same order among themselves.
/// No id may occur twice.
std::vector<std::uint32_t> lottery_ranks(const Digest& seed, std::span<const std::string> members,
                                         const std::set<std::string>& withheld = {});

}  // namespace comity::exchange
