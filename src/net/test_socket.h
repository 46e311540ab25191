// SPDX-License-Identifier: Apache-2.0
#pragma once

// Plain blocking sockets for tests, which say exactly the octets that a test wants said.

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace comity::net {

class TestSocket {
public:
    static TestSocket connected_to(std::uint16_t port) {
        TestSocket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address = loopback(port);
        const auto* to = reinterpret_cast<const sockaddr*>(&address);
        socket.connected_ = ::connect(socket.number_, to, sizeof address) == 0;
        return socket;
    }

    static TestSocket listening() {
        TestSocket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address = loopback(0);
        COMITY_CHECK(::bind(socket.number_, reinterpret_cast<const sockaddr*>(&address),
                            sizeof address) == 0);
        COMITY_CHECK(::listen(socket.number_, 16) == 0);
        return socket;
    }

    TestSocket(TestSocket&& other) noexcept
        : number_(std::exchange(other.number_, -1)), connected_(other.connected_) {}
    TestSocket& operator=(TestSocket&&) = delete;
    ~TestSocket() { close(); }

    bool is_connected() const { return connected_; }

    std::uint16_t port() const {
        sockaddr_in address{};
        socklen_t size = sizeof address;
        ::getsockname(number_, reinterpret_cast<sockaddr*>(&address), &size);
        return ntohs(address.sin_port);
    }

    TestSocket accept() const { return TestSocket(::accept(number_, nullptr, nullptr)); }

    void close() {
        if (number_ >= 0) ::close(std::exchange(number_, -1));
    }
    void end_sending() const { ::shutdown(number_, SHUT_WR); }

    /// False if the other side does not take it.
    bool send(std::string_view octets) const {
        while (!octets.empty()) {
            const ssize_t sent = ::send(number_, octets.data(), octets.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            octets.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    /// True if something, or the end, can be read at once.
    bool has_answer() const {
        pollfd waiting{.fd = number_, .events = POLLIN, .revents = 0};
        return ::poll(&waiting, 1, 0) > 0;
    }

    /// What comes until the other side closes, or nothing comes for ten seconds.
    std::string read_to_end() const {
        std::string text;
        while (read_some(text)) continue;
        return text;
    }

    /// One answer: the header, and as many octets as it says unless `head_only`.
    std::string read_answer(bool head_only = false) {
        while (pending_.find("\r\n\r\n") == std::string::npos) {
            if (!read_some(pending_)) return std::exchange(pending_, {});
        }
        std::size_t size = pending_.find("\r\n\r\n") + 4;
        const auto length = pending_.find("content-length: ");
        if (length < size && !head_only) size += std::stoul(pending_.substr(length + 16));
        while (pending_.size() < size) {
            if (!read_some(pending_)) break;
        }
        std::string answer = pending_.substr(0, size);
        pending_.erase(0, size);
        return answer;
    }

private:
    explicit TestSocket(int number) : number_(number) {
        COMITY_CHECK(number >= 0);
        const timeval ten_seconds{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &ten_seconds, sizeof ten_seconds);
    }

    static sockaddr_in loopback(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
    }

    bool read_some(std::string& text) const {
        std::array<char, 4'096> room{};
        const ssize_t got = ::recv(number_, room.data(), room.size(), 0);
        if (got > 0) text.append(room.data(), static_cast<std::size_t>(got));
        return got > 0;
    }

    int number_;
    bool connected_ = false;
    std::string pending_;
};

}  // namespace comity::net
