// SPDX-License-Identifier: Apache-2.0
#pragma once

// Why a need got what it got, in the sentence that its page says too (messages/en.json, "why.…").

#include <string>

#include "cli/answer.h"

namespace comity::cli {

/// Of an exchange::NeedFacts as the node wrote it. A reason that this version does not know is said
/// by its name.
std::string why(const Answer& facts);

}  // namespace comity::cli
