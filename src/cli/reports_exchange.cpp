// SPDX-License-Identifier: Apache-2.0
//
// Offers, needs and rounds, as they are listed and shown.

#include "cli/reports.h"

#include "base/base64.h"
#include "base/hex.h"
#include "cli/why.h"

namespace comity::cli {
namespace {

/// `left`: the units that keep an offer or a need open; `none_left` says that there are none.
std::string state_of(const Answer& row, std::string_view left, const char* none_left) {
    if (row.has("record.withdrawn_at")) return "withdrawn";
    if (row.is_true("is_open")) return "open";
    return row.number(left) == 0 ? none_left : "ended";
}

std::string offer_state(const Answer& row) { return state_of(row, "free", "all given"); }
std::string need_state(const Answer& row) { return state_of(row, "unmet", "all promised"); }

std::string amount(const Answer& need_or_offer) {
    return need_or_offer.at("quantity") + " x " + need_or_offer.at("unit");
}

std::string entry(const Answer& answer, std::string_view path) {
    return "entry " + answer.at(path);
}

void add_citations(Facts& facts, const Answer& answer, std::string_view path) {
    for (const Answer& each : answer.elements(path)) {
        facts.emplace_back("restriction", citation(each));
    }
}

std::string what_arrived(const Answer& arrival) {
    const bool arrived = arrival.at("confirmation.outcome") == "confirmed";
    std::string said = arrived ? units(arrival.number("confirmation.quantity")) : "nothing arrived";
    said += arrival.has("motion") ? ", as motion " + arrival.at("motion") + " settled"
                                  : ", says its member";
    said += " (" + entry(arrival, "entry") + ")";
    if (arrival.has("confirmation.note")) said += ": " + arrival.at("confirmation.note");
    return said;
}

void add_delivery(Facts& facts, const Answer& record) {
    facts.emplace_back("delivered", units(record.number("delivery.quantity")) + ", says " +
                                        record.at("delivery.id") + " (" + entry(record, "entry") +
                                        ")");
    const auto arrivals = record.elements("arrivals");
    for (const Answer& arrival : arrivals) facts.emplace_back("confirmed", what_arrived(arrival));
    for (const Answer& dispute : record.elements("disputes")) {
        facts.emplace_back(
            "disputed",
            "by " + dispute.at("by") + ": " + dispute.at("reason") + " (" +
                entry(dispute, "entry") + ")" +
                (dispute.has("ended_at") ? "; ended by " + entry(dispute, "ended_at") : "; open"));
    }
    if (arrivals.empty()) {
        facts.emplace_back("confirmed", "its member has not yet said what arrived");
    }
}

/// What left the way that the result gave it, by whose word.
std::string departure(const Answer& record) {
    std::string text = units(record.number("departure.quantity")) + " " +
                       record.part("departure").word("kind") + ", says " + record.at("author");
    if (record.has("departure.restriction")) text += ", by " + record.at("departure.restriction");
    return text + ": " + record.at("departure.reason") + " (" + entry(record, "entry") + ")";
}

void add_after(Facts& facts, const Answer& round) {
    for (const Answer& claim : round.elements("claims")) {
        facts.emplace_back("claimed", units(claim.number("line.units")) + " of " +
                                          claim.at("line.offer") + " (" + entry(claim, "entry") +
                                          ")");
    }
    for (const Answer& delivery : round.elements("deliveries")) add_delivery(facts, delivery);
    for (const Answer& gone : round.elements("departures")) {
        facts.emplace_back("departed", departure(gone));
    }
}

std::string answer_to(const Answer& round) {
    if (!round.has("accepted")) {
        return round.at("stage") == "closed"
                   ? "its member did not answer in time; the units are free again"
                   : "its member has not answered yet";
    }
    if (round.number("accepted") == 0) return "its member took none of it";
    std::string text = units(round.number("accepted"));
    std::string from;
    for (const Answer& line : round.elements("promised")) {
        from += (from.empty() ? ": " : ", ") + line.at("units") + " from " + line.at("offer");
    }
    return text + from;
}

/// What a round meant for a need, station by station.
void add_round(Facts& facts, const Answer& round) {
    if (!round.has("facts") && !round.elements("claims").empty()) return add_after(facts, round);
    if (!round.has("facts")) {
        facts.emplace_back("round", round.at("round") + " includes it, and has not drawn yet");
        return;
    }
    const Answer result = round.part("facts.result");
    facts.emplace_back("round", round.at("round") + " allocated " + result.at("allocated") +
                                    " of the " + units(result.number("asked")) + " it asked");
    facts.emplace_back("why", why(round.part("facts")));
    add_citations(facts, result, "blocked_by");
    if (!result.elements("lawful_alternatives").empty()) {
        facts.emplace_back("alternatives", result.at("lawful_alternatives"));
    }
    if (result.number("allocated") > 0) facts.emplace_back("accepted", answer_to(round));
    add_after(facts, round);
}

/// The open offers that could serve a need today, and what stands in the way of the others.
void add_screening(Facts& facts, const Answer& screening) {
    std::size_t allowed = 0;
    Facts stopped;
    const auto offers = screening.elements("offers");
    for (const Answer& offer : offers) {
        if (offer.at("screening.verdict") == "allowed") {
            ++allowed;
            continue;
        }
        stopped.emplace_back(offer.word("screening.verdict"), offer.at("offer"));
        add_citations(stopped, offer, "screening.citations");
    }
    facts.emplace_back("offers today", offers.empty()
                                           ? "none could serve it"
                                           : std::to_string(offers.size()) +
                                                 " could serve it; restrictions in force allow " +
                                                 std::to_string(allowed));
    facts.insert(facts.end(), stopped.begin(), stopped.end());
}

Table shares(const Answer& view) {
    Table table{.headings = {"NEED", "MEMBER", "ASKED", "ALLOCATED", "WHY"}, .rows = {}};
    for (const Answer& facts : view.elements("needs")) {
        const Answer result = facts.part("result");
        table.rows.push_back({result.at("need"), result.at("member"), result.at("asked"),
                              result.at("allocated"), why(facts)});
    }
    return table;
}

Table what_became(const Answer& view) {
    Table table{.headings = {"MEMBER", "ALLOCATED", "GRANTED", "ACCEPTED", "DELIVERED", "CONFIRMED",
                             "NOT DELIVERED", "CLAIMED", "FELL AWAY", "RETURNED"},
                .rows = {}};
    for (const Answer& member : view.elements("members")) {
        table.rows.push_back({member.at("member"), member.at("allocated"), member.at("granted"),
                              member.at("accepted"), member.at("delivered"), member.at("confirmed"),
                              member.at("not_delivered"), member.at("claimed"),
                              member.at("fell_away"), member.at("returned")});
    }
    return table;
}

Table departures(const Answer& view) {
    Table table{
        .headings = {"AUTHOR", "KIND", "NEED", "UNITS", "LEVEL", "SMALLEST LEVEL", "REASON"},
        .rows = {}};
    for (const Answer& effect : view.elements("departures")) {
        const Answer gone = effect.part("record.departure");
        table.rows.push_back(
            {effect.at("record.author"), gone.word("kind"), gone.at("need"), gone.at("quantity"),
             effect.at("level_before") + " to " + effect.at("level_after"),
             effect.at("worst_before") + " to " + effect.at("worst_after"), gone.at("reason")});
    }
    return table;
}

}  // namespace

Table offers_table(const std::vector<Answer>& offers) {
    Table table{.headings = {"ID", "PROVIDER", "UNIT", "OFFERED", "FREE", "STATE", "FROM", "UNTIL",
                             "TITLE"},
                .rows = {}};
    for (const Answer& row : offers) {
        const Answer offer = row.part("record.offer");
        table.rows.push_back({offer.at("id"), row.at("record.provider"), offer.at("unit"),
                              offer.at("quantity"), row.at("free"), offer_state(row),
                              offer.at("from"), offer.at("until"), offer.at("title")});
    }
    return table;
}

std::string offer_facts(const Answer& view) {
    const Answer offer = view.part("record.offer");
    Facts facts{{"id", offer.at("id")},
                {"title", offer.at("title")},
                {"provider", view.at("record.provider")},
                {"state", offer_state(view)},
                {"quantity", amount(offer)},
                {"free", view.at("free")},
                {"shared how", offer.word("rivalry")},
                {"item class", offer.at("item_class")},
                {"comes from", offer.at("origin")},
                {"from", offer.at("from")},
                {"until", offer.at("until")},
                {"terms", offer.at("terms")},
                {"entry", view.at("record.entry")}};
    Table uses{.headings = {"ROUND", "NEED", "MEMBER", "UNITS"}, .rows = {}};
    for (const Answer& use : view.elements("uses")) {
        uses.rows.push_back({use.at("round"), use.at("need"), use.at("member"), use.at("units")});
    }
    return text_of(facts) + below(uses);
}

Table needs_table(const std::vector<Answer>& needs) {
    Table table{
        .headings = {"ID", "MEMBER", "UNIT", "ASKED", "UNMET", "STATE", "FROM", "UNTIL", "TITLE"},
        .rows = {}};
    for (const Answer& row : needs) {
        const Answer need = row.part("record.need");
        table.rows.push_back({need.at("id"), row.at("record.member"), need.at("unit"),
                              need.at("quantity"), row.at("unmet"), need_state(row),
                              need.at("from"), need.at("until"), need.at("title")});
    }
    return table;
}

std::string need_facts(const Answer& view) {
    const Answer record = view.part("journey.need");
    const Answer need = record.part("need");
    Facts facts{{"id", need.at("id")},
                {"title", need.at("title")},
                {"member", record.at("member")},
                {"quantity", amount(need)},
                {"end use", need.at("end_use")},
                {"item classes", need.has("item_classes") ? need.at("item_classes") : "any"},
                {"destination", need.at("destination")},
                {"from", need.at("from")},
                {"until", need.at("until")},
                {"entry", record.at("entry")}};
    const auto rounds = view.elements("journey.rounds");
    for (const Answer& round : rounds) add_round(facts, round);
    if (rounds.empty()) facts.emplace_back("round", "none yet in its unit");
    if (record.has("withdrawn_at")) facts.emplace_back("withdrawn", entry(record, "withdrawn_at"));
    facts.emplace_back("now", units(view.number("journey.confirmed")) + " confirmed; " +
                                  units(view.number("journey.unmet")) +
                                  " not promised by any round");
    add_screening(facts, view.part("screening"));
    return text_of(facts);
}

Table rounds_table(const std::vector<Answer>& rounds) {
    Table table{.headings = {"ID", "UNIT", "STAGE", "FREEZES", "DRAWS", "ANSWERS UNTIL", "TITLE"},
                .rows = {}};
    for (const Answer& row : rounds) {
        const Answer round = row.part("round");
        table.rows.push_back({round.at("id"), round.at("unit"), row.word("stage"),
                              round.at("freezes_at"), round.at("draws_at"),
                              round.at("answers_until"), round.at("title")});
    }
    return table;
}

/// The source that the round named in advance, and its value.
void add_public_source(Facts& facts, const Answer& view) {
    const Answer source = view.part("round.public_source");
    if (!source.has("source")) return;
    std::string named = "round " + view.at("quicknet_number") + " of drand's network quicknet";
    if (!view.has("quicknet_number")) {
        named.clear();
        for (const Answer& draw : source.elements("source.draws")) {
            named.append(named.empty() ? "" : "; ")
                .append(draw.at("issuer"))
                .append(", ")
                .append(draw.at("name"))
                .append(", ")
                .append(draw.at("date"));
        }
    }
    facts.emplace_back("public source", named);
    if (!view.has("public_value_at")) {
        facts.emplace_back("public value", "to be entered before " + source.at("enter_until"));
        return;
    }
    facts.emplace_back("public value", entry(view, "public_value_at"));
    const Result<Bytes> signature = from_base64url(view.at("public_value.signature"));
    if (view.has("public_value.signature") && signature) {
        facts.emplace_back("signature", to_hex(*signature));
    } else {
        facts.emplace_back("numbers", view.at("public_value.numbers"));
    }
}

/// What made the order of ties unforeseeable, or that nothing did.
std::string basis_of_ties(const Answer& view) {
    const std::string basis = view.at("lottery_basis");
    if (basis == "public_value") return "follows from the public value too";
    if (basis == "reveals") return "follows from what members revealed; no public source was named";
    if (basis != "inputs_alone") return "-";
    return "fixed by the frozen inputs, since nobody revealed and no public source was named; "
           "whoever entered the last input could foresee it";
}

std::string round_facts(const Answer& detail) {
    const Answer view = detail.part("view");
    const Answer round = view.part("round");
    Facts facts{{"id", round.at("id")},
                {"title", round.at("title")},
                {"unit", round.at("unit")},
                {"stage", view.word("stage")},
                {"rule", round.at("rule") + ", version " + round.at("rule_version")},
                {"adopted by", view.at("motion")},
                {"freezes", round.at("freezes_at")},
                {"draws", round.at("draws_at")},
                {"answers until", round.at("answers_until")},
                {"entry", view.at("entry")},
                {"committed", view.at("committed")},
                {"revealed", view.at("revealed")}};
    add_public_source(facts, view);
    if (view.has("failure")) facts.emplace_back("failure", view.at("failure"));
    if (!view.has("drawn_at")) return text_of(facts);
    facts.emplace_back("drawn", entry(view, "drawn_at"));
    facts.emplace_back("allocated", view.at("allocated") + " of " + units(view.number("pool")) +
                                        " were allocated among " +
                                        std::to_string(view.elements("members").size()) +
                                        " members with a need");
    facts.emplace_back("got nothing", view.at("zero_receivers"));
    facts.emplace_back("withheld a lot", view.at("withheld"));
    facts.emplace_back("order of ties", basis_of_ties(view));
    facts.emplace_back("not in the table", view.at("unlisted"));
    return text_of(facts) + below(shares(view)) + below(what_became(view)) +
           below(departures(view));
}

}  // namespace comity::cli
