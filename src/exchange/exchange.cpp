// SPDX-License-Identifier: Apache-2.0

// What the records of the exchange say of themselves: what is left, open, finished or promised.

#include "exchange/exchange.h"

#include <algorithm>
#include <variant>

#include "codec/described_cbor.h"

namespace comity::exchange {
namespace {

/// The lines of `need` in a list that ascends by need, then offer.
std::vector<Line> lines_of(const std::vector<Line>& lines, const NeedId& need) {
    const auto first =
        std::lower_bound(lines.begin(), lines.end(), need,
                         [](const Line& line, const NeedId& id) { return line.need < id; });
    const auto last =
        std::find_if(first, lines.end(), [&](const Line& line) { return line.need != need; });
    return {first, last};
}

std::int64_t allocated_to(const RoundResult& result, const NeedId& need) {
    const auto found =
        std::lower_bound(result.needs.begin(), result.needs.end(), need,
                         [](const NeedResult& row, const NeedId& id) { return row.need < id; });
    return found == result.needs.end() || found->need != need ? 0 : found->allocated;
}

}  // namespace

std::int64_t free_units(const OfferRecord& record) {
    if (record.offer.rivalry == Rivalry::non_rival) return record.quantity();
    return record.quantity() - record.promised - record.unavailable;
}

std::int64_t unmet_units(const NeedRecord& record) {
    return std::max<std::int64_t>(0, record.quantity() - record.promised - record.given_back);
}

bool is_by_receiver(DepartureKind kind) {
    return kind == DepartureKind::given_up || kind == DepartureKind::returned;
}

bool is_open(const OfferRecord& record, Date day) {
    const bool has_ended = record.offer.until && *record.offer.until <= day;
    return !record.withdrawn_at && !has_ended && free_units(record) > 0;
}

bool is_open(const NeedRecord& record, Date day) {
    return !record.withdrawn_at && record.need.until > day && unmet_units(record) > 0;
}

bool is_finished(const RoundRecord& record) {
    if (const auto* allocated = std::get_if<Allocated>(&record.stage)) {
        return allocated->answers_closed;
    }
    return std::holds_alternative<Failed>(record.stage);
}

bool is_source_as_asked(const AllocationRule& rule, const Round& round) {
    return !rule.lottery_source ||
           (round.public_source && kind_of(*round.public_source) == *rule.lottery_source);
}

std::vector<Line> kept_lines(const RoundResult& result, const NeedId& need, std::int64_t accepted) {
    std::vector<Line> kept;
    for (const auto* list : {&result.grants, &result.lines}) {
        for (Line line : lines_of(*list, need)) {
            line.units = std::min(line.units, accepted);
            if (line.units == 0) return kept;
            accepted -= line.units;
            kept.push_back(std::move(line));
        }
    }
    return kept;
}

std::vector<Line> accepted_lines(const Allocated& allocated, const NeedId& need) {
    std::vector<Line> lines;
    if (const auto answer = allocated.accepted.find(need); answer != allocated.accepted.end()) {
        lines = kept_lines(allocated.result, need, answer->second);
    } else if (!allocated.answers_closed) {
        lines = kept_lines(allocated.result, need, allocated_to(allocated.result, need));
    }
    for (const ClaimRecord& claim : allocated.claims) {
        if (claim.line.need != need) continue;
        const auto same = std::find_if(lines.begin(), lines.end(), [&](const Line& line) {
            return line.offer == claim.line.offer;
        });
        if (same == lines.end()) {
            lines.push_back(claim.line);
        } else {
            same->units += claim.line.units;
        }
    }
    return lines;
}

std::vector<Line> promised_lines(const Allocated& allocated, const NeedId& need) {
    std::vector<Line> lines = accepted_lines(allocated, need);
    for (const DepartureRecord& record : allocated.departures) {
        if (record.departure.need != need) continue;
        for (Line& line : lines) {
            if (line.offer == record.departure.offer) line.units -= record.departure.quantity;
        }
    }
    std::erase_if(lines, [](const Line& line) { return line.units == 0; });
    return lines;
}

LineState line_state(const Exchange& exchange, const RoundId& round, const NeedId& need,
                     const OfferId& offer) {
    LineState state;
    const auto* allocated = std::get_if<Allocated>(&exchange.rounds.at(round).stage);
    if (allocated == nullptr) return state;
    for (const Line& line : accepted_lines(*allocated, need)) {
        if (line.offer == offer) state.accepted = line.units;
    }
    for (const DepartureRecord& record : allocated->departures) {
        const Departure& departure = record.departure;
        if (departure.need != need || departure.offer != offer) continue;
        const bool is_returned = departure.kind == DepartureKind::returned;
        (is_returned ? state.returned : state.fell_away) += departure.quantity;
    }
    for (const auto& [id, record] : exchange.deliveries) {
        const Delivery& delivery = record.delivery;
        if (delivery.round != round || delivery.offer != offer || delivery.need != need) continue;
        if (const Arrival* arrival = record.arrival()) {
            state.confirmed += arrival->confirmation.quantity;
        } else {
            state.on_the_way += delivery.quantity;
        }
    }
    return state;
}

Digest digest_of(const RoundInputs& inputs) { return sha256({codec::described_cbor(inputs)}); }

Digest digest_of(const RoundResult& result) { return sha256({codec::described_cbor(result)}); }

}  // namespace comity::exchange
