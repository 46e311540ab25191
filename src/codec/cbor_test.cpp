// SPDX-License-Identifier: Apache-2.0
// How we trust CBOR: Appendix A of RFC 8949 fixes the octets, the rest of it and each bent encoding
// is refused, and every short octet string is either refused or given back octet for octet.
#include "codec/cbor.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/hex.h"
#include "codec/json.h"

namespace comity::codec {
namespace {

struct Example {
    std::string_view json;
    std::string_view hex;
};

// RFC 8949 Appendix A, as far as the data model goes.
constexpr Example examples[] = {
    {"0", "00"},
    {"1", "01"},
    {"10", "0a"},
    {"23", "17"},
    {"24", "1818"},
    {"25", "1819"},
    {"100", "1864"},
    {"1000", "1903e8"},
    {"1000000", "1a000f4240"},
    {"1000000000000", "1b000000e8d4a51000"},
    {"-1", "20"},
    {"-10", "29"},
    {"-100", "3863"},
    {"-1000", "3903e7"},
    {"false", "f4"},
    {"true", "f5"},
    {R"("")", "60"},
    {R"("a")", "6161"},
    {R"("IETF")", "6449455446"},
    {R"("\"\\")", "62225c"},
    {R"("\u00fc")", "62c3bc"},
    {R"("\u6c34")", "63e6b0b4"},
    {R"("\ud800\udd51")", "64f0908591"},
    {"[]", "80"},
    {"[1, 2, 3]", "83010203"},
    {"[1, [2, 3], [4, 5]]", "8301820203820405"},
    {"[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25]",
     "98190102030405060708090a0b0c0d0e0f101112131415161718181819"},
    {"{}", "a0"},
    {R"({"a": 1, "b": [2, 3]})", "a26161016162820203"},
    {R"(["a", {"b": "c"}])", "826161a161626163"},
    {R"({"a": "A", "b": "B", "c": "C", "d": "D", "e": "E"})",
     "a56161614161626142616361436164614461656145"},
};

Result<Value> parse_hex(std::string_view hex) { return parse_cbor(*from_hex(hex)); }

void expect_refused(std::string_view hex) {
    const auto value = parse_hex(hex);
    ASSERT_FALSE(value) << hex << " read as " << write_json(*value);
    EXPECT_EQ(value.error().reason, "codec/bad-cbor") << hex;
    EXPECT_EQ(value.error().code, Code::invalid) << hex;
}

TEST(Cbor, GivesTheExamplesOfRfc8949AppendixA) {
    for (const auto& [json, hex] : examples) {
        const auto value = parse_json(json);
        ASSERT_TRUE(value) << json;
        EXPECT_EQ(to_hex(write_cbor(*value)), hex);
        const auto read = parse_hex(hex);
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(*read, *value) << hex;
    }
    EXPECT_EQ(*parse_hex("40"), Value{Bytes{}});
    EXPECT_EQ(*parse_hex("4401020304"), Value{*from_hex("01020304")});
    EXPECT_EQ(to_hex(write_cbor(Value{*from_hex("01020304")})), "4401020304");
}

TEST(Cbor, RefusesTheOtherExamplesOfRfc8949AppendixA) {
    for (const auto* hex :
         {// beyond 64 bits with a sign, and big numbers
          "1bffffffffffffffff", "3bffffffffffffffff", "c249010000000000000000",
          "c349010000000000000000",
          // floats, infinities, NaN
          "f90000", "f98000", "f93c00", "fb3ff199999999999a", "f97bff", "fa47c35000",
          "fb7e37e43c8800759c", "f97c00", "f97e00", "f9fc00", "fa7f800000", "fb7ff8000000000000",
          // null, undefined, simple values
          "f6", "f7", "f0", "f8ff",
          // tags
          "c074323031332d30332d32315432303a30343a30305a", "c11a514b67b0", "d74401020304",
          "d818456449455446", "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
          // keys that are not text
          "a201020304",
          // indefinite lengths
          "5f42010243030405ff", "7f657374726561646d696e67ff", "9fff", "9f018202039f0405ffff",
          "9f01820203820405ff", "83018202039f0405ff", "83019f0203ff820405",
          "bf61610161629f0203ffff", "826161bf61626163ff", "bf6346756ef563416d7421ff"}) {
        expect_refused(hex);
    }
}

TEST(Cbor, RefusesHeadsThatAreNotTheShortest) {
    for (const auto* hex : {"1800",
                            "1817",
                            "190000",
                            "1900ff",
                            "1a00000000",
                            "1a0000ffff",
                            "1b0000000000000000",
                            "1b00000000ffffffff",
                            "3800",
                            "3817",
                            "3900ff",
                            "3a0000ffff",
                            "3b00000000ffffffff",
                            "5800",
                            "580161",
                            "590001aa",
                            "780161",
                            "79000161",
                            "7a0000000161",
                            "7b000000000000000161",
                            "980101",
                            "99000101",
                            "b801616101",
                            "b90001616101"}) {
        expect_refused(hex);
    }
}

TEST(Cbor, RefusesHeadsThatAreNotDefined) {
    for (const auto* hex :
         {"1c", "1d", "1e", "1f", "3c", "5c",   "5f",   "7c",   "7f", "9c", "9f",
          "bc", "bf", "dc", "df", "f8", "f814", "f815", "f816", "fc", "ff", "e0"}) {
        expect_refused(hex);
    }
}

TEST(Cbor, RefusesKeysThatComeTwiceOrOutOfOrder) {
    EXPECT_TRUE(parse_hex("a2616101616202"));
    expect_refused("a2616101616102");            // a, a
    expect_refused("a2616201616102");            // b, a
    expect_refused("a262616101616202");          // aa, b
    EXPECT_TRUE(parse_hex("a261620162616102"));  // b, aa: the shorter first
    expect_refused("a26161016002");              // a, ""
}

TEST(Cbor, RefusesTextThatIsNotUtf8) {
    for (const auto* hex :
         {"61ff", "62c0af", "63eda080", "64f4908080", "62e282", "6180", "a161ff01"}) {
        expect_refused(hex);
    }
}

TEST(Cbor, RefusesWhatFollowsTheEnd) {
    for (const auto& [json, hex] : examples) {
        expect_refused(std::string(hex) + "00");
        expect_refused(std::string(hex) + "ff");
    }
}

TEST(Cbor, RefusesEveryBrokenOffItem) {
    for (const auto& [json, hex] : examples) {
        for (std::size_t size = 0; size < hex.size(); size += 2)
            expect_refused(hex.substr(0, size));
    }
}

TEST(Cbor, DoesNotBelieveLengthsThatCannotBe) {
    for (const auto* hex :
         {"5affffffff", "5bffffffffffffffff", "7bffffffffffffffff00", "9affffffff",
          "9bffffffffffffffff00", "9b7fffffffffffffff00", "bbffffffffffffffff00",
          "bb800000000000000000", "baffffffff", "8201", "a16161", "5801"}) {
        expect_refused(hex);
    }
}

TEST(Cbor, GoesSixteenLevelsDeep) {
    const auto arrays = [](std::size_t depth) {
        Bytes octets(depth - 1, std::byte{0x81});
        octets.push_back(std::byte{0x80});
        return octets;
    };
    EXPECT_TRUE(parse_cbor(arrays(16)));
    EXPECT_EQ(parse_cbor(arrays(17)).error().reason, "codec/bad-cbor");
    EXPECT_FALSE(parse_cbor(arrays(1'000'000)));
    std::string maps;
    for (int level = 0; level < 16; ++level) maps += "a16161";
    EXPECT_TRUE(parse_hex(maps.substr(6) + "a0"));
    EXPECT_FALSE(parse_hex(maps + "a0"));
}

TEST(Cbor, CarriesEveryNumberOfSixtyFourBits) {
    for (const std::int64_t n :
         {std::int64_t{0}, std::int64_t{23}, std::int64_t{24}, std::int64_t{255}, std::int64_t{256},
          std::int64_t{65'535}, std::int64_t{65'536}, std::int64_t{4'294'967'295},
          std::int64_t{4'294'967'296}, std::numeric_limits<std::int64_t>::max()}) {
        for (const std::int64_t number : {n, -n, ~n}) {
            const Bytes octets = write_cbor(Value{number});
            const auto read = parse_cbor(octets);
            ASSERT_TRUE(read) << number << ": " << read.error().message;
            EXPECT_EQ(*read, Value{number});
        }
    }
    EXPECT_EQ(to_hex(write_cbor(Value{std::numeric_limits<std::int64_t>::min()})),
              "3b7fffffffffffffff");
    expect_refused("1b8000000000000000");
    expect_refused("3b8000000000000000");
}

TEST(Cbor, SortsKeysByTheirEncodingAndNotAsText) {
    const Value value{Object{{"aa", Value{true}},
                             {"b", Value{true}},
                             {"", Value{true}},
                             {std::string(24, 'a'), Value{true}}}};
    EXPECT_EQ(to_hex(write_cbor(value)),
              "a460f56162f5626161f57818" + to_hex(bytes_of(std::string(24, 'a'))) + "f5");
    EXPECT_EQ(*parse_cbor(write_cbor(value)), value);
}

TEST(Cbor, StringsOfThreeOctetsAreRefusedOrWrittenBack) {
    std::size_t accepted = 0;
    Bytes octets(3);
    for (unsigned n = 0; n < 1U << 24U; n += 251) {  // odd, so every octet comes in every place
        octets = {static_cast<std::byte>(n >> 16U), static_cast<std::byte>((n >> 8U) & 0xffU),
                  static_cast<std::byte>(n & 0xffU)};
        const auto value = parse_cbor(octets);
        if (!value) continue;
        ++accepted;
        ASSERT_EQ(write_cbor(*value), octets);
    }
    EXPECT_GT(accepted, 500U);
}

TEST(Cbor, EveryStringOfTwoOctetsIsRefusedOrWrittenBack) {
    std::size_t accepted = 0;
    for (unsigned n = 0; n < 1U << 16U; ++n) {
        const Bytes octets{static_cast<std::byte>(n >> 8U), static_cast<std::byte>(n & 0xffU)};
        const auto value = parse_cbor(octets);
        if (!value) continue;
        ++accepted;
        ASSERT_EQ(write_cbor(*value), octets);
    }
    // 2 x 232 numbers, 256 octets, 128 texts, and one element: 24 + 24 numbers, 2 booleans, 4
    // empty.
    EXPECT_EQ(accepted, 464U + 256U + 128U + 54U);
}

TEST(Cbor, GivesTheExamplesOfTheSpecification) {
    // docs/spec/codec.md section 6.
    EXPECT_EQ(to_hex(write_cbor(*parse_json("\"é\""))), "62c3a9");
    EXPECT_EQ(to_hex(write_cbor(*parse_json("-1000"))), "3903e7");
    EXPECT_EQ(to_hex(write_cbor(*parse_json(R"({"aa":[],"b":true})"))), "a26162f562616180");
    EXPECT_EQ(to_hex(write_cbor(Value{*from_hex("fb00")})), "42fb00");
    EXPECT_EQ(write_json(Value{*from_hex("fb00")}), "\"-wA\"");
}

TEST(CborReader, ReadsTagsNullAndOtherKeysWhenAsked) {
    const Bytes octets = *from_hex("d2a2012620f6");
    CborReader reader(octets);
    EXPECT_EQ(*reader.peek(), CborReader::Kind::tag);
    EXPECT_EQ(*reader.tag(), 18U);
    EXPECT_EQ(*reader.peek(), CborReader::Kind::map);
    EXPECT_EQ(*reader.map(), 2U);
    MapKeys keys;
    std::size_t start = reader.position();
    EXPECT_EQ(*reader.peek(), CborReader::Kind::unsigned_integer);
    EXPECT_EQ(*reader.integer(), 1);
    EXPECT_TRUE(keys.next(reader.since(start)));
    EXPECT_EQ(*reader.peek(), CborReader::Kind::negative_integer);
    EXPECT_EQ(*reader.integer(), -7);
    EXPECT_FALSE(reader.end());
    start = reader.position();
    EXPECT_EQ(*reader.integer(), -1);
    EXPECT_TRUE(keys.next(reader.since(start)));
    EXPECT_FALSE(keys.next(reader.since(start)));  // the same again
    EXPECT_EQ(*reader.peek(), CborReader::Kind::null);
    EXPECT_TRUE(reader.null());
    EXPECT_TRUE(reader.end());
    EXPECT_FALSE(reader.peek());
}

TEST(CborReader, RefusesAnotherKindThanAskedFor) {
    for (const auto* hex : {"01", "20", "41aa", "6161", "80", "a0", "c001", "f5", "f6"}) {
        const Bytes octets = *from_hex(hex);
        const auto reads = [&](auto read) {
            CborReader reader(octets);
            return (reader.*read)().has_value() ? 1 : 0;
        };
        EXPECT_EQ(reads(&CborReader::integer) + reads(&CborReader::bytes) +
                      reads(&CborReader::text) + reads(&CborReader::array) +
                      reads(&CborReader::map) + reads(&CborReader::tag) +
                      reads(&CborReader::boolean) + reads(&CborReader::null),
                  1)
            << hex;
    }
}

TEST(CborWriter, WritesWhatTheReaderReads) {
    CborWriter writer;
    writer.tag(18);
    writer.array(4);
    writer.bytes(*from_hex("a10126"));
    writer.map(0);
    writer.null();
    writer.boolean(false);
    EXPECT_EQ(to_hex(writer.take()), "d28443a10126a0f6f4");
    EXPECT_TRUE(writer.take().empty());
}

TEST(CborReader, NamesTheOctet) {
    EXPECT_EQ(parse_hex("8301f502").value(),
              (Value{Array{Value{std::int64_t{1}}, Value{true}, Value{std::int64_t{2}}}}));
    EXPECT_NE(parse_hex("8301f5f6").error().message.find("octet 3"), std::string::npos);
}

}  // namespace
}  // namespace comity::codec
