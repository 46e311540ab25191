// SPDX-License-Identifier: Apache-2.0
// The canonical form of numbers is its own canonical form, and a draw from them repeats itself.
#include <algorithm>

#include "base/check.h"
#include "exchange/rfc3797.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace comity;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto canonical = exchange::canonical_numbers(text);
    if (!canonical) return 0;
    std::string spaced = *canonical;
    std::replace(spaced.begin(), spaced.end(), '.', ' ');
    // Periods take the place of separators; the last one may be a character too many.
    if (spaced.size() <= exchange::rfc3797_source_bytes_max) {
        const auto again = exchange::canonical_numbers(spaced);
        COMITY_CHECK(again && *again == *canonical);
    }
    const std::vector<std::string> sources = {text};
    const auto draw = exchange::rfc3797_draw(9, 9, sources);
    COMITY_CHECK(draw && draw->key_string == *canonical + "/");
    return 0;
}
