// SPDX-License-Identifier: Apache-2.0
#pragma once

// Html: markup that is safe to send. Text enters it only escaped, so a page cannot be broken by
// what somebody put on the record.
//
// Names of elements and attributes are literals of our code; everything else is escaped here. No
// templates and no script: a page is a value, built by functions.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace comity::server {

class Html {
public:
    Html() = default;

    /// `text` as a reader sees it: &, <, >, " and ' become entities.
    static Html text(std::string_view text);

    /// Markup that was made by an Html before; for nothing else.
    static Html of_markup(std::string markup);

    Html& operator+=(const Html& more);
    friend Html operator+(Html a, const Html& b) { return a += b; }

    bool empty() const { return markup_.empty(); }

    /// The same without its elements, still escaped: for a title or a label.
    Html without_elements() const;
    const std::string& markup() const { return markup_; }

private:
    std::string markup_;
};

using Attributes = std::vector<std::pair<std::string_view, std::string>>;

/// <name a="…">content</name>. Attribute values are escaped.
Html element(std::string_view name, const Attributes& attributes, const Html& content);
Html element(std::string_view name, const Html& content);

/// <name a="…">, for elements without content.
Html void_element(std::string_view name, const Attributes& attributes);

Html link(std::string_view href, const Html& content);

/// Items of an unordered list; nothing for no items.
Html list_of(const std::vector<Html>& items);

struct Column {
    Html label;
    bool is_number = false;  ///< set at the end of the line, in figures of one width
};

/// A table that becomes one card a row on a narrow screen (style.css), because every cell carries
/// its label. The first cell of a row is its heading.
struct Table {
    Html caption;
    std::vector<Column> columns;
    std::vector<std::vector<Html>> rows;  ///< as many cells as columns

    Html html() const;
};

/// Label and value, one after the other.
using Facts = std::vector<std::pair<Html, Html>>;
Html facts_list(const Facts& facts);

}  // namespace comity::server
