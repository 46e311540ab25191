// SPDX-License-Identifier: Apache-2.0
#include "exchange/instance_costs.h"

#include <algorithm>
#include <limits>
#include <map>
#include <span>
#include <utility>

namespace comity::exchange::detail {

namespace {

/// Place of a lawful offer in the need's list, by its id.
Result<std::size_t> lawful_place(const NamedInstance& named, Index need, const std::string& id,
                                 const Place& place) {
    const std::span<const Index> lawful = named.instance.lawful(need);
    const std::optional<Index> offer = position(named.offers, id);
    const auto at = offer ? std::lower_bound(lawful.begin(), lawful.end(), *offer) : lawful.end();
    if (!offer || at == lawful.end() || *at != *offer) {
        return place.error("The need has no such lawful offer.");
    }
    return static_cast<std::size_t>(at - lawful.begin());
}

class Reader {
public:
    explicit Reader(NamedInstance& named) : named_(named) {}

    Result<> read(Index need, const Object& fields, const Place& place) {
        if (const Value* cost = find(fields, "cost")) {
            const Object* stated = TRY(object_at(*cost, place.at("cost")));
            TRY(read_row(need, *stated, place.at("cost")));
        } else {
            TRY(share_row(need, place));
        }
        const Value* before = find(fields, "before");
        if (before == nullptr) return {};
        const Object* stated = TRY(object_at(*before, place.at("before")));
        return read_before(need, *stated, place.at("before"));
    }

    PairCosts costs;

private:
    Result<Index> new_row(Index need, const Place& place) {
        const std::size_t size = named_.instance.lawful(need).size();
        if (size > pair_costs_max - costs.units.size()) {
            return Error{Code::too_large, "exchange/instance-too-large",
                         codec::message_at(place.pointer, "There are too many costs.")};
        }
        costs.units.resize(costs.units.size() + size);
        costs.row_begin.push_back(costs.units.size());
        return static_cast<Index>(costs.row_begin.size() - 2);
    }

    Result<> read_row(Index need, const Object& stated, const Place& place) {
        const Index row = TRY(new_row(need, place));
        costs.row_of.push_back(row);
        for (const auto& [id, value] : stated) {
            const std::size_t at = TRY(lawful_place(named_, need, id, place.at(id)));
            const std::int64_t units = TRY(number_at(value, place.at(id)));
            if (units < 0 || units > stated_cost_max) {
                return place.at(id).error("Expected a cost from 0 to 2^33.");
            }
            costs.units[costs.row_begin[row] + at] = units;
        }
        return {};
    }

    /// Of a need that states none: those of its list, which are all 0.
    Result<> share_row(Index need, const Place& place) {
        const Index list = named_.instance.list_of(need);
        const auto known = zeros_.find(list);
        const Index row = known != zeros_.end() ? known->second : TRY(new_row(need, place));
        zeros_.emplace(list, row);
        costs.row_of.push_back(row);
        return {};
    }

    Result<> read_before(Index need, const Object& stated, const Place& place) {
        const std::span<const Index> lawful = named_.instance.lawful(need);
        for (const auto& [id, value] : stated) {
            const std::size_t at = TRY(lawful_place(named_, need, id, place.at(id)));
            const std::int64_t units = TRY(number_at(value, place.at(id)));
            if (units < 1 || units > units_max) {
                return place.at(id).error("Expected 1 to 2^60 units.");
            }
            costs.before.push_back({need, lawful[at], units});
        }
        return {};
    }

