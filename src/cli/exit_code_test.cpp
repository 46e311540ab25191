// SPDX-License-Identifier: Apache-2.0
//
// How we trust the exit codes: the table of docs/use/cli.md, code by code.

#include "cli/exit_code.h"

#include <gtest/gtest.h>

namespace comity::cli {
namespace {

TEST(ExitCode, IsWhatTheDocumentSays) {
    EXPECT_EQ(exit_code_of(Code::corrupt), 1);
    EXPECT_EQ(exit_code_of(Code::invalid), 2);
    EXPECT_EQ(exit_code_of(Code::too_large), 2);
    EXPECT_EQ(exit_code_of(Code::not_found), 3);
    EXPECT_EQ(exit_code_of(Code::unauthenticated), 4);
    EXPECT_EQ(exit_code_of(Code::forbidden), 4);
    EXPECT_EQ(exit_code_of(Code::conflict), 5);
    EXPECT_EQ(exit_code_of(Code::unavailable), 7);
}

}  // namespace
}  // namespace comity::cli
