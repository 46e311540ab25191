// SPDX-License-Identifier: Apache-2.0
// How we trust base64: the vectors of RFC 4648 fix it, and every text of up to three characters and
// every short octet string shows that texts and octets belong to each other one to one.
#include "base/base64.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

namespace comity {
namespace {

Bytes octets_of(std::string_view text) {
    const BytesView view = bytes_of(text);
    return {view.begin(), view.end()};
}

// RFC 4648 section 10.
const std::map<std::string, std::string> published{
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

TEST(Base64, GivesThePublishedVectors) {
    for (const auto& [plain, text] : published) {
        EXPECT_EQ(to_base64(bytes_of(plain)), text);
        EXPECT_EQ(*from_base64(text), octets_of(plain));
        const std::string bare = text.substr(0, text.find('='));
        EXPECT_EQ(to_base64url(bytes_of(plain)), bare);
        EXPECT_EQ(*from_base64url(bare), octets_of(plain));
    }
}

TEST(Base64, UsesTheTwoAlphabets) {
    const Bytes octets{std::byte{0xfb}, std::byte{0xff}, std::byte{0xbf}};
    EXPECT_EQ(to_base64(octets), "+/+/");
    EXPECT_EQ(to_base64url(octets), "-_-_");
}

TEST(Base64, RefusesWhatIsNotExactlyBase64) {
    for (const auto* text :
         {"Zg", "Zg=", "Zg===", "Zg==\n", " Zg==", "Zm9v=", "Zm9v====", "=",
          "====", "Z===", "Zh==", "Zm9=", "Zm-_", "Z=g=", "Zg==Zg==", "Zm9vZ", "Zm\n9v"}) {
        const auto octets = from_base64(text);
        ASSERT_FALSE(octets) << text;
        EXPECT_EQ(octets.error().reason, "base/bad-base64") << text;
        EXPECT_EQ(octets.error().code, Code::invalid);
    }
}

TEST(Base64url, RefusesWhatIsNotExactlyBase64url) {
    for (const auto* text : {"Zg==", "Zg=", "Z", "Zh", "Zm9", "Zm+/", "Zm9vZ", "Zm 9v", "Zm9v\n",
                             "=", "Zm9v\xc3\xa9"}) {
        const auto octets = from_base64url(text);
        ASSERT_FALSE(octets) << text;
        EXPECT_EQ(octets.error().reason, "base/bad-base64") << text;
    }
}

TEST(Base64url, EveryTextOfTwoCharactersIsRefusedOrWrittenBack) {
    std::size_t accepted = 0;
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; ++second) {
            const std::string text{static_cast<char>(first), static_cast<char>(second)};
            const auto octets = from_base64url(text);
            if (!octets) continue;
            ++accepted;
            EXPECT_EQ(to_base64url(*octets), text);
        }
    }
    EXPECT_EQ(accepted, 256U);  // one text for each octet
}

RC_GTEST_PROP(Base64, RoundTrips, (const std::vector<std::uint8_t>& numbers)) {
    Bytes octets;
    for (const std::uint8_t number : numbers) octets.push_back(std::byte{number});
    RC_ASSERT(*from_base64(to_base64(octets)) == octets);
    RC_ASSERT(*from_base64url(to_base64url(octets)) == octets);
}

}  // namespace
}  // namespace comity
