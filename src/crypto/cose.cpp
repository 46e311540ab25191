// SPDX-License-Identifier: Apache-2.0
#include "crypto/cose.h"

#include "codec/cbor.h"
#include "crypto/key.h"

namespace comity::crypto {
namespace {

constexpr std::uint64_t tag_sign1 = 18;

Error bad_cose(std::string message) {
    return Error{Code::invalid, "crypto/bad-cose", std::move(message)};
}

Bytes copy(BytesView octets) { return Bytes(octets.begin(), octets.end()); }

Result<CoseSign1> read(BytesView octets) {
    codec::CborReader reader(octets);
    if (TRY(reader.tag()) != tag_sign1) return bad_cose("Expected tag 18, COSE_Sign1.");
    if (TRY(reader.array()) != 4) return bad_cose("A COSE_Sign1 has four members.");
    CoseSign1 message;
    message.protected_header = copy(TRY(reader.bytes()));
    if (message.protected_header.empty()) {
        return bad_cose("The protected header is empty; it must name the algorithm.");
    }
    if (TRY(reader.map()) != 0) {
        return bad_cose("The unprotected header must be empty: what is not signed is not kept.");
    }
    message.payload = copy(TRY(reader.bytes()));
    message.signature = copy(TRY(reader.bytes()));
    if (message.signature.size() != signature_size) return bad_cose("A signature has 64 octets.");
    TRY(reader.end());
    return message;
}

}  // namespace

Bytes signature_input(BytesView protected_header, BytesView payload) {
    codec::CborWriter writer;
    writer.array(4);
    writer.text("Signature1");
    writer.bytes(protected_header);
    writer.bytes({});  // external_aad
    writer.bytes(payload);
    return writer.take();
}

Bytes encode(const CoseSign1& message) {
    codec::CborWriter writer;
    writer.tag(tag_sign1);
    writer.array(4);
    writer.bytes(message.protected_header);
    writer.map(0);
    writer.bytes(message.payload);
    writer.bytes(message.signature);
    return writer.take();
}

Result<CoseSign1> parse_cose_sign1(BytesView octets) {
    auto message = read(octets);
    // One reason for all that is not the form; what the CBOR reader found is in the sentence.
    if (!message) return bad_cose(std::move(message).error().message);
    return message;
}

}  // namespace comity::crypto
