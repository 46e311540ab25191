// SPDX-License-Identifier: Apache-2.0
#pragma once

// UTF-8 as RFC 3629 defines it: shortest forms, no surrogates, up to U+10FFFF.

#include <cstddef>
#include <optional>
#include <string_view>

namespace comity::codec {

/// The index of the first octet that does not belong to well-formed UTF-8; none if all do.
std::optional<std::size_t> first_bad_utf8(std::string_view text);

}  // namespace comity::codec
