// SPDX-License-Identifier: Apache-2.0
#pragma once

// JSON Schema (2020-12) of a described type: what from_json accepts, for people and other programs.
//
// The schema is inline, without references, so a type must not contain itself. A text with a type
// of its own (a date, an id) has the pattern of its TextForm; the parser may refuse more than that
// (a date that no calendar has).

#include <boost/mp11/algorithm.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/id.h"
#include "base/language.h"
#include "base/rational.h"
#include "base/time.h"
#include "codec/describe.h"
#include "codec/value.h"

namespace comity::codec {

/// The schema as an object with "$schema"; write it with write_json_pretty.
template <class T>
Value json_schema();

/// The regular expression (ECMA 262) that every text of a TextScalar matches; empty: any text. A
/// module specialises it for its own types where it makes their schema.
template <class T>
struct TextForm {
    static constexpr std::string_view pattern = {};
};
template <class Tag>
struct TextForm<Id<Tag>> {
    static constexpr std::string_view pattern = "^(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*$";
};
template <>
struct TextForm<Date> {
    static constexpr std::string_view pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
};
template <>
struct TextForm<Timestamp> {
    static constexpr std::string_view pattern =
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$";
};
template <>
struct TextForm<Rational> {
    static constexpr std::string_view pattern = "^-?[0-9]+(/[0-9]+)?$";
};
template <>
struct TextForm<LanguageTag> {
    static constexpr std::string_view pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$";
};

namespace detail {

Value text_schema(std::string_view pattern);
Value simple_schema(std::string_view type);
Value number_schema(std::int64_t min, std::int64_t max);  ///< cut to what JSON carries, ±(2^53 − 1)
Value octets_schema();
Value enum_schema(const std::vector<std::string_view>& names);
Value map_schema(Value element, std::string_view key_pattern);
struct ArrayShape {
    std::optional<std::size_t> count = std::nullopt;  ///< exactly so many
    bool is_unique = false;
};
Value array_schema(Value element, const ArrayShape& shape);
/// An object with these members and no other. `kind`, unless empty, is a further required member
/// with that one value.
Value struct_schema(Object properties, Array required, std::string_view kind);
Value one_of_schema(Array alternatives);
Value root_schema(Value schema);

template <class T>
Value schema_of();

template <DescribedStruct T>
Value schema_of_struct(std::string_view kind = {}) {
    Object properties;
    Array required;
    boost::mp11::mp_for_each<MembersOf<T>>([&](auto member) {
        using Field = MemberType<T, decltype(member)>;
        if constexpr (is_a<Field, std::optional>) {
            properties.emplace(member.name, schema_of<typename Field::value_type>());
        } else {
            properties.emplace(member.name, schema_of<Field>());
            required.push_back(Value{std::string(member.name)});
        }
    });
    return struct_schema(std::move(properties), std::move(required), kind);
}

template <class Variant>
struct VariantSchema;

template <class... Alternatives>
struct VariantSchema<std::variant<Alternatives...>> {
    static Value schema() {
        return one_of_schema({schema_of_struct<Alternatives>(Alternatives::kind)...});
    }
};

template <class N>
Value schema_of_number() {
    constexpr auto largest = std::numeric_limits<std::int64_t>::max();
    constexpr auto max = std::cmp_less(largest, std::numeric_limits<N>::max())
                             ? largest
                             : static_cast<std::int64_t>(std::numeric_limits<N>::max());
    return number_schema(static_cast<std::int64_t>(std::numeric_limits<N>::min()), max);
}

template <class T>
Value schema_of() {
    if constexpr (std::same_as<T, Value>) {
        return Value{true};
    } else if constexpr (std::same_as<T, bool>) {
        return simple_schema("boolean");
    } else if constexpr (WholeNumber<T>) {
        return schema_of_number<T>();
    } else if constexpr (std::same_as<T, Bytes>) {
        return octets_schema();
    } else if constexpr (std::same_as<T, std::string>) {
        return simple_schema("string");
    } else if constexpr (TextScalar<T>) {
        return text_schema(TextForm<T>::pattern);
    } else if constexpr (DescribedEnum<T>) {
        return enum_schema(enumerator_names<T>());
    } else if constexpr (is_a<T, std::vector>) {
        return array_schema(schema_of<typename T::value_type>(), {});
    } else if constexpr (is_array<T>) {
        return array_schema(schema_of<typename T::value_type>(), {.count = std::tuple_size_v<T>});
    } else if constexpr (is_a<T, std::set>) {
        return array_schema(schema_of<typename T::value_type>(), {.is_unique = true});
    } else if constexpr (is_a<T, std::map>) {
        return map_schema(schema_of<typename T::mapped_type>(),
                          TextForm<typename T::key_type>::pattern);
    } else if constexpr (is_a<T, std::variant>) {
        return VariantSchema<T>::schema();
    } else if constexpr (DescribedStruct<T>) {
        return schema_of_struct<T>();
    } else {
        static_assert(always_false<T>, "no form for this type; see docs/spec/codec.md");
    }
}

}  // namespace detail

template <class T>
Value json_schema() {
    return detail::root_schema(detail::schema_of<T>());
}

}  // namespace comity::codec
