// SPDX-License-Identifier: Apache-2.0
#pragma once

// Why a need got what it got under a whole rule: the explanation of the last stage in which it was
// open and could reach an offer (allocation_explanation.h), and what only stages know. Pure.

#include <vector>

#include "base/result.h"
#include "exchange/allocation_explanation.h"
#include "exchange/division.h"

namespace comity::exchange {

/// One explanation for each need, in order; holders and bottlenecks are members of the pool.
/// Errors: those of check_division, which `division` should have passed. O(stages * pairs), and the
/// engine once a stage for floors that the rule sets.
Result<std::vector<NeedExplanation>> explain_division(const Pool& pool, const DivisionRule& rule,
                                                      const Division& division);

}  // namespace comity::exchange
