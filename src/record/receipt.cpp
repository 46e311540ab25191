// SPDX-License-Identifier: Apache-2.0
#include "record/receipt.h"

#include <utility>

#include "base/check.h"
#include "codec/cbor.h"
#include "crypto/cose.h"
#include "record/signing.h"

namespace comity::record {
namespace {

using detail::check_algorithm;
using detail::claim_issuer;
using detail::claim_subject;
using detail::is_claim;
using detail::label_algorithm;
using detail::label_claims;
using detail::label_key_id;
using detail::label_proof_kind;
using detail::label_proofs;

constexpr std::uint64_t tag_sign1 = 18;
constexpr std::int64_t rfc9162_sha256 = 1;
constexpr std::int64_t inclusion_proofs = -1;

Error bad_receipt(std::string message) {
    return Error{Code::invalid, "record/bad-receipt", std::move(message)};
}

struct ReceiptHeader {
    std::int64_t algorithm = 0;
    Digest key_id;
    std::string issuer;
    std::string subject;
};

struct Receipt {
    Bytes protected_octets;
    ReceiptHeader header;
    InclusionProof proof;
    Bytes signature;
};

Bytes write_header(const ReceiptHeader& header) {
    codec::CborWriter writer;
    writer.map(4);
    writer.integer(label_algorithm);
    writer.integer(header.algorithm);
    writer.integer(label_key_id);
    writer.bytes(header.key_id.octets);
    writer.integer(label_claims);
    writer.map(2);
    writer.integer(claim_issuer);
    writer.text(header.issuer);
    writer.integer(claim_subject);
    writer.text(header.subject);
    writer.integer(label_proof_kind);
    writer.integer(rfc9162_sha256);
    return writer.take();
}

Bytes write_proof(const InclusionProof& proof) {
    codec::CborWriter writer;
    writer.array(3);
    writer.integer(static_cast<std::int64_t>(proof.tree_size));
    writer.integer(static_cast<std::int64_t>(proof.leaf_index));
    writer.array(proof.path.size());
    for (const Digest& hash : proof.path) writer.bytes(hash.octets);
    return writer.take();
}

Bytes write_receipt(const Receipt& receipt) {
    codec::CborWriter writer;
    writer.tag(tag_sign1);
    writer.array(4);
    writer.bytes(receipt.protected_octets);
    writer.map(1);
    writer.integer(label_proofs);
    writer.map(1);
    writer.integer(inclusion_proofs);
    writer.array(1);
    writer.bytes(write_proof(receipt.proof));
    writer.null();  // the payload, the root, is what the proof leads to
    writer.bytes(receipt.signature);
    return writer.take();
}

Result<> expect(codec::CborReader& reader, std::int64_t number) {
    if (TRY(reader.integer()) != number) {
        return bad_receipt("The receipt has a member that does not belong there.");
    }
    return {};
}

Result<ReceiptHeader> read_header(BytesView octets) {
    codec::CborReader reader(octets);
    ReceiptHeader header;
    if (TRY(reader.map()) != 4) return bad_receipt("The protected header has four members.");
    TRY(expect(reader, label_algorithm));
    header.algorithm = TRY(reader.integer());
    TRY(expect(reader, label_key_id));
    const BytesView key_id = TRY(reader.bytes());
    header.key_id = TRY(Digest::from_octets(key_id));
    TRY(expect(reader, label_claims));
    if (TRY(reader.map()) != 2) return bad_receipt("The claims must be issuer and subject.");
    TRY(expect(reader, claim_issuer));
    header.issuer = TRY(reader.text());
    TRY(expect(reader, claim_subject));
    header.subject = TRY(reader.text());
    if (!is_claim(header.issuer) || !is_claim(header.subject)) {
        return bad_receipt("Issuer and subject have 1 to 256 octets, no control characters.");
    }
    TRY(expect(reader, label_proof_kind));
    TRY(expect(reader, rfc9162_sha256));
    TRY(reader.end());
    return header;
}

Result<std::uint64_t> read_count(codec::CborReader& reader) {
    const std::int64_t number = TRY(reader.integer());
    if (number < 0) return bad_receipt("A size or an index is negative.");
    return static_cast<std::uint64_t>(number);
}

Result<InclusionProof> read_proof(BytesView octets) {
    codec::CborReader reader(octets);
    InclusionProof proof;
    if (TRY(reader.array()) != 3) return bad_receipt("A proof is size, index and path.");
    proof.tree_size = TRY(read_count(reader));
    proof.leaf_index = TRY(read_count(reader));
    const std::size_t length = TRY(reader.array());
    if (length < 1 || length > path_length_max) return bad_receipt("A path has 1 to 63 hashes.");
    for (std::size_t i = 0; i < length; ++i) {
        const BytesView hash = TRY(reader.bytes());
        proof.path.push_back(TRY(Digest::from_octets(hash)));
    }
    TRY(reader.end());
    return proof;
}

Result<Receipt> read_receipt(BytesView octets) {
    codec::CborReader reader(octets);
    Receipt receipt;
    if (TRY(reader.tag()) != tag_sign1 || TRY(reader.array()) != 4) {
        return bad_receipt("A receipt is a COSE_Sign1 of four members.");
    }
    const BytesView header = TRY(reader.bytes());
    receipt.protected_octets.assign(header.begin(), header.end());
    receipt.header = TRY(read_header(header));
    if (TRY(reader.map()) != 1) return bad_receipt("The unprotected header is the proof only.");
    TRY(expect(reader, label_proofs));
    if (TRY(reader.map()) != 1) return bad_receipt("There must be one kind of proof.");
    TRY(expect(reader, inclusion_proofs));
    if (TRY(reader.array()) != 1) return bad_receipt("There must be one inclusion proof.");
    const BytesView proof = TRY(reader.bytes());
    receipt.proof = TRY(read_proof(proof));
    TRY(reader.null());
    const BytesView signature = TRY(reader.bytes());
    receipt.signature.assign(signature.begin(), signature.end());
    TRY(reader.end());
    return receipt;
}

}  // namespace

Result<Bytes> sign_receipt(const InclusionProof& proof, const Digest& root,
                           const ReceiptIssuer& issuer) {
    if (proof.tree_size == 1) {
        return Error{Code::invalid, "record/no-receipt-for-one-entry",
                     "A record of one entry has no receipts; append a second entry first."};
    }
    COMITY_CHECK(!proof.path.empty() && proof.path.size() <= path_length_max);
    if (!is_claim(issuer.issuer) || !is_claim(issuer.subject)) {
        return bad_receipt("Issuer and subject have 1 to 256 octets, no control characters.");
    }
    const crypto::PublicKey& key = issuer.key.public_key();
    const bool ed25519 = key.algorithm == crypto::Algorithm::ed25519;
    Receipt receipt;
    receipt.protected_octets =
        write_header({.algorithm = ed25519 ? crypto::cose_ed25519 : crypto::cose_es256,
                      .key_id = crypto::thumbprint(key),
                      .issuer = issuer.issuer,
                      .subject = issuer.subject});
    receipt.proof = proof;
    receipt.signature =
        issuer.key.sign(crypto::signature_input(receipt.protected_octets, root.octets));
    return write_receipt(receipt);
}

Result<ProvenEntry> verify_receipt(BytesView receipt, const Digest& leaf,
                                   const crypto::PublicKey& key) {
    if (receipt.size() > receipt_bytes_max) {
        return Error{Code::too_large, "record/receipt-too-large",
                     "A receipt has at most 4,096 octets."};
    }
    auto read = read_receipt(receipt);
    if (!read) return bad_receipt(std::move(read).error().message);
    const ReceiptHeader& header = read->header;
    if (header.key_id != crypto::thumbprint(key)) {
        return Error{Code::invalid, "record/wrong-key",
                     "The receipt names another key than the one it is checked with."};
    }
    TRY(check_algorithm(header.algorithm, key));
    const Digest root = TRY(proven_root(read->proof, leaf));
    TRY(crypto::verify(key, crypto::signature_input(read->protected_octets, root.octets),
                       read->signature));
    return ProvenEntry{.tree_size = read->proof.tree_size,
                       .leaf_index = read->proof.leaf_index,
                       .root = root,
                       .issuer = header.issuer,
                       .subject = header.subject};
}

}  // namespace comity::record
