// SPDX-License-Identifier: Apache-2.0

// The check of a result by whoever does not trust the engine: lines and bottlenecks are taken from
// the result, proven by certificate.h, and everything else is derived from them and compared.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "exchange/round.h"

namespace comity::exchange {
namespace {

Error bad_result(std::string message) {
    return Error{Code::invalid, "exchange/bad-result", std::move(message)};
}

/// Place of the entry with this id in a list that ascends by id.
template <class T, class IdType>
std::optional<Index> place_of(const std::vector<T>& list, const IdType& id) {
    const auto found =
        std::lower_bound(list.begin(), list.end(), id,
                         [](const T& entry, const IdType& key) { return entry.id < key; });
    if (found == list.end() || found->id != id) return {};
    return static_cast<Index>(found - list.begin());
}

/// Place among the rival offers of the pool.
std::optional<Index> rival_place(const RoundPool& pool, const OfferId& id) {
    const std::optional<Index> place = place_of(pool.inputs->offers, id);
    if (!place) return {};
    const auto found = std::lower_bound(pool.rival_offers.begin(), pool.rival_offers.end(), *place);
    if (found == pool.rival_offers.end() || *found != *place) return {};
    return static_cast<Index>(found - pool.rival_offers.begin());
}

/// Lines and bottlenecks as an allocation, which the certificate has to prove.
Result<Allocation> claimed_allocation(const RoundPool& pool, const std::vector<Line>& lines,
                                      const std::vector<OfferResult>& offers) {
    const AllocationInstance& instance = pool.rival.instance;
    Allocation claimed;
    claimed.totals.assign(instance.members.size(), 0);
    claimed.flows.reserve(lines.size());
    std::optional<Line> last;
    for (const Line& line : lines) {
        const std::optional<Index> need = place_of(pool.inputs->needs, line.need);
        const std::optional<Index> offer = rival_place(pool, line.offer);
        if (!need || !offer) {
            return bad_result("A line names a need or an offer that is not in the round: " +
                              line.need.text() + ", " + line.offer.text() + ".");
        }
        const bool ascends =
            !last || std::pair(last->need, last->offer) < std::pair(line.need, line.offer);
        if (!ascends) return bad_result("Lines must stand by need, then offer, each once.");
        if (line.units < 1 ||
            line.units > units_max - claimed.totals[instance.needs[*need].owner]) {
            return bad_result("A line has a number of units outside its bounds.");
        }
        claimed.flows.push_back({*need, *offer, line.units});
        claimed.totals[instance.needs[*need].owner] += line.units;
        last = line;
    }
    if (offers.size() != pool.rival_offers.size()) {
        return bad_result("The result does not list each rival offer of the round once.");
    }
    claimed.certificate.reserve(offers.size());
    for (const OfferResult& offer : offers) {
        if (!offer.bottleneck) {
            claimed.certificate.push_back(free_offer);
            continue;
        }
        const std::optional<Index> member = place_of(pool.inputs->members, *offer.bottleneck);
        if (!member) return bad_result("A bottleneck is not a member of the round.");
        claimed.certificate.push_back(*member);
    }
    return claimed;
}

/// The prices and values of the result, where its pairs are to cost least.
Result<std::optional<Prices>> claimed_prices(const RoundPool& pool, const RoundResult& result) {
    if (!pool.rival.costs) return std::optional<Prices>();
    Prices prices;
    prices.offers.reserve(result.offers.size());
    for (const OfferResult& offer : result.offers) {
        if (!offer.price) return bad_result("A rival offer has no price.");
        prices.offers.push_back(*offer.price);
    }
    const bool by_need = priced_pool(pool.rival, pool.rule).by_need;
    for (const MemberResult& member : result.members) {
        if (member.value.has_value() == by_need) {
            return bad_result("Members have values where their needs stay open, and only there.");
        }
        if (member.value) prices.members.push_back(*member.value);
    }
    return std::optional(std::move(prices));
}

/// The stages and dropped needs of the result. Floors are filled in, not claimed.
Result<Division> claimed_division(const RoundPool& pool, const RoundResult& result) {
    Division claimed;
    claimed.dropped.reserve(result.dropped.size());
    for (const NeedId& id : result.dropped) {
        const std::optional<Index> need = place_of(pool.inputs->needs, id);
        if (!need || (!claimed.dropped.empty() && claimed.dropped.back() >= *need)) {
            return bad_result("Needs that were set aside must be in the round, by id, each once.");
        }
        claimed.dropped.push_back(*need);
    }
    const std::vector<StageName> stages = stages_of(pool.rival, pool.rule);
    if (result.stages.size() + 1 != stages.size()) {
        return bad_result("The result does not have the stages of its rule.");
    }
    claimed.stages.reserve(stages.size());
    for (const StageResult& stage : result.stages) {
        Allocation allocation = TRY(claimed_allocation(pool, stage.lines, stage.offers));
        claimed.stages.push_back({{stage.tier, stage.choice}, {}, std::move(allocation)});
    }
    Allocation last = TRY(claimed_allocation(pool, result.lines, result.offers));
    claimed.stages.push_back({stages.back(), {}, std::move(last)});
    claimed.prices = TRY(claimed_prices(pool, result));
    TRY(set_floors(pool.rival, pool.rule, claimed));
    return claimed;
}

/// The first part in which the two results differ, for the message.
std::string difference(const RoundResult& expected, const RoundResult& claimed) {
    if (expected.members != claimed.members) return "the members' totals, ranks, floors or caps";
    if (expected.needs != claimed.needs)
        return "what a need was allocated, its reason or its facts";
    if (expected.offers != claimed.offers) return "what an offer gives";
    if (expected.grants != claimed.grants) return "the grants of non-rival offers";
    if (expected.stages != claimed.stages) return "a stage before the last";
    if (expected.dropped != claimed.dropped) return "which needs were set aside";
    return "its lines";
}

Result<> check_against_pool(const RoundInputs& inputs, const Lottery& lottery,
                            const RoundResult& result) {
    RoundPool pool = TRY(pool_of(inputs));
    set_bounds(pool, ranks_of(inputs, lottery.seed, lottery.withheld));
    const Division claimed = TRY(claimed_division(pool, result));
    TRY(check_division(pool.rival, pool.rule, claimed));
    const RoundResult expected = TRY(result_of(pool, claimed, lottery));
    if (expected != result) {
        return bad_result("The result does not follow from its lines and certificate; wrong is " +
                          difference(expected, result) + ".");
    }
    return {};
}

}  // namespace

Result<> check_result(const RoundInputs& inputs, const RoundResult& result) {
    if (result.inputs != digest_of(inputs)) {
        return bad_result("The result is not for these inputs: the digest differs.");
    }
    if (std::adjacent_find(result.withheld.begin(), result.withheld.end(),
                           std::greater_equal<>()) != result.withheld.end()) {
        return bad_result("Who withheld a reveal must be listed by id, each once.");
    }
    return check_against_pool(inputs, {result.seed, result.withheld}, result);
}

Result<> check_result(const RoundInputs& inputs,
                      const std::map<institution::MemberId, Digest>& commitments,
                      const std::map<institution::MemberId, Bytes>& reveals,
                      const std::optional<PublicValue>& public_value, const RoundResult& result) {
    const Lottery lottery = TRY(lottery_of(inputs, commitments, reveals, public_value));
    if (result.seed != lottery.seed || result.withheld != lottery.withheld) {
        return bad_result(
            "The lottery's seed does not follow from the inputs, the reveals and the "
            "public value.");
    }
    return check_result(inputs, result);
}

}  // namespace comity::exchange
