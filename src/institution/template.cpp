// SPDX-License-Identifier: Apache-2.0
#include "institution/template.h"

#include <algorithm>

#include "codec/describe.h"
#include "codec/json.h"
#include "institution/charter_check.h"
#include "institution/limits.h"

namespace comity::institution {

namespace {

/// One past the end of the text in quotes that begins at `start`; an open one ends with the file,
/// and the JSON reader says so.
std::size_t end_of_quoted(std::string_view text, std::size_t start) {
    std::size_t at = start + 1;
    while (at < text.size() && text[at] != '"') {
        at += text[at] == '\\' ? 2U : 1U;
    }
    return std::min(at + 1, text.size());
}

std::size_t line_of(std::string_view text, std::size_t position) {
    const std::string_view before = text.substr(0, position);
    return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

/// One past the end of the comment that begins at `start`.
Result<std::size_t> end_of_comment(std::string_view text, std::size_t start) {
    if (text[start + 1] == '/') return std::min(text.find('\n', start), text.size());
    const std::size_t end = text.find("*/", start + 2);
    if (end == std::string_view::npos) {
        return Error{Code::invalid, "institution/bad-template",
                     "The comment that begins in line " + std::to_string(line_of(text, start)) +
                         " does not end; close it with */."};
    }
    return end + 2;
}

bool begins_comment(std::string_view text, std::size_t at) {
    return text[at] == '/' && at + 1 < text.size() && (text[at + 1] == '/' || text[at + 1] == '*');
}

}  // namespace

Result<std::string> without_comments(std::string_view text) {
    std::string plain(text);
    std::size_t at = 0;
    while (at < text.size()) {
        if (text[at] == '"') {
            at = end_of_quoted(text, at);
        } else if (begins_comment(text, at)) {
            const std::size_t end = TRY(end_of_comment(text, at));
            for (; at < end; ++at) {
                if (plain[at] != '\n' && plain[at] != '\r') plain[at] = ' ';
            }
        } else {
            ++at;
        }
    }
    return plain;
}

Result<Template> parse_template(std::string_view json_with_comments) {
    if (json_with_comments.size() > template_bytes_max) {
        return Error{Code::too_large, "institution/template-too-large",
                     "A template has at most " + std::to_string(template_bytes_max) + " octets."};
    }
    const std::string plain = TRY(without_comments(json_with_comments));
    Template parsed = TRY(codec::from_json<Template>(
        plain, codec::JsonLimits{.bytes_max = template_bytes_max, .depth_max = 32}));
    const FoundingTemplate& founding = parsed.founding;
    TRY(check_identity(founding.origin, founding.name, founding.demonstration, founding.operator_id,
                       parsed.charter));
    TRY(check_charter(parsed.charter, [&](const MemberId& id) {
        return find_by_id(parsed.charter.members, id) != nullptr;
    }));
    const std::size_t size = codec::to_json(parsed.charter).size();
    if (size > charter_bytes_max) {
        return Error{Code::too_large, "institution/charter-too-large",
                     "The charter has " + std::to_string(size) + " octets, and its entry takes " +
                         std::to_string(charter_bytes_max) +
                         "; register some members after founding instead."};
    }
    return parsed;
}

}  // namespace comity::institution
