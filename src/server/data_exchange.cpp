// SPDX-License-Identifier: Apache-2.0
//
// The data of offers, needs, rounds and benefit; docs/use/api.md.

#include <algorithm>
#include <set>
#include <utility>

#include "server/views.h"
#include "state/described.h"

namespace comity::server {
namespace {

template <class Row>
codec::Value page_of(const std::vector<Row>& rows, const Slice& part) {
    codec::Array items;
    for (std::size_t i = part.first; i < part.last; ++i) items.push_back(codec::to_value(rows[i]));
    return listing(std::move(items), rows.size(), part);
}

template <class Row>
void newest_first(std::vector<Row>& rows) {
    std::sort(rows.begin(), rows.end(),
              [](const Row& a, const Row& b) { return a.record.entry > b.record.entry; });
}

/// Refuses what would silently show nothing.
Result<std::optional<institution::UnitId>> known_unit(const Ask& ask) {
    auto unit = TRY(ask.query.value<institution::UnitId>("unit"));
    if (unit && institution::find_unit(ask.state.institution, *unit) == nullptr) {
        return Error{Code::not_found, "server/unknown-unit",
                     "The charter has no unit '" + unit->text() + "'."};
    }
    return unit;
}

/// The round of which most can be said: the newest with a confirmed delivery, else the newest that
/// drew; in `unit` if it is given. Null if none drew.
const exchange::RoundRecord* telling_round(const Ask& ask,
                                           const std::optional<institution::UnitId>& unit) {
    std::set<exchange::RoundId> confirmed;
    for (const auto& [id, delivery] : ask.state.exchange.deliveries) {
        if (delivery.arrival() != nullptr) confirmed.insert(delivery.delivery.round);
    }
    const auto rank = [&](const exchange::RoundRecord& record) {
        return std::pair(confirmed.contains(record.round.id), record.entry);
    };
    const exchange::RoundRecord* best = nullptr;
    for (const auto& [id, record] : ask.state.exchange.rounds) {
        if (!std::holds_alternative<exchange::Allocated>(record.stage)) continue;
        if (unit && record.round.unit != *unit) continue;
        if (best == nullptr || rank(record) > rank(*best)) best = &record;
    }
    return best;
}

/// Draws that the prices of the round's conditions take, times what each goes through.
std::size_t price_work(const exchange::RoundInputs& inputs) {
    const std::size_t conditions =
        std::min(exchange::conditions_of(inputs).size(), exchange::priced_conditions_max);
    const std::size_t draws = 2 * conditions + 1;  // one a condition, at most as many issuers, all
    return draws * (inputs.needs.size() + inputs.members.size() + inputs.offers.size() +
                    inputs.screenings.size());
}

Result<institution::ClassId> measured_class(const Ask& ask) {
    const auto given = TRY(ask.query.value<institution::ClassId>("class"));
    if (given) return *given;
    for (const auto& member_class : ask.state.institution.charter.classes) {
        if (member_class.in_benefit_ledger) return member_class.id;
    }
    return Error{Code::not_found, "server/no-benefit-ledger",
                 "The charter measures benefit over no class."};
}

}  // namespace

Result<std::vector<OfferRow>> offers_view(const Ask& ask) {
    const auto unit = TRY(known_unit(ask));
    std::vector<OfferRow> rows;
    for (const auto& [id, record] : ask.state.exchange.offers) {
        if (unit && record.unit() != *unit) continue;
        rows.push_back({.record = record,
                        .free = exchange::free_units(record),
                        .is_open = exchange::is_open(record, today(ask))});
    }
    newest_first(rows);
    return rows;
}

Result<codec::Value> offers_data(const Ask& ask) {
    const auto rows = TRY(offers_view(ask));
    return page_of(rows, TRY(slice(ask, rows.size())));
}

Result<OfferView> offer_view(const Ask& ask) {
    const auto id = TRY(ask.id<exchange::OfferId>("id"));
    const auto found = ask.state.exchange.offers.find(id);
    if (found == ask.state.exchange.offers.end()) {
        return Error{Code::not_found, "server/no-such-offer",
                     "There is no offer '" + id.text() + "'."};
    }
    OfferView view{.record = found->second,
                   .free = exchange::free_units(found->second),
                   .is_open = exchange::is_open(found->second, today(ask)),
                   .uses = {}};
    for (const auto& [round, record] : ask.state.exchange.rounds) {
        const auto* allocated = std::get_if<exchange::Allocated>(&record.stage);
        if (allocated == nullptr) continue;
        for (const exchange::NeedResult& need : allocated->result.needs) {
            for (const auto& line : exchange::promised_lines(*allocated, need.need)) {
                if (line.offer != id) continue;
                view.uses.push_back({.round = round,
                                     .need = need.need,
                                     .member = need.member,
                                     .units = line.units});
            }
        }
    }
    return view;
}

Result<codec::Value> offer_data(const Ask& ask) { return codec::to_value(TRY(offer_view(ask))); }

Result<std::vector<std::uint64_t>> offer_proof(const Ask& ask) {
    return std::vector<std::uint64_t>{TRY(offer_view(ask)).record.entry};
}

Result<std::vector<NeedRow>> needs_view(const Ask& ask) {
    const auto unit = TRY(known_unit(ask));
    const auto member = TRY(ask.query.value<institution::MemberId>("member"));
    std::vector<NeedRow> rows;
    for (const auto& [id, record] : ask.state.exchange.needs) {
        if (unit && record.unit() != *unit) continue;
        if (member && record.member != *member) continue;
        rows.push_back({.record = record,
                        .unmet = exchange::unmet_units(record),
                        .is_open = exchange::is_open(record, today(ask))});
    }
    newest_first(rows);
    return rows;
}

Result<codec::Value> needs_data(const Ask& ask) {
    const auto rows = TRY(needs_view(ask));
    return page_of(rows, TRY(slice(ask, rows.size())));
}

Result<NeedView> need_view(const Ask& ask) {
    const auto id = TRY(ask.id<exchange::NeedId>("id"));
    const exchange::Screen screen = [&](const institution::Transfer& transfer, Date day) {
        return rules::screen(ask.state.rules, transfer, day);
    };
    exchange::NeedJourney journey = TRY(exchange::journey_of(ask.state.exchange, id));
    exchange::NeedScreening screening =
        exchange::screen_need(ask.state.exchange, journey.need, screen, today(ask));
    return NeedView{.journey = std::move(journey), .screening = std::move(screening)};
}

Result<codec::Value> need_data(const Ask& ask) { return codec::to_value(TRY(need_view(ask))); }

Result<std::vector<std::uint64_t>> need_proof(const Ask& ask) {
    const NeedView view = TRY(need_view(ask));
    // Its last confirmation proves the whole way; before one, the need itself.
    std::uint64_t entry = view.journey.need.entry;
    for (const exchange::JourneyRound& round : view.journey.rounds) {
        for (const exchange::DeliveryRecord& delivery : round.deliveries) {
            for (const exchange::Arrival& said : delivery.arrivals) {
                if (!said.motion) entry = std::max(entry, said.entry);
            }
        }
    }
    return std::vector<std::uint64_t>{entry};
}

std::vector<RoundRow> rounds_view(const Ask& ask) {
    std::vector<RoundRow> rows;
    rows.reserve(ask.state.exchange.rounds.size());
    for (const auto& [id, record] : ask.state.exchange.rounds) {
        rows.push_back(
            {.round = record.round, .entry = record.entry, .stage = exchange::stage_of(record)});
    }
    std::sort(rows.begin(), rows.end(),
              [](const RoundRow& a, const RoundRow& b) { return a.entry > b.entry; });
    return rows;
}

Result<codec::Value> rounds_data(const Ask& ask) {
    const std::vector<RoundRow> rows = rounds_view(ask);
    return page_of(rows, TRY(slice(ask, rows.size())));
}

Result<RoundDetail> round_view(const Ask& ask) {
    const auto id = TRY(ask.id<exchange::RoundId>("id"));
    RoundDetail detail;
    detail.view = TRY(exchange::view_round(ask.state.exchange, id));
    const exchange::RoundRecord& record = ask.state.exchange.rounds.at(id);
    detail.commitments = record.commitments;
    detail.reveals = record.reveals;
    if (const auto* allocated = std::get_if<exchange::Allocated>(&record.stage)) {
        detail.offers = allocated->result.offers;
        detail.lines = allocated->result.lines;
        detail.grants = allocated->result.grants;
    }
    return detail;
}

Result<RoundDetail> full_round_view(const Ask& ask) {
    RoundDetail detail = TRY(round_view(ask));
    const exchange::RoundId& id = detail.view.round.id;
    if (ask.query.text("compare") || ask.query.text("with")) {
        const auto first = TRY(ask.query.required<institution::MemberId>("compare"));
        const auto second = TRY(ask.query.required<institution::MemberId>("with"));
        detail.comparison = TRY(exchange::compare(ask.state.exchange, id, first, second));
    }
    const exchange::RoundRecord& record = ask.state.exchange.rounds.at(id);
    if (const auto* allocated = std::get_if<exchange::Allocated>(&record.stage)) {
        if (price_work(allocated->inputs) <= round_price_work_max) {
            detail.prices = TRY(exchange::price_conditions(allocated->inputs, allocated->result));
        }
    }
    return detail;
}

Result<codec::Value> round_data(const Ask& ask) {
    return codec::to_value(TRY(full_round_view(ask)));
}

Result<std::vector<std::uint64_t>> round_proof(const Ask& ask) {
    const RoundDetail detail = TRY(round_view(ask));
    return std::vector<std::uint64_t>{detail.view.published_at.value_or(detail.view.entry)};
}

Result<BenefitView> benefit_view(const Ask& ask) {
    const auto unit = TRY(known_unit(ask));
    const auto without = TRY(ask.query.value<exchange::RoundId>("without"));
    const exchange::RoundRecord* round = telling_round(ask, unit);
    if (!unit && round == nullptr && ask.state.institution.charter.units.empty()) {
        return Error{Code::not_found, "server/no-unit", "The charter has no unit to measure in."};
    }
    exchange::BenefitQuestion question;
    question.unit = unit               ? *unit
                    : round != nullptr ? round->round.unit
                                       : ask.state.institution.charter.units.front().id;
    question.member_class = TRY(measured_class(ask));
    if (const auto status = TRY(ask.query.value<institution::StatusId>("status"))) {
        question.statuses = {{*status}};
    } else {
        question.statuses =
            exchange::deciding_statuses(ask.state.institution, question.member_class);
    }
    if (const auto group = TRY(ask.query.value<institution::GroupId>("group"))) {
        const auto day = TRY(ask.query.value<Date>("group_date"));
        question.group = exchange::GroupOn{.group = *group, .day = day.value_or(today(ask))};
    }
    BenefitView view;
    if (round != nullptr) {
        const auto& inputs = std::get<exchange::Allocated>(round->stage).inputs;
        if (inputs.weights) question.weights = inputs.weights->id;
        view.round = inputs.round;
    }
    if (without) view.round = without;
    view.after = TRY(exchange::benefit(ask.state.exchange, ask.state.institution, question));
    if (view.round) {
        question.without = view.round;
        view.before = TRY(exchange::benefit(ask.state.exchange, ask.state.institution, question));
    }
    return view;
}

Result<codec::Value> benefit_data(const Ask& ask) {
    return codec::to_value(TRY(benefit_view(ask)));
}

}  // namespace comity::server
