// SPDX-License-Identifier: Apache-2.0
#include "rules/rules.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace comity::rules {
namespace {

using institution::Act;
using institution::Citation;
using institution::Institution;
using institution::RestrictionId;
using institution::Screening;
using institution::Transfer;
using institution::Verdict;

constexpr std::size_t known_named_max = 32;  ///< ids that one message names

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Some language, and none of them blank.
bool has_words(const LocalizedText& text) {
    const auto blank = [](const auto& translation) { return is_blank(translation.second); };
    return !text.empty() && std::ranges::none_of(text, blank);
}

template <class Described>
std::string known_ids(const std::vector<Described>& known) {
    if (known.empty()) return "none";
    std::string names;
    for (std::size_t i = 0; i < known.size() && i < known_named_max; ++i) {
        if (i > 0) names += ", ";
        names += known[i].id.text();
    }
    if (known.size() > known_named_max) names += " and others";
    return names;
}

/// Whether each of the ids that `list` names is one of the charter's.
template <class IdType, class Described>
Result<> check_known(const std::optional<std::set<IdType>>& list,
                     const std::vector<Described>& known, std::string_view reason) {
    if (!list) return {};
    for (const IdType& id : *list) {
        if (std::ranges::find(known, id, &Described::id) != known.end()) continue;
        return Error{
            Code::invalid, reason,
            "The charter does not know '" + id.text() + "'; it knows: " + known_ids(known) + "."};
    }
    return {};
}

Error empty_list(std::string message) {
    return {Code::invalid, "rules/empty-list", std::move(message)};
}

template <class List>
Result<> check_not_empty(const List& list, std::string_view name) {
    if (!list || !list->empty()) return {};
    return empty_list("The list '" + std::string(name) +
                      "' is empty and would match nothing; leave it out to match anything.");
}

Result<> check_scope(const Institution& institution, const Scope& scope) {
    TRY(check_not_empty(scope.item_classes, "item_classes"));
    TRY(check_not_empty(scope.origins, "origins"));
    TRY(check_not_empty(scope.destinations, "destinations"));
    TRY(check_not_empty(scope.end_uses, "end_uses"));
    TRY(check_known(scope.item_classes, institution.charter.item_classes,
                    "rules/unknown-item-class"));
    return check_known(scope.end_uses, institution.charter.end_uses, "rules/unknown-end-use");
}

Result<> check_exceptions(const Institution& institution, const std::vector<Scope>& exceptions) {
    if (exceptions.size() > exceptions_max) {
        return Error{Code::invalid, "rules/too-many-exceptions",
                     "A restriction has at most " + std::to_string(exceptions_max) +
                         " exceptions; divide it into several."};
    }
    for (const Scope& exception : exceptions) {
        if (!exception.item_classes && !exception.origins && !exception.destinations &&
            !exception.end_uses) {
            return empty_list(
                "An exception without any list would except everything; say what it excepts, or "
                "leave it out.");
        }
        TRY(check_scope(institution, exception));
    }
    return {};
}

Result<> check_words(const Restriction& restriction) {
    if (!has_words(restriction.title)) {
        return Error{Code::invalid, "rules/bad-text",
                     "Give the restriction a title in at least one language, and none that is "
                     "blank."};
    }
    if (is_blank(restriction.instrument.title)) {
        return Error{Code::invalid, "rules/no-instrument",
                     "Cite the instrument from which the restriction follows: its title at least."};
    }
    return {};
}

Result<> check_period(const Restriction& restriction) {
    if (!restriction.until || *restriction.until > restriction.from) return {};
    return Error{Code::invalid, "rules/empty-period",
                 "The restriction would end on " + restriction.until->text() +
                     ", not after it begins on " + restriction.from.text() +
                     "; correct the dates, or withdraw it."};
}

/// What holds for every statement about a restriction that exists.
Result<> check_change(const RestrictionId& id, const RestrictionRecord& record, const Act& act) {
    if (record.issuer != act.actor.member) {
        return Error{Code::forbidden, "rules/not-the-issuer",
                     "The restriction '" + id.text() + "' was issued by '" + record.issuer.text() +
                         "'; only that party may amend or withdraw it."};
    }
    if (record.withdrawn_at) {
        return Error{Code::conflict, "rules/withdrawn",
                     "The restriction '" + id.text() +
                         "' is withdrawn; issue another under a "
                         "new id."};
    }
    return {};
}

Result<> check_version(const Rules& rules, const Act& act, const Restriction& restriction) {
    const auto found = rules.restrictions.find(restriction.id);
    std::uint32_t next = 1;
    if (found != rules.restrictions.end()) {
        TRY(check_change(restriction.id, found->second, act));
        next = found->second.versions.back().restriction.version + 1;
    }
    if (restriction.version == next) return {};
    return Error{Code::conflict, "rules/wrong-version",
                 "The next version of the restriction '" + restriction.id.text() + "' is " +
                     std::to_string(next) + ", not " + std::to_string(restriction.version) + "."};
}

template <class IdType>
bool lets_through(const std::optional<std::set<IdType>>& list, const IdType& value) {
    return !list || list->contains(value);
}

bool restricts(const Restriction& restriction, const Transfer& transfer) {
    const auto excepts = [&](const Scope& scope) { return matches(scope, transfer); };
    return matches(restriction.scope, transfer) &&
           std::ranges::none_of(restriction.exceptions, excepts);
}

}  // namespace

