// SPDX-License-Identifier: Apache-2.0
// What parse_statement accepts is written back octet for octet, its header too, and it never
// verifies under a key that did not sign it.
#include "record/statement.h"

#include "base/check.h"
#include "crypto/key.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace comity;
    const BytesView entry = std::as_bytes(std::span(data, size));
    const auto statement = record::parse_statement(entry);
    if (!statement) return 0;
    COMITY_CHECK(record::entry_bytes(*statement) == Bytes(entry.begin(), entry.end()));
    COMITY_CHECK(record::protected_header(statement->header) == statement->cose.protected_header);
    static const auto key = crypto::PrivateKey::generate(crypto::Algorithm::ed25519);
    COMITY_CHECK(!record::verify_signature(*statement, key.public_key()));
    return 0;
}
