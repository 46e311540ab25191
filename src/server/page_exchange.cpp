// SPDX-License-Identifier: Apache-2.0
//
// Pages: offers, offer, needs, need. The page of a need is its whole way, a sentence a station.

#include <algorithm>

#include "server/page_parts.h"
#include "server/views.h"

namespace comity::server {
namespace {

Html offer_state(const Reader& reader, const OfferRow& row) {
    if (row.record.withdrawn_at) return reader.say("state.withdrawn");
    if (row.is_open) return reader.say("state.open");
    return reader.say(row.free == 0 ? "state.all_given" : "state.ended");
}

Html amount(const Reader& reader, std::int64_t units, const institution::UnitId& unit) {
    return reader.say("amount", {{"n", units}, {"unit", reader.unit(unit)}});
}

/// As it was stated and, where it counts in another unit, as what.
template <class Stated>
Html stated_amount(const Reader& reader, const Stated& stated,
                   const std::optional<exchange::Converted>& converted) {
    Html own = amount(reader, stated.quantity, stated.unit);
    if (!converted || !stated.counts_in) return own;
    return reader.say(
        "amount.converted",
        {{"stated", own},
         {"counted", amount(reader, stated.quantity * converted->factor, *stated.counts_in)},
         {"version", std::int64_t{converted->version}}});
}

std::string unit_query(const Ask& ask) {
    std::string text;
    for (const std::string_view name : {"unit", "member"}) {
        if (const auto value = ask.query.text(name)) {
            text += std::string(name) + "=" + url_encoded(*value) + "&";
        }
    }
    return text;
}

Html screening(const Reader& reader, const exchange::NeedScreening& screening) {
    std::size_t allowed = 0;
    std::vector<Html> stopped;
    for (const exchange::ScreenedOffer& offer : screening.offers) {
        if (offer.screening.verdict == institution::Verdict::allowed) {
            ++allowed;
            continue;
        }
        if (stopped.size() >= rows_a_page) continue;
        stopped.push_back(reader.word("verdict", offer.screening.verdict) + Html::text(": ") +
                          reader.offer(offer.offer) + citations(reader, offer.screening.citations));
    }
    Html text = paragraph(
        reader.say("need.screening", {{"open", static_cast<std::int64_t>(screening.offers.size())},
                                      {"lawful", static_cast<std::int64_t>(allowed)}}));
    text += list_of(stopped);
    if (!screening.lawful_alternatives.empty()) {
        text += paragraph(reader.say("need.alternatives",
                                     {{"offers", offers(reader, screening.lawful_alternatives)}}));
    }
    return text;
}

class Journey {
public:
    Journey(const Reader& reader, const NeedView& view) : reader_(reader), view_(view) {}

    Html html() {
        const exchange::NeedRecord& record = view_.journey.need;
        station(reader_.say("journey.stated",
                            {{"member", reader_.member(record.member)},
                             {"amount", stated_amount(reader_, record.need, record.converted)},
                             {"entry", reader_.entry(record.entry)}}));
        for (const exchange::JourneyRound& round : view_.journey.rounds) this->round(round);
        if (view_.journey.rounds.empty()) station(reader_.say("journey.awaiting_round"));
        if (record.withdrawn_at) {
            station(
                reader_.say("journey.withdrawn", {{"entry", reader_.entry(*record.withdrawn_at)}}));
        }
        station(reader_.say("journey.now", {{"confirmed", view_.journey.confirmed},
                                            {"unmet", view_.journey.unmet}}));
        return element("ol", {{"class", "journey"}}, items_);
    }

private:
    void station(const Html& sentence, const Html& more = {}) {
        items_ += element("li", paragraph(sentence) + more);
    }

    void round(const exchange::JourneyRound& round) {
        const Html name = reader_.round(round.round);
        if (!round.facts && !round.claims.empty()) return after(round);
        const auto& facts = round.facts;
        if (!facts) {
            station(reader_.say("journey.frozen", {{"round", name}}));
            return;
        }
        result(*facts, name);
        if (facts->result.allocated > 0) answer(round);
        after(round);
    }

    void result(const exchange::NeedFacts& facts, const Html& name) {
        const exchange::NeedResult& result = facts.result;
        Html more = paragraph(why(reader_, facts));
        if (result.reason == exchange::Reason::no_better_off) {
            more += details(reader_.say("round.numbers_summary"),
                            paragraph(reader_.say("round.level_is")));
        }
        if (!result.blocked_by.empty()) more += citations(reader_, result.blocked_by);
        if (!result.lawful_alternatives.empty()) {
            more += paragraph(reader_.say(
                "need.alternatives", {{"offers", offers(reader_, result.lawful_alternatives)}}));
        }
        station(reader_.say(
                    "journey.allocated",
                    {{"round", name}, {"asked", result.asked}, {"allocated", result.allocated}}),
                more);
    }

