// SPDX-License-Identifier: Apache-2.0
#include "cli/why.h"

#include <array>
#include <span>
#include <string_view>

namespace comity::cli {
namespace {

struct Said {
    std::string_view id;    ///< exchange::Reason, or Rounding
    std::string_view text;  ///< of a sentence: with the names of facts in braces
};

// Both are equal to the catalogue of pages but for how it writes numbers; reports_test.cpp sees to
// it. Like it, they set no member against another by name.

constexpr std::array<Said, 13> sentences = {{
    {"met_in_full", "It got all it asked."},
    {"no_offer", "No open offer in this unit is of a kind that it accepts."},
    {"none_lawful",
     "Restrictions in force block or hold every offer that fitted it: {restrictions}."},
    {"no_better_off",
     "Other turns came first. The latest of them went from level {holder_before} to "
     "{holder_level}; its own next one, from {level} to {level_after}, is later by {rounding}."},
    {"no_better_off_own",
     "What it could lawfully use went to other needs of its own member, which stands at level "
     "{level}, or to turns that came first by {rounding}."},
    {"member_cap",
     "The rule {rule}, version {version}, gives one member {cap} at most, and it has them."},
    {"floor_first",
     "The floor for the list {group} came first: members within it stand at up to level "
     "{holder_level}, this one at {level}. The rest went to turns that came first."},
    {"floor_first_one_each",
     "One unit for every member came first. The rest went to turns that came first."},
    {"below_minimum",
     "At least {minimum} would be of use to it, and fewer were left. It was set aside, and others "
     "got the units."},
    {"earlier_stage",
     "Needs of an earlier tier, or earlier choices, came first: their members stand at up to level "
     "{holder_level}, this one at {level}."},
    {"outside_window",
     "Offers that it accepts and may lawfully use are there, but on no day on which it can use "
     "them."},
    {"declined",
     "Its member gave something back in the round that this one continues, so that this one goes "
     "to the others."},
    {"not_listed", "The adopted table of weights, {weights}, does not list its member."},
}};

constexpr std::array<Said, 5> roundings = {{
    {"sainte_lague", "Sainte-Laguë’s rounding"},
    {"dhondt", "D’Hondt’s rounding"},
    {"adams", "Adams’ rounding"},
    {"huntington_hill", "Huntington and Hill’s rounding"},
    {"serial", "the order of the lottery"},
}};

/// Empty if this version does not know it.
std::string_view text_in(std::span<const Said> table, std::string_view id) {
    for (const Said& each : table) {
        if (each.id == id) return each.text;
    }
    return {};
}

std::string restrictions_of(const Answer& facts) {
    std::string restrictions;
    for (const Answer& citation : facts.elements("result.blocked_by")) {
        restrictions += (restrictions.empty() ? "" : ", ") + citation.at("restriction");
    }
    return restrictions.empty() ? "-" : restrictions;
}

std::string fact(const Answer& facts, std::string_view name) {
    if (name == "restrictions") return restrictions_of(facts);
    if (name == "allocated") return facts.at("result.allocated");
    if (name == "asked") return units(facts.number("result.asked"));
    if (name == "cap") return units(facts.number("cap"));
    if (name == "minimum") return units(facts.number("minimum"));
    if (name == "holder_before") return facts.at("holder_level_before");
    if (name == "group") return facts.at("floor_group");
    if (name == "version") return facts.at("rule_version");
    if (name == "rounding") {
        const std::string_view words = text_in(roundings, facts.at("rounding"));
        return words.empty() ? facts.word("rounding") : std::string(words);
    }
    return facts.at(name);
}

std::string filled(std::string_view text, const Answer& facts) {
    std::string out;
    while (true) {
        const std::size_t open = text.find('{');
        out += text.substr(0, open);
        if (open == std::string_view::npos) return out;
        const std::size_t close = text.find('}', open);
        out += fact(facts, text.substr(open + 1, close - open - 1));
        text.remove_prefix(close + 1);
    }
}

}  // namespace

std::string why(const Answer& facts) {
    std::string reason = facts.at("result.reason");
    // A member whose own other needs hold what this one could use reads a sentence of its own.
    const bool is_own =
        facts.has("result.holder") && facts.at("result.holder") == facts.at("result.member");
    if (reason == "no_better_off" && is_own) reason += "_own";
    if (reason == "floor_first" && !facts.has("floor_group")) reason += "_one_each";
    const std::string_view sentence = text_in(sentences, reason);
    return sentence.empty() ? facts.word("result.reason") : filled(sentence, facts);
}

}  // namespace comity::cli
