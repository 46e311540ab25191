// SPDX-License-Identifier: Apache-2.0
// How we trust both forms together: any value that is written is read back the same, equal values
// have equal octets, and octets with one bit bent are refused or mean another value.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "codec/cbor.h"
#include "codec/json.h"
#include "codec/utf8.h"

namespace comity::codec {
namespace {

constexpr std::int64_t json_number_max = 9'007'199'254'740'991;

/// Characters of every length in UTF-8, those that JSON escapes, and both sides of the surrogates.
rc::Gen<std::string> any_text() {
    const auto character = rc::gen::elementOf(std::vector<std::string>{"a",
                                                                       "b",
                                                                       "Z",
                                                                       "0",
                                                                       "\"",
                                                                       "\\",
                                                                       "/",
                                                                       "\n",
                                                                       "\x1f",
                                                                       "\x7f",
                                                                       std::string(1, '\0'),
                                                                       "é",
                                                                       "\u07ff",
                                                                       "€",
                                                                       "\ud7ff",
                                                                       "\ue000",
                                                                       "\uffff",
                                                                       "\U00010000",
                                                                       "😀",
                                                                       "\U0010ffff"});
    return rc::gen::map(rc::gen::container<std::vector<std::string>>(character),
                        [](const std::vector<std::string>& characters) {
                            std::string text;
                            for (const auto& each : characters) text += each;
                            return text;
                        });
}

rc::Gen<Value> any_scalar(bool has_octets) {
    const auto wrap = [](auto content) { return Value{std::move(content)}; };
    const auto number =
        rc::gen::oneOf(rc::gen::inRange<std::int64_t>(-300, 300),
                       rc::gen::inRange<std::int64_t>(-json_number_max, json_number_max + 1));
    const auto octets = rc::gen::map(rc::gen::arbitrary<std::vector<std::uint8_t>>(),
                                     [](const std::vector<std::uint8_t>& numbers) {
                                         Bytes bytes;
                                         for (const auto n : numbers) bytes.push_back(std::byte{n});
                                         return bytes;
                                     });
    const auto text = rc::gen::map(any_text(), wrap);
    return rc::gen::oneOf(rc::gen::map(rc::gen::arbitrary<bool>(), wrap),
                          rc::gen::map(number, wrap), text,
                          has_octets ? rc::gen::map(octets, wrap) : text);
}

rc::Gen<Value> any_value(bool has_octets, int depth) {
    if (depth == 0) return any_scalar(has_octets);
    const auto inner = rc::gen::lazy([=] { return any_value(has_octets, depth - 1); });
    const auto size = rc::gen::inRange<std::size_t>(0, 5);
    const auto array = rc::gen::mapcat(size, [inner](std::size_t count) {
        return rc::gen::map(rc::gen::container<Array>(count, inner),
                            [](Array elements) { return Value{std::move(elements)}; });
    });
    const auto object = rc::gen::mapcat(size, [inner](std::size_t count) {
        const auto member = rc::gen::pair(any_text(), inner);
        return rc::gen::map(
            rc::gen::container<std::vector<std::pair<std::string, Value>>>(count, member),
            [](const auto& members) { return Value{Object(members.begin(), members.end())}; });
    });
    return rc::gen::oneOf(any_scalar(has_octets), array, object);
}

void show(std::string_view what, const Value& value) {
    RC_LOG() << what << write_json(value) << '\n';
}

RC_GTEST_PROP(RoundTrip, AnyValueThroughJson, ()) {
    const Value value = *any_value(false, 4);
    show("value: ", value);
    const std::string text = write_json(value);
    const auto read = parse_json(text, {.bytes_max = 1'000'000});
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == value);
    RC_ASSERT(write_json(*read) == text);
    RC_ASSERT(*parse_json(write_json_pretty(value), {.bytes_max = 1'000'000}) == value);
    RC_ASSERT(!first_bad_utf8(text));
}

RC_GTEST_PROP(RoundTrip, AnyValueThroughCbor, ()) {
    const Value value = *any_value(true, 4);
    show("value: ", value);
    const Bytes octets = write_cbor(value);
    const auto read = parse_cbor(octets);
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == value);
    RC_ASSERT(write_cbor(*read) == octets);
}

RC_GTEST_PROP(RoundTrip, BentCborIsRefusedOrIsAnotherValue, ()) {
    const Value value = *any_value(true, 3);
    Bytes octets = write_cbor(value);
    const auto at = *rc::gen::inRange<std::size_t>(0, octets.size());
    octets[at] ^= std::byte{1} << *rc::gen::inRange(0, 8);
    const auto read = parse_cbor(octets);
    if (!read) {
        RC_ASSERT(read.error().reason == "codec/bad-cbor");
        return;
    }
    RC_ASSERT(!(*read == value));
    RC_ASSERT(write_cbor(*read) == octets);
}

RC_GTEST_PROP(RoundTrip, BentJsonIsRefusedOrReadTheSameAgain, ()) {
    std::string text = write_json(*any_value(false, 3));
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text[at] = *rc::gen::elementOf(std::string("{}[]\",:0-1e.nt\\u\xff\x80 \n"));
    const auto read = parse_json(text, {.bytes_max = 1'000'000});
    if (!read) {
        RC_ASSERT(read.error().reason.starts_with("codec/"));
        return;
    }
    RC_ASSERT(*parse_json(write_json(*read), {.bytes_max = 1'000'000}) == *read);
}

RC_GTEST_PROP(RoundTrip, NamesAreSortedByUtf16, ()) {
    const auto naive = [](const std::string& text) {
        std::u16string units;
        for (std::size_t i = 0; i < text.size();) {
            const auto octet = [&](std::size_t k) {
                return static_cast<unsigned char>(text[i + k]);
            };
            const std::size_t length = octet(0) < 0x80   ? 1
                                       : octet(0) < 0xe0 ? 2
                                       : octet(0) < 0xf0 ? 3
                                                         : 4;
            std::uint32_t character = length == 1 ? octet(0) : octet(0) & (0xffU >> (length + 1));
            for (std::size_t k = 1; k < length; ++k)
                character = (character << 6U) | (octet(k) & 0x3fU);
            if (character >= 0x10000) {
                units += static_cast<char16_t>(0xd800 + ((character - 0x10000) >> 10U));
                units += static_cast<char16_t>(0xdc00 + ((character - 0x10000) & 0x3ffU));
            } else {
                units += static_cast<char16_t>(character);
            }
            i += length;
        }
        return units;
    };
    const std::string a = *any_text();
    const std::string b = *any_text();
    RC_PRE(a != b);
    const Value both{Object{{a, Value{true}}, {b, Value{true}}}};
    const auto [first, second] = naive(a) < naive(b) ? std::pair(a, b) : std::pair(b, a);
    const std::string expected =
        "{" + write_json(Value{first}) + ":true," + write_json(Value{second}) + ":true}";
    RC_ASSERT(write_json(both) == expected);
}

}  // namespace
}  // namespace comity::codec
