// SPDX-License-Identifier: Apache-2.0
#include "net/http_text.h"

#include <gtest/gtest.h>

// How we trust it: the date of RFC 9110 section 5.6.7 and every octet as a name and as a value.

namespace comity::net {
namespace {

TEST(HttpText, WritesTheDateOfTheStandard) {
    EXPECT_EQ(http_date(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(http_date(1'709'210'096), "Thu, 29 Feb 2024 12:34:56 GMT");
}

TEST(HttpText, KnowsWhichOctetsCanBeSent) {
    const std::string separators = "\"(),/:;<=>?@[\\]{} ";
    for (int octet = 0; octet < 256; ++octet) {
        const std::string text(1, static_cast<char>(octet));
        const bool visible = octet > 0x20 && octet < 0x7f;
        EXPECT_EQ(is_token(text), visible && separators.find(text) == std::string::npos) << octet;
        EXPECT_EQ(is_field_value(text), octet == '\t' || (octet >= 0x20 && octet != 0x7f)) << octet;
    }
    EXPECT_FALSE(is_token(""));
    EXPECT_TRUE(is_field_value(""));
}

}  // namespace
}  // namespace comity::net
