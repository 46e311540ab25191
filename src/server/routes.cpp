// SPDX-License-Identifier: Apache-2.0
#include "server/routes.h"

#include <array>

#include "server/answer.h"
#include "server/observe_view.h"
#include "server/style.h"

namespace comity::server {
namespace {

Result<net::Response> get_root(const Endpoint&) {
    net::Response response;
    response.status = 302;
    response.headers["location"] = "/en/";
    return response;
}

Result<net::Response> get_style(const Endpoint&) {
    net::Response response = respond(200, "text/css; charset=utf-8", std::string(style_sheet));
    response.headers["cache-control"] = "max-age=3600";
    return response;
}

constexpr std::array all_routes = {
    Route{"GET", "/", "", ErrorForm::json, get_root},
    Route{"GET", "/style.css", "", ErrorForm::json, get_style},
    // SCITT, as in the reference API (SCRAPI)
    Route{"POST", "/entries", "", ErrorForm::cbor, post_entry},
    Route{"GET", "/entries/{id}", "", ErrorForm::cbor, get_receipt},
    Route{"GET", "/entries/{id}/statement", "", ErrorForm::cbor, get_statement},
    Route{"GET", "/.well-known/scitt-keys", "", ErrorForm::cbor, get_keys},
    Route{"GET", "/.well-known/scitt-keys/{kid}", "", ErrorForm::cbor, get_key},
    // C2SP tlog-tiles
    Route{"GET", "/checkpoint", "", ErrorForm::json, get_checkpoint},
    Route{"GET", "/tile/{rest...}", "", ErrorForm::json, get_tile},
    Route{"GET", "/api/v1/proofs/{n}", "", ErrorForm::json, get_proof},
};

constexpr std::array all_resources = {
    Resource{"", "institution", "", institution_data, home_page, institution_proof},
    Resource{"members", "members", "as_of as_of_index status class page", members_data,
             members_page, nullptr},
    Resource{"members/{id}", "members/{id}", "", member_data, member_page, member_proof},
    Resource{"motions", "motions", "page", motions_data, motions_page, nullptr},
    Resource{"motions/{id}", "motions/{id}", "page", motion_data, motion_page, motion_proof},
    Resource{"restrictions", "restrictions", "page", restrictions_data, restrictions_page, nullptr},
    Resource{"restrictions/{id}", "restrictions/{id}", "", restriction_data, restriction_page,
             restriction_proof},
    Resource{"", "screen", "item_class origin destination end_use day", screen_data, nullptr,
             nullptr},
    Resource{"offers", "offers", "unit page", offers_data, offers_page, nullptr},
    Resource{"offers/{id}", "offers/{id}", "page", offer_data, offer_page, offer_proof},
    Resource{"needs", "needs", "unit member page", needs_data, needs_page, nullptr},
    Resource{"needs/{id}", "needs/{id}", "", need_data, need_page, need_proof},
    Resource{"rounds", "rounds", "page", rounds_data, rounds_page, nullptr},
    Resource{"rounds/{id}", "rounds/{id}", "page compare with", round_data, round_page, round_proof},
    Resource{"benefit", "benefit", "unit class status group group_date without page", benefit_data,
             benefit_page, nullptr},
    Resource{"observe", "observe", "unit class page", observe_data, observe_page, nullptr},
    Resource{"record", "entries", "page", entries_data, entries_page, nullptr},
    Resource{"record/{n}", "entries/{n}", "", entry_data, entry_page, entry_proof},
    Resource{"", "schemas/{type}", "", schema_data, nullptr, nullptr},
};

/// The part of `path` up to the next '/', which is taken off with it.
std::string_view take_segment(std::string_view& path) {
    const std::size_t end = path.find('/');
    const std::string_view segment = path.substr(0, end);
    path = end == std::string_view::npos ? std::string_view() : path.substr(end + 1);
    return segment;
}

}  // namespace

std::span<const Route> routes() { return all_routes; }
std::span<const Resource> resources() { return all_resources; }

std::optional<Parameters> match(std::string_view pattern, std::string_view path) {
    // A '/' at the end of one is a '/' at the end of both.
    if (pattern.empty() != path.empty()) return {};
    const bool takes_rest = pattern.ends_with("...}");
    if (!takes_rest && pattern.ends_with('/') != path.ends_with('/')) return {};
    Parameters parameters;
    while (!pattern.empty()) {
        const std::string_view wanted = take_segment(pattern);
        if (wanted.ends_with("...}")) {
            if (path.empty()) return {};
            parameters.emplace(wanted.substr(1, wanted.size() - 5), path);
            return parameters;
        }
        const bool is_last = path.find('/') == std::string_view::npos;
        const std::string_view segment = take_segment(path);
        if (is_last && !pattern.empty()) return {};
        if (!wanted.starts_with('{')) {
            if (segment != wanted) return {};
        } else {
            if (segment.empty()) return {};
            parameters.emplace(wanted.substr(1, wanted.size() - 2), segment);
        }
    }
    if (!path.empty()) return {};
    return parameters;
}

}  // namespace comity::server
