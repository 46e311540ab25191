// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the tests of logs put into them: entries, ids and roots that follow from a number, so that
// any part of a log can be checked without having kept it.

#include <cstdint>
#include <string>

#include "store/log.h"

namespace comity::store {

inline Bytes bytes_from(const std::string& text) {
    const BytesView view = bytes_of(text);
    return Bytes(view.begin(), view.end());
}

/// Between 1 and 600 octets that name the index.
inline Bytes entry_numbered(std::uint64_t index) {
    std::string text = "entry " + std::to_string(index) + ".";
    text.resize(text.size() + index * 37 % 580, static_cast<char>('a' + index % 26));
    return bytes_from(text);
}

inline Digest id_numbered(std::uint64_t index) {
    const std::string text = "id " + std::to_string(index);
    return sha256({bytes_of(text)});
}

/// The head of the log that holds entries 0 .. size - 1 of entry_numbered.
inline Head head_of_size(std::uint64_t size) {
    if (size == 0) return empty_head();
    const std::string text = "root " + std::to_string(size);
    return Head{.size = size, .root = sha256({bytes_of(text)})};
}

inline std::string checkpoint_of_size(std::uint64_t size) {
    return "checkpoint " + std::to_string(size) + "\n";
}

/// The batch that takes a log from `first` to `first + count` entries.
inline Batch batch_from(std::uint64_t first, std::uint64_t count) {
    Batch batch{.expected = head_of_size(first),
                .entries = {},
                .next = head_of_size(first + count),
                .checkpoint = checkpoint_of_size(first + count)};
    for (std::uint64_t i = first; i < first + count; ++i) {
        batch.entries.push_back(NewEntry{.entry = entry_numbered(i), .id = id_numbered(i)});
    }
    return batch;
}

/// What is wrong with `log` as a log of exactly the numbered entries; empty if nothing is.
inline std::string fault_of(const Log& log) {
    const auto head = log.head();
    if (!head) return head.error().message;
    if (*head != head_of_size(head->size)) return "the root does not fit the size";
    const auto checkpoint = log.checkpoint();
    if (!checkpoint) return checkpoint.error().message;
    if (head->size > 0 && *checkpoint != checkpoint_of_size(head->size)) return *checkpoint;
    for (std::uint64_t i = 0; i < head->size; ++i) {
        const auto read = log.read(i, 1);
        if (!read) return read.error().message;
        if (read->at(0) != entry_numbered(i)) return "entry " + std::to_string(i) + " differs";
        const auto index = log.index_of(id_numbered(i));
        if (!index) return index.error().message;
        if (*index != i) return "id " + std::to_string(i) + " leads elsewhere";
    }
    const auto past = log.index_of(id_numbered(head->size));
    if (!past) return past.error().message;
    return past->has_value() ? "there is an entry past the head" : "";
}

}  // namespace comity::store
