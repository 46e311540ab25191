// SPDX-License-Identifier: Apache-2.0
#include "server/layout.h"

#include <array>

namespace comity::server {
namespace {

struct Section {
    std::string_view path;
    std::string_view name;  ///< message
};

constexpr std::array<Section, 9> sections = {{{"", "nav.home"},
                                              {"members", "nav.members"},
                                              {"motions", "nav.motions"},
                                              {"restrictions", "nav.restrictions"},
                                              {"offers", "nav.offers"},
                                              {"needs", "nav.needs"},
                                              {"rounds", "nav.rounds"},
                                              {"benefit", "nav.benefit"},
                                              {"record", "nav.record"}}};

Html head(const Reader& reader, const Page& page) {
    const Html institution =
        reader.text(reader.state().institution.founding.name).without_elements();
    Html title = page.title.without_elements();
    // The home page is called by the institution's name alone.
    if (title.markup() != institution.markup()) title += Html::text(" · ") + institution;
    return element("head",
                   void_element("meta", {{"charset", "utf-8"}}) +
                       void_element("meta", {{"name", "viewport"},
                                             {"content", "width=device-width, initial-scale=1"}}) +
                       element("title", title) +
                       void_element("link", {{"rel", "stylesheet"}, {"href", "/style.css"}}));
}

Html navigation(const Reader& reader, const Place& place) {
    Html items;
    for (const Section& section : sections) {
        Attributes attributes = {{"href", reader.path(section.path)}};
        const bool is_here =
            place.path == section.path ||
            (!section.path.empty() && place.path.starts_with(std::string(section.path) + "/"));
        if (is_here) {
            attributes.emplace_back("aria-current", place.path == section.path ? "page" : "true");
        }
        items += element("li", element("a", attributes, reader.say(section.name)));
    }
    const std::string label = reader.say("nav.label").without_elements().markup();
    return element("nav", {{"class", "main-nav"}, {"aria-label", label}}, element("ul", items));
}

Html banner(const Reader& reader) {
    const auto& label = reader.state().institution.founding.demonstration;
    if (!label) return {};
    return element("p", {{"class", "banner"}, {"role", "note"}}, reader.text(*label));
}

Html trail(const Reader& reader, const Page& page) {
    if (page.trail.empty()) return {};
    Html items;
    for (const auto& [path, name] : page.trail) items += element("li", reader.to(path, name));
    const std::string label = reader.say("trail.label").without_elements().markup();
    return element("nav", {{"class", "trail"}, {"aria-label", label}}, element("ul", items));
}

Html forms(const Reader& reader, const Place& place) {
    const std::string name = place.path.empty() ? "index" : place.path;
    Html links;
    if (place.has_json) {
        links += link(reader.path(name) + ".json" + place.query, Html::text("JSON"));
    }
    if (place.has_proof) {
        links += Html::text(", ") + link(reader.path(name) + ".proof", reader.say("forms.proof"));
    }
    if (links.empty()) return {};
    return element("p", {{"class", "forms"}}, reader.say("forms", {{"links", links}}));
}

Html languages(const Reader& reader, const Place& place) {
    std::vector<Html> links;
    for (const LanguageTag& language : reader.catalogue().languages()) {
        const std::string& tag = language.text();
        // The pseudo-language is for testers, who know its address.
        if (tag == "qps" && language != reader.language()) continue;
        const Html name = reader.catalogue().message(language, "language.name");
        if (language == reader.language()) {
            links.push_back(element("bdi", {{"lang", tag}}, name));
            continue;
        }
        links.push_back(
            element("a", {{"href", "/" + tag + "/" + place.path + place.query}, {"hreflang", tag}},
                    element("bdi", {{"lang", tag}}, name)));
    }
    if (links.size() == 1) return {};
    const std::string label = reader.say("languages.label").without_elements().markup();
    return element("nav", {{"aria-label", label}}, list_of(links));
}

Html footer(const Reader& reader, const Place& place) {
    const auto size = static_cast<std::int64_t>(reader.state().size);
    return element(
        "footer",
        element("p", reader.say("footer.record",
                                {{"entries", size},
                                 {"time", reader.time(reader.state().institution.now)},
                                 {"checkpoint", link("/checkpoint", reader.say("checkpoint"))}})) +
            element("p", reader.say("footer.names")) + languages(reader, place));
}

}  // namespace

std::string document(const Reader& reader, const Page& page, const Place& place) {
    const Html site = reader.text(reader.state().institution.founding.name);
    const Html body =
        element("a", {{"class", "skip"}, {"href", "#main"}}, reader.say("skip")) + banner(reader) +
        element("header", element("p", {{"class", "site"}}, reader.to("", site)) +
                              navigation(reader, place)) +
        element(
            "main", {{"id", "main"}},
            trail(reader, page) + element("h1", page.title) + page.body + forms(reader, place)) +
        footer(reader, place);
    const Html html = element("html", {{"lang", reader.language().text()}, {"dir", "ltr"}},
                              head(reader, page) + element("body", body));
    return "<!doctype html>\n" + html.markup() + "\n";
}

}  // namespace comity::server
