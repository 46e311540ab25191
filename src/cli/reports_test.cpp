// SPDX-License-Identifier: Apache-2.0
//
// How we trust what `list` and `show` print: from the very structs that the node writes out, and
// with the sentences of the pages' catalogue.

#include "cli/reports.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "cli/why.h"
#include "codec/describe.h"
#include "codec/json.h"
#include "exchange/queries.h"

namespace comity::cli {
namespace {

using codec::Object;
using codec::Value;

template <class T>
T parsed(std::string_view text) {
    return T::parse(text).value();
}

std::string shown(std::string (*facts)(const Answer&), const Value& value) {
    const Languages languages = languages_of("", "");
    return facts(Answer(value, languages));
}

std::string listed(Table (*table)(const std::vector<Answer>&), const Value& item) {
    const Languages languages = languages_of("", "");
    return table({Answer(item, languages)}).text();
}

void expect_line(const std::string& text, const std::string& line) {
    EXPECT_NE(("\n" + text).find("\n" + line + "\n"), std::string::npos) << line << "\nin\n"
                                                                         << text;
}

/// A line with this label and this fact, however far apart they stand.
void expect_fact(const std::string& text, const std::string& label, const std::string& fact) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(label + "  ")) continue;
        const std::size_t start = line.find_first_not_of(' ', label.size());
        if (start != std::string::npos && line.substr(start) == fact) return;
    }
    ADD_FAILURE() << label << ": " << fact << "\nis not in\n" << text;
}

exchange::NeedRecord need_record() {
    return {.need = {.id = parsed<exchange::NeedId>("lso-training"),
                     .title = {{parsed<LanguageTag>("de"), "Plätze"},
                               {parsed<LanguageTag>("en"), "Training places"}},
                     .unit = parsed<institution::UnitId>("training-place"),
                     .item_classes = {},
                     .destination = parsed<institution::AreaCode>("LSO"),
                     .end_use = parsed<institution::EndUseId>("education"),
                     .quantity = 56,
                     .from = parsed<Date>("2026-09-01"),
                     .until = parsed<Date>("2027-09-01")},
            .member = parsed<institution::MemberId>("lso"),
            .entry = 57,
            .withdrawn_at = {},
            .promised = 40};
}

exchange::NeedFacts facts_with(exchange::Reason reason) {
    exchange::NeedFacts facts;
    facts.result.need = parsed<exchange::NeedId>("lso-training");
    facts.result.member = parsed<institution::MemberId>("lso");
    facts.result.asked = 56;
    facts.result.allocated = 40;
    facts.result.reason = reason;
    facts.result.bottleneck = parsed<institution::MemberId>("sen");
    facts.result.holder = parsed<institution::MemberId>("uzb");
    facts.result.blocked_by = {{.restriction = parsed<institution::RestrictionId>("order"),
                                .version = 2,
                                .issuer = parsed<institution::MemberId>("body"),
                                .from = parsed<Date>("2026-09-02"),
                                .until = {},
                                .entry = 90}};
    facts.rule = parsed<exchange::RuleId>("fair");
    facts.rule_version = 3;
    facts.rounding = exchange::Rounding::dhondt;
    facts.level = Rational{.num = 20, .den = 3};
    facts.level_after = Rational{.num = 41, .den = 6};
    facts.holder_level = Rational{.num = 15, .den = 2};
    facts.holder_level_before = Rational{.num = 13, .den = 2};
    facts.cap = 40;
    facts.minimum = 5;
    facts.floor_group = parsed<institution::GroupId>("ldc");
    facts.weights = parsed<exchange::WeightTableId>("population");
    return facts;
}

std::string why_of(const exchange::NeedFacts& facts) {
    const Value value = codec::to_value(facts);
    const Languages languages = languages_of("", "");
    return why(Answer(value, languages));
}