    void after(const exchange::JourneyRound& round) {
        for (const exchange::ClaimRecord& claim : round.claims) {
            station(reader_.say("journey.claimed", {{"units", claim.line.units},
                                                    {"offer", reader_.offer(claim.line.offer)},
                                                    {"entry", reader_.entry(claim.entry)}}));
        }
        for (const exchange::DeliveryRecord& delivery : round.deliveries) this->delivery(delivery);
        for (const exchange::DepartureRecord& record : round.departures) {
            const exchange::Departure& gone = record.departure;
            Html words = note(reader_.text(gone.reason));
            if (gone.restriction) words += paragraph(reader_.restriction(*gone.restriction));
            station(reader_.say("journey.departed", {{"author", reader_.member(record.author)},
                                                     {"units", gone.quantity},
                                                     {"kind", reader_.word("departure", gone.kind)},
                                                     {"entry", reader_.entry(record.entry)}}),
                    words);
        }
    }

    void answer(const exchange::JourneyRound& round) {
        if (!round.accepted) {
            station(reader_.say(round.stage == exchange::RoundStage::closed
                                    ? "journey.no_answer"
                                    : "journey.awaiting_answer"));
            return;
        }
        Html more;
        for (const exchange::Line& line : round.promised) {
            more += element(
                "li", reader_.say("journey.line",
                                  {{"units", line.units}, {"offer", reader_.offer(line.offer)}}));
        }
        station(reader_.say(*round.accepted == 0 ? "journey.refused" : "journey.accepted",
                            {{"units", *round.accepted}}),
                more.empty() ? more : element("ul", more));
    }

    void delivery(const exchange::DeliveryRecord& record) {
        const auto& offers = reader_.state().exchange.offers;
        const auto offer = offers.find(record.delivery.offer);
        const Html provider =
            offer == offers.end() ? none() : reader_.member(offer->second.provider);
        station(reader_.say("journey.delivered", {{"provider", provider},
                                                  {"units", record.delivery.quantity},
                                                  {"entry", reader_.entry(record.entry)}}));
        for (const exchange::Arrival& arrival : record.arrivals) arrived(arrival);
        for (const exchange::DisputeRecord& dispute : record.disputes) {
            station(reader_.say(
                        dispute.ended_at ? "journey.dispute_ended" : "journey.disputed",
                        {{"member", reader_.member(dispute.by)},
                         {"entry", reader_.entry(dispute.entry)},
                         {"end", dispute.ended_at ? reader_.entry(*dispute.ended_at) : none()}}),
                    note(reader_.text(dispute.reason)));
        }
        if (record.arrivals.empty()) station(reader_.say("journey.awaiting_confirmation"));
    }

    void arrived(const exchange::Arrival& arrival) {
        const exchange::Confirmation& said = arrival.confirmation;
        const Html words = said.note ? note(reader_.text(*said.note)) : Html();
        if (arrival.motion) {
            return station(
                reader_.say("journey.settled", {{"units", said.quantity},
                                                {"motion", reader_.motion(*arrival.motion)},
                                                {"entry", reader_.entry(arrival.entry)}}));
        }
        station(reader_.say(said.outcome == exchange::DeliveryOutcome::confirmed
                                ? "journey.confirmed"
                                : "journey.not_delivered",
                            {{"units", said.quantity}, {"entry", reader_.entry(arrival.entry)}}),
                words);
    }

