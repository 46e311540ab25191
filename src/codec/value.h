// SPDX-License-Identifier: Apache-2.0
#pragma once

// Value: the data model that JSON and CBOR share. docs/spec/codec.md is its specification.
//
// A boolean, a whole number, a UTF-8 text, octets, an array, or an object. There is no null (what
// is absent is left out) and no fraction (a share is a Rational, an amount counts its smallest
// unit).

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace comity::codec {

struct Value;
using Array = std::vector<Value>;
using Object = std::map<std::string, Value>;  ///< iterates in bytewise order of the keys

struct Value {
    /// Bytes never come from JSON, where octets travel as base64url text.
    std::variant<bool, std::int64_t, std::string, Bytes, Array, Object> data;

    /// The content if it is a T, else nullptr; borrowed from the value.
    template <class T>
    const T* as() const {
        return std::get_if<T>(&data);
    }

    friend bool operator==(const Value& a, const Value& b);
};

/// What the value is, for messages: "true or false", "a number", "a text", "octets", "an array",
/// "an object".
std::string_view kind_name(const Value& value);

}  // namespace comity::codec
