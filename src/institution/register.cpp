// SPDX-License-Identifier: Apache-2.0
#include "institution/register.h"

#include <algorithm>

#include "institution/charter_check.h"
#include "institution/limits.h"

namespace comity::institution {

namespace {

Error no_such_member(const MemberId& id) {
    return Error{Code::not_found, "institution/no-such-member",
                 "The register has no party " + id.text() + "."};
}

/// Keys and mandates are the affair of the party's own seal, and of who holds a role with that
/// statement. A delegate never passes on what it was given.
Result<> check_right(const Institution& institution, const Actor& actor, const MemberId& about,
                     std::string_view type) {
    if (actor.delegate) {
        return Error{Code::forbidden, "institution/delegate-cannot",
                     "A delegate's key cannot sign " + std::string(type) + "; the seal of " +
                         about.text() + " can."};
    }
    if (actor.member == about || has_role_for(institution, actor.member, type)) return {};
    return Error{Code::forbidden, "institution/not-own",
                 actor.member.text() + " cannot sign " + std::string(type) + " for " +
                     about.text() + "; its own seal or a role with this statement can."};
}

Result<> check_new_member(const Institution& institution, const Member& member) {
    if (find_member(institution, member.id) != nullptr) {
        return Error{Code::conflict, "institution/member-exists",
                     "The register has a party " + member.id.text() + "; choose another id."};
    }
    return check_member(institution.charter, member, Place("institution/bad-member"));
}

Result<> check_change(const Institution& institution, const StatusChange& change) {
    if (find_by_id(institution.charter.statuses, change.status) == nullptr) {
        return Error{Code::not_found, "institution/no-such-status",
                     "The charter has no status " + change.status.text() + "."};
    }
    for (const SourceId& source : change.sources) {
        if (find_by_id(institution.charter.sources, source) == nullptr) {
            return Error{Code::not_found, "institution/no-such-source",
                         "The charter has no source " + source.text() + "."};
        }
    }
    if (change.note) {
        TRY(check_text(*change.note, text_bytes_max,
                       Place("institution/bad-text").at("change").at("note")));
    }
    return {};
}

/// The keys that sign the record itself are nobody's seal.
bool is_record_key(const Founding& founding, const crypto::PublicKey& key) {
    return key == founding.checkpoint_key || key == founding.receipt_key;
}

/// What the amendment lists replaces what has the same id, or is added at the end.
template <class Element>
void amend(std::vector<Element>& list, const std::vector<Element>& changes) {
    for (const Element& change : changes) {
        const auto same = std::find_if(list.begin(), list.end(), [&](const Element& element) {
            return element.id == change.id;
        });
        if (same == list.end()) {
            list.push_back(change);
        } else {
            *same = change;
        }
    }
}

void amend(Charter& charter, const CharterAmendment& amendment) {
    if (amendment.purposes) charter.purposes = *amendment.purposes;
    amend(charter.sources, amendment.sources);
    amend(charter.classes, amendment.classes);
    amend(charter.statuses, amendment.statuses);
    amend(charter.organs, amendment.organs);
    amend(charter.roles, amendment.roles);
    amend(charter.procedures, amendment.procedures);
    amend(charter.units, amendment.units);
    amend(charter.item_classes, amendment.item_classes);
    amend(charter.end_uses, amendment.end_uses);
    amend(charter.groups, amendment.groups);
}

/// The amendment's own lists name nothing twice: "the last one wins" would be a silent choice.
template <class Element>
Result<> check_once(const std::vector<Element>& changes, std::string_view list) {
    for (std::size_t i = 1; i < changes.size(); ++i) {
        const auto end = changes.begin() + static_cast<std::ptrdiff_t>(i);
        const bool is_twice = std::any_of(changes.begin(), end, [&](const Element& before) {
            return before.id == changes[i].id;
        });
        if (!is_twice) continue;
        return Place("institution/bad-amendment")
            .at(list)
            .at(i)
            .at("id")
            .error("The amendment names " + changes[i].id.text() + " twice; keep one.");
    }
    return {};
}

template <class... Lists>
bool are_empty(const Lists&... lists) {
    return (lists.empty() && ...);
}

}  // namespace

void enter_member(Institution& institution, std::uint64_t index, const Member& member) {
    MemberRecord record{.member_class = member.member_class,
                        .name = member.name,
                        .area = member.area,
                        .history = {},
                        .recorded_at = index};
    record.history.reserve(member.history.size());
    for (const StatusChange& change : member.history) {
        record.history.push_back(RecordedStatus{change, index});
    }
    const bool is_new = institution.members.emplace(member.id, std::move(record)).second;
    COMITY_CHECK(is_new);
}

void enter_key(Institution& institution, std::uint64_t index, const KeyRegistration& registration) {
    const bool is_new =
        institution.key_register.keys
            .emplace(
                crypto::thumbprint(registration.public_key),
                KeyRecord{
                    registration.member, registration.delegate, registration.public_key, index, {}})
            .second;
    COMITY_CHECK(is_new);
    institution.members.at(registration.member).keys_in_force += 1;
}

Bytes key_proof_message(const std::string& origin, const KeyRegistration& registration) {
    const std::string delegate = registration.delegate ? registration.delegate->text() : "";
    const std::string message = "comity/key/v1\n" + origin + "\n" + registration.member.text() +
                                "\n" + delegate + "\n" + registration.public_key.text() + "\n";
    const BytesView octets = bytes_of(message);
    return Bytes(octets.begin(), octets.end());
}

Result<> check(const Institution& institution, const Act&, const Member& member) {
    return check_new_member(institution, member);
}

Result<> check_admission(const Institution& institution, const Member& member) {
    return check_new_member(institution, member);
}

Result<> check(const Institution& institution, const Act&, const StatusNotice& notice) {
    const MemberRecord* member = find_member(institution, notice.member);
    if (member == nullptr) return no_such_member(notice.member);
    TRY(check_change(institution, notice.change));
    if (member->history.size() >= history_max) {
        return Error{Code::too_large, "institution/too-many-changes",
                     notice.member.text() + " has " + std::to_string(history_max) +
                         " changes of status, which is the limit."};
    }
    const bool is_known = std::any_of(member->history.begin(), member->history.end(),
                                      [&](const RecordedStatus& recorded) {
                                          return recorded.change.status == notice.change.status &&
                                                 recorded.change.from == notice.change.from;
                                      });
    if (is_known) {
        return Error{Code::conflict, "institution/status-exists",
                     "The record has " + notice.member.text() + " as " +
                         notice.change.status.text() + " from " + notice.change.from.text() + "."};
    }
    return {};
}

Result<> check(const Institution& institution, const Act& act,
               const KeyRegistration& registration) {
    const MemberRecord* member = find_member(institution, registration.member);
    if (member == nullptr) return no_such_member(registration.member);
    TRY(check_right(institution, act.actor, registration.member, "institution.key"));
    const crypto::PublicKey& key = registration.public_key;
    const auto& keys = institution.key_register.keys;
    if (is_record_key(institution.founding, key) || keys.contains(crypto::thumbprint(key))) {
        return Error{Code::conflict, "institution/key-exists",
                     "This key is or was registered in this record; make a new one."};
    }
    if (member->keys_in_force >= keys_per_member_max) {
        return Error{Code::too_large, "institution/too-many-keys",
                     registration.member.text() + " has " + std::to_string(keys_per_member_max) +
                         " keys in force, which is the limit; revoke one first."};
    }
    const Bytes message = key_proof_message(institution.founding.origin, registration);
    if (!crypto::verify(key, message, registration.proof)) {
        return Error{Code::invalid, "institution/bad-key-proof",
                     "The proof is not a signature by the new key for this record, party and "
                     "delegate; sign it again with the new key."};
    }
    return {};
}

Result<> check(const Institution& institution, const Act& act, const KeyRevocation& revocation) {
    const auto found = institution.key_register.keys.find(revocation.key);
    if (found == institution.key_register.keys.end()) {
        return Error{Code::not_found, "institution/no-such-key",
                     "No key " + revocation.key.text() + " is registered."};
    }
    const KeyRecord& record = found->second;
    // Whoever finds a key may revoke it with that key: worse than losing it is losing it unnoticed.
    if (act.actor.key != revocation.key) {
        TRY(check_right(institution, act.actor, record.member, "institution.key_revocation"));
    }
    if (record.revoked_at) {
        return Error{Code::conflict, "institution/key-revoked",
                     "This key was revoked at entry " + std::to_string(*record.revoked_at) + "."};
    }
    return check_text(revocation.reason, text_bytes_max,
                      Place("institution/bad-text").at("reason"));
}

Result<> check(const Institution& institution, const Act& act, const Mandate& mandate) {
    if (find_member(institution, mandate.member) == nullptr) return no_such_member(mandate.member);
    TRY(check_right(institution, act.actor, mandate.member, "institution.mandate"));
    if (institution.mandates.contains(mandate.id)) {
        return Error{Code::conflict, "institution/mandate-exists",
                     "The register has a mandate " + mandate.id.text() + "; choose another id."};
    }
    if (find_organ(institution, mandate.organ) == nullptr) {
        return Error{Code::not_found, "institution/no-such-organ",
                     "The charter has no organ " + mandate.organ.text() + "."};
    }
    if (mandate.until <= mandate.from) {
        return Error{Code::invalid, "institution/empty-period",
                     "The mandate ends before it begins; until comes after from."};
    }
    if (mandate.until <= institution.now) {
        return Error{Code::invalid, "institution/mandate-over",
                     "The mandate ends at " + mandate.until.text() + ", and it is " +
                         institution.now.text() + "; give a later end."};
    }
    return {};
}

Result<> check(const Institution& institution, const Act& act, const MandateEnd& end) {
    const auto found = institution.mandates.find(end.id);
    if (found == institution.mandates.end()) {
        return Error{Code::not_found, "institution/no-such-mandate",
                     "The register has no mandate " + end.id.text() + "."};
    }
    const MandateRecord& record = found->second;
    TRY(check_right(institution, act.actor, record.mandate.member, "institution.mandate_end"));
    if (record.ended_at || record.mandate.until <= institution.now) {
        return Error{Code::conflict, "institution/mandate-ended",
                     "The mandate " + end.id.text() + " is over."};
    }
    return {};
}

Result<> check(const Institution& institution, const Act& act, const ClockTick& tick) {
    const bool is_operator = act.actor.member == institution.founding.operator_id ||
                             has_role_for(institution, act.actor.member, "institution.clock");
    if (!is_operator) {
        return Error{Code::forbidden, "institution/not-operator",
                     "Only the operator logs the time; " + act.actor.member.text() + " is not."};
    }
    if (tick.time <= institution.now) {
        return Error{Code::conflict, "institution/clock-not-later",
                     "The clock stands at " + institution.now.text() + "; give a later time."};
    }
    if (tick.time.seconds - institution.now.seconds > clock_step_seconds_max) {
        return Error{Code::invalid, "institution/clock-step-too-long",
                     "The clock moves at most " + std::to_string(clock_step_seconds_max) +
                         " seconds in one entry; it stands at " + institution.now.text() + "."};
    }
    return {};
}

Result<> check(const Institution& institution, const CharterAmendment& amendment) {
    const auto& a = amendment;
    if (!a.purposes && are_empty(a.sources, a.classes, a.statuses, a.organs, a.roles, a.procedures,
                                 a.units, a.item_classes, a.end_uses, a.groups)) {
        return Error{Code::invalid, "institution/empty-amendment",
                     "The amendment changes nothing; list what it replaces or adds."};
    }
    TRY(check_once(a.sources, "sources"));
    TRY(check_once(a.classes, "classes"));
    TRY(check_once(a.statuses, "statuses"));
    TRY(check_once(a.organs, "organs"));
    TRY(check_once(a.roles, "roles"));
    TRY(check_once(a.procedures, "procedures"));
    TRY(check_once(a.units, "units"));
    TRY(check_once(a.item_classes, "item_classes"));
    TRY(check_once(a.end_uses, "end_uses"));
    TRY(check_once(a.groups, "groups"));
    Charter amended = institution.charter;
    amend(amended, amendment);
    return check_charter(
        amended, [&](const MemberId& id) { return find_member(institution, id) != nullptr; });
}

void apply(Institution& institution, const Act& act, const Member& member) {
    enter_member(institution, act.index, member);
}

void apply_admission(Institution& institution, std::uint64_t index, const Member& member) {
    enter_member(institution, index, member);
}

void apply(Institution& institution, const Act& act, const StatusNotice& notice) {
    auto& history = institution.members.at(notice.member).history;
    // After those of the same day: what the record learnt last about a day is what holds.
    const auto place = std::upper_bound(
        history.begin(), history.end(), notice.change.from,
        [](Date day, const RecordedStatus& recorded) { return day < recorded.change.from; });
    history.insert(place, RecordedStatus{notice.change, act.index});
}

void apply(Institution& institution, const Act& act, const KeyRegistration& registration) {
    enter_key(institution, act.index, registration);
}

void apply(Institution& institution, const Act& act, const KeyRevocation& revocation) {
    KeyRecord& record = institution.key_register.keys.at(revocation.key);
    COMITY_CHECK(!record.revoked_at);
    record.revoked_at = act.index;
    institution.members.at(record.member).keys_in_force -= 1;
}

void apply(Institution& institution, const Act& act, const Mandate& mandate) {
    const bool is_new =
        institution.mandates.emplace(mandate.id, MandateRecord{mandate, act.index, {}}).second;
    COMITY_CHECK(is_new);
    institution.members.at(mandate.member).mandates.push_back(mandate.id);
}

void apply(Institution& institution, const Act& act, const MandateEnd& end) {
    institution.mandates.at(end.id).ended_at = act.index;
}

void apply(Institution& institution, const Act&, const ClockTick& tick) {
    institution.now = tick.time;
}

void apply_amendment(Institution& institution, const CharterAmendment& amendment) {
    amend(institution.charter, amendment);
    institution.charter_version += 1;
}

}  // namespace comity::institution
