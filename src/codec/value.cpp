// SPDX-License-Identifier: Apache-2.0
#include "codec/value.h"

#include <array>

namespace comity::codec {

bool operator==(const Value& a, const Value& b) { return a.data == b.data; }

std::string_view kind_name(const Value& value) {
    constexpr std::array<std::string_view, 6> names{"true or false", "a number", "a text",
                                                    "octets",        "an array", "an object"};
    static_assert(std::variant_size_v<decltype(value.data)> == names.size());
    return names.at(value.data.index());
}

}  // namespace comity::codec
