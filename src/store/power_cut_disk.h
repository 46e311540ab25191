// SPDX-License-Identifier: Apache-2.0
#pragma once

// FailingDisk: a disk under SQLite that fails on command, for tests.
//
// It stands between SQLite and the system (a "VFS" that wraps the default one, and is the default
// while it lives). It counts writes and flushes, lets a chosen one fail, and can lose, as a power
// cut does, everything that was written but not flushed.

#include <sqlite3.h>

#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "base/bytes.h"

namespace comity::store {

class FailingDisk {
public:
    FailingDisk();
    ~FailingDisk();
    FailingDisk(const FailingDisk&) = delete;
    FailingDisk& operator=(const FailingDisk&) = delete;

    /// After `writes` more writes (flushes, truncations and removals count too), everything that
    /// would change the disk fails with SQLITE_IOERR. Negative: never.
    void cut_after(long writes);

    /// The flush after `flushes` more fails, and only that one. Negative: none.
    void fail_flush_after(long flushes);

    /// Every write fails with SQLITE_FULL while this is on.
    void fill_disk(bool full);

    long flushes() const;
    bool is_cut() const;

    /// Puts every file back to what its last flush had made durable. Close the log before.
    void lose_what_was_not_flushed();

    // For the callbacks that SQLite calls.
    int on_write();                         ///< SQLITE_OK, or why the write must fail
    int on_change();                        ///< the same for truncation and removal
    int on_flush(const std::string& path);  ///< before the flush
    void flushed(const std::string& path);
    void opened(const std::string& path);
    sqlite3_vfs* system() const { return system_; }

private:
    sqlite3_vfs* system_;
    sqlite3_vfs wrapper_;
    mutable std::mutex mutex_;
    std::map<std::string, Bytes> durable_;
    long writes_left_ = -1;
    long flushes_left_ = -1;
    long flushes_ = 0;
    bool cut_ = false;
    bool full_ = false;
};

}  // namespace comity::store
