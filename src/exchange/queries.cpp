// SPDX-License-Identifier: Apache-2.0

#include "exchange/queries.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>
#include <variant>

#include "base/check.h"
#include "exchange/refusal.h"
#include "exchange/round.h"

namespace comity::exchange {
namespace {

using institution::MemberId;

std::vector<MemberId> keys_of(const auto& map) {
    std::vector<MemberId> keys;
    keys.reserve(map.size());
    for (const auto& [key, value] : map) keys.push_back(key);
    return keys;
}

/// Level of a member in the round with so many units more, or none if it is not in it.
std::optional<Rational> level_of(const RoundResult& result, const std::optional<MemberId>& id,
                                 std::int64_t more = 0) {
    if (!id) return {};
    const auto found = std::lower_bound(
        result.members.begin(), result.members.end(), *id,
        [](const MemberResult& member, const MemberId& key) { return member.member < key; });
    if (found == result.members.end() || found->member != *id) return {};
    const auto level = Rational::make(found->carry_over + found->allocated + more, found->weight);
    COMITY_CHECK(level.has_value());
    return *level;
}

NeedFacts facts_from(const Allocated& allocated, const NeedResult& need) {
    const RoundResult& result = allocated.result;
    NeedFacts facts;
    facts.result = need;
    facts.rule = allocated.inputs.rule.id;
    facts.rule_version = allocated.inputs.rule.version;
    facts.rounding = allocated.inputs.rule.rounding;
    facts.level = level_of(result, need.member);
    facts.level_after = level_of(result, need.member, 1);
    facts.bottleneck_level = level_of(result, need.bottleneck);
    facts.holder_level = level_of(result, need.holder);
    facts.holder_level_before = level_of(result, need.holder, -1);
    if (need.reason == Reason::member_cap) {
        const auto member =
            std::find_if(result.members.begin(), result.members.end(),
                         [&](const MemberResult& row) { return row.member == need.member; });
        if (member != result.members.end()) facts.cap = member->cap;
    }
    if (need.reason == Reason::floor_first && allocated.inputs.rule.floor) {
        facts.floor_group = allocated.inputs.rule.floor->group;
    }
    if (need.reason == Reason::below_minimum) {
        const std::vector<FrozenNeed>& needs = allocated.inputs.needs;
        const auto frozen = std::find_if(needs.begin(), needs.end(), [&](const FrozenNeed& each) {
            return each.id == need.need;
        });
        if (frozen != needs.end()) facts.minimum = frozen->minimum;
    }
    if (need.reason == Reason::not_listed) facts.weights = allocated.inputs.rule.weights;
    return facts;
}

const NeedResult* result_of_need(const RoundResult& result, const NeedId& id) {
    const auto found =
        std::lower_bound(result.needs.begin(), result.needs.end(), id,
                         [](const NeedResult& need, const NeedId& key) { return need.need < key; });
    return found == result.needs.end() || found->need != id ? nullptr : &*found;
}

std::vector<RoundMember> members_of(const Exchange& exchange, const RoundRecord& record,
                                    const Allocated& allocated) {
    const RoundResult& result = allocated.result;
    std::map<MemberId, RoundMember> rows;
    for (const MemberResult& member : result.members) {
        RoundMember& row = rows[member.member];
        row.member = member.member;
        row.weight = member.weight;
        row.carry_over = member.carry_over;
        if (const auto level = level_of(result, member.member)) row.level = *level;
        row.floor = member.floor;
        row.cap = member.cap;
        row.lottery_rank = member.lottery_rank;
        row.allocated = member.allocated;
    }
    for (const NeedResult& need : result.needs) {
        const auto row = rows.find(need.member);
        if (row == rows.end()) continue;
        row->second.asked += need.asked;
        row->second.granted += need.allocated;
        const auto answer = allocated.accepted.find(need.need);
        if (answer != allocated.accepted.end()) row->second.accepted += answer->second;
    }
    for (auto& [id, row] : rows) row.granted -= row.allocated;
    for (const auto& [id, delivery] : exchange.deliveries) {
        if (delivery.delivery.round != record.round.id) continue;
        const auto row = rows.find(exchange.needs.at(delivery.delivery.need).member);
        if (row == rows.end()) continue;
        row->second.delivered += delivery.delivery.quantity;
        const Arrival* arrival = delivery.arrival();
        if (arrival == nullptr) continue;
        row->second.confirmed += arrival->confirmation.quantity;
        row->second.not_delivered += delivery.delivery.quantity - arrival->confirmation.quantity;
    }
    for (const ClaimRecord& claim : allocated.claims) {
        const auto row = rows.find(exchange.needs.at(claim.line.need).member);
        if (row != rows.end()) row->second.claimed += claim.line.units;
    }
    for (const DepartureRecord& gone : allocated.departures) {
        const auto row = rows.find(exchange.needs.at(gone.departure.need).member);
        if (row == rows.end()) continue;
        const bool is_returned = gone.departure.kind == DepartureKind::returned;
        (is_returned ? row->second.returned : row->second.fell_away) += gone.departure.quantity;
    }
    std::vector<RoundMember> members;
    members.reserve(rows.size());
    for (auto& [id, row] : rows) members.push_back(std::move(row));
    return members;
}

/// What members of a round hold of its rival pool, as departures change it one by one.
class Holdings {
public:
    Holdings(const Exchange& exchange, const Allocated& allocated) {
        for (const MemberResult& member : allocated.result.members) {
            rows_.emplace(member.member, Row{member.carry_over, member.weight});
        }
        std::set<NeedId> needs;
        for (const NeedResult& need : allocated.result.needs) needs.insert(need.need);
        for (const ClaimRecord& claim : allocated.claims) needs.insert(claim.line.need);
        for (const NeedId& need : needs) {
            const auto row = rows_.find(exchange.needs.at(need).member);
            if (row == rows_.end()) continue;
            row->second.units += rival_units(exchange, accepted_lines(allocated, need));
        }
    }

