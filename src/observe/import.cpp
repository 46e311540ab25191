// SPDX-License-Identifier: Apache-2.0
#include "observe/import.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/bytes.h"

namespace comity::observe {
namespace {

/// A row that counts.
struct UsedRow {
    std::string name;
    Decimal amount;
    std::vector<std::string> holders;  ///< distinct, by name
};

/// Largest amount first; rows that are alike in all of this are interchangeable.
bool comes_before(const UsedRow& a, const UsedRow& b) {
    if (a.amount != b.amount) return a.amount > b.amount;
    return std::tie(a.name, a.holders) < std::tie(b.name, b.holders);
}

/// A filter with the place of its column.
struct Condition {
    Filter filter;
    std::size_t column = 0;

    bool holds(const std::vector<std::string>& fields) const {
        return std::visit([&](const auto& each) { return holds(each, fields[column]); }, filter);
    }

private:
    static bool holds(const DateFrom& filter, const std::string& field) {
        const auto day = Date::parse(field);
        return day && *day >= filter.from;
    }
    static bool holds(const Equals& filter, const std::string& field) {
        return field == filter.value;
    }
    static bool holds(const Present&, const std::string& field) { return !field.empty(); }
};

Result<std::vector<Condition>> conditions_of(const CsvReader& reader, const Dataset& dataset) {
    std::vector<Condition> conditions;
    conditions.reserve(dataset.filters.size());
    for (const Filter& filter : dataset.filters) {
        const std::string& column =
            std::visit([](const auto& each) -> const std::string& { return each.column; }, filter);
        const std::size_t place = TRY(reader.column(column));
        conditions.push_back({filter, place});
    }
    return conditions;
}

std::string_view trimmed(std::string_view name) {
    const std::size_t first = name.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return name.substr(first, name.find_last_not_of(' ') - first + 1);
}

/// The distinct holders that a field names.
std::vector<std::string> holders_in(std::string_view field, const Grouping& grouping) {
    std::set<std::string> names;
    const auto add = [&](std::string_view name) {
        if (const auto bare = trimmed(name); !bare.empty()) names.emplace(bare);
    };
    if (const auto& separator = grouping.separator) {
        std::size_t end = field.find(*separator);
        while (end != std::string_view::npos) {
            add(field.substr(0, end));
            field.remove_prefix(end + separator->size());
            end = field.find(*separator);
        }
    }
    add(field);
    std::set<std::string> kept = names;
    for (const std::string& ignored : grouping.ignored_beside_others) kept.erase(ignored);
    if (kept.empty()) kept = std::move(names);
    return {kept.begin(), kept.end()};
}

/// The rows of a file as they pass the conditions.
class Rows {
public:
    Rows(const Dataset& dataset, Grouping grouping)
        : dataset_(dataset), grouping_(std::move(grouping)) {}

    Result<> read(std::string_view csv, const CsvLimits& limits) {
        CsvReader reader = TRY(CsvReader::open(csv, limits));
        conditions_ = TRY(conditions_of(reader, dataset_));
        holder_ = TRY(reader.column(grouping_.column));
        amount_ = TRY(reader.column(dataset_.amount));
        name_ = TRY(reader.column(dataset_.row_name));
        left_out_.resize(conditions_.size() + 2);
        std::vector<std::string> fields;
        while (TRY(reader.next(fields))) TRY(take(fields, reader.line()));
        read_ = reader.rows();
        std::sort(used_.begin(), used_.end(), comes_before);
        return {};
    }

    const std::vector<UsedRow>& used() const { return used_; }
    const std::optional<Date>& newest() const { return newest_; }
    std::uint64_t read() const { return read_; }
    std::uint64_t unreadable() const { return unreadable_; }
    std::size_t listed() const { return listed_.size(); }

    std::vector<Step> steps() const {
        std::vector<Step> steps;
        steps.reserve(left_out_.size());
        std::uint64_t remaining = read_;
        for (std::size_t i = 0; i < left_out_.size(); ++i) {
            remaining -= left_out_[i];
            steps.push_back({condition_text(i), left_out_[i], remaining});
        }
        return steps;
    }

private:
    std::string condition_text(std::size_t step) const {
        if (step < conditions_.size()) return text_of(conditions_[step].filter);
        return step == conditions_.size()
                   ? "'" + grouping_.column + "' names a holder"
                   : "'" + dataset_.amount + "' is an amount: digits, not negative";
    }

    void note_days(const std::vector<std::string>& fields) {
        for (const Condition& condition : conditions_) {
            if (!std::holds_alternative<DateFrom>(condition.filter)) continue;
            const auto day = Date::parse(fields[condition.column]);
            if (day && (!newest_ || *newest_ < *day)) newest_ = *day;
        }
    }

    Result<> take(const std::vector<std::string>& fields, std::uint64_t line) {
        note_days(fields);
        for (std::size_t i = 0; i < conditions_.size(); ++i) {
            if (!conditions_[i].holds(fields)) {
                ++left_out_[i];
                return {};
            }
        }
        std::vector<std::string> holders = holders_in(fields[holder_], grouping_);
        if (holders.empty()) {
            ++left_out_[conditions_.size()];
            return {};
        }
        if (holders.size() > parts_max) {
            return Error{Code::too_large, "observe/too-many-holders",
                         "Line " + std::to_string(line) + ", column '" + grouping_.column +
                             "': the row names more than " + std::to_string(parts_max) +
                             " holders."};
        }
        listed_.insert(holders.begin(), holders.end());
        auto amount = Decimal::parse(fields[amount_]);
        if (!amount) {
            ++left_out_[conditions_.size() + 1];
            if (!fields[amount_].empty()) ++unreadable_;
            return {};
        }
        used_.push_back({fields[name_], std::move(amount).value(), std::move(holders)});
        return {};
    }

