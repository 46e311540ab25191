// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which characters a name, a claim and a note may have.
//
// A name that smuggles in a line end or an invisible character could show people one thing and
// programs another. Pure functions over UTF-8.

#include <string_view>

namespace comity::record {

/// Whether `text` is UTF-8 without control characters: U+0000 to U+001F, U+007F to U+009F, and the
/// line and paragraph separators U+2028 and U+2029.
bool is_plain_line(std::string_view text);

/// The same with line ends: each line of it is plain.
bool is_plain_text(std::string_view text);

/// Whether `text` has a character that Unicode calls white space. `text` must be UTF-8.
bool has_space(std::string_view text);

}  // namespace comity::record
