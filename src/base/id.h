// SPDX-License-Identifier: Apache-2.0
#pragma once

// Id<Tag>: a checked slug that says of what it is the id.
//
// A slug is 1 to 64 octets of a-z, 0-9 and single inner hyphens, so it is the same in a URL, a file
// name, JSON and speech. Ids of different things are different types and never convert:
//
//     using MotionId = Id<struct MotionTag>;

#include <compare>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace comity {

namespace detail {
/// Errors: invalid "base/bad-id".
Result<> check_slug(std::string_view text);
}  // namespace detail

template <class Tag>
class Id {
public:
    /// Empty: the id of nothing. Its text is not one that parse accepts.
    Id() = default;

    /// Errors: invalid "base/bad-id".
    static Result<Id> parse(std::string_view text) {
        if (auto checked = detail::check_slug(text); !checked) return std::move(checked).error();
        Id id;
        id.text_ = text;
        return id;
    }

    const std::string& text() const { return text_; }
    bool is_empty() const { return text_.empty(); }

    friend auto operator<=>(const Id&, const Id&) = default;

private:
    std::string text_;
};

}  // namespace comity
