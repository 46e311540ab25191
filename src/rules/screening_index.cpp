// SPDX-License-Identifier: Apache-2.0
#include "rules/screening_index.h"

#include <algorithm>
#include <bit>

namespace comity::rules {
namespace {

constexpr std::size_t bits_of_word = 64;

void set_bit(std::vector<std::uint64_t>& bits, std::size_t n) {
    bits[n / bits_of_word] |= std::uint64_t{1} << (n % bits_of_word);
}

}  // namespace

template <class Value>
void ScreeningIndex::fill(Column<Value>& column, const Lists<Value>& lists) {
    column.rest.assign((lists.size() + bits_of_word - 1) / bits_of_word, 0);
    for (std::size_t n = 0; n < lists.size(); ++n) {
        if (!*lists[n]) set_bit(column.rest, n);
    }
    for (std::size_t n = 0; n < lists.size(); ++n) {
        const auto& list = *lists[n];
        if (!list) continue;
        for (const Value& value : *list) {
            set_bit(column.listed.try_emplace(value, column.rest).first->second, n);
        }
    }
}

ScreeningIndex::ScreeningIndex(const Rules& rules, Date day) {
    Lists<institution::ItemClassId> item_classes;
    Lists<institution::AreaCode> origins;
    Lists<institution::AreaCode> destinations;
    Lists<institution::EndUseId> end_uses;
    for (const auto& [id, record] : rules.restrictions) {
        if (!in_force(record, day)) continue;
        const Restriction& restriction = record.versions.back().restriction;
        entries_.push_back({.treatment = restriction.treatment,
                            .exceptions = restriction.exceptions,
                            .citation = cite(id, record)});
        item_classes.push_back(&restriction.scope.item_classes);
        origins.push_back(&restriction.scope.origins);
        destinations.push_back(&restriction.scope.destinations);
        end_uses.push_back(&restriction.scope.end_uses);
    }
    fill(item_classes_, item_classes);
    fill(origins_, origins);
    fill(destinations_, destinations);
    fill(end_uses_, end_uses);
}

institution::Screening ScreeningIndex::screen(const institution::Transfer& transfer) const {
    const Bits& item_class = item_classes_.bits(transfer.item_class);
    const Bits& origin = origins_.bits(transfer.origin);
    const Bits& destination = destinations_.bits(transfer.destination);
    const Bits& end_use = end_uses_.bits(transfer.end_use);

    institution::Screening screening;
    for (std::size_t word = 0; word < item_class.size(); ++word) {
        std::uint64_t rest = item_class[word] & origin[word] & destination[word] & end_use[word];
        for (; rest != 0; rest &= rest - 1) {
            const auto bit = static_cast<std::size_t>(std::countr_zero(rest));
            const Entry& entry = entries_[word * bits_of_word + bit];
            const auto excepts = [&](const Scope& scope) { return matches(scope, transfer); };
            if (std::ranges::any_of(entry.exceptions, excepts)) continue;
            screening.verdict = std::max(screening.verdict, verdict_of(entry.treatment));
            screening.citations.push_back(entry.citation);
        }
    }
    return screening;
}

}  // namespace comity::rules
