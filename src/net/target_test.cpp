// SPDX-License-Identifier: Apache-2.0
#include "net/target.h"

#include <gtest/gtest.h>

// How we trust it: every octet is tried in every place where it could stand, raw and escaped, and
// what a router must never see is refused by name.

namespace comity::net {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(Target, DecodesPathAndQuery) {
    const auto expect = [](std::string_view text, std::string_view path, const Pairs& query) {
        const auto target = Target::parse(text);
        ASSERT_TRUE(target) << text << ": " << target.error().message;
        EXPECT_EQ(target->path, path) << text;
        EXPECT_EQ(target->query, query) << text;
    };
    expect("/", "/", {});
    expect("/a/b", "/a/b", {});
    expect("/a/", "/a/", {});
    expect("//", "//", {});
    expect("/sha256%3Aab", "/sha256:ab", {});
    expect("/caf%C3%A9", "/caf\xc3\xa9", {});
    expect("/a+b%20c", "/a+b c", {});
    expect("/a?", "/a", {});
    expect("/a?x=1&y=2&x=3", "/a", {{"x", "1"}, {"y", "2"}, {"x", "3"}});
    expect("/?x", "/", {{"x", ""}});
    expect("/?=v", "/", {{"", "v"}});
    expect("/?a=b=c", "/", {{"a", "b=c"}});
    expect("/?&a=1&&b=2&", "/", {{"a", "1"}, {"b", "2"}});
    expect("/?q=a+b%2Bc%26d%3De", "/", {{"q", "a b+c&d=e"}});
    expect("/?q=line%0D%0Atwo", "/", {{"q", "line\r\ntwo"}});
    expect("/?q=/..?/", "/", {{"q", "/..?/"}});
    expect("/...", "/...", {});
    expect("/%E6%9B%B8?%D9%83=%F0%9F%8C%8D", "/\xe6\x9b\xb8", {{"\xd9\x83", "\xf0\x9f\x8c\x8d"}});
}

TEST(Target, RefusesWhatARouterMustNotSee) {
    for (const std::string_view text : std::initializer_list<std::string_view>{"",
                                                                               "*",
                                                                               "a",
                                                                               "?a",
                                                                               "http://a/",
                                                                               "a:80",
                                                                               "/a b",
                                                                               "/a#b",
                                                                               "/?a#",
                                                                               "/.",
                                                                               "/..",
                                                                               "/a/../b",
                                                                               "/a/.",
                                                                               "/%2e",
                                                                               "/%2E%2e/x",
                                                                               "/.%2e",
                                                                               "/a%2Fb",
                                                                               "/a%2f",
                                                                               "/%00",
                                                                               "/?a=%00",
                                                                               "/?%00",
                                                                               "/%0a",
                                                                               "/%7f",
                                                                               "/%",
                                                                               "/%4",
                                                                               "/%4g",
                                                                               "/%g4",
                                                                               "/a%",
                                                                               "/?a=%",
                                                                               "/?a=%f",
                                                                               "/?%=a",
                                                                               "/%ff",
                                                                               "/%c3",
                                                                               "/%c3%28",
                                                                               "/%c0%af",
                                                                               "/%e0%80%af",
                                                                               "/%ed%a0%80",
                                                                               "/%f4%90%80%80",
                                                                               "/%f8%88%80%80%80",
                                                                               "/?q=%80",
                                                                               "/\xc3\xa9",
                                                                               "/?\xc3\xa9"}) {
        const auto target = Target::parse(text);
        ASSERT_FALSE(target) << text;
        EXPECT_EQ(target.error().code, Code::invalid) << text;
        EXPECT_EQ(target.error().reason, "net/bad-target") << text;
    }
}

TEST(Target, EveryRawOctetIsVisibleAscii) {
    for (int octet = 0; octet < 256; ++octet) {
        const std::string text = std::string("/x") + static_cast<char>(octet) + "y";
        const bool plain = octet > 0x20 && octet < 0x7f && octet != '#' && octet != '%';
        EXPECT_EQ(Target::parse(text).has_value(), plain) << octet;
    }
}

TEST(Target, EveryEscapedAsciiOctetIsReadInEitherCase) {
    for (unsigned octet = 1; octet < 0x80; ++octet) {
        for (const std::string_view digits : {"0123456789abcdef", "0123456789ABCDEF"}) {
            const std::string escape = {'%', digits[octet / 16], digits[octet % 16]};
            const auto in_query = Target::parse("/?q=" + escape);
            ASSERT_TRUE(in_query);
            EXPECT_EQ(in_query->query.at(0).second, std::string(1, static_cast<char>(octet)));
            const bool allowed = octet >= 0x20 && octet != 0x7f && octet != '/';
            EXPECT_EQ(Target::parse("/x" + escape).has_value(), allowed) << octet;
        }
    }
}

TEST(Target, HasABoundedNumberOfPairs) {
    std::string text = "/?";
    for (std::size_t i = 0; i < query_pairs_max; ++i) text += "a&";
    EXPECT_EQ(Target::parse(text)->query.size(), query_pairs_max);
    EXPECT_EQ(Target::parse(text + "a").error().reason, "net/bad-target");
}

}  // namespace
}  // namespace comity::net
