// SPDX-License-Identifier: Apache-2.0
#pragma once

// Inside the module: data/datasets/*.json, which CMake puts into the library.

#include <span>
#include <string_view>

namespace comity::observe {

struct ShippedDescription {
    std::string_view name;  ///< of the file, without .json
    std::string_view json;
};

/// By name.
std::span<const ShippedDescription> shipped_descriptions();

}  // namespace comity::observe
