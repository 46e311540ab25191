// SPDX-License-Identifier: Apache-2.0
#pragma once

// Url: where a request goes, for the http scheme alone (RFC 3986, RFC 9110 section 4.2.1).
//
// Strict: what a person may have meant otherwise is refused, so that a check of the host and the
// connection to it can never speak of two hosts. parse(url.text()) == url for every parsed url.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace comity::net {

inline constexpr std::size_t url_bytes_max = 2'048;

struct Url {
    std::string host;  ///< lower case name, IPv4 address, or IPv6 address without brackets
    std::uint16_t port = 80;
    std::string target = "/";  ///< path and query, still encoded, begins with '/'

    /// Reads "http://host[:port][/path][?query]": no user, no fragment, no control or non-ASCII
    /// characters, escapes complete, port 1 to 65535. Errors: invalid "net/bad-url".
    static Result<Url> parse(std::string_view text);

    /// The whole URL, the port left out if it is 80.
    std::string text() const;

    /// Host and port as the Host header has them.
    std::string authority() const;

    friend auto operator<=>(const Url&, const Url&) = default;
};

}  // namespace comity::net
