// SPDX-License-Identifier: Apache-2.0
#include "exchange/comparison.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "exchange/allocation_order.h"
#include "exchange/round.h"

namespace comity::exchange {
namespace {

using institution::MemberId;
using institution::RestrictionId;

/// Place of `id` in a list ordered by id, of which `id_of` tells an element's.
template <class T, class Key>
Index place_of(const std::vector<T>& list, const Key& id, auto id_of) {
    const auto found =
        std::lower_bound(list.begin(), list.end(), id,
                         [&](const T& entry, const Key& key) { return id_of(entry) < key; });
    COMITY_CHECK(found != list.end() && id_of(*found) == id);
    return static_cast<Index>(found - list.begin());
}

const MemberResult* member_row(const RoundResult& result, const MemberId& member) {
    const auto found = std::lower_bound(
        result.members.begin(), result.members.end(), member,
        [](const MemberResult& row, const MemberId& key) { return row.member < key; });
    return found == result.members.end() || found->member != member ? nullptr : &*found;
}

Rational level_of(std::int64_t units, std::int64_t weight) {
    const auto level = Rational::make(units, weight);
    COMITY_CHECK(level.has_value());
    return *level;
}

Result<ComparedMember> compared(const RoundResult& result, const MemberId& member) {
    ComparedMember row;
    row.member = member;
    bool has_need = false;
    for (const NeedResult& need : result.needs) {
        if (need.member != member) continue;
        has_need = true;
        row.asked += need.asked;
        row.units += need.allocated;
    }
    if (!has_need) {
        return Error{Code::not_found, "exchange/not-in-round",
                     "The member " + member.text() + " has no need in this round."};
    }
    const MemberResult* found = member_row(result, member);
    row.is_listed = found != nullptr;
    if (found == nullptr) return row;
    row.granted = row.units - found->allocated;
    row.weight = found->weight;
    row.carry_over = found->carry_over;
    row.floor = found->floor;
    row.cap = found->cap;
    row.lottery_rank = found->lottery_rank;
    row.level = level_of(found->carry_over + found->allocated, found->weight);
    return row;
}

std::int64_t pool_units(const ComparedMember& member) { return member.units - member.granted; }

/// One member as the order of units sees it.
struct Holding {
    std::int64_t weight = 1;
    std::int64_t held = 0;  ///< before the unit, carry-over included
    std::uint32_t rank = 0;
};

/// Whether a unit to `a` comes before a unit to `b`.
bool comes_before(Rounding rounding, const Holding& a, const Holding& b) {
    std::array<AllocationMember, 2> members;
    members[0].weight = a.weight;
    members[0].tie_rank = a.rank;
    members[1].weight = b.weight;
    members[1].tie_rank = b.rank;
    return detail::UnitOrder(members, rounding).before(0, a.held, 1, b.held);
}

/// Why the last unit of `more` came before the next one of `fewer`; empty if it did not.
std::vector<MoreReason> reasons_of_turn(Rounding rounding, const ComparedMember& more,
                                        const ComparedMember& fewer) {
    const Holding last{more.weight, more.carry_over + pool_units(more) - 1, more.lottery_rank};
    const Holding next{fewer.weight, fewer.carry_over + pool_units(fewer), fewer.lottery_rank};
    if (!comes_before(rounding, last, next)) return {};
    const auto with = [](Holding holding, auto member, auto value) {
        holding.*member = value;
        return holding;
    };
    // A reason is needed if the turn would not come first without it. If none is needed by itself,
    // all that hold are named.
    std::vector<MoreReason> needed;
    std::vector<MoreReason> all;
    const auto found = [&](MoreReason reason, bool comes_first_without) {
        all.push_back(reason);
        if (!comes_first_without) needed.push_back(reason);
    };
    if (more.weight > fewer.weight) {
        found(MoreReason::larger_weight,
              comes_before(rounding, with(last, &Holding::weight, fewer.weight), next));
    }
    if (fewer.carry_over > more.carry_over) {
        found(MoreReason::carry_over,
              comes_before(rounding, last,
                           with(next, &Holding::held, more.carry_over + pool_units(fewer))));
    }
    if (!comes_before(rounding, with(last, &Holding::rank, next.rank),
                      with(next, &Holding::rank, last.rank))) {
        found(MoreReason::lottery, false);
    } else if (rounding == Rounding::adams && last.weight < next.weight &&
               Int128{last.held} * next.weight == Int128{next.held} * last.weight) {
        found(MoreReason::smaller_weight_first, false);
    }
    return needed.empty() ? all : needed;
}

/// What the round's lines and pairs say of two members.
class Access {
public:
    Access(const RoundPool& pool, const RoundResult& result)
        : pool_(pool), inputs_(*pool.inputs), left_(pool.rival.instance.needs.size()) {
        for (Index n = 0; n < left_.size(); ++n) left_[n] = pool.rival.instance.needs[n].quantity;
        holders_.resize(pool.rival_offers.size());
        for (const Line& line : result.lines) {
            const Index need = need_of(line.need);
            left_[need] -= line.units;
            const Index offer = offer_of(line.offer);
            const auto rival =
                std::lower_bound(pool.rival_offers.begin(), pool.rival_offers.end(), offer);
            holders_[static_cast<std::size_t>(rival - pool.rival_offers.begin())].push_back(need);
        }
        for (Index c = 0; c < pool.classes.size(); ++c) {
            for (const Index o : pool.classes[c].offers) class_of_[o] = c;
        }
        for (Index n = 0; n < inputs_.needs.size(); ++n)
            of_member_[inputs_.needs[n].member].insert(n);
    }

