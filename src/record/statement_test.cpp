// SPDX-License-Identifier: Apache-2.0
//
// How we trust statements: what is signed reads back and verifies, octet for octet; every bit of it
// matters; and a header with another, a missing, a doubled or a disordered member is refused.

#include "record/statement.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "codec/cbor.h"
#include "record/test_vectors.h"

namespace comity::record {
namespace {

StatementDraft draft() {
    return {.content_type = {.part = "decide", .type = "motion"},
            .issuer = "kenya",
            .subject = "motion-7",
            .audience = "log.comity.example/v1",
            .issued_at = {1'784'192'400},
            .payload = owned(bytes_of("{\"title\":\"A\"}"))};
}

const crypto::PrivateKey& es256_key() {
    static const auto key = crypto::PrivateKey::generate(crypto::Algorithm::es256);
    return key;
}

/// An entry with this protected header, signed by the issuer.
Bytes entry_with(Bytes header, const crypto::PrivateKey& key = test_key("issuer")) {
    crypto::CoseSign1 cose{
        .protected_header = std::move(header), .payload = owned(bytes_of("{}")), .signature = {}};
    cose.signature = key.sign(crypto::signature_input(cose.protected_header, cose.payload));
    return crypto::encode(cose);
}

StatementHeader header_for(std::int64_t algorithm, const crypto::PrivateKey& key) {
    return {.algorithm = algorithm,
            .content_type = {.part = "decide", .type = "motion"},
            .key_id = crypto::thumbprint(key.public_key()),
            .issuer = "kenya",
            .subject = "motion-7",
            .audience = "log.comity.example/v1",
            .issued_at = {0}};
}

TEST(Statement, ReadsBackAsSignedAndVerifies) {
    for (const auto& key : {test_key("issuer"), es256_key()}) {
        const Bytes entry = sign_statement(draft(), key);
        const auto statement = parse_statement(entry);
        ASSERT_TRUE(statement) << statement.error().message;
        EXPECT_EQ(entry_bytes(*statement), entry);
        EXPECT_TRUE(verify_signature(*statement, key.public_key()));
        const StatementHeader& header = statement->header;
        EXPECT_EQ(header.content_type, draft().content_type);
        EXPECT_EQ(header.key_id, crypto::thumbprint(key.public_key()));
        EXPECT_EQ(header.issuer, "kenya");
        EXPECT_EQ(header.subject, "motion-7");
        EXPECT_EQ(header.audience, "log.comity.example/v1");
        EXPECT_EQ(header.issued_at, draft().issued_at);
        EXPECT_EQ(statement->cose.payload, draft().payload);
    }
}

TEST(Statement, EveryBentBitIsRefusedOrFailsToVerify) {
    const auto key = test_key("issuer");
    for (const Bytes& entry : bent(sign_statement(draft(), key))) {
        const auto statement = parse_statement(entry);
        if (!statement) {
            EXPECT_EQ(statement.error().reason, "record/bad-statement");
            continue;
        }
        EXPECT_EQ(entry_bytes(*statement), entry);
        EXPECT_FALSE(verify_signature(*statement, key.public_key()));
    }
}

TEST(Statement, EachAlgorithmIsForItsKindOfKey) {
    const auto ed25519 = test_key("issuer");
    const struct {
        std::int64_t algorithm;
        const crypto::PrivateKey& good;
        const crypto::PrivateKey& other;
    } cases[] = {{-19, ed25519, es256_key()},
                 {-8, ed25519, es256_key()},
                 {-9, es256_key(), ed25519},
                 {-7, es256_key(), ed25519}};
    for (const auto& [algorithm, good, other] : cases) {
        const auto statement =
            parse_statement(entry_with(protected_header(header_for(algorithm, good)), good));
        ASSERT_TRUE(statement) << algorithm;
        EXPECT_TRUE(verify_signature(*statement, good.public_key())) << algorithm;
        const auto wrong =
            parse_statement(entry_with(protected_header(header_for(algorithm, other)), other));
        ASSERT_TRUE(wrong);
        EXPECT_EQ(verify_signature(*wrong, other.public_key()).error().reason,
                  "record/wrong-algorithm")
            << algorithm;
    }
    for (const std::int64_t algorithm : {0, 1, -6, -16, -35, -48, -257}) {
        EXPECT_EQ(parse_statement(entry_with(protected_header(header_for(algorithm, ed25519))))
                      .error()
                      .reason,
                  "record/bad-statement");
    }
}

TEST(Statement, OfAnotherKeyIsRefused) {
    const auto statement = *parse_statement(sign_statement(draft(), test_key("issuer")));
    EXPECT_EQ(verify_signature(statement, test_key("log").public_key()).error().reason,
              "record/wrong-key");
}

TEST(Statement, HasTheIdOfWhatWasSignedAndByWhichKey) {
    const Bytes first = sign_statement(draft(), es256_key());
    const Bytes second = sign_statement(draft(), es256_key());
    ASSERT_NE(first, second) << "ES256 signatures are random";
    const auto statement = *parse_statement(first);
    EXPECT_EQ(statement_id(statement), statement_id(*parse_statement(second)));
    EXPECT_EQ(
        statement_id(statement),
        sha256({crypto::signature_input(statement.cose.protected_header, statement.cose.payload),
                statement.header.key_id.octets}));
    EXPECT_NE(statement_id(statement),
              statement_id(*parse_statement(sign_statement(draft(), test_key("issuer")))));
    StatementDraft later = draft();
    later.issued_at.seconds += 1;
    EXPECT_NE(statement_id(statement),
              statement_id(*parse_statement(sign_statement(later, es256_key()))));
}

TEST(Statement, IsAtMostAsLargeAsATileAllows) {
    StatementDraft large = draft();
    const std::size_t rest = sign_statement(large, test_key("log")).size() - large.payload.size();
    large.payload.assign(entry_bytes_max - rest - 2, std::byte{'a'});  // 2 octets more of length
    EXPECT_EQ(sign_statement(large, test_key("log")).size(), entry_bytes_max);
    EXPECT_TRUE(parse_statement(sign_statement(large, test_key("log"))));
    large.payload.push_back(std::byte{'a'});
    EXPECT_EQ(parse_statement(sign_statement(large, test_key("log"))).error().reason,
              "record/entry-too-large");
}

TEST(Statement, ClaimsHaveTheirLimits) {
    const auto refused = [](const StatementDraft& one) {
        const auto parsed = parse_statement(sign_statement(one, test_key("issuer")));
        return !parsed && parsed.error().reason == "record/bad-statement";
    };
    for (std::string StatementDraft::* claim :
         {&StatementDraft::issuer, &StatementDraft::subject, &StatementDraft::audience}) {
        StatementDraft one = draft();
        one.*claim = std::string(256, 'a');
        EXPECT_FALSE(refused(one));
        for (const char* bad : {"", "a\nb", "a\x7f", "a\u0085", "a\u2028"}) {
            one.*claim = bad;
            EXPECT_TRUE(refused(one)) << bad;
        }
        one.*claim = std::string(257, 'a');
        EXPECT_TRUE(refused(one));
    }
    StatementDraft one = draft();
    one.issued_at.seconds = 253'402'300'799;
    EXPECT_FALSE(refused(one));
    one.issued_at.seconds += 1;
    EXPECT_TRUE(refused(one));
    one.issued_at.seconds = -1;
    EXPECT_TRUE(refused(one));
    one = draft();
    one.content_type.type = "Motion";
    EXPECT_TRUE(refused(one));
}

/// A protected header piece by piece, so that a test can change one of them.
struct HeaderPieces {
    std::vector<Bytes> pieces;

    HeaderPieces() {
        const Digest key_id = crypto::thumbprint(test_key("issuer").public_key());
        codec::CborWriter writer;
        const auto add = [&](auto write) {
            write();
            pieces.push_back(writer.take());
        };
        add([&] { writer.integer(1), writer.integer(-19); });
        add([&] { writer.integer(3), writer.text("application/vnd.comity.decide.motion+json"); });
        add([&] { writer.integer(4), writer.bytes(key_id.octets); });
        add([&] {
            writer.integer(15), writer.map(4);
            writer.integer(1), writer.text("kenya");
            writer.integer(2), writer.text("motion-7");
            writer.integer(3), writer.text("log.comity.example/v1");
            writer.integer(6), writer.integer(5);
        });
    }

    Bytes header() const {
        codec::CborWriter writer;
        writer.map(pieces.size());
        Bytes all = writer.take();
        for (const Bytes& piece : pieces) all.insert(all.end(), piece.begin(), piece.end());
        return all;
    }

    bool refused() const {
        const auto parsed = parse_statement(entry_with(header()));
        return !parsed && parsed.error().reason == "record/bad-statement";
    }
};

TEST(Statement, HeaderHasExactlyItsMembersInOrder) {
    ASSERT_TRUE(parse_statement(entry_with(HeaderPieces().header())));
    for (std::size_t i = 0; i < 4; ++i) {
        HeaderPieces missing;
        missing.pieces.erase(missing.pieces.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_TRUE(missing.refused()) << i;
        HeaderPieces doubled;
        doubled.pieces.push_back(doubled.pieces[i]);
        EXPECT_TRUE(doubled.refused()) << i;
        HeaderPieces replaced;
        replaced.pieces[i] = replaced.pieces[(i + 1) % 4];
        EXPECT_TRUE(replaced.refused()) << i;
        HeaderPieces swapped;
        std::swap(swapped.pieces[i], swapped.pieces[(i + 1) % 4]);
        EXPECT_TRUE(swapped.refused()) << i;
    }
    for (const char* extra : {"0280", "028101" /* crit */, "1041ff", "1905dc00", "617801"}) {
        HeaderPieces more;
        more.pieces.push_back(hex(extra));
        EXPECT_TRUE(more.refused()) << extra;
    }
}

TEST(Statement, MembersHaveExactlyTheirTypes) {
    const std::vector<std::pair<std::size_t, std::string>> changes{
        {0, "0101"},  // alg 1
        {0,
         "01613"
         "1"},  // alg as text
        {0,
         "013"
         "812"},  // alg -19 in two octets, not shortest
        {1,
         "0318"
         "32"},                           // content type as number
        {1, "036a746578742f706c61696e"},  // text/plain
        {2,
         "0441"
         "00"},                           // kid of one octet
        {2, "046a6973737565722d656464"},  // kid as text
        {3, "0fa0"},
        {3, "0f80"},
        {3,
         "0fa401616102616103616105"
         "00"},  // iat under another label
        {3,
         "0fa4016161026161036161"
         "06f90000"},  // a float
        {3,
         "0fa4016161026161036161"
         "0661"
         "35"},  // text
        {3,
         "0fa40161610261610361610600"
         "00"},  // something behind
        {3,
         "0fa4026161016161036161"
         "0600"},  // disordered
        {3,
         "0fa501616102616103616104"
         "000600"},  // an expiry as well
        {3,
         "0fa301616102616103"
         "6161"},  // no time
    };
    for (const auto& [index, change] : changes) {
        HeaderPieces one;
        one.pieces[index] = hex(change);
        EXPECT_TRUE(one.refused()) << change;
    }
    HeaderPieces good;
    good.pieces[3] =
        hex("0fa4016161026161036161"
            "0600");
    EXPECT_FALSE(good.refused()) << "the changes above are from this";
}

TEST(Statement, TheIndependentVectorIsNoStatementOfOurs) {
    const auto parsed = parse_statement(hex(vec_line("statement")));
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().reason, "record/bad-statement");
}

RC_GTEST_PROP(Statement, AnyPayloadAndClaimsReadBack, ()) {
    StatementDraft one = draft();
    const auto claim =
        rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~')));
    one.issuer = (*claim).substr(0, 256);
    one.subject = (*claim).substr(0, 256);
    one.issued_at.seconds = *rc::gen::inRange<std::int64_t>(0, 253'402'300'800);
    for (const char c : *rc::gen::arbitrary<std::string>()) {
        one.payload.push_back(static_cast<std::byte>(c));
    }
    const Bytes entry = sign_statement(one, test_key("issuer"));
    const auto parsed = parse_statement(entry);
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(entry_bytes(*parsed) == entry);
    RC_ASSERT(parsed->header.issuer == one.issuer);
    RC_ASSERT(parsed->header.subject == one.subject);
    RC_ASSERT(parsed->header.issued_at == one.issued_at);
    RC_ASSERT(parsed->cose.payload == one.payload);
    RC_ASSERT(verify_signature(*parsed, test_key("issuer").public_key()).has_value());
}

}  // namespace
}  // namespace comity::record
