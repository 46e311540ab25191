// SPDX-License-Identifier: Apache-2.0
#include "store/durable_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace comity::store {
namespace {

std::string reason_text(int errno_value) { return std::generic_category().message(errno_value); }

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        close();
        number_ = other.release();
    }
    return *this;
}

int Descriptor::release() { return std::exchange(number_, -1); }

void Descriptor::close() {
    // The result says nothing that a flush before has not said; Linux closes in any case.
    if (is_open()) (void)::close(release());
}

Error system_error(int errno_value, const std::string& what, const std::filesystem::path& path) {
    const std::string message =
        "Cannot " + what + " " + path.string() + ": " + reason_text(errno_value) + ".";
    if (errno_value == ENOSPC || errno_value == EDQUOT) {
        return Error{Code::unavailable, "store/disk-full",
                     message + " Make room on this disk, then try again."};
    }
    return Error{Code::unavailable, "store/io-error", message + " Check the disk and its mount."};
}

Result<Descriptor> lock_exclusively(const std::filesystem::path& file) {
    Descriptor lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!lock.is_open()) {
        return Error{Code::unavailable, "store/cannot-open",
                     "Cannot open " + file.string() + ": " + reason_text(errno) +
                         ". Check the path and its permissions."};
    }
    if (::flock(lock.number(), LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno == EWOULDBLOCK) {
        return Error{
            Code::unavailable, "store/locked",
            "Another process has locked " + file.string() + "; stop it first, only one may write."};
    }
    return system_error(errno, "lock", file);
}

Result<> create_directories_durably(const std::filesystem::path& directory) {
    if (directory.empty()) return {};
    std::error_code failed;
    if (std::filesystem::is_directory(directory, failed)) return {};
    if (directory.has_parent_path() && directory.parent_path() != directory) {
        TRY(create_directories_durably(directory.parent_path()));
    }
    if (!std::filesystem::create_directory(directory, failed) && failed) {
        return Error{
            Code::unavailable, "store/cannot-open",
            "Cannot create the directory " + directory.string() + ": " + failed.message() + "."};
    }
    return sync_directory(directory.has_parent_path() ? directory.parent_path() : ".");
}

Result<> sync_directory(const std::filesystem::path& directory) {
    const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.is_open()) return system_error(errno, "open the directory", directory);
    if (::fsync(opened.number()) != 0) return system_error(errno, "flush the directory", directory);
    return {};
}

Result<> write_all(const Descriptor& file, BytesView octets, const std::filesystem::path& path) {
    while (!octets.empty()) {
        const ssize_t written = ::write(file.number(), octets.data(), octets.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return system_error(errno, "write", path);
        octets = octets.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Result<Bytes> read_all(const Descriptor& file, std::size_t bytes_max,
                       const std::filesystem::path& path) {
    struct stat status{};
    if (::fstat(file.number(), &status) != 0) return system_error(errno, "read", path);
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size > bytes_max) {
        return Error{Code::too_large, "store/object-too-large",
                     path.string() + " has " + std::to_string(size) + " octets; at most " +
                         std::to_string(bytes_max) + " are read."};
    }
    Bytes octets(size);
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got = ::read(file.number(), octets.data() + done, size - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error(errno, "read", path);
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    octets.resize(done);
    return octets;
}

}  // namespace comity::store
