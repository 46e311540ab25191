// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <random>
#include <thread>

#include "store/log.h"
#include "store/test_directory.h"
#include "store/test_entries.h"

// How we trust a log: one suite over every implementation. Small logs are read in every possible
// way, random histories are compared with plain vectors, and writers race under the eyes of
// readers.

namespace comity::store {
namespace {

struct Implementation {
    std::string name;
    std::function<std::unique_ptr<Log>(const std::filesystem::path&)> make;
};

class LogContract : public testing::TestWithParam<Implementation> {
protected:
    TestDirectory directory_;
    std::unique_ptr<Log> log_ = GetParam().make(directory_.path());

    void append(std::uint64_t first, std::uint64_t count) {
        const auto appended = log_->append(batch_from(first, count));
        ASSERT_TRUE(appended) << appended.error().message;
    }
};

TEST_P(LogContract, ANewLogIsEmpty) {
    EXPECT_EQ(*log_->head(), (Head{.size = 0, .root = sha256({})}));
    EXPECT_EQ(*log_->checkpoint(), "");
    EXPECT_TRUE(log_->read(0, 0)->empty());
    EXPECT_EQ(log_->read(0, 1).error().reason, "store/no-such-entry");
    EXPECT_EQ(*log_->index_of(id_numbered(0)), std::nullopt);
    EXPECT_EQ(*log_->newest_snapshot(), std::nullopt);
}

TEST_P(LogContract, WhatIsAppendedIsThere) {
    std::uint64_t size = 0;
    for (const std::uint64_t count : {1U, 2U, 1U, 7U, 64U, 1U}) {
        append(size, count);
        size += count;
        EXPECT_EQ(log_->head()->size, size);
        EXPECT_EQ(fault_of(*log_), "");
    }
}

TEST_P(LogContract, EveryRangeOfASmallLogIsReadExactly) {
    constexpr std::uint64_t size = 9;
    append(0, 4);
    append(4, size - 4);
    for (std::uint64_t first = 0; first <= size + 2; ++first) {
        for (std::uint64_t count = 0; count <= size + 2; ++count) {
            const auto read = log_->read(first, count);
            if (first + count > size) {
                ASSERT_FALSE(read) << first << " " << count;
                EXPECT_EQ(read.error().code, Code::not_found);
                EXPECT_EQ(read.error().reason, "store/no-such-entry");
                continue;
            }
            ASSERT_TRUE(read) << read.error().message;
            ASSERT_EQ(read->size(), count);
            for (std::uint64_t i = 0; i < count; ++i) {
                EXPECT_EQ(read->at(i), entry_numbered(first + i));
            }
        }
    }
}

TEST_P(LogContract, RangesAtTheEndOfTheNumbersAreRefused) {
    append(0, 3);
    constexpr auto last = std::numeric_limits<std::uint64_t>::max();
    for (const std::uint64_t first : {last, last - 1, last / 2, last / 2 + 1, last - 1023}) {
        EXPECT_EQ(log_->read(first, 1).error().reason, "store/no-such-entry") << first;
        EXPECT_EQ(log_->read(first, 1024).error().reason, "store/no-such-entry") << first;
    }
    EXPECT_EQ(log_->read(0, read_entries_max + 1).error().reason, "store/read-too-large");
    EXPECT_EQ(log_->read(0, last).error().reason, "store/read-too-large");
}

TEST_P(LogContract, AsManyAsTheBoundAreReadAtOnce) {
    append(0, read_entries_max + 5);
    const auto read = log_->read(3, read_entries_max);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->size(), read_entries_max);
    EXPECT_EQ(read->back(), entry_numbered(read_entries_max + 2));
}

TEST_P(LogContract, ABatchOnAnotherHeadChangesNothing) {
    append(0, 3);
    const auto refused = [&](Batch batch) {
        const auto result = log_->append(batch);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, Code::conflict);
        EXPECT_EQ(result.error().reason, "store/head-moved");
        EXPECT_EQ(log_->head()->size, 3U);
        EXPECT_EQ(fault_of(*log_), "");
    };
    refused(batch_from(2, 2));
    refused(batch_from(4, 1));
    refused(batch_from(0, 3));
    Batch other_root = batch_from(3, 1);
    other_root.expected.root = sha256({bytes_of("fork")});
    refused(other_root);
}

