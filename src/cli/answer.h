// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the node answered, as a person reads it: facts by their path, texts in the reader's
// language, and rows that stand under each other.
//
// A record may hold any text. What a terminal would obey (control characters) never comes out.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/value.h"

namespace comity::cli {

/// Without what a terminal would obey, but for the ends of lines. All that is printed goes through
/// it: a message may quote a node or a file.
std::string printable(std::string_view lines);

/// In the reader's order: "de-AT", "de", "en".
using Languages = std::vector<std::string>;

/// The language that was chosen, else that of the locale ("de_AT.UTF-8"); last English.
Languages languages_of(std::string_view chosen, std::string_view locale);

/// A text in several languages in the first of the reader's that it has, else in its first. Empty
/// if it is none.
std::string in_language(const codec::Value& texts, const Languages& languages);

/// A part of what the node answered, which it borrows. Members that are not there read as "-", so
/// that a node which says less than this version knows can still be read.
class Answer {
public:
    Answer(const codec::Value& value, const Languages& languages) : Answer(&value, &languages) {}

    /// The part at a path of member names: "record.need".
    Answer part(std::string_view path) const;
    bool has(std::string_view path) const { return part(path).value_ != nullptr; }

    /// Its words: "-" if there is nothing; the elements of an array with commas between them.
    std::string text() const;
    std::string at(std::string_view path) const { return part(path).text(); }
    /// An enumerator, which the wire writes with underscores: "met in full".
    std::string word(std::string_view path) const;
    /// 0 if there is no number.
    std::int64_t number(std::string_view path) const;
    bool is_true(std::string_view path) const;

    /// The elements of an array, and the members of an object by name; none if it is neither.
    std::vector<Answer> elements(std::string_view path) const;
    std::vector<std::pair<std::string, Answer>> members(std::string_view path) const;

private:
    Answer(const codec::Value* value, const Languages* languages)
        : value_(value), languages_(languages) {}

    const codec::Value* value_;  // null: nothing is there
    const Languages* languages_;
};

/// "1 unit", "40 units".
std::string units(std::int64_t count);

/// Rows under a heading. Columns are as wide as they must be, so the longest texts stand last;
/// columns of numbers stand right.
struct Table {
    std::vector<std::string> headings;
    std::vector<std::vector<std::string>> rows;

    std::string text() const;
};

/// Labelled facts, one a line.
using Facts = std::vector<std::pair<std::string, std::string>>;
std::string text_of(const Facts& facts);

/// A table below facts, with an empty line between them; nothing without rows.
std::string below(const Table& table);

}  // namespace comity::cli
