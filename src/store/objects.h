// SPDX-License-Identifier: Apache-2.0
#pragma once

// Objects: named, immutable bytes beside the log, such as tiles, which any web server can hand out.
//
// What always holds, in every implementation (objects_contract_test.cpp runs over each):
//   - A name once written keeps its bytes for ever; only replace() moves a name to other bytes, and
//     it is for the checkpoint alone.
//   - Whoever sees an object sees all of it; a crash never leaves a part under its name.
//   - The same bytes may be put again: publication can be repeated after a crash.
//
// When what is durable:
//   - put_if_absent() accepts the object: this Objects shows it at once. It is durable, and visible
//     to others (a web server, another process), when a later flush() or replace() succeeds. A
//     crash before that forgets it whole.
//   - flush() makes all accepted objects durable, with few flushes of the disk for many objects.
//   - replace() flushes first, so a checkpoint never appears before the tiles it speaks of, and is
//     itself durable when it returns.
//   - Destruction does not flush.
//
// Names are relative paths: segments of [a-z0-9._-] that do not begin with '.', joined by '/', of
// at most object_name_bytes_max octets. A name cannot also be the directory of another name.
// Thread-safe.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace comity::store {

inline constexpr std::size_t object_name_bytes_max = 255;
inline constexpr std::size_t object_bytes_max = 64U << 20U;

class Objects {
public:
    virtual ~Objects() = default;

    /// True if written, false if the same bytes are there already.
    /// Errors: conflict "store/object-differs" when other bytes are there; conflict
    /// "store/name-taken" when a part of the name is an object, or the name is a directory; invalid
    /// "store/bad-name"; too_large "store/object-too-large"; unavailable "store/disk-full",
    /// "store/io-error" and then "store/broken" until reopened.
    virtual Result<bool> put_if_absent(std::string_view name, BytesView octets) = 0;

    /// Puts `octets` under `name`, whatever is there, atomically and durably.
    /// Errors: those of put_if_absent but "store/object-differs".
    virtual Result<> replace(std::string_view name, BytesView octets) = 0;

    /// Errors: not_found "store/no-such-object"; invalid "store/bad-name"; unavailable
    /// "store/io-error".
    virtual Result<Bytes> get(std::string_view name) const = 0;

    virtual Result<bool> contains(std::string_view name) const = 0;

    /// All names that begin with `prefix` ("" for all), in bytewise order. Cost: a walk over the
    /// directory of the prefix.
    virtual Result<std::vector<std::string>> list(std::string_view prefix) const = 0;

    /// Makes durable and visible what was put. Errors: unavailable "store/disk-full",
    /// "store/io-error", "store/broken".
    virtual Result<> flush() = 0;

protected:
    Objects() = default;
    Objects(const Objects&) = default;
    Objects& operator=(const Objects&) = default;
};

/// Checks the form of a name. Errors: invalid "store/bad-name".
Result<> check_object_name(std::string_view name);

/// Objects as files under `directory`, which is created if absent. Leftovers of a crashed writer
/// are removed, unless another process has the directory open.
/// Errors: unavailable "store/cannot-open", "store/io-error".
Result<std::unique_ptr<Objects>> open_directory_objects(const std::filesystem::path& directory);

/// Objects that live as long as the object. For tests and dry runs.
std::unique_ptr<Objects> make_memory_objects();

}  // namespace comity::store
