// SPDX-License-Identifier: Apache-2.0
#pragma once

// What an institution says of itself: classes, statuses, organs, roles, procedures, units, dated
// lists and founding members. Plain data that members adopt and amend; no rule of a real
// organization is in the code.

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/language.h"
#include "base/time.h"
#include "institution/ids.h"
#include "institution/procedure.h"

namespace comity::institution {

/// Where a fact comes from, and how sure it is.
enum class Confidence { high, medium, low };
BOOST_DESCRIBE_ENUM(Confidence, high, medium, low)

struct Source {
    SourceId id;
    std::string title;
    std::optional<std::string> url;
    Date date;  ///< of the publication or, where it has none, of the reading
};
BOOST_DESCRIBE_STRUCT(Source, (), (id, title, url, date))

struct MembershipClass {
    ClassId id;
    LocalizedText name;
    std::set<std::string> statements;  ///< statement types its parties may sign: "exchange.need"
    bool in_benefit_ledger = false;    ///< whether equality of benefit is measured over this class
};
BOOST_DESCRIBE_STRUCT(MembershipClass, (), (id, name, statements, in_benefit_ledger))

struct Status {
    StatusId id;
    LocalizedText name;
};
BOOST_DESCRIBE_STRUCT(Status, (), (id, name))

/// An organ decides: its entitled members are the parties of these classes with these statuses.
struct Organ {
    OrganId id;
    LocalizedText name;
    std::set<ClassId> classes;
    std::set<StatusId> statuses;
};
BOOST_DESCRIBE_STRUCT(Organ, (), (id, name, classes, statuses))

/// A function in the institution (operator, registrar, secretariat) and the party that holds it.
struct Role {
    RoleId id;
    LocalizedText name;
    MemberId holder;
    std::set<std::string> statements;  ///< statement types its holder may sign
};
BOOST_DESCRIBE_STRUCT(Role, (), (id, name, holder, statements))

/// What a pool is counted in. Amounts in different units are never added.
struct Unit {
    UnitId id;
    LocalizedText name;
};
BOOST_DESCRIBE_STRUCT(Unit, (), (id, name))

struct ItemClass {
    ItemClassId id;
    LocalizedText name;
};
BOOST_DESCRIBE_STRUCT(ItemClass, (), (id, name))

struct EndUse {
    EndUseId id;
    LocalizedText name;
};
BOOST_DESCRIBE_STRUCT(EndUse, (), (id, name))

struct GroupMembership {
    AreaCode area;
    Date from;
    std::optional<Date> until;  ///< first day on which it is no longer listed
};
BOOST_DESCRIBE_STRUCT(GroupMembership, (), (area, from, until))

/// A dated list that somebody else publishes (LDC, LLDC, SIDS, an income group).
struct Group {
    GroupId id;
    LocalizedText name;
    SourceId source;
    std::vector<GroupMembership> members;
};
BOOST_DESCRIBE_STRUCT(Group, (), (id, name, source, members))

struct StatusChange {
    StatusId status;
    Date from;
    std::vector<SourceId> sources;
    Confidence confidence = Confidence::high;
    std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(StatusChange, (), (status, from, sources, confidence, note))

/// A party of the register, as founded, registered or admitted.
struct Member {
    MemberId id;
    ClassId member_class;
    LocalizedText name;
    std::optional<AreaCode> area;       ///< seat, for screening and for dated groups
    std::vector<StatusChange> history;  ///< oldest first
};
BOOST_DESCRIBE_STRUCT(Member, (), (id, member_class, name, area, history))

struct Charter {
    LocalizedText purposes;
    std::vector<Source> sources;
    std::vector<MembershipClass> classes;
    std::vector<Status> statuses;
    std::vector<Organ> organs;
    std::vector<Role> roles;
    std::vector<Procedure> procedures;
    std::vector<Unit> units;
    std::vector<ItemClass> item_classes;
    std::vector<EndUse> end_uses;
    std::vector<Group> groups;
    std::vector<Member> members;  ///< the founding ones
};
BOOST_DESCRIBE_STRUCT(Charter, (),
                      (purposes, sources, classes, statuses, organs, roles, procedures, units,
                       item_classes, end_uses, groups, members))

/// A change of the charter: what is listed replaces what has the same id, or is added. Nothing is
/// removed silently; members change by status, never here.
struct CharterAmendment {
    std::optional<LocalizedText> purposes;
    std::vector<Source> sources;
    std::vector<MembershipClass> classes;
    std::vector<Status> statuses;
    std::vector<Organ> organs;
    std::vector<Role> roles;
    std::vector<Procedure> procedures;
    std::vector<Unit> units;
    std::vector<ItemClass> item_classes;
    std::vector<EndUse> end_uses;
    std::vector<Group> groups;
};
BOOST_DESCRIBE_STRUCT(CharterAmendment, (),
                      (purposes, sources, classes, statuses, organs, roles, procedures, units,
                       item_classes, end_uses, groups))

}  // namespace comity::institution
