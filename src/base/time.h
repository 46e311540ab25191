// SPDX-License-Identifier: Apache-2.0
#pragma once

// Timestamp and Date: moments and days in UTC, with one text each (RFC 3339).
//
// Whole seconds, years 1970 to 9999, always `Z`. There are no leap seconds: as in POSIX, every day
// has 86 400 seconds. Nothing here reads a clock; time is always passed in.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace comity {

/// A moment, in seconds since 1970-01-01T00:00:00Z.
struct Timestamp {
    std::int64_t seconds = 0;

    /// Reads exactly `2026-07-16T09:00:00Z`: no offset, fraction, lower case or second 60.
    /// Errors: invalid "base/bad-time".
    static Result<Timestamp> parse(std::string_view text);

    /// What parse reads. A moment outside the years 1970 to 9999, which only arithmetic can make,
    /// becomes `@` and its seconds: exact for the reader, and refused by parse.
    std::string text() const;

    friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

/// A day, counted from 1970-01-01.
struct Date {
    std::int32_t days = 0;

    /// Reads exactly `2026-07-16`. Errors: invalid "base/bad-time".
    static Result<Date> parse(std::string_view text);

    /// What parse reads; outside the years 1970 to 9999, `@` and the days.
    std::string text() const;

    friend auto operator<=>(const Date&, const Date&) = default;
};

/// The day in which `moment` lies.
Date date_of(Timestamp moment);

/// The first second of `day`.
Timestamp start_of(Date day);

}  // namespace comity
