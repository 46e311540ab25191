// SPDX-License-Identifier: Apache-2.0
// How we trust JSON: the examples of RFC 8785 fix the writer, and each way in which a text could be
// read in two ways, or is not JSON, is refused with its reason and its place.
#include "codec/json.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace comity::codec {
namespace {

Value text(std::string_view content) { return Value{std::string(content)}; }
Value number(std::int64_t n) { return Value{n}; }

void expect_refused(std::string_view json, std::string_view reason,
                    std::string_view message_start = "") {
    const auto value = parse_json(json);
    ASSERT_FALSE(value) << json;
    EXPECT_EQ(value.error().reason, reason) << json << "\n" << value.error().message;
    EXPECT_TRUE(value.error().message.starts_with(message_start)) << value.error().message;
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonReader, ReadsEveryKindOfValue) {
    const auto value =
        parse_json(" {\"a\" : [true,false, 0, -7, \"x\"],\r\n\t\"b\":{}, \"\":\"\" } \n");
    ASSERT_TRUE(value) << value.error().message;
    const Value expected{Object{
        {"a", Value{Array{Value{true}, Value{false}, number(0), number(-7), text("x")}}},
        {"b", Value{Object{}}},
        {"", text("")},
    }};
    EXPECT_EQ(*value, expected);
}

TEST(JsonReader, ReadsScalarsOnTheirOwn) {
    EXPECT_EQ(*parse_json("true"), Value{true});
    EXPECT_EQ(*parse_json("12"), number(12));
    EXPECT_EQ(*parse_json("\"é\""), text("é"));
    EXPECT_EQ(*parse_json("[]"), Value{Array{}});
}

TEST(JsonReader, ReadsEveryEscape) {
    EXPECT_EQ(*parse_json(R"("\"\\\/\b\f\n\r\t\u00e9\u20AC\ud83d\ude00")"),
              text("\"\\/\b\f\n\r\té€😀"));
    EXPECT_EQ(*parse_json(R"("a\u0000b")"), text(std::string_view("a\0b", 3)));
    EXPECT_EQ(*parse_json(R"({"\u0061":1})"), (Value{Object{{"a", number(1)}}}));
}

TEST(JsonReader, RefusesEveryNumberButWholeOnesInRange) {
    for (const auto* json : {"1.0",
                             "0.5",
                             "1e2",
                             "1E2",
                             "1e400",
                             "-1e400",
                             "1e-400",
                             "10e-1",
                             "-0",
                             "-01",
                             "-0.0",
                             "9007199254740992",
                             "-9007199254740992",
                             "9223372036854775807",
                             "9223372036854775808",
                             "-9223372036854775808",
                             "-9223372036854775809",
                             "18446744073709551615",
                             "18446744073709551616",
                             "123456789012345678901234567890"}) {
        expect_refused(json, "codec/bad-number");
        expect_refused("[1,{\"n\":" + std::string(json) + "}]", "codec/bad-number", "/1/n: ");
    }
    EXPECT_EQ(*parse_json("9007199254740991"), number(9'007'199'254'740'991));
    EXPECT_EQ(*parse_json("-9007199254740991"), number(-9'007'199'254'740'991));
}

TEST(JsonReader, RefusesWhatIsNotANumberInJson) {
    for (const auto* json : {"NaN", "Infinity", "-Infinity", "-", "+1", "01", "1.", ".5", "0x10",
                             "1e", "1_000", "--1"}) {
        expect_refused(json, "codec/bad-json");
    }
}

TEST(JsonReader, RefusesNullAnywhere) {
    expect_refused("null", "codec/null", "Leave out");
    expect_refused("[true,null]", "codec/null", "/1: ");
    expect_refused(R"({"a":{"b":null}})", "codec/null", "/a/b: ");
}

TEST(JsonReader, RefusesAMemberThatComesTwice) {
    expect_refused(R"({"a":1,"a":1})", "codec/duplicate-member", "/a: ");
    expect_refused(R"([{"a":{"b":1,"c":2,"b":3}}])", "codec/duplicate-member", "/0/a/b: ");
    expect_refused(R"({"a":1,"\u0061":2})", "codec/duplicate-member", "/a: ");
    expect_refused(R"({"":1,"":2})", "codec/duplicate-member", "/: ");
    EXPECT_TRUE(parse_json(R"({"a":{"a":{"a":1}},"b":{"a":1}})"));
}

TEST(JsonReader, RefusesWhatIsNotJson) {
    for (const auto* json :
         {"",       " ",       "{",        "[",          "[1",          "[1,",
          "[1,]",   "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",       "{'a':1}",
          "{1:1}",  "\"a",     "\"\\x\"",  "\"\\u12\"",  "\"\\u12g4\"", "\"a\nb\"",
          "\"\t\"", "tru",     "True",     "[1]]",       "{} {}",       "1 2",
          "[1]x",   "// c\n1", "/* c */1", "[1,//\n2]",  "[1 2]",       "\xef\xbb\xbf{}",
          "\v1",    "]",       "}",        "{]",         ",",           "undefined"}) {
        expect_refused(json, "codec/bad-json");
    }
    expect_refused(std::string_view("\"a\0b\"", 5), "codec/bad-json");
    expect_refused(std::string_view("1\0", 2), "codec/bad-json");
}

TEST(JsonReader, RefusesLoneSurrogates) {
    for (const auto* json :
         {R"("\ud800")", R"("\udc00")", R"("\ud83dx")", R"("\ud83d\n")", R"("\ud83d\ud83d")",
          R"("\ude00\ud83d")", R"("\ud83d\u0041")", R"({"\ud800":1})"}) {
        expect_refused(json, "codec/bad-json");
    }
}

TEST(JsonReader, RefusesWhatIsNotUtf8) {
    for (const auto* octets :
         {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"}) {
        expect_refused('"' + std::string(octets) + '"', "codec/bad-utf8");
        expect_refused("{\"" + std::string(octets) + "\":1}", "codec/bad-utf8");
        expect_refused("1 " + std::string(octets), "codec/bad-utf8");
    }
}

TEST(JsonReader, RefusesDepthAndSizeBeyondTheLimits) {
    EXPECT_TRUE(parse_json(nested(32)));
    expect_refused(nested(33), "codec/too-deep", std::string_view("/0/0"));
    EXPECT_TRUE(parse_json(R"([{"a":[]}])", {.depth_max = 3}));
    EXPECT_EQ(parse_json(R"([{"a":[]}])", {.depth_max = 2}).error().reason, "codec/too-deep");
    EXPECT_EQ(parse_json(R"([{"a":{}}])", {.depth_max = 2}).error().message.substr(0, 5), "/0/a:");
    expect_refused(std::string(60'000, '['), "codec/too-deep");
    EXPECT_TRUE(parse_json("1", {.depth_max = 0}));
    EXPECT_FALSE(parse_json("[]", {.depth_max = 0}));

    EXPECT_TRUE(parse_json('"' + std::string(65'533, 'a') + '"'));
    const auto large = parse_json('"' + std::string(65'534, 'a') + '"');
    EXPECT_EQ(large.error().reason, "codec/too-large");
    EXPECT_EQ(large.error().code, Code::too_large);
}

TEST(JsonReader, EscapesAndCutsNamesInThePointer) {
    expect_refused(R"({"a/b~c":null})", "codec/null", "/a~1b~0c: ");
    expect_refused(R"({"a\nb\u001b":null})", "codec/null", "/a?b?: ");
    const auto value = parse_json("{\"" + std::string(1'000, 'n') + "\":null}");
    EXPECT_LT(value.error().message.size(), 200U);
}

TEST(JsonReader, NeverFailsToRefuseABrokenOffText) {
    const std::string json = R"({"a":[true,-12,"\u00e9\ud83d\ude00x"],"b":{"c":"d"}})";
    ASSERT_TRUE(parse_json(json));
    for (std::size_t size = 0; size < json.size(); ++size) {
        EXPECT_FALSE(parse_json(std::string_view(json).substr(0, size))) << size;
    }
}

TEST(JsonWriter, EscapesAsRfc8785Section3_2_2_2) {
    const auto value = parse_json(R"("\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/")");
    ASSERT_TRUE(value);
    EXPECT_EQ(write_json(*value), R"("€$\u000f\nA'B\"\\\\\"/")");
}

TEST(JsonWriter, EscapesEveryControlCharacterTheShortestWay) {
    EXPECT_EQ(write_json(text("\b\t\n\f\r")), R"("\b\t\n\f\r")");
    EXPECT_EQ(write_json(text(std::string_view("\0\x01\x1f\x7f", 4))),
              "\"\\u0000\\u0001\\u001f\x7f\"");
    EXPECT_EQ(write_json(text("</script>é€😀\u2028")), "\"</script>é€😀\u2028\"");
}

TEST(JsonWriter, SortsAsRfc8785Section3_2_3) {
    const auto value = parse_json(R"({
        "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis"})");
    ASSERT_TRUE(value);
    EXPECT_EQ(write_json(*value),
              "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
              "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
              "\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}");
}

TEST(JsonWriter, SortsNestedObjectsAsRfc8785Section3_2_3) {
    // The parts of the published "structures" and "french" test data that this data model has.
    const auto value = parse_json(
        R"({"1":{"f":{"f":"hi","F":5},"\n":56},"10":{},"":"empty","a":{},"111":[{"e":"yes","E":"no"}],"A":{}})");
    ASSERT_TRUE(value);
    EXPECT_EQ(
        write_json(*value),
        R"({"":"empty","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],"A":{},"a":{}})");
    EXPECT_EQ(write_json(*parse_json(R"({"peach":1,"péché":2,"pêche":3,"sin":4})")),
              R"({"peach":1,"péché":2,"pêche":3,"sin":4})");
}

TEST(JsonWriter, SortsByUtf16UnitsWhereOctetsWouldNot) {
    // As octets these stand in this order; as UTF-16 the last three come before U+E000.
    const std::vector<std::pair<std::string, std::u16string>> names{{"", u""},
                                                                    {"a", u"a"},
                                                                    {"ab", u"ab"},
                                                                    {"\u07ff", u"\u07ff"},
                                                                    {"\ud7ff", u"\ud7ff"},
                                                                    {"\ue000", u"\ue000"},
                                                                    {"\ufb33x", u"\ufb33x"},
                                                                    {"\uffff", u"\uffff"},
                                                                    {"\U00010000", u"\U00010000"},
                                                                    {"😀", u"😀"},
                                                                    {"\U0010ffff", u"\U0010ffff"}};
    for (const auto& [a, a16] : names) {
        for (const auto& [b, b16] : names) {
            if (a == b) continue;
            const std::string json = write_json(Value{Object{{a, number(1)}, {b, number(2)}}});
            EXPECT_EQ(json.find('1') < json.find('2'), a16 < b16) << json;
        }
    }
}

TEST(JsonWriter, WritesOctetsAsBase64url) {
    EXPECT_EQ(write_json(Value{Bytes{std::byte{0xfb}, std::byte{0xff}}}), "\"-_8\"");
}

TEST(JsonWriter, WritesANumberThatOnlyCborCarriesInDigits) {
    EXPECT_EQ(write_json(number(INT64_MIN)), "-9223372036854775808");
    expect_refused(write_json(number(INT64_MIN)), "codec/bad-number");
}

TEST(JsonWriter, WritesForPeople) {
    const auto value = parse_json(R"({"b":[1,[],{"x":"y"}],"a":{}})");
    ASSERT_TRUE(value);
    EXPECT_EQ(write_json_pretty(*value), R"({
  "a": {},
  "b": [
    1,
    [],
    {
      "x": "y"
    }
  ]
})");
    EXPECT_EQ(*parse_json(write_json_pretty(*value)), *value);
}

}  // namespace
}  // namespace comity::codec