    const Reader& reader_;
    const NeedView& view_;
    Html items_;
};

}  // namespace

Result<Page> offers_page(const Ask& ask, const Reader& reader) {
    const std::vector<OfferRow> rows = TRY(offers_view(ask));
    const Slice part = TRY(slice(ask, rows.size()));
    Table table{.caption = reader.say("offers.caption"),
                .columns = {{reader.say("col.title")},
                            {reader.say("col.provider")},
                            {reader.say("col.unit")},
                            {reader.say("col.quantity"), true},
                            {reader.say("col.free"), true},
                            {reader.say("col.state")},
                            {reader.say("col.entry")}},
                .rows = {}};
    for (std::size_t i = part.first; i < part.last; ++i) {
        const exchange::OfferRecord& record = rows[i].record;
        table.rows.push_back(
            {reader.to("offers/" + record.offer.id.text(), reader.text(record.offer.title)),
             reader.member(record.provider), reader.unit(record.unit()),
             reader.number(record.quantity()), reader.number(rows[i].free),
             offer_state(reader, rows[i]), reader.entry(record.entry)});
    }
    Page page{.title = reader.say("nav.offers"), .trail = {}, .body = {}};
    page.body += paragraph(reader.say("offers.lead")) +
                 unit_form(reader, "offers", ask.query.text("unit").value_or(""));
    page.body +=
        status_line(reader.say("offers.count", {{"n", static_cast<std::int64_t>(rows.size())}}));
    page.body += rows.empty() ? Html() : table.html();
    page.body += page_links(reader, "offers", unit_query(ask), part);
    return page;
}

Result<Page> offer_page(const Ask& ask, const Reader& reader) {
    const OfferView view = TRY(offer_view(ask));
    const exchange::Offer& offer = view.record.offer;
    const Slice part = TRY(slice(ask, view.uses.size()));
    Page page{.title = reader.text(offer.title),
              .trail = {{"offers", reader.say("nav.offers")}},
              .body = {}};
    page.body += state_line(
        offer_state(reader, {.record = view.record, .free = view.free, .is_open = view.is_open}));
    page.body += facts_list(
        {{reader.say("fact.id"), reader.code(offer.id.text())},
         {reader.say("fact.provider"), reader.member(view.record.provider)},
         {reader.say("fact.quantity"), stated_amount(reader, offer, view.record.converted)},
         {reader.say("fact.rivalry"), reader.word("rivalry", offer.rivalry)},
         {reader.say("fact.free"), reader.number(view.free)},
         {reader.say("fact.item_class"), reader.item_class(offer.item_class)},
         {reader.say("fact.origin_area"), reader.code(offer.origin.text())},
         {reader.say("fact.period"), reader.period(offer.from, offer.until)},
         {reader.say("fact.terms"), offer.terms ? reader.text(*offer.terms) : none()},
         {reader.say("fact.entry"), reader.entry(view.record.entry)}});
    Table table{.caption = reader.say("offer.uses"),
                .columns = {{reader.say("col.need")},
                            {reader.say("col.member")},
                            {reader.say("col.round")},
                            {reader.say("col.units"), true}},
                .rows = {}};
    for (std::size_t i = part.first; i < part.last; ++i) {
        const OfferUse& use = view.uses[i];
        table.rows.push_back({reader.need(use.need), reader.member(use.member),
                              reader.round(use.round), reader.number(use.units)});
    }
    page.body += view.uses.empty() ? paragraph(reader.say("offer.no_uses")) : table.html();
    page.body += page_links(reader, "offers/" + offer.id.text(), "", part);
    return page;
}

Result<Page> needs_page(const Ask& ask, const Reader& reader) {
    const std::vector<NeedRow> rows = TRY(needs_view(ask));
    const Slice part = TRY(slice(ask, rows.size()));
    Table table{.caption = reader.say("needs.caption"),
                .columns = {{reader.say("col.title")},
                            {reader.say("col.member")},
                            {reader.say("col.unit")},
                            {reader.say("col.asked"), true},
                            {reader.say("col.unmet"), true},
                            {reader.say("col.entry")}},
                .rows = {}};
    for (std::size_t i = part.first; i < part.last; ++i) {
        const exchange::NeedRecord& record = rows[i].record;
        table.rows.push_back(
            {reader.to("needs/" + record.need.id.text(), reader.text(record.need.title)),
             reader.member(record.member), reader.unit(record.unit()),
             reader.number(record.quantity()), reader.number(rows[i].unmet),
             reader.entry(record.entry)});
    }
    Page page{.title = reader.say("nav.needs"), .trail = {}, .body = {}};
    page.body += paragraph(reader.say("needs.lead")) +
                 unit_form(reader, "needs", ask.query.text("unit").value_or(""));
    page.body +=
        status_line(reader.say("needs.count", {{"n", static_cast<std::int64_t>(rows.size())}}));
    page.body += rows.empty() ? Html() : table.html();
    page.body += page_links(reader, "needs", unit_query(ask), part);
    return page;
}

Result<Page> need_page(const Ask& ask, const Reader& reader) {
    const NeedView view = TRY(need_view(ask));
    const exchange::NeedRecord& record = view.journey.need;
    const exchange::Need& need = record.need;
    Page page{.title = reader.say("need.title", {{"title", reader.text(need.title)},
                                                 {"member", reader.member_name(record.member)}}),
              .trail = {{"needs", reader.say("nav.needs")}},
              .body = {}};
    page.body += heading(reader.say("need.journey")) + Journey(reader, view).html();
    Html classes;
    if (need.item_classes) {
        for (const auto& id : *need.item_classes) {
            classes += (classes.empty() ? Html() : Html::text(", ")) + reader.item_class(id);
        }
    }
    page.body += heading(reader.say("need.asked_for"));
    page.body +=
        facts_list({{reader.say("fact.id"), reader.code(need.id.text())},
                    {reader.say("fact.member"), reader.member(record.member)},
                    {reader.say("fact.quantity"), stated_amount(reader, need, record.converted)},
                    {reader.say("fact.end_use"), reader.end_use(need.end_use)},
                    {reader.say("fact.item_classes"),
                     classes.empty() ? reader.say("restriction.any") : classes},
                    {reader.say("fact.destination"), reader.code(need.destination.text())},
                    {reader.say("fact.period"), reader.period(need.from, need.until)},
                    {reader.say("fact.entry"), reader.entry(record.entry)}});
    page.body += heading(reader.say("need.today")) + screening(reader, view.screening);
    return page;
}

}  // namespace comity::server
