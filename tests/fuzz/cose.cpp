// SPDX-License-Identifier: Apache-2.0
// What parse_cose_sign1 and parse_cose_key accept is written back octet for octet.
#include "crypto/cose.h"

#include "base/check.h"
#include "crypto/key.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace comity;
    const BytesView octets = std::as_bytes(std::span(data, size));
    const Bytes given(octets.begin(), octets.end());
    if (const auto message = crypto::parse_cose_sign1(octets)) {
        COMITY_CHECK(crypto::encode(*message) == given);
    }
    if (const auto key = crypto::parse_cose_key(octets)) {
        COMITY_CHECK(crypto::cose_key(*key) == given);
    }
    return 0;
}
