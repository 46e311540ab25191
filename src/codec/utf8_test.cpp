// SPDX-License-Identifier: Apache-2.0
// How we trust the UTF-8 check: every character is accepted, and every sequence of up to three
// octets is held against a decoder that takes the definition literally.
#include "codec/utf8.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace comity::codec {
namespace {

std::string encoded(std::uint32_t character) {
    const auto tail = [&](unsigned shift) {
        return static_cast<char>(0x80U | ((character >> shift) & 0x3fU));
    };
    if (character < 0x80) return {static_cast<char>(character)};
    if (character < 0x800) return {static_cast<char>(0xc0U | (character >> 6U)), tail(0)};
    if (character < 0x10000) {
        return {static_cast<char>(0xe0U | (character >> 12U)), tail(6), tail(0)};
    }
    return {static_cast<char>(0xf0U | (character >> 18U)), tail(12), tail(6), tail(0)};
}

bool is_surrogate(std::uint32_t character) { return character >= 0xd800 && character <= 0xdfff; }

TEST(Utf8, TakesEveryCharacterAndNoSurrogate) {
    for (std::uint32_t character = 0; character < 0x120000; ++character) {
        const bool is_good = character <= 0x10ffff && !is_surrogate(character);
        ASSERT_EQ(first_bad_utf8(encoded(character)),
                  is_good ? std::nullopt : std::optional<std::size_t>(0))
            << character;
    }
}

/// Whether `text` starts with a character whose encoding is exactly those octets.
bool is_one_character(std::string_view text) {
    const auto octet = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    std::uint32_t character = octet(0);
    if (text.size() == 2) character = ((octet(0) & 0x1fU) << 6U) | (octet(1) & 0x3fU);
    if (text.size() == 3) {
        character = ((octet(0) & 0x0fU) << 12U) | ((octet(1) & 0x3fU) << 6U) | (octet(2) & 0x3fU);
    }
    return !is_surrogate(character) && encoded(character) == text;
}

TEST(Utf8, EveryPairOfOctetsIsTwoCharactersOrOneOrRefused) {
    for (unsigned first = 0; first < 256; ++first) {
        for (unsigned second = 0; second < 256; ++second) {
            const std::string text{static_cast<char>(first), static_cast<char>(second)};
            const bool is_good = (first < 0x80 && second < 0x80) || is_one_character(text);
            ASSERT_EQ(!first_bad_utf8(text), is_good) << first << ' ' << second;
        }
    }
}

TEST(Utf8, ThreeOctetsFromE0OnAreOneCharacterOrRefused) {
    for (unsigned first = 0xe0; first < 256; ++first) {
        for (unsigned second = 0; second < 256; ++second) {
            for (const unsigned third : {0x00U, 0x7fU, 0x80U, 0xa5U, 0xbfU, 0xc0U, 0xffU}) {
                const std::string text{static_cast<char>(first), static_cast<char>(second),
                                       static_cast<char>(third)};
                ASSERT_EQ(!first_bad_utf8(text), is_one_character(text)) << first << ' ' << second;
            }
        }
    }
}

TEST(Utf8, NamesTheOctetWhereItGoesWrong) {
    EXPECT_EQ(first_bad_utf8("ab\xff"), 2U);
    EXPECT_EQ(first_bad_utf8("a\xf0\x9f\x98\x80\xc3"), 5U);  // broken off
    EXPECT_EQ(first_bad_utf8("\xc0\x80"), 0U);               // NUL in two octets
    EXPECT_EQ(first_bad_utf8("\xf8\x88\x80\x80\x80"), 0U);
    EXPECT_EQ(first_bad_utf8(""), std::nullopt);
}

}  // namespace
}  // namespace comity::codec
