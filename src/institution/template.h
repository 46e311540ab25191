// SPDX-License-Identifier: Apache-2.0
#pragma once

// A template: an institution to start from, as a file that people edit.
//
// JSON with comments, members `founding` and `charter`; `comityd init --template FILE --data DIR`
// adds the keys and the time. What parse_template returns can be founded: the charter holds
// together and fits its entry.

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/language.h"
#include "base/result.h"
#include "institution/charter.h"
#include "institution/ids.h"

namespace comity::institution {

inline constexpr std::size_t template_bytes_max = 1'048'576;  ///< of the file, comments included

/// The part of a founding that people write; see Founding.
struct FoundingTemplate {
    std::string origin;
    LocalizedText name;
    std::optional<LocalizedText> demonstration;
    MemberId operator_id;
};
BOOST_DESCRIBE_STRUCT(FoundingTemplate, (), (origin, name, demonstration, operator_id))

struct Template {
    FoundingTemplate founding;
    Charter charter;
};
BOOST_DESCRIBE_STRUCT(Template, (), (founding, charter))

/// The text with every comment, `// …` to the end of its line and `/* … */`, made spaces. Line ends
/// stay, and nothing moves: positions in messages are those of the file. Texts in quotes are left
/// alone. Errors: invalid "institution/bad-template" for a comment that does not end.
Result<std::string> without_comments(std::string_view text);

/// Errors: those of without_comments, codec::parse_json and codec::from_value; invalid
/// "institution/bad-founding", "institution/bad-charter"; too_large
/// "institution/template-too-large", "institution/charter-too-large".
Result<Template> parse_template(std::string_view json_with_comments);

}  // namespace comity::institution
