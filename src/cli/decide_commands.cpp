// SPDX-License-Identifier: Apache-2.0
//
// comity motion, position: proposing, stating a position, voting. And restriction, for issuers.

#include <boost/describe/enum_from_string.hpp>

#include "cli/commands.h"
#include "decide/statements.h"
#include "rules/statements.h"

namespace comity::cli {
namespace {

struct DecideArguments {
    std::string motion;
    std::string word;
    std::string reason;
};

template <class Enum>
Result<Enum> named(std::string_view what, const std::string& word) {
    Enum value{};
    if (boost::describe::enum_from_string(word.c_str(), value)) return value;
    return Error{Code::invalid, "cli/unknown-word",
                 std::string(what) + " " + word + " is not one of those that the help lists."};
}

std::optional<LocalizedText> reason_of(const Session& session, const DecideArguments& arguments) {
    if (arguments.reason.empty()) return std::nullopt;
    return text_in(session, arguments.reason);
}

Result<> state_position(const Session& session, const DecideArguments& arguments) {
    return submit(
        session,
        decide::Position{.motion = TRY(parsed<decide::MotionId>("motion", arguments.motion)),
                         .position = TRY(named<decide::PositionKind>("Position", arguments.word)),
                         .reason = reason_of(session, arguments)});
}

Result<> cast_vote(const Session& session, const DecideArguments& arguments) {
    return submit(session,
                  decide::Vote{.motion = TRY(parsed<decide::MotionId>("motion", arguments.motion)),
                               .choice = TRY(named<decide::Choice>("Vote", arguments.word)),
                               .explanation = reason_of(session, arguments)});
}

}  // namespace

void add_decide_commands(CLI::App& app, Session& session) {
    auto arguments = std::make_shared<DecideArguments>();
    auto* motion = app.add_subcommand("motion", "Motions: read, propose, vote, withdraw");
    motion->require_subcommand(1);
    add_reading(*motion, session, motions_report);
    add_submitting(*motion, session, "propose", "Propose a motion", "decide.motion");

    auto* vote = motion->add_subcommand("vote", "Vote in a recorded vote");
    vote->add_option("motion", arguments->motion, "Id of the motion")->required();
    vote->add_option("choice", arguments->word, "yes, no or abstain")
        ->required()
        ->check(CLI::IsMember({"yes", "no", "abstain"}));
    vote->add_option("--explanation", arguments->reason, "Explanation of vote");
    vote->callback([&session, arguments] {
        session.action = [&session, arguments] { return cast_vote(session, *arguments); };
    });
    auto* withdraw = motion->add_subcommand("withdraw", "Withdraw a motion that you moved");
    withdraw->add_option("motion", arguments->motion, "Id of the motion")->required();
    withdraw->callback([&session, arguments] {
        session.action = [&session, arguments]() -> Result<> {
            return submit(session, decide::Withdrawal{.motion = TRY(parsed<decide::MotionId>(
                                                          "motion", arguments->motion))});
        };
    });

    auto* position = app.add_subcommand("position", "Positions in a silence procedure");
    position->require_subcommand(1);
    auto* state = position->add_subcommand(
        "state",
        "State a position. An objection breaks the silence and needs a reason; a "
        "reservation does not break it");
    state->add_option("motion", arguments->motion, "Id of the motion")->required();
    state
        ->add_option("position", arguments->word,
                     "support, accept, reservation, stand_aside, abstain or object")
        ->required()
        ->check(CLI::IsMember(
            {"support", "accept", "reservation", "stand_aside", "abstain", "object"}));
    state->add_option("--reason", arguments->reason, "In a sentence");
    state->callback([&session, arguments] {
        session.action = [&session, arguments] { return state_position(session, *arguments); };
    });
}

void add_rules_commands(CLI::App& app, Session& session) {
    auto* noun = app.add_subcommand("restriction", "Restrictions: read, screen, publish, withdraw");
    noun->require_subcommand(1);
    add_reading(*noun, session, restrictions_report);
    add_submitting(*noun, session, "publish", "Publish a restriction, or its next version",
                   "rules.restriction");
    add_submitting(*noun, session, "withdraw", "Withdraw a restriction that you issued",
                   "rules.restriction_withdrawal");

    auto* screen =
        noun->add_subcommand("screen", "What the restrictions in force say of a transfer");
    auto words = std::make_shared<std::array<std::string, 4>>();
    screen->add_option("--item-class", (*words)[0], "What would move")->required();
    screen->add_option("--origin", (*words)[1], "Area code it would come from")->required();
    screen->add_option("--destination", (*words)[2], "Area code it would go to")->required();
    screen->add_option("--end-use", (*words)[3], "What for")->required();
    screen->callback([&session, words] {
        session.action = [&session, words] {
            return show(session,
                        "/api/v1/screen?item_class=" + encoded((*words)[0]) + "&origin=" +
                            encoded((*words)[1]) + "&destination=" + encoded((*words)[2]) +
                            "&end_use=" + encoded((*words)[3]),
                        screening_facts);
        };
    });
}

}  // namespace comity::cli
