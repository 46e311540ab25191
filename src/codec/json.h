// SPDX-License-Identifier: Apache-2.0
#pragma once

// JSON (RFC 8259) in and out, for the data model of codec/value.h.
//
// The reader is strict: one text has one meaning, or is refused. The writer is canonical (RFC
// 8785): equal values have equal texts. A message starts with the JSON pointer (RFC 6901) of the
// place,
// `/members/3/id: …`; the pointer of the whole document is empty and leaves no trace.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/value.h"

namespace comity::codec {

struct JsonLimits {
    std::size_t bytes_max = 65'535;  ///< octets of the text
    std::size_t depth_max = 32;      ///< arrays and objects inside each other
};

/// Reads one JSON text. Errors, all invalid but the first:
/// - too_large "codec/too-large": more than bytes_max octets
/// - "codec/too-deep": more than depth_max
/// - "codec/bad-utf8": not UTF-8 (RFC 3629)
/// - "codec/bad-json": not JSON, a lone surrogate, or something after the end
/// - "codec/bad-number": a fraction, an exponent, -0, or beyond ±(2^53 − 1)
/// - "codec/null": null in any place
/// - "codec/duplicate-member": an object names a member twice
Result<Value> parse_json(std::string_view text, const JsonLimits& limits = {});

/// The canonical text: no white space, members sorted by UTF-16 code units, shortest escapes;
/// octets as base64url. parse_json reads it back, unless a number is beyond ±(2^53 − 1): such a
/// number, which only CBOR carries, is written in decimal digits and refused by the reader.
std::string write_json(const Value& value);

/// The same for people: two spaces a level, one member or element a line, no line end at the end.
std::string write_json_pretty(const Value& value);

}  // namespace comity::codec
