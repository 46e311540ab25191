// SPDX-License-Identifier: Apache-2.0
//
// Part of the page of a round: what left the way that the result gave it, by whose word and with
// what effect; what was left over and who took it; the round's place in a call that repeats.

#include "server/page_parts.h"
#include "server/page_round.h"

namespace comity::server {
namespace {

Html level(const Reader& reader, const std::optional<Rational>& value) {
    return value ? reader.share(*value) : none();
}

/// "4 to 3", or the one level that both are.
Html change(const Reader& reader, const std::optional<Rational>& before,
            const std::optional<Rational>& after) {
    if (before == after) return level(reader, after);
    return reader.say("after.from_to",
                      {{"before", level(reader, before)}, {"after", level(reader, after)}});
}

}  // namespace

Html what_departed(const Reader& reader, const RoundDetail& detail) {
    if (detail.view.departures.empty()) return {};
    Table table{.caption = reader.say("after.departures_caption"),
                .columns = {{reader.say("col.author")},
                            {reader.say("col.departure")},
                            {reader.say("col.need")},
                            {reader.say("col.units"), true},
                            {reader.say("col.its_level"), true},
                            {reader.say("col.worst_level"), true},
                            {reader.say("col.entry")}},
                .rows = {}};
    table.rows.reserve(detail.view.departures.size());
    for (const exchange::DepartureEffect& effect : detail.view.departures) {
        const exchange::Departure& departure = effect.record.departure;
        Html what = reader.word("departure", departure.kind);
        if (const auto& restriction = departure.restriction) {
            what += Html::text(" ") + reader.restriction(*restriction);
        }
        what += note(reader.text(departure.reason));
        table.rows.push_back(
            {reader.member(effect.record.author), what,
             reader.need(departure.need) + Html::text(" ") + reader.member(effect.member),
             reader.number(departure.quantity),
             change(reader, effect.level_before, effect.level_after),
             change(reader, effect.worst_before, effect.worst_after),
             reader.entry(effect.record.entry)});
    }
    return heading(reader.say("after.departures")) +
           paragraph(reader.say("after.departures_lead")) + table.html();
}

Html what_was_left_over(const Reader& reader, const RoundDetail& detail,
                        const exchange::RoundInputs& inputs) {
    const exchange::RoundView& view = detail.view;
    Html text;
    if (view.is_plentiful && view.pool > 0) text += paragraph(reader.say("after.plentiful"));
    if (view.left_over > 0) {
        text +=
            paragraph(reader.say(inputs.rule.first_come ? "after.left_to_claim" : "after.left_over",
                                 {{"units", view.left_over}}));
    }
    std::vector<Html> items;
    items.reserve(view.claims.size());
    for (const exchange::ClaimRecord& claim : view.claims) {
        items.push_back(reader.say("after.claim", {{"need", reader.need(claim.line.need)},
                                                   {"offer", reader.offer(claim.line.offer)},
                                                   {"units", claim.line.units},
                                                   {"entry", reader.entry(claim.entry)}}));
    }
    return items.empty() ? text : text + list_of(items);
}

Html repetition(const Reader& reader, const exchange::RoundView& view) {
    if (!view.repeated) return {};
    if (view.repeated->number == 0 && view.round.repeats) {
        return paragraph(
            reader.say(view.repeated->is_ended ? "after.repeats_ended" : "after.repeats",
                       {{"days", std::int64_t{view.round.repeats->days}},
                        {"times", std::int64_t{view.round.repeats->times}}}));
    }
    return paragraph(
        reader.say("after.repeated", {{"call", reader.round(view.repeated->call)},
                                      {"number", std::int64_t{view.repeated->number}}}));
}

}  // namespace comity::server
