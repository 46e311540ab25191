// SPDX-License-Identifier: Apache-2.0
//
// Steps 4 and 5: the members adopt the rule, one motion goes to a vote, a made-up body restricts.

#include <charconv>
#include <fstream>
#include <map>

#include "demo/stage.h"
#include "state/effects.h"

namespace comity::demo {
namespace {

/// The largest integer whose square is not above `value`.
std::int64_t square_root(std::int64_t value) {
    std::int64_t low = 0;
    std::int64_t high = 3'037'000'499;  // its square is the last below 2^63
    while (low < high) {
        const std::int64_t middle = low + (high - low + 1) / 2;
        if (middle <= value / middle) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

/// Population by area from data/population.csv (iso3,year,population).
Result<std::map<std::string, std::int64_t>> read_populations(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::map<std::string, std::int64_t> populations;
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
        const auto first = line.find(',');
        const auto last = line.rfind(',');
        std::int64_t people = 0;
        if (first == 3 && last != first) {
            (void)std::from_chars(line.data() + last + 1, line.data() + line.size(), people);
        }
        if (people <= 0) {
            return Error{Code::invalid, "demo/bad-population",
                         file.string() + ": cannot read the line " + line + "."};
        }
        populations.emplace(line.substr(0, 3), people);
    }
    if (populations.empty()) {
        return Error{Code::not_found, "demo/no-such-file", "Cannot read " + file.string() + "."};
    }
    return populations;
}

Result<exchange::WeightTable> population_weights(const Stage& stage) {
    const auto populations = TRY(read_populations(stage.places.share / "data" / "population.csv"));
    exchange::WeightTable table{
        .id = id<exchange::WeightTableId>("sqrt-population"),
        .version = 1,
        .title = english(
            "Square root of population, 2024; the made-up delegations count as the smallest"),
        .source = "World Bank, population 2024 (CC BY 4.0), from data/population.csv",
        .date = date_of(stage.now),
        .weights = {}};
    std::int64_t smallest = 0;
    stage.record.node->read([&](const state::State& state) {
        for (const auto& [member, record] : state.institution.members) {
            const auto found =
                record.area ? populations.find(record.area->text()) : populations.end();
            if (found == populations.end()) continue;
            const std::int64_t weight = square_root(found->second);
            table.weights.emplace(member, weight);
            smallest = smallest == 0 ? weight : std::min(smallest, weight);
        }
    });
    for (const std::string_view made_up : {delegation_a, delegation_b}) {
        table.weights.emplace(id<institution::MemberId>(made_up), smallest);
    }
    return table;
}

exchange::AllocationRule training_rule() {
    return {.id = id<exchange::RuleId>("training-places"),
            .version = 1,
            .title = english("Worst-off first, by square root of population; 40 % for the least "
                             "developed countries first"),
            .rounding = exchange::Rounding::sainte_lague,
            .weights = id<exchange::WeightTableId>("sqrt-population"),
            .floor = exchange::GroupFloor{.group = id<institution::GroupId>("ldc"),
                                          .share = Rational::parse("2/5").value()},
            .member_cap = {},
            .carry_over = {}};
}

exchange::AllocationRule compute_rule() {
    return {.id = id<exchange::RuleId>("compute-hours"),
            .version = 1,
            .title = english("Worst-off first, every member alike"),
            .rounding = exchange::Rounding::sainte_lague,
            .weights = {},
            .floor = {},
            .member_cap = {},
            .carry_over = {}};
}

decide::Motion motion(const Stage& stage, std::string_view name, std::string title,
                      std::string text) {
    return {.id = id<decide::MotionId>(name),
            .title = english(std::move(title)),
            .organ = id<institution::OrganId>("council"),
            .procedure = id<institution::ProcedureId>("silence-72h"),
            .text = {{.number = "1", .text = english(std::move(text))}},
            .effects = {},
            .closes_at = {stage.now.seconds + 4 * day}};
}

const decide::Decided* decided(const state::State& state, std::string_view name) {
    const auto found = state.decide.motions.find(id<decide::MotionId>(name));
    return found == state.decide.motions.end() ? nullptr
                                               : std::get_if<decide::Decided>(&found->second.stage);
}

Result<> position(Stage& stage, std::string_view by, std::string_view on, decide::PositionKind what,
                  std::optional<LocalizedText> why) {
    TRY(stage.cast.delegate(
        by, decide::Position{
                .motion = id<decide::MotionId>(on), .position = what, .reason = std::move(why)}));
    return {};
}

Result<std::string> adopt_rules(Stage& stage) {
    decide::Motion rules = motion(stage, rule_motion, "Rules for training places and compute hours",
                                  "The Council adopts the rules and the weights in the effects of "
                                  "this motion for the rounds of 2026.");
    rules.effects = {state::make_effect(TRY(population_weights(stage))),
                     state::make_effect(training_rule()), state::make_effect(compute_rule())};
    TRY(stage.cast.delegate("lso", rules));
    TRY(position(stage, "sen", rule_motion, decide::PositionKind::support, {}));
    TRY(position(stage, delegation_a, rule_motion, decide::PositionKind::reservation,
                 english("We would have weighted every member alike, and join the consensus.")));
    TRY(stage.pass(4 * day + hour));
    return stage.record.node->read([](const state::State& state) -> Result<std::string> {
        const auto* outcome = decided(state, rule_motion);
        if (outcome == nullptr || !outcome->adopted || outcome->counts.reservation != 1 ||
            !state.exchange.rules.contains(training_rule().id)) {
            return proof_failed("The rule was not adopted as it should have been.");
        }
        return "silence kept by " + std::to_string(outcome->counts.silent) +
               ", one reservation, no objection: the rules are adopted and in force";
    });
}

Result<std::string> vote_on_unit(Stage& stage) {
    decide::Motion unit = motion(stage, unit_motion, "A unit for mentoring",
                                 "The charter lists mentoring hours as a unit of the exchange.");
    institution::CharterAmendment amendment;
    amendment.units = {
        {.id = id<institution::UnitId>("mentoring-hour"), .name = english("Mentoring hour")}};
    unit.effects = {state::make_effect(amendment)};
    TRY(stage.cast.delegate("uzb", unit));
    TRY(position(stage, delegation_b, unit_motion, decide::PositionKind::object,
                 english("A made-up delegation objects, so that the fall-back is seen at work.")));
    for (const std::string& member : signatories(stage)) {
        if (member == delegation_a) continue;  // absent: neither yes nor abstention
        const auto choice = member == delegation_b ? decide::Choice::no : decide::Choice::yes;
        TRY(stage.cast.delegate(member, decide::Vote{.motion = id<decide::MotionId>(unit_motion),
                                                     .choice = choice,
                                                     .explanation = {}}));
    }
    TRY(stage.pass(4 * day));
    return stage.record.node->read([](const state::State& state) -> Result<std::string> {
        const auto* outcome = decided(state, unit_motion);
        if (outcome == nullptr || !outcome->adopted ||
            outcome->basis != decide::Basis::majority_reached ||
            institution::find_unit(state.institution, id<institution::UnitId>("mentoring-hour")) ==
                nullptr) {
            return proof_failed("The vote did not end as its counts say.");
        }
        return "objected to, put to a recorded vote, adopted by " +
               std::to_string(outcome->counts.yes) + " to " + std::to_string(outcome->counts.no) +
               " with " + std::to_string(outcome->counts.absent) + " absent";
    });
}

}  // namespace

Result<std::string> decide_motions(Stage& stage) {
    const std::string first = TRY(adopt_rules(stage));
    const std::string second = TRY(vote_on_unit(stage));
    return "First motion: " + first + ". Second motion: " + second + ".";
}

Result<std::string> publish_restriction(Stage& stage) {
    TRY(stage.pass(hour));
    rules::Restriction restriction{
        .id = id<institution::RestrictionId>("example-equipment-order"),
        .version = 1,
        .title = english("Compute equipment to area XAB (made up)"),
        .treatment = rules::Treatment::block,
        .scope = {.item_classes = {{id<institution::ItemClassId>("compute-equipment")}},
                  .origins = {},
                  .destinations = {{institution::AreaCode::parse("XAB").value()}},
                  .end_uses = {}},
        .exceptions = {},
        .from = Date::parse("2026-01-01").value(),
        .until = Date::parse("2027-12-31").value(),
        .instrument = {.title = "Example Order 1 of a made-up body", .clause = "1", .url = {}}};
    TRY(stage.cast.seal(issuing_body, restriction));
    const auto screening = stage.record.node->read([&](const state::State& state) {
        return rules::screen(state.rules,
                             {.item_class = id<institution::ItemClassId>("compute-equipment"),
                              .origin = institution::AreaCode::parse("XAA").value(),
                              .destination = institution::AreaCode::parse("XAB").value(),
                              .end_use = id<institution::EndUseId>("language-technology")},
                             date_of(stage.now));
    });
    if (screening.verdict != institution::Verdict::blocked || screening.citations.size() != 1) {
        return proof_failed("The restriction does not block what it says.");
    }
    const auto& citation = screening.citations[0];
    return "Compute equipment to one destination is blocked by " + citation.restriction.text() +
           " version " + std::to_string(citation.version) + " of " + citation.issuer.text() +
           " (made up), from " + citation.from.text() +
           (citation.until ? " until " + citation.until->text() : "") + ".";
}

}  // namespace comity::demo
