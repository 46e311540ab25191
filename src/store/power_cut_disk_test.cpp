// SPDX-License-Identifier: Apache-2.0
#include "store/power_cut_disk.h"

#include <gtest/gtest.h>

#include <fstream>

#include "store/test_directory.h"
#include "store/test_entries.h"

// The failing disk of power_cut_test.cpp, and the proof that it does lose what was not flushed.

namespace comity::store {
namespace {

struct WrappedFile {
    sqlite3_file base;  // SQLite sees this; must be first
    FailingDisk* disk;
    std::string* path;  // null for files that SQLite does not name
    sqlite3_file* real;
};

WrappedFile* wrapped(sqlite3_file* file) { return reinterpret_cast<WrappedFile*>(file); }
sqlite3_file* real(sqlite3_file* file) { return wrapped(file)->real; }
const sqlite3_io_methods* methods(sqlite3_file* file) { return real(file)->pMethods; }

int close_file(sqlite3_file* file) {
    const int code = methods(file)->xClose(real(file));
    delete wrapped(file)->path;
    return code;
}

int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
    return methods(file)->xRead(real(file), to, size, at);
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
    const int code = wrapped(file)->disk->on_write();
    return code == SQLITE_OK ? methods(file)->xWrite(real(file), from, size, at) : code;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    const int code = wrapped(file)->disk->on_change();
    return code == SQLITE_OK ? methods(file)->xTruncate(real(file), size) : code;
}

int sync_file(sqlite3_file* file, int flags) {
    const int code = wrapped(file)->disk->on_flush(*wrapped(file)->path);
    if (code != SQLITE_OK) return code;
    const int synced = methods(file)->xSync(real(file), flags);
    if (synced == SQLITE_OK) wrapped(file)->disk->flushed(*wrapped(file)->path);
    return synced;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
    return methods(file)->xFileSize(real(file), size);
}
int lock_file(sqlite3_file* file, int level) { return methods(file)->xLock(real(file), level); }
int unlock_file(sqlite3_file* file, int level) { return methods(file)->xUnlock(real(file), level); }
int check_lock(sqlite3_file* file, int* out) {
    return methods(file)->xCheckReservedLock(real(file), out);
}
int control_file(sqlite3_file* file, int operation, void* argument) {
    return methods(file)->xFileControl(real(file), operation, argument);
}
int sector_size(sqlite3_file* file) { return methods(file)->xSectorSize(real(file)); }
// None: with "power-safe overwrite" SQLite would trust a sector more than this disk does.
int characteristics(sqlite3_file*) { return 0; }
int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
    return methods(file)->xShmMap(real(file), page, size, extend, out);
}
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
    return methods(file)->xShmLock(real(file), offset, count, flags);
}
void barrier_shared(sqlite3_file* file) { methods(file)->xShmBarrier(real(file)); }
int unmap_shared(sqlite3_file* file, int remove) {
    return methods(file)->xShmUnmap(real(file), remove);
}

const sqlite3_io_methods wrapping_methods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_lock,
    .xFileControl = control_file,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = barrier_shared,
    .xShmUnmap = unmap_shared,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    auto* disk = static_cast<FailingDisk*>(vfs->pAppData);
    WrappedFile* opening = wrapped(file);
    opening->base.pMethods = nullptr;
    opening->disk = disk;
    opening->real = reinterpret_cast<sqlite3_file*>(opening + 1);
    const int code = disk->system()->xOpen(disk->system(), name, opening->real, flags, out);
    if (code != SQLITE_OK) return code;
    opening->path = new std::string(name == nullptr ? "" : name);
    opening->base.pMethods = &wrapping_methods;
    if (name != nullptr) disk->opened(name);
    return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    auto* disk = static_cast<FailingDisk*>(vfs->pAppData);
    const int code = disk->on_change();
    if (code != SQLITE_OK) return code;
    return disk->system()->xDelete(disk->system(), name, sync_directory);
}

Bytes content_of(const std::string& path) {
    std::error_code absent;
    const auto size = std::filesystem::file_size(path, absent);
    Bytes content(absent ? 0 : static_cast<std::size_t>(size));
    std::ifstream in(path, std::ios::binary);
    in.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(content.size()));
    return content;
}

}  // namespace