/// The texts of a message between its arguments, whatever form these have.
std::vector<std::string> literals(std::string_view message) {
    std::vector<std::string> texts(1);
    int depth = 0;
    for (const char c : message) {
        if (c == '{' && depth++ == 0) texts.emplace_back();
        if (c == '}') {
            --depth;
        } else if (depth == 0) {
            texts.back() += c;
        }
    }
    return texts;
}

Value catalogue_of_pages() {
    std::ifstream file(COMITY_SOURCE_DIR "/messages/en.json");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    return codec::parse_json(text, {.bytes_max = 1U << 20U}).value();
}

TEST(Why, SaysWhatTheCatalogueOfPagesSays) {
    const Value catalogue = catalogue_of_pages();
    std::size_t sentences = 0;
    for (const auto& [id, message] : *catalogue.as<Object>()) {
        if (!id.starts_with("why.")) continue;
        ++sentences;
        std::string name = id.substr(4);
        const bool is_own = name.ends_with("_own");
        if (is_own) name.resize(name.size() - 4);
        const bool is_one_each = name.ends_with("_one_each");
        if (is_one_each) name.resize(name.size() - 9);
        exchange::NeedFacts facts =
            facts_with(codec::from_value<exchange::Reason>(Value{name}).value());
        if (is_own) facts.result.holder = facts.result.member;
        if (is_one_each) facts.floor_group.reset();
        const std::string said = why_of(facts);
        std::size_t at = 0;
        for (const std::string& literal : literals(*message.as<std::string>())) {
            const std::size_t found = said.find(literal, at);
            ASSERT_NE(found, std::string::npos) << id << ": " << literal << "\nin " << said;
            EXPECT_TRUE(at != 0 || found == 0) << said;
            at = found + literal.size();
        }
        EXPECT_EQ(at, said.size()) << said;
        EXPECT_EQ(said.find_first_of("{}"), std::string::npos) << said;
        EXPECT_EQ(said.find(" - "), std::string::npos) << "a fact is missing in: " << said;
    }
    EXPECT_EQ(sentences, 13U) << "one for each reason, and two that depend on more";
}

TEST(Why, NamesEachRoundingAsTheCatalogueDoes) {
    const Value catalogue = catalogue_of_pages();
    std::size_t roundings = 0;
    for (const auto& [id, words] : *catalogue.as<Object>()) {
        if (!id.starts_with("rounding.")) continue;
        ++roundings;
        exchange::NeedFacts facts = facts_with(exchange::Reason::no_better_off);
        facts.rounding = codec::from_value<exchange::Rounding>(Value{id.substr(9)}).value();
        EXPECT_TRUE(why_of(facts).ends_with(" " + *words.as<std::string>() + ".")) << why_of(facts);
    }
    EXPECT_EQ(roundings, 5U);
}

TEST(Why, NamesTheFacts) {
    EXPECT_EQ(why_of(facts_with(exchange::Reason::member_cap)),
              "The rule fair, version 3, gives one member 40 units at most, and it has them.");
    EXPECT_EQ(why_of(facts_with(exchange::Reason::no_better_off)),
              "Other turns came first. The latest of them went from level 13/2 to 15/2; its own "
              "next one, from 20/3 to 41/6, is later by D’Hondt’s rounding.");
    EXPECT_NE(why_of(facts_with(exchange::Reason::none_lawful)).find(": order."),
              std::string::npos);
    const Value newer{Object{{"result", {Object{{"reason", {std::string("by_weather")}}}}}}};
    const Languages languages = languages_of("", "");
    EXPECT_EQ(why(Answer(newer, languages)), "by weather");
}

