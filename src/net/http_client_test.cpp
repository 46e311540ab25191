// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.h"

#include <gtest/gtest.h>

#include <thread>

#include "net/http_server.h"
#include "net/test_socket.h"

// How we trust the client: servers that say exactly what a test wants said, complete, late, wrong
// or too much.

namespace comity::net {
namespace {

/// Accepts connections one after the other; to each it says what the script has for it once a
/// request has begun to arrive, then closes.
class ScriptedServer {
public:
    explicit ScriptedServer(std::vector<std::string> script)
        : script_(std::move(script)),
          listener_(TestSocket::listening()),
          thread_([this] { run(); }) {}

    Url url() const { return *Url::parse("http://127.0.0.1:" + std::to_string(port_) + "/t?q"); }
    /// Waits for the script's end. What the connections were sent.
    std::vector<std::string> requests() {
        thread_.join();
        return requests_;
    }

private:
    void run() {
        for (const std::string& answer : script_) {
            TestSocket connection = listener_.accept();
            requests_.push_back(connection.read_answer());
            connection.send(answer);
        }
    }

    std::vector<std::string> script_;
    std::vector<std::string> requests_;
    TestSocket listener_;
    std::uint16_t port_ = listener_.port();
    std::jthread thread_;
};

Request get() { return Request{.method = "GET", .target = "/", .headers = {}, .body = {}}; }

Result<Response> answer_of(std::string octets, Request request = get(),
                           HttpClientOptions options = {.timeout_seconds = 5}) {
    const ScriptedServer server({std::move(octets)});
    return http_request(server.url(), std::move(request), options);
}

TEST(HttpClient, SendsTheRequestAndReadsTheAnswer) {
    ScriptedServer server({"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nX-A: b\r\n\r\nabc"});
    const auto answer = http_request(
        server.url(),
        Request{.method = "POST", .target = "", .headers = {{"x-h", "v"}}, .body = "body"});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 404);
    EXPECT_EQ(answer->body, "abc");
    EXPECT_EQ(answer->headers.at("x-a"), "b");
    EXPECT_EQ(server.requests().at(0), "POST /t?q HTTP/1.1\r\nhost: " + server.url().authority() +
                                           "\r\nx-h: v\r\ncontent-length: 4\r\n\r\nbody");
}

TEST(HttpClient, ReadsEveryFormOfBody) {
    EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")
                  ->body,
              "abcde");
    EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\n\r\nto the end")->body, "to the end");
    EXPECT_EQ(answer_of("HTTP/1.0 200 OK\r\n\r\n")->body, "");
    EXPECT_EQ(answer_of("HTTP/1.1 204 No Content\r\n\r\n")->status, 204);
    EXPECT_EQ(answer_of("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n"
                        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz")
                  ->body,
              "z");
    Request head = get();
    head.method = "HEAD";
    const auto answer = answer_of("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", head);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->headers.at("content-length"), "99");
    EXPECT_EQ(answer->body, "");
}

TEST(HttpClient, EveryBrokenAnswerHasAName) {
    const auto reason = [](std::string octets) {
        const auto answer = answer_of(std::move(octets));
        EXPECT_FALSE(answer);
        return answer ? std::string_view() : answer.error().reason;
    };
    EXPECT_EQ(reason(""), "net/connection-lost");
    EXPECT_EQ(reason("HTTP/1.1 20"), "net/connection-lost");
    EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"), "net/connection-lost");
    EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"),
              "net/connection-lost");
    EXPECT_EQ(reason("SSH-2.0-OpenSSH\r\n"), "net/bad-response");
    EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), "net/bad-response");
    EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"),
              "net/bad-response");
    std::string interim;
    for (int i = 0; i < 20; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
    EXPECT_EQ(reason(interim), "net/bad-response");
}

TEST(HttpClient, AnAnswerOverTheBoundIsRefusedWithoutReadingItAll) {
    const HttpClientOptions options{.timeout_seconds = 5, .response_bytes_max = 10};
    const auto reason = [&](std::string octets) {
        return answer_of(std::move(octets), get(), options).error().reason;
    };
    EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", get(), options)
                  ->body.size(),
              10U);
    EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"), "net/response-too-large");
    EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n"),
              "net/response-too-large");
    EXPECT_EQ(reason("HTTP/1.1 200 OK\r\n\r\n01234567890"), "net/response-too-large");
}

