// SPDX-License-Identifier: Apache-2.0
#pragma once

// Exit codes of comity: documented in docs/use/cli.md, and meant for scripts.

#include "base/result.h"

namespace comity::cli {

enum ExitCode : int {
    done = 0,
    failed = 1,
    usage = 2,      ///< bad input: the words of the command, or a key, file or statement it names
    not_found = 3,  ///< on the record, or a file
    not_permitted = 4,
    conflict = 5,             ///< it clashes with the record, or its time is over
    verification_failed = 6,  ///< and nothing else uses this
    network = 7,              ///< trying again may help
};

/// The exit code of a failure that is not one of verification.
ExitCode exit_code_of(Code code);

}  // namespace comity::cli
