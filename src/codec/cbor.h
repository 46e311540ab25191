// SPDX-License-Identifier: Apache-2.0
#pragma once

// CBOR (RFC 8949) in and out, only in the core deterministic encoding of section 4.2.1.
//
// What the reader accepts, the writer gives back octet for octet: definite lengths, shortest heads,
// map keys strictly increasing bytewise in their encoded form, nothing after the end. Numbers fit
// std::int64_t; there are no floats and no undefined; text is UTF-8. CborReader and CborWriter
// serve formats that CBOR defines (COSE); parse_cbor and write_cbor serve codec/value.h, without
// null and tags.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/value.h"

namespace comity::codec {

inline constexpr std::size_t cbor_depth_max =
    16;  ///< arrays and maps inside each other, in parse_cbor

/// Appends items to a buffer. The caller gives each array and map the items it announced, and map
/// keys in the order that MapKeys checks.
class CborWriter {
public:
    void array(std::size_t count);
    void map(std::size_t pairs);
    void integer(std::int64_t number);
    void bytes(BytesView octets);
    void text(std::string_view utf8);
    void boolean(bool value);
    void null();
    void tag(std::uint64_t number);

    /// What was written; leaves the writer empty.
    Bytes take();

private:
    void head(std::uint8_t major_type, std::uint64_t argument);

    Bytes octets_;
};

/// Takes items off the front of octets that it borrows. Every function fails with invalid
/// "codec/bad-cbor", whose message gives the octet; after a failure the position is of no use.
class CborReader {
public:
    enum class Kind {
        unsigned_integer,
        negative_integer,
        bytes,
        text,
        array,
        map,
        tag,
        boolean,
        null
    };

    explicit CborReader(BytesView octets) : octets_(octets) {}

    /// The kind of the next item. Fails at the end, and for a float or another simple value.
    Result<Kind> peek() const;

    /// How many items follow. Never more than there are octets left, so it is safe to reserve.
    Result<std::size_t> array();
    /// How many pairs follow; the caller reads the keys and gives them to MapKeys.
    Result<std::size_t> map();
    Result<std::int64_t> integer();
    /// Borrowed from the octets given to the constructor.
    Result<BytesView> bytes();
    Result<std::string> text();
    Result<bool> boolean();
    Result<> null();
    Result<std::uint64_t> tag();

    /// Fails unless everything was read.
    Result<> end();

    /// Octets read.
    std::size_t position() const { return position_; }
    /// The octets from `start`, an earlier position(), up to this one.
    BytesView since(std::size_t start) const;

private:
    Result<std::uint64_t> head(std::uint8_t major_type, std::string_view expected);
    Result<BytesView> string(std::uint8_t major_type, std::string_view expected);
    Error error(std::string_view what) const;

    BytesView octets_;
    std::size_t position_ = 0;
};

/// Checks that the keys of one map come in order and once each:
///
///     MapKeys keys;
///     for (std::size_t i = 0; i < pairs; ++i) {
///         const std::size_t start = reader.position();
///         const std::int64_t key = TRY(reader.integer());
///         TRY(keys.next(reader.since(start)));
///
class MapKeys {
public:
    /// `encoded_key` must outlive the next call. Errors: invalid "codec/bad-cbor".
    Result<> next(BytesView encoded_key);

private:
    BytesView previous_;  // empty before the first key; no encoded key is empty
};

/// Never fails. Objects become maps with text keys, in CBOR's order, which is not Object's.
Bytes write_cbor(const Value& value);

/// Reads exactly what write_cbor writes. Errors: invalid "codec/bad-cbor".
Result<Value> parse_cbor(BytesView octets);

}  // namespace comity::codec