    const Dataset& dataset_;
    Grouping grouping_;
    std::vector<Condition> conditions_;
    std::size_t holder_ = 0;
    std::size_t amount_ = 0;
    std::size_t name_ = 0;
    std::vector<std::uint64_t> left_out_;  // by condition, then: no holder, no amount
    std::vector<UsedRow> used_;
    std::set<std::string> listed_;
    std::optional<Date> newest_;
    std::uint64_t read_ = 0;
    std::uint64_t unreadable_ = 0;
};

/// Of `rows` from `first`, with the holder that `named` makes of each name.
template <class Named>
std::vector<Holding> holdings_of(const std::vector<UsedRow>& rows, std::size_t first,
                                 const Named& named) {
    std::vector<Holding> holdings;
    holdings.reserve(rows.size() - first);
    for (std::size_t i = first; i < rows.size(); ++i) {
        const auto parts = static_cast<std::uint32_t>(rows[i].holders.size());
        for (const std::string& holder : rows[i].holders) {
            holdings.push_back({named(holder), rows[i].amount, parts});
        }
    }
    return holdings;
}

std::string as_the_source_names_it(const std::string& holder) { return holder; }

std::optional<WithoutLargest> without_largest(const std::vector<UsedRow>& rows) {
    if (rows.empty() || rows.front().amount.is_zero()) return {};
    const Concentration rest = concentration(holdings_of(rows, 1, as_the_source_names_it));
    return WithoutLargest{.row = rows.front().name,
                          .amount = rows.front().amount.text(),
                          .holders = rows.front().holders,
                          .remaining_holders = rest.with_amount,
                          .hhi = rest.hhi,
                          .top = rest.top};
}

EntityEffect effect_of(const EntityTable& table, const std::vector<UsedRow>& rows) {
    std::map<std::string, const EntityRow*> by_name;
    for (const EntityRow& row : table.rows) by_name.emplace(row.name, &row);
    std::set<std::string> unknown;
    const auto type = [&](const std::string& holder) {
        const auto found = by_name.find(holder);
        if (found != by_name.end()) return found->second->type;
        unknown.insert(holder);
        return std::string();
    };
    const auto counted = [&](const std::string& holder) {
        const auto found = by_name.find(holder);
        return found == by_name.end() ? holder : found->second->counted_with.value_or(holder);
    };
    EntityEffect effect{.title = table.title,
                        .source = table.source,
                        .date = table.date,
                        .by_type = concentration(holdings_of(rows, 0, type)).shares,
                        .not_in_table = {unknown.begin(), unknown.end()},
                        .hhi = {},
                        .shares = {}};
    Concentration merged = concentration(holdings_of(rows, 0, counted));
    effect.hhi = merged.hhi;
    effect.shares = std::move(merged.shares);
    return effect;
}

std::string split_text(const Grouping& grouping) {
    if (!grouping.separator) {
        return "A row belongs to the one name in '" + grouping.column + "'.";
    }
    std::string text =
        "A row belongs to the names in '" + grouping.column + "' between '" + *grouping.separator +
        "'; each distinct name gets the same part of the row's amount, as an exact fraction.";
    for (const std::string& ignored : grouping.ignored_beside_others) {
        text.append(" '").append(ignored).append(
            "' does not count where another name stands beside it.");
    }
    return text;
}

std::vector<Explanation> explanations(const Dataset& dataset, const Grouping& grouping) {
    return {{"used",
             "Rows of the file pass the conditions in the order shown; each is counted under "
             "the first that it fails. The rest is used."},
            {"amounts", "The column '" + dataset.amount + "', in " + dataset.unit +
                            ", read digit by digit as it is written and added exactly."},
            {"holders", split_text(grouping) + " Names are quoted from the source."},
            {"shares",
             "A holder's amount over the total of all rows used; per thousand, to the "
             "nearest, halves up."},
            {"hhi",
             "Herfindahl-Hirschman index: the sum of the squares of all shares, in "
             "ten-thousandths, to the nearest, halves up. 10,000: one holder has all; 10,000/n: "
             "n holders have the same."},
            {"top",
             "What the largest holders have together over the total, rounded once, so that it "
             "may differ by one from the sum of rounded shares."},
            {"lorenz",
             "What the holders with least have together, for each number of holders; exact "
             "fractions from 0 to 1. Holders without any amount in the file are not in it."},
            {"without_largest",
             "The same figures over all rows but the one with the largest amount: "
             "how far they hang on one row."}};
}

}  // namespace

Result<ImportedConcentration> measure(std::string_view csv, const Dataset& dataset,
                                      std::string_view grouping,
                                      const std::optional<EntityTable>& entities,
                                      const CsvLimits& limits) {
    const Grouping by = TRY(grouping_of(dataset, grouping));
    Rows rows(dataset, by);
    TRY(rows.read(csv, limits));
    ImportedConcentration made{
        .dataset = dataset.id,
        .title = dataset.title,
        .quantity = dataset.quantity,
        .unit = dataset.unit,
        .row_names = dataset.row_names,
        .grouping = by.id,
        .column = by.column,
        .file = sha256({bytes_of(csv)}),
        .newest = rows.newest(),
        .rows = rows.read(),
        .steps = rows.steps(),
        .unreadable = rows.unreadable(),
        .used = rows.used().size(),
        .holders_listed = static_cast<std::uint32_t>(rows.listed()),
        .concentration = concentration(holdings_of(rows.used(), 0, as_the_source_names_it)),
        .without_largest = without_largest(rows.used()),
        .entities = {},
        .how = explanations(dataset, by),
        .origin = dataset.origin,
        .caveats = dataset.caveats};
    if (entities) made.entities = effect_of(*entities, rows.used());
    return made;
}

}  // namespace comity::observe
