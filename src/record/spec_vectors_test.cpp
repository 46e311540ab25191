// SPDX-License-Identifier: Apache-2.0
//
// Our own published vectors, docs/spec/vectors/record.json: everything in the file follows from a
// few seeds and is made again here, byte for byte. ES256 signatures are random, so their octets are
// fixed in the file ("es256") and verified instead. COMITY_UPDATE_VECTORS=1 writes the file anew.

#include <gtest/gtest.h>

#include <cstdlib>

#include "codec/json.h"
#include "record/log.h"
#include "record/receipt.h"
#include "record/statement.h"
#include "record/test_vectors.h"
#include "record/tile.h"
#include "record/tlog_proof.h"

namespace comity::record {
namespace {

using codec::Array;
using codec::Object;
using codec::Value;

const std::string vectors_path = "docs/spec/vectors/record.json";
const std::string origin = "record.comity.example";
constexpr Timestamp witnessed{1'790'000'000};
constexpr std::uint64_t proven_index = 3;
constexpr std::string_view receipt_issuer = "https://record.comity.example";

Value text(std::string value) { return Value{std::move(value)}; }
Value number(std::uint64_t value) { return Value{static_cast<std::int64_t>(value)}; }
Value octets(BytesView value) { return text(to_hex(value)); }

Value hashes(const std::vector<Digest>& digests) {
    Array all;
    for (const Digest& digest : digests) all.push_back(octets(digest.octets));
    return {all};
}

/// The octets that cannot be made again.
struct Fixed {
    crypto::PublicKey key;
    std::map<std::int64_t, Bytes> signatures;  // of the statements, by COSE algorithm
    Bytes receipt;
};

StatementHeader header(std::int64_t algorithm, const crypto::PublicKey& key) {
    return {.algorithm = algorithm,
            .content_type = {.part = "decide", .type = "motion"},
            .key_id = crypto::thumbprint(key),
            .issuer = "kenya",
            .subject = "motion-7",
            .audience = origin,
            .issued_at = *Timestamp::parse("2026-07-16T09:00:00Z")};
}

const std::string payload = R"({"title":"Share the weather model"})";

crypto::CoseSign1 unsigned_statement(std::int64_t algorithm, const crypto::PublicKey& key) {
    return {.protected_header = protected_header(header(algorithm, key)),
            .payload = owned(bytes_of(payload)),
            .signature = {}};
}

/// The four statements, one an algorithm.
std::vector<Statement> statements(const Fixed& fixed) {
    std::vector<Statement> all;
    for (const std::int64_t algorithm :
         {crypto::cose_ed25519, crypto::cose_eddsa, crypto::cose_esp256, crypto::cose_es256}) {
        const bool es256 = fixed.signatures.contains(algorithm);
        const auto key = es256 ? fixed.key : test_key("issuer").public_key();
        crypto::CoseSign1 cose = unsigned_statement(algorithm, key);
        const Bytes signed_octets = crypto::signature_input(cose.protected_header, cose.payload);
        cose.signature =
            es256 ? fixed.signatures.at(algorithm) : test_key("issuer").sign(signed_octets);
        const auto parsed = parse_statement(crypto::encode(cose));
        EXPECT_TRUE(parsed) << algorithm;
        EXPECT_TRUE(verify_signature(*parsed, key)) << algorithm;
        all.push_back(*parsed);
    }
    return all;
}

Value described(const Statement& statement) {
    const Bytes entry = entry_bytes(statement);
    const auto& cose = statement.cose;
    return {Object{
        {"algorithm", Value{statement.header.algorithm}},
        {"content_type", text(statement.header.content_type.text())},
        {"key_id", octets(statement.header.key_id.octets)},
        {"issuer", text(statement.header.issuer)},
        {"subject", text(statement.header.subject)},
        {"audience", text(statement.header.audience)},
        {"issued_at", text(statement.header.issued_at.text())},
        {"payload", text(payload)},
        {"protected_header", octets(cose.protected_header)},
        {"signature_input", octets(crypto::signature_input(cose.protected_header, cose.payload))},
        {"signature", octets(cose.signature)},
        {"entry", octets(entry)},
        {"id", octets(statement_id(statement).octets)},
        {"leaf", octets(leaf_hash(entry).octets)}}};
}

std::vector<Bytes> entries(const Fixed& fixed) {
    std::vector<Bytes> all;
    for (const Statement& statement : statements(fixed)) all.push_back(entry_bytes(statement));
    all.push_back(owned(bytes_of("an entry is any octets to the tree")));
    return all;
}

Tree tree(const Fixed& fixed) {
    Tree made;
    for (const Bytes& entry : entries(fixed)) made.append(leaf_hash(entry));
    return made;
}

Value described_key(std::string_view word) {
    const auto key = test_key(word);
    return {Object{{"seed", octets(sha256({bytes_of(word)}).octets)},
                   {"public_key", text(key.public_key().text())},
                   {"cose_key", octets(crypto::cose_key(key.public_key()))},
                   {"thumbprint", octets(crypto::thumbprint(key.public_key()).octets)}}};
}

NoteSigner witness() { return {.name = "witness.example", .key = test_key("wit")}; }

Value keys() {
    Object all{{"log", described_key("log")},
               {"witness", described_key("wit")},
               {"issuer", described_key("issuer")}};
    std::get<Object>(all.at("log").data)["verifier_key"] =
        text(verifier_key(origin, test_key("log").public_key()));
    std::get<Object>(all.at("witness").data)["verifier_key"] =
        text(witness().verifier(NoteKeyType::cosignature).text());
    return {all};
}

Value fixed_part(const Fixed& fixed) {
    return {Object{{"public_key", text(fixed.key.text())},
                   {"cose_key", octets(crypto::cose_key(fixed.key))},
                   {"thumbprint", octets(crypto::thumbprint(fixed.key).octets)},
                   {"signature_esp256", octets(fixed.signatures.at(crypto::cose_esp256))},
                   {"signature_es256", octets(fixed.signatures.at(crypto::cose_es256))},
                   {"receipt", octets(fixed.receipt)}}};
}

Value proofs(const Tree& grown) {
    const auto inclusion = *grown.prove_inclusion(proven_index, grown.size());
    Array consistency;
    for (std::uint64_t from = 1; from <= grown.size(); ++from) {
        const auto proof = *grown.prove_consistency(from, grown.size());
        consistency.push_back({Object{{"old_size", number(from)},
                                      {"new_size", number(grown.size())},
                                      {"path", hashes(proof.path)}}});
    }
    return {Object{{"consistency", {consistency}},
                   {"inclusion",
                    {Object{{"leaf_index", number(inclusion.leaf_index)},
                            {"tree_size", number(inclusion.tree_size)},
                            {"path", hashes(inclusion.path)}}}}}};
}

Value tiles(const Fixed& fixed) {
    const Tree grown = tree(fixed);
    Object files;
    for (const auto& [level, index, width] : new_tiles(0, grown.size())) {
        files[tile_path(level, index, width)] = octets(hash_tile(grown, level, index, width));
        if (level == 0) files[entries_path(index, width)] = octets(encode_bundle(entries(fixed)));
    }
    return {files};
}

Bytes ed25519_receipt(const Tree& grown) {
    return *sign_receipt(
        *grown.prove_inclusion(proven_index, grown.size()), grown.root(),
        {.issuer = std::string(receipt_issuer), .subject = "motion-7", .key = test_key("log")});
}

void check_fixed_receipt(const Fixed& fixed, const Tree& grown) {
    const auto proven = verify_receipt(fixed.receipt, grown.node(0, proven_index), fixed.key);
    ASSERT_TRUE(proven) << proven.error().message;
    EXPECT_EQ(proven->root, grown.root());
    EXPECT_EQ(proven->leaf_index, proven_index);
    EXPECT_EQ(proven->tree_size, grown.size());
    EXPECT_EQ(proven->issuer, receipt_issuer);
    EXPECT_EQ(proven->subject, "motion-7");
    EXPECT_NE(to_hex(fixed.receipt).find("a4012604"), std::string::npos) << "algorithm -7";
}

std::string written(const Fixed& fixed) {
    const Tree grown = tree(fixed);
    check_fixed_receipt(fixed, grown);
    Array described_statements;
    for (const Statement& statement : statements(fixed)) {
        described_statements.push_back(described(statement));
    }
    std::vector<Digest> leaves;
    std::vector<Digest> roots;
    for (std::uint64_t size = 0; size <= grown.size(); ++size) {
        roots.push_back(grown.root_at(size));
        if (size < grown.size()) leaves.push_back(grown.node(0, size));
    }
    const Checkpoint checkpoint{.origin = origin, .size = grown.size(), .root = grown.root()};
    const std::string note = sign_checkpoint(checkpoint, test_key("log")) +
                             cosign_checkpoint(checkpoint, witness(), witnessed);
    const TlogProof proof{.extra = std::nullopt,
                          .index = proven_index,
                          .path = grown.prove_inclusion(proven_index, grown.size())->path,
                          .checkpoint = note};
    const Object all{{"keys", keys()},
                     {"es256", fixed_part(fixed)},
                     {"statements", {described_statements}},
                     {"leaves", hashes(leaves)},
                     {"roots", hashes(roots)},
                     {"proofs", proofs(grown)},
                     {"files", tiles(fixed)},
                     {"checkpoint", text(note)},
                     {"receipt", octets(ed25519_receipt(grown))},
                     {"tlog_proof", text(write_tlog_proof(proof))}};
    return codec::write_json_pretty({all}) + "\n";
}

Fixed read_fixed() {
    const auto file = json_file(vectors_path);
    const auto& es256 = std::get<Object>(file.at("es256").data);
    return {.key = *crypto::PublicKey::parse(text_of(es256, "public_key")),
            .signatures = {{crypto::cose_esp256, hex(text_of(es256, "signature_esp256"))},
                           {crypto::cose_es256, hex(text_of(es256, "signature_es256"))}},
            .receipt = hex(text_of(es256, "receipt"))};
}

Fixed made_anew() {
    const auto key = crypto::PrivateKey::generate(crypto::Algorithm::es256);
    Fixed fixed{.key = key.public_key(), .signatures = {}, .receipt = {}};
    for (const std::int64_t algorithm : {crypto::cose_esp256, crypto::cose_es256}) {
        const auto cose = unsigned_statement(algorithm, fixed.key);
        fixed.signatures[algorithm] =
            key.sign(crypto::signature_input(cose.protected_header, cose.payload));
    }
    const Tree grown = tree(fixed);
    fixed.receipt =
        *sign_receipt(*grown.prove_inclusion(proven_index, grown.size()), grown.root(),
                      {.issuer = std::string(receipt_issuer), .subject = "motion-7", .key = key});
    return fixed;
}

TEST(SpecVectors, AreWhatTheCodeMakes) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): read once, before any thread
    if (std::getenv("COMITY_UPDATE_VECTORS") != nullptr) {
        const std::string anew = written(made_anew());
        std::ofstream(COMITY_SOURCE_DIR "/" + vectors_path, std::ios::binary) << anew;
    }
    EXPECT_EQ(written(read_fixed()), file_text(vectors_path));
}

TEST(SpecVectors, OfflineProofOpensForTheLogAndItsWitness) {
    const auto file = json_file(vectors_path);
    const auto proof = parse_tlog_proof(text_of(file, "tlog_proof"));
    ASSERT_TRUE(proof) << proof.error().message;
    const auto& all_keys = std::get<Object>(file.at("keys").data);
    const auto vkey = [&](const char* who) {
        return *NoteVerifier::parse(
            text_of(std::get<Object>(all_keys.at(who).data), "verifier_key"));
    };
    const auto& leaves = std::get<Array>(file.at("leaves").data);
    const Digest leaf = digest_of_hex(std::get<std::string>(leaves.at(proven_index).data));
    const auto proven = verify_tlog_proof(*proof, leaf, vkey("log"), std::vector{vkey("witness")});
    ASSERT_TRUE(proven) << proven.error().message;
    EXPECT_EQ(proven->cosignatures.size(), 1U);
}

}  // namespace
}  // namespace comity::record
