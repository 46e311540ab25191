// SPDX-License-Identifier: Apache-2.0
//
// How we trust the character rules: each code point of the lists is tried, and its neighbours.

#include "record/text.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace comity::record {
namespace {

std::string utf8(char32_t c) {
    const auto octet = [](char32_t bits) { return static_cast<char>(bits); };
    if (c < 0x80) return {octet(c)};
    if (c < 0x800) return {octet(0xc0 | c >> 6), octet(0x80 | (c & 0x3f))};
    return {octet(0xe0 | c >> 12), octet(0x80 | (c >> 6 & 0x3f)), octet(0x80 | (c & 0x3f))};
}

// Source: Unicode property White_Space.
const std::set<char32_t> spaces{0x09,   0x0a,   0x0b,   0x0c,   0x0d,   0x20,   0x85,
                                0xa0,   0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004,
                                0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028,
                                0x2029, 0x202f, 0x205f, 0x3000};

TEST(Text, KnowsEverySpaceAndEveryControlCharacter) {
    for (char32_t c = 0; c < 0x4000; ++c) {
        const std::string text = "a" + utf8(c) + "b";
        const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
        EXPECT_EQ(is_plain_line(text), !control) << static_cast<std::uint32_t>(c);
        EXPECT_EQ(is_plain_text(text), !control || c == '\n') << static_cast<std::uint32_t>(c);
        EXPECT_EQ(has_space(text), spaces.contains(c)) << static_cast<std::uint32_t>(c);
    }
}

TEST(Text, IsUtf8) {
    EXPECT_TRUE(is_plain_line(""));
    EXPECT_TRUE(is_plain_line("Côte d’Ivoire \xf0\x9f\x95\x8a"));
    for (const char* bad :
         {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80"}) {
        EXPECT_FALSE(is_plain_line(bad));
        EXPECT_FALSE(is_plain_text(bad));
    }
}

}  // namespace
}  // namespace comity::record
