// SPDX-License-Identifier: Apache-2.0
#pragma once

// What parties and offices sign about the institution itself. Content type of each:
// application/vnd.comity.institution.<name>+json with the name in the comment.

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/language.h"
#include "base/time.h"
#include "crypto/key.h"
#include "crypto/sha256.h"
#include "institution/charter.h"
#include "institution/ids.h"

namespace comity::institution {

/// `charter`: entry 1. Signed with operator_key. The payload is the Charter.

/// `member`: registers a party or a founding member that the charter does not list. Payload:
/// Member.

/// `status`: a dated change of a party's status (a signature, a ratification, a withdrawal).
struct StatusNotice {
    MemberId member;
    StatusChange change;
};
BOOST_DESCRIBE_STRUCT(StatusNotice, (), (member, change))

/// `key`: a public key of a party, or of a delegate of it. `proof` is the signature of
/// key_proof_message by the new key itself.
struct KeyRegistration {
    MemberId member;
    std::optional<DelegateId> delegate;  ///< absent: the seal of the party itself
    crypto::PublicKey public_key;
    Bytes proof;
};
BOOST_DESCRIBE_STRUCT(KeyRegistration, (), (member, delegate, public_key, proof))

/// What a new key signs to prove that its holder has it, for this record and this party only.
Bytes key_proof_message(const std::string& origin, const KeyRegistration& registration);

/// `founding`: entry 0. Identity and keys of the record. Signed with operator_key.
struct Founding {
    std::string origin;  ///< name of the record in checkpoints and in every statement's audience
    LocalizedText name;
    std::optional<LocalizedText> demonstration;  ///< the label that every page, export and receipt
                                                 ///< shows; absent for a real institution
    crypto::PublicKey checkpoint_key;            ///< Ed25519
    crypto::PublicKey receipt_key;               ///< ES256
    MemberId operator_id;                        ///< the party that orders statements
    crypto::PublicKey operator_key;
    std::vector<KeyRegistration> seals;  ///< of the parties that act before any key is registered;
                                         ///< at least of one that may register others' keys
    Timestamp founded_at;                ///< where the logged clock starts
};
BOOST_DESCRIBE_STRUCT(Founding, (),
                      (origin, name, demonstration, checkpoint_key, receipt_key, operator_id,
                       operator_key, seals, founded_at))

/// `key_revocation`: the key is not valid for entries after this one.
struct KeyRevocation {
    Digest key;  ///< thumbprint
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(KeyRevocation, (), (key, reason))

/// `mandate`: credentials of a delegate in an organ, from `from` until just before `until`.
struct Mandate {
    MandateId id;
    MemberId member;
    DelegateId delegate;
    OrganId organ;
    Timestamp from;
    Timestamp until;
};
BOOST_DESCRIBE_STRUCT(Mandate, (), (id, member, delegate, organ, from, until))

/// `mandate_end`: ends a mandate early.
struct MandateEnd {
    MandateId id;
};
BOOST_DESCRIBE_STRUCT(MandateEnd, (), (id))

/// `clock`: the operator logs the time. Deadlines close here and nowhere else. Later than the last.
struct ClockTick {
    Timestamp time;
};
BOOST_DESCRIBE_STRUCT(ClockTick, (), (time))

/// `state_root`: what the state is after the first `size` entries, this one not counted.
struct StateRoot {
    std::uint64_t size = 0;  ///< index of this very entry
    Digest root;
};
BOOST_DESCRIBE_STRUCT(StateRoot, (), (size, root))

}  // namespace comity::institution
