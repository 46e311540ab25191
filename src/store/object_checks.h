// SPDX-License-Identifier: Apache-2.0
#pragma once

// What every Objects checks alike, and the errors that every Objects words alike. Private to store.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/objects.h"

namespace comity::store {

/// Errors: invalid "store/bad-name" for what no name begins with. "" begins every name.
Result<> check_object_prefix(std::string_view prefix);

/// Errors: too_large "store/object-too-large".
Result<> check_object_size(std::size_t size);

Error object_differs(std::string_view name);
Error name_taken(std::string_view name);
Error no_such_object(std::string_view name);

/// True if a key of `names` is a directory above `name`, or `name` a directory above a key.
template <class T>
bool clashes_with(const std::map<std::string, T, std::less<>>& names, std::string_view name) {
    for (auto slash = name.find('/'); slash != std::string_view::npos;
         slash = name.find('/', slash + 1)) {
        if (names.contains(name.substr(0, slash))) return true;
    }
    const std::string below = std::string(name) + "/";
    const auto next = names.lower_bound(below);
    return next != names.end() && next->first.starts_with(below);
}

}  // namespace comity::store
