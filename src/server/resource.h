// SPDX-License-Identifier: Apache-2.0
#pragma once

// Resource: one thing that can be looked at, in each of its forms.
//
//     /api/v1/<api>        JSON
//     /en/<page>           a page in English      /en/<page>.json   the same JSON
//                                                 /en/<page>.proof  a receipt bundle
//
// A resource is three plain functions over the state: its data, its page, and the entries that
// prove it. They run under the state's shared lock and keep nothing of it. The table of all
// resources is in routes.cpp.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "codec/value.h"
#include "record/log.h"
#include "server/html.h"
#include "server/query.h"
#include "server/reader.h"
#include "state/state.h"

namespace comity::server {

/// What a request asks of a resource.
struct Ask {
    const state::State& state;
    const record::RecordLog& log;
    std::map<std::string, std::string, std::less<>> parameters;  ///< of the path, by name
    Query query;

    /// A parameter of the path as its type. An id that cannot be one is not found either.
    /// Errors: not_found "server/no-such-id".
    template <class T>
    Result<T> id(std::string_view name) const {
        auto parsed = T::parse(parameters.at(std::string(name)));
        if (!parsed) return no_such_id(name);
        return std::move(parsed).value();
    }
    /// Errors: not_found "server/no-such-id".
    Result<std::uint64_t> number(std::string_view name) const;

private:
    Error no_such_id(std::string_view name) const;
};

struct Page {
    Html title;
    std::vector<std::pair<std::string, Html>> trail;  ///< pages above it, from the top: path, name
    Html body;
};

struct Resource {
    std::string_view page;   ///< "needs/{id}"; "" is the home page
    std::string_view api;    ///< the same, or another name
    std::string_view query;  ///< parameters that it knows, separated by spaces
    Result<codec::Value> (*data)(const Ask&);
    Result<Page> (*show)(const Ask&, const Reader&) = nullptr;          ///< null: no page
    Result<std::vector<std::uint64_t>> (*proof)(const Ask&) = nullptr;  ///< null: no one entry
};

/// One page of a list of `total` rows.
struct Slice {
    std::size_t first = 0;
    std::size_t last = 0;  ///< past the last row
    std::size_t page = 1;
    std::size_t pages = 1;
};
/// Errors: not_found "server/no-such-page"; those of Query::page.
Result<Slice> slice(const Ask& ask, std::size_t total);

/// {"items": […], "total", "page", "pages"}
codec::Value listing(codec::Array items, std::size_t total, const Slice& slice);

/// Links to the pages before and after; nothing for a single page. `query`: "status=x&", or "".
Html page_links(const Reader& reader, std::string_view path, const std::string& query,
                const Slice& slice);

/// `text` for a query: all but unreserved characters percent-encoded.
std::string url_encoded(std::string_view text);

// The resources, by part; data_<part>.cpp and page_<part>.cpp have them.
Result<codec::Value> institution_data(const Ask&);
Result<codec::Value> members_data(const Ask&);
Result<codec::Value> member_data(const Ask&);
Result<codec::Value> motions_data(const Ask&);
Result<codec::Value> motion_data(const Ask&);
Result<codec::Value> restrictions_data(const Ask&);
Result<codec::Value> restriction_data(const Ask&);
Result<codec::Value> screen_data(const Ask&);
Result<codec::Value> offers_data(const Ask&);
Result<codec::Value> offer_data(const Ask&);
Result<codec::Value> needs_data(const Ask&);
Result<codec::Value> need_data(const Ask&);
Result<codec::Value> rounds_data(const Ask&);
Result<codec::Value> round_data(const Ask&);
Result<codec::Value> benefit_data(const Ask&);
Result<codec::Value> entries_data(const Ask&);
Result<codec::Value> entry_data(const Ask&);
Result<codec::Value> schema_data(const Ask&);

Result<Page> home_page(const Ask&, const Reader&);
Result<Page> members_page(const Ask&, const Reader&);
Result<Page> member_page(const Ask&, const Reader&);
Result<Page> motions_page(const Ask&, const Reader&);
Result<Page> motion_page(const Ask&, const Reader&);
Result<Page> restrictions_page(const Ask&, const Reader&);
Result<Page> restriction_page(const Ask&, const Reader&);
Result<Page> offers_page(const Ask&, const Reader&);
Result<Page> offer_page(const Ask&, const Reader&);
Result<Page> needs_page(const Ask&, const Reader&);
Result<Page> need_page(const Ask&, const Reader&);
Result<Page> rounds_page(const Ask&, const Reader&);
Result<Page> round_page(const Ask&, const Reader&);
Result<Page> benefit_page(const Ask&, const Reader&);
Result<Page> entries_page(const Ask&, const Reader&);
Result<Page> entry_page(const Ask&, const Reader&);

Result<std::vector<std::uint64_t>> institution_proof(const Ask&);
Result<std::vector<std::uint64_t>> member_proof(const Ask&);
Result<std::vector<std::uint64_t>> motion_proof(const Ask&);
Result<std::vector<std::uint64_t>> restriction_proof(const Ask&);
Result<std::vector<std::uint64_t>> offer_proof(const Ask&);
Result<std::vector<std::uint64_t>> need_proof(const Ask&);
Result<std::vector<std::uint64_t>> round_proof(const Ask&);
Result<std::vector<std::uint64_t>> entry_proof(const Ask&);

}  // namespace comity::server
