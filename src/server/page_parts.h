// SPDX-License-Identifier: Apache-2.0
#pragma once

// Parts that several pages have: headings, folded details, forms, citations, the sentence that says
// why a need got what it got.

#include <string>
#include <string_view>
#include <vector>

#include "exchange/queries.h"
#include "institution/transfer.h"
#include "server/html.h"
#include "server/reader.h"

namespace comity::server {

Html heading(const Html& content);     ///< h2
Html subheading(const Html& content);  ///< h3
Html paragraph(const Html& content);
Html note(const Html& content);         ///< a paragraph in the background
Html status_line(const Html& content);  ///< announced to who cannot see the list change
Html state_line(const Html& content);   ///< how a thing stands, in a box of its own
Html details(const Html& summary, const Html& content);
Html none();  ///< an empty place that is not an error

/// A table whose rows are few lines on a narrow screen: a heading, then label and value in a row.
Html lines(const Table& table);

struct Choice {
    std::string value;
    Html label;
};
/// A drop-down list in a form.
Html select(const Html& label, std::string_view name, const std::vector<Choice>& choices,
            std::string_view chosen);
/// A form that asks for `path` again with what was chosen.
Html get_form(const Reader& reader, std::string_view path, const Html& fields);
/// The form that filters by unit.
Html unit_form(const Reader& reader, std::string_view path, std::string_view chosen);

/// Title of a source of the charter, with a link where it has an address.
Html source(const Reader& reader, const institution::SourceId& id);

/// Which restriction of whom, in which version, with which dates.
Html citation(const Reader& reader, const institution::Citation& citation);
Html citations(const Reader& reader, const std::vector<institution::Citation>& citations);
Html offers(const Reader& reader, const std::vector<exchange::OfferId>& offers);

/// One sentence: why this need got what it got.
Html why(const Reader& reader, const exchange::NeedFacts& facts);

}  // namespace comity::server
