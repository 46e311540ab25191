// SPDX-License-Identifier: Apache-2.0
#include "server/site.h"

#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "net/target.h"
#include "server/answer.h"
#include "server/layout.h"
#include "server/routes.h"

namespace comity::server {
namespace {

constexpr std::string_view api = "/api/v1/";

enum class Form {
    unknown,  ///< the path is neither of the API nor below a language
    json,
    page,
    proof
};

/// What a path asks for, if it is a resource's.
struct Wanted {
    const Resource* resource = nullptr;
    Form form = Form::unknown;
    LanguageTag language;  ///< of a page; the first one where the path has none
    std::string path;      ///< below the language or /api/v1/
    Parameters parameters;
};

bool ends(std::string& path, std::string_view suffix) {
    if (!path.ends_with(suffix)) return false;
    path.resize(path.size() - suffix.size());
    return true;
}

/// The language of a path such as /en/needs, and what follows it.
std::optional<std::pair<LanguageTag, std::string>> below_language(const Catalogue& catalogue,
                                                                  std::string_view path) {
    for (const LanguageTag& language : catalogue.languages()) {
        const std::string prefix = "/" + language.text() + "/";
        if (path.starts_with(prefix)) {
            return std::pair(language, std::string(path.substr(prefix.size())));
        }
    }
    return {};
}

/// The form is set even where no resource matches, so that the failure has it too.
Wanted wanted(const Catalogue& catalogue, std::string_view path) {
    Wanted wanted;
    wanted.language = catalogue.languages().front();
    if (path.starts_with(api)) {
        wanted.form = Form::json;
        wanted.path = path.substr(api.size());
    } else if (auto page = below_language(catalogue, path)) {
        wanted.language = page->first;
        wanted.path = std::move(page->second);
        wanted.form = ends(wanted.path, ".json")    ? Form::json
                      : ends(wanted.path, ".proof") ? Form::proof
                                                    : Form::page;
        if (wanted.form != Form::page && wanted.path == "index") wanted.path.clear();
    } else {
        return wanted;
    }
    const bool is_api = path.starts_with(api);
    for (const Resource& resource : resources()) {
        if (!is_api && resource.show == nullptr) continue;
        if (wanted.form == Form::proof && resource.proof == nullptr) continue;
        auto parameters = match(is_api ? resource.api : resource.page, wanted.path);
        if (!parameters) continue;
        wanted.resource = &resource;
        wanted.parameters = *std::move(parameters);
        break;
    }
    return wanted;
}

std::optional<LocalizedText> label_of(const node::Node& node) {
    return node.read(
        [](const state::State& state) { return state.institution.founding.demonstration; });
}

/// A browser names HTML; a program that names nothing gets the form of the address.
bool accepts_html(const net::Request& request) {
    const auto found = request.headers.find("accept");
    return request.method == "GET" && found != request.headers.end() &&
           found->second.find("text/html") != std::string::npos;
}

net::Response failure_page(const node::Node& node, const Catalogue& catalogue,
                           const LanguageTag& language, const Problem& problem) {
    net::Response response = node.read([&](const state::State& state) {
        const Reader reader(state, catalogue, language);
        const std::string title = "error." + std::to_string(problem.status);
        Page page{
            .title = reader.say(catalogue.contains(title) ? title : "error.other"),
            .trail = {},
            .body = element("p", {{"lang", "en"}}, Html::text(problem.detail)) +
                    element("p", {{"class", "note"}},
                            reader.say("error.reason", {{"reason", reader.code(problem.reason)}}))};
        return respond(problem.status, html_type,
                       document(reader, page, {.path = "", .query = ""}));
    });
    response.headers["cache-control"] = "no-store";
    return response;
}

Problem not_allowed(const std::string& allowed) {
    return {.status = 405,
            .reason = "server/method-not-allowed",
            .detail = "This address answers " + allowed + "."};
}

std::string query_of(std::string_view target) {
    const std::size_t at = target.find('?');
    return at == std::string_view::npos ? std::string() : std::string(target.substr(at));
}

/// "application/cose" of "application/cose; cose-type=…".
std::string media_type(const net::Request& request) {
    const auto found = request.headers.find("content-type");
    if (found == request.headers.end()) return {};
    std::string type = found->second.substr(0, found->second.find(';'));
    while (type.ends_with(' ')) type.pop_back();
    std::transform(type.begin(), type.end(), type.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return type;
}

struct Asked {
    node::Node& node;
    const store::Objects& objects;
    const Catalogue& catalogue;
    const std::string& instance;
    const net::Request& request;
    const net::Target& target;
};

/// A failure of a fixed endpoint: in its own form, and to a browser as a page.
net::Response failure(const Asked& asked, ErrorForm form, const Problem& problem) {
    if (accepts_html(asked.request) && !asked.target.path.starts_with(api)) {
        return failure_page(asked.node, asked.catalogue, asked.catalogue.languages().front(),
                            problem);
    }
    if (form == ErrorForm::cbor) return cbor_problem_response(problem);
    return problem_response(problem, label_of(asked.node));
}

Result<net::Response> handled(const Asked& asked, const Route& route, Parameters parameters) {
    const Query query = TRY(Query::read(asked.target.query, route.query));
    return route.handle({.node = asked.node,
                         .objects = asked.objects,
                         .catalogue = asked.catalogue,
                         .request = asked.request,
                         .parameters = std::move(parameters),
                         .query = query});
}

/// The answer of a fixed endpoint; nothing if no route has this path.
std::optional<net::Response> answer_route(const Asked& asked) {
    std::string allowed;
    ErrorForm form = ErrorForm::json;
    for (const Route& route : routes()) {
        auto parameters = match(route.pattern, asked.target.path);
        if (!parameters) continue;
        form = route.error_form;
        allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
        if (route.method == "GET") allowed += ", HEAD";
        if (route.method != asked.request.method) continue;
        if (route.method == "POST" && media_type(asked.request) != cose_type) {
            return failure(asked, form,
                           {.status = 415,
                            .reason = "server/wrong-content-type",
                            .detail = "Send the statement as application/cose."});
        }
        auto response = handled(asked, route, *std::move(parameters));
        if (response) return std::move(response).value();
        return failure(asked, form, problem_of(response.error()));
    }
    if (allowed.empty()) return {};
    net::Response response = failure(asked, form, not_allowed(allowed));
    response.headers["allow"] = allowed;
    return response;
}

/// A failure as a page, when a page was asked for, or by a browser anything but JSON.
net::Response failure_of(const Asked& asked, const Wanted& wanted, const Problem& problem) {
    const bool is_page =
        wanted.form == Form::page || (wanted.form != Form::json && accepts_html(asked.request));
    if (!is_page) return problem_response(problem, label_of(asked.node));
    return failure_page(asked.node, asked.catalogue, wanted.language, problem);
}

/// Same bytes for the same state, path and program.
std::string etag_of(const Asked& asked, const state::State& state) {
    return "W/\"" + std::to_string(state.size) + "-" + asked.instance + "\"";
}

Result<net::Response> shown(const Asked& asked, const Wanted& wanted, const Ask& ask) {
    if (wanted.form == Form::json) {
        return json_response(TRY(wanted.resource->data(ask)),
                             ask.state.institution.founding.demonstration);
    }
    const Reader reader(ask.state, asked.catalogue, wanted.language);
    const Page page = TRY(wanted.resource->show(ask, reader));
    return respond(200, html_type,
                   document(reader, page,
                            {.path = wanted.path,
                             .query = query_of(asked.request.target),
                             .has_json = true,
                             .has_proof = wanted.resource->proof != nullptr}));
}

/// The last part of the path, or "founding".
std::string file_name(const std::string& path) {
    return path.empty() ? "founding" : path.substr(path.find('/') + 1);
}

Result<net::Response> answer_resource(const Asked& asked, const Wanted& wanted) {
    // The forms of one page have one query: what filters the page filters its JSON.
    const Query query = TRY(Query::read(asked.target.query, wanted.resource->query));
    const auto ask = [&](const state::State& state) {
        return Ask{.state = state,
                   .log = asked.node.log(),
                   .parameters = wanted.parameters,
                   .query = query};
    };
    if (wanted.form == Form::proof) {
        const auto entries = TRY(asked.node.read(
            [&](const state::State& state) { return wanted.resource->proof(ask(state)); }));
        return bundle_response(asked.node, entries, file_name(wanted.path));
    }
    return asked.node.read([&](const state::State& state) -> Result<net::Response> {
        const std::string etag = etag_of(asked, state);
        const auto known = asked.request.headers.find("if-none-match");
        net::Response response;
        if (known != asked.request.headers.end() && known->second == etag) {
            response.status = 304;
        } else {
            response = TRY(shown(asked, wanted, ask(state)));
        }
        response.headers["etag"] = etag;
        response.headers["cache-control"] = "no-cache";
        return response;
    });
}

net::Response answer_any(const Asked& asked) {
    if (auto response = answer_route(asked)) return *std::move(response);
    const Wanted want = wanted(asked.catalogue, asked.target.path);
    if (want.resource == nullptr) {
        for (const LanguageTag& language : asked.catalogue.languages()) {
            if (asked.target.path != "/" + language.text()) continue;
            net::Response response;
            response.status = 302;
            response.headers["location"] = asked.target.path + "/";
            return response;
        }
        return failure_of(asked, want,
                          {.status = 404,
                           .reason = "server/no-such-page",
                           .detail = "There is nothing at " + asked.target.path +
                                     (want.form == Form::unknown
                                          ? "; pages begin with /" + want.language.text() + "/."
                                          : ".")});
    }
    if (asked.request.method != "GET") {
        net::Response response = failure_of(asked, want, not_allowed("GET, HEAD"));
        response.headers["allow"] = "GET, HEAD";
        return response;
    }
    auto response = answer_resource(asked, want);
    if (response) return std::move(response).value();
    return failure_of(asked, want, problem_of(response.error()));
}

}  // namespace

Site::Site(node::Node& node, const store::Objects& objects, Catalogue catalogue)
    : node_(node),
      objects_(objects),
      catalogue_(std::move(catalogue)),
      instance_(to_hex(crypto::random_bytes(4))) {}

net::Response Site::answer(const net::Request& request) const {
    net::Response response;
    const auto target = net::Target::parse(request.target);
    if (!target) {
        const Problem problem = problem_of(target.error());
        response = accepts_html(request)
                       ? failure_page(node_, catalogue_, catalogue_.languages().front(), problem)
                       : problem_response(problem, label_of(node_));
    } else {
        response = answer_any({.node = node_,
                               .objects = objects_,
                               .catalogue = catalogue_,
                               .instance = instance_,
                               .request = request,
                               .target = *target});
    }
    add_security_headers(response);
    return response;
}

}  // namespace comity::server