    NamedInstance& named_;
    std::map<Index, Index> zeros_;
};

bool states_costs(const Object& needs) {
    return std::any_of(needs.begin(), needs.end(), [](const auto& need) {
        const Object* fields = need.second.template as<Object>();
        return fields != nullptr &&
               (find(*fields, "cost") != nullptr || find(*fields, "before") != nullptr);
    });
}

/// Numbers above 0, by name.
template <class NameOf>
Object above_zero(const std::vector<std::int64_t>& numbers, NameOf name_of) {
    Object object;
    for (Index i = 0; i < numbers.size(); ++i) {
        if (numbers[i] != 0) object[name_of(i)] = number(numbers[i]);
    }
    return object;
}

Result<std::vector<std::int64_t>> read_numbers(const Value& value,
                                               const std::vector<std::string>& ids,
                                               const Place& place) {
    std::vector<std::int64_t> numbers(ids.size());
    for (const auto& [id, price] : *TRY(object_at(value, place))) {
        const std::optional<Index> at = position(ids, id);
        if (!at) return place.at(id).error("The instance has nothing of this name.");
        numbers[*at] = TRY(number_at(price, place.at(id)));
    }
    return numbers;
}

}  // namespace

Result<> read_costs(const Object& pool, NamedInstance& named, const Place& place) {
    const Value* change = find(pool, "change");
    const Value* needs_value = TRY(require(pool, "needs", place));
    const Object& needs = *TRY(object_at(*needs_value, place.at("needs")));
    if (change == nullptr && !states_costs(needs)) return {};
    Reader reader(named);
    for (Index need = 0; need < named.needs.size(); ++need) {
        const Place here = place.at("needs").at(named.needs[need]);
        const Object& fields = *TRY(object_at(needs.at(named.needs[need]), here));
        if (find(fields, "before") != nullptr && change == nullptr) {
            return here.at("before").error("Say what a unit beyond it costs more, in \"change\".");
        }
        TRY(reader.read(need, fields, here));
    }
    if (change != nullptr) {
        reader.costs.change = TRY(number_at(*change, place.at("change")));
        if (reader.costs.change < 0 || reader.costs.change > cost_max) {
            return place.at("change").error("Expected a cost from 0 to 2^32.");
        }
    }
    named.costs = std::move(reader.costs);
    return {};
}

void add_costs(const NamedInstance& named, Index need, Object& fields) {
    if (!named.costs) return;
    const PairCosts& costs = *named.costs;
    const std::size_t row = costs.row_begin[costs.row_of[need]];
    const std::span<const Index> lawful = named.instance.lawful(need);
    Object stated;
    for (std::size_t i = 0; i < lawful.size(); ++i) {
        if (costs.units[row + i] != 0) {
            stated[named.offers[lawful[i]]] = number(costs.units[row + i]);
        }
    }
    if (!stated.empty()) fields["cost"] = {std::move(stated)};
    Object before;
    const auto first =
        std::lower_bound(costs.before.begin(), costs.before.end(), need,
                         [](const AllocationFlow& flow, Index key) { return flow.need < key; });
    for (auto at = first; at != costs.before.end() && at->need == need; ++at) {
        before[named.offers[at->offer]] = number(at->units);
    }
    if (!before.empty()) fields["before"] = {std::move(before)};
}

void add_change(const NamedInstance& named, Object& pool) {
    if (named.costs && (named.costs->change != 0 || !named.costs->before.empty())) {
        pool["change"] = number(named.costs->change);
    }
}

Value prices_value(const NamedInstance& named, const PricedPool& pool, const Division& division) {
    const Int128 cost = total_cost(pool, division.allocation());
    Object object;
    object["cost"] = cost <= std::numeric_limits<std::int64_t>::max()
                         ? number(static_cast<std::int64_t>(cost))
                         : text(Fraction{cost, 1}.text());
    if (!division.prices) return {std::move(object)};
    object["offers"] = {
        above_zero(division.prices->offers, [&](Index o) { return named.offers[o]; })};
    if (!pool.by_need) {
        object["members"] = {above_zero(division.prices->members,
                                        [&](Index m) { return named.instance.members[m].name; })};
    }
    return {std::move(object)};
}

Result<Prices> read_prices(const Value& value, const NamedInstance& named, bool by_need,
                           const Place& place) {
    const Object& object = *TRY(object_at(value, place));
    const Value* offers = TRY(require(object, "offers", place));
    Prices prices;
    prices.offers = TRY(read_numbers(*offers, named.offers, place.at("offers")));
    if (by_need) return prices;
    const Value* members = TRY(require(object, "members", place));
    prices.members = TRY(read_numbers(*members, member_ids(named.instance), place.at("members")));
    return prices;
}

}  // namespace comity::exchange::detail
