// SPDX-License-Identifier: Apache-2.0
#pragma once

// How parties, keys and mandates are entered in the register. Private to this module: callers have
// checked, and nothing here fails.

#include <cstdint>

#include "institution/institution.h"

namespace comity::institution {

inline constexpr std::uint64_t founding_index = 0;  ///< of the entry `founding`
inline constexpr std::uint64_t charter_index = 1;   ///< of the entry `charter`

void enter_member(Institution& institution, std::uint64_t index, const Member& member);
void enter_key(Institution& institution, std::uint64_t index, const KeyRegistration& registration);

}  // namespace comity::institution
