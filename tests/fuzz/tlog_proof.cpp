// SPDX-License-Identifier: Apache-2.0
// An offline proof has one text, and verifies under no key that did not sign its checkpoint.
#include "record/tlog_proof.h"

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace comity;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto proof = record::parse_tlog_proof(text);
    if (!proof) return 0;
    COMITY_CHECK(record::write_tlog_proof(*proof) == text);
    static const record::NoteVerifier log =
        record::NoteSigner{.name = "record.comity.example",
                           .key = crypto::PrivateKey::generate(crypto::Algorithm::ed25519)}
            .verifier();
    COMITY_CHECK(!record::verify_tlog_proof(*proof, sha256({}), log, {}));
    return 0;
}
