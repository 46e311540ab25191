// SPDX-License-Identifier: Apache-2.0
// How we trust the shipped templates and facts: they parse, they can be founded, their counts are
// those that were checked by hand, and every text is in every language.

#include "institution/template.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "codec/describe.h"
#include "institution/limits.h"
#include "institution/names.h"
#include "institution/testing.h"

namespace comity::institution {
namespace {

using namespace testing;

std::string file(const std::string& path) {
    std::ifstream in(std::string(COMITY_SOURCE_DIR "/") + path, std::ios::binary);
    EXPECT_TRUE(in) << path;
    return {std::istreambuf_iterator<char>(in), {}};
}

codec::Value data(const std::string& name) {
    return codec::parse_json(file("data/" + name), {.bytes_max = 1 << 20, .depth_max = 32}).value();
}

const codec::Value& at(const codec::Value& value, const std::string& member) {
    return value.as<codec::Object>()->at(member);
}

const codec::Array& list(const codec::Value& value, const std::string& member) {
    return *at(value, member).as<codec::Array>();
}

std::string text(const codec::Value& value, const std::string& member) {
    return *at(value, member).as<std::string>();
}

Result<Template> shipped(const std::string& name) {
    return parse_template(file("templates/" + name + ".json"));
}

Institution founded(const Template& from) {
    Founding founding = small_founding();
    founding.origin = from.founding.origin;
    founding.name = from.founding.name;
    founding.demonstration = from.founding.demonstration;
    founding.operator_id = from.founding.operator_id;
    return found(founding, from.charter).value();
}

/// Every statement that exists and can be given to somebody.
const std::set<std::string> known_types = {"institution.member",
                                           "institution.status",
                                           "institution.key",
                                           "institution.mandate",
                                           "institution.mandate_end",
                                           "institution.key_revocation",
                                           "institution.clock",
                                           "institution.state_root",
                                           "decide.motion",
                                           "decide.position",
                                           "decide.vote",
                                           "decide.withdrawal",
                                           "rules.restriction",
                                           "exchange.offer",
                                           "rules.restriction_withdrawal",
                                           "exchange.need",
                                           "exchange.round",
                                           "exchange.offer_withdrawal",
                                           "exchange.need_withdrawal",
                                           "exchange.commitment",
                                           "exchange.reveal",
                                           "exchange.beacon",
                                           "exchange.result",
                                           "exchange.acceptance",
                                           "exchange.delivery",
                                           "exchange.confirmation",
                                           "exchange.claim",
                                           "exchange.departure",
                                           "exchange.dispute",
                                           "exchange.dispute_withdrawal",
                                           "exchange.repetition_end",
                                           "decide.outcome"};

void expect_statements_exist(const Charter& charter) {
    std::set<std::string> given;
    for (const auto& one : charter.classes)
        given.insert(one.statements.begin(), one.statements.end());
    for (const auto& one : charter.roles)
        given.insert(one.statements.begin(), one.statements.end());
    EXPECT_EQ(given, known_types) << "each is given to somebody, and nothing else is";
}

/// An office publishes outcomes that anybody recomputes; it moves nothing, takes no position, casts
/// no vote and sits in no organ.
void expect_offices_are_silent(const Charter& charter) {
    const std::set<std::string> voices = {"decide.motion", "decide.position", "decide.vote",
                                          "decide.withdrawal"};
    const auto has_voice = [&](const std::set<std::string>& statements) {
        return std::any_of(voices.begin(), voices.end(),
                           [&](const std::string& voice) { return statements.contains(voice); });
    };
    std::size_t offices = 0;
    for (const MembershipClass& one : charter.classes) {
        if (one.id.text() != "office") continue;
        ++offices;
        EXPECT_FALSE(has_voice(one.statements));
        for (const Organ& organ : charter.organs) EXPECT_FALSE(organ.classes.contains(one.id));
    }
    EXPECT_EQ(offices, 1U);
    for (const Role& role : charter.roles) EXPECT_FALSE(has_voice(role.statements));
}

TEST(Template, ShippedOnesCanBeFounded) {
    for (const char* name : {"waico", "blank"}) {
        const auto from = shipped(name);
        ASSERT_TRUE(from) << name << ": " << from.error().message;
        const Institution institution = founded(*from);
        EXPECT_EQ(institution.members.size(), from->charter.members.size());
        expect_statements_exist(from->charter);
        expect_offices_are_silent(from->charter);
        EXPECT_TRUE(from->founding.demonstration) << "a template is no real institution";
    }
}

TEST(Template, WaicoFitsItsEntry) {
    EXPECT_LT(codec::to_json(shipped("waico")->charter).size(), charter_bytes_max);
}

TEST(Template, WaicoKnowsWhoSignedWhen) {
    const Institution institution = founded(shipped("waico").value());
    const auto count = [&](std::set<std::string> statuses, std::string_view on) {
        std::set<StatusId> ids;
        for (const auto& status : statuses) ids.insert(id<StatusId>(status));
        return members_with_status(institution, ids, day(on)).size();
    };
    EXPECT_EQ(count({"founding-signatory", "signatory"}, "2026-07-15"), 0U);
    EXPECT_EQ(count({"founding-signatory", "signatory"}, "2026-07-20"), 29U);
    EXPECT_EQ(count({"observer", "invitee"}, "2026-07-20"), 0U);
    EXPECT_EQ(count({"founding-signatory", "signatory"}, "2026-07-30"), 30U);
    EXPECT_EQ(count({"founding-signatory", "signatory"}, "2026-08-01"), 37U);
    EXPECT_EQ(count({"observer"}, "2026-08-01"), 1U);
    EXPECT_EQ(count({"invitee"}, "2026-09-09"), 1U);
    EXPECT_EQ(count({"contracting-party"}, "2026-11-01"), 0U) << "signature is not ratification";
    EXPECT_EQ(entitled(institution, id<OrganId>("council"), day("2026-08-01")).size(), 37U);
    EXPECT_EQ(
        members_with_status(institution, {id<StatusId>("signatory")}, day("2026-08-01"), 1).size(),
        0U)
        << "nothing was known before the charter";
}

TEST(Template, WaicoSignatoriesInDatedGroupsAreThoseCountedByHand) {
    const Institution institution = founded(shipped("waico").value());
    const std::map<std::string, std::size_t> expected = {{"ldc", 11},
                                                         {"lldc", 8},
                                                         {"sids", 2},
                                                         {"income-low", 3},
                                                         {"income-high", 3},
                                                         {"income-lower-middle", 16},
                                                         {"income-upper-middle", 13}};
    for (const auto& [group, size] : expected) {
        const Date on = day(group.starts_with("income") ? "2026-06-30" : "2026-08-01");
        std::size_t found = 0;
        for (const auto& [party, record] : institution.members) {
            const auto status = status_on(record, day("2026-08-01"));
            if (!status || !status->text().ends_with("signatory")) continue;
            if (in_group(institution, id<GroupId>(group), *record.area, on)) ++found;
        }
        EXPECT_EQ(found, size) << group;
    }
    const auto sao_tome = AreaCode::parse("STP").value();
    EXPECT_TRUE(in_group(institution, id<GroupId>("ldc"), sao_tome, day("2024-12-12")));
    EXPECT_FALSE(in_group(institution, id<GroupId>("ldc"), sao_tome, day("2024-12-13")));
    EXPECT_FALSE(in_group(institution, id<GroupId>("income-high"), AreaCode::parse("CHN").value(),
                          day("2026-07-01")))
        << "a fiscal year ends";
}

/// Adds the place of every LocalizedText of `value` that lacks one of the six languages. Such a
/// text is an object with a member "en".
void find_gaps(const codec::Value& value, const std::string& place,
               std::vector<std::string>& gaps) {
    if (const auto* elements = value.as<codec::Array>()) {
        for (std::size_t i = 0; i < elements->size(); ++i) {
            find_gaps((*elements)[i], place + "/" + std::to_string(i), gaps);
        }
    }
    const auto* members = value.as<codec::Object>();
    if (members == nullptr) return;
    if (members->contains("en") && members->size() != official_languages.size()) {
        gaps.push_back(place);
    }
    for (const auto& [name, member] : *members) find_gaps(member, place + "/" + name, gaps);
}

TEST(Template, WaicoIsInSixLanguages) {
    std::vector<std::string> gaps;
    find_gaps(codec::to_value(shipped("waico").value()), "", gaps);
    EXPECT_TRUE(gaps.empty()) << ::testing::PrintToString(gaps);
}

TEST(Template, WaicoNamesStatesAsTheReviewedTableDoes) {
    std::map<std::string, LocalizedText> names;
    const auto table = data("states.json");
    for (const auto& state : list(table, "states")) {
        names[text(state, "iso3")] = codec::from_value<LocalizedText>(at(state, "short")).value();
    }
    std::size_t compared = 0;
    const Template waico = shipped("waico").value();
    for (const Member& member : waico.charter.members) {
        if (!member.area) continue;
        EXPECT_EQ(member.name, names.at(member.area->text())) << member.id.text();
        ++compared;
    }
    EXPECT_EQ(compared, 39U);
}

TEST(Template, WaicoSaysThatItsRulesAreIllustrative) {
    const auto from = shipped("waico").value();
    for (const Procedure& procedure : from.charter.procedures) {
        EXPECT_TRUE(procedure.clause.starts_with("Illustrative.")) << procedure.id.text();
    }
    for (const Member& member : from.charter.members) {
        EXPECT_NE(member.history.at(0).confidence, Confidence::high)
            << "no official text that names states was read";
        EXPECT_TRUE(!member.area || !member.history.at(0).sources.empty()) << member.id.text();
    }
}

TEST(Data, HasEveryStateInSixLanguages) {
    std::map<std::string, int> types;
    const auto table = data("states.json");
    for (const auto& state : list(table, "states")) {
        ++types[text(state, "type")];
        for (const char* form : {"short", "formal"}) {
            const auto name = codec::from_value<LocalizedText>(at(state, form)).value();
            EXPECT_EQ(name.size(), official_languages.size()) << text(state, "iso3");
            for (const auto& [language, words] : name) {
                EXPECT_FALSE(words.empty());
                for (const char* mark : {"*", "  ", " (the)", " (l')", " (la)", " (le)", " (les)",
                                         " (el)", " (los)", " (las)"}) {
                    EXPECT_EQ(words.find(mark), std::string::npos) << words;
                }
            }
        }
    }
    EXPECT_EQ(types, (std::map<std::string, int>{{"member-state", 193}, {"observer-state", 2}}));
}

TEST(Data, SortTextIsTheOneOfTheTable) {
    const auto table = data("states.json");
    for (const auto& state : list(table, "states")) {
        const auto names = codec::from_value<LocalizedText>(at(state, "short")).value();
        const auto sorts = codec::from_value<LocalizedText>(at(state, "sort")).value();
        for (const auto& [language, name] : names) {
            const auto listed = sorts.find(language);
            EXPECT_EQ(sort_text(name, language), listed == sorts.end() ? name : listed->second);
        }
    }
}

TEST(Data, HasThePopulationOfEachStateOfTheTemplate) {
    const std::string table = file("data/population.csv");
    const Template waico = shipped("waico").value();
    for (const Member& member : waico.charter.members) {
        if (!member.area) continue;
        EXPECT_NE(table.find("\n" + member.area->text() + ",2024,"), std::string::npos)
            << member.id.text();
    }
    EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 40);
}

// Reading --------------------------------------------------------------------------------------

TEST(Template, CommentsBecomeSpacesAndNothingMoves) {
    EXPECT_EQ(without_comments("a // b\nc").value(), "a     \nc");
    EXPECT_EQ(without_comments("a /* b\nc */ d").value(), "a     \n     d");
    EXPECT_EQ(without_comments("/**/x//").value(), "    x  ");
    EXPECT_EQ(without_comments("/*/ x */y").value(), "        y");
    EXPECT_EQ(without_comments("// /*\nx").value(), "     \nx");
}

TEST(Template, TextsInQuotesKeepTheirSlashes) {
    for (const char* text : {R"("https://x")", R"("/* x */")", R"("\"//x")", R"("\\" )",
                             "\"open // x", "a / b", "/"}) {
        EXPECT_EQ(without_comments(text).value(), text);
    }
    EXPECT_EQ(without_comments(R"("\\"//x)").value(), "\"\\\\\"   ");
}

TEST(Template, ACommentThatDoesNotEndIsRefusedWithItsLine) {
    const auto result = without_comments("{\n\n/* x\n}");
    EXPECT_EQ(result.error().reason, "institution/bad-template");
    EXPECT_NE(result.error().message.find("line 3"), std::string::npos) << result.error().message;
}

TEST(Template, MistakesAreRefusedWithTheirPlace) {
    const std::string good = file("templates/blank.json");
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string bent = good;
        const auto place = bent.find(from);
        EXPECT_NE(place, std::string::npos) << from;
        bent.replace(place, from.size(), to);
        return parse_template(bent).error();
    };
    EXPECT_EQ(with("\"origin\"", "\"origins\"").reason, "codec/unknown-member");
    EXPECT_EQ(with("\"institution.example\"", "\"My Institution\"").reason,
              "institution/bad-founding");
    EXPECT_EQ(with("\"fallback\": \"two-thirds\"", "\"fallback\": \"three\"").reason,
              "institution/bad-charter");
    EXPECT_EQ(with("\"share\": \"2/3\"", "\"share\": 0.66").reason, "codec/bad-number");
    EXPECT_EQ(with("\"holder\": \"secretariat\"", "\"holder\": \"nobody\"").message.substr(0, 15),
              "/roles/1/holder");
    EXPECT_EQ(parse_template(std::string(template_bytes_max + 1, ' ')).error().reason,
              "institution/template-too-large");
}

TEST(Template, ACharterThatDoesNotFitItsEntryIsRefused) {
    Template large = shipped("blank").value();
    const Member model = large.charter.members.front();
    for (int i = 0; i < 600; ++i) {
        large.charter.members.push_back(model);
        large.charter.members.back().id = member_id("m" + std::to_string(i));
    }
    EXPECT_EQ(parse_template(codec::to_json(large)).error().reason,
              "institution/charter-too-large");
}

}  // namespace
}  // namespace comity::institution
