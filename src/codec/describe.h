// SPDX-License-Identifier: Apache-2.0
#pragma once

// Conversion by description: a struct that names its members once gives its JSON and its CBOR.
//
//     struct Motion { MotionId id; std::string title; std::optional<Timestamp> closes_at; };
//     BOOST_DESCRIBE_STRUCT(Motion, (), (id, title, closes_at))
//
//     const Motion motion = TRY(codec::from_json<Motion>(body));
//
// Reading is strict: every member is known, present unless optional, of its type and in its range.
// Reading what was written gives the value back. Messages start with the JSON pointer (RFC 6901).
// Member types and their forms are listed in docs/spec/codec.md. This header knows no JSON library
// and stays cheap to include.

#include <array>
#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/describe/modifiers.hpp>
#include <boost/mp11/algorithm.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/cbor.h"
#include "codec/json.h"
#include "codec/value.h"

namespace comity::codec {

/// A type with one text: a digest, an id, a timestamp. It is that text in JSON and CBOR, and may be
/// the key of a map. parse(text()) must give the value back.
template <class T>
concept TextScalar = requires(std::string_view text, const T& value) {
    { T::parse(text) } -> std::same_as<Result<T>>;
    { value.text() } -> std::convertible_to<std::string>;
};

/// A struct with BOOST_DESCRIBE_STRUCT: an object with its member names.
template <class T>
concept DescribedStruct = boost::describe::has_describe_members<T>::value && !TextScalar<T>;

/// An enum with BOOST_DESCRIBE_ENUM: the text of the enumerator's name.
template <class T>
concept DescribedEnum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

/// A number that Value can hold, but no character.
template <class T>
concept WholeNumber = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
                      !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                      !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

/// The value of a described type. Never fails, but a std::uint64_t must fit std::int64_t.
template <class T>
Value to_value(const T& object);

/// Reads what to_value wrote. Octets may stand as such or as base64url text. Errors, all invalid:
/// - "codec/unknown-member", "codec/missing-member", "codec/wrong-type"
/// - "codec/out-of-range": a number, an enumerator, a kind, the length of an array
/// - "codec/duplicate-element": an element of a set, or a key of a map, comes twice
/// - "base/bad-base64" for octets, and the parser's own reason for a text with its own type
template <class T>
Result<T> from_value(const Value& value);

/// As from_value, with octets as base64url text; and the errors of parse_json.
template <class T>
Result<T> from_json(std::string_view text, const JsonLimits& limits = {});

template <class T>
std::string to_json(const T& object);

/// As from_value, with octets as a byte string; and the errors of parse_cbor.
template <class T>
Result<T> from_cbor(BytesView octets);

template <class T>
Bytes to_cbor(const T& object);

namespace detail {

enum class OctetsForm { either, text, octets };

/// The way from the document to a value, kept on the stack and made into text only for a message.
struct Place {
    const Place* parent = nullptr;
    std::string_view member = {};  ///< unless it is an element
    std::optional<std::size_t> element = std::nullopt;
    OctetsForm octets_form = OctetsForm::either;

