// SPDX-License-Identifier: Apache-2.0
#include "institution/ids.h"

#include <algorithm>

namespace comity::institution {

Result<AreaCode> AreaCode::parse(std::string_view text) {
    const bool is_capital =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (text.size() != 3 || !is_capital) {
        return Error{Code::invalid, "institution/bad-area",
                     "Write an area as three capital letters, such as LSO."};
    }
    return AreaCode(text);
}

}  // namespace comity::institution
