// SPDX-License-Identifier: Apache-2.0
//
// How we trust content types: each has one text, and no other text is read.

#include "record/content_type.h"

#include <gtest/gtest.h>

namespace comity::record {
namespace {

TEST(ContentType, HasOneText) {
    const auto parsed = ContentType::parse("application/vnd.comity.decide.motion_2+json");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, (ContentType{.part = "decide", .type = "motion_2"}));
    EXPECT_EQ(parsed->text(), "application/vnd.comity.decide.motion_2+json");
}

TEST(ContentType, RefusesAnyOtherText) {
    const std::string long_name(65, 'a');
    for (const std::string& text :
         std::vector<std::string>{"",
                                  "application/vnd.comity.",
                                  "application/vnd.comity.+json",
                                  "application/vnd.comity.a+json",
                                  "application/vnd.comity..b+json",
                                  "application/vnd.comity.a.+json",
                                  "application/vnd.comity.a.b.c+json",
                                  "application/vnd.comity.A.b+json",
                                  "application/vnd.comity.a.B+json",
                                  "application/vnd.comity.1a.b+json",
                                  "application/vnd.comity.a._b+json",
                                  "application/vnd.comity.a-b.c+json",
                                  "application/vnd.comity.a.b",
                                  "text/plain",
                                  "application/vnd.comity.a.b+json ",
                                  " application/vnd.comity.a.b+json",
                                  "Application/vnd.comity.a.b+json",
                                  "application/vnd.comity.a.b+JSON",
                                  "application/vnd.comity.a.b+json; charset=utf-8",
                                  "application/vnd.comity." + long_name + ".b+json",
                                  "application/vnd.comity.a." + long_name + "+json",
                                  std::string("application/vnd.comity.a.b\0+json", 32)}) {
        const auto parsed = ContentType::parse(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().reason, "record/bad-content-type") << text;
    }
}

}  // namespace
}  // namespace comity::record
