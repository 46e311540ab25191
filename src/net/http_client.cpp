// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <chrono>
#include <optional>
#include <system_error>
#include <utility>

#include "net/http_text.h"

namespace comity::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Parser = http::response_parser<http::string_body>;

constexpr std::uint32_t response_header_bytes_max = 64U << 10U;
constexpr std::size_t read_bytes = 64U << 10U;
constexpr int interim_answers_max = 8;  // 1xx answers before the one that counts

/// An open socket, closed with the object.
class Socket {
public:
    Socket() = default;
    explicit Socket(int number) : number_(number) {}
    Socket(Socket&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
        if (this != &other) {
            close();
            number_ = std::exchange(other.number_, -1);
        }
        return *this;
    }
    ~Socket() { close(); }

    bool is_open() const { return number_ >= 0; }
    int number() const { return number_; }
    void close() {
        if (is_open()) (void)::close(std::exchange(number_, -1));
    }

private:
    int number_ = -1;
};

struct AddressList {
    void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

std::string request_head(const Url& server, const Request& request) {
    std::string head = request.method + " " + request.target + " HTTP/1.1\r\n";
    head += "host: " + server.authority() + "\r\n";
    for (const auto& [name, value] : request.headers) {
        const std::string lower = lower_case(name);
        if (lower == "host" || lower == "content-length" || lower == "transfer-encoding" ||
            lower == "connection" || lower == "expect") {
            continue;
        }
        head.append(name).append(": ").append(value).append("\r\n");
    }
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
        head += "content-length: " + std::to_string(request.body.size()) + "\r\n";
    }
    return head + "\r\n";
}

Result<> check_request(const Request& request) {
    const auto is_visible = [](char c) { return c > 0x20 && c < 0x7f; };
    if (is_token(request.method) && request.target.starts_with('/') &&
        std::all_of(request.target.begin(), request.target.end(), is_visible) &&
        can_be_sent(request.headers)) {
        return {};
    }
    return Error{Code::invalid, "net/bad-request",
                 "The method, target or a header of the request cannot be sent; it holds "
                 "characters that HTTP does not allow there."};
}

Response to_response(Parser::value_type&& in) {
    Response out{
        .status = static_cast<int>(in.result_int()), .headers = {}, .body = std::move(in.body())};
    for (const auto& field : in) {
        out.headers[lower_case(std::string(field.name_string()))] = std::string(field.value());
    }
    return out;
}

}  // namespace

struct HttpConnection::Impl {
    Url server;
    HttpClientOptions options;
    Socket socket;
    Clock::time_point deadline;
    bool heard = false;  // an octet of the present answer has come
    std::string received;

    Impl(Url s, HttpClientOptions o) : server(std::move(s)), options(o) {}

    Error failure(std::string_view reason, const std::string& what) const {
        return Error{Code::unavailable, reason, server.authority() + " " + what};
    }
    Error timeout() const {
        return failure("net/timeout", "did not answer within " +
                                          std::to_string(options.timeout_seconds) + " seconds.");
    }
    Error lost(int errno_value) const {
        return failure("net/connection-lost",
                       "closed the connection before the answer was complete (" +
                           std::generic_category().message(errno_value) + "); try again.");
    }

    Result<short> wait(short events) const;
    Result<> connect();
    Result<> connect_to(const addrinfo& address);
    Result<> send(const std::string& head, const std::string& body);
    Result<std::size_t> receive();
    Result<Response> receive_response(bool head_only);
    Result<> parse_one(Parser& parser);
    Result<Response> exchange(const Request& request);
    void close_if_stale();
};

/// Waits until one of `events` is possible. Errors: "net/timeout".
Result<short> HttpConnection::Impl::wait(short events) const {
    while (true) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) return timeout();
        pollfd waiting{.fd = socket.number(), .events = events, .revents = 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<long>(left + 1, 60'000)));
        if (ready > 0) return waiting.revents;
        if (ready < 0 && errno != EINTR) return lost(errno);
    }
}

Result<> HttpConnection::Impl::connect_to(const addrinfo& address) {
    socket = Socket(::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                             address.ai_protocol));
    const auto refused = [&](int errno_value) {
        socket.close();
        return failure("net/cannot-connect",
                       "cannot be reached: " + std::generic_category().message(errno_value) +
                           ". Check the address and that it is running.");
    };
    if (!socket.is_open()) return refused(errno);
    const int on = 1;
    (void)::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket.number(), address.ai_addr, address.ai_addrlen) == 0) return {};
    if (errno != EINPROGRESS) return refused(errno);
    TRY(wait(POLLOUT));
    int failed = 0;
    socklen_t size = sizeof failed;
    (void)::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &failed, &size);
    if (failed != 0) return refused(failed);
    return {};
}

