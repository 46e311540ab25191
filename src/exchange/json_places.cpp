// SPDX-License-Identifier: Apache-2.0
#include "exchange/json_places.h"

#include <charconv>
#include <utility>

namespace comity::exchange::detail {

namespace {

/// Greatest whole number that every JSON reader keeps exactly; larger ones are written as text.
constexpr std::int64_t json_number_max = (std::int64_t{1} << 53) - 1;

}  // namespace

Result<const Object*> object_at(const Value& value, const Place& place) {
    const Object* object = value.as<Object>();
    if (object == nullptr) return place.error("Expected an object.");
    return object;
}

Result<std::string> text_at(const Value& value, const Place& place) {
    const std::string* text = value.as<std::string>();
    if (text == nullptr) return place.error("Expected a text.");
    return *text;
}

Result<std::int64_t> number_at(const Value& value, const Place& place) {
    if (const std::int64_t* number = value.as<std::int64_t>()) return *number;
    std::int64_t number = 0;
    if (const std::string* text = value.as<std::string>()) {
        const char* end = text->data() + text->size();
        const auto [rest, error] = std::from_chars(text->data(), end, number);
        const bool is_plain = text->size() == 1 || (text->front() != '0' && text->front() != '-');
        if (error == std::errc() && rest == end && is_plain) return number;
    }
    return place.error("Expected a whole number, or its digits as a text.");
}

const Value* find(const Object& object, const std::string& member) {
    const auto found = object.find(member);
    return found == object.end() ? nullptr : &found->second;
}

Result<const Value*> require(const Object& object, const std::string& member, const Place& place) {
    const Value* value = find(object, member);
    if (value == nullptr) return place.error("The member \"" + member + "\" is missing.");
    return value;
}

Result<> allow_only(const Object& object, std::initializer_list<std::string_view> members,
                    const Place& place) {
    for (const auto& [member, value] : object) {
        if (std::find(members.begin(), members.end(), member) == members.end()) {
            return place.at(member).error("No member of this name is known here.");
        }
    }
    return {};
}

Result<std::int64_t> optional_number(const Object& object, const std::string& member,
                                     std::int64_t otherwise, const Place& place) {
    const Value* value = find(object, member);
    return value == nullptr ? Result<std::int64_t>(otherwise) : number_at(*value, place.at(member));
}

std::optional<Index> position(const std::vector<std::string>& sorted, const std::string& id) {
    const auto found = std::lower_bound(sorted.begin(), sorted.end(), id);
    if (found == sorted.end() || *found != id) return std::nullopt;
    return static_cast<Index>(found - sorted.begin());
}

std::vector<std::string> member_ids(const AllocationInstance& instance) {
    std::vector<std::string> ids;
    ids.reserve(instance.members.size());
    for (const AllocationMember& member : instance.members) ids.push_back(member.name);
    return ids;
}

Value number(std::int64_t units) {
    if (units > json_number_max) return {std::to_string(units)};
    return {units};
}

Value text(std::string_view words) { return {std::string(words)}; }

Value lottery_order(const AllocationInstance& instance) {
    std::vector<const AllocationMember*> members;
    members.reserve(instance.members.size());
    for (const AllocationMember& member : instance.members) members.push_back(&member);
    std::sort(members.begin(), members.end(),
              [](const auto* a, const auto* b) { return a->tie_rank < b->tie_rank; });
    Array order;
    for (const AllocationMember* member : members) order.push_back({member->name});
    return {std::move(order)};
}

}  // namespace comity::exchange::detail