    std::optional<Rational> level(const MemberId& member) const {
        const auto row = rows_.find(member);
        if (row == rows_.end()) return {};
        return row->second.level();
    }

    std::optional<Rational> worst() const {
        std::optional<Rational> worst;
        for (const auto& [member, row] : rows_) {
            const Rational level = row.level();
            if (!worst || level < *worst) worst = level;
        }
        return worst;
    }

    void take(const MemberId& member, std::int64_t units) {
        const auto row = rows_.find(member);
        if (row != rows_.end()) row->second.units -= units;
    }

private:
    struct Row {
        std::int64_t units = 0;  ///< carried over included
        std::int64_t weight = 1;

        Rational level() const {
            const auto made = Rational::make(units, weight);
            COMITY_CHECK(made.has_value());
            return *made;
        }
    };
    std::map<MemberId, Row> rows_;
};

/// O(members + needs) for each departure.
std::vector<DepartureEffect> departure_effects(const Exchange& exchange,
                                               const Allocated& allocated) {
    std::vector<DepartureEffect> effects;
    if (allocated.departures.empty()) return effects;
    effects.reserve(allocated.departures.size());
    Holdings holdings(exchange, allocated);
    for (const DepartureRecord& record : allocated.departures) {
        const Departure& departure = record.departure;
        DepartureEffect effect;
        effect.record = record;
        effect.member = exchange.needs.at(departure.need).member;
        effect.level_before = holdings.level(effect.member);
        effect.worst_before = holdings.worst();
        if (exchange.offers.at(departure.offer).offer.rivalry == Rivalry::rival) {
            holdings.take(effect.member, departure.quantity);
        }
        effect.level_after = holdings.level(effect.member);
        effect.worst_after = holdings.worst();
        effects.push_back(std::move(effect));
    }
    return effects;
}

/// Whether nobody in the round went without what another has.
bool is_plentiful(const RoundResult& result) {
    return std::all_of(result.offers.begin(), result.offers.end(),
                       [](const OfferResult& offer) { return !offer.bottleneck; });
}

void add_left_over(RoundView& view, const Allocated& allocated) {
    view.is_plentiful = is_plentiful(allocated.result);
    std::map<OfferId, std::int64_t> offered;
    for (const FrozenOffer& offer : allocated.inputs.offers) offered[offer.id] = offer.quantity;
    for (const OfferResult& offer : allocated.result.offers) {
        if (!offer.bottleneck) view.left_over += offered[offer.offer] - offer.allocated;
    }
}

void add_inputs(RoundView& view, const RoundInputs& inputs, const Digest& digest) {
    view.cut_off = inputs.cut_off;
    view.motion = inputs.motion;
    view.inputs = digest;
    view.unlisted = inputs.unlisted;
    for (const FrozenOffer& offer : inputs.offers) {
        if (offer.rivalry == Rivalry::rival) view.pool += offer.quantity;
    }
}

void add_result(RoundView& view, const Exchange& exchange, const RoundRecord& record,
                const Allocated& allocated) {
    const RoundResult& result = allocated.result;
    view.withheld = result.withheld;
    view.drawn_at = allocated.entry;
    view.seed = result.seed;
    view.lottery_basis = lottery_basis(record.public_value.has_value(), record.reveals.size());
    view.result = allocated.digest;
    view.published_at = allocated.published_at;
    for (const Line& line : result.lines) view.allocated += line.units;
    view.members = members_of(exchange, record, allocated);
    view.claims = allocated.claims;
    view.departures = departure_effects(exchange, allocated);
    add_left_over(view, allocated);
    std::map<MemberId, bool> received;
    for (const NeedResult& need : result.needs) {
        view.needs.push_back(facts_from(allocated, need));
        received[need.member] |= need.allocated > 0;
    }
    for (const auto& [member, has_units] : received) {
        if (!has_units) view.zero_receivers.push_back(member);
    }
}

const RoundInputs* inputs_of(const RoundRecord& record) {
    if (const auto* frozen = std::get_if<InputsFrozen>(&record.stage)) return &frozen->inputs;
    if (const auto* drawn = std::get_if<Allocated>(&record.stage)) return &drawn->inputs;
    return nullptr;
}

bool froze(const RoundRecord& record, const NeedId& id) {
    const RoundInputs* inputs = inputs_of(record);
    if (inputs == nullptr) return false;
    const auto is_it = [&](const FrozenNeed& need) { return need.id == id; };
    return std::any_of(inputs->needs.begin(), inputs->needs.end(), is_it) ||
           std::any_of(inputs->unlisted_needs.begin(), inputs->unlisted_needs.end(), is_it) ||
           std::any_of(inputs->declined_needs.begin(), inputs->declined_needs.end(), is_it);
}

/// Whether the need claimed of what the round left over.
bool claimed(const RoundRecord& record, const NeedId& id) {
    const auto* allocated = std::get_if<Allocated>(&record.stage);
    return allocated != nullptr &&
           std::any_of(allocated->claims.begin(), allocated->claims.end(),
                       [&](const ClaimRecord& claim) { return claim.line.need == id; });
}

JourneyRound journey_through(const Exchange& exchange, const RoundRecord& record,
                             const NeedId& id) {
    JourneyRound step;
    step.round = record.round.id;
    step.stage = stage_of(record);
    if (const auto* allocated = std::get_if<Allocated>(&record.stage)) {
        if (const NeedResult* need = result_of_need(allocated->result, id)) {
            step.facts = facts_from(*allocated, *need);
        }
        step.promised = promised_lines(*allocated, id);
        const auto answer = allocated->accepted.find(id);
        if (answer != allocated->accepted.end()) step.accepted = answer->second;
        for (const ClaimRecord& claim : allocated->claims) {
            if (claim.line.need == id) step.claims.push_back(claim);
        }
        for (const DepartureRecord& departure : allocated->departures) {
            if (departure.departure.need == id) step.departures.push_back(departure);
        }
    }
    for (const auto& [delivery_id, delivery] : exchange.deliveries) {
        if (delivery.delivery.round == step.round && delivery.delivery.need == id) {
            step.deliveries.push_back(delivery);
        }
    }
    return step;
}

Barrier barrier_of(Reason reason) {
    switch (reason) {
        case Reason::no_offer:
            return Barrier::no_offer;
        case Reason::none_lawful:
            return Barrier::none_lawful;
        case Reason::no_better_off:
            return Barrier::no_better_off;
        case Reason::member_cap:
            return Barrier::member_cap;
        case Reason::floor_first:
            return Barrier::floor_first;
        case Reason::below_minimum:
            return Barrier::below_minimum;
        case Reason::earlier_stage:
            return Barrier::earlier_stage;
        case Reason::not_listed:
            return Barrier::not_listed;
        case Reason::outside_window:
            return Barrier::outside_window;
        case Reason::declined:
            return Barrier::declined;
        case Reason::met_in_full:
            break;
    }
    COMITY_CHECK(false);  // a need met in full lacks nothing
    return Barrier::awaiting_round;
}

/// The newest draw of each need, within the unit.
std::map<NeedId, std::pair<const Allocated*, const NeedResult*>> newest_draws(
    const Exchange& exchange, const institution::UnitId& unit) {
    std::map<NeedId, std::pair<const Allocated*, const NeedResult*>> newest;
    for (const auto& [id, record] : exchange.rounds) {
        const auto* allocated = std::get_if<Allocated>(&record.stage);
        if (allocated == nullptr || record.round.unit != unit) continue;
        for (const NeedResult& need : allocated->result.needs) {
            auto& [draw_seen, result_seen] = newest[need.need];
            if (draw_seen != nullptr && draw_seen->entry > allocated->entry) continue;
            draw_seen = allocated;
            result_seen = &need;
        }
    }
    return newest;
}

/// Units of a need that were promised and fell away since an entry, by kind.
struct FellAway {
    std::int64_t not_available = 0;
    std::int64_t restricted = 0;
    std::set<institution::RestrictionId> restrictions;
};

FellAway fell_away_since(const Exchange& exchange, const NeedId& need, std::uint64_t since) {
    FellAway units;
    for (const auto& [id, record] : exchange.rounds) {
        const auto* allocated = std::get_if<Allocated>(&record.stage);
        if (allocated == nullptr) continue;
        for (const DepartureRecord& gone : allocated->departures) {
            const Departure& departure = gone.departure;
            if (departure.need != need || gone.entry < since) continue;
            if (departure.kind == DepartureKind::not_available) {
                units.not_available += departure.quantity;
            } else if (const auto& restriction = departure.restriction) {
                units.restricted += departure.quantity;
                units.restrictions.insert(*restriction);
            }
        }
    }
    return units;
}

/// The unmet units of a need that was drawn, split by what stands between.
std::vector<UnmetUnits> unmet_rows(const Exchange& exchange, const NeedRecord& record,
                                   const Allocated& allocated, const NeedResult& result) {
    UnmetUnits row{.need = record.need.id,
                   .member = record.member,
                   .round = allocated.inputs.round,
                   .restrictions = {}};
    std::vector<UnmetUnits> rows;
    const std::int64_t unmet = unmet_units(record);
    const std::int64_t lacking =
        std::min(unmet, std::max<std::int64_t>(0, result.asked - result.allocated));
    std::int64_t since = unmet - lacking;  // of what the round gave, or earlier ones
    const auto add = [&](Barrier barrier, std::int64_t units,
                         const std::set<institution::RestrictionId>& restrictions) {
        units = std::min(units, since);
        since -= units;
        if (units == 0) return;
        UnmetUnits gone = row;
        gone.barrier = barrier;
        gone.units = units;
        gone.restrictions.assign(restrictions.begin(), restrictions.end());
        rows.push_back(std::move(gone));
    };
    if (since > 0) {
        const FellAway gone = fell_away_since(exchange, record.need.id, allocated.inputs.cut_off);
        add(Barrier::not_available, gone.not_available, {});
        add(Barrier::restricted, gone.restricted, gone.restrictions);
        const bool is_answered = allocated.accepted.contains(record.need.id);
        add(is_answered ? Barrier::declined : Barrier::not_answered, since, {});
    }
    if (lacking > 0) {
        row.barrier = barrier_of(result.reason);
        row.units = lacking;
        if (row.barrier == Barrier::none_lawful) {
            std::set<institution::RestrictionId> met;
            for (const auto& citation : result.blocked_by) met.insert(citation.restriction);
            row.restrictions.assign(met.begin(), met.end());
        }
        rows.push_back(std::move(row));
    }
    std::sort(rows.begin(), rows.end(),
              [](const UnmetUnits& a, const UnmetUnits& b) { return a.barrier < b.barrier; });
    return rows;
}

void count(UnmetList& list) {
    std::map<Barrier, BarrierCount> counts;
    for (const UnmetUnits& row : list.rows) {
        BarrierCount& sum = counts[row.barrier];
        sum.barrier = row.barrier;
        ++sum.needs;
        sum.units += row.units;
        list.total += row.units;
        for (const auto& restriction : row.restrictions) {
            list.restrictions[restriction] += row.units;
        }
    }
    for (const auto& [barrier, sum] : counts) list.barriers.push_back(sum);
}

}  // namespace

RoundStage stage_of(const RoundRecord& record) {
    if (std::holds_alternative<CallOpen>(record.stage)) return RoundStage::call_open;
    if (std::holds_alternative<InputsFrozen>(record.stage)) return RoundStage::inputs_frozen;
    if (std::holds_alternative<Failed>(record.stage)) return RoundStage::failed;
    return is_finished(record) ? RoundStage::closed : RoundStage::allocated;
}

Result<RoundView> view_round(const Exchange& exchange, const RoundId& id) {
    const auto found = exchange.rounds.find(id);
    if (found == exchange.rounds.end()) {
        return not_found("exchange/no-such-round", "There is no round " + id.text() + ".");
    }
    const RoundRecord& record = found->second;
    RoundView view;
    view.round = record.round;
    view.entry = record.entry;
    view.stage = stage_of(record);
    view.repeated = record.repeated;
    view.committed = keys_of(record.commitments);
    view.revealed = keys_of(record.reveals);
    if (record.round.public_source &&
        kind_of(*record.round.public_source) == PublicSourceKind::drand_quicknet) {
        view.quicknet_number = quicknet_number_for(record.round.draws_at);
    }
    view.public_value = record.public_value;
    view.public_value_at = record.public_value_at;
    if (const auto* frozen = std::get_if<InputsFrozen>(&record.stage)) {
        add_inputs(view, frozen->inputs, frozen->digest);
    } else if (const auto* allocated = std::get_if<Allocated>(&record.stage)) {
        add_inputs(view, allocated->inputs, allocated->result.inputs);
        add_result(view, exchange, record, *allocated);
    } else if (const auto* failed = std::get_if<Failed>(&record.stage)) {
        view.failure = failed->reason;
    }
    return view;
}

Result<NeedFacts> facts_of(const Allocated& allocated, const NeedId& need) {
    if (const NeedResult* result = result_of_need(allocated.result, need)) {
        return facts_from(allocated, *result);
    }
    return not_found("exchange/not-in-round", "The need " + need.text() + " is not in this round.");
}

Result<NeedJourney> journey_of(const Exchange& exchange, const NeedId& id) {
    const auto found = exchange.needs.find(id);
    if (found == exchange.needs.end()) {
        return not_found("exchange/no-such-need", "There is no need " + id.text() + ".");
    }
    NeedJourney journey;
    journey.need = found->second;
    journey.unmet = unmet_units(found->second);
    std::map<std::uint64_t, const RoundRecord*> by_entry;
    for (const auto& [round_id, record] : exchange.rounds) {
        if (froze(record, id) || claimed(record, id)) by_entry.emplace(record.entry, &record);
    }
    for (const auto& [entry, record] : by_entry) {
        journey.rounds.push_back(journey_through(exchange, *record, id));
        for (const DeliveryRecord& delivery : journey.rounds.back().deliveries) {
            if (const Arrival* arrival = delivery.arrival()) {
                journey.confirmed += arrival->confirmation.quantity;
            }
        }
        for (const DepartureRecord& gone : journey.rounds.back().departures) {
            if (gone.departure.kind == DepartureKind::returned) {
                journey.confirmed -= gone.departure.quantity;
            }
        }
    }
    return journey;
}

UnmetList unmet_in(const Exchange& exchange, const institution::UnitId& unit) {
    const auto draws = newest_draws(exchange, unit);
    UnmetList list;
    list.unit = unit;
    for (const auto& [id, record] : exchange.needs) {
        if (record.unit() != unit || record.withdrawn_at || unmet_units(record) == 0) continue;
        const auto drawn = draws.find(id);
        if (drawn == draws.end()) {
            list.rows.push_back({.need = id,
                                 .member = record.member,
                                 .barrier = Barrier::awaiting_round,
                                 .units = unmet_units(record),
                                 .round = {},
                                 .restrictions = {}});
            continue;
        }
        for (UnmetUnits& row :
             unmet_rows(exchange, record, *drawn->second.first, *drawn->second.second)) {
            list.rows.push_back(std::move(row));
        }
    }
    count(list);
    return list;
}

NeedScreening screen_need(const Exchange& exchange, const NeedRecord& need, const Screen& screen,
                          Date day) {
    NeedScreening screened;
    screened.need = need.need.id;
    bool is_something_restricted = false;
    std::vector<std::pair<std::int64_t, OfferId>> lawful;  // most free units first
    std::map<institution::Transfer, institution::Screening> known;
    for (const auto& [id, record] : exchange.offers) {
        const Offer& offer = record.offer;
        if (record.unit() != need.unit() || !is_open(record, day) ||
            !windows_overlap(need.need, offer) || record.provider == need.member) {
            continue;
        }
        const institution::Transfer transfer{offer.item_class, offer.origin, need.need.destination,
                                             need.need.end_use};
        auto said = known.find(transfer);
        if (said == known.end()) said = known.emplace(transfer, screen(transfer, day)).first;
        const bool is_allowed = said->second.verdict == institution::Verdict::allowed;
        if (is_allowed) lawful.emplace_back(-free_units(record), id);
        if (need.need.item_classes && !need.need.item_classes->contains(offer.item_class)) continue;
        is_something_restricted |= !is_allowed;
        screened.offers.push_back({id, free_units(record), said->second});
    }
    std::sort(lawful.begin(), lawful.end());
    if (!is_something_restricted) return screened;
    for (std::size_t i = 0; i < std::min(lawful.size(), alternatives_max); ++i) {
        screened.lawful_alternatives.push_back(lawful[i].second);
    }
    return screened;
}

}  // namespace comity::exchange
