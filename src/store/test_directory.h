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
    /// For tests that flush often and prove nothing about the real disk.
    static constexpr const char* in_memory = "/dev/shm";

    TestDirectory() : TestDirectory(std::filesystem::temp_directory_path()) {}
    explicit TestDirectory(const std::filesystem::path& parent) {
        std::string made = (parent / "comity-XXXXXX").string();
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
