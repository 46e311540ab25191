// SPDX-License-Identifier: Apache-2.0
#include "record/statement.h"

#include <utility>

#include "codec/cbor.h"
#include "record/signing.h"

namespace comity::record {
namespace {

using detail::check_algorithm;
using detail::claim_audience;
using detail::claim_issued_at;
using detail::claim_issuer;
using detail::claim_subject;
using detail::is_claim;
using detail::is_known_algorithm;
using detail::label_algorithm;
using detail::label_claims;
using detail::label_content_type;
using detail::label_key_id;

constexpr std::int64_t seconds_max = 253'402'300'799;  // 9999-12-31T23:59:59Z

Error bad_statement(std::string message) {
    return Error{Code::invalid, "record/bad-statement", std::move(message)};
}

Result<> expect(codec::CborReader& reader, std::int64_t label) {
    if (TRY(reader.integer()) != label) {
        return bad_statement(
            "The protected header must have exactly algorithm (1), content type (3), key id (4) "
            "and claims (15: 1, 2, 3, 6).");
    }
    return {};
}

Result<std::string> read_claim(codec::CborReader& reader, std::int64_t label) {
    TRY(expect(reader, label));
    std::string claim = TRY(reader.text());
    if (!is_claim(claim)) {
        return bad_statement(
            "Issuer, subject and audience have 1 to 256 octets and no control characters.");
    }
    return claim;
}

Result<> read_claims(codec::CborReader& reader, StatementHeader& header) {
    if (TRY(reader.map()) != 4) {
        return bad_statement("The claims must be issuer, subject, audience and time of issue.");
    }
    header.issuer = TRY(read_claim(reader, claim_issuer));
    header.subject = TRY(read_claim(reader, claim_subject));
    header.audience = TRY(read_claim(reader, claim_audience));
    TRY(expect(reader, claim_issued_at));
    header.issued_at.seconds = TRY(reader.integer());
    if (header.issued_at.seconds < 0 || header.issued_at.seconds > seconds_max) {
        return bad_statement("The time of issue is outside the years 1970 to 9999.");
    }
    return {};
}

Result<StatementHeader> read_header(BytesView octets) {
    codec::CborReader reader(octets);
    StatementHeader header;
    if (TRY(reader.map()) != 4) return bad_statement("The protected header has four members.");
    TRY(expect(reader, label_algorithm));
    header.algorithm = TRY(reader.integer());
    if (!is_known_algorithm(header.algorithm)) {
        return bad_statement("The algorithm must be -19 or -8 (Ed25519), -9 or -7 (ES256).");
    }
    TRY(expect(reader, label_content_type));
    const std::string content_type = TRY(reader.text());
    header.content_type = TRY(ContentType::parse(content_type));
    TRY(expect(reader, label_key_id));
    const BytesView key_id = TRY(reader.bytes());
    header.key_id = TRY(Digest::from_octets(key_id));
    TRY(expect(reader, label_claims));
    TRY(read_claims(reader, header));
    TRY(reader.end());
    return header;
}

Result<Statement> read_statement(BytesView entry) {
    Statement statement;
    statement.cose = TRY(crypto::parse_cose_sign1(entry));
    statement.header = TRY(read_header(statement.cose.protected_header));
    return statement;
}

}  // namespace

Result<Statement> parse_statement(BytesView entry) {
    if (entry.size() > entry_bytes_max) {
        return Error{Code::too_large, "record/entry-too-large",
                     "An entry has at most 65,535 octets; record the hash of what is larger."};
    }
    auto statement = read_statement(entry);
    // One reason for whatever is wrong with the form; the sentence says which.
    if (!statement) return bad_statement(std::move(statement).error().message);
    return statement;
}

Bytes entry_bytes(const Statement& statement) { return crypto::encode(statement.cose); }

Digest statement_id(const Statement& statement) {
    const auto& [protected_octets, payload, signature] = statement.cose;
    return sha256(
        {crypto::signature_input(protected_octets, payload), statement.header.key_id.octets});
}

Result<> verify_signature(const Statement& statement, const crypto::PublicKey& key) {
    if (crypto::thumbprint(key) != statement.header.key_id) {
        return Error{Code::invalid, "record/wrong-key",
                     "The statement names another key than the one it is checked with."};
    }
    TRY(check_algorithm(statement.header.algorithm, key));
    const auto& [protected_octets, payload, signature] = statement.cose;
    return crypto::verify(key, crypto::signature_input(protected_octets, payload), signature);
}

Bytes protected_header(const StatementHeader& header) {
    codec::CborWriter writer;
    writer.map(4);
    writer.integer(label_algorithm);
    writer.integer(header.algorithm);
    writer.integer(label_content_type);
    writer.text(header.content_type.text());
    writer.integer(label_key_id);
    writer.bytes(header.key_id.octets);
    writer.integer(label_claims);
    writer.map(4);
    writer.integer(claim_issuer);
    writer.text(header.issuer);
    writer.integer(claim_subject);
    writer.text(header.subject);
    writer.integer(claim_audience);
    writer.text(header.audience);
    writer.integer(claim_issued_at);
    writer.integer(header.issued_at.seconds);
    return writer.take();
}

Bytes sign_statement(const StatementDraft& draft, const crypto::PrivateKey& key) {
    const bool ed25519 = key.public_key().algorithm == crypto::Algorithm::ed25519;
    crypto::CoseSign1 cose;
    cose.protected_header =
        protected_header({.algorithm = ed25519 ? crypto::cose_ed25519 : crypto::cose_esp256,
                          .content_type = draft.content_type,
                          .key_id = crypto::thumbprint(key.public_key()),
                          .issuer = draft.issuer,
                          .subject = draft.subject,
                          .audience = draft.audience,
                          .issued_at = draft.issued_at});
    cose.payload = draft.payload;
    cose.signature = key.sign(crypto::signature_input(cose.protected_header, cose.payload));
    return crypto::encode(cose);
}

}  // namespace comity::record