    Place at_member(std::string_view name) const { return {this, name, {}, octets_form}; }
    Place at_element(std::size_t index) const { return {this, {}, index, octets_form}; }
    std::string pointer() const;
};

Error error_at(const Place& place, std::string_view reason, std::string_view message);
/// `inner` with the pointer before its message.
Error error_at(const Place& place, Error inner);
Error wrong_type(const Place& place, std::string_view expected, const Value& found);
Error not_one_of(const Place& place, std::string_view what,
                 const std::vector<std::string_view>& known, std::string_view found);

/// The alternative of `value` that is an X.
template <class X>
Result<const X*> expect(const Value& value, const Place& place, std::string_view expected) {
    const X* content = value.as<X>();
    if (content == nullptr) return wrong_type(place, expected, value);
    return content;
}

Result<std::int64_t> read_number(const Value& value, const Place& place, std::int64_t min,
                                 std::int64_t max);
Result<Bytes> read_bytes(const Value& value, const Place& place);

/// Fails when `object` has a member besides `known` and `tag`.
Result<> check_known(const Object& object, const Place& place,
                     const std::vector<std::string_view>& known, std::string_view tag);
/// The member, or nullptr when it is absent.
const Value* find_member(const Object& object, std::string_view name);
Error missing_member(const Place& place);

/// A std::uint64_t that passes 2^63 - 1 is a bug of the caller.
std::int64_t checked_number(std::uint64_t number);

template <class T, template <class...> class Template>
inline constexpr bool is_a = false;
template <class... Args, template <class...> class Template>
inline constexpr bool is_a<Template<Args...>, Template> = true;

template <class T>
inline constexpr bool is_array = false;
template <class T, std::size_t N>
inline constexpr bool is_array<std::array<T, N>> = true;

template <class T>
inline constexpr bool always_false = false;

template <class T>
using MembersOf = boost::describe::describe_members<T, boost::describe::mod_public>;

template <class T, class Member>
using MemberType = std::remove_cvref_t<decltype(std::declval<T&>().*Member::pointer)>;

template <class T>
const std::vector<std::string_view>& member_names() {
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> all;
        boost::mp11::mp_for_each<MembersOf<T>>([&](auto member) { all.emplace_back(member.name); });
        return all;
    }();
    return names;
}

template <class T>
consteval bool describes_member(std::string_view name) {
    bool is_found = false;
    boost::mp11::mp_for_each<MembersOf<T>>([&](auto member) {
        if (member.name == name) is_found = true;
    });
    return is_found;
}

template <class E>
const std::vector<std::string_view>& enumerator_names() {
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> all;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>(
            [&](auto enumerator) { all.emplace_back(enumerator.name); });
        return all;
    }();
    return names;
}

// Writing --------------------------------------------------------------------------------------

template <class K>
std::string key_text(const K& key) {
    if constexpr (std::same_as<K, std::string>) {
        return key;
    } else {
        static_assert(TextScalar<K>, "the key of a map is a std::string or has one text");
        return key.text();
    }
}

template <DescribedEnum E>
std::string enumerator_text(E value) {
    std::string text;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto enumerator) {
        if (enumerator.value == value) text = enumerator.name;
    });
    COMITY_CHECK(!text.empty());
    return text;
}

template <DescribedStruct T>
Object write_struct(const T& object) {
    Object members;
    boost::mp11::mp_for_each<MembersOf<T>>([&](auto member) {
        const auto& field = object.*member.pointer;
        if constexpr (is_a<MemberType<T, decltype(member)>, std::optional>) {
            if (field) members.emplace(member.name, to_value(*field));
        } else {
            members.emplace(member.name, to_value(field));
        }
    });
    return members;
}

template <class... Alternatives>
Value write_variant(const std::variant<Alternatives...>& choice) {
    return std::visit(
        [](const auto& alternative) {
            using Alternative = std::remove_cvref_t<decltype(alternative)>;
            static_assert(!describes_member<Alternative>("kind"));
            Object members = write_struct(alternative);
            members.emplace("kind", Value{std::string(Alternative::kind)});
            return Value{std::move(members)};
        },
        choice);
}

template <class Sequence>
Array write_sequence(const Sequence& elements) {
    Array values;
    values.reserve(elements.size());
    for (const typename Sequence::value_type& element : elements) {
        values.push_back(to_value(element));
    }
    return values;
}

template <class Map>
Object write_map(const Map& map) {
    Object members;
    for (const auto& [key, element] : map) {
        const bool is_new = members.emplace(key_text(key), to_value(element)).second;
        COMITY_CHECK(is_new);
    }
    return members;
}

// Reading --------------------------------------------------------------------------------------

template <class T>
Result<T> read(const Value& value, const Place& place);

template <TextScalar T>
Result<T> parse_text(std::string_view text, const Place& place) {
    Result<T> parsed = T::parse(text);
    if (!parsed) return error_at(place, std::move(parsed).error());
    return parsed;
}

template <TextScalar T>
Result<T> read_text(const Value& value, const Place& place) {
    const std::string* text = TRY(expect<std::string>(value, place, "a text"));
    return parse_text<T>(*text, place);
}

template <WholeNumber N>
Result<N> read_whole(const Value& value, const Place& place) {
    constexpr auto largest = std::numeric_limits<std::int64_t>::max();
    constexpr auto max = std::cmp_less(largest, std::numeric_limits<N>::max())
                             ? largest
                             : static_cast<std::int64_t>(std::numeric_limits<N>::max());
    constexpr auto min = static_cast<std::int64_t>(std::numeric_limits<N>::min());
    const std::int64_t number = TRY(read_number(value, place, min, max));
    return static_cast<N>(number);
}

