// SPDX-License-Identifier: Apache-2.0
#include "institution/institution.h"

#include <algorithm>

#include "institution/charter_check.h"
#include "institution/register.h"

namespace comity::institution {

namespace {

/// The roles of a party, for a sentence: "operator, registrar" or "no role".
std::string roles_of(const Institution& institution, const MemberId& member) {
    std::string roles;
    for (const Role& role : institution.charter.roles) {
        if (role.holder != member) continue;
        if (!roles.empty()) roles += ", ";
        roles += role.id.text();
    }
    return roles.empty() ? "no role" : roles;
}

bool is_entitled(const Organ& organ, const MemberRecord& member, Date day) {
    if (!organ.classes.contains(member.member_class)) return false;
    const auto status = status_on(member, day);
    return status && organ.statuses.contains(*status);
}

bool is_in_force(const MandateRecord& record, Timestamp now) {
    return !record.ended_at && record.mandate.from <= now && now < record.mandate.until;
}

Result<> check_mandate(const Institution& institution, const MemberId& member,
                       const DelegateId& delegate, const OrganId& organ) {
    bool has_one = false;
    for (const MandateId& id : institution.members.at(member).mandates) {
        const MandateRecord& record = institution.mandates.at(id);
        if (record.mandate.delegate != delegate || record.mandate.organ != organ) continue;
        if (is_in_force(record, institution.now)) return {};
        has_one = true;
    }
    const std::string who = "Delegate " + delegate.text() + " of " + member.text();
    if (has_one) {
        return Error{Code::forbidden, "institution/mandate-not-in-force",
                     who + " has no mandate in force for " + organ.text() + " at " +
                         institution.now.text() + "; ask the party for a new one."};
    }
    return Error{Code::forbidden, "institution/no-mandate",
                 who + " has no mandate for " + organ.text() + "; ask the party for one."};
}

}  // namespace

Result<Institution> found(const Founding& founding, const Charter& charter) {
    TRY(check_founding(founding, charter));
    TRY(check_charter(
        charter, [&](const MemberId& id) { return find_by_id(charter.members, id) != nullptr; }));

    Institution institution;
    institution.founding = founding;
    institution.charter = charter;
    institution.charter_version = 1;
    institution.now = founding.founded_at;
    for (const Member& member : charter.members) enter_member(institution, charter_index, member);
    enter_key(institution, founding_index,
              KeyRegistration{founding.operator_id, {}, founding.operator_key, {}});
    for (const KeyRegistration& seal : founding.seals) {
        enter_key(institution, founding_index, seal);
    }
    return institution;
}

Result<Actor> actor_of(const KeyRegister& keys, const Digest& key, std::uint64_t index) {
    const auto found = keys.keys.find(key);
    const bool is_known =
        found != keys.keys.end() &&
        (found->second.registered_at < index || found->second.registered_at == founding_index);
    if (!is_known) {
        return Error{Code::unauthenticated, "institution/unknown-key",
                     "No party has registered this key " + key.text() + " before entry " +
                         std::to_string(index) + "; register it first."};
    }
    const KeyRecord& record = found->second;
    if (record.revoked_at && *record.revoked_at < index) {
        return Error{Code::unauthenticated, "institution/revoked-key",
                     "This key " + key.text() + " was revoked at entry " +
                         std::to_string(*record.revoked_at) + "; sign with a key in force."};
    }
    return Actor{record.member, record.delegate, key};
}

bool has_role_for(const Institution& institution, const MemberId& member, std::string_view type) {
    const std::string wanted(type);
    return std::any_of(institution.charter.roles.begin(), institution.charter.roles.end(),
                       [&](const Role& role) {
                           return role.holder == member && role.statements.contains(wanted);
                       });
}

Result<> may_sign(const Institution& institution, const Actor& actor, std::string_view type) {
    const MemberRecord* member = find_member(institution, actor.member);
    COMITY_CHECK(member != nullptr);  // a key is registered for a party, and parties stay
    const MembershipClass* of_class = find_class(institution, member->member_class);
    COMITY_CHECK(of_class != nullptr);  // classes are replaced, never removed
    if (of_class->statements.contains(std::string(type))) return {};
    if (has_role_for(institution, actor.member, type)) return {};
    return Error{Code::forbidden, "institution/not-permitted",
                 "The charter does not let " + actor.member.text() + " sign " + std::string(type) +
                     " (class " + member->member_class.text() + ", " +
                     roles_of(institution, actor.member) + ")."};
}

Result<> may_act_in(const Institution& institution, const Actor& actor, const OrganId& organ) {
    if (!actor.delegate) {
        return Error{Code::forbidden, "institution/no-mandate",
                     "The seal of " + actor.member.text() + " does not act in " + organ.text() +
                         "; a delegate with a mandate does."};
    }
    const MemberRecord* member = find_member(institution, actor.member);
    COMITY_CHECK(member != nullptr);
    TRY(check_mandate(institution, actor.member, *actor.delegate, organ));
    const Organ* found = find_organ(institution, organ);
    COMITY_CHECK(found != nullptr);  // a mandate names an organ that exists, and organs stay
    if (!is_entitled(*found, *member, date_of(institution.now))) {
        return Error{Code::forbidden, "institution/not-entitled",
                     actor.member.text() + " is not entitled in " + organ.text() + " on " +
                         date_of(institution.now).text() + ", by its class or its status."};
    }
    return {};
}

std::optional<StatusId> status_on(const MemberRecord& member, Date day,
                                  std::optional<std::uint64_t> known_before) {
    for (auto it = member.history.rbegin(); it != member.history.rend(); ++it) {
        const bool was_known = !known_before || it->recorded_at < *known_before;
        if (was_known && it->change.from <= day) return it->change.status;
    }
    return std::nullopt;
}

std::vector<MemberId> members_with_status(const Institution& institution,
                                          const std::set<StatusId>& statuses, Date day,
                                          std::optional<std::uint64_t> known_before) {
    std::vector<MemberId> found;
    for (const auto& [id, member] : institution.members) {
        const auto status = status_on(member, day, known_before);
        if (status && statuses.contains(*status)) found.push_back(id);
    }
    return found;
}

std::vector<MemberId> entitled(const Institution& institution, const OrganId& organ, Date day) {
    const Organ* of = find_organ(institution, organ);
    if (of == nullptr) return {};
    std::vector<MemberId> found;
    for (const auto& [id, member] : institution.members) {
        if (is_entitled(*of, member, day)) found.push_back(id);
    }
    return found;
}

bool in_group(const Institution& institution, const GroupId& group, const AreaCode& area,
              Date day) {
    const Group* list = find_by_id(institution.charter.groups, group);
    if (list == nullptr) return false;
    return std::any_of(list->members.begin(), list->members.end(), [&](const GroupMembership& one) {
        return one.area == area && one.from <= day && (!one.until || day < *one.until);
    });
}

const Organ* find_organ(const Institution& institution, const OrganId& id) {
    return find_by_id(institution.charter.organs, id);
}

const Procedure* find_procedure(const Institution& institution, const ProcedureId& id) {
    return find_by_id(institution.charter.procedures, id);
}

const MembershipClass* find_class(const Institution& institution, const ClassId& id) {
    return find_by_id(institution.charter.classes, id);
}

const Unit* find_unit(const Institution& institution, const UnitId& id) {
    return find_by_id(institution.charter.units, id);
}

const ItemClass* find_item_class(const Institution& institution, const ItemClassId& id) {
    return find_by_id(institution.charter.item_classes, id);
}

const EndUse* find_end_use(const Institution& institution, const EndUseId& id) {
    return find_by_id(institution.charter.end_uses, id);
}

const MemberRecord* find_member(const Institution& institution, const MemberId& id) {
    const auto found = institution.members.find(id);
    return found == institution.members.end() ? nullptr : &found->second;
}

}  // namespace comity::institution
