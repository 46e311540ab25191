// SPDX-License-Identifier: Apache-2.0
#pragma once

// Proves that an allocation is the one that the rule demands, in one pass over the lawful pairs.
//
// Written from docs/spec/allocation.md section 5 and not from the engine, with which it shares no
// code but the types and check_instance: an auditor reads this file and its source, and need not
// trust allocation.cpp. Pure.

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "exchange/allocation.h"

namespace comity::exchange {

/// The first condition that fails, and where.
struct CertificateFault {
    std::uint8_t condition = 0;   ///< 0..5, as in C0..C5
    std::optional<Index> member;  ///< set as far as the condition speaks of one
    std::optional<Index> need;
    std::optional<Index> offer;
    std::string what;  ///< half a sentence: "holds more units than the need asks"
};

/// The first fault in an allocation of a well-formed instance (check_instance), or none.
/// O(pairs + members log members), integers only.
std::optional<CertificateFault> certificate_fault(const AllocationInstance& instance,
                                                  Rounding rounding, const Allocation& allocation);

/// Errors: invalid "exchange/bad-certificate", whose message names the condition and the place
/// (needs and offers by their number, from 0); and as check_instance.
Result<> check_certificate(const AllocationInstance& instance, Rounding rounding,
                           const Allocation& allocation);

}  // namespace comity::exchange
