// SPDX-License-Identifier: Apache-2.0
#pragma once

// The form of HTTP's header section (RFC 9110 section 5), which server and client write by
// themselves. Private to net.

#include <ctime>
#include <map>
#include <string>
#include <string_view>

namespace comity::net {

/// A method or header name: one or more of the characters that RFC 9110 section 5.6.2 allows.
bool is_token(std::string_view text);

/// A header value that stays in its line: no control characters but tab.
bool is_field_value(std::string_view text);

/// True if every name is a token and every value stays in its line. What fails would let whoever
/// chose the text write headers or whole answers of its own.
bool can_be_sent(const std::map<std::string, std::string>& headers);

/// ASCII letters in lower case; the rest as it is.
std::string lower_case(std::string_view text);

/// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(std::time_t seconds);

}  // namespace comity::net
