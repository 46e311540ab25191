// SPDX-License-Identifier: Apache-2.0
#pragma once

// CsvReader: comma-separated values with a header, strictly as RFC 4180 has them, a row at a time.
//
// Fields are taken as they stand: blanks count, a quoted field may hold line ends. Rows end with
// CRLF or LF; the last may have none. What another reader could take otherwise is refused: a quote
// inside a plain field, text after a closing one, a lone CR, a row of another length, a column name
// that comes twice. The text is UTF-8, with or without a byte order mark, without NUL; RFC 4180 has
// no control characters but line ends, public files do, so whoever prints a field takes care.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace comity::observe {

struct CsvLimits {
    std::size_t bytes_max = std::size_t{64} << 20U;       ///< octets of the text
    std::uint64_t rows_max = 1'000'000;                   ///< below the header
    std::size_t columns_max = 1'024;                      ///< fields of one row
    std::size_t field_bytes_max = std::size_t{1} << 20U;  ///< octets of one field
};

class CsvReader {
public:
    /// Reads the header. `text` is borrowed while the reader is used. O(text), once, for UTF-8.
    /// Errors: too_large "observe/csv-too-large", invalid "observe/bad-csv".
    static Result<CsvReader> open(std::string_view text, const CsvLimits& limits = {});

    const std::vector<std::string>& header() const { return header_; }

    /// The place of a column in every row. Errors: not_found "observe/no-such-column".
    Result<std::size_t> column(std::string_view name) const;

    /// Reads the next row into `fields`, as many as the header has; false at the end.
    /// Errors, with line and column: as open.
    Result<bool> next(std::vector<std::string>& fields);

    std::uint64_t line() const { return row_line_; }  ///< where the last row begins, from 1
    std::uint64_t rows() const { return rows_; }      ///< read so far, without the header

private:
    enum class FieldEnd { field, row, text };

    CsvReader(std::string_view text, const CsvLimits& limits) : text_(text), limits_(limits) {}

    Result<bool> read_row(std::vector<std::string>& fields);
    Result<> read_quoted(std::string& field);
    Result<> read_plain(std::string& field);
    Result<FieldEnd> read_end();
    Error bad(const std::string& what) const;
    Error too_large(const std::string& what) const;
    std::string place() const;

    std::string_view text_;
    CsvLimits limits_;
    std::vector<std::string> header_;
    std::size_t at_ = 0;
    std::size_t field_ = 0;  // the one that is read, from 0
    std::uint64_t line_ = 1;
    std::uint64_t row_line_ = 1;
    std::uint64_t rows_ = 0;
};

}  // namespace comity::observe
