// SPDX-License-Identifier: Apache-2.0
//
// How we trust the record: over stores that fail at any point, what was appended opens again to the
// same root; a failed append leaves no trace; what is published is complete for each published
// checkpoint; and a store that differs from what was signed or published is refused.

#include "record/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "record/statement.h"
#include "record/test_vectors.h"
#include "record/tile.h"

namespace comity::record {
namespace {

const std::string origin = "log.example";

RecordKeys keys() { return {.origin = origin, .checkpoint_key = test_key("log")}; }

Bytes entry_numbered(std::uint64_t index) {
    return owned(bytes_of("entry " + std::to_string(index)));
}

std::vector<PreparedEntry> entries_from(std::uint64_t first, std::uint64_t count) {
    std::vector<PreparedEntry> entries;
    for (std::uint64_t i = first; i < first + count; ++i) {
        const Bytes entry = entry_numbered(i);
        entries.push_back({.entry = entry, .id = sha256({entry})});
    }
    return entries;
}

Tree expected_tree(std::uint64_t size) {
    Tree tree;
    for (std::uint64_t i = 0; i < size; ++i) tree.append(leaf_hash(entry_numbered(i)));
    return tree;
}

std::string string_of(const Bytes& octets) {
    return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

/// Objects that fail after a number of calls, until told otherwise.
class FailingObjects final : public store::Objects {
public:
    Result<bool> put_if_absent(std::string_view name, BytesView octets) override {
        if (failing()) return disk_full();
        return objects_->put_if_absent(name, octets);
    }
    Result<> replace(std::string_view name, BytesView octets) override {
        if (failing()) return disk_full();
        return objects_->replace(name, octets);
    }
    Result<Bytes> get(std::string_view name) const override { return objects_->get(name); }
    Result<bool> contains(std::string_view name) const override { return objects_->contains(name); }
    Result<std::vector<std::string>> list(std::string_view prefix) const override {
        return objects_->list(prefix);
    }
    Result<> flush() override { return objects_->flush(); }

    std::uint64_t calls_left = ~std::uint64_t{0};

private:
    bool failing() {
        if (calls_left == 0) return true;
        --calls_left;
        return false;
    }
    static Error disk_full() { return {Code::unavailable, "store/disk-full", "Full."}; }

    std::unique_ptr<store::Objects> objects_ = store::make_memory_objects();
};

/// A log whose answers can be falsified.
class ForgedLog final : public store::Log {
public:
    Result<> append(const store::Batch& batch) override {
        if (full) return Error{Code::unavailable, "store/disk-full", "Full."};
        return log_->append(batch);
    }
    Result<std::vector<Bytes>> read(std::uint64_t first, std::uint64_t count) const override {
        auto entries = log_->read(first, count);
        if (entries && flipped >= first && flipped < first + count) {
            auto changed = std::move(entries).value();
            changed[flipped - first][0] ^= std::byte{1};
            return changed;
        }
        return entries;
    }
    Result<std::optional<std::uint64_t>> index_of(const Digest& id) const override {
        return log_->index_of(id);
    }
    Result<store::Head> head() const override {
        return head_instead ? *head_instead : log_->head();
    }
    Result<std::string> checkpoint() const override {
        return checkpoint_instead ? *checkpoint_instead : log_->checkpoint();
    }
    Result<> put_snapshot(const store::Snapshot& snapshot) override {
        return log_->put_snapshot(snapshot);
    }
    Result<std::optional<store::Snapshot>> newest_snapshot() const override {
        return log_->newest_snapshot();
    }

    bool full = false;
    std::uint64_t flipped = ~std::uint64_t{0};
    std::optional<store::Head> head_instead;
    std::optional<std::string> checkpoint_instead;

private:
    std::unique_ptr<store::Log> log_ = store::make_memory_log();
};

class RecordLogTest : public testing::Test {
protected:
    std::unique_ptr<RecordLog> open() {
        auto opened = RecordLog::open(log, &objects, keys());
        EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
        return std::move(opened).value();
    }
    std::string refusal() {
        const auto opened = RecordLog::open(log, &objects, keys());
        if (opened) return "opened";
        EXPECT_EQ(opened.error().code, Code::corrupt);
        return std::string(opened.error().reason);
    }

    /// What a client that trusts nothing finds wrong with the published files.
    std::string published_fault() {
        const auto note = objects.get("checkpoint");
        if (!note) return "no checkpoint";
        const auto checkpoint =
            open_checkpoint(string_of(*note), origin, test_key("log").public_key());
        if (!checkpoint) return checkpoint.error().message;
        const Tree tree = expected_tree(checkpoint->size);
        if (tree.root() != checkpoint->root) return "another root";
        for (const auto& [level, index, width] : new_tiles(0, checkpoint->size)) {
            const auto tile = objects.get(tile_path(level, index, width));
            if (!tile) return "missing " + tile_path(level, index, width);
            if (*tile != hash_tile(tree, level, index, width)) return "a tile differs";
            if (level != 0) continue;
            const auto bundle = objects.get(entries_path(index, width));
            if (!bundle) return "missing " + entries_path(index, width);
            const auto entries = parse_bundle(*bundle, width);
            if (!entries) return entries.error().message;
            for (std::uint64_t i = 0; i < width; ++i) {
                if (entries->at(i) != entry_numbered(index * tile_width + i))
                    return "an entry differs";
            }
        }
        return "";
    }

    ForgedLog log;
    FailingObjects objects;
};

TEST_F(RecordLogTest, BeginsEmpty) {
    const auto record = open();
    EXPECT_EQ(record->head(), (Checkpoint{.origin = origin, .size = 0, .root = sha256({})}));
    EXPECT_TRUE(record->checkpoint().empty());
    EXPECT_FALSE(objects.get("checkpoint"));
}

TEST_F(RecordLogTest, AppendsProvesAndPublishes) {
    const auto record = open();
    std::uint64_t size = 0;
    for (const std::uint64_t count : {1U, 1U, 253U, 1U, 1U, 300U, 210U}) {
        const auto appended = record->append(entries_from(size, count));
        ASSERT_TRUE(appended) << appended.error().message;
        EXPECT_EQ(appended->first_index, size);
        EXPECT_FALSE(appended->publication_error);
        size += count;
        EXPECT_EQ(appended->checkpoint, record->head());
        EXPECT_EQ(*open_checkpoint(appended->note, origin, test_key("log").public_key()),
                  record->head());
        EXPECT_EQ(record->checkpoint(), appended->note);
        EXPECT_EQ(record->head().root, expected_tree(size).root());
        EXPECT_EQ(published_fault(), "") << size;
    }
    EXPECT_EQ(record->read(700, 2)->at(1), entry_numbered(701));
    EXPECT_EQ(*record->leaf(701), leaf_hash(entry_numbered(701)));
    EXPECT_EQ(record->leaf(size).error().reason, "record/no-such-leaf");
    const auto inclusion = record->prove_inclusion(255, size);
    EXPECT_TRUE(verify_inclusion(*inclusion, *record->leaf(255), *record->root_at(size)));
    const auto consistency = record->prove_consistency(2, size);
    EXPECT_TRUE(verify_consistency(*consistency, *record->root_at(2), record->head().root));
    EXPECT_EQ(record->prove_inclusion(0, size + 1).error().reason, "record/no-such-leaf");
    EXPECT_EQ(record->prove_consistency(1, size + 1).error().reason, "record/no-such-size");
    EXPECT_EQ(record->root_at(size + 1).error().reason, "record/no-such-size");
    EXPECT_EQ(record->verifier_key(), verifier_key(origin, test_key("log").public_key()));
}

TEST_F(RecordLogTest, OpensAgainToTheSameRoot) {
    std::string note;
    for (const std::uint64_t first : {0U, 300U, 600U}) {
        const auto record = open();
        EXPECT_EQ(record->head().size, first);
        EXPECT_EQ(record->checkpoint(), note);
        note = record->append(entries_from(first, 300))->note;
    }
    EXPECT_EQ(open()->head().root, expected_tree(900).root());
}

TEST_F(RecordLogTest, WorksWithoutObjects) {
    const auto record = *RecordLog::open(log, nullptr, keys());
    ASSERT_TRUE(record->append(entries_from(0, 3)));
    EXPECT_TRUE(record->publish());
    EXPECT_TRUE(*objects.list("") == std::vector<std::string>{});
}

TEST_F(RecordLogTest, RefusesBatchesOverItsLimits) {
    const auto record = open();
    EXPECT_EQ(record->append({}).error().reason, "record/empty-batch");
    EXPECT_EQ(record->append(entries_from(0, batch_entries_max + 1)).error().reason,
              "record/batch-too-large");
    auto entries = entries_from(0, 2);
    entries[1].entry.resize(entry_bytes_max + 1);
    EXPECT_EQ(record->append(entries).error().reason, "record/entry-too-large");
    EXPECT_EQ(record->head().size, 0U);
    entries[1].entry.resize(entry_bytes_max);
    EXPECT_TRUE(record->append(entries));
}

TEST_F(RecordLogTest, AFailedAppendLeavesEverythingAsItWas) {
    const auto record = open();
    ASSERT_TRUE(record->append(entries_from(0, 5)));
    const auto before = record->head();
    const auto note = record->checkpoint();

    EXPECT_EQ(record->append(entries_from(4, 2)).error().reason, "store/duplicate-entry");
    log.full = true;
    EXPECT_EQ(record->append(entries_from(5, 2)).error().reason, "store/disk-full");
    EXPECT_EQ(record->head(), before);
    EXPECT_EQ(record->checkpoint(), note);
    EXPECT_EQ(record->prove_inclusion(5, 6).error().reason, "record/no-such-leaf");

    log.full = false;
    ASSERT_TRUE(record->append(entries_from(5, 2)));
    EXPECT_EQ(record->head().root, expected_tree(7).root());
    EXPECT_EQ(published_fault(), "");
}

TEST_F(RecordLogTest, TwoOnOneStoreNeverBothWin) {
    const auto first = open();
    const auto second = open();
    ASSERT_TRUE(first->append(entries_from(0, 2)));
    EXPECT_EQ(second->append(entries_from(2, 1)).error().reason, "store/head-moved");
    EXPECT_EQ(second->head().size, 0U);
}

TEST_F(RecordLogTest, InterruptedPublicationIsResumedWhereverItStopped) {
    for (std::uint64_t calls = 0;; ++calls) {
        ForgedLog fresh_log;
        FailingObjects fresh_objects;
        auto record = *RecordLog::open(fresh_log, &fresh_objects, keys());
        ASSERT_TRUE(record->append(entries_from(0, 2)));
        fresh_objects.calls_left = calls;
        const auto appended = record->append(entries_from(2, 300));
        ASSERT_TRUE(appended) << "the entries are durable whatever happens to the files";
        EXPECT_EQ(record->head().size, 302U);
        const auto size_published = [&] {
            const auto note = string_of(*fresh_objects.get("checkpoint"));
            return open_checkpoint(note, origin, test_key("log").public_key())->size;
        };
        if (!appended->publication_error) {
            EXPECT_EQ(size_published(), 302U);
            EXPECT_EQ(calls, 6U) << "two tiles and bundles on level 0, one on level 1, checkpoint";
            break;
        }
        EXPECT_EQ(size_published(), 2U);
        EXPECT_EQ(record->publish().error().reason, "store/disk-full");
        fresh_objects.calls_left = ~std::uint64_t{0};
        if (calls % 2 == 0) {
            ASSERT_TRUE(record->publish());
        } else {
            record = *RecordLog::open(fresh_log, &fresh_objects, keys());
        }
        EXPECT_EQ(size_published(), 302U);
        EXPECT_EQ(fresh_objects.list("tile/")->size(), 2U + 5);
    }
}

TEST_F(RecordLogTest, PublishesIntoAnEmptyPlaceAllThatThereIs) {
    ASSERT_TRUE((*RecordLog::open(log, nullptr, keys()))->append(entries_from(0, 700)));
    open();
    EXPECT_EQ(published_fault(), "");
}

TEST_F(RecordLogTest, AFlippedEntryIsFoundOnOpening) {
    ASSERT_TRUE(open()->append(entries_from(0, 600)));
    for (const std::uint64_t index : {0U, 255U, 256U, 599U}) {
        log.flipped = index;
        EXPECT_EQ(refusal(), "record/root-differs") << index;
    }
}

TEST_F(RecordLogTest, AHeadThatIsNotOfTheEntriesIsFoundOnOpening) {
    ASSERT_TRUE(open()->append(entries_from(0, 6)));
    log.head_instead = {.size = 6, .root = expected_tree(5).root()};
    EXPECT_EQ(refusal(), "record/root-differs");
    log.head_instead = {.size = 5, .root = expected_tree(5).root()};
    EXPECT_EQ(refusal(), "record/checkpoint-differs");
}

TEST_F(RecordLogTest, ACheckpointThatIsNotOursIsFoundOnOpening) {
    ASSERT_TRUE(open()->append(entries_from(0, 6)));
    const Checkpoint good{.origin = origin, .size = 6, .root = expected_tree(6).root()};
    Checkpoint other = good;
    other.origin = "other.example";
    for (const std::string& note :
         {std::string(), std::string("nonsense"), sign_checkpoint(good, test_key("wit")),
          sign_checkpoint(other, test_key("log")),
          sign_checkpoint({.origin = origin, .size = 6, .root = expected_tree(5).root()},
                          test_key("log"))}) {
        log.checkpoint_instead = note;
        EXPECT_EQ(refusal(), "record/checkpoint-differs") << note;
    }
    log.checkpoint_instead = sign_checkpoint(good, test_key("log"));
    EXPECT_EQ(refusal(), "opened");
}

TEST_F(RecordLogTest, AStoreOlderThanWhatWasPublishedIsRefused) {
    ForgedLog newer;
    {
        const auto record = *RecordLog::open(newer, &objects, keys());
        ASSERT_TRUE(record->append(entries_from(0, 6)));
    }
    ASSERT_TRUE((*RecordLog::open(log, nullptr, keys()))->append(entries_from(0, 4)));
    EXPECT_EQ(refusal(), "record/rolled-back");
}

TEST_F(RecordLogTest, AStoreOfAnotherTreeThanWasPublishedIsRefused) {
    ForgedLog published;
    {
        const auto record = *RecordLog::open(published, &objects, keys());
        ASSERT_TRUE(record->append(entries_from(0, 4)));
    }
    ASSERT_TRUE((*RecordLog::open(log, nullptr, keys()))->append(entries_from(1, 6)));
    EXPECT_EQ(refusal(), "record/published-differs");
    ASSERT_TRUE(objects.replace("checkpoint", bytes_of("nonsense")));
    EXPECT_EQ(refusal(), "record/published-differs");
}

TEST_F(RecordLogTest, NeedsANameAndAnEd25519Key) {
    const auto refused = [&](std::string name, crypto::PrivateKey key) {
        const auto opened = RecordLog::open(
            log, &objects, {.origin = std::move(name), .checkpoint_key = std::move(key)});
        return opened ? "opened" : opened.error().reason;
    };
    EXPECT_EQ(refused("a b", test_key("log")), "record/bad-origin");
    EXPECT_EQ(refused("", test_key("log")), "record/bad-origin");
    EXPECT_EQ(refused(origin, crypto::PrivateKey::generate(crypto::Algorithm::es256)),
              "record/wrong-key");
}

TEST_F(RecordLogTest, ReadersSeeOnlyProvableHeadsWhileItGrows) {
    const auto record = open();
    ASSERT_TRUE(record->append(entries_from(0, 2)));
    std::atomic<bool> done = false;
    std::vector<std::jthread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            while (!done) {
                const Checkpoint head = record->head();
                const auto proof = record->prove_inclusion(head.size - 1, head.size);
                ASSERT_TRUE(proof);
                EXPECT_TRUE(verify_inclusion(*proof, *record->leaf(head.size - 1), head.root));
                EXPECT_TRUE(record->prove_consistency(1, head.size));
            }
        });
    }
    std::vector<std::jthread> writers;
    std::atomic<std::uint64_t> next = 2;
    for (int i = 0; i < 2; ++i) {
        writers.emplace_back([&] {
            for (int batch = 0; batch < 20; ++batch) {
                const std::uint64_t first = next.fetch_add(7);
                ASSERT_TRUE(record->append(entries_from(first, 7)));
            }
        });
    }
    writers.clear();
    done = true;
    readers.clear();
    EXPECT_EQ(record->head().size, 2U + 2 * 20 * 7);
}

}  // namespace
}  // namespace comity::record
