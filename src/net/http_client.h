// SPDX-License-Identifier: Apache-2.0
#pragma once

// The HTTP client: one blocking call with a deadline and a bound on the answer.
//
// Any status is an answer, not an error; redirects are not followed. Names are resolved by the
// system's resolver, whose own time-out comes before ours can act.

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/http.h"
#include "net/url.h"

namespace comity::net {

struct HttpClientOptions {
    unsigned timeout_seconds = 30;                  ///< for a whole request: connect, send, receive
    std::uint64_t response_bytes_max = 64U << 20U;  ///< of the body
};

/// Sends `request` to `url` (request.target is ignored: the URL has it) over a new connection.
/// Errors: invalid "net/bad-request" for a method or header that cannot be sent; unavailable
/// "net/cannot-resolve", "net/cannot-connect", "net/timeout", "net/connection-lost",
/// "net/bad-response" (not HTTP); too_large "net/response-too-large".
Result<Response> http_request(const Url& url, Request request,
                              const HttpClientOptions& options = {});

/// One server, one connection kept for many requests, one after the other: for clients that fetch
/// thousands of tiles. Not thread-safe; use one a thread.
class HttpConnection {
public:
    /// Connects with the first request. The target of `server` is ignored.
    explicit HttpConnection(Url server, HttpClientOptions options = {});
    ~HttpConnection();
    HttpConnection(HttpConnection&&) noexcept;
    HttpConnection& operator=(HttpConnection&&) noexcept;

    /// Sends `request` to its target. A GET or HEAD on a connection that the server has closed in
    /// the meantime is sent once more over a new one; nothing else is repeated.
    /// Errors: those of http_request.
    Result<Response> request(const Request& request);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace comity::net
