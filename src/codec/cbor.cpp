// SPDX-License-Identifier: Apache-2.0
#include "codec/cbor.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "codec/utf8.h"

namespace comity::codec {
namespace {

// RFC 8949 section 3.1.
enum MajorType : std::uint8_t {
    major_unsigned = 0,
    major_negative = 1,
    major_bytes = 2,
    major_text = 3,
    major_array = 4,
    major_map = 5,
    major_tag = 6,
    major_simple = 7,
};

constexpr std::byte false_octet{0xf4};
constexpr std::byte true_octet{0xf5};
constexpr std::byte null_octet{0xf6};

constexpr std::uint8_t info_bits = 5;
constexpr std::uint8_t info_mask = 0x1f;
constexpr std::uint8_t info_direct_max = 23;  // the argument is the info itself
constexpr std::uint8_t info_one_octet = 24;   // the argument follows in 1, 2, 4 or 8 octets
constexpr std::uint8_t info_eight_octets = 27;
constexpr std::uint8_t info_indefinite = 31;

constexpr auto int64_max = std::uint64_t{std::numeric_limits<std::int64_t>::max()};

std::uint8_t major_type_of(std::byte initial) {
    return static_cast<std::uint8_t>(std::to_integer<std::uint8_t>(initial) >> info_bits);
}

/// The largest argument that fits the head before the one with `octets` octets after the first.
std::uint64_t largest_shorter(std::size_t octets) {
    if (octets == 1) return info_direct_max;
    return (std::uint64_t{1} << (octets * 4)) - 1;
}

std::string_view text_of(BytesView octets) {
    return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

}  // namespace

// Writer ---------------------------------------------------------------------------------------

void CborWriter::head(std::uint8_t major_type, std::uint64_t argument) {
    const auto initial = [&](std::uint64_t info) {
        octets_.push_back(static_cast<std::byte>((std::uint64_t{major_type} << info_bits) | info));
    };
    if (argument <= info_direct_max) {
        initial(argument);
        return;
    }
    std::uint8_t info = info_one_octet;
    std::size_t octets = 1;
    while (octets < 8 && (argument >> (octets * 8)) != 0) {
        octets *= 2;
        ++info;
    }
    initial(info);
    for (std::size_t i = octets; i > 0; --i) {
        octets_.push_back(static_cast<std::byte>((argument >> ((i - 1) * 8)) & 0xffU));
    }
}

void CborWriter::array(std::size_t count) { head(major_array, count); }
void CborWriter::map(std::size_t pairs) { head(major_map, pairs); }

void CborWriter::integer(std::int64_t number) {
    // A negative n travels as -1 - n, which is the complement of its bits.
    const auto bits = static_cast<std::uint64_t>(number);
    if (number >= 0) {
        head(major_unsigned, bits);
    } else {
        head(major_negative, ~bits);
    }
}

void CborWriter::bytes(BytesView octets) {
    head(major_bytes, octets.size());
    octets_.insert(octets_.end(), octets.begin(), octets.end());
}

void CborWriter::text(std::string_view utf8) {
    head(major_text, utf8.size());
    const BytesView octets = bytes_of(utf8);
    octets_.insert(octets_.end(), octets.begin(), octets.end());
}

void CborWriter::boolean(bool value) { octets_.push_back(value ? true_octet : false_octet); }
void CborWriter::null() { octets_.push_back(null_octet); }
void CborWriter::tag(std::uint64_t number) { head(major_tag, number); }

Bytes CborWriter::take() { return std::exchange(octets_, {}); }

// Reader ---------------------------------------------------------------------------------------

Error CborReader::error(std::string_view what) const {
    return Error{Code::invalid, "codec/bad-cbor",
                 "At octet " + std::to_string(position_) + " of the CBOR: " + std::string(what)};
}

Result<CborReader::Kind> CborReader::peek() const {
    if (position_ == octets_.size()) return error("expected an item, found the end.");
    const std::byte initial = octets_[position_];
    switch (major_type_of(initial)) {
        case major_unsigned:
            return Kind::unsigned_integer;
        case major_negative:
            return Kind::negative_integer;
        case major_bytes:
            return Kind::bytes;
        case major_text:
            return Kind::text;
        case major_array:
            return Kind::array;
        case major_map:
            return Kind::map;
        case major_tag:
            return Kind::tag;
        default:
            break;
    }
    if (initial == true_octet || initial == false_octet) return Kind::boolean;
    if (initial == null_octet) return Kind::null;
    return error("floats, undefined and other simple values are not used here.");
}

Result<std::uint64_t> CborReader::head(std::uint8_t major_type, std::string_view expected) {
    const BytesView rest = octets_.subspan(position_);
    if (rest.empty() || major_type_of(rest[0]) != major_type) {
        return error("expected " + std::string(expected) + ".");
    }
    const auto info = static_cast<std::uint8_t>(std::to_integer<std::uint8_t>(rest[0]) & info_mask);
    if (info <= info_direct_max) {
        ++position_;
        return std::uint64_t{info};
    }
    if (info == info_indefinite) return error("indefinite lengths are not used here.");
    if (info > info_eight_octets) return error("this head is not defined.");
    const std::size_t octets = std::size_t{1} << (info - info_one_octet);
    if (rest.size() <= octets) return error("the item breaks off in its head.");
    std::uint64_t argument = 0;
    for (const std::byte octet : rest.subspan(1, octets)) {
        argument = (argument << 8U) | std::to_integer<std::uint64_t>(octet);
    }
    if (argument <= largest_shorter(octets)) return error("the head is not the shortest.");
    position_ += 1 + octets;
    return argument;
}

Result<BytesView> CborReader::string(std::uint8_t major_type, std::string_view expected) {
    const std::uint64_t size = TRY(head(major_type, expected));
    if (size > octets_.size() - position_) return error("the string is longer than what follows.");
    const BytesView content = octets_.subspan(position_, static_cast<std::size_t>(size));
    position_ += content.size();
    return content;
}

Result<std::size_t> CborReader::array() {
    const std::uint64_t count = TRY(head(major_array, "an array"));
    if (count > octets_.size() - position_) return error("the array is longer than what follows.");
    return static_cast<std::size_t>(count);
}

Result<std::size_t> CborReader::map() {
    const std::uint64_t pairs = TRY(head(major_map, "a map"));
    if (pairs > (octets_.size() - position_) / 2) {
        return error("the map is longer than what follows.");
    }
    return static_cast<std::size_t>(pairs);
}

Result<std::int64_t> CborReader::integer() {
    const bool is_negative =
        position_ < octets_.size() && major_type_of(octets_[position_]) == major_negative;
    const std::uint64_t argument =
        TRY(head(is_negative ? major_negative : major_unsigned, "a number"));
    if (argument > int64_max)
        return error("the number before it does not fit 64 bits with a sign.");
    return static_cast<std::int64_t>(is_negative ? ~argument : argument);
}

Result<BytesView> CborReader::bytes() { return string(major_bytes, "a byte string"); }

Result<std::string> CborReader::text() {
    const BytesView content = TRY(string(major_text, "a text"));
    if (first_bad_utf8(text_of(content))) return error("the text before it is not UTF-8.");
    return std::string(text_of(content));
}

Result<bool> CborReader::boolean() {
    const BytesView rest = octets_.subspan(position_);
    if (rest.empty() || (rest[0] != true_octet && rest[0] != false_octet)) {
        return error("expected true or false.");
    }
    ++position_;
    return rest[0] == true_octet;
}

Result<> CborReader::null() {
    const BytesView rest = octets_.subspan(position_);
    if (rest.empty() || rest[0] != null_octet) return error("expected null.");
    ++position_;
    return {};
}

Result<std::uint64_t> CborReader::tag() { return head(major_tag, "a tag"); }

Result<> CborReader::end() {
    if (position_ != octets_.size()) return error("expected the end.");
    return {};
}

BytesView CborReader::since(std::size_t start) const {
    COMITY_CHECK(start <= position_);
    return octets_.subspan(start, position_ - start);
}

Result<> MapKeys::next(BytesView encoded_key) {
    const auto error = [](std::string_view what) {
        return Error{Code::invalid, "codec/bad-cbor", std::string(what)};
    };
    if (std::ranges::equal(previous_, encoded_key)) return error("A map has the same key twice.");
    if (!std::ranges::lexicographical_compare(previous_, encoded_key)) {
        return error("The keys of a map are not in order of their octets.");
    }
    previous_ = encoded_key;
    return {};
}

// Value ----------------------------------------------------------------------------------------

namespace {

void write_item(CborWriter& writer, const Value& value);

void write_object(CborWriter& writer, const Object& object) {
    std::vector<const Object::value_type*> members;
    members.reserve(object.size());
    for (const auto& member : object) members.push_back(&member);
    // The head of an encoded key grows with its length, so shorter keys come first.
    std::ranges::sort(members, [](const auto* a, const auto* b) {
        if (a->first.size() != b->first.size()) return a->first.size() < b->first.size();
        return a->first < b->first;
    });
    writer.map(members.size());
    for (const auto* member : members) {
        writer.text(member->first);
        write_item(writer, member->second);
    }
}

struct ItemWriter {
    CborWriter& writer;