Result<> check(const Rules& rules, const Institution& institution, const Act& act,
               const Restriction& restriction) {
    TRY(check_version(rules, act, restriction));
    TRY(check_words(restriction));
    TRY(check_period(restriction));
    TRY(check_scope(institution, restriction.scope));
    return check_exceptions(institution, restriction.exceptions);
}

Result<> check(const Rules& rules, const Institution&, const Act& act,
               const RestrictionWithdrawal& withdrawal) {
    const auto found = rules.restrictions.find(withdrawal.id);
    if (found == rules.restrictions.end()) {
        return Error{Code::not_found, "rules/no-such-restriction",
                     "There is no restriction '" + withdrawal.id.text() + "'; check its id."};
    }
    TRY(check_change(withdrawal.id, found->second, act));
    if (!is_blank(withdrawal.reason)) return {};
    return Error{Code::invalid, "rules/bad-text", "Say why the restriction is withdrawn."};
}

void apply(Rules& rules, const Act& act, const Restriction& restriction) {
    RestrictionRecord& record = rules.restrictions[restriction.id];
    if (record.versions.empty()) record.issuer = act.actor.member;
    record.versions.push_back({.restriction = restriction, .entry = act.index});
}

void apply(Rules& rules, const Act& act, const RestrictionWithdrawal& withdrawal) {
    const auto found = rules.restrictions.find(withdrawal.id);
    COMITY_CHECK(found != rules.restrictions.end());
    found->second.withdrawn_at = act.index;
    found->second.withdrawal_reason = withdrawal.reason;
}

bool matches(const Scope& scope, const Transfer& transfer) {
    return lets_through(scope.item_classes, transfer.item_class) &&
           lets_through(scope.origins, transfer.origin) &&
           lets_through(scope.destinations, transfer.destination) &&
           lets_through(scope.end_uses, transfer.end_use);
}

Verdict verdict_of(Treatment treatment) {
    return treatment == Treatment::block ? Verdict::blocked : Verdict::needs_review;
}

bool in_force(const RestrictionRecord& record, Date day) {
    const Restriction& restriction = record.versions.back().restriction;
    return !record.withdrawn_at && restriction.from <= day &&
           (!restriction.until || day < *restriction.until);
}

Citation cite(const RestrictionId& id, const RestrictionRecord& record) {
    const RestrictionVersion& last = record.versions.back();
    return {.restriction = id,
            .version = last.restriction.version,
            .issuer = record.issuer,
            .from = last.restriction.from,
            .until = last.restriction.until,
            .entry = last.entry};
}

Screening screen(const Rules& rules, const Transfer& transfer, Date day) {
    Screening screening;
    for (const auto& [id, record] : rules.restrictions) {
        if (!in_force(record, day)) continue;
        const Restriction& restriction = record.versions.back().restriction;
        if (!restricts(restriction, transfer)) continue;
        screening.verdict = std::max(screening.verdict, verdict_of(restriction.treatment));
        screening.citations.push_back(cite(id, record));
    }
    return screening;
}

}  // namespace comity::rules