FailingDisk::FailingDisk() : system_(sqlite3_vfs_find(nullptr)), wrapper_(*system_) {
    wrapper_.zName = "failing-disk";
    wrapper_.szOsFile = static_cast<int>(sizeof(WrappedFile)) + system_->szOsFile;
    wrapper_.pNext = nullptr;
    wrapper_.pAppData = this;
    wrapper_.xOpen = open_file;
    wrapper_.xDelete = delete_file;
    sqlite3_vfs_register(&wrapper_, 1);
}

FailingDisk::~FailingDisk() {
    sqlite3_vfs_unregister(&wrapper_);
    sqlite3_vfs_register(system_, 1);
}

void FailingDisk::cut_after(long writes) {
    const std::lock_guard lock(mutex_);
    writes_left_ = writes;
    cut_ = writes == 0;
}

void FailingDisk::fail_flush_after(long flushes) {
    const std::lock_guard lock(mutex_);
    flushes_left_ = flushes;
}

void FailingDisk::fill_disk(bool full) {
    const std::lock_guard lock(mutex_);
    full_ = full;
}

long FailingDisk::flushes() const {
    const std::lock_guard lock(mutex_);
    return flushes_;
}

bool FailingDisk::is_cut() const {
    const std::lock_guard lock(mutex_);
    return cut_;
}

int FailingDisk::on_change() {
    const std::lock_guard lock(mutex_);
    if (cut_) return SQLITE_IOERR;
    if (writes_left_ > 0 && --writes_left_ == 0) cut_ = true;
    return SQLITE_OK;
}

int FailingDisk::on_write() {
    {
        const std::lock_guard lock(mutex_);
        if (full_) return SQLITE_FULL;
    }
    return on_change() == SQLITE_OK ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

int FailingDisk::on_flush(const std::string&) {
    if (on_change() != SQLITE_OK) return SQLITE_IOERR_FSYNC;
    const std::lock_guard lock(mutex_);
    ++flushes_;
    if (flushes_left_ < 0) return SQLITE_OK;
    return flushes_left_-- == 0 ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

void FailingDisk::flushed(const std::string& path) {
    Bytes content = content_of(path);
    const std::lock_guard lock(mutex_);
    durable_[path] = std::move(content);
}

void FailingDisk::opened(const std::string& path) {
    Bytes content = content_of(path);
    const std::lock_guard lock(mutex_);
    durable_.emplace(path, std::move(content));
}

void FailingDisk::lose_what_was_not_flushed() {
    const std::lock_guard lock(mutex_);
    for (const auto& [path, content] : durable_) {
        if (!std::filesystem::exists(path)) continue;
        std::ofstream out(path, std::ios::binary | std::ios::trunc);
        out.write(reinterpret_cast<const char*>(content.data()),
                  static_cast<std::streamsize>(content.size()));
    }
    durable_.clear();
}

namespace {

TEST(FailingDisk, LosesExactlyWhatWasNotFlushed) {
    FailingDisk disk;
    const TestDirectory directory;
    const auto file = directory.path() / "some.sqlite";
    const auto numbers_in_file = [&](const char* sql) {
        sqlite3* connection = nullptr;
        EXPECT_EQ(sqlite3_open(file.c_str(), &connection), SQLITE_OK);
        int rows = -1;
        const auto count = [](void* to, int, char** values, char**) {
            *static_cast<int*>(to) = std::stoi(values[0]);
            return 0;
        };
        sqlite3_exec(connection, sql, nullptr, nullptr, nullptr);
        sqlite3_exec(connection, "SELECT count(*) FROM numbers", count, &rows, nullptr);
        sqlite3_close(connection);
        return rows;
    };
    EXPECT_EQ(numbers_in_file("CREATE TABLE numbers (n); INSERT INTO numbers VALUES (1)"), 1);
    EXPECT_EQ(numbers_in_file("PRAGMA synchronous = OFF; INSERT INTO numbers VALUES (2)"), 2);
    EXPECT_EQ(numbers_in_file(""), 2);
    disk.lose_what_was_not_flushed();
    EXPECT_EQ(numbers_in_file(""), 1);
}

}  // namespace
}  // namespace comity::store
