// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

#include <array>
#include <chrono>
#include <cstddef>

namespace comity {
namespace {

constexpr std::int64_t day_seconds = 86'400;
constexpr std::int64_t days_end = 2'932'897;  // 10000-01-01, the first day out of range

constexpr std::string_view date_shape = "0000-00-00";
constexpr std::string_view timestamp_shape = "0000-00-00T00:00:00Z";

/// Whether `text` is `shape` with any digit for each 0.
bool has_shape(std::string_view text, std::string_view shape) {
    if (text.size() != shape.size()) return false;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == '0' ? !is_digit : text[i] != shape[i]) return false;
    }
    return true;
}

unsigned number_at(std::string_view text, std::size_t first, std::size_t count) {
    unsigned number = 0;
    for (const char c : text.substr(first, count)) {
        number = number * 10 + static_cast<unsigned>(c - '0');
    }
    return number;
}

void append_number(std::string& text, unsigned number, std::size_t width) {
    const std::string digits = std::to_string(number);
    text.append(width - digits.size(), '0').append(digits);
}

Error bad(std::string message) { return Error{Code::invalid, "base/bad-time", std::move(message)}; }

/// The day at the front of `text`, which has the shape of a date there.
Result<Date> day_at_front(std::string_view text) {
    const std::chrono::year_month_day day{
        std::chrono::year{static_cast<int>(number_at(text, 0, 4))},
        std::chrono::month{number_at(text, 5, 2)}, std::chrono::day{number_at(text, 8, 2)}};
    if (!day.ok()) return bad("There is no such day in the calendar.");
    if (day.year() < std::chrono::year{1970}) return bad("Use a year from 1970 on.");
    const auto days = std::chrono::sys_days{day}.time_since_epoch().count();
    return Date{static_cast<std::int32_t>(days)};
}

std::string calendar_text(std::int64_t days) {
    const std::chrono::year_month_day day{
        std::chrono::sys_days{std::chrono::days{static_cast<int>(days)}}};
    std::string text;
    append_number(text, static_cast<unsigned>(static_cast<int>(day.year())), 4);
    text += '-';
    append_number(text, static_cast<unsigned>(day.month()), 2);
    text += '-';
    append_number(text, static_cast<unsigned>(day.day()), 2);
    return text;
}

}  // namespace

Result<Timestamp> Timestamp::parse(std::string_view text) {
    if (!has_shape(text, timestamp_shape)) {
        return bad("Write the time in UTC as 2026-07-16T09:00:00Z.");
    }
    const Date day = TRY(day_at_front(text));
    const std::int64_t hour = number_at(text, 11, 2);
    const std::int64_t minute = number_at(text, 14, 2);
    const std::int64_t second = number_at(text, 17, 2);
    if (hour > 23 || minute > 59 || second > 59) {
        return bad("The hour goes to 23, the minute and the second to 59.");
    }
    return Timestamp{start_of(day).seconds + hour * 3'600 + minute * 60 + second};
}

std::string Timestamp::text() const {
    if (seconds < 0 || seconds >= days_end * day_seconds) return '@' + std::to_string(seconds);
    std::string text = calendar_text(seconds / day_seconds);
    const auto second_of_day = static_cast<unsigned>(seconds % day_seconds);
    text += 'T';
    append_number(text, second_of_day / 3'600, 2);
    text += ':';
    append_number(text, second_of_day / 60 % 60, 2);
    text += ':';
    append_number(text, second_of_day % 60, 2);
    text += 'Z';
    return text;
}

Result<Date> Date::parse(std::string_view text) {
    if (!has_shape(text, date_shape)) return bad("Write the date as 2026-07-16.");
    return day_at_front(text);
}

std::string Date::text() const {
    if (days < 0 || days >= days_end) return '@' + std::to_string(days);
    return calendar_text(days);
}

Date date_of(Timestamp moment) {
    const bool is_inside_day = moment.seconds < 0 && moment.seconds % day_seconds != 0;
    const std::int64_t days = moment.seconds / day_seconds - (is_inside_day ? 1 : 0);
    return Date{static_cast<std::int32_t>(days)};
}

Timestamp start_of(Date day) { return Timestamp{day.days * day_seconds}; }

}  // namespace comity
