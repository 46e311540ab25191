// SPDX-License-Identifier: Apache-2.0
#include "net/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include "net/http_text.h"

namespace comity::net {
namespace {

constexpr std::string_view scheme = "http://";
constexpr std::uint16_t default_port = 80;

Error bad_url(std::string_view why) {
    return Error{Code::invalid, "net/bad-url",
                 "Not a URL of the form http://host:port/path: " + std::string(why) + "."};
}

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// A name as in RFC 1123: letters, digits and inner hyphens, in labels of at most 63.
bool is_host_name(std::string_view host) {
    if (host.empty() || host.size() > 253) return false;
    while (true) {
        const auto dot = host.find('.');
        const std::string_view label = host.substr(0, dot);
        const auto allowed = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        };
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-' ||
            !std::all_of(label.begin(), label.end(), allowed)) {
            return false;
        }
        if (dot == std::string_view::npos) break;
        host.remove_prefix(dot + 1);
    }
    return true;
}

/// A name that ends in a number is read by resolvers as an IPv4 address in one of many old forms
/// ("0x7f.1", "2130706433"); only the plain one is let through.
bool is_plain_host(const std::string& host) {
    if (!is_host_name(host)) return false;
    const auto dot = host.rfind('.');
    const char first = host[dot == std::string::npos ? 0 : dot + 1];
    in_addr address{};
    return first < '0' || first > '9' || ::inet_pton(AF_INET, host.c_str(), &address) == 1;
}

/// The canonical text of an IPv6 address, or empty.
std::string ipv6(const std::string& text) {
    in6_addr address{};
    if (::inet_pton(AF_INET6, text.c_str(), &address) != 1) return {};
    std::array<char, INET6_ADDRSTRLEN> canonical{};
    if (::inet_ntop(AF_INET6, &address, canonical.data(), canonical.size()) == nullptr) return {};
    return canonical.data();
}

Result<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const char* begin = std::to_address(text.begin());
    const char* end = begin + text.size();
    const auto [stopped, failed] = std::from_chars(begin, end, port);
    if (text.empty() || text.front() == '0' || failed != std::errc() || stopped != end) {
        return bad_url("the port is a number from 1 to 65535");
    }
    return port;
}

/// Checks path and query: RFC 3986 section 3.3 and 3.4, with complete escapes.
Result<> check_target(std::string_view target) {
    constexpr std::string_view marks = "-._~!$&'()*+,;=:@/?";
    for (std::size_t i = 0; i < target.size(); ++i) {
        const char c = target[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            marks.find(c) != std::string_view::npos) {
            continue;
        }
        if (c != '%') return bad_url("write other characters than a-z, 0-9 and marks as %XX");
        if (i + 2 >= target.size() || !is_hex(target[i + 1]) || !is_hex(target[i + 2])) {
            return bad_url("a % stands before two hexadecimal digits");
        }
        i += 2;
    }
    return {};
}

struct Authority {
    std::string host;
    std::string_view port;  ///< with its colon; empty if there is none
};

Result<Authority> parse_authority(std::string_view text) {
    if (text.starts_with('[')) {
        const auto closing = text.find(']');
        if (closing == std::string_view::npos) return bad_url("a [ is not closed");
        std::string host = ipv6(std::string(text.substr(1, closing - 1)));
        if (host.empty()) return bad_url("between [ and ] stands an IPv6 address");
        return Authority{.host = std::move(host), .port = text.substr(closing + 1)};
    }
    const auto colon = std::min(text.find(':'), text.size());
    std::string host = lower_case(text.substr(0, colon));
    if (!is_plain_host(host)) return bad_url("the host is a name or an address");
    return Authority{.host = std::move(host), .port = text.substr(colon)};
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
    if (text.size() > url_bytes_max) return bad_url("it is too long");
    if (lower_case(text.substr(0, scheme.size())) != scheme) {
        return bad_url("it begins with http://");
    }
    text.remove_prefix(scheme.size());
    const auto end_of_authority = std::min(text.find_first_of("/?#"), text.size());
    Authority authority = TRY(parse_authority(text.substr(0, end_of_authority)));
    Url url{.host = std::move(authority.host), .port = default_port, .target = "/"};
    if (!authority.port.empty()) {
        if (authority.port.front() != ':') return bad_url("after ] stands a port or the path");
        url.port = TRY(parse_port(authority.port.substr(1)));
    }
    const std::string_view target = text.substr(end_of_authority);
    TRY(check_target(target));
    // "http://host?query" has the path "/" (RFC 9110 section 4.2.3).
    url.target = (target.starts_with('/') ? "" : "/") + std::string(target);
    return url;
}

std::string Url::authority() const {
    const bool is_ipv6 = host.find(':') != std::string::npos;
    std::string text = is_ipv6 ? "[" + host + "]" : host;
    if (port != default_port) text += ":" + std::to_string(port);
    return text;
}

std::string Url::text() const { return std::string(scheme) + authority() + target; }

}  // namespace comity::net
