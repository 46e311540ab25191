// SPDX-License-Identifier: Apache-2.0
#pragma once

// Dataset: how a public file of comma-separated values is read, as data. Which column holds the
// amount, which rows count, how rows belong to holders, where the file comes from and what one must
// know before believing a number of it.
//
// Shipped descriptions are data/datasets/*.json; anyone can write another and needs no C++.
// EntityTable: what an institution has reviewed about the names that such a file uses.

#include <boost/describe.hpp>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace comity::observe {

inline constexpr std::size_t description_bytes_max = 65'535;  ///< JSON of a description
inline constexpr std::size_t filters_max = 32;
inline constexpr std::size_t groupings_max = 16;
inline constexpr std::size_t entity_rows_max = 4'096;

/// The column holds a day, and it is this one or a later one. What is no day is left out.
struct DateFrom {
    static constexpr std::string_view kind = "date_from";
    std::string column;
    Date from;
};
BOOST_DESCRIBE_STRUCT(DateFrom, (), (column, from))

/// The column holds exactly this text.
struct Equals {
    static constexpr std::string_view kind = "equals";
    std::string column;
    std::string value;
};
BOOST_DESCRIBE_STRUCT(Equals, (), (column, value))

/// The column is not empty.
struct Present {
    static constexpr std::string_view kind = "present";
    std::string column;
};
BOOST_DESCRIBE_STRUCT(Present, (), (column))

using Filter = std::variant<DateFrom, Equals, Present>;

/// By what rows are added up.
struct Grouping {
    std::string id;      ///< "country"
    std::string column;  ///< holds the names of the holders
    /// Between several names in one field: each distinct one gets the same part of the amount.
    /// Absent: the field is one name.
    std::optional<std::string> separator;
    /// Names that do not count where another one stands beside them.
    std::set<std::string> ignored_beside_others;
};
BOOST_DESCRIBE_STRUCT(Grouping, (), (id, column, separator, ignored_beside_others))

struct Origin {
    std::string publisher;
    std::string title;
    std::string url;
    std::string licence;
    std::string attribution;
    std::string names;  ///< whose names of holders these are, and what they do not say
};
BOOST_DESCRIBE_STRUCT(Origin, (), (publisher, title, url, licence, attribution, names))

struct Dataset {
    std::string id;
    std::string title;
    std::string quantity;   ///< "Training compute"
    std::string unit;       ///< "FLOP"
    std::string amount;     ///< column with the amounts
    std::string row_name;   ///< column with the name of what a row is about
    std::string row_names;  ///< what rows are, many of them: "models"
    std::vector<Filter> filters;
    std::vector<Grouping> groupings;
    Origin origin;
    std::vector<std::string> caveats;  ///< a sentence each
};
BOOST_DESCRIBE_STRUCT(Dataset, (),
                      (id, title, quantity, unit, amount, row_name, row_names, filters, groupings,
                       origin, caveats))

/// Reads a description. Errors: those of codec::from_json; invalid "observe/bad-dataset".
Result<Dataset> parse_dataset(std::string_view json);

/// Names of the shipped descriptions, in order.
std::vector<std::string_view> shipped_datasets();

/// Errors: not_found "observe/no-such-dataset".
Result<Dataset> shipped_dataset(std::string_view name);

/// Errors: not_found "observe/no-such-grouping".
Result<Grouping> grouping_of(const Dataset& dataset, std::string_view id);

/// The filter as a sentence without its full stop.
std::string text_of(const Filter& filter);

/// What a name of the source stands for, as reviewed.
struct EntityRow {
    std::string name;                         ///< as the source writes it
    std::string type;                         ///< "member state", "area", "organization"
    std::optional<std::string> counted_with;  ///< another name of the source; absent: by itself
};
BOOST_DESCRIBE_STRUCT(EntityRow, (), (name, type, counted_with))

struct EntityTable {
    std::string title;
    std::string source;  ///< who reviewed it, and where that is written
    Date date;
    std::vector<EntityRow> rows;
};
BOOST_DESCRIBE_STRUCT(EntityTable, (), (title, source, date, rows))

/// Errors: those of codec::from_json; invalid "observe/bad-entities": a name that comes twice, or
/// is counted with one that is itself counted with another or is not in the table.
Result<EntityTable> parse_entities(std::string_view json);

}  // namespace comity::observe
