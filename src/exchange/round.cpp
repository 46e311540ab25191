// SPDX-License-Identifier: Apache-2.0

// How a round moves at clock entries: freeze, draw, close.

#include "exchange/round.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "codec/describe.h"

namespace comity::exchange {
namespace {

using institution::Institution;
using institution::MemberId;

const AdoptedRule& adopted_rule(const Exchange& exchange, const Round& round) {
    const auto found = exchange.rules.find(round.rule);
    COMITY_CHECK(found != exchange.rules.end());
    const auto version = std::find_if(
        found->second.begin(), found->second.end(),
        [&](const AdoptedRule& adopted) { return adopted.rule.version == round.rule_version; });
    COMITY_CHECK(version != found->second.end());
    return *version;
}

const Allocated& continued_round(const Exchange& exchange, const RoundId& id) {
    return std::get<Allocated>(exchange.rounds.at(id).stage);
}

/// The rounds that the inputs continue, the last first.
std::vector<RoundId> row_before(const Exchange& exchange, const RoundInputs& inputs) {
    std::vector<RoundId> row;
    std::optional<Continued> continued = inputs.continued;
    while (continued) {
        row.push_back(continued->round);
        continued = continued_round(exchange, continued->round).inputs.continued;
    }
    return row;
}

/// Units that each member confirmed in rounds of the unit that were frozen and confirmed before the
/// entry `cut_off`, the last round first. What the rounds of `row` gave counts as held instead.
std::map<MemberId, std::vector<std::int64_t>> confirmed_units(const Exchange& exchange,
                                                              const institution::UnitId& unit,
                                                              std::uint64_t cut_off,
                                                              const std::vector<RoundId>& row) {
    // Rounds of one row are one round: offering again what came back makes nothing older.
    std::map<RoundId, RoundId> first_of;
    std::vector<std::pair<std::uint64_t, RoundId>> rounds;
    for (const auto& [id, record] : exchange.rounds) {
        const auto* allocated = std::get_if<Allocated>(&record.stage);
        if (allocated == nullptr || record.round.unit != unit) continue;
        if (allocated->inputs.cut_off >= cut_off) continue;
        const std::vector<RoundId> before = row_before(exchange, allocated->inputs);
        const RoundId& first = before.empty() ? id : before.back();
        if (std::find(row.begin(), row.end(), first) != row.end()) continue;
        first_of.emplace(id, first);
        if (first == id) rounds.emplace_back(allocated->inputs.cut_off, id);
    }
    std::sort(rounds.rbegin(), rounds.rend());
    std::map<RoundId, std::size_t> ages;
    for (std::size_t age = 0; age < rounds.size(); ++age) ages.emplace(rounds[age].second, age);

    std::map<MemberId, std::vector<std::int64_t>> confirmed;
    for (const auto& [id, record] : exchange.deliveries) {
        const Arrival* arrival = nullptr;  // what had been said at the cut-off
        for (const Arrival& said : record.arrivals) {
            if (said.entry < cut_off) arrival = &said;
        }
        if (arrival == nullptr) continue;
        const auto first = first_of.find(record.delivery.round);
        if (first == first_of.end()) continue;
        const auto age = ages.find(first->second);
        if (age == ages.end()) continue;
        auto& by_age = confirmed[exchange.needs.at(record.delivery.need).member];
        by_age.resize(rounds.size());
        std::int64_t& units = by_age[age->second];
        units = std::min(units_max, units + arrival->confirmation.quantity);
    }
    return confirmed;
}

FrozenOffer frozen(const OfferRecord& record) {
    const Offer& offer = record.offer;
    return {offer.id,           record.provider, offer.item_class, offer.origin, offer.rivalry,
            free_units(record), offer.from,      offer.until,      record.entry, record.converted};
}

/// What is left of the least useful quantity once earlier rounds promised units to the need. What
/// it gave back it has had, so that never more is left than it asks.
std::optional<std::int64_t> minimum_left(const NeedRecord& record) {
    const std::int64_t had = record.promised + record.given_back;
    if (had >= record.minimum()) return {};
    return record.minimum() - had;
}

FrozenNeed frozen(const NeedRecord& record) {
    const Need& need = record.need;
    return {need.id,         record.member,        need.item_classes, need.destination,
            need.end_use,    unmet_units(record),  need.from,         need.until,
            record.entry,    minimum_left(record), need.rank,         need.choices,
            record.converted};
}

void freeze_offers(RoundInputs& inputs, const Exchange& exchange) {
    for (const auto& [id, record] : exchange.offers) {
        if (record.unit() == inputs.unit && is_open(record, inputs.day)) {
            inputs.offers.push_back(frozen(record));
        }
    }
}

void freeze_needs(RoundInputs& inputs, const Exchange& exchange) {
    for (const auto& [id, record] : exchange.needs) {
        if (record.unit() == inputs.unit && is_open(record, inputs.day)) {
            inputs.needs.push_back(frozen(record));
        }
    }
}

/// Members that gave rival units back: they declined a part, did not answer, gave units up or
/// returned them.
std::set<MemberId> who_gave_back(const Exchange& exchange, const Allocated& allocated) {
    std::set<MemberId> members;
    for (const NeedResult& need : allocated.result.needs) {
        const auto all = kept_lines(allocated.result, need.need, need.allocated);
        if (rival_units(exchange, accepted_lines(allocated, need.need)) <
            rival_units(exchange, all)) {
            members.insert(need.member);
        }
    }
    for (const DepartureRecord& record : allocated.departures) {
        const Departure& departure = record.departure;
        if (is_by_receiver(departure.kind) &&
            exchange.offers.at(departure.offer).offer.rivalry == Rivalry::rival) {
            members.insert(exchange.needs.at(departure.need).member);
        }
    }
    return members;
}

/// Leaves what was in the continued round; needs of members that gave something back stand apart.
void keep_continued(RoundInputs& inputs, const Exchange& exchange, const Allocated& before) {
    const auto is_in = [](const auto& list, const auto& id) {
        const auto found =
            std::lower_bound(list.begin(), list.end(), id,
                             [](const auto& entry, const auto& key) { return entry.id < key; });
        return found != list.end() && found->id == id;
    };
    std::erase_if(inputs.offers,
                  [&](const FrozenOffer& offer) { return !is_in(before.inputs.offers, offer.id); });
    const std::set<MemberId> gone = who_gave_back(exchange, before);
    std::vector<FrozenNeed> asked = std::move(inputs.needs);
    inputs.needs.clear();
    for (FrozenNeed& need : asked) {
        if (!is_in(before.inputs.needs, need.id)) continue;
        (gone.contains(need.member) ? inputs.declined_needs : inputs.needs)
            .push_back(std::move(need));
    }
}

/// The place of a round in its row: the lottery and the pool of the first round serve all of it.
Continued continuation_of(const RoundId& id, const Allocated& before) {
    if (const auto& earlier = before.inputs.continued) {
        Continued next = *earlier;
        next.round = id;
        ++next.redraw;
        return next;
    }
    return {id, before.result.seed, 1, before.result.withheld, pool_units(before.inputs)};
}

/// Rival units that members kept in the rounds that the inputs continue.
std::map<MemberId, std::int64_t> held_units(const Exchange& exchange, const RoundInputs& inputs) {
    std::map<MemberId, std::int64_t> held;
    for (const RoundId& id : row_before(exchange, inputs)) {
        const Allocated& allocated = continued_round(exchange, id);
        std::set<NeedId> needs;
        for (const NeedResult& need : allocated.result.needs) needs.insert(need.need);
        for (const ClaimRecord& claim : allocated.claims) needs.insert(claim.line.need);
        for (const NeedId& need : needs) {
            std::int64_t& units = held[exchange.needs.at(need).member];
            units =
                std::min(units_max, units + rival_units(exchange, promised_lines(allocated, need)));
        }
    }
    return held;
}

/// Sets the needs of members without a weight in the table apart.
void set_unlisted_apart(RoundInputs& inputs, const WeightTable* table) {
    std::vector<FrozenNeed> all = std::move(inputs.needs);
    all.insert(all.end(), std::make_move_iterator(inputs.unlisted_needs.begin()),
               std::make_move_iterator(inputs.unlisted_needs.end()));
    std::sort(all.begin(), all.end(),
              [](const FrozenNeed& a, const FrozenNeed& b) { return a.id < b.id; });
    inputs.needs.clear();
    inputs.unlisted_needs.clear();
    std::set<MemberId> unlisted;
    for (FrozenNeed& need : all) {
        if (table == nullptr || table->weights.contains(need.member)) {
            inputs.needs.push_back(std::move(need));
        } else {
            unlisted.insert(need.member);
            inputs.unlisted_needs.push_back(std::move(need));
        }
    }
    inputs.unlisted.assign(unlisted.begin(), unlisted.end());
}

/// Of whom each member has something promised and in force from rounds of the unit before this one.
std::map<MemberId, std::set<MemberId>> providers_before(const Exchange& exchange,
                                                        const RoundInputs& inputs) {
    std::map<MemberId, std::set<MemberId>> providers;
    for (const auto& [id, record] : exchange.rounds) {
        const auto* allocated = std::get_if<Allocated>(&record.stage);
        if (allocated == nullptr || record.round.unit != inputs.unit) continue;
        if (allocated->inputs.cut_off >= inputs.cut_off) continue;
        for (const NeedResult& need : allocated->result.needs) {
            for (const Line& line : promised_lines(*allocated, need.need)) {
                providers[need.member].insert(exchange.offers.at(line.offer).provider);
            }
        }
    }
    return providers;
}

/// What the table says of every origin and destination in the round.
FrozenCosts frozen(const AdoptedCosts& adopted, const RoundInputs& inputs) {
    std::set<institution::AreaCode> origins;
    std::set<institution::AreaCode> destinations;
    for (const FrozenOffer& offer : inputs.offers) origins.insert(offer.origin);
    for (const FrozenNeed& need : inputs.needs) destinations.insert(need.destination);
    FrozenCosts frozen{adopted.table.id, adopted.table.version, adopted.motion, adopted.entry, {}};
    frozen.costs.reserve(origins.size() * destinations.size());
    for (const institution::AreaCode& origin : origins) {
        for (const institution::AreaCode& destination : destinations) {
            frozen.costs.push_back(
                {origin, destination, cost_between(adopted.table, origin, destination)});
        }
    }
    return frozen;
}

void freeze_members(RoundInputs& inputs, const Exchange& exchange, const Institution& institution,
                    const WeightTable* table) {
    std::map<MemberId, std::vector<std::int64_t>> confirmed;
    if (inputs.rule.carry_over) {
        confirmed =
            confirmed_units(exchange, inputs.unit, inputs.cut_off, row_before(exchange, inputs));
    }
    const std::map<MemberId, std::int64_t> held = held_units(exchange, inputs);
    const bool counts_providers =
        inputs.rule.least_cost && inputs.rule.least_cost->new_provider.has_value();
    std::map<MemberId, std::set<MemberId>> providers;
    if (counts_providers) providers = providers_before(exchange, inputs);
    inputs.members.clear();
    std::set<MemberId> present;
    for (const FrozenNeed& need : inputs.needs) present.insert(need.member);
    for (const MemberId& id : present) {
        FrozenMember member{.id = id};
        if (table != nullptr) member.weight = table->weights.at(id);
        if (const auto& carry = inputs.rule.carry_over) {
            member.carry_over = carried_units(*carry, confirmed[id]);
        }
        if (const auto kept = held.find(id); kept != held.end()) member.held = kept->second;
        if (counts_providers) {
            const std::set<MemberId>& known = providers[id];
            member.providers.emplace(known.begin(), known.end());
        }
        const institution::MemberRecord* record = institution::find_member(institution, id);
        if (inputs.rule.floor && record != nullptr && record->area) {
            member.in_floor_group = institution::in_group(institution, inputs.rule.floor->group,
                                                          *record->area, inputs.day);
        }
        inputs.members.push_back(std::move(member));
    }
}

/// Screens every class of offers with every class of needs, once; what is screened already stays.
Result<> screen_transfers(RoundInputs& inputs, const Screen& screen) {
    std::set<std::pair<institution::ItemClassId, institution::AreaCode>> offers;
    std::set<std::pair<institution::AreaCode, institution::EndUseId>> needs;
    for (const FrozenOffer& offer : inputs.offers) offers.emplace(offer.item_class, offer.origin);
    for (const FrozenNeed& need : inputs.needs) needs.emplace(need.destination, need.end_use);
    if (!offers.empty() && needs.size() > transfers_max / offers.size()) {
        return Error{Code::too_large, "exchange/instance-too-large",
                     "Over 2^20 kinds of transfer in one round; split it by unit."};
    }
    // Both the new list and the old one ascend by transfer.
    std::vector<ScreenedTransfer> known = std::move(inputs.screenings);
    auto at = known.begin();
    inputs.screenings.clear();
    inputs.screenings.reserve(offers.size() * needs.size());
    for (const auto& [item_class, origin] : offers) {
        for (const auto& [destination, end_use] : needs) {
            institution::Transfer transfer{item_class, origin, destination, end_use};
            while (at != known.end() && at->transfer < transfer) ++at;
            const bool is_known = at != known.end() && at->transfer == transfer;
            institution::Screening screening =
                is_known ? std::move(at->screening) : screen(transfer, inputs.day);
            inputs.screenings.push_back({std::move(transfer), std::move(screening)});
        }
    }
    return {};
}

/// Counts the lines as promised, or with sign -1 as not promised any more.
void promise(Exchange& exchange, const std::vector<Line>& lines, std::int64_t sign) {
    for (const Line& line : lines) {
        exchange.needs.at(line.need).promised += sign * line.units;
        OfferRecord& offer = exchange.offers.at(line.offer);
        if (offer.offer.rivalry == Rivalry::rival) offer.promised += sign * line.units;
    }
}

void fail(RoundRecord& record, const Error& error, std::uint64_t index) {
    // The sentence is not part of the state: a better wording must not change its root.
    record.stage = Failed{std::string(error.reason), index};
}

/// Until when the round waits for the value of its public source; none if it does not wait.
std::optional<Timestamp> waits_until(const RoundRecord& record) {
    if (!record.round.public_source || record.public_value) return {};
    return record.round.public_source->enter_until;
}

/// The version of a table that a round reads: the newest, or the one that the round before read.
/// Null if the rule names no table.
template <class Id, class Adopted, class Frozen>
const Adopted* table_in_force(const Exchange& exchange, const Round& round,
                              const std::map<Id, std::vector<Adopted>>& tables,
                              const std::optional<Id>& named,
                              std::optional<Frozen> RoundInputs::* frozen) {
    if (!named) return nullptr;
    const auto found = tables.find(*named);
    COMITY_CHECK(found != tables.end() && !found->second.empty());
    if (!round.continues) return &found->second.back();
    const auto& before = continued_round(exchange, *round.continues).inputs.*frozen;
    COMITY_CHECK(before && before->version >= 1 && before->version <= found->second.size());
    return &found->second[before->version - 1];
}

/// The time at which the round's next step is due, or none when it is finished.
std::optional<Timestamp> next_step_at(const RoundRecord& record) {
    if (is_finished(record)) return {};
    if (std::holds_alternative<CallOpen>(record.stage)) return record.round.freezes_at;
    if (std::holds_alternative<InputsFrozen>(record.stage)) {
        return waits_until(record).value_or(record.round.draws_at);
    }
    return record.round.answers_until;
}

void draw_round(Exchange& exchange, RoundRecord& record, std::uint64_t index) {
    if (waits_until(record)) {
        return fail(record,
                    Error{Code::conflict, "exchange/no-public-value",
                          "The value of the public source was not entered in time; call another "
                          "round."},
                    index);
    }
    auto& [inputs, inputs_digest] = std::get<InputsFrozen>(record.stage);
    Result<RoundResult> result =
        draw(inputs, record.commitments, record.reveals, record.public_value);
    if (!result) return fail(record, result.error(), index);
    Allocated allocated;
    allocated.inputs = std::move(inputs);
    allocated.result = std::move(result).value();
    allocated.digest = digest_of(allocated.result);
    allocated.entry = index;
    promise(exchange, allocated.result.lines, 1);
    promise(exchange, allocated.result.grants, 1);
    record.stage = std::move(allocated);
}

void close_answers(Exchange& exchange, Allocated& allocated) {
    for (const NeedResult& need : allocated.result.needs) {
        if (allocated.accepted.contains(need.need)) continue;
        promise(exchange, kept_lines(allocated.result, need.need, need.allocated), -1);
    }
    allocated.answers_closed = true;
}

/// Opens the next round of the call, if it has one. Its first step is still to come, however late
/// the clock is; a round whose time to freeze passed meanwhile is left out.
void open_next(Exchange& exchange, const RoundId& finished, Timestamp now, std::uint64_t index) {
    const std::optional<Repeated> repeated = exchange.rounds.at(finished).repeated;
    if (!repeated || repeated->is_ended) return;
    const Round& first = exchange.rounds.at(repeated->call).round;
    const AllocationRule& rule = exchange.rules.at(first.rule).back().rule;
    COMITY_CHECK(first.repeats.has_value());
    for (std::uint32_t number = repeated->number + 1; number <= first.repeats->times; ++number) {
        Round next = repeated_round(first, number);
        const Result<RoundId> id = repeated_id(repeated->call, number);
        if (next.freezes_at <= now || !id || exchange.rounds.contains(*id)) continue;
        if (!is_source_as_asked(rule, next)) return;
        next.id = *id;
        next.rule_version = rule.version;
        RoundRecord record;
        record.round = std::move(next);
        record.entry = index;
        record.repeated = Repeated{repeated->call, number, false};
        exchange.rounds.emplace(*id, std::move(record));
        return;
    }
}

}  // namespace

Result<RoundId> repeated_id(const RoundId& call, std::uint32_t number) {
    return RoundId::parse(call.text() + "-" + std::to_string(number));
}

Round repeated_round(const Round& first, std::uint32_t number) {
    COMITY_CHECK(first.repeats.has_value());
    constexpr std::int64_t seconds_a_day = 86'400;
    const std::int64_t later = std::int64_t{number} * first.repeats->days * seconds_a_day;
    Round round = first;
    round.repeats.reset();
    round.freezes_at.seconds += later;
    round.draws_at.seconds += later;
    round.answers_until.seconds += later;
    if (auto& source = round.public_source) source->enter_until.seconds += later;
    return round;
}

std::optional<Round> round_of_call(const Round& called, const RoundId& id,
                                   std::uint32_t rule_version) {
    if (called.id == id) return called;
    const auto& repeats = called.repeats;
    if (!repeats) return {};
    const std::uint32_t times = std::min(repeats->times, repetitions_max);
    for (std::uint32_t number = 1; number <= times; ++number) {
        const Result<RoundId> repeated = repeated_id(called.id, number);
        if (!repeated || *repeated != id) continue;
        Round round = repeated_round(called, number);
        round.id = id;
        round.rule_version = rule_version;
        return round;
    }
    return {};
}

std::int64_t rival_units(const Exchange& exchange, const std::vector<Line>& lines) {
    std::int64_t units = 0;
    for (const Line& line : lines) {
        if (exchange.offers.at(line.offer).offer.rivalry == Rivalry::rival) units += line.units;
    }
    return units;
}

std::int64_t pool_units(const RoundInputs& inputs) {
    if (inputs.continued) return inputs.continued->pool;
    std::int64_t units = 0;
    for (const FrozenOffer& offer : inputs.offers) {
        if (offer.rivalry == Rivalry::rival) units += offer.quantity;
    }
    return units;
}

Result<const Allocated*> allocated_round(const Exchange& exchange, const RoundId& id) {
    const auto found = exchange.rounds.find(id);
    if (found == exchange.rounds.end()) {
        return Error{Code::not_found, "exchange/no-such-round",
                     "There is no round " + id.text() + "."};
    }
    if (const auto* allocated = std::get_if<Allocated>(&found->second.stage)) return allocated;
    return Error{Code::conflict, "exchange/not-allocated",
                 "Round " + id.text() + " is not allocated; ask again after its draw."};
}

Result<RoundInputs> freeze(const Exchange& exchange, const Institution& institution,
                           const Screen& screen, const Round& round, Timestamp now,
                           std::uint64_t index) {
    const AdoptedRule& adopted = adopted_rule(exchange, round);
    RoundInputs inputs;
    inputs.round = round.id;
    inputs.unit = round.unit;
    inputs.cut_off = index;
    inputs.day = date_of(now);
    freeze_offers(inputs, exchange);
    freeze_needs(inputs, exchange);
    if (const auto& continues = round.continues) {
        const Allocated& before = continued_round(exchange, *continues);
        keep_continued(inputs, exchange, before);
        inputs.continued = continuation_of(*continues, before);
    }
    const auto& least = adopted.rule.least_cost;
    const RuleInForce under{
        adopted,
        table_in_force(exchange, round, exchange.weights, adopted.rule.weights,
                       &RoundInputs::weights),
        table_in_force(exchange, round, exchange.costs, least ? least->table : std::nullopt,
                       &RoundInputs::costs)};
    TRY(put_under_rule(inputs, exchange, institution, screen, under));
    return inputs;
}

Result<> put_under_rule(RoundInputs& inputs, const Exchange& exchange,
                        const Institution& institution, const Screen& screen,
                        const RuleInForce& under) {
    inputs.rule = under.rule.rule;
    inputs.motion = under.rule.motion;
    inputs.rule_entry = under.rule.entry;
    inputs.weights.reset();
    const WeightTable* table = under.weights == nullptr ? nullptr : &under.weights->table;
    if (table != nullptr) {
        inputs.weights =
            FrozenWeights{table->id, table->version, under.weights->motion, under.weights->entry};
    }
    set_unlisted_apart(inputs, table);
    freeze_members(inputs, exchange, institution, table);
    TRY(screen_transfers(inputs, screen));
    inputs.costs.reset();
    if (under.costs != nullptr) inputs.costs = frozen(*under.costs, inputs);
    return {};
}

bool is_due(const RoundRecord& record, Timestamp logged, Timestamp now) {
    const std::optional<Timestamp> at = next_step_at(record);
    if (at && *at <= now) return true;
    const auto& source = record.round.public_source;
    if (!source || !std::holds_alternative<InputsFrozen>(record.stage)) return false;
    const auto is_passed = [&](Timestamp moment) { return logged < moment && moment <= now; };
    return is_passed(record.round.draws_at) ||
           is_passed(known_from(*source, record.round.draws_at));
}

void advance(Exchange& exchange, const Institution& institution, const Screen& screen,
             Timestamp now, std::uint64_t index) {
    std::vector<std::pair<Timestamp, RoundId>> due;
    for (const auto& [id, record] : exchange.rounds) {
        const std::optional<Timestamp> at = next_step_at(record);
        if (at && *at <= now) due.emplace_back(*at, id);
    }
    std::sort(due.begin(), due.end());
    for (const auto& [at, id] : due) {
        RoundRecord& record = exchange.rounds.at(id);
        if (std::holds_alternative<CallOpen>(record.stage)) {
            Result<RoundInputs> inputs =
                freeze(exchange, institution, screen, record.round, now, index);
            if (inputs) {
                const Digest digest = digest_of(*inputs);
                record.stage = InputsFrozen{std::move(inputs).value(), digest};
            } else {
                fail(record, inputs.error(), index);
            }
        } else if (std::holds_alternative<InputsFrozen>(record.stage)) {
            draw_round(exchange, record, index);
        } else {
            close_answers(exchange, std::get<Allocated>(record.stage));
        }
        if (is_finished(record)) open_next(exchange, id, now, index);
    }
}

}  // namespace comity::exchange