TEST_P(LogContract, AKnownIdAnywhereInABatchRefusesAllOfIt) {
    append(0, 5);
    for (std::size_t position = 0; position < 4; ++position) {
        for (std::uint64_t known = 0; known < 5; ++known) {
            Batch batch = batch_from(5, 4);
            batch.entries[position].id = id_numbered(known);
            const auto result = log_->append(batch);
            ASSERT_FALSE(result);
            EXPECT_EQ(result.error().code, Code::conflict);
            EXPECT_EQ(result.error().reason, "store/duplicate-entry");
        }
    }
    Batch twice = batch_from(5, 4);
    twice.entries[3].id = twice.entries[0].id;
    EXPECT_EQ(log_->append(twice).error().reason, "store/duplicate-entry");
    EXPECT_EQ(log_->head()->size, 5U);
    EXPECT_EQ(fault_of(*log_), "");
    append(5, 4);
    EXPECT_EQ(fault_of(*log_), "");
}

TEST_P(LogContract, TheSameOctetsUnderAnotherIdAreAnotherEntry) {
    Batch batch = batch_from(0, 2);
    batch.entries[1].entry = batch.entries[0].entry;
    ASSERT_TRUE(log_->append(batch));
    EXPECT_EQ(log_->read(0, 2)->at(1), entry_numbered(0));
}

TEST_P(LogContract, AnEmptyEntryIsAnEntry) {
    Batch batch = batch_from(0, 1);
    batch.entries[0].entry.clear();
    ASSERT_TRUE(log_->append(batch));
    EXPECT_EQ(log_->read(0, 1)->at(0), Bytes());
}

TEST_P(LogContract, ABatchWithoutEntriesExchangesTheCheckpoint) {
    append(0, 2);
    Batch batch = batch_from(2, 0);
    batch.checkpoint = std::string("cosigned\n\0\n", 11);
    ASSERT_TRUE(log_->append(batch));
    EXPECT_EQ(*log_->checkpoint(), batch.checkpoint);
    EXPECT_EQ(*log_->head(), head_of_size(2));
    batch.expected = head_of_size(1);
    batch.next = head_of_size(1);
    EXPECT_EQ(log_->append(batch).error().reason, "store/head-moved");
}

TEST_P(LogContract, WhatIsOverABoundIsRefusedWhole) {
    Batch too_many = batch_from(0, batch_entries_max + 1);
    EXPECT_EQ(log_->append(too_many).error().code, Code::too_large);
    Batch too_long = batch_from(0, 2);
    too_long.entries[1].entry.resize(log_entry_bytes_max + 1);
    EXPECT_EQ(log_->append(too_long).error().reason, "store/batch-too-large");
    Batch wordy = batch_from(0, 1);
    wordy.checkpoint.resize(checkpoint_bytes_max + 1);
    EXPECT_EQ(log_->append(wordy).error().reason, "store/batch-too-large");
    EXPECT_EQ(*log_->head(), empty_head());
    too_long.entries[1].entry.resize(log_entry_bytes_max);
    EXPECT_TRUE(log_->append(too_long));
}

TEST_P(LogContract, SizesThatDoNotAddUpAreABugOfTheCaller) {
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    Batch batch = batch_from(0, 2);
    batch.next.size = 3;
    EXPECT_DEATH((void)log_->append(batch), "next.size");
}

TEST_P(LogContract, TheNewestSnapshotIsTheOneOfTheGreatestSize) {
    append(0, 10);
    const auto snapshot = [](std::uint64_t size, const std::string& state) {
        return Snapshot{.size = size, .root = head_of_size(size).root, .state = bytes_from(state)};
    };
    EXPECT_EQ(log_->put_snapshot(snapshot(11, "x")).error().reason, "store/snapshot-ahead");
    EXPECT_EQ(*log_->newest_snapshot(), std::nullopt);
    for (const std::uint64_t size : {4U, 7U, 2U, 10U, 9U}) {
        ASSERT_TRUE(log_->put_snapshot(snapshot(size, std::to_string(size))));
    }
    EXPECT_EQ(**log_->newest_snapshot(), snapshot(10, "10"));
    ASSERT_TRUE(log_->put_snapshot(snapshot(10, "")));
    EXPECT_EQ(**log_->newest_snapshot(), snapshot(10, ""));
    EXPECT_EQ(fault_of(*log_), "");
}

