// SPDX-License-Identifier: Apache-2.0
// A table that is read, and written with every field quoted, is read back the same; and measuring
// any file ends with figures that add up, or with a named refusal.
#include "observe/csv.h"

#include <string>
#include <vector>

#include "base/check.h"
#include "observe/import.h"

namespace {

using comity::observe::CsvReader;
using Table = std::vector<std::vector<std::string>>;

bool is_named(std::string_view reason) {
    return reason == "observe/bad-csv" || reason == "observe/csv-too-large";
}

comity::Result<Table> read(std::string_view text) {
    CsvReader reader = TRY(CsvReader::open(text));
    Table table = {reader.header()};
    std::vector<std::string> row;
    while (TRY(reader.next(row))) table.push_back(row);
    return table;
}

std::string written(const Table& table) {
    std::string text;
    for (const auto& row : table) {
        std::string_view before = "\"";
        for (const std::string& field : row) {
            text.append(before);
            for (const char c : field) text.append(c == '"' ? 2 : 1, c);
            before = "\",\"";
        }
        text.append("\"\r\n");
    }
    return text;
}

void check_measure(std::string_view text) {
    static const auto dataset = comity::observe::shipped_dataset("epoch-models").value();
    const auto found = comity::observe::measure(text, dataset, "country");
    if (!found) return;
    COMITY_CHECK(found->steps.back().remaining == found->used);
    const auto& all = found->concentration;
    COMITY_CHECK(all.hhi.has_value() == (all.with_amount > 0));
    COMITY_CHECK(all.lorenz.empty() || all.lorenz.back().share == "1");
    COMITY_CHECK(all.holders <= found->holders_listed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    check_measure(text);
    const auto table = read(text);
    if (!table) {
        COMITY_CHECK(is_named(table.error().reason));
        return 0;
    }
    const auto again = read(written(*table));
    COMITY_CHECK(again && *again == *table);
    return 0;
}
