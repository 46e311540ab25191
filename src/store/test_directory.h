// SPDX-License-Identifier: Apache-2.0
#pragma once

// TestDirectory: a fresh directory for one test, removed with everything in it afterwards.

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "base/check.h"

namespace comity::store {

class TestDirectory {
public:
    TestDirectory() {
        std::string made = (std::filesystem::temp_directory_path() / "comity-XXXXXX").string();
        COMITY_CHECK(::mkdtemp(made.data()) != nullptr);
        path_ = made;
    }
    ~TestDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TestDirectory(const TestDirectory&) = delete;
    TestDirectory& operator=(const TestDirectory&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace comity::store