/// A seed and the number of a step, to find a failure again.
void follow_random_history(Log& log, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<NewEntry> model;
    Head head = empty_head();
    for (int step = 0; step < 60; ++step) {
        SCOPED_TRACE("seed " + std::to_string(seed) + " step " + std::to_string(step));
        const std::uint64_t count = random() % 9;
        Batch batch{.expected = head, .entries = {}, .next = head, .checkpoint = "c"};
        bool fresh = true;
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::uint64_t number = random() % 1'000;  // ids meet now and then
            const NewEntry entry{.entry = entry_numbered(number), .id = id_numbered(number)};
            const auto has_id = [&](const NewEntry& e) { return e.id == entry.id; };
            fresh = fresh && std::none_of(model.begin(), model.end(), has_id) &&
                    std::none_of(batch.entries.begin(), batch.entries.end(), has_id);
            batch.entries.push_back(entry);
        }
        batch.next = head_of_size(head.size + count);
        if (count == 0) batch.next = head;
        const bool moved = random() % 5 == 0;
        if (moved) batch.expected.root.octets[5] ^= std::byte{1};
        const auto result = log.append(batch);
        ASSERT_EQ(result.has_value(), fresh && !moved);
        if (result) {
            head = batch.next;
            model.insert(model.end(), batch.entries.begin(), batch.entries.end());
        }
        ASSERT_EQ(*log.head(), head);
        const auto entries = log.read(0, model.size());
        ASSERT_TRUE(entries);
        for (std::size_t i = 0; i < model.size(); ++i) {
            ASSERT_EQ(entries->at(i), model[i].entry);
            ASSERT_EQ(*log.index_of(model[i].id), i);
        }
    }
}

TEST_P(LogContract, RandomHistoriesAreThoseOfAVector) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        TestDirectory directory;
        follow_random_history(*GetParam().make(directory.path()), seed);
    }
}

TEST_P(LogContract, RacingWritersAndReadersSeeOneHistoryOfWholeBatches) {
    constexpr std::uint64_t batch_entries = 3;
    constexpr std::uint64_t final_size = 60 * batch_entries;
    std::atomic<std::uint64_t> wins = 0;
    std::atomic<bool> failed = false;
    const auto write = [&] {
        while (!failed) {
            const auto head = log_->head();
            if (!head || head->size >= final_size) return;
            const auto appended = log_->append(batch_from(head->size, batch_entries));
            if (appended) ++wins;
            if (!appended && appended.error().reason != "store/head-moved") failed = true;
        }
    };
    const auto read = [&] {
        std::uint64_t seen = 0;
        while (!failed && seen < final_size) {
            const auto head = log_->head();
            const bool whole = head && head->size >= seen && head->size % batch_entries == 0;
            seen = head ? head->size : 0;
            if (!whole || *head != head_of_size(seen)) failed = true;
            if (seen > 0 && log_->read(seen - 1, 1)->at(0) != entry_numbered(seen - 1)) {
                failed = true;
            }
        }
    };
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 3; ++i) threads.emplace_back(write);
        for (int i = 0; i < 6; ++i) threads.emplace_back(read);
    }
    EXPECT_FALSE(failed);
    EXPECT_EQ(wins, final_size / batch_entries);
    EXPECT_EQ(fault_of(*log_), "");
}

std::unique_ptr<Log> sqlite_in(const std::filesystem::path& directory) {
    auto log = open_sqlite_log(directory / "log.sqlite");
    return log ? std::move(log).value() : nullptr;
}

INSTANTIATE_TEST_SUITE_P(
    Logs, LogContract,
    testing::Values(Implementation{"memory", [](const auto&) { return make_memory_log(); }},
                    Implementation{"sqlite", sqlite_in}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace comity::store
