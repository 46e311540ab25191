// SPDX-License-Identifier: Apache-2.0
#include "server/html.h"

#include "base/check.h"

namespace comity::server {
namespace {

void append_escaped(std::string& to, std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '&':
                to += "&amp;";
                break;
            case '<':
                to += "&lt;";
                break;
            case '>':
                to += "&gt;";
                break;
            case '"':
                to += "&quot;";
                break;
            case '\'':
                to += "&#39;";
                break;
            default:
                to += c;
        }
    }
}

std::string opening(std::string_view name, const Attributes& attributes) {
    std::string tag = "<" + std::string(name);
    for (const auto& [attribute, value] : attributes) {
        tag += ' ';
        tag += attribute;
        tag += "=\"";
        append_escaped(tag, value);
        tag += '"';
    }
    return tag + ">";
}

}  // namespace

Html Html::text(std::string_view text) {
    Html html;
    append_escaped(html.markup_, text);
    return html;
}

Html Html::of_markup(std::string markup) {
    Html html;
    html.markup_ = std::move(markup);
    return html;
}

Html Html::without_elements() const {
    Html plain;
    bool in_tag = false;
    for (const char c : markup_) {
        if (c == '<') in_tag = true;
        if (!in_tag) plain.markup_ += c;
        if (c == '>') in_tag = false;
    }
    return plain;
}

Html& Html::operator+=(const Html& more) {
    markup_ += more.markup_;
    return *this;
}

Html element(std::string_view name, const Attributes& attributes, const Html& content) {
    return Html::of_markup(opening(name, attributes) + content.markup() + "</" + std::string(name) +
                           ">");
}

Html element(std::string_view name, const Html& content) { return element(name, {}, content); }

Html void_element(std::string_view name, const Attributes& attributes) {
    return Html::of_markup(opening(name, attributes));
}

Html link(std::string_view href, const Html& content) {
    return element("a", {{"href", std::string(href)}}, content);
}

Html list_of(const std::vector<Html>& items) {
    if (items.empty()) return {};
    Html content;
    for (const Html& item : items) content += element("li", item);
    return element("ul", content);
}

Html Table::html() const {
    Html head;
    for (const Column& column : columns) {
        Attributes attributes = {{"scope", "col"}};
        if (column.is_number) attributes.emplace_back("class", "n");
        head += element("th", attributes, column.label);
    }
    Html body;
    for (const auto& row : rows) {
        COMITY_CHECK(row.size() == columns.size());
        Html cells;
        for (std::size_t i = 0; i < row.size(); ++i) {
            // The label is markup that is escaped already, so it is joined in as it is.
            std::string start = i == 0 ? "<th scope=\"row\"" : "<td";
            if (columns[i].is_number) start += " class=\"n\"";
            start += " data-label=\"" + columns[i].label.without_elements().markup() + "\">";
            // One child, so that a card can set label and value apart.
            cells += Html::of_markup(start + "<span>" + row[i].markup() + "</span>" +
                                     (i == 0 ? "</th>" : "</td>"));
        }
        body += element("tr", cells);
        body += Html::of_markup("\n");
    }
    return element("table", element("caption", caption) + element("thead", element("tr", head)) +
                                element("tbody", body));
}

Html facts_list(const Facts& facts) {
    Html content;
    for (const auto& [label, value] : facts) {
        content += element("div", element("dt", label) + element("dd", value));
    }
    return element("dl", content);
}

}  // namespace comity::server
