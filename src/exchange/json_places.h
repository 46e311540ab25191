// SPDX-License-Identifier: Apache-2.0
#pragma once

// Reading and writing JSON documents of allocations, place by place. Private to instance_json.h.

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/pointer.h"
#include "codec/value.h"
#include "exchange/allocation.h"

namespace comity::exchange::detail {

using codec::Array;
using codec::Object;
using codec::Value;

/// Where in a document we are, for messages, and with which reason to refuse.
struct Place {
    std::string_view reason;
    std::string pointer;

    Place at(std::string_view member) const {
        return {reason, pointer + codec::pointer_to_member(member)};
    }
    Error error(std::string_view what) const {
        return Error{Code::invalid, reason, codec::message_at(pointer, what)};
    }
};

Result<const Object*> object_at(const Value& value, const Place& place);
Result<std::string> text_at(const Value& value, const Place& place);

/// A whole number, or its decimal digits as a text.
Result<std::int64_t> number_at(const Value& value, const Place& place);

const Value* find(const Object& object, const std::string& member);
Result<const Value*> require(const Object& object, const std::string& member, const Place& place);
Result<> allow_only(const Object& object, std::initializer_list<std::string_view> members,
                    const Place& place);
Result<std::int64_t> optional_number(const Object& object, const std::string& member,
                                     std::int64_t otherwise, const Place& place);

/// Place of an id in a list that ascends, if it is there.
std::optional<Index> position(const std::vector<std::string>& sorted, const std::string& id);
std::vector<std::string> member_ids(const AllocationInstance& instance);

/// A JSON number, or its digits as a text where some readers would lose some.
Value number(std::int64_t units);
Value text(std::string_view words);

/// Members in the order of the draw.
Value lottery_order(const AllocationInstance& instance);

}  // namespace comity::exchange::detail
