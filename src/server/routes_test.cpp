// SPDX-License-Identifier: Apache-2.0
//
// We trust the tables because a pattern matches whole segments, and a query only what it names.

#include "server/routes.h"

#include <gtest/gtest.h>

#include "server/query.h"

namespace comity::server {
namespace {

TEST(Routes, APatternMatchesWholeSegmentsOnly) {
    EXPECT_TRUE(match("needs/{id}", "needs/x"));
    EXPECT_EQ(match("needs/{id}", "needs/x")->at("id"), "x");
    EXPECT_EQ(match("/tile/{rest...}", "/tile/0/x001/234")->at("rest"), "0/x001/234");
    for (const std::string path : {"", "needs", "needs/", "needs/x/", "needs/x/y", "/needs/x"}) {
        EXPECT_FALSE(match("needs/{id}", path)) << path;
    }
    EXPECT_TRUE(match("", ""));
    EXPECT_FALSE(match("", "x"));
    EXPECT_FALSE(match("/", "/en/"));
}

TEST(Query, RefusesWhatItDoesNotKnow) {
    EXPECT_TRUE(Query::read({{"unit", "x"}}, "unit page"));
    EXPECT_EQ(Query::read({{"uni", "x"}}, "unit page").error().reason, "server/unknown-parameter");
    EXPECT_EQ(Query::read({{"page", "1"}, {"page", "2"}}, "page").error().reason,
              "server/repeated-parameter");
    EXPECT_EQ(Query::read({{"page", "0"}}, "page")->page().error().reason, "server/bad-parameter");
}

}  // namespace
}  // namespace comity::server
