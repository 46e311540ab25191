// SPDX-License-Identifier: Apache-2.0
#include "observe/dataset.h"

#include <algorithm>
#include <map>
#include <span>

#include "codec/describe.h"
#include "observe/shipped_datasets.h"

namespace comity::observe {
namespace {

Error bad_dataset(std::string message) {
    return Error{Code::invalid, "observe/bad-dataset", std::move(message)};
}

Error bad_entities(std::string message) {
    return Error{Code::invalid, "observe/bad-entities", std::move(message)};
}

Result<> check_groupings(const std::vector<Grouping>& groupings) {
    if (groupings.empty() || groupings.size() > groupings_max) {
        return bad_dataset("The description needs 1 to " + std::to_string(groupings_max) +
                           " groupings.");
    }
    std::set<std::string_view> known;
    for (const Grouping& grouping : groupings) {
        if (!known.insert(grouping.id).second) {
            return bad_dataset("The grouping '" + grouping.id + "' comes twice.");
        }
        if (grouping.separator && grouping.separator->empty()) {
            return bad_dataset("The separator of '" + grouping.id +
                               "' is empty; leave it out where a field is one name.");
        }
    }
    return {};
}

struct FilterText {
    std::string operator()(const DateFrom& filter) const {
        return "'" + filter.column + "' is " + filter.from.text() + " or later";
    }
    std::string operator()(const Equals& filter) const {
        return "'" + filter.column + "' is '" + filter.value + "'";
    }
    std::string operator()(const Present& filter) const {
        return "'" + filter.column + "' is not empty";
    }
};

}  // namespace

Result<Dataset> parse_dataset(std::string_view json) {
    Dataset dataset = TRY(codec::from_json<Dataset>(json, {.bytes_max = description_bytes_max}));
    if (dataset.amount.empty() || dataset.row_name.empty()) {
        return bad_dataset("The description names no column for the amount or the row's name.");
    }
    if (dataset.filters.size() > filters_max) {
        return bad_dataset("The description has more than " + std::to_string(filters_max) +
                           " filters.");
    }
    TRY(check_groupings(dataset.groupings));
    return dataset;
}

std::vector<std::string_view> shipped_datasets() {
    std::vector<std::string_view> names;
    names.reserve(shipped_descriptions().size());
    for (const ShippedDescription& each : shipped_descriptions()) names.push_back(each.name);
    return names;
}

Result<Dataset> shipped_dataset(std::string_view name) {
    std::string known;
    for (const ShippedDescription& each : shipped_descriptions()) {
        if (each.name == name) return parse_dataset(each.json);
        known.append(known.empty() ? "" : ", ").append(each.name);
    }
    return Error{Code::not_found, "observe/no-such-dataset",
                 "There is no description '" + std::string(name) + "'; known: " + known + "."};
}

Result<Grouping> grouping_of(const Dataset& dataset, std::string_view id) {
    std::string known;
    for (const Grouping& grouping : dataset.groupings) {
        if (grouping.id == id) return grouping;
        known.append(known.empty() ? "" : ", ").append(grouping.id);
    }
    return Error{Code::not_found, "observe/no-such-grouping",
                 "The description groups by " + known + ", not by '" + std::string(id) + "'."};
}

std::string text_of(const Filter& filter) { return std::visit(FilterText(), filter); }

Result<EntityTable> parse_entities(std::string_view json) {
    constexpr std::size_t entities_bytes_max = std::size_t{1} << 20U;
    EntityTable table = TRY(codec::from_json<EntityTable>(json, {.bytes_max = entities_bytes_max}));
    if (table.rows.size() > entity_rows_max) {
        return bad_entities("The table has more than " + std::to_string(entity_rows_max) +
                            " rows.");
    }
    std::map<std::string_view, const EntityRow*> by_name;
    for (const EntityRow& row : table.rows) {
        if (!by_name.emplace(row.name, &row).second) {
            return bad_entities("The name '" + row.name + "' comes twice.");
        }
    }
    for (const EntityRow& row : table.rows) {
        const auto& other = row.counted_with;
        if (!other) continue;
        const auto found = by_name.find(*other);
        if (found == by_name.end() || found->second->counted_with) {
            return bad_entities("'" + row.name + "' is counted with '" + *other +
                                "', which must be in the table and counted by itself.");
        }
    }
    return table;
}

}  // namespace comity::observe
