// SPDX-License-Identifier: Apache-2.0
// How we trust time: a calendar that counts one day after the other goes beside ours through all
// leap rules, and each way of bending a text is refused.
#include "base/time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

namespace comity {
namespace {

constexpr std::int64_t last_second = 253'402'300'799;  // 9999-12-31T23:59:59Z

struct Calendar {
    int year = 1970;
    int month = 1;
    int day = 1;

    int days_in_month() const {
        constexpr std::array<int, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        return lengths.at(static_cast<std::size_t>(month - 1)) + (month == 2 && is_leap ? 1 : 0);
    }

    void advance() {
        if (++day <= days_in_month()) return;
        day = 1;
        if (++month <= 12) return;
        month = 1;
        ++year;
    }

    std::string text() const {
        const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
        return std::to_string(year) + '-' + two(month) + '-' + two(day);
    }
};

TEST(Date, EveryDayOfFourCenturiesAgreesWithCounting) {
    Calendar calendar;
    for (std::int32_t days = 0; days < 150'000; ++days) {
        const std::string text = calendar.text();
        ASSERT_EQ(Date{days}.text(), text);
        const auto parsed = Date::parse(text);
        ASSERT_TRUE(parsed) << text;
        ASSERT_EQ(parsed->days, days);
        calendar.advance();
    }
}

TEST(Date, RefusesADayThatIsNotInTheCalendar) {
    for (const auto* text :
         {"2026-00-01", "2026-13-01", "2026-01-00", "2026-01-32", "2026-04-31", "2026-02-29",
          "2100-02-29", "1969-12-31", "0000-01-01", "2026-7-16", "2026-07-16 ", "2026/07/16",
          "20260716", "", "2026-07-16T00:00:00Z", "２０２６-07-16", "+026-07-16", "-026-07-16"}) {
        const auto date = Date::parse(text);
        ASSERT_FALSE(date) << text;
        EXPECT_EQ(date.error().reason, "base/bad-time");
    }
    EXPECT_TRUE(Date::parse("2024-02-29"));
    EXPECT_TRUE(Date::parse("2000-02-29"));
}

TEST(Timestamp, HasOneText) {
    const auto moment = Timestamp::parse("2026-07-16T09:00:00Z");
    ASSERT_TRUE(moment);
    EXPECT_EQ(moment->seconds, 1'784'192'400);
    EXPECT_EQ(moment->text(), "2026-07-16T09:00:00Z");
    EXPECT_EQ(Timestamp{}.text(), "1970-01-01T00:00:00Z");
    EXPECT_EQ(Timestamp{last_second}.text(), "9999-12-31T23:59:59Z");
    EXPECT_EQ(Timestamp::parse("9999-12-31T23:59:59Z")->seconds, last_second);
}

TEST(Timestamp, RefusesEveryOtherText) {
    for (const auto* text : {"2026-07-16T09:00:60Z",
                             "2016-12-31T23:59:60Z",
                             "2026-07-16T09:60:00Z",
                             "2026-07-16T24:00:00Z",
                             "2026-07-16T09:00:00+00:00",
                             "2026-07-16T09:00:00-00:00",
                             "2026-07-16T11:00:00+02:00",
                             "2026-07-16T09:00:00.0Z",
                             "2026-07-16T09:00:00.000Z",
                             "2026-07-16t09:00:00z",
                             "2026-07-16T09:00:00z",
                             "2026-07-16 09:00:00Z",
                             "2026-07-16T09:00Z",
                             "2026-07-16T09:00:00",
                             "2026-07-16",
                             "2026-02-30T09:00:00Z",
                             "2026-07-16T09:00:00ZZ",
                             " 2026-07-16T09:00:00Z",
                             "2026-07-16T09:00:00Z\n",
                             "1969-12-31T23:59:59Z",
                             "10000-01-01T00:00:00Z",
                             "2026-07-16T9:00:00Z",
                             ""}) {
        const auto moment = Timestamp::parse(text);
        ASSERT_FALSE(moment) << text;
        EXPECT_EQ(moment.error().reason, "base/bad-time");
    }
}

TEST(Timestamp, OutOfRangeHasAnExactTextThatNoReaderTakes) {
    for (const std::int64_t seconds : {std::int64_t{-1}, last_second + 1, INT64_MIN, INT64_MAX}) {
        const std::string text = Timestamp{seconds}.text();
        EXPECT_EQ(text, '@' + std::to_string(seconds));
        EXPECT_FALSE(Timestamp::parse(text));
    }
    EXPECT_EQ(Date{-1}.text(), "@-1");
    EXPECT_EQ(Date{2'932'897}.text(), "@2932897");
    EXPECT_EQ(Date{2'932'896}.text(), "9999-12-31");
}

TEST(Timestamp, BelongsToItsDay) {
    EXPECT_EQ(date_of(Timestamp{0}).days, 0);
    EXPECT_EQ(date_of(Timestamp{86'399}).days, 0);
    EXPECT_EQ(date_of(Timestamp{86'400}).days, 1);
    EXPECT_EQ(date_of(Timestamp{-1}).days, -1);
    EXPECT_EQ(date_of(Timestamp{-86'400}).days, -1);
    EXPECT_EQ(date_of(Timestamp{-86'401}).days, -2);
    EXPECT_EQ(start_of(Date{20'000}).seconds, 1'728'000'000);
}

RC_GTEST_PROP(Timestamp, TextsAreInTheOrderOfTheMoments, ()) {
    const auto any = rc::gen::inRange<std::int64_t>(0, last_second + 1);
    const Timestamp a{*any};
    const Timestamp b{*any};
    RC_ASSERT(*Timestamp::parse(a.text()) == a);
    RC_ASSERT((a < b) == (a.text() < b.text()));
    RC_ASSERT(start_of(date_of(a)) <= a);
    RC_ASSERT(a.text().starts_with(date_of(a).text()));
}

}  // namespace
}  // namespace comity
