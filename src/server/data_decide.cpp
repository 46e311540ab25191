// SPDX-License-Identifier: Apache-2.0
//
// The data of motions, restrictions and screening; docs/use/api.md.

#include <algorithm>

#include "server/views.h"
#include "state/described.h"

namespace comity::server {

std::vector<MotionRow> motions_view(const Ask& ask) {
    std::vector<MotionRow> rows;
    rows.reserve(ask.state.decide.motions.size());
    for (const auto& [id, record] : ask.state.decide.motions) {
        rows.push_back({.id = id,
                        .title = record.motion.title,
                        .organ = record.motion.organ,
                        .mover = record.mover,
                        .entry = record.entry,
                        .closes_at = decide::closing_time(record),
                        .ruling = decide::explain(record).ruling});
    }
    std::sort(rows.begin(), rows.end(),
              [](const MotionRow& a, const MotionRow& b) { return a.entry > b.entry; });
    return rows;
}

Result<codec::Value> motions_data(const Ask& ask) {
    const std::vector<MotionRow> rows = motions_view(ask);
    const Slice part = TRY(slice(ask, rows.size()));
    codec::Array items;
    for (std::size_t i = part.first; i < part.last; ++i) items.push_back(codec::to_value(rows[i]));
    return listing(std::move(items), rows.size(), part);
}

Result<MotionView> motion_view(const Ask& ask) {
    const auto id = TRY(ask.id<decide::MotionId>("id"));
    const auto found = ask.state.decide.motions.find(id);
    if (found == ask.state.decide.motions.end()) {
        return Error{Code::not_found, "server/no-such-motion",
                     "There is no motion '" + id.text() + "'."};
    }
    MotionView view{.record = found->second,
                    .explanation = decide::explain(found->second),
                    .missing = decide::still_missing(found->second),
                    .effects = {},
                    .published_at = {}};
    const auto& effects = ask.state.ledger.effects;
    if (const auto outcome = effects.find(id); outcome != effects.end()) {
        view.effects = outcome->second;
    }
    const auto& published = ask.state.decide.published;
    if (const auto entry = published.find(id); entry != published.end()) {
        view.published_at = entry->second;
    }
    return view;
}

Result<codec::Value> motion_data(const Ask& ask) { return codec::to_value(TRY(motion_view(ask))); }

Result<std::vector<std::uint64_t>> motion_proof(const Ask& ask) {
    const MotionView view = TRY(motion_view(ask));
    return std::vector<std::uint64_t>{view.published_at.value_or(view.record.entry)};
}

namespace {

RestrictionView view_of(const Ask& ask, const institution::RestrictionId& id,
                        const rules::RestrictionRecord& record) {
    return {.id = id, .in_force = rules::in_force(record, today(ask)), .record = record};
}

}  // namespace

Result<codec::Value> restrictions_data(const Ask& ask) {
    const auto& restrictions = ask.state.rules.restrictions;
    const Slice part = TRY(slice(ask, restrictions.size()));
    codec::Array items;
    std::size_t row = 0;
    for (const auto& [id, record] : restrictions) {
        if (row >= part.first && row < part.last) {
            items.push_back(codec::to_value(view_of(ask, id, record)));
        }
        ++row;
    }
    return listing(std::move(items), restrictions.size(), part);
}

Result<RestrictionView> restriction_view(const Ask& ask) {
    const auto id = TRY(ask.id<institution::RestrictionId>("id"));
    const auto found = ask.state.rules.restrictions.find(id);
    if (found == ask.state.rules.restrictions.end()) {
        return Error{Code::not_found, "server/no-such-restriction",
                     "There is no restriction '" + id.text() + "'."};
    }
    return view_of(ask, id, found->second);
}

Result<codec::Value> restriction_data(const Ask& ask) {
    return codec::to_value(TRY(restriction_view(ask)));
}

Result<std::vector<std::uint64_t>> restriction_proof(const Ask& ask) {
    return std::vector<std::uint64_t>{TRY(restriction_view(ask)).record.versions.back().entry};
}

Result<codec::Value> screen_data(const Ask& ask) {
    const institution::Transfer transfer{
        .item_class = TRY(ask.query.required<institution::ItemClassId>("item_class")),
        .origin = TRY(ask.query.required<institution::AreaCode>("origin")),
        .destination = TRY(ask.query.required<institution::AreaCode>("destination")),
        .end_use = TRY(ask.query.required<institution::EndUseId>("end_use"))};
    // A misspelt class would come back as allowed; nobody should read that.
    if (institution::find_item_class(ask.state.institution, transfer.item_class) == nullptr) {
        return Error{Code::invalid, "server/unknown-item-class",
                     "The charter has no item class '" + transfer.item_class.text() + "'."};
    }
    if (institution::find_end_use(ask.state.institution, transfer.end_use) == nullptr) {
        return Error{Code::invalid, "server/unknown-end-use",
                     "The charter has no end use '" + transfer.end_use.text() + "'."};
    }
    const Date day = TRY(ask.query.value<Date>("day")).value_or(today(ask));
    return codec::to_value(ScreenView{.transfer = transfer,
                                      .day = day,
                                      .screening = rules::screen(ask.state.rules, transfer, day)});
}

}  // namespace comity::server