    void operator()(bool value) const { writer.boolean(value); }
    void operator()(std::int64_t number) const { writer.integer(number); }
    void operator()(const std::string& text) const { writer.text(text); }
    void operator()(const Bytes& octets) const { writer.bytes(octets); }
    void operator()(const Array& array) const {
        writer.array(array.size());
        for (const Value& element : array) write_item(writer, element);
    }
    void operator()(const Object& object) const { write_object(writer, object); }
};

void write_item(CborWriter& writer, const Value& value) {
    std::visit(ItemWriter{writer}, value.data);
}

Result<Value> read_item(CborReader& reader, std::size_t depth);

Error bad_item(const CborReader& reader, std::string_view what) {
    return Error{
        Code::invalid, "codec/bad-cbor",
        "At octet " + std::to_string(reader.position()) + " of the CBOR: " + std::string(what)};
}

Result<Value> read_array(CborReader& reader, std::size_t depth) {
    if (depth == cbor_depth_max) return bad_item(reader, "more than 16 levels.");
    const std::size_t count = TRY(reader.array());
    Array array;
    for (std::size_t i = 0; i < count; ++i) array.push_back(TRY(read_item(reader, depth + 1)));
    return Value{std::move(array)};
}

Result<Value> read_map(CborReader& reader, std::size_t depth) {
    if (depth == cbor_depth_max) return bad_item(reader, "more than 16 levels.");
    const std::size_t pairs = TRY(reader.map());
    Object object;
    MapKeys keys;
    for (std::size_t i = 0; i < pairs; ++i) {
        const std::size_t start = reader.position();
        std::string key = TRY(reader.text());
        if (const auto checked = keys.next(reader.since(start)); !checked) {
            return bad_item(reader, checked.error().message);
        }
        Value value = TRY(read_item(reader, depth + 1));
        object.emplace(std::move(key), std::move(value));
    }
    return Value{std::move(object)};
}

Result<Value> read_item(CborReader& reader, std::size_t depth) {
    using Kind = CborReader::Kind;
    switch (TRY(reader.peek())) {
        case Kind::unsigned_integer:
        case Kind::negative_integer:
            return Value{TRY(reader.integer())};
        case Kind::bytes: {
            const BytesView octets = TRY(reader.bytes());
            return Value{Bytes(octets.begin(), octets.end())};
        }
        case Kind::text:
            return Value{TRY(reader.text())};
        case Kind::array:
            return read_array(reader, depth);
        case Kind::map:
            return read_map(reader, depth);
        case Kind::boolean:
            return Value{TRY(reader.boolean())};
        case Kind::tag:
            return bad_item(reader, "tags are not used here.");
        case Kind::null:
            break;
    }
    return bad_item(reader, "leave out what is absent; null is not used here.");
}

}  // namespace

Bytes write_cbor(const Value& value) {
    CborWriter writer;
    write_item(writer, value);
    return writer.take();
}

Result<Value> parse_cbor(BytesView octets) {
    CborReader reader(octets);
    Value value = TRY(read_item(reader, 0));
    TRY(reader.end());
    return value;
}

}  // namespace comity::codec
