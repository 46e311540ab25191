// SPDX-License-Identifier: Apache-2.0
#include "observe/csv.h"

#include <algorithm>
#include <set>

#include "codec/utf8.h"

namespace comity::observe {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

Result<CsvReader> CsvReader::open(std::string_view text, const CsvLimits& limits) {
    CsvReader reader(text, limits);
    if (text.size() > limits.bytes_max) {
        return reader.too_large("The file has more than " + std::to_string(limits.bytes_max) +
                                " octets");
    }
    if (codec::first_bad_utf8(text)) return reader.bad("the file is not UTF-8");
    if (text.find('\0') != std::string_view::npos) return reader.bad("the file holds a NUL");
    if (text.starts_with(byte_order_mark)) reader.at_ = byte_order_mark.size();
    std::vector<std::string> names;
    if (!TRY(reader.read_row(names))) return reader.bad("there is no header");
    std::set<std::string_view> known;
    for (const std::string& name : names) {
        if (!known.insert(name).second) {
            return reader.bad("the header names the column '" + name + "' twice");
        }
    }
    reader.header_ = std::move(names);
    return reader;
}

Result<std::size_t> CsvReader::column(std::string_view name) const {
    const auto found = std::find(header_.begin(), header_.end(), name);
    if (found == header_.end()) {
        return Error{Code::not_found, "observe/no-such-column",
                     "The file has no column '" + std::string(name) + "'."};
    }
    return static_cast<std::size_t>(found - header_.begin());
}

Result<bool> CsvReader::next(std::vector<std::string>& fields) {
    if (!TRY(read_row(fields))) return false;
    if (fields.size() != header_.size()) {
        return bad("the row has " + std::to_string(fields.size()) + " fields and the header " +
                   std::to_string(header_.size()));
    }
    if (++rows_ > limits_.rows_max) {
        return too_large("The file has more than " + std::to_string(limits_.rows_max) + " rows");
    }
    return true;
}

Result<bool> CsvReader::read_row(std::vector<std::string>& fields) {
    fields.clear();
    row_line_ = line_;
    if (at_ == text_.size()) return false;
    FieldEnd end = FieldEnd::field;
    for (field_ = 0; end == FieldEnd::field; ++field_) {
        if (field_ == limits_.columns_max) {
            return too_large("A row has more than " + std::to_string(limits_.columns_max) +
                             " fields");
        }
        std::string& field = fields.emplace_back();
        const bool is_quoted = at_ < text_.size() && text_[at_] == '"';
        TRY(is_quoted ? read_quoted(field) : read_plain(field));
        if (field.size() > limits_.field_bytes_max) {
            return too_large("A field has more than " + std::to_string(limits_.field_bytes_max) +
                             " octets");
        }
        end = TRY(read_end());
    }
    return true;
}

Result<> CsvReader::read_quoted(std::string& field) {
    while (true) {
        const std::size_t begin = at_ + 1;  // after the quote that opens, or that is doubled
        const std::size_t end = text_.find('"', begin);
        if (end == std::string_view::npos) return bad("a quoted field is not closed");
        const std::string_view part = text_.substr(begin, end - begin);
        line_ += static_cast<std::uint64_t>(std::count(part.begin(), part.end(), '\n'));
        field.append(part);
        at_ = end + 1;
        if (at_ == text_.size() || text_[at_] != '"') return {};
        field.push_back('"');
    }
}

Result<> CsvReader::read_plain(std::string& field) {
    const std::size_t end = std::min(text_.find_first_of(",\r\n\"", at_), text_.size());
    field.append(text_.substr(at_, end - at_));
    at_ = end;
    if (at_ < text_.size() && text_[at_] == '"') {
        return bad("a quote stands inside a field that is not quoted");
    }
    return {};
}

Result<CsvReader::FieldEnd> CsvReader::read_end() {
    if (at_ == text_.size()) return FieldEnd::text;
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with(',')) {
        ++at_;
        return FieldEnd::field;
    }
    if (rest.starts_with('\n') || rest.starts_with("\r\n")) {
        at_ = text_.find('\n', at_) + 1;
        ++line_;
        return FieldEnd::row;
    }
    return bad(rest.front() == '\r' ? "a carriage return stands without a line feed"
                                    : "text follows a closing quote");
}

std::string CsvReader::place() const {
    std::string text = "Line " + std::to_string(row_line_);
    if (field_ < header_.size()) text += ", column '" + header_[field_] + "'";
    return text;
}

Error CsvReader::bad(const std::string& what) const {
    return Error{Code::invalid, "observe/bad-csv",
                 place() + ": " + what + "; expected comma-separated values as in RFC 4180."};
}

Error CsvReader::too_large(const std::string& what) const {
    return Error{Code::too_large, "observe/csv-too-large", what + "."};
}

}  // namespace comity::observe
