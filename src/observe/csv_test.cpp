// SPDX-License-Identifier: Apache-2.0
//
// We trust the reader because what any table is written as is read back the same, and because each
// thing that two readers could take differently is refused, with its line.

#include "observe/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace comity::observe {
namespace {

using Row = std::vector<std::string>;

Result<std::vector<Row>> rows_of(std::string_view text, const CsvLimits& limits = {}) {
    CsvReader reader = TRY(CsvReader::open(text, limits));
    std::vector<Row> rows = {reader.header()};
    Row row;
    while (TRY(reader.next(row))) rows.push_back(row);
    return rows;
}

std::string reason_of(std::string_view text, const CsvLimits& limits = {}) {
    const auto rows = rows_of(text, limits);
    return rows ? "read" : std::string(rows.error().reason);
}

std::string message_of(std::string_view text) {
    const auto rows = rows_of(text);
    return rows ? "read" : rows.error().message;
}

TEST(Csv, ReadsPlainAndQuotedFields) {
    const std::vector<Row> expected = {
        {"a", "b"}, {"1", " x "}, {"", ""}, {"two\r\nlines", "\"q\",\"\""}, {"", "end"}};
    EXPECT_EQ(*rows_of("a,b\n1, x \r\n,\n\"two\r\nlines\",\"\"\"q\"\",\"\"\"\"\"\n\"\",end"),
              expected);
    EXPECT_EQ(*rows_of("\xEF\xBB\xBF"
                       "a\n\n"),
              (std::vector<Row>{{"a"}, {""}}));
    EXPECT_EQ(rows_of("a,b")->size(), 1U);
}

TEST(Csv, ColumnsAreFoundByName) {
    const auto reader = CsvReader::open("a,b\n");
    ASSERT_TRUE(reader);
    EXPECT_EQ(*reader->column("b"), 1U);
    EXPECT_EQ(reader->column("B").error().reason, "observe/no-such-column");
}

TEST(Csv, RefusesWhatTwoReadersCouldTakeDifferently) {
    for (const std::string_view text :
         {"", "a,b\n1\n", "a,b\n1,2,3\n", "a\nx\"y\n", "a\n\"x\"y\n", "a\n\"x\n", "a\n\"x\"\"\n",
          "a\rb\n", "a\nx\ry\n", "a\n\"x\"\r", "a,a\n", "a,b\n\n", "a\n\xFF\n"}) {
        EXPECT_EQ(reason_of(text), "observe/bad-csv") << text;
    }
    EXPECT_EQ(reason_of(std::string_view("a\n\0\n", 4)), "observe/bad-csv");
}

TEST(Csv, SaysTheLineOnWhichTheRowBeginsAndTheColumn) {
    EXPECT_THAT(message_of("a,b\n\"1\n2\",3\n4,x\"y\n"),
                testing::StartsWith("Line 4, column 'b': a quote"));
    EXPECT_THAT(message_of("a,b\n\"1\n2\n3\n"), testing::StartsWith("Line 2, column 'a':"));
    EXPECT_THAT(message_of("a,b\n1,2\n3\n"), testing::StartsWith("Line 3"));
}

TEST(Csv, EveryBoundHolds) {
    const CsvLimits limits{.bytes_max = 20, .rows_max = 2, .columns_max = 3, .field_bytes_max = 4};
    EXPECT_EQ(reason_of("a,b,c\n1,2,3\n1,2,33\n", limits), "read");
    EXPECT_EQ(reason_of("a,b,c\n1,2,3\n1,2,3333\n", limits), "observe/csv-too-large");
    EXPECT_EQ(reason_of("a\n1\n2\n", limits), "read");
    EXPECT_EQ(reason_of("a\n1\n2\n3\n", limits), "observe/csv-too-large");
    EXPECT_EQ(reason_of("a,b,c,d\n", limits), "observe/csv-too-large");
    EXPECT_EQ(reason_of("a\nabcd\n", limits), "read");
    EXPECT_EQ(reason_of("a\nabcde\n", limits), "observe/csv-too-large");
    EXPECT_EQ(reason_of("a\n\"abcde\"\n", limits), "observe/csv-too-large");
}

std::string quoted(const std::string& field) {
    std::string text = "\"";
    for (const char c : field) text.append(c == '"' ? 2 : 1, c);
    return text + "\"";
}

RC_GTEST_PROP(Csv, WhatIsWrittenIsReadBack, ()) {
    const auto columns = *rc::gen::inRange<std::size_t>(1, 5);
    const auto field =
        rc::gen::container<std::string>(rc::gen::elementOf(std::string("a,\"\r\n ")));
    const auto row = rc::gen::container<Row>(columns, field);
    auto table = *rc::gen::container<std::vector<Row>>(row);
    Row header;
    for (std::size_t i = 0; i < columns; ++i) header.push_back("h" + std::to_string(i));
    table.insert(table.begin(), header);
    std::string text;
    for (const Row& each : table) {
        for (std::size_t i = 0; i < columns; ++i) text += (i == 0 ? "" : ",") + quoted(each[i]);
        text += *rc::gen::arbitrary<bool>() ? "\r\n" : "\n";
    }
    const auto read = rows_of(text);
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == table);
}

}  // namespace
}  // namespace comity::observe
