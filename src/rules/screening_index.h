// SPDX-License-Identifier: Apache-2.0
#pragma once

// The restrictions in force on one day, arranged so that many transfers are screened quickly.
//
// Says exactly what rules::screen says. Each value that a restriction lists has one bit per
// restriction; four look-ups and the words' conjunction leave the restrictions whose scope matches,
// and only their exceptions are looked at. Immutable, so safe from any thread.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "institution/transfer.h"
#include "rules/rules.h"

namespace comity::rules {

class ScreeningIndex {
public:
    /// O(values listed by the restrictions in force). Copies what it needs.
    ScreeningIndex(const Rules& rules, Date day);

    /// O(log values + restrictions / 64 + restrictions whose scope matches).
    institution::Screening screen(const institution::Transfer& transfer) const;

private:
    using Bits = std::vector<std::uint64_t>;  ///< bit n is entries_[n]

    /// Which restrictions a value of one kind lets through.
    template <class Value>
    struct Column {
        std::map<Value, Bits> listed;  ///< with the bits of `rest`
        Bits rest;                     ///< for a value that no restriction lists

        const Bits& bits(const Value& value) const {
            const auto found = listed.find(value);
            return found == listed.end() ? rest : found->second;
        }
    };

    struct Entry {
        Treatment treatment;
        std::vector<Scope> exceptions;
        institution::Citation citation;
    };

    /// lists[n]: what restriction n lists; a list that is absent lets every value through.
    template <class Value>
    using Lists = std::vector<const std::optional<std::set<Value>>*>;

    template <class Value>
    static void fill(Column<Value>& column, const Lists<Value>& lists);

    std::vector<Entry> entries_;  ///< in force, by id
    Column<institution::ItemClassId> item_classes_;
    Column<institution::AreaCode> origins_;
    Column<institution::AreaCode> destinations_;
    Column<institution::EndUseId> end_uses_;
};

/// Screens on any day, and keeps the arrangement of the last day that was asked for. Borrows the
/// rules, which must not change as long as it is in use. For one thread.
class ScreeningByDay {
public:
    explicit ScreeningByDay(const Rules& rules) : rules_(&rules) {}

    institution::Screening operator()(const institution::Transfer& transfer, Date day) {
        if (!index_ || day_ != day) {
            index_.emplace(*rules_, day);
            day_ = day;
        }
        return index_->screen(transfer);
    }

private:
    const Rules* rules_;
    Date day_;
    std::optional<ScreeningIndex> index_;
};

}  // namespace comity::rules
