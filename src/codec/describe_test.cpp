// SPDX-License-Identifier: Apache-2.0
// How we trust the conversion: one struct with every kind of member goes both ways, and each member
// of it is then left out, mistyped, bent out of range and doubled, in both forms.
#include "codec/describe.h"

#include <gtest/gtest.h>

#include <boost/describe.hpp>
#include <limits>

#include "base/base64.h"
#include "base/id.h"
#include "base/language.h"
#include "base/rational.h"
#include "base/time.h"

namespace comity::codec {
namespace {

using ThingId = Id<struct ThingTag>;

enum class Colour { red, deep_blue };
BOOST_DESCRIBE_ENUM(Colour, red, deep_blue)

struct Point {
    std::int32_t x = 0;
    std::uint32_t y = 0;
    bool operator==(const Point&) const = default;
};
BOOST_DESCRIBE_STRUCT(Point, (), (x, y))

struct Circle {
    static constexpr std::string_view kind = "circle";
    Point centre;
    std::int64_t radius = 0;
    bool operator==(const Circle&) const = default;
};
BOOST_DESCRIBE_STRUCT(Circle, (), (centre, radius))

struct Nothing {
    static constexpr std::string_view kind = "nothing";
    bool operator==(const Nothing&) const = default;
};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

struct Thing {
    ThingId id;
    bool open = false;
    std::int64_t balance = 0;
    std::uint64_t count = 0;
    std::string title;
    Bytes octets;
    Colour colour = Colour::red;
    Timestamp made_at;
    Rational share;
    std::optional<std::string> note;
    std::optional<Point> place;
    std::vector<Point> path;
    std::array<bool, 2> switches{};
    std::set<ThingId> parts;
    std::map<std::string, std::int64_t> amounts;
    LocalizedText names;
    std::variant<Circle, Nothing> shape;
    Value extra;
    bool operator==(const Thing&) const = default;
};
BOOST_DESCRIBE_STRUCT(Thing, (),
                      (id, open, balance, count, title, octets, colour, made_at, share, note, place,
                       path, switches, parts, amounts, names, shape, extra))

Thing full_thing() {
    Thing thing;
    thing.id = *ThingId::parse("thing-1");
    thing.open = true;
    thing.balance = -5;
    thing.count = 7;
    thing.title = "Größe \"XL\"";
    thing.octets = {std::byte{0xfb}, std::byte{0x00}};
    thing.colour = Colour::deep_blue;
    thing.made_at = *Timestamp::parse("2026-07-16T09:00:00Z");
    thing.share = *Rational::parse("2/3");
    thing.note = "";
    thing.place = Point{.x = -1, .y = 2};
    thing.path = {{.x = 1, .y = 1}, {}};
    thing.switches = {true, false};
    thing.parts = {*ThingId::parse("b"), *ThingId::parse("a")};
    thing.amounts = {{"", 1}, {"gpu-hour", 2}};
    thing.names = {{*LanguageTag::parse("en"), "Thing"}, {*LanguageTag::parse("fr"), "Chose"}};
    thing.shape = Circle{.centre = {.x = 3, .y = 4}, .radius = 5};
    thing.extra = Value{Array{Value{true}, Value{std::string("x")}}};
    return thing;
}

Object object_of(const Thing& thing) { return *to_value(thing).as<Object>(); }

/// The error of reading `object`, which must be the same in both forms.
Error error_of(const Object& object) {
    const auto from_text = from_json<Thing>(write_json(Value{object}));
    const auto from_octets = from_cbor<Thing>(write_cbor(Value{object}));
    EXPECT_FALSE(from_text);
    EXPECT_FALSE(from_octets);
    if (from_text || from_octets) return {Code::invalid, "test/read", "It was read."};
    EXPECT_EQ(from_text.error().reason, from_octets.error().reason);
    EXPECT_EQ(from_text.error().code, Code::invalid);
    return from_text.error();
}

void expect_refused(const Object& object, std::string_view reason, std::string_view message_start) {
    const Error error = error_of(object);
    EXPECT_EQ(error.reason, reason) << error.message;
    EXPECT_TRUE(error.message.starts_with(message_start)) << error.message;
}

Value parsed(std::string_view json) { return *parse_json(json); }

TEST(Describe, HasThisForm) {
    EXPECT_EQ(to_json(full_thing()),
              R"({"amounts":{"":1,"gpu-hour":2},"balance":-5,"colour":"deep_blue","count":7,)"
              R"("extra":[true,"x"],"id":"thing-1","made_at":"2026-07-16T09:00:00Z",)"
              R"("names":{"en":"Thing","fr":"Chose"},"note":"","octets":"-wA","open":true,)"
              R"("parts":["a","b"],"path":[{"x":1,"y":1},{"x":0,"y":0}],"place":{"x":-1,"y":2},)"
              R"("shape":{"centre":{"x":3,"y":4},"kind":"circle","radius":5},"share":"2/3",)"
              R"("switches":[true,false],"title":"Größe \"XL\""})");
}

TEST(Describe, RoundTripsInBothForms) {
    Thing sparse = full_thing();
    sparse.note.reset();
    sparse.place.reset();
    sparse.path.clear();
    sparse.shape = Nothing{};
    for (const Thing& thing : {full_thing(), sparse}) {
        const auto from_text = from_json<Thing>(to_json(thing));
        ASSERT_TRUE(from_text) << from_text.error().message;
        EXPECT_EQ(*from_text, thing);
        const auto from_octets = from_cbor<Thing>(to_cbor(thing));
        ASSERT_TRUE(from_octets) << from_octets.error().message;
        EXPECT_EQ(*from_octets, thing);
        EXPECT_EQ(*from_value<Thing>(to_value(thing)), thing);
    }
}

TEST(Describe, EveryMemberButAnOptionalIsRequired) {
    for (const auto& [name, value] : object_of(full_thing())) {
        Object object = object_of(full_thing());
        object.erase(name);
        if (name == "note" || name == "place") {
            EXPECT_TRUE(from_json<Thing>(write_json(Value{object})));
        } else {
            expect_refused(object, "codec/missing-member", "/" + name + ": ");
        }
    }
}

TEST(Describe, EveryMemberHasItsType) {
    for (const auto& [name, value] : object_of(full_thing())) {
        if (name == "extra") continue;
        for (const Value& other : {Value{true}, Value{std::int64_t{1}}, Value{std::string("x")},
                                   Value{Array{}}, Value{Object{}}}) {
            if (other.data.index() == value.data.index() || name == "octets") continue;
            Object object = object_of(full_thing());
            object[name] = other;
            expect_refused(object, "codec/wrong-type", "/" + name + ": Expected ");
        }
    }
}

TEST(Describe, EveryObjectRefusesAMemberThatItDoesNotKnow) {
    Object object = object_of(full_thing());
    object["colours"] = Value{true};
    expect_refused(object, "codec/unknown-member",
                   "/colours: Unknown member; known here: id, open");
    object = object_of(full_thing());
    object[""] = Value{true};
    expect_refused(object, "codec/unknown-member", "/: ");
    object = object_of(full_thing());
    object["kind"] = Value{std::string("thing")};
    expect_refused(object, "codec/unknown-member", "/kind: ");
    object = object_of(full_thing());
    object["path"] = parsed(R"([{"x":1,"y":1},{"x":0,"y":0,"z":0}])");
    expect_refused(object, "codec/unknown-member", "/path/1/z: ");
    object["path"] = parsed("[]");
    object["shape"] = parsed(R"({"kind":"nothing","radius":5})");
    expect_refused(object, "codec/unknown-member",
                   "/shape/radius: Unknown member; this object has none.");
}

TEST(Describe, NamesThePlaceOfWhatIsNested) {
    Object object = object_of(full_thing());
    object["path"] = parsed(R"([{"x":1,"y":1},{"x":0}])");
    expect_refused(object, "codec/missing-member", "/path/1/y: ");
    object["path"] = parsed(R"([{"x":1,"y":true}])");
    expect_refused(object, "codec/wrong-type",
                   "/path/0/y: Expected a number, found true or false.");
    object = object_of(full_thing());
    object["amounts"] = parsed(R"({"a/b":"x"})");
    expect_refused(object, "codec/wrong-type", "/amounts/a~1b: ");
    object = object_of(full_thing());
    object["names"] = parsed(R"({"english":"Thing"})");
    expect_refused(object, "base/bad-language", "/names/english: ");
    object = object_of(full_thing());
    object["place"] = parsed(R"({"x":1})");
    expect_refused(object, "codec/missing-member", "/place/y: ");
}

TEST(Describe, RefusesWhatIsOutOfRange) {
    const std::map<std::string, std::vector<std::string>> bent{
        {"count", {"-1"}},
        {"colour", {R"("blue")", R"("")", R"("Red")", R"("red ")"}},
        {"switches", {"[]", "[true]", "[true,true,true]"}},
        {"path",
         {R"([{"x":2147483648,"y":0}])", R"([{"x":-2147483649,"y":0}])", R"([{"x":0,"y":-1}])",
          R"([{"x":0,"y":4294967296}])"}},
        {"shape", {R"({"kind":"square"})", R"({"kind":""})", R"({"kind":"Circle"})"}},
    };
    for (const auto& [name, values] : bent) {
        for (const std::string& json : values) {
            Object object = object_of(full_thing());
            object[name] = parsed(json);
            expect_refused(object, "codec/out-of-range", "/" + name);
        }
    }
    Object object = object_of(full_thing());
    object["path"] = parsed(R"([{"x":-2147483648,"y":4294967295},{"x":2147483647,"y":0}])");
    EXPECT_TRUE(from_json<Thing>(write_json(Value{object})));
}

TEST(Describe, RefusesABentTextOfATypeWithTheReasonOfItsParser) {
    const std::vector<std::tuple<std::string, std::string, std::string>> bent{
        {"id", "Thing 1", "base/bad-id"},
        {"made_at", "2026-07-16T09:00:60Z", "base/bad-time"},
        {"share", "4/6", "base/bad-rational"},
    };
    for (const auto& [name, text, reason] : bent) {
        Object object = object_of(full_thing());
        object[name] = Value{text};
        expect_refused(object, reason, "/" + name + ": ");
    }
}

TEST(Describe, AVariantNeedsAKind) {
    Object object = object_of(full_thing());
    object["shape"] = parsed(R"({"centre":{"x":3,"y":4},"radius":5})");
    expect_refused(object, "codec/missing-member", "/shape/kind: ");
    object["shape"] = parsed(R"({"kind":1})");
    expect_refused(object, "codec/wrong-type", "/shape/kind: ");
    object["shape"] = parsed(R"({"kind":"circle","centre":{"x":3,"y":4}})");
    expect_refused(object, "codec/missing-member", "/shape/radius: ");
    object["shape"] =
        parsed(R"({"kind":"circle","radius":5,"centre":{"x":3,"y":4,"kind":"circle"}})");
    expect_refused(object, "codec/unknown-member", "/shape/centre/kind: ");
}

TEST(Describe, ASetHoldsEachElementOnceAndIsWrittenInOrder) {
    Object object = object_of(full_thing());
    object["parts"] = parsed(R"(["a","b","a"])");
    expect_refused(object, "codec/duplicate-element", "/parts/2: ");
    object["parts"] = parsed(R"(["b","a"])");
    EXPECT_EQ(*from_json<Thing>(write_json(Value{object})), full_thing());
}

/// A scalar with two texts for each value, to show what then keeps map keys apart.
struct Letter {
    char lower = 'a';
    static Result<Letter> parse(std::string_view text) {
        if (text.size() != 1) return Error{Code::invalid, "test/bad-letter", "Give one letter."};
        return Letter{static_cast<char>(text[0] | 0x20)};
    }
    std::string text() const { return {lower}; }
    auto operator<=>(const Letter&) const = default;
};

TEST(Describe, TwoSpellingsOfOneKeyAreRefused) {
    using Letters = std::map<Letter, bool>;
    EXPECT_TRUE(from_json<Letters>(R"({"A":true,"b":true})"));
    EXPECT_EQ(from_json<Letters>(R"({"A":true,"a":true})").error().reason,
              "codec/duplicate-element");
}

TEST(Describe, OctetsHaveOneFormInEachEncoding) {
    const Bytes octets{std::byte{0xfb}, std::byte{0x00}};
    EXPECT_EQ(*from_json<Bytes>("\"-wA\""), octets);
    EXPECT_EQ(from_json<Bytes>("\"-wB\"").error().reason, "base/bad-base64");
    EXPECT_EQ(from_json<Bytes>("\"+wA=\"").error().reason, "base/bad-base64");
    EXPECT_EQ(from_json<Bytes>("[251,0]").error().reason, "codec/wrong-type");
    EXPECT_EQ(*from_cbor<Bytes>(write_cbor(Value{octets})), octets);
    EXPECT_EQ(from_cbor<Bytes>(write_cbor(Value{std::string("-wA")})).error().reason,
              "codec/wrong-type");
    EXPECT_EQ(*from_value<Bytes>(Value{octets}), octets);
    EXPECT_EQ(*from_value<Bytes>(Value{std::string("-wA")}), octets);
    EXPECT_EQ(from_cbor<std::string>(write_cbor(Value{octets})).error().reason, "codec/wrong-type");
}

TEST(Describe, PassesTheErrorsOfTheReaderOn) {
    EXPECT_EQ(from_json<Point>(R"({"x":1,"x":1,"y":1})").error().reason, "codec/duplicate-member");
    EXPECT_EQ(from_json<Point>(R"({"x":1.5,"y":1})").error().reason, "codec/bad-number");
    EXPECT_EQ(from_json<Point>(R"({"x":1,"y":1}})").error().reason, "codec/bad-json");
    EXPECT_EQ(from_json<Point>(R"({"x":1,"y":1})", {.bytes_max = 12}).error().reason,
              "codec/too-large");
    EXPECT_EQ(from_cbor<Point>(Bytes{}).error().reason, "codec/bad-cbor");
}

TEST(Describe, AMessageShowsUntrustedTextShortAndOnOneLine) {
    const auto colour = from_json<Colour>("\"" + std::string(500, 'r') + "\"");
    EXPECT_LT(colour.error().message.size(), 150U);
    EXPECT_EQ(from_json<Colour>(R"("\u001b[2J\n")").error().message,
              "Unknown value \"?[2J?\"; use one of red, deep_blue.");
}

TEST(Describe, NumbersOfEveryWidthStayInRange) {
    EXPECT_EQ(*from_json<std::uint8_t>("255"), 255);
    EXPECT_FALSE(from_json<std::uint8_t>("256"));
    EXPECT_EQ(*from_json<std::uint64_t>("9007199254740991"), 9'007'199'254'740'991U);
    constexpr auto largest = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(*from_cbor<std::uint64_t>(to_cbor(largest)), std::uint64_t{largest});
    EXPECT_EQ(*from_cbor<std::int64_t>(to_cbor(-largest)), -largest);
    EXPECT_DEATH((void)to_cbor(std::uint64_t{largest} + 1), "check failed");
}

}  // namespace
}  // namespace comity::codec