TEST(HttpClient, WaitsNoLongerThanItsTime) {
    const TestSocket silent = TestSocket::listening();
    const auto url = *Url::parse("http://127.0.0.1:" + std::to_string(silent.port()));
    const auto began = std::chrono::steady_clock::now();
    const auto answer = http_request(url, get(), {.timeout_seconds = 1});
    EXPECT_EQ(answer.error().code, Code::unavailable);
    EXPECT_EQ(answer.error().reason, "net/timeout");
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
    Request large = get();
    large.method = "POST";
    large.body.resize(64U << 20U);  // more than the sockets' buffers hold
    EXPECT_EQ(http_request(url, large, {.timeout_seconds = 1}).error().reason, "net/timeout");
}

TEST(HttpClient, SaysWhatCannotBeReached) {
    TestSocket gone = TestSocket::listening();
    const auto url = *Url::parse("http://127.0.0.1:" + std::to_string(gone.port()));
    gone.close();
    EXPECT_EQ(http_request(url, get()).error().reason, "net/cannot-connect");
    EXPECT_EQ(http_request(*Url::parse("http://no-such-host.invalid"), get()).error().reason,
              "net/cannot-resolve");
}

TEST(HttpClient, SendsNothingThatWouldBeReadAsMore) {
    const auto url = *Url::parse("http://127.0.0.1:1");
    const auto refused = [&](const Request& request) {
        const auto answer = HttpConnection(url).request(request);
        EXPECT_EQ(answer.error().code, Code::invalid);
        EXPECT_EQ(answer.error().reason, "net/bad-request");
    };
    refused({.method = "GET /x", .target = "/", .headers = {}, .body = {}});
    refused({.method = "", .target = "/", .headers = {}, .body = {}});
    refused({.method = "GET", .target = "", .headers = {}, .body = {}});
    refused({.method = "GET", .target = "/ HTTP/1.1\r\nx: y", .headers = {}, .body = {}});
    refused({.method = "GET", .target = "/", .headers = {{"a", "b\r\nc: d"}}, .body = {}});
    refused({.method = "GET", .target = "/", .headers = {{"a:", "b"}}, .body = {}});
}

TEST(HttpClient, ReadsTheAnswerOfAServerThatDoesNotTakeTheBody) {
    const auto server = HttpServer::start({}, [](const Request&) { return Response{}; });
    ASSERT_TRUE(server);
    Request large = get();
    large.method = "POST";
    large.body.resize(100U << 20U);
    const auto answer = http_request(
        *Url::parse("http://127.0.0.1:" + std::to_string(server->port())), std::move(large));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 413);
}

constexpr std::string_view kept = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na";

TEST(HttpConnection, UsesOneConnectionForManyRequests) {
    const TestSocket listener = TestSocket::listening();
    constexpr int requests = 50;
    const std::jthread server([&listener] {
        TestSocket only = listener.accept();
        for (int i = 0; i < requests; ++i) {
            only.read_answer();
            only.send(kept);
        }
    });
    HttpConnection connection(*Url::parse("http://127.0.0.1:" + std::to_string(listener.port())));
    for (int i = 0; i < requests; ++i) EXPECT_EQ(connection.request(get())->body, "a");
}

TEST(HttpConnection, ConnectsAgainWhenTheServerHasClosed) {
    ScriptedServer server({std::string(kept), std::string(kept), std::string(kept)});
    HttpConnection connection(server.url());
    for (int i = 0; i < 3; ++i) {
        const auto answer = connection.request(get());
        ASSERT_TRUE(answer) << answer.error().message;
        EXPECT_EQ(answer->body, "a");
    }
    EXPECT_EQ(server.requests().size(), 3U);
}

TEST(HttpConnection, RepeatsAGetButNeverAPost) {
    const TestSocket listener = TestSocket::listening();
    const std::jthread server([&listener] {
        for (int i = 0; i < 4; ++i) {
            TestSocket one = listener.accept();
            one.read_answer();
            one.send(kept);
            if (i == 2) continue;
            one.read_answer();  // and closes without a word
        }
    });
    HttpConnection connection(*Url::parse("http://127.0.0.1:" + std::to_string(listener.port())));
    Request post = get();
    post.method = "POST";
    EXPECT_TRUE(connection.request(get()));
    EXPECT_TRUE(connection.request(get())) << "over a second connection";
    EXPECT_EQ(connection.request(post).error().reason, "net/connection-lost");
    EXPECT_TRUE(connection.request(get()));
    TestSocket last = TestSocket::connected_to(listener.port());
    last.send("GET / HTTP/1.1\r\n\r\n");
    last.end_sending();
    last.read_to_end();
}

TEST(HttpConnection, TakesNothingBeyondTheAnswerForTheNextOne) {
    ScriptedServer server({std::string(kept) + std::string(kept), "HTTP/1.1 201 Created\r\n\r\n"});
    HttpConnection connection(server.url());
    EXPECT_EQ(connection.request(get())->status, 200);
    EXPECT_EQ(connection.request(get())->status, 201);
}

}  // namespace
}  // namespace comity::net
