// SPDX-License-Identifier: Apache-2.0

// The log as plain values under a lock: what the others are compared with.

#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "store/log.h"
#include "store/log_checks.h"

namespace comity::store {
namespace {

constexpr std::size_t snapshots_kept = 2;

class MemoryLog final : public Log {
public:
    Result<> append(const Batch& batch) override {
        TRY(check_batch(batch));
        const std::unique_lock lock(mutex_);
        if (head_ != batch.expected) return head_moved(batch.expected, head_);
        std::map<Digest, std::uint64_t> added;
        for (const NewEntry& entry : batch.entries) {
            const std::uint64_t index = head_.size + added.size();
            if (indexes_.contains(entry.id) || !added.emplace(entry.id, index).second) {
                return duplicate_entry(index);
            }
        }
        indexes_.merge(added);
        for (const NewEntry& entry : batch.entries) entries_.push_back(entry.entry);
        head_ = batch.next;
        checkpoint_ = batch.checkpoint;
        return {};
    }

    Result<std::vector<Bytes>> read(std::uint64_t first, std::uint64_t count) const override {
        const std::shared_lock lock(mutex_);
        TRY(check_range(first, count, head_.size));
        const auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(first);
        return std::vector<Bytes>(begin, begin + static_cast<std::ptrdiff_t>(count));
    }

    Result<std::optional<std::uint64_t>> index_of(const Digest& id) const override {
        const std::shared_lock lock(mutex_);
        const auto found = indexes_.find(id);
        return found == indexes_.end() ? std::nullopt : std::optional(found->second);
    }

    Result<Head> head() const override {
        const std::shared_lock lock(mutex_);
        return head_;
    }

    Result<std::string> checkpoint() const override {
        const std::shared_lock lock(mutex_);
        return checkpoint_;
    }

    Result<> put_snapshot(const Snapshot& snapshot) override {
        TRY(check_snapshot(snapshot));
        const std::unique_lock lock(mutex_);
        if (snapshot.size > head_.size) return snapshot_ahead(snapshot.size, head_.size);
        snapshots_.insert_or_assign(snapshot.size, snapshot);
        if (snapshots_.size() > snapshots_kept) snapshots_.erase(snapshots_.begin());
        return {};
    }

    Result<std::optional<Snapshot>> newest_snapshot() const override {
        const std::shared_lock lock(mutex_);
        return snapshots_.empty() ? std::nullopt : std::optional(snapshots_.rbegin()->second);
    }

private:
    mutable std::shared_mutex mutex_;
    Head head_ = empty_head();
    std::string checkpoint_;
    std::vector<Bytes> entries_;
    std::map<Digest, std::uint64_t> indexes_;
    std::map<std::uint64_t, Snapshot> snapshots_;
};

}  // namespace

std::unique_ptr<Log> make_memory_log() { return std::make_unique<MemoryLog>(); }

}  // namespace comity::store
