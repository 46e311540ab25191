// SPDX-License-Identifier: Apache-2.0
#pragma once

// Statement: one signed act, and its one encoding as an entry of the record.
//
// An entry is a COSE_Sign1 with an empty unprotected header (crypto/cose.h) whose protected header
// is the deterministic CBOR map
//
//     {1: alg, 3: content type, 4: kid (32 octets), 15: {1: iss, 2: sub, 3: aud, 6: iat}}
//
// with exactly these members. What parse_statement accepts, entry_bytes gives back octet for octet;
// there is no second encoding of the same statement. The Merkle leaf is the hash of the entry.
// Pure functions, safe from any thread. Format and vectors: docs/spec/record.md.
// Sources: RFC 9052, RFC 9597 (claims in the header), RFC 9943 (SCITT).

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/cose.h"
#include "crypto/key.h"
#include "crypto/sha256.h"
#include "record/content_type.h"

namespace comity::record {

inline constexpr std::size_t entry_bytes_max = 65'535;  // C2SP tlog-tiles: a 16-bit length
inline constexpr std::size_t claim_bytes_max = 256;     // each of issuer, subject, audience

/// What the issuer claims and signs besides the payload.
struct StatementHeader {
    std::int64_t algorithm = 0;  ///< COSE: -19, -9, -8 or -7
    ContentType content_type;
    Digest key_id;         ///< thumbprint of the issuer's key
    std::string issuer;    ///< who speaks
    std::string subject;   ///< what it is about
    std::string audience;  ///< the origin of the record it is for
    Timestamp issued_at;   ///< the issuer's claim; order on the record is what counts
};

struct Statement {
    StatementHeader header;
    crypto::CoseSign1 cose;
};

/// Reads an entry strictly. The signature is not checked: see verify_signature.
/// Issuer, subject and audience are 1 to 256 octets of UTF-8 without control characters.
/// Errors: too_large "record/entry-too-large"; invalid "record/bad-statement".
Result<Statement> parse_statement(BytesView entry);

/// The entry that `statement` was parsed from, octet for octet.
Bytes entry_bytes(const Statement& statement);

/// SHA-256 of the signed octets (Sig_structure) and the key id: equal for the same act by the same
/// key, whatever its signature, so that a second signature makes no second entry.
Digest statement_id(const Statement& statement);

/// Succeeds when the statement is signed by `key`.
/// Errors: invalid "record/wrong-key" when the key id names another key; invalid
/// "record/wrong-algorithm" when the header's algorithm is not the key's; invalid
/// "crypto/bad-signature".
Result<> verify_signature(const Statement& statement, const crypto::PublicKey& key);

/// What somebody is about to sign.
struct StatementDraft {
    ContentType content_type;
    std::string issuer;
    std::string subject;
    std::string audience;
    Timestamp issued_at;
    Bytes payload;
};

/// The signed entry of `draft`, with algorithm -19 or -9 as the key demands. A draft that breaks
/// the limits of parse_statement gives octets which parse_statement refuses.
Bytes sign_statement(const StatementDraft& draft, const crypto::PrivateKey& key);

/// Deterministic CBOR of the protected header, for signers that hold their key elsewhere.
Bytes protected_header(const StatementHeader& header);

}  // namespace comity::record
