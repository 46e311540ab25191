// SPDX-License-Identifier: Apache-2.0
#pragma once

// Concentration on imported public data: a file of comma-separated values, read as a description
// says, with every row accounted for.
//
// Rows pass the filters in their order, then need a holder, then an amount. Names of holders are
// quoted from the source. The result is the same for the rows in any order.

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/sha256.h"
#include "observe/concentration.h"
#include "observe/csv.h"
#include "observe/dataset.h"

namespace comity::observe {

/// What one condition did to the rows that came to it.
struct Step {
    std::string condition;
    std::uint64_t left_out = 0;
    std::uint64_t remaining = 0;

    friend bool operator==(const Step&, const Step&) = default;
};
BOOST_DESCRIBE_STRUCT(Step, (), (condition, left_out, remaining))

/// The figures as they would be without the row that has the largest amount.
struct WithoutLargest {
    std::string row;  ///< its name; of rows with the same amount, the first by name, then holders
    std::string amount;
    std::vector<std::string> holders;
    std::uint32_t remaining_holders = 0;
    std::optional<std::int64_t> hhi;
    std::vector<PartialShare> top;
};
BOOST_DESCRIBE_STRUCT(WithoutLargest, (), (row, amount, holders, remaining_holders, hhi, top))

/// What a reviewed table of entities changes.
struct EntityEffect {
    std::string title;
    std::string source;
    Date date;
    std::vector<HolderShare> by_type;       ///< what all names of a type have together
    std::vector<std::string> not_in_table;  ///< names of the source; by_type has them under ""
    std::optional<std::int64_t> hhi;        ///< with names counted as the table says
    std::vector<HolderShare> shares;        ///< likewise
};
BOOST_DESCRIBE_STRUCT(EntityEffect, (), (title, source, date, by_type, not_in_table, hhi, shares))

/// One number or list of the report, and how it was computed.
struct Explanation {
    std::string of;  ///< "hhi"
    std::string text;

    friend bool operator==(const Explanation&, const Explanation&) = default;
};
BOOST_DESCRIBE_STRUCT(Explanation, (), (of, text))

struct ImportedConcentration {
    std::string dataset;
    std::string title;
    std::string quantity;
    std::string unit;
    std::string row_names;
    std::string grouping;
    std::string column;          ///< with the holders
    Digest file;                 ///< SHA-256 of its octets
    std::optional<Date> newest;  ///< day in the columns that must hold one, of all rows
    std::uint64_t rows = 0;
    std::vector<Step> steps;
    std::uint64_t unreadable = 0;      ///< of the rows without an amount: not empty, no amount
    std::uint64_t used = 0;            ///< rows
    std::uint32_t holders_listed = 0;  ///< that rows name, with an amount or without
    Concentration concentration;
    std::optional<WithoutLargest> without_largest;  ///< absent: no row has an amount above zero
    std::optional<EntityEffect> entities;           ///< if a table was given
    std::vector<Explanation> how;
    Origin origin;
    std::vector<std::string> caveats;
};
BOOST_DESCRIBE_STRUCT(ImportedConcentration, (),
                      (dataset, title, quantity, unit, row_names, grouping, column, file, newest,
                       rows, steps, unreadable, used, holders_listed, concentration,
                       without_largest, entities, how, origin, caveats))

/// O(octets + rows log rows). Errors: those of csv.h; not_found "observe/no-such-grouping";
/// too_large "observe/too-many-holders": a row that names more than parts_max.
Result<ImportedConcentration> measure(std::string_view csv, const Dataset& dataset,
                                      std::string_view grouping,
                                      const std::optional<EntityTable>& entities = {},
                                      const CsvLimits& limits = {});

}  // namespace comity::observe
