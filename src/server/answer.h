// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how a value, a page or an Error becomes a response. One table maps Code to status; an
// Error has one rendering for the API (RFC 9457), one for SCITT (RFC 9290) and one for pages.

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/language.h"
#include "base/result.h"
#include "codec/value.h"
#include "net/http.h"

namespace comity::server {

inline constexpr std::string_view json_type = "application/json";
inline constexpr std::string_view problem_type = "application/problem+json";
inline constexpr std::string_view html_type = "text/html; charset=utf-8";
inline constexpr std::string_view cose_type = "application/cose";
inline constexpr std::string_view cbor_problem_type = "application/concise-problem-details+cbor";

int status_of(Code code);

/// An Error, and what HTTP says of it where no Code does.
struct Problem {
    int status = 0;
    std::string reason;  ///< "server/no-such-page"
    std::string detail;  ///< one sentence
};
Problem problem_of(const Error& error);

/// "Not Found" for 404.
std::string_view title_of(int status);

net::Response respond(int status, std::string_view content_type, std::string body);
net::Response respond(int status, std::string_view content_type, BytesView body);

/// Pretty-printed, members in order of name; `demonstration`, the label of the record if it is one,
/// is added to an object.
net::Response json_response(codec::Value value, const std::optional<LocalizedText>& demonstration,
                            int status = 200);

/// {"type", "title", "status", "detail"}; type is the reason as a relative reference.
net::Response problem_response(const Problem& problem,
                               const std::optional<LocalizedText>& demonstration);

/// {-1: title, -2: detail}, with the titles of SCRAPI.
net::Response cbor_problem_response(const Problem& problem);

/// What every response carries, whatever made it.
void add_security_headers(net::Response& response);

}  // namespace comity::server
