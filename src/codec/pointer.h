// SPDX-License-Identifier: Apache-2.0
#pragma once

// JSON pointers (RFC 6901) at the front of messages, and names from input inside messages.
//
// Input is untrusted: control characters are replaced and long names are cut, so that a message is
// one line of bounded length and safe to show.

#include <cstddef>
#include <string>
#include <string_view>

namespace comity::codec {

/// `/` and the name, with ~ and / escaped.
std::string pointer_to_member(std::string_view name);
std::string pointer_to_element(std::size_t index);

/// `pointer: message`; the message alone when the pointer is empty, which is the whole document.
std::string message_at(std::string_view pointer, std::string_view message);

/// `text`, cut at a character to 64 octets and "…"; control characters become "?".
std::string excerpt(std::string_view text);

}  // namespace comity::codec
