// SPDX-License-Identifier: Apache-2.0
#include "server/page_parts.h"

#include <algorithm>

namespace comity::server {

Html heading(const Html& content) { return element("h2", content); }
Html subheading(const Html& content) { return element("h3", content); }
Html paragraph(const Html& content) { return element("p", content); }
Html note(const Html& content) { return element("p", {{"class", "note"}}, content); }
Html status_line(const Html& content) { return element("p", {{"role", "status"}}, content); }
Html state_line(const Html& content) { return element("p", {{"class", "state"}}, content); }

Html details(const Html& summary, const Html& content) {
    return element("details", element("summary", summary) + content);
}

Html lines(const Table& table) { return element("div", {{"class", "lines"}}, table.html()); }

Html none() { return Html::text("—"); }

Html select(const Html& label, std::string_view name, const std::vector<Choice>& choices,
            std::string_view chosen) {
    Html options;
    for (const Choice& choice : choices) {
        Attributes attributes = {{"value", choice.value}};
        if (choice.value == chosen) attributes.emplace_back("selected", "");
        options += element("option", attributes, choice.label.without_elements());
    }
    return element("label", label + element("select", {{"name", std::string(name)}}, options));
}

Html get_form(const Reader& reader, std::string_view path, const Html& fields) {
    return element("form", {{"method", "get"}, {"action", reader.path(path)}},
                   fields + element("button", reader.say("form.show")));
}

Html unit_form(const Reader& reader, std::string_view path, std::string_view chosen) {
    std::vector<Choice> units = {{"", reader.say("form.any")}};
    for (const auto& unit : reader.state().institution.charter.units) {
        units.push_back({unit.id.text(), reader.text(unit.name)});
    }
    return get_form(reader, path, select(reader.say("form.unit"), "unit", units, chosen));
}

Html source(const Reader& reader, const institution::SourceId& id) {
    for (const auto& source : reader.state().institution.charter.sources) {
        if (source.id != id) continue;
        // Only what a browser opens as a page: the record may hold any text.
        const bool is_page = source.url && (source.url->starts_with("https://") ||
                                            source.url->starts_with("http://"));
        const Html title = reader.text(source.title);
        return is_page ? link(*source.url, title) : title;
    }
    return reader.code(id.text());
}

Html citation(const Reader& reader, const institution::Citation& citation) {
    return reader.say("citation", {{"restriction", reader.restriction(citation.restriction)},
                                   {"version", std::int64_t{citation.version}},
                                   {"issuer", reader.member(citation.issuer)},
                                   {"period", reader.period(citation.from, citation.until)},
                                   {"entry", reader.entry(citation.entry)}});
}

Html citations(const Reader& reader, const std::vector<institution::Citation>& citations) {
    std::vector<Html> items;
    items.reserve(citations.size());
    for (const auto& each : citations) items.push_back(citation(reader, each));
    return list_of(items);
}

Html offers(const Reader& reader, const std::vector<exchange::OfferId>& offers) {
    Html text;
    for (const auto& offer : offers) {
        text += (text.empty() ? Html() : Html::text(", ")) + reader.offer(offer);
    }
    return text.empty() ? none() : text;
}

namespace {

Html level(const Reader& reader, const std::optional<Rational>& level) {
    return level ? reader.share(*level) : none();
}

}  // namespace

Html why(const Reader& reader, const exchange::NeedFacts& facts) {
    const exchange::NeedResult& result = facts.result;
    Html restrictions;
    for (const auto& blocked : result.blocked_by) {
        restrictions += (restrictions.empty() ? Html() : Html::text(", ")) +
                        reader.restriction(blocked.restriction);
    }
    const bool is_own = result.holder && *result.holder == result.member;
    std::string id = "why.";
    id += boost::describe::enum_to_string(result.reason, "");
    // A member whose own other needs hold what this one could use reads a sentence of its own.
    if (result.reason == exchange::Reason::no_better_off && is_own) id += "_own";
    if (result.reason == exchange::Reason::floor_first && !facts.floor_group) id += "_one_each";
    // Holder and bottleneck are in the data; a sentence sets no member against another by name.
    return reader.say(id, {{"restrictions", restrictions.empty() ? none() : restrictions},
                           {"asked", result.asked},
                           {"allocated", result.allocated},
                           {"level", level(reader, facts.level)},
                           {"level_after", level(reader, facts.level_after)},
                           {"holder_level", level(reader, facts.holder_level)},
                           {"holder_before", level(reader, facts.holder_level_before)},
                           {"rounding", reader.word("rounding", facts.rounding)},
                           {"cap", facts.cap.value_or(0)},
                           {"minimum", facts.minimum.value_or(0)},
                           {"group", facts.floor_group ? reader.group(*facts.floor_group) : none()},
                           {"weights", facts.weights ? reader.code(facts.weights->text()) : none()},
                           {"rule", reader.code(facts.rule.text())},
                           {"version", std::int64_t{facts.rule_version}}});
}

}  // namespace comity::server
