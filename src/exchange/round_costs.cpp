// SPDX-License-Identifier: Apache-2.0

// What the pairs of a round cost, from its frozen inputs.

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "exchange/refusal.h"
#include "exchange/round_pool.h"

namespace comity::exchange {
namespace {

using institution::AreaCode;
using institution::MemberId;

/// Whether there is one cost for every origin with every destination, in this order.
bool costs_hold(const RoundInputs& inputs, const FrozenCosts& frozen) {
    std::set<AreaCode> origins;
    std::set<AreaCode> destinations;
    for (const FrozenOffer& offer : inputs.offers) origins.insert(offer.origin);
    for (const FrozenNeed& need : inputs.needs) destinations.insert(need.destination);
    auto at = frozen.costs.begin();
    const auto end = frozen.costs.end();
    for (const AreaCode& origin : origins) {
        for (const AreaCode& destination : destinations) {
            const bool holds = at != end && at->origin == origin &&
                               at->destination == destination && at->cost >= 0 &&
                               at->cost <= cost_max;
            if (!holds) return false;
            ++at;
        }
    }
    return at == end;
}

bool providers_hold(const RoundInputs& inputs, bool are_counted) {
    return std::all_of(inputs.members.begin(), inputs.members.end(), [&](const auto& member) {
        if (member.providers.has_value() != are_counted) return false;
        return !are_counted ||
               std::adjacent_find(member.providers->begin(), member.providers->end(),
                                  std::greater_equal<>()) == member.providers->end();
    });
}

/// Costs as they follow from areas and from who provides already.
class Rows {
public:
    Rows(const RoundPool& pool, std::int64_t new_provider)
        : pool_(pool), inputs_(*pool.inputs), new_provider_(new_provider) {
        if (const auto& frozen = inputs_.costs) {
            for (const FrozenCost& cost : frozen->costs) {
                table_.emplace(std::pair(cost.origin, cost.destination), cost.cost);
            }
        }
        std::map<std::vector<MemberId>, Index> known;
        for (const FrozenMember& member : inputs_.members) {
            const std::vector<MemberId> none;
            const auto& providers = member.providers ? *member.providers : none;
            circle_of_.push_back(
                known.try_emplace(providers, static_cast<Index>(known.size())).first->second);
        }
    }

    Result<PairCosts> make() {
        const AllocationInstance& instance = pool_.rival.instance;
        PairCosts costs;
        costs.row_of.reserve(instance.needs.size());
        for (Index need = 0; need < instance.needs.size(); ++need) {
            // Needs with one list have one destination: round_pool.cpp makes a list for each.
            const Index list = instance.list_of(need);
            const Index member = instance.needs[need].owner;
            const auto row = static_cast<Index>(costs.row_begin.size() - 1);
            const auto [at, is_new] = row_of_.try_emplace(std::pair(list, circle_of_[member]), row);
            costs.row_of.push_back(at->second);
            if (!is_new) continue;
            if (instance.list(list).size() > pair_costs_max - costs.units.size()) {
                return Error{Code::too_large, "exchange/instance-too-large",
                             "The pairs of the round have more than " +
                                 std::to_string(pair_costs_max) + " different costs."};
            }
            add_row(need, member, costs.units);
            costs.row_begin.push_back(costs.units.size());
        }
        return costs;
    }

private:
    void add_row(Index need, Index member, std::vector<std::int64_t>& units) const {
        const AreaCode& destination = inputs_.needs[need].destination;
        const auto& providers = inputs_.members[member].providers;
        for (const Index rival : pool_.rival.instance.lawful(need)) {
            const FrozenOffer& offer = inputs_.offers[pool_.rival_offers[rival]];
            std::int64_t cost = 0;
            const auto found = table_.find(std::pair(offer.origin, destination));
            if (found != table_.end()) cost = found->second;
            const bool is_new = providers && !std::binary_search(providers->begin(),
                                                                 providers->end(), offer.provider);
            units.push_back(cost + (is_new ? new_provider_ : 0));
        }
    }

    const RoundPool& pool_;
    const RoundInputs& inputs_;
    std::int64_t new_provider_;
    std::map<std::pair<AreaCode, AreaCode>, std::int64_t> table_;
    std::vector<Index> circle_of_;  ///< of each member: which set of providers it has
    std::map<std::pair<Index, Index>, Index> row_of_;
};

}  // namespace

Result<std::optional<PairCosts>> costs_of(const RoundPool& pool) {
    const RoundInputs& inputs = *pool.inputs;
    const auto& least = inputs.rule.least_cost;
    const std::optional<CostTableId> table = least ? least->table : std::nullopt;
    const auto& frozen = inputs.costs;
    if (frozen.has_value() != table.has_value() || (frozen && table && frozen->id != *table) ||
        (frozen && !costs_hold(inputs, *frozen))) {
        return bad_inputs(
            "The costs are not one for every origin and destination, as the rule's table has "
            "them.");
    }
    const std::optional<std::int64_t> new_provider = least ? least->new_provider : std::nullopt;
    if (!providers_hold(inputs, new_provider.has_value())) {
        return bad_inputs(
            "The providers of members must stand in order of their ids, each once, where new ones "
            "cost more, and nowhere else.");
    }
    std::optional<PairCosts> costs;
    if (least) costs = TRY(Rows(pool, new_provider.value_or(0)).make());
    return costs;
}

}  // namespace comity::exchange
