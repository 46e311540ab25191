// SPDX-License-Identifier: Apache-2.0
//
// The institution and its members, as they are listed and shown.

#include "cli/reports.h"

namespace comity::cli {
namespace {

/// What has an id and a name, as a charter lists it.
Table named(const Answer& charter, std::string_view path, std::string heading) {
    Table table{.headings = {std::move(heading), "NAME"}, .rows = {}};
    for (const Answer& each : charter.elements(path)) {
        table.rows.push_back({each.at("id"), each.at("name")});
    }
    return table;
}

Table history(const Answer& record) {
    Table table{.headings = {"STATUS", "FROM", "ENTRY", "NOTE"}, .rows = {}};
    for (const Answer& each : record.elements("history")) {
        table.rows.push_back({each.at("change.status"), each.at("change.from"),
                              each.at("recorded_at"), each.at("change.note")});
    }
    return table;
}

Table keys(const Answer& view) {
    Table table{.headings = {"KEY ID", "HOLDER", "REGISTERED", "REVOKED"}, .rows = {}};
    for (const Answer& each : view.elements("keys")) {
        table.rows.push_back({each.at("id"),
                              each.has("key.delegate") ? each.at("key.delegate") : "seal",
                              each.at("key.registered_at"), each.at("key.revoked_at")});
    }
    return table;
}

Table mandates(const Answer& view) {
    Table table{.headings = {"MANDATE", "DELEGATE", "ORGAN", "FROM", "UNTIL", "ENDED"}, .rows = {}};
    for (const Answer& each : view.elements("mandates")) {
        const Answer mandate = each.part("mandate");
        table.rows.push_back({mandate.at("id"), mandate.at("delegate"), mandate.at("organ"),
                              mandate.at("from"), mandate.at("until"), each.at("ended_at")});
    }
    return table;
}

}  // namespace

Table members_table(const std::vector<Answer>& members) {
    Table table{.headings = {"ID", "CLASS", "AREA", "STATUS", "NAME"}, .rows = {}};
    for (const Answer& row : members) {
        table.rows.push_back({row.at("id"), row.at("member_class"), row.at("area"),
                              row.at("status"), row.at("name")});
    }
    return table;
}

std::string member_facts(const Answer& view) {
    const Answer record = view.part("record");
    return text_of({{"id", view.at("id")},
                    {"name", record.at("name")},
                    {"class", record.at("member_class")},
                    {"area", record.at("area")},
                    {"status", view.at("status")},
                    {"lists", view.at("groups")},
                    {"entry", record.at("recorded_at")}}) +
           below(history(record)) + below(keys(view)) + below(mandates(view));
}

std::string institution_facts(const Answer& view) {
    const Answer founding = view.part("founding");
    const Answer charter = view.part("charter");
    Table roles{.headings = {"ROLE", "HOLDER", "NAME"}, .rows = {}};
    for (const Answer& role : charter.elements("roles")) {
        roles.rows.push_back({role.at("id"), role.at("holder"), role.at("name")});
    }
    Table procedures{.headings = {"PROCEDURE", "NAME", "CLAUSE"}, .rows = {}};
    for (const Answer& procedure : charter.elements("procedures")) {
        procedures.rows.push_back(
            {procedure.at("id"), procedure.at("name"), procedure.at("clause")});
    }
    return text_of({{"name", founding.at("name")},
                    {"record", founding.at("origin")},
                    {"record's key", view.at("verifier_key")},
                    {"purposes", charter.at("purposes")},
                    {"founded", founding.at("founded_at")},
                    {"operator", founding.at("operator_id")},
                    {"charter", "version " + view.at("charter_version")},
                    {"members", view.at("members")},
                    {"entries", view.at("size")},
                    {"logged time", view.at("now")}}) +
           below(named(charter, "organs", "ORGAN")) + below(roles) + below(procedures) +
           below(named(charter, "units", "UNIT")) +
           below(named(charter, "item_classes", "ITEM CLASS")) +
           below(named(charter, "end_uses", "END USE"));
}

}  // namespace comity::cli
