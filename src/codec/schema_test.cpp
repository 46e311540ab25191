// SPDX-License-Identifier: Apache-2.0
// How we trust the schema: each kind of member has its schema written out here, as a person would.
#include "codec/schema.h"

#include <gtest/gtest.h>

#include <boost/describe.hpp>

#include "base/id.h"
#include "base/language.h"
#include "base/rational.h"
#include "base/time.h"

namespace comity::codec {
namespace {

enum class Vote { yes, no };
BOOST_DESCRIBE_ENUM(Vote, yes, no)

struct Ballot {
    static constexpr std::string_view kind = "ballot";
    Vote vote = Vote::yes;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(Ballot, (), (vote, reason))

struct Absence {
    static constexpr std::string_view kind = "absence";
};
BOOST_DESCRIBE_STRUCT(Absence, (), ())

template <class T>
void expect_schema(std::string_view json) {
    const auto expected = parse_json(json);
    ASSERT_TRUE(expected) << expected.error().message;
    const Value schema = json_schema<T>();
    Object root = *schema.as<Object>();
    EXPECT_EQ(root["$schema"], Value{std::string("https://json-schema.org/draft/2020-12/schema")});
    root.erase("$schema");
    EXPECT_EQ(write_json_pretty(Value{root}), write_json_pretty(*expected));
}

TEST(Schema, OfScalars) {
    expect_schema<bool>(R"({"type":"boolean"})");
    expect_schema<std::string>(R"({"type":"string"})");
    expect_schema<Bytes>(
        R"({"type":"string","contentEncoding":"base64url","pattern":"^[A-Za-z0-9_-]*$"})");
    expect_schema<Vote>(R"({"type":"string","enum":["yes","no"]})");
}

TEST(Schema, OfATextWithATypeOfItsOwnHasItsPattern) {
    expect_schema<Id<struct AnyTag>>(
        R"({"type":"string","pattern":"^(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*$"})");
    expect_schema<Date>(R"({"type":"string","pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"})");
    expect_schema<Timestamp>(
        R"({"type":"string","pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"})");
    expect_schema<Rational>(R"({"type":"string","pattern":"^-?[0-9]+(/[0-9]+)?$"})");
}

TEST(Schema, OfNumbersSaysTheRangeThatJsonCarries) {
    expect_schema<std::int32_t>(R"({"type":"integer","minimum":-2147483648,"maximum":2147483647})");
    expect_schema<std::uint32_t>(R"({"type":"integer","minimum":0,"maximum":4294967295})");
    expect_schema<std::int64_t>(
        R"({"type":"integer","minimum":-9007199254740991,"maximum":9007199254740991})");
    expect_schema<std::uint64_t>(R"({"type":"integer","minimum":0,"maximum":9007199254740991})");
}

TEST(Schema, OfContainers) {
    expect_schema<std::vector<bool>>(R"({"type":"array","items":{"type":"boolean"}})");
    expect_schema<std::array<bool, 2>>(
        R"({"type":"array","items":{"type":"boolean"},"minItems":2,"maxItems":2})");
    expect_schema<std::set<std::string>>(
        R"({"type":"array","items":{"type":"string"},"uniqueItems":true})");
    expect_schema<std::map<std::string, bool>>(
        R"({"type":"object","additionalProperties":{"type":"boolean"}})");
    expect_schema<LocalizedText>(
        R"({"type":"object","additionalProperties":{"type":"string"},
            "propertyNames":{"pattern":"^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$"}})");
    expect_schema<std::vector<Value>>(R"({"type":"array","items":true})");
}

TEST(Schema, OfAStructRequiresAllButTheOptional) {
    expect_schema<Ballot>(R"({"type":"object","additionalProperties":false,"required":["vote"],
        "properties":{"vote":{"type":"string","enum":["yes","no"]},"reason":{"type":"string"}}})");
    expect_schema<Absence>(
        R"({"type":"object","additionalProperties":false,"required":[],"properties":{}})");
}

TEST(Schema, OfAVariantTellsTheAlternativesByKind) {
    expect_schema<std::variant<Ballot, Absence>>(R"({"oneOf":[
        {"type":"object","additionalProperties":false,"required":["kind","vote"],
         "properties":{"kind":{"const":"ballot"},"vote":{"type":"string","enum":["yes","no"]},
                       "reason":{"type":"string"}}},
        {"type":"object","additionalProperties":false,"required":["kind"],
         "properties":{"kind":{"const":"absence"}}}]})");
}

TEST(Schema, OfAnythingIsTrue) { EXPECT_EQ(json_schema<Value>(), Value{true}); }

}  // namespace
}  // namespace comity::codec
