// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.h"

namespace comity::cli {

ExitCode exit_code_of(Code code) {
    switch (code) {
        case Code::invalid:
        case Code::too_large:
            return ExitCode::usage;
        case Code::not_found:
            return ExitCode::not_found;
        case Code::unauthenticated:
        case Code::forbidden:
            return ExitCode::not_permitted;
        case Code::conflict:
            return ExitCode::conflict;
        case Code::unavailable:
            return ExitCode::network;
        case Code::corrupt:
            break;
    }
    return ExitCode::failed;
}

}  // namespace comity::cli
