// SPDX-License-Identifier: Apache-2.0
#include "server/answer.h"

#include <array>

#include "codec/cbor.h"
#include "codec/describe.h"
#include "codec/json.h"

namespace comity::server {
namespace {

struct StatusOf {
    Code code;
    int status;
};

constexpr std::array<StatusOf, 8> statuses = {{{Code::invalid, 400},
                                               {Code::unauthenticated, 401},
                                               {Code::forbidden, 403},
                                               {Code::not_found, 404},
                                               {Code::conflict, 409},
                                               {Code::too_large, 413},
                                               {Code::unavailable, 503},
                                               {Code::corrupt, 500}}};

struct TitleOf {
    int status;
    std::string_view title;
};

constexpr std::array<TitleOf, 11> titles = {{{400, "Bad Request"},
                                             {401, "Unauthorized"},
                                             {403, "Forbidden"},
                                             {404, "Not Found"},
                                             {405, "Method Not Allowed"},
                                             {406, "Not Acceptable"},
                                             {409, "Conflict"},
                                             {413, "Content Too Large"},
                                             {415, "Unsupported Media Type"},
                                             {500, "Internal Server Error"},
                                             {503, "Service Unavailable"}}};

/// The titles that SCRAPI defines, where one fits.
std::string_view scitt_title(const Problem& problem) {
    if (problem.reason == "record/bad-statement") return "Malformed request";
    if (problem.reason == "record/wrong-algorithm") return "Bad Signature Algorithm";
    if (problem.status == 404) return "Not Found";
    if (problem.status == 400 || problem.status == 401 || problem.status == 403 ||
        problem.status == 409) {
        return problem.reason.starts_with("server/") ? "Malformed request" : "Rejected";
    }
    return title_of(problem.status);
}

void add_hints(const Problem& problem, net::Response& response) {
    // RFC 9110 section 15.5.2 asks for a challenge; what authenticates here is the statement.
    if (problem.status == 401) response.headers["www-authenticate"] = "COSE";
    if (problem.status == 503) response.headers["retry-after"] = "1";
    response.headers["cache-control"] = "no-store";
}

}  // namespace

int status_of(Code code) {
    for (const StatusOf& row : statuses) {
        if (row.code == code) return row.status;
    }
    return 500;
}

Problem problem_of(const Error& error) {
    return {.status = status_of(error.code),
            .reason = std::string(error.reason),
            .detail = error.message};
}

std::string_view title_of(int status) {
    for (const TitleOf& row : titles) {
        if (row.status == status) return row.title;
    }
    return "Error";
}

net::Response respond(int status, std::string_view content_type, std::string body) {
    net::Response response;
    response.status = status;
    response.headers["content-type"] = content_type;
    response.body = std::move(body);
    return response;
}

net::Response respond(int status, std::string_view content_type, BytesView body) {
    std::string octets;
    octets.reserve(body.size());
    for (const std::byte octet : body) octets += static_cast<char>(octet);
    return respond(status, content_type, std::move(octets));
}

net::Response json_response(codec::Value value, const std::optional<LocalizedText>& demonstration,
                            int status) {
    if (auto* object = std::get_if<codec::Object>(&value.data); object && demonstration) {
        object->insert_or_assign("demonstration", codec::to_value(*demonstration));
    }
    return respond(status, json_type, codec::write_json_pretty(value) + "\n");
}

net::Response problem_response(const Problem& problem,
                               const std::optional<LocalizedText>& demonstration) {
    net::Response response = json_response(
        codec::Value{codec::Object{{"type", codec::Value{problem.reason}},
                                   {"title", codec::Value{std::string(title_of(problem.status))}},
                                   {"status", codec::Value{std::int64_t{problem.status}}},
                                   {"detail", codec::Value{problem.detail}}}},
        demonstration, problem.status);
    response.headers["content-type"] = problem_type;
    add_hints(problem, response);
    return response;
}

net::Response cbor_problem_response(const Problem& problem) {
    codec::CborWriter writer;
    writer.map(2);
    writer.integer(-1);
    writer.text(scitt_title(problem));
    writer.integer(-2);
    writer.text(problem.detail + " (" + problem.reason + ")");
    net::Response response = respond(problem.status, cbor_problem_type, writer.take());
    add_hints(problem, response);
    return response;
}

void add_security_headers(net::Response& response) {
    response.headers["content-security-policy"] =
        "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; form-action "
        "'self'; frame-ancestors 'none'";
    response.headers["x-content-type-options"] = "nosniff";
    response.headers["referrer-policy"] = "no-referrer";
    response.headers["cross-origin-opener-policy"] = "same-origin";
}

}  // namespace comity::server