    /// Whether `fewer` could have had a unit that `more` holds, if others changed what they hold
    /// and kept their totals.
    bool could_move(const MemberId& more, const MemberId& fewer) const {
        std::vector<Index> reached;
        std::set<MemberId> members;
        std::vector<bool> lists(pool_.rival.instance.list_count());
        std::vector<bool> offers(holders_.size());
        const auto reach_member = [&](const MemberId& member) {
            if (!members.insert(member).second) return;
            const std::vector<Index> open = open_needs(member);
            reached.insert(reached.end(), open.begin(), open.end());
        };
        reach_member(fewer);
        while (!reached.empty()) {
            const Index list = pool_.rival.instance.list_of(reached.back());
            reached.pop_back();
            if (lists[list]) continue;
            lists[list] = true;
            for (const Index offer : pool_.rival.instance.list(list)) {
                if (offers[offer]) continue;
                offers[offer] = true;
                for (const Index need : holders_[offer]) {
                    if (inputs_.needs[need].member == more) return true;
                    reached.push_back(need);
                    reach_member(inputs_.needs[need].member);
                }
            }
        }
        return false;
    }

    std::vector<Index> open_needs(const MemberId& member) const {
        std::vector<Index> open;
        for (const Index n : needs(member)) {
            if (left_[n] > 0) open.push_back(n);
        }
        return open;
    }

    const std::set<Index>& needs(const MemberId& member) const { return of_member_.at(member); }

    /// What keeps the needs from each of the offers that the member has of the lines.
    std::vector<Obstacle> obstacles(const std::vector<Line>& lines, const MemberId& holder,
                                    const std::vector<Index>& needs) const {
        std::set<Index> held;
        for (const Line& line : lines) {
            if (inputs_.needs[need_of(line.need)].member == holder)
                held.insert(offer_of(line.offer));
        }
        const std::vector<Index> kinds = one_of_each_kind(needs);
        std::vector<Obstacle> obstacles;
        for (const Index offer : held) {
            if (auto obstacle = between(kinds, offer)) obstacles.push_back(*std::move(obstacle));
        }
        return obstacles;
    }

private:
    Index need_of(const NeedId& id) const {
        return place_of(inputs_.needs, id,
                        [](const FrozenNeed& n) -> const NeedId& { return n.id; });
    }
    Index offer_of(const OfferId& id) const {
        return place_of(inputs_.offers, id,
                        [](const FrozenOffer& o) -> const OfferId& { return o.id; });
    }

