// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the file implementations share: owned descriptors, and system calls whose failure is an
// Error with a named reason. Private to store.
//
// After a failed flush nobody may try again on the same file: the kernel may have dropped the
// octets and would report success the second time. Callers stop writing instead ("store/broken").

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace comity::store {

/// An open file descriptor, closed with the object.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor() { close(); }

    int number() const { return number_; }
    bool is_open() const { return number_ >= 0; }
    int release();
    void close();

private:
    int number_ = -1;
};

/// The error for `errno_value` while doing `what` to `path`: "store/disk-full" for no space or
/// quota, else "store/io-error". Both unavailable.
Error system_error(int errno_value, const std::string& what, const std::filesystem::path& path);

/// Locks `file` (created if absent) for this open alone, without waiting. The kernel drops the lock
/// when the descriptor closes, however the process ends.
/// Errors: unavailable "store/locked", "store/cannot-open".
Result<Descriptor> lock_exclusively(const std::filesystem::path& file);

/// Creates `directory` and what is missing above it, durably.
/// Errors: unavailable "store/cannot-open".
Result<> create_directories_durably(const std::filesystem::path& directory);

/// Flushes the names in a directory to the disk. Errors: those of system_error.
Result<> sync_directory(const std::filesystem::path& directory);

/// Writes all of `octets`. Errors: those of system_error.
Result<> write_all(const Descriptor& file, BytesView octets, const std::filesystem::path& path);

/// Reads to the end. Errors: too_large "store/object-too-large" over `bytes_max`; unavailable
/// "store/io-error".
Result<Bytes> read_all(const Descriptor& file, std::size_t bytes_max,
                       const std::filesystem::path& path);

}  // namespace comity::store