Result<> HttpConnection::Impl::connect() {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const std::string port = std::to_string(server.port);
    const int code = ::getaddrinfo(server.host.c_str(), port.c_str(), &hints, &found);
    if (code != 0) {
        return failure("net/cannot-resolve", std::string("has no address: ") +
                                                 ::gai_strerror(code) + ". Check the name.");
    }
    const std::unique_ptr<addrinfo, AddressList> addresses(found);
    Result<> connected = failure("net/cannot-connect", "has no address.");
    for (const addrinfo* at = found; at != nullptr && !connected; at = at->ai_next) {
        connected = connect_to(*at);
        if (!connected && connected.error().reason == "net/timeout") break;
    }
    received.clear();
    return connected;
}

/// Sends all, or stops when the server answers before it has read all: that answer is then the one
/// that counts.
Result<> HttpConnection::Impl::send(const std::string& head, const std::string& body) {
    for (std::string_view left : {std::string_view(head), std::string_view(body)}) {
        while (!left.empty()) {
            const short ready = TRY(wait(POLLOUT | POLLIN));
            if ((ready & POLLIN) != 0) return {};
            const ssize_t sent = ::send(socket.number(), left.data(), left.size(), MSG_NOSIGNAL);
            if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
            if (sent < 0) return {};  // the answer, if there is one, waits to be read
            left.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    return {};
}

/// Appends what has come to `received`. 0 at the end of the connection.
Result<std::size_t> HttpConnection::Impl::receive() {
    while (true) {
        TRY(wait(POLLIN));
        const std::size_t before = received.size();
        received.resize(before + read_bytes);
        const ssize_t got = ::recv(socket.number(), received.data() + before, read_bytes, 0);
        received.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got > 0) heard = true;
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EAGAIN && errno != EINTR) return lost(errno);
    }
}

/// Reads one answer, interim or final, into `parser`.
Result<> HttpConnection::Impl::parse_one(Parser& parser) {
    while (!parser.is_done()) {
        error_code failed = http::error::need_more;
        if (!received.empty()) {
            const std::size_t used = parser.put(asio::buffer(received), failed);
            received.erase(0, used);
        }
        if (failed == http::error::need_more || (!failed && received.empty())) {
            if (parser.is_done()) break;
            failed = {};
            const std::size_t got = TRY(receive());
            if (got == 0 && !parser.got_some()) return lost(ECONNRESET);
            if (got == 0) parser.put_eof(failed);
        }
        if (failed == http::error::partial_message) return lost(ECONNRESET);
        if (failed == http::error::body_limit) {
            return Error{Code::too_large, "net/response-too-large",
                         "The answer of " + server.authority() + " is over " +
                             std::to_string(options.response_bytes_max) + " octets."};
        }
        if (failed) {
            return failure("net/bad-response",
                           "does not answer in HTTP (" + failed.message() + ").");
        }
    }
    return {};
}

Result<Response> HttpConnection::Impl::receive_response(bool head_only) {
    for (int interim = 0; interim <= interim_answers_max; ++interim) {
        Parser parser;
        parser.eager(true);
        parser.header_limit(response_header_bytes_max);
        parser.body_limit(options.response_bytes_max);
        parser.skip(head_only);
        TRY(parse_one(parser));
        const unsigned status = parser.get().result_int();
        if (status < 200 && status != 101) continue;
        // Octets after the answer belong to no request.
        if (!parser.keep_alive() || !received.empty()) socket.close();
        return to_response(parser.release());
    }
    return failure("net/bad-response", "sends interim answers without end.");
}

Result<Response> HttpConnection::Impl::exchange(const Request& request) {
    heard = false;
    if (!socket.is_open()) TRY(connect());
    TRY(send(request_head(server, request), request.body));
    return receive_response(request.method == "HEAD");
}

/// A server may close a connection between two requests; its end then waits to be read.
void HttpConnection::Impl::close_if_stale() {
    if (!socket.is_open()) return;
    char octet = 0;
    const ssize_t got = ::recv(socket.number(), &octet, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got >= 0 || errno != EAGAIN) socket.close();
}

HttpConnection::HttpConnection(Url server, HttpClientOptions options)
    : impl_(std::make_unique<Impl>(std::move(server), options)) {}
HttpConnection::~HttpConnection() = default;
HttpConnection::HttpConnection(HttpConnection&&) noexcept = default;
HttpConnection& HttpConnection::operator=(HttpConnection&&) noexcept = default;

Result<Response> HttpConnection::request(const Request& request) {
    TRY(check_request(request));
    impl_->deadline = Clock::now() + std::chrono::seconds(impl_->options.timeout_seconds);
    impl_->close_if_stale();
    const bool reused = impl_->socket.is_open();
    Result<Response> answer = impl_->exchange(request);
    const bool is_safe = request.method == "GET" || request.method == "HEAD";
    if (!answer && reused && is_safe && !impl_->heard &&
        answer.error().reason == "net/connection-lost") {
        impl_->socket.close();
        answer = impl_->exchange(request);
    }
    if (!answer) impl_->socket.close();
    return answer;
}

Result<Response> http_request(const Url& url, Request request, const HttpClientOptions& options) {
    request.target = url.target;
    return HttpConnection(url, options).request(request);
}

}  // namespace comity::net
