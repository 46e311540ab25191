// SPDX-License-Identifier: Apache-2.0
#include "record/log.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "record/statement.h"
#include "record/tile.h"

namespace comity::record {
namespace {

constexpr std::uint64_t page_entries = 256;
constexpr std::string_view checkpoint_name = "checkpoint";

Error corrupt(std::string_view reason, std::string message) {
    return Error{Code::corrupt, reason, std::move(message)};
}

Result<> check_batch(const std::vector<PreparedEntry>& entries) {
    if (entries.empty()) {
        return Error{Code::invalid, "record/empty-batch", "There is nothing to append."};
    }
    if (entries.size() > batch_entries_max) {
        return Error{Code::too_large, "record/batch-too-large",
                     "A batch has at most 4,096 entries; append the rest after it."};
    }
    const auto too_large = [](const PreparedEntry& one) {
        return one.entry.size() > entry_bytes_max;
    };
    if (std::any_of(entries.begin(), entries.end(), too_large)) {
        return Error{Code::too_large, "record/entry-too-large",
                     "An entry has at most 65,535 octets; record the hash of what is larger."};
    }
    return {};
}

std::string sizes(std::uint64_t published, std::uint64_t stored) {
    return std::to_string(published) + " entries, the log holds " + std::to_string(stored);
}

}  // namespace

RecordLog::RecordLog(store::Log& log, store::Objects* objects, RecordKeys keys)
    : log_(log), objects_(objects), keys_(std::move(keys)) {}

Result<std::unique_ptr<RecordLog>> RecordLog::open(store::Log& log, store::Objects* objects,
                                                   RecordKeys keys) {
    if (!is_key_name(keys.origin)) {
        return Error{Code::invalid, "record/bad-origin",
                     "The record's name has 1 to 255 octets without spaces, control characters "
                     "or '+'; correct it in the configuration."};
    }
    if (keys.checkpoint_key.public_key().algorithm != crypto::Algorithm::ed25519) {
        return Error{Code::invalid, "record/wrong-key",
                     "Checkpoints are signed with an Ed25519 key; configure one."};
    }
    std::unique_ptr<RecordLog> opened(new RecordLog(log, objects, std::move(keys)));
    TRY(opened->rebuild());
    TRY(opened->find_published());
    TRY(opened->publish());
    return opened;
}

Result<> RecordLog::rebuild() {
    const store::Head head = TRY(log_.head());
    while (tree_.size() < head.size) {
        const std::uint64_t count = std::min(page_entries, head.size - tree_.size());
        const std::vector<Bytes> entries = TRY(log_.read(tree_.size(), count));
        for (const Bytes& entry : entries) tree_.append(leaf_hash(entry));
    }
    return check_head(head);
}

Result<> RecordLog::check_head(const store::Head& head) {
    if (tree_.root() != head.root) {
        return corrupt("record/root-differs",
                       "The " + std::to_string(head.size) + " entries in the store give the root " +
                           tree_.root().text() + ", but its head says " + head.root.text() +
                           "; restore the store from a backup or a mirror.");
    }
    const std::string note = TRY(log_.checkpoint());
    if (head.size != 0 || !note.empty()) {
        const auto checkpoint =
            open_checkpoint(note, keys_.origin, keys_.checkpoint_key.public_key());
        if (!checkpoint) {
            return corrupt("record/checkpoint-differs",
                           "The checkpoint in the store is not one of " + keys_.origin +
                               " under the configured key: " + checkpoint.error().message);
        }
        if (checkpoint->size != head.size || checkpoint->root != head.root) {
            return corrupt("record/checkpoint-differs",
                           "The checkpoint in the store speaks of " +
                               sizes(checkpoint->size, head.size) +
                               ", or of another root; restore the store from a backup or a "
                               "mirror.");
        }
    }
    const std::unique_lock lock(mutex_);
    head_ = head;
    note_ = note;
    return {};
}

/// Learns up to which size tiles are published. The checkpoint goes out after its tiles, so those
/// of its size are all there. Whoever published more than the store holds has made a promise that
/// this store cannot keep: signing from it would fork the record.
Result<> RecordLog::find_published() {
    if (objects_ == nullptr) return {};
    const auto octets = objects_->get(checkpoint_name);
    if (!octets) {
        if (octets.error().code == Code::not_found) return {};
        return octets.error();
    }
    const std::string note(reinterpret_cast<const char*>(octets->data()), octets->size());
    const auto published = open_checkpoint(note, keys_.origin, keys_.checkpoint_key.public_key());
    if (!published) {
        return corrupt("record/published-differs",
                       "The published checkpoint is not one of " + keys_.origin +
                           " under the configured key: " + published.error().message);
    }
    if (published->size > head_.size) {
        return corrupt("record/rolled-back",
                       "The published checkpoint speaks of " + sizes(published->size, head_.size) +
                           "; the store is older than what was published: restore a newer one.");
    }
    if (tree_.root_at(published->size) != published->root) {
        return corrupt("record/published-differs",
                       "The published checkpoint of size " + std::to_string(published->size) +
                           " has another root than those entries of the store.");
    }
    published_size_ = published->size;
    return {};
}

/// Adds the leaves to the tree, ahead of head_, and tells what the head becomes when stored.
store::Head RecordLog::extend(const std::vector<PreparedEntry>& entries) {
    std::vector<Digest> leaves;
    leaves.reserve(entries.size());
    for (const PreparedEntry& one : entries) leaves.push_back(leaf_hash(one.entry));

    const std::unique_lock lock(mutex_);
    for (const Digest& leaf : leaves) tree_.append(leaf);
    return {.size = tree_.size(), .root = tree_.root()};
}

Result<Appended> RecordLog::append(std::vector<PreparedEntry> entries) {
    TRY(check_batch(entries));
    const std::lock_guard turn(turn_);  // head_ and tree_ change under it only: reads need no lock
    const store::Head before = head_;
    const store::Head after = extend(entries);
    Checkpoint checkpoint{.origin = keys_.origin, .size = after.size, .root = after.root};
    const std::string note = sign_checkpoint(checkpoint, keys_.checkpoint_key);
    const auto stored = log_.append(
        {.expected = before, .entries = std::move(entries), .next = after, .checkpoint = note});
    {
        const std::unique_lock lock(mutex_);
        if (!stored) {
            tree_.truncate(before.size);
            return stored.error();
        }
        head_ = after;
        note_ = note;
    }
    Appended appended{.first_index = before.size,
                      .checkpoint = std::move(checkpoint),
                      .note = note,
                      .publication_error = std::nullopt};
    // The entries are on the record whatever happens to their files, so this is no failure.
    if (auto published = publish_turn(); !published) {
        appended.publication_error = std::move(published).error();
    }
    return appended;
}

Result<> RecordLog::publish() {
    const std::lock_guard turn(turn_);
    return publish_turn();
}

/// Publishes up to the head; the caller has the turn.
Result<> RecordLog::publish_turn() {
    if (objects_ == nullptr || published_size_ == head_.size) return {};
    TRY(publish_tiles(published_size_, head_.size));
    TRY(objects_->replace(checkpoint_name, bytes_of(note_)));  // flushes the tiles first
    published_size_ = head_.size;
    return {};
}

Result<> RecordLog::publish_tiles(std::uint64_t from, std::uint64_t to) {
    for (const auto& [level, index, width] : new_tiles(from, to)) {
        const Bytes tile = hash_tile(tree_, level, index, width);
        TRY(objects_->put_if_absent(tile_path(level, index, width), tile));
        if (level == 0) TRY(publish_bundle(index, width));
    }
    return {};
}

Result<> RecordLog::publish_bundle(std::uint64_t index, std::uint32_t width) {
    const std::vector<Bytes> entries = TRY(log_.read(index * tile_width, width));
    TRY(objects_->put_if_absent(entries_path(index, width), encode_bundle(entries)));
    return {};
}

Checkpoint RecordLog::head() const {
    const std::shared_lock lock(mutex_);
    return {.origin = keys_.origin, .size = head_.size, .root = head_.root};
}

std::string RecordLog::checkpoint() const {
    const std::shared_lock lock(mutex_);
    return note_;
}

Result<Digest> RecordLog::leaf(std::uint64_t index) const {
    const std::shared_lock lock(mutex_);
    if (index >= head_.size) {
        return Error{Code::not_found, "record/no-such-leaf", "The log has no entry at that index."};
    }
    return tree_.node(0, index);
}

Result<std::vector<Bytes>> RecordLog::read(std::uint64_t first, std::uint64_t count) const {
    return log_.read(first, count);
}

Result<Digest> RecordLog::root_at(std::uint64_t size) const {
    const std::shared_lock lock(mutex_);
    if (size > head_.size) {
        return Error{Code::not_found, "record/no-such-size", "The log is not that large."};
    }
    return tree_.root_at(size);
}

Result<InclusionProof> RecordLog::prove_inclusion(std::uint64_t index, std::uint64_t size) const {
    const std::shared_lock lock(mutex_);
    if (size > head_.size) {
        return Error{Code::not_found, "record/no-such-leaf", "The log is not that large."};
    }
    return tree_.prove_inclusion(index, size);
}

Result<ConsistencyProof> RecordLog::prove_consistency(std::uint64_t from, std::uint64_t to) const {
    const std::shared_lock lock(mutex_);
    if (to > head_.size) {
        return Error{Code::not_found, "record/no-such-size", "The log is not that large."};
    }
    return tree_.prove_consistency(from, to);
}

std::string RecordLog::verifier_key() const {
    return record::verifier_key(keys_.origin, keys_.checkpoint_key.public_key());
}

}  // namespace comity::record
