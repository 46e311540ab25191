// SPDX-License-Identifier: Apache-2.0
#pragma once

// The octets of to_cbor, written straight from the struct: for large documents, of which the tree
// that to_cbor builds first would take many times their size in memory and time.
//
// Of the forms of codec/describe.h it knows all but variants, arrays of a fixed length and Value.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/cbor.h"
#include "codec/describe.h"

namespace comity::codec {

namespace detail {

/// The order of map keys in deterministic CBOR: a head grows with the length, so that shorter keys
/// come first (RFC 8949 section 4.2.1).
inline bool key_before(std::string_view a, std::string_view b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

template <class T>
void write_straight(CborWriter& writer, const T& object);

template <class T>
struct MemberWriter {
    std::string_view name;
    bool (*is_present)(const T&);
    void (*write)(CborWriter&, const T&);
};

/// One for each member of T, in the order of their names as keys.
template <DescribedStruct T>
const std::vector<MemberWriter<T>>& member_writers() {
    static const std::vector<MemberWriter<T>> writers = [] {
        std::vector<MemberWriter<T>> all;
        boost::mp11::mp_for_each<MembersOf<T>>([&](auto member) {
            using Member = decltype(member);
            if constexpr (is_a<MemberType<T, Member>, std::optional>) {
                all.push_back(
                    {member.name,
                     [](const T& object) { return (object.*Member::pointer).has_value(); },
                     [](CborWriter& writer, const T& object) {
                         write_straight(writer, (object.*Member::pointer).value());
                     }});
            } else {
                all.push_back({member.name, [](const T&) { return true; },
                               [](CborWriter& writer, const T& object) {
                                   write_straight(writer, object.*Member::pointer);
                               }});
            }
        });
        std::sort(all.begin(), all.end(),
                  [](const auto& a, const auto& b) { return key_before(a.name, b.name); });
        return all;
    }();
    return writers;
}

template <DescribedStruct T>
void write_members(CborWriter& writer, const T& object) {
    const std::vector<MemberWriter<T>>& members = member_writers<T>();
    writer.map(static_cast<std::size_t>(
        std::count_if(members.begin(), members.end(),
                      [&](const MemberWriter<T>& member) { return member.is_present(object); })));
    for (const MemberWriter<T>& member : members) {
        if (!member.is_present(object)) continue;
        writer.text(member.name);
        member.write(writer, object);
    }
}

template <class Map>
void write_keys(CborWriter& writer, const Map& map) {
    std::vector<std::pair<std::string, const typename Map::mapped_type*>> members;
    members.reserve(map.size());
    for (const auto& [key, element] : map) members.emplace_back(key_text(key), &element);
    std::sort(members.begin(), members.end(),
              [](const auto& a, const auto& b) { return key_before(a.first, b.first); });
    writer.map(members.size());
    for (const auto& [key, element] : members) {
        writer.text(key);
        write_straight(writer, *element);
    }
}

template <class T>
void write_straight(CborWriter& writer, const T& object) {
    if constexpr (std::same_as<T, bool>) {
        writer.boolean(object);
    } else if constexpr (std::same_as<T, std::string>) {
        writer.text(object);
    } else if constexpr (std::same_as<T, Bytes>) {
        writer.bytes(object);
    } else if constexpr (WholeNumber<T> && std::is_signed_v<T>) {
        writer.integer(object);
    } else if constexpr (WholeNumber<T>) {
        writer.integer(checked_number(object));
    } else if constexpr (TextScalar<T>) {
        writer.text(object.text());
    } else if constexpr (DescribedEnum<T>) {
        writer.text(enumerator_text(object));
    } else if constexpr (is_a<T, std::vector> || is_a<T, std::set>) {
        writer.array(object.size());
        for (const typename T::value_type& element : object) write_straight(writer, element);
    } else if constexpr (is_a<T, std::map>) {
        write_keys(writer, object);
    } else if constexpr (DescribedStruct<T>) {
        write_members(writer, object);
    } else {
        static_assert(always_false<T>, "no form for this type here; use to_cbor");
    }
}

}  // namespace detail

/// What to_cbor(object) gives.
template <class T>
Bytes described_cbor(const T& object) {
    CborWriter writer;
    detail::write_straight(writer, object);
    return writer.take();
}

}  // namespace comity::codec