    std::vector<Index> one_of_each_kind(const std::vector<Index>& needs) const {
        std::set<std::tuple<Index, std::optional<std::set<institution::ItemClassId>>, Date, Date>>
            known;
        std::vector<Index> kinds;
        for (const Index n : needs) {
            const FrozenNeed& need = inputs_.needs[n];
            if (known.emplace(pool_.screening_row[n], need.item_classes, need.from, need.until)
                    .second) {
                kinds.push_back(n);
            }
        }
        return kinds;
    }

    /// Nothing if every one of the needs may have the offer.
    std::optional<Obstacle> between(const std::vector<Index>& needs, Index o) const {
        const FrozenOffer& offer = inputs_.offers[o];
        Obstacle obstacle;
        obstacle.offer = offer.id;
        bool is_any = false;
        std::map<RestrictionId, institution::Citation> restrictions;
        for (const Index n : needs) {
            const FrozenNeed& need = inputs_.needs[n];
            const institution::Screening& screening = pool_.screening(n, class_of_.at(o));
            if (need.member == offer.provider) {
                obstacle.is_own = true;
            } else if (need.item_classes && !need.item_classes->contains(offer.item_class)) {
                obstacle.item_class = true;
            } else if (!windows_overlap(need, offer)) {
                obstacle.window = true;
            } else if (screening.verdict != institution::Verdict::allowed) {
                for (const auto& citation : screening.citations) {
                    restrictions.emplace(citation.restriction, citation);
                }
            } else {
                continue;
            }
            is_any = true;
        }
        if (!is_any) return {};
        obstacle.restrictions.reserve(restrictions.size());
        for (auto& [id, citation] : restrictions) obstacle.restrictions.push_back(citation);
        return obstacle;
    }