TEST(Reports, ANeedIsARowAndAWay) {
    const Value row{Object{{"record", codec::to_value(need_record())},
                           {"unmet", {std::int64_t{16}}},
                           {"is_open", {true}}}};
    EXPECT_EQ(listed(needs_table, row),
              "ID            MEMBER  UNIT            ASKED  UNMET  STATE  FROM        UNTIL       "
              "TITLE\n"
              "lso-training  lso     training-place     56     16  open   2026-09-01  2027-09-01  "
              "Training places\n");

    exchange::JourneyRound round;
    round.round = parsed<exchange::RoundId>("training-2026");
    round.stage = exchange::RoundStage::allocated;
    round.facts = facts_with(exchange::Reason::member_cap);
    round.accepted = 40;
    round.promised = {
        {.need = need_record().need.id, .offer = parsed<exchange::OfferId>("pool"), .units = 40}};
    const exchange::NeedJourney journey{
        .need = need_record(), .unmet = 16, .confirmed = 0, .rounds = {round}};
    const std::string text =
        shown(need_facts, Value{Object{{"journey", codec::to_value(journey)},
                                       {"screening", codec::to_value(exchange::NeedScreening{})}}});
    expect_fact(text, "id", "lso-training");
    expect_fact(text, "title", "Training places");
    expect_fact(text, "quantity", "56 x training-place");
    expect_fact(text, "item classes", "any");
    expect_fact(text, "round", "training-2026 allocated 40 of the 56 units it asked");
    expect_fact(text, "why", why_of(*round.facts));
    expect_fact(text, "restriction", "order, version 2, by body, from 2026-09-02 (entry 90)");
    expect_fact(text, "accepted", "40 units: 40 from pool");
    expect_fact(text, "now", "0 units confirmed; 16 units not promised by any round");
    expect_fact(text, "offers today", "none could serve it");
}

TEST(Reports, ARoundSaysWhyOfEveryNeed) {
    exchange::RoundView view;
    view.round = {.id = parsed<exchange::RoundId>("training-2026"),
                  .title = {{parsed<LanguageTag>("en"), "Training"}},
                  .unit = parsed<institution::UnitId>("training-place"),
                  .rule = parsed<exchange::RuleId>("fair"),
                  .rule_version = 3,
                  .freezes_at = parsed<Timestamp>("2026-09-10T00:00:00Z"),
                  .draws_at = parsed<Timestamp>("2026-09-11T00:00:00Z"),
                  .answers_until = parsed<Timestamp>("2026-09-20T00:00:00Z")};
    view.stage = exchange::RoundStage::call_open;
    const auto text_now = [&] {
        return shown(round_facts, Value{Object{{"view", codec::to_value(view)}}});
    };
    expect_fact(text_now(), "stage", "call open");
    expect_fact(text_now(), "rule", "fair, version 3");
    EXPECT_EQ(text_now().find("WHY"), std::string::npos);

    view.stage = exchange::RoundStage::allocated;
    view.drawn_at = 200;
    view.pool = 1'000;
    view.allocated = 40;
    view.needs = {facts_with(exchange::Reason::member_cap)};
    const std::string text = text_now();
    expect_fact(text, "drawn", "entry 200");
    expect_fact(text, "allocated", "40 of 1000 units were allocated among 0 members with a need");
    expect_line(text, "NEED          MEMBER  ASKED  ALLOCATED  WHY");
    expect_line(text, "lso-training  lso        56         40  " +
                          why_of(facts_with(exchange::Reason::member_cap)));
}

TEST(Reports, WhatTheNodeDoesNotSayIsADash) {
    const Value empty{Object{}};
    for (const Report* report : {&members_report, &motions_report, &restrictions_report,
                                 &offers_report, &needs_report, &rounds_report}) {
        EXPECT_NE(listed(report->table, empty).find("\n-"), std::string::npos)
            << report->collection;
        EXPECT_NE(shown(report->facts, empty).find(" -\n"), std::string::npos)
            << report->collection;
    }
    EXPECT_NE(shown(institution_facts, empty).find(" -\n"), std::string::npos);
    EXPECT_NE(shown(screening_facts, empty).find(" -\n"), std::string::npos);
}

}  // namespace
}  // namespace comity::cli
