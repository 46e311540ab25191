// SPDX-License-Identifier: Apache-2.0
#pragma once

// The lottery that breaks ties, which nobody can choose or foresee: one place for each member and
// round, drawn after the inputs are frozen.
//
// Members commit to a secret value before the freeze and reveal it after; a public value (beacon.h)
// comes into being after that. The draw hashes the frozen root, all revealed values and the public
// one. Whoever commits and then does not reveal stands behind all others, so withholding a value
// never pays. Pure. Format: docs/spec/allocation.md section 7.

#include <boost/describe.hpp>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
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

/// Seed of the draw. The order of `reveals` does not matter. `public_value`: seed_octets of
/// beacon.h; empty for a round without a public source.
/// Errors: invalid "exchange/bad-reveal" if a member reveals twice or an id is over 65,535 octets.
Result<Digest> lottery_seed(const Digest& frozen_root, std::span<const LotteryReveal> reveals,
                            BytesView public_value);

/// Seed of the k-th redraw (from 1) after refusals: fixed with the seed, so that nobody chooses
/// new randomness.
Digest redraw_seed(const Digest& seed, std::uint32_t k);

/// What makes the order of ties unforeseeable to those who made the inputs. With inputs_alone
/// nothing does: whoever entered the last input could foresee it.
enum class LotteryBasis { public_value, reveals, inputs_alone };
BOOST_DESCRIBE_ENUM(LotteryBasis, public_value, reveals, inputs_alone)

LotteryBasis lottery_basis(bool has_public_value, std::size_t reveals);

/// Place of each of `members` (0 comes first), ascending by SHA-256(seed, id); those in `withheld`,
/// who committed and did not reveal, come after all others in the same order among themselves.
/// No id may occur twice.
std::vector<std::uint32_t> lottery_ranks(const Digest& seed, std::span<const std::string> members,
                                         const std::set<std::string>& withheld = {});

}  // namespace comity::exchange
