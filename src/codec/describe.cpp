// SPDX-License-Identifier: Apache-2.0
#include "codec/describe.h"

#include <algorithm>

#include "base/base64.h"
#include "codec/pointer.h"

namespace comity::codec::detail {
namespace {

std::string listed(const std::vector<std::string_view>& names) {
    std::string text;
    for (const std::string_view name : names) {
        if (!text.empty()) text += ", ";
        text += name;
    }
    return text;
}

}  // namespace

std::string Place::pointer() const {
    if (parent == nullptr) return {};
    return parent->pointer() + (element ? pointer_to_element(*element) : pointer_to_member(member));
}

Error error_at(const Place& place, std::string_view reason, std::string_view message) {
    return Error{Code::invalid, reason, message_at(place.pointer(), message)};
}

Error error_at(const Place& place, Error inner) {
    inner.message = message_at(place.pointer(), inner.message);
    return inner;
}

Error wrong_type(const Place& place, std::string_view expected, const Value& found) {
    return error_at(
        place, "codec/wrong-type",
        "Expected " + std::string(expected) + ", found " + std::string(kind_name(found)) + ".");
}

Error not_one_of(const Place& place, std::string_view what,
                 const std::vector<std::string_view>& known, std::string_view found) {
    return error_at(place, "codec/out-of-range",
                    "Unknown " + std::string(what) + " \"" + excerpt(found) + "\"; use one of " +
                        listed(known) + ".");
}

Result<std::int64_t> read_number(const Value& value, const Place& place, std::int64_t min,
                                 std::int64_t max) {
    const std::int64_t number = *TRY(expect<std::int64_t>(value, place, "a number"));
    if (number < min || number > max) {
        return error_at(
            place, "codec/out-of-range",
            "Expected a number from " + std::to_string(min) + " to " + std::to_string(max) + ".");
    }
    return number;
}

Result<Bytes> read_bytes(const Value& value, const Place& place) {
    const Bytes* octets = value.as<Bytes>();
    if (octets != nullptr && place.octets_form != OctetsForm::text) return *octets;
    const std::string* text = value.as<std::string>();
    if (text == nullptr || place.octets_form == OctetsForm::octets) {
        const bool is_text_due = place.octets_form != OctetsForm::octets;
        return wrong_type(place, is_text_due ? "a base64url text" : "octets", value);
    }
    Result<Bytes> decoded = from_base64url(*text);
    if (!decoded) return error_at(place, std::move(decoded).error());
    return decoded;
}

Result<> check_known(const Object& object, const Place& place,
                     const std::vector<std::string_view>& known, std::string_view tag) {
    for (const auto& [name, value] : object) {
        const bool is_tag = !tag.empty() && name == tag;
        if (is_tag || std::ranges::find(known, name) != known.end()) continue;
        return error_at(place.at_member(name), "codec/unknown-member",
                        known.empty() ? "Unknown member; this object has none."
                                      : "Unknown member; known here: " + listed(known) + ".");
    }
    return {};
}

const Value* find_member(const Object& object, std::string_view name) {
    const auto found = object.find(std::string(name));
    return found == object.end() ? nullptr : &found->second;
}

Error missing_member(const Place& place) {
    return error_at(place, "codec/missing-member", "This member is required.");
}

std::int64_t checked_number(std::uint64_t number) {
    COMITY_CHECK(std::in_range<std::int64_t>(number));
    return static_cast<std::int64_t>(number);
}

}  // namespace comity::codec::detail
