// SPDX-License-Identifier: Apache-2.0
//
// We trust the writer because all markup goes through two functions, which escape what they are
// given.

#include "server/html.h"

#include <gtest/gtest.h>

namespace comity::server {
namespace {

TEST(Html, EscapesTextAndAttributes) {
    EXPECT_EQ(element("p", {{"title", "a\"b<"}}, Html::text("<&>")).markup(),
              "<p title=\"a&quot;b&lt;\">&lt;&amp;&gt;</p>");
}

}  // namespace
}  // namespace comity::server