template <DescribedEnum E>
Result<E> read_enum(const Value& value, const Place& place) {
    const std::string* text = TRY(expect<std::string>(value, place, "a text"));
    std::optional<E> found;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto enumerator) {
        if (*text == enumerator.name) found = enumerator.value;
    });
    if (!found) return not_one_of(place, "value", enumerator_names<E>(), *text);
    return *found;
}

/// Sets `field` from the member of its name. Absent is fine for an optional and nothing else.
template <class Field>
Result<> read_member(Field& field, const Object& object, const Place& place) {
    const Value* value = find_member(object, place.member);
    if constexpr (is_a<Field, std::optional>) {
        if (value != nullptr) field = TRY(read<typename Field::value_type>(*value, place));
    } else {
        if (value == nullptr) return missing_member(place);
        field = TRY(read<Field>(*value, place));
    }
    return {};
}

/// Reads the members of T; `tag` is a member of the object that T does not describe.
template <DescribedStruct T>
Result<T> read_struct(const Value& value, const Place& place, std::string_view tag = {}) {
    const Object* members = TRY(expect<Object>(value, place, "an object"));
    TRY(check_known(*members, place, member_names<T>(), tag));
    T object{};
    Result<> outcome;
    boost::mp11::mp_for_each<MembersOf<T>>([&](auto member) {
        if (!outcome) return;
        outcome = read_member(object.*member.pointer, *members, place.at_member(member.name));
    });
    if (!outcome) return std::move(outcome).error();
    return object;
}

template <class Variant>
struct VariantReader;

template <class... Alternatives>
struct VariantReader<std::variant<Alternatives...>> {
    using Choice = std::variant<Alternatives...>;

    static Result<Choice> read(const Value& value, const Place& place) {
        const Object* members = TRY(expect<Object>(value, place, "an object"));
        const Place kind_place = place.at_member("kind");
        const Value* tag = find_member(*members, "kind");
        if (tag == nullptr) return missing_member(kind_place);
        const std::string* kind = TRY(expect<std::string>(*tag, kind_place, "a text"));

        std::optional<Result<Choice>> chosen;
        (read_if<Alternatives>(chosen, *kind, value, place), ...);
        if (!chosen) return not_one_of(kind_place, "kind", {Alternatives::kind...}, *kind);
        return *std::move(chosen);
    }

private:
    template <class Alternative>
    static void read_if(std::optional<Result<Choice>>& chosen, std::string_view kind,
                        const Value& value, const Place& place) {
        if (chosen || kind != Alternative::kind) return;
        Result<Alternative> alternative = read_struct<Alternative>(value, place, "kind");
        if (alternative) {
            chosen.emplace(Choice(std::move(alternative).value()));
        } else {
            chosen.emplace(std::move(alternative).error());
        }
    }
};

template <class T>
Result<std::vector<T>> read_vector(const Value& value, const Place& place) {
    const Array* elements = TRY(expect<Array>(value, place, "an array"));
    std::vector<T> read_elements;
    read_elements.reserve(elements->size());
    for (std::size_t i = 0; i < elements->size(); ++i) {
        read_elements.push_back(TRY(read<T>((*elements)[i], place.at_element(i))));
    }
    return read_elements;
}

template <class T>
Result<T> read_array(const Value& value, const Place& place) {
    const Array* elements = TRY(expect<Array>(value, place, "an array"));
    T read_elements{};
    if (elements->size() != read_elements.size()) {
        return error_at(place, "codec/out-of-range",
                        "Expected " + std::to_string(read_elements.size()) + " elements.");
    }
    for (std::size_t i = 0; i < read_elements.size(); ++i) {
        read_elements[i] = TRY(read<typename T::value_type>((*elements)[i], place.at_element(i)));
    }
    return read_elements;
}

template <class Set>
Result<Set> read_set(const Value& value, const Place& place) {
    const Array* elements = TRY(expect<Array>(value, place, "an array"));
    Set set;
    for (std::size_t i = 0; i < elements->size(); ++i) {
        const Place element_place = place.at_element(i);
        auto element = TRY(read<typename Set::value_type>((*elements)[i], element_place));
        if (!set.insert(std::move(element)).second) {
            return error_at(element_place, "codec/duplicate-element",
                            "This element comes twice; a set holds each once.");
        }
    }
    return set;
}

