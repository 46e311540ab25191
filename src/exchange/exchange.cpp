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
    if (record.offer.rivalry == Rivalry::non_rival) return record.offer.quantity;
    return record.offer.quantity - record.promised;
}

std::int64_t unmet_units(const NeedRecord& record) {
    return std::max<std::int64_t>(0, record.need.quantity - record.promised);
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

std::vector<Line> promised_lines(const Allocated& allocated, const NeedId& need) {
    if (const auto answer = allocated.accepted.find(need); answer != allocated.accepted.end()) {
        return kept_lines(allocated.result, need, answer->second);
    }
    if (allocated.answers_closed) return {};
    return kept_lines(allocated.result, need, allocated_to(allocated.result, need));
}

Digest digest_of(const RoundInputs& inputs) { return sha256({codec::described_cbor(inputs)}); }

Digest digest_of(const RoundResult& result) { return sha256({codec::described_cbor(result)}); }

}  // namespace comity::exchange