    const RoundPool& pool_;
    const RoundInputs& inputs_;
    std::vector<std::int64_t> left_;           ///< of the pool, units that each need lacks
    std::vector<std::vector<Index>> holders_;  ///< of each rival offer: needs that draw on it
    std::map<Index, Index> class_of_;          ///< of each offer
    std::map<MemberId, std::set<Index>> of_member_;
};

/// Keeps the first obstacles_max and says how many were left out.
std::uint32_t keep_first(std::vector<Obstacle>& obstacles) {
    if (obstacles.size() <= obstacles_max) return 0;
    const auto left_out = static_cast<std::uint32_t>(obstacles.size() - obstacles_max);
    obstacles.resize(obstacles_max);
    return left_out;
}

/// The restrictions that the member's open needs met, each once.
std::vector<institution::Citation> blocked_by(const RoundResult& result, const MemberId& member) {
    std::map<RestrictionId, institution::Citation> met;
    for (const NeedResult& need : result.needs) {
        if (need.member != member || need.allocated >= need.asked) continue;
        for (const auto& citation : need.blocked_by) met.emplace(citation.restriction, citation);
    }
    std::vector<institution::Citation> citations;
    citations.reserve(met.size());
    for (auto& [id, citation] : met) citations.push_back(std::move(citation));
    return citations;
}

/// What only rules with tiers, choices and least quantities know: that a need of the member waited.
std::vector<MoreReason> reasons_of_stages(const RoundResult& result, const MemberId& fewer) {
    const auto has_need_with = [&](Reason reason) {
        return std::any_of(result.needs.begin(), result.needs.end(), [&](const NeedResult& need) {
            return need.member == fewer && need.reason == reason;
        });
    };
    std::vector<MoreReason> reasons;
    if (has_need_with(Reason::earlier_stage)) reasons.push_back(MoreReason::earlier_stage);
    if (has_need_with(Reason::below_minimum)) reasons.push_back(MoreReason::least_quantity);
    return reasons;
}

/// Why `more` got more of the pool.
void explain_pool(Comparison& comparison, const ComparedMember& more, const ComparedMember& fewer,
                  const Access& access, const RoundResult& result) {
    if (pool_units(fewer) == fewer.cap) {
        comparison.reasons.push_back(MoreReason::member_cap);
        return;
    }
    if (!access.could_move(more.member, fewer.member)) {
        comparison.reasons.push_back(MoreReason::no_access);
        comparison.obstacles =
            access.obstacles(result.lines, more.member, access.open_needs(fewer.member));
        comparison.obstacles_not_named = keep_first(comparison.obstacles);
        comparison.blocked_by = blocked_by(result, fewer.member);
        return;
    }
    if (const std::vector<MoreReason> waited = reasons_of_stages(result, fewer.member);
        !waited.empty()) {
        comparison.reasons = waited;
        return;
    }
    const std::vector<MoreReason> turn = reasons_of_turn(comparison.rounding, more, fewer);
    if (!turn.empty()) {
        comparison.reasons = turn;
        const std::int64_t held = more.carry_over + pool_units(more);
        comparison.last_turn = Turn{level_of(held - 1, more.weight), level_of(held, more.weight)};
        const std::int64_t lower = fewer.carry_over + pool_units(fewer);
        comparison.next_turn =
            Turn{level_of(lower, fewer.weight), level_of(lower + 1, fewer.weight)};
    } else if (pool_units(more) == more.floor) {
        comparison.reasons.push_back(MoreReason::floor);
    } else {
        comparison.reasons.push_back(MoreReason::by_the_rule);
    }
}

/// Why `more` got more of non-rival offers.
void explain_grants(Comparison& comparison, const ComparedMember& more, const ComparedMember& fewer,
                    const Access& access, const RoundResult& result) {
    comparison.reasons.push_back(MoreReason::grants);
    const std::set<Index>& needs = access.needs(fewer.member);
    comparison.grant_obstacles = access.obstacles(result.grants, more.member,
                                                  std::vector<Index>(needs.begin(), needs.end()));
    comparison.grant_obstacles_not_named = keep_first(comparison.grant_obstacles);
}

bool has_all_it_asked(const RoundResult& result, const MemberId& member) {
    return std::all_of(result.needs.begin(), result.needs.end(), [&](const NeedResult& need) {
        return need.member != member || need.allocated >= need.asked;
    });
}

}  // namespace

Result<Comparison> compare(const RoundInputs& inputs, const RoundResult& result,
                           const MemberId& first, const MemberId& second) {
    if (first == second) {
        return Error{Code::invalid, "exchange/same-member",
                     "Name two members; " + first.text() + " is named twice."};
    }
    Comparison comparison;
    comparison.round = inputs.round;
    comparison.rounding = inputs.rule.rounding;
    comparison.first = TRY(compared(result, first));
    comparison.second = TRY(compared(result, second));
    if (comparison.first.units == comparison.second.units) return comparison;
    const bool is_first = comparison.first.units > comparison.second.units;
    const ComparedMember& more = is_first ? comparison.first : comparison.second;
    const ComparedMember& fewer = is_first ? comparison.second : comparison.first;
    comparison.more = more.member;
    if (has_all_it_asked(result, fewer.member)) {
        comparison.reasons.push_back(MoreReason::got_all_it_asked);
        return comparison;
    }
    if (!fewer.is_listed) {
        comparison.reasons.push_back(MoreReason::not_listed);
        return comparison;
    }
    const RoundPool pool = TRY(pool_of(inputs));
    const Access access(pool, result);
    if (pool_units(more) > pool_units(fewer)) {
        explain_pool(comparison, more, fewer, access, result);
    }
    if (more.granted > fewer.granted) explain_grants(comparison, more, fewer, access, result);
    std::sort(comparison.reasons.begin(), comparison.reasons.end());
    return comparison;
}

Result<Comparison> compare(const Exchange& exchange, const RoundId& round, const MemberId& first,
                           const MemberId& second) {
    const Allocated* allocated = TRY(allocated_round(exchange, round));
    return compare(allocated->inputs, allocated->result, first, second);
}

}  // namespace comity::exchange
