// SPDX-License-Identifier: Apache-2.0
//
// Motions, restrictions and what a screening says, as they are listed and shown.

#include "cli/reports.h"

namespace comity::cli {
namespace {

std::string outcome(const Answer& motion) {
    if (!motion.has("ruling")) return "open";
    return motion.is_true("ruling.adopted") ? "adopted" : "not adopted";
}

/// The counts that entered a decision: those of votes, or of positions.
std::string counts_of(const Answer& counts, bool is_vote) {
    using Row = std::pair<const char*, const char*>;
    const std::vector<Row> rows = is_vote ? std::vector<Row>{{"yes", "yes"},
                                                             {"no", "no"},
                                                             {"abstention", "abstain"},
                                                             {"absent", "absent"}}
                                          : std::vector<Row>{{"support", "support"},
                                                             {"accept", "accept"},
                                                             {"reservation", "reservation"},
                                                             {"stand_aside", "stand aside"},
                                                             {"abstain", "abstain"},
                                                             {"object", "object"},
                                                             {"silent", "silent"}};
    std::string text = counts.at("entitled") + " entitled";
    for (const auto& [name, words] : rows) text += ", " + counts.at(name) + " " + words;
    return text;
}

/// Why a motion was decided as it was, or how it stands.
void add_decision(Facts& facts, const Answer& why) {
    facts.emplace_back("outcome", outcome(why));
    if (why.has("ruling")) {
        facts.emplace_back("because", why.word("ruling.basis") + ", at " + why.at("ruling.time") +
                                          " (entry " + why.at("ruling.decided_at") + ")");
    } else {
        facts.emplace_back("open until", why.at("closes_at"));
    }
    facts.emplace_back("procedure", why.at("procedure_name"));
    facts.emplace_back(
        "clause", why.at("clause") + " (version " + why.at("charter_version") + " of the charter)");
    facts.emplace_back("counts", counts_of(why.part("counts"), why.has("majority")));
    if (why.has("silence_broken_by")) {
        const Answer objection = why.part("silence_broken_by");
        facts.emplace_back("objection", objection.at("member") + " (entry " +
                                            objection.at("entry") + "): " + objection.at("reason"));
    }
    if (why.has("quorum")) {
        const Answer quorum = why.part("quorum");
        facts.emplace_back("quorum", std::string(quorum.is_true("reached") ? "reached" : "missed") +
                                         ": " + quorum.at("participants") + " took part, " +
                                         quorum.at("participants_needed") + " needed");
    }
    if (why.has("majority")) {
        const Answer majority = why.part("majority");
        facts.emplace_back(
            "majority", std::string(majority.is_true("reached") ? "reached" : "missed") + ": " +
                            majority.at("yes") + " yes, " + majority.at("yes_needed") +
                            " needed (" + majority.word("comparison") + " " + majority.at("share") +
                            " of those " + majority.word("base") + ")");
    }
}

void add_effects(Facts& facts, const Answer& view) {
    for (const Answer& effect : view.elements("record.motion.effects")) {
        facts.emplace_back("changes", effect.at("kind"));
    }
    if (!view.has("effects")) return;
    const Answer effects = view.part("effects");
    facts.emplace_back("effects", effects.is_true("applied")
                                      ? "took effect (entry " + effects.at("entry") + ")"
                                      : "none took effect (entry " + effects.at("entry") +
                                            "): " + effects.at("reason"));
}

/// What members said, each one's last word.
Table said(const Answer& record, std::string_view path, std::string_view word,
           std::string_view reason) {
    Table table{.headings = {"MEMBER", "POSITION", "ENTRY", "REASON"}, .rows = {}};
    for (const auto& [member, all] : record.members(path)) {
        const auto words = all.elements("");
        if (words.empty()) continue;
        table.rows.push_back(
            {member, words.back().word(word), words.back().at("entry"), words.back().at(reason)});
    }
    return table;
}

/// The version of a restriction that is in force.
Answer newest(const Answer& view) {
    const auto versions = view.elements("record.versions");
    return versions.empty() ? view.part("record.versions") : versions.back();
}

std::string state_of(const Answer& view) {
    if (view.has("record.withdrawn_at")) return "withdrawn";
    return view.is_true("in_force") ? "in force" : "not in force";
}

std::string list_or_any(const Answer& scope, std::string_view path) {
    return scope.has(path) ? scope.at(path) : "any";
}

}  // namespace

std::string citation(const Answer& citation) {
    return citation.at("restriction") + ", version " + citation.at("version") + ", by " +
           citation.at("issuer") + ", from " + citation.at("from") +
           (citation.has("until") ? " until " + citation.at("until") : std::string()) + " (entry " +
           citation.at("entry") + ")";
}

Table motions_table(const std::vector<Answer>& motions) {
    Table table{
        .headings = {"ID", "ORGAN", "MOVED BY", "OUTCOME", "CLOSES OR CLOSED", "ENTRY", "TITLE"},
        .rows = {}};
    for (const Answer& row : motions) {
        table.rows.push_back({row.at("id"), row.at("organ"), row.at("mover"), outcome(row),
                              row.at(row.has("ruling") ? "ruling.time" : "closes_at"),
                              row.at("entry"), row.at("title")});
    }
    return table;
}

std::string motion_facts(const Answer& view) {
    const Answer record = view.part("record");
    const Answer motion = record.part("motion");
    Facts facts{{"id", motion.at("id")},
                {"title", motion.at("title")},
                {"organ", motion.at("organ")},
                {"moved by", record.at("mover")},
                {"opened", record.at("opened_at")},
                {"entry", record.at("entry")}};
    add_decision(facts, view.part("explanation"));
    facts.emplace_back("said nothing", view.at("missing.silent"));
    add_effects(facts, view);
    for (const Answer& paragraph : motion.elements("text")) {
        facts.emplace_back("text " + paragraph.at("number"), paragraph.at("text"));
    }
    return text_of(facts) + below(said(record, "positions", "position", "reason")) +
           below(said(record, "votes", "choice", "explanation"));
}

Table restrictions_table(const std::vector<Answer>& restrictions) {
    Table table{.headings = {"ID", "ISSUER", "EFFECT", "STATE", "FROM", "UNTIL", "TITLE"},
                .rows = {}};
    for (const Answer& row : restrictions) {
        const Answer restriction = newest(row).part("restriction");
        table.rows.push_back({row.at("id"), row.at("record.issuer"), restriction.word("treatment"),
                              state_of(row), restriction.at("from"), restriction.at("until"),
                              restriction.at("title")});
    }
    return table;
}

std::string restriction_facts(const Answer& view) {
    const Answer version = newest(view);
    const Answer restriction = version.part("restriction");
    const Answer scope = restriction.part("scope");
    const Answer instrument = restriction.part("instrument");
    Facts facts{{"id", view.at("id")},
                {"title", restriction.at("title")},
                {"issuer", view.at("record.issuer")},
                {"state", state_of(view)},
                {"version", restriction.at("version")},
                {"effect", restriction.word("treatment")},
                {"item classes", list_or_any(scope, "item_classes")},
                {"origins", list_or_any(scope, "origins")},
                {"destinations", list_or_any(scope, "destinations")},
                {"end uses", list_or_any(scope, "end_uses")},
                {"exceptions", std::to_string(restriction.elements("exceptions").size())},
                {"from", restriction.at("from")},
                {"until", restriction.at("until")},
                {"instrument", instrument.at("title")},
                {"clause", instrument.at("clause")},
                {"address", instrument.at("url")},
                {"entry", version.at("entry")}};
    if (view.has("record.withdrawn_at")) {
        facts.emplace_back("withdrawn", "entry " + view.at("record.withdrawn_at") + ": " +
                                            view.at("record.withdrawal_reason"));
    }
    return text_of(facts);
}

std::string screening_facts(const Answer& view) {
    Facts facts{{"verdict", view.word("screening.verdict")},
                {"item class", view.at("transfer.item_class")},
                {"origin", view.at("transfer.origin")},
                {"destination", view.at("transfer.destination")},
                {"end use", view.at("transfer.end_use")},
                {"day", view.at("day")}};
    for (const Answer& each : view.elements("screening.citations")) {
        facts.emplace_back("restriction", citation(each));
    }
    return text_of(facts);
}

}  // namespace comity::cli
