// SPDX-License-Identifier: Apache-2.0
#pragma once

// The two tables of everything that is served: fixed endpoints, and resources in all their forms.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"
#include "node/node.h"
#include "server/messages.h"
#include "server/query.h"
#include "server/resource.h"
#include "store/objects.h"

namespace comity::server {

using Parameters = std::map<std::string, std::string, std::less<>>;

/// The parameters of `path` under `pattern`, or nothing if it does not match. `{id}` is one
/// segment that is not empty, `{rest...}` all that follow.
std::optional<Parameters> match(std::string_view pattern, std::string_view path);

/// What a fixed endpoint works with.
struct Endpoint {
    node::Node& node;
    const store::Objects& objects;
    const Catalogue& catalogue;
    const net::Request& request;
    Parameters parameters;
    Query query;
};

/// In which form failures are told.
enum class ErrorForm { json, cbor };

struct Route {
    std::string_view method;
    std::string_view pattern;
    std::string_view query;  ///< parameters that it knows, separated by spaces
    ErrorForm error_form = ErrorForm::json;
    Result<net::Response> (*handle)(const Endpoint&);
};

std::span<const Route> routes();
std::span<const Resource> resources();

// The handlers of SCITT and of the log's files; scitt.cpp has them.
Result<net::Response> post_entry(const Endpoint&);
Result<net::Response> get_receipt(const Endpoint&);
Result<net::Response> get_statement(const Endpoint&);
Result<net::Response> get_keys(const Endpoint&);
Result<net::Response> get_key(const Endpoint&);
Result<net::Response> get_checkpoint(const Endpoint&);
Result<net::Response> get_tile(const Endpoint&);
Result<net::Response> get_proof(const Endpoint&);

/// The receipt bundle for these entries, as a file called `name`. Errors: those of
/// node::receipt_bundle.
Result<net::Response> bundle_response(const node::Node& node,
                                      const std::vector<std::uint64_t>& entries,
                                      const std::string& name);

}  // namespace comity::server
