// SPDX-License-Identifier: Apache-2.0
#include "net/url.h"

#include <gtest/gtest.h>

// How we trust it: what is accepted is listed with its parts and written back, and every way of
// saying a second thing in one URL that we know of is refused.

namespace comity::net {
namespace {

TEST(Url, TakesHostPortAndTargetApart) {
    const auto expect = [](std::string_view text, const Url& expected) {
        const auto url = Url::parse(text);
        ASSERT_TRUE(url) << text << ": " << url.error().message;
        EXPECT_EQ(*url, expected) << text;
        EXPECT_EQ(*Url::parse(url->text()), *url) << text;
    };
    expect("http://example.org", {.host = "example.org", .port = 80, .target = "/"});
    expect("http://example.org/", {.host = "example.org", .port = 80, .target = "/"});
    expect("HTTP://EXAMPLE.org:8080/A?b=c",
           {.host = "example.org", .port = 8080, .target = "/A?b=c"});
    expect("http://localhost:1", {.host = "localhost", .port = 1, .target = "/"});
    expect("http://127.0.0.1:65535/x", {.host = "127.0.0.1", .port = 65535, .target = "/x"});
    expect("http://[::1]:80/x", {.host = "::1", .port = 80, .target = "/x"});
    expect("http://[2001:DB8:0::1]", {.host = "2001:db8::1", .port = 80, .target = "/"});
    expect("http://a-b.c1?q", {.host = "a-b.c1", .port = 80, .target = "/?q"});
    expect("http://a/%2F%aF?x=/?&", {.host = "a", .port = 80, .target = "/%2F%aF?x=/?&"});
    expect("http://a/t/x001/234.p/5", {.host = "a", .port = 80, .target = "/t/x001/234.p/5"});
    EXPECT_EQ(Url::parse("http://[::1]:81")->authority(), "[::1]:81");
    EXPECT_EQ(Url::parse("http://a.b:80")->authority(), "a.b");
}

TEST(Url, RefusesWhatIsNotPlain) {
    using namespace std::string_view_literals;
    for (const std::string_view text :
         std::initializer_list<std::string_view>{"",
                                                 "http",
                                                 "http:",
                                                 "http:/",
                                                 "http://",
                                                 "https://a",
                                                 "ftp://a",
                                                 "//a",
                                                 "a",
                                                 "/a",
                                                 " http://a",
                                                 "http://a ",
                                                 "http://a b",
                                                 "http://a/ b",
                                                 "http://a/\tb",
                                                 "http://a\n",
                                                 "http://a/\r\nX: y",
                                                 "http://a/\0"sv,
                                                 "http://\0a"sv,
                                                 "http://a/\xc3\xa9",
                                                 "http://\xc3\xa9.org",
                                                 "http://user@a",
                                                 "http://user:pw@a",
                                                 "http://a@b:80/",
                                                 "http://a#b",
                                                 "http://a/#b",
                                                 "http:///a",
                                                 "http://:80",
                                                 "http://a:",
                                                 "http://a:0",
                                                 "http://a:00080",
                                                 "http://a:65536",
                                                 "http://a:99999999999",
                                                 "http://a:-1",
                                                 "http://a:+1",
                                                 "http://a:8x",
                                                 "http://a:80:80",
                                                 "http://a\\b",
                                                 "http://a/\\b",
                                                 "http://a/%",
                                                 "http://a/%4",
                                                 "http://a/%4g",
                                                 "http://a/%%41",
                                                 "http://a/<",
                                                 "http://a/\"",
                                                 "http://a/{}",
                                                 "http://a/|",
                                                 "http://a/^",
                                                 "http://a/`",
                                                 "http://-a",
                                                 "http://a-",
                                                 "http://a..b",
                                                 "http://.a",
                                                 "http://a.",
                                                 "http://a_b",
                                                 "http://a%41",
                                                 "http://[::1",
                                                 "http://::1",
                                                 "http://[::1]x",
                                                 "http://[::1]:",
                                                 "http://[]",
                                                 "http://[fe80::1%25eth0]",
                                                 "http://[127.0.0.1]",
                                                 "http://127.1",
                                                 "http://2130706433",
                                                 "http://0x7f.1",
                                                 "http://256.1.1.1",
                                                 "http://1.2.3.4.5",
                                                 "http://127.0.0.01"}) {
        const auto url = Url::parse(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().code, Code::invalid) << text;
        EXPECT_EQ(url.error().reason, "net/bad-url") << text;
    }
}

TEST(Url, HasABoundedLength) {
    const std::string start = "http://a/";
    EXPECT_TRUE(Url::parse(start + std::string(url_bytes_max - start.size(), 'x')));
    EXPECT_FALSE(Url::parse(start + std::string(url_bytes_max - start.size() + 1, 'x')));
    EXPECT_TRUE(Url::parse("http://" + std::string(63, 'a') + ".b"));
    EXPECT_FALSE(Url::parse("http://" + std::string(64, 'a') + ".b"));
}

}  // namespace
}  // namespace comity::net
