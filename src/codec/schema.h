// SPDX-License-Identifier: Apache-2.0
#pragma once

// JSON Schema (2020-12) of a described type: what from_json accepts, for people and other programs.
//
// The schema is inline, without references, so a type must not contain itself. Where a text has a
// type of its own (a digest, an id) the schema says only that it is a text; the parser says the
// rest.

#include <boost/mp11/algorithm.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "codec/describe.h"
#include "codec/value.h"

namespace comity::codec {

/// The schema as an object with "$schema"; write it with write_json_pretty.
template <class T>
Value json_schema();

namespace detail {

Value simple_schema(std::string_view type);
Value number_schema(std::int64_t min, std::int64_t max);  ///< cut to what JSON carries, ±(2^53 − 1)
Value octets_schema();
Value enum_schema(const std::vector<std::string_view>& names);
Value map_schema(Value element);
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
    } else if constexpr (std::same_as<T, std::string> || TextScalar<T>) {
        return simple_schema("string");
    } else if constexpr (DescribedEnum<T>) {
        return enum_schema(enumerator_names<T>());
    } else if constexpr (is_a<T, std::vector>) {
        return array_schema(schema_of<typename T::value_type>(), {});
    } else if constexpr (is_array<T>) {
        return array_schema(schema_of<typename T::value_type>(), {.count = std::tuple_size_v<T>});
    } else if constexpr (is_a<T, std::set>) {
        return array_schema(schema_of<typename T::value_type>(), {.is_unique = true});
    } else if constexpr (is_a<T, std::map>) {
        return map_schema(schema_of<typename T::mapped_type>());
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
