// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "store/log.h"
#include "store/power_cut_disk.h"
#include "store/test_directory.h"
#include "store/test_entries.h"

// How we trust that an acknowledged entry stays: the power is cut at every single write of a short
// history, with all unflushed octets lost and with all kept, and the log is opened again. And every
// failure of the disk has a name, after which nothing is written until the log is opened again.

namespace comity::store {
namespace {

enum class Unflushed { lost, kept };

/// Appends batches of 1, 2, 3 … entries until the disk fails; returns the acknowledged size.
std::uint64_t append_until_cut(Log& log, const FailingDisk& disk, int batches) {
    std::uint64_t acknowledged = 0;
    for (int i = 1; i <= batches && !disk.is_cut(); ++i) {
        if (log.append(batch_from(acknowledged, static_cast<std::uint64_t>(i)))) {
            acknowledged += static_cast<std::uint64_t>(i);
        }
    }
    return acknowledged;
}

/// True if the history ran to its end without the cut.
bool survives_a_cut_after(long writes, Unflushed unflushed) {
    constexpr int batches = 5;
    FailingDisk disk;
    const TestDirectory directory(TestDirectory::in_memory);
    const auto file = directory.path() / "log.sqlite";
    std::uint64_t acknowledged = 0;
    disk.cut_after(writes);
    {
        auto log = open_sqlite_log(file);
        if (log) acknowledged = append_until_cut(**log, disk, batches);
    }
    const bool complete = !disk.is_cut();
    if (unflushed == Unflushed::lost) disk.lose_what_was_not_flushed();
    disk.cut_after(-1);

    const auto reopened = open_sqlite_log(file);
    EXPECT_TRUE(reopened) << writes << ": " << reopened.error().message;
    if (!reopened) return complete;
    const auto head = (*reopened)->head();
    EXPECT_GE(head->size, acknowledged) << writes;
    EXPECT_EQ(fault_of(**reopened), "") << writes;
    EXPECT_TRUE((*reopened)->append(batch_from(head->size, 2)));
    EXPECT_EQ(fault_of(**reopened), "") << writes;
    return complete;
}

TEST(PowerCut, AtEveryWriteLeavesEveryAcknowledgedEntry) {
    for (const Unflushed unflushed : {Unflushed::lost, Unflushed::kept}) {
        long writes = 1;
        while (!survives_a_cut_after(writes, unflushed)) {
            ASSERT_FALSE(HasFailure());
            ASSERT_LT(++writes, 1'000);
        }
        EXPECT_GT(writes, 20) << "the history is cut at too few places to mean anything";
    }
}

TEST(PowerCut, EveryAppendIsFlushedBeforeItIsAcknowledged) {
    FailingDisk disk;
    const TestDirectory directory(TestDirectory::in_memory);
    const auto log = open_sqlite_log(directory.path() / "log.sqlite");
    ASSERT_TRUE(log);
    for (std::uint64_t i = 0; i < 20; ++i) {
        const long before = disk.flushes();
        ASSERT_TRUE((*log)->append(batch_from(i, 1)));
        EXPECT_GT(disk.flushes(), before);
    }
}

TEST(PowerCut, AFailedFlushEndsAllWritingUntilTheLogIsReopened) {
    FailingDisk disk;
    const TestDirectory directory(TestDirectory::in_memory);
    const auto file = directory.path() / "log.sqlite";
    {
        const auto log = open_sqlite_log(file);
        ASSERT_TRUE(log);
        ASSERT_TRUE((*log)->append(batch_from(0, 3)));
        disk.fail_flush_after(0);
        const auto failed = (*log)->append(batch_from(3, 2));
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().code, Code::unavailable);
        EXPECT_EQ(failed.error().reason, "store/io-error");
        for (int i = 0; i < 3; ++i) {
            const auto refused = (*log)->append(batch_from(3, 2));
            ASSERT_FALSE(refused);
            EXPECT_EQ(refused.error().code, Code::unavailable);
            EXPECT_EQ(refused.error().reason, "store/broken");
        }
        EXPECT_EQ((*log)->put_snapshot({}).error().reason, "store/broken");
        EXPECT_EQ((*log)->head()->size, 3U) << "reading goes on";
        EXPECT_EQ(fault_of(**log), "");
    }
    const auto reopened = open_sqlite_log(file);
    ASSERT_TRUE(reopened);
    EXPECT_EQ(fault_of(**reopened), "");
    const std::uint64_t size = (*reopened)->head()->size;
    EXPECT_TRUE(size == 3 || size == 5) << size;
    EXPECT_TRUE((*reopened)->append(batch_from(size, 1)));
}

TEST(PowerCut, AFullDiskRefusesAndLaterTakesTheSameBatch) {
    FailingDisk disk;
    const TestDirectory directory(TestDirectory::in_memory);
    const auto log = open_sqlite_log(directory.path() / "log.sqlite");
    ASSERT_TRUE(log);
    ASSERT_TRUE((*log)->append(batch_from(0, 3)));
    disk.fill_disk(true);
    for (int i = 0; i < 2; ++i) {
        const auto refused = (*log)->append(batch_from(3, 100));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Code::unavailable);
        EXPECT_EQ(refused.error().reason, "store/disk-full");
        EXPECT_EQ(fault_of(**log), "");
    }
    disk.fill_disk(false);
    EXPECT_TRUE((*log)->append(batch_from(3, 100)));
    EXPECT_EQ((*log)->head()->size, 103U);
    EXPECT_EQ(fault_of(**log), "");
}

TEST(PowerCut, AFlushThatFailsWhileTheWriteAheadLogIsCopiedBreaksTheLogButLosesNothing) {
    FailingDisk disk;
    const TestDirectory directory(TestDirectory::in_memory);
    const auto file = directory.path() / "log.sqlite";
    std::uint64_t acknowledged = 0;
    bool broken = false;
    {
        const auto log = open_sqlite_log(file);
        ASSERT_TRUE(log);
        // The first append flushes the header of the write-ahead log as well, the next ones flush
        // once, so a second flush in one of them is the copy: 8,192 pages of 4 KiB, which entries
        // of 1 MiB reach in 32 appends.
        ASSERT_TRUE((*log)->append(batch_from(0, 1)));
        acknowledged = 1;
        for (std::uint64_t i = 1; i < 60 && !broken; ++i) {
            Batch batch = batch_from(i, 1);
            batch.entries[0].entry.resize(log_entry_bytes_max);
            disk.fail_flush_after(1);
            const auto appended = (*log)->append(batch);
            broken = !appended;
            EXPECT_TRUE(appended || appended.error().reason == "store/broken");
            if (appended) ++acknowledged;
        }
        disk.fail_flush_after(-1);
    }
    EXPECT_TRUE(broken);
    const auto reopened = open_sqlite_log(file);
    ASSERT_TRUE(reopened);
    EXPECT_EQ((*reopened)->head()->size, acknowledged);
}

}  // namespace
}  // namespace comity::store