template <class Map>
Result<Map> read_map(const Value& value, const Place& place) {
    using Key = typename Map::key_type;
    const Object* members = TRY(expect<Object>(value, place, "an object"));
    Map map;
    for (const auto& [name, member] : *members) {
        const Place member_place = place.at_member(name);
        auto element = TRY(read<typename Map::mapped_type>(member, member_place));
        bool is_new = false;
        if constexpr (std::same_as<Key, std::string>) {
            is_new = map.emplace(name, std::move(element)).second;
        } else {
            Key key = TRY(parse_text<Key>(name, member_place));
            is_new = map.emplace(std::move(key), std::move(element)).second;
        }
        if (!is_new) {
            return error_at(member_place, "codec/duplicate-element",
                            "This key comes twice, in another spelling.");
        }
    }
    return map;
}

template <class T>
Result<T> read(const Value& value, const Place& place) {
    if constexpr (std::same_as<T, Value>) {
        return value;
    } else if constexpr (std::same_as<T, bool>) {
        return *TRY(expect<bool>(value, place, "true or false"));
    } else if constexpr (WholeNumber<T>) {
        return read_whole<T>(value, place);
    } else if constexpr (std::same_as<T, std::string>) {
        return *TRY(expect<std::string>(value, place, "a text"));
    } else if constexpr (std::same_as<T, Bytes>) {
        return read_bytes(value, place);
    } else if constexpr (TextScalar<T>) {
        return read_text<T>(value, place);
    } else if constexpr (DescribedEnum<T>) {
        return read_enum<T>(value, place);
    } else if constexpr (is_a<T, std::vector>) {
        return read_vector<typename T::value_type>(value, place);
    } else if constexpr (is_array<T>) {
        return read_array<T>(value, place);
    } else if constexpr (is_a<T, std::set>) {
        return read_set<T>(value, place);
    } else if constexpr (is_a<T, std::map>) {
        return read_map<T>(value, place);
    } else if constexpr (is_a<T, std::variant>) {
        return VariantReader<T>::read(value, place);
    } else if constexpr (DescribedStruct<T>) {
        return read_struct<T>(value, place);
    } else {
        static_assert(always_false<T>, "no form for this type; see docs/spec/codec.md");
    }
}

template <class T>
Value write(const T& object) {
    if constexpr (std::same_as<T, Value>) {
        return object;
    } else if constexpr (std::same_as<T, bool> || std::same_as<T, std::string> ||
                         std::same_as<T, Bytes>) {
        return Value{object};
    } else if constexpr (WholeNumber<T> && std::is_signed_v<T>) {
        return Value{std::int64_t{object}};
    } else if constexpr (WholeNumber<T>) {
        return Value{checked_number(object)};
    } else if constexpr (TextScalar<T>) {
        return Value{std::string(object.text())};
    } else if constexpr (DescribedEnum<T>) {
        return Value{enumerator_text(object)};
    } else if constexpr (is_a<T, std::vector> || is_array<T> || is_a<T, std::set>) {
        return Value{write_sequence(object)};
    } else if constexpr (is_a<T, std::map>) {
        return Value{write_map(object)};
    } else if constexpr (is_a<T, std::variant>) {
        return write_variant(object);
    } else if constexpr (DescribedStruct<T>) {
        return Value{write_struct(object)};
    } else {
        static_assert(always_false<T>, "no form for this type; see docs/spec/codec.md");
    }
}

}  // namespace detail

template <class T>
Value to_value(const T& object) {
    return detail::write(object);
}

template <class T>
Result<T> from_value(const Value& value) {
    return detail::read<T>(value, detail::Place{});
}

template <class T>
Result<T> from_json(std::string_view text, const JsonLimits& limits) {
    const Value value = TRY(parse_json(text, limits));
    return detail::read<T>(value, detail::Place{.octets_form = detail::OctetsForm::text});
}

template <class T>
std::string to_json(const T& object) {
    return write_json(to_value(object));
}

template <class T>
Result<T> from_cbor(BytesView octets) {
    const Value value = TRY(parse_cbor(octets));
    return detail::read<T>(value, detail::Place{.octets_form = detail::OctetsForm::octets});
}

template <class T>
Bytes to_cbor(const T& object) {
    return write_cbor(to_value(object));
}

}  // namespace comity::codec
