// SPDX-License-Identifier: Apache-2.0
#pragma once

// The institution as the record has made it: charter, register of parties, keys and mandates.
//
// Pure values and functions. `check` says whether a statement may be entered and changes nothing;
// `apply` enters one that check accepted and cannot fail. Signature, audience and the right of the
// actor to sign this type of statement are settled before (state/, with the functions below).

#include <boost/describe.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "crypto/key.h"
#include "institution/charter.h"
#include "institution/statements.h"

namespace comity::institution {

/// Who signed: the party and, for a delegate's key, the delegate.
struct Actor {
    MemberId member;
    std::optional<DelegateId> delegate;
    Digest key;
};

/// The circumstances of a statement: its place in the record, the logged time there, who signed.
struct Act {
    std::uint64_t index = 0;
    Timestamp now;
    Actor actor;
};

struct RecordedStatus {
    StatusChange change;
    std::uint64_t recorded_at = 0;  ///< index of the entry that said so
};
BOOST_DESCRIBE_STRUCT(RecordedStatus, (), (change, recorded_at))

struct MemberRecord {
    ClassId member_class;
    LocalizedText name;
    std::optional<AreaCode> area;
    std::vector<RecordedStatus> history;  ///< by date, then by index
    std::uint64_t recorded_at = 0;
    std::uint32_t keys_in_force = 0;  ///< of the party and its delegates; keys_per_member_max
    std::vector<MandateId> mandates =
        {};  ///< of its delegates, by entry, ended ones too; apply adds
};
BOOST_DESCRIBE_STRUCT(MemberRecord, (),
                      (member_class, name, area, history, recorded_at, keys_in_force, mandates))

struct KeyRecord {
    MemberId member;
    std::optional<DelegateId> delegate;
    crypto::PublicKey public_key;
    std::uint64_t registered_at = 0;          ///< valid for entries after this one
    std::optional<std::uint64_t> revoked_at;  ///< not valid for entries after this one
};
BOOST_DESCRIBE_STRUCT(KeyRecord, (), (member, delegate, public_key, registered_at, revoked_at))

struct MandateRecord {
    Mandate mandate;
    std::uint64_t recorded_at = 0;
    std::optional<std::uint64_t> ended_at;
};
BOOST_DESCRIBE_STRUCT(MandateRecord, (), (mandate, recorded_at, ended_at))

/// The keys stand apart: their part of the state root is what a receipt needs (docs/spec/state.md).
struct KeyRegister {
    std::map<Digest, KeyRecord> keys;  ///< by thumbprint
};
BOOST_DESCRIBE_STRUCT(KeyRegister, (), (keys))

struct Institution {
    Founding founding;
    Charter charter;                    ///< as amended; `members` holds the founding ones only
    std::uint32_t charter_version = 0;  ///< 1 as founded, one more with each amendment
    Timestamp now;                      ///< the logged clock
    std::map<MemberId, MemberRecord> members;
    std::map<MandateId, MandateRecord> mandates;
    KeyRegister key_register;  ///< not described here: a part of its own in the state
};
BOOST_DESCRIBE_STRUCT(Institution, (), (founding, charter, charter_version, now, members, mandates))

/// The state after entries 0 and 1. Checks the whole: ids unique, references resolve, every role's
/// holder is a party, the operator's party exists, origin well formed, keys of the right algorithm.
/// The operator key is registered at index 0 as the operator party's seal, and so are the seals.
/// Errors: invalid "institution/bad-founding", "institution/bad-charter", with the place.
Result<Institution> found(const Founding& founding, const Charter& charter);

/// The actor behind `key` at `index`: registered before it and not revoked before it.
/// Errors: unauthenticated "institution/unknown-key", "institution/revoked-key".
Result<Actor> actor_of(const KeyRegister& keys, const Digest& key, std::uint64_t index);

/// Whether the actor's class or one of its roles may sign `type` ("exchange.need").
/// Errors: forbidden "institution/not-permitted", naming class and roles.
Result<> may_sign(const Institution& institution, const Actor& actor, std::string_view type);

/// Whether the actor is a delegate with a mandate for `organ` in force at `now`, of a party
/// entitled in that organ. Errors: forbidden "institution/no-mandate",
/// "institution/mandate-not-in-force", "institution/not-entitled".
Result<> may_act_in(const Institution& institution, const Actor& actor, const OrganId& organ);

/// Status of a party on a day; absent before its first. `known_before`: what the record knew before
/// that index (as of an index), or everything.
std::optional<StatusId> status_on(const MemberRecord& member, Date day,
                                  std::optional<std::uint64_t> known_before = {});

/// Parties with `status` in `statuses` on `day`, by id.
std::vector<MemberId> members_with_status(const Institution& institution,
                                          const std::set<StatusId>& statuses, Date day,
                                          std::optional<std::uint64_t> known_before = {});

/// Parties entitled in `organ` on `day`, by id. Empty for an unknown organ.
std::vector<MemberId> entitled(const Institution& institution, const OrganId& organ, Date day);

/// Whether `area` is on the dated list on `day`. False for an unknown group.
bool in_group(const Institution& institution, const GroupId& group, const AreaCode& area, Date day);

const Organ* find_organ(const Institution&, const OrganId&);
const Procedure* find_procedure(const Institution&, const ProcedureId&);
const MembershipClass* find_class(const Institution&, const ClassId&);
const Unit* find_unit(const Institution&, const UnitId&);
const ItemClass* find_item_class(const Institution&, const ItemClassId&);
const EndUse* find_end_use(const Institution&, const EndUseId&);
const MemberRecord* find_member(const Institution&, const MemberId&);

/// Whether the party holds a role to which the charter gives `type`.
bool has_role_for(const Institution& institution, const MemberId& member, std::string_view type);

/// Rights in detail (beside may_sign): a party's key or mandate is stated by the registrar role's
/// holder (a role permitted that statement) or by the party's own seal; a delegate's key may
/// neither register keys nor give mandates. Clock: later than `now`, at most clock_step_seconds_max
/// ahead of it. Every refusal has a reason "institution/…".
Result<> check(const Institution&, const Act&, const Member&);
Result<> check(const Institution&, const Act&, const StatusNotice&);
Result<> check(const Institution&, const Act&, const KeyRegistration&);  ///< verifies `proof`
Result<> check(const Institution&, const Act&, const KeyRevocation&);
Result<> check(const Institution&, const Act&, const Mandate&);
Result<> check(const Institution&, const Act&, const MandateEnd&);
Result<> check(const Institution&, const Act&, const ClockTick&);
Result<> check(const Institution&, const CharterAmendment&);  ///< the amended charter must hold
Result<> check_admission(const Institution&, const Member&);  ///< by an adopted motion

void apply(Institution&, const Act&, const Member&);
void apply(Institution&, const Act&, const StatusNotice&);
void apply(Institution&, const Act&, const KeyRegistration&);
void apply(Institution&, const Act&, const KeyRevocation&);
void apply(Institution&, const Act&, const Mandate&);
void apply(Institution&, const Act&, const MandateEnd&);
void apply(Institution&, const Act&, const ClockTick&);
void apply_amendment(Institution&, const CharterAmendment&);
void apply_admission(Institution&, std::uint64_t index, const Member&);

}  // namespace comity::institution
