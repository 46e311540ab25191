// SPDX-License-Identifier: Apache-2.0
//
// comity observe: meters on public data and on the institution itself (docs/spec/observe.md).

#include <algorithm>

#include "cli/commands.h"
#include "cli/reports_observe.h"
#include "cli/source.h"
#include "codec/describe.h"
#include "observe/import.h"
#include "state/observation.h"

namespace comity::cli {
namespace {

struct ObserveArguments {
    std::string from;
    std::string dataset;
    std::string grouping = "country";
    std::string entities;
    std::string unit;
    std::string member_class;
    std::string trust;
};

/// A shipped description by its name, else the file of one.
Result<observe::Dataset> dataset_of(const std::string& name) {
    const auto shipped = observe::shipped_datasets();
    const bool is_file = name.find('/') != std::string::npos || name.ends_with(".json");
    if (!is_file || std::find(shipped.begin(), shipped.end(), name) != shipped.end()) {
        return observe::shipped_dataset(name);
    }
    const std::string json = TRY(read_file(name));
    return observe::parse_dataset(json);
}

Result<> measure_file(const Session& session, const ObserveArguments& a) {
    const observe::Dataset dataset = TRY(dataset_of(a.dataset));
    std::optional<observe::EntityTable> entities;
    if (!a.entities.empty()) {
        const std::string json = TRY(read_file(a.entities));
        entities = TRY(observe::parse_entities(json));
    }
    const std::string csv = TRY(read_file(a.from));
    const observe::ImportedConcentration found =
        TRY(observe::measure(csv, dataset, a.grouping, entities));
    if (session.json) {
        print(codec::to_value(found), true);
        return {};
    }
    print_line(concentration_report(found));
    return {};
}

/// One unit if it is asked for, else all of the charter.
Result<std::vector<state::UnitObservation>> observe_units(const state::State& state,
                                                          const ObserveArguments& a) {
    state::UnitQuestion question;
    if (!a.member_class.empty()) {
        question.member_class = TRY(parsed<institution::ClassId>("--class", a.member_class));
    }
    std::vector<institution::UnitId> units;
    if (!a.unit.empty()) {
        const auto unit = TRY(parsed<institution::UnitId>("--unit", a.unit));
        units.push_back(unit);
    } else {
        units.reserve(state.institution.charter.units.size());
        for (const auto& unit : state.institution.charter.units) units.push_back(unit.id);
    }
    std::vector<state::UnitObservation> found;
    found.reserve(units.size());
    for (const auto& unit : units) {
        question.unit = unit;
        state::UnitObservation one = TRY(state::observe_unit(state, question));
        found.push_back(std::move(one));
    }
    return found;
}

Result<> observe_record(Session& session, const ObserveArguments& a) {
    const auto trusted = TRY(trusted_key(a.trust));
    const Source source = TRY(open_source(a.from));
    const state::AuditReport report = TRY(audited(session, source, trusted));
    std::vector<state::UnitObservation> units = TRY(observe_units(report.state, a));
    const RecordObservation found{.origin = report.checkpoint.origin,
                                  .size = report.checkpoint.size,
                                  .units = std::move(units),
                                  .influence = state::influence(report.state),
                                  .how = state::observation_explained()};
    if (session.json) {
        print(codec::to_value(found), true);
        return {};
    }
    say_demonstration(report.state.institution.founding.demonstration);
    print_line(observation_report(found));
    return {};
}

}  // namespace

void add_observe_commands(CLI::App& app, Session& session) {
    const auto a = std::make_shared<ObserveArguments>();
    auto* noun = app.add_subcommand(
        "observe", "How concentrated: public data, and the institution itself, with every source");
    noun->require_subcommand(1);

    auto* imported = noun->add_subcommand(
        "concentration", "Shares and index of a public file of comma-separated values");
    imported
        ->add_option("file", a->from,
                     "The file, as its publisher offers it; - reads standard "
                     "input")
        ->required();
    imported
        ->add_option("--dataset", a->dataset,
                     "How to read it: epoch-models, epoch-clusters, or the JSON file of a "
                     "description")
        ->required();
    imported->add_option("--by", a->grouping, "country, organization, or what the description has")
        ->capture_default_str();
    imported->add_option("--entities", a->entities,
                         "JSON of a reviewed table of entities; shows what it would change");
    imported->callback(
        [&session, a] { session.action = [&session, a] { return measure_file(session, *a); }; });

    auto* own = noun->add_subcommand(
        "record", "Who offers, provides, receives, proposes and takes part, from the record alone");
    own->add_option("from", a->from, "http://host:port of a node, or a folder of published files")
        ->required();
    own->add_option("--unit", a->unit, "Only this unit; absent: each unit of the charter");
    own->add_option("--class", a->member_class, "Only members of this class, for units");
    own->add_option("--trust", a->trust, "The record's checkpoint key as you know it: ed25519:…");
    own->callback(
        [&session, a] { session.action = [&session, a] { return observe_record(session, *a); }; });
}

}  // namespace comity::cli
