// SPDX-License-Identifier: Apache-2.0
#include "record/signing.h"

#include "crypto/cose.h"
#include "record/statement.h"
#include "record/text.h"

namespace comity::record::detail {
namespace {

bool is_for_ed25519(std::int64_t algorithm) {
    return algorithm == crypto::cose_ed25519 || algorithm == crypto::cose_eddsa;
}

bool is_for_es256(std::int64_t algorithm) {
    return algorithm == crypto::cose_esp256 || algorithm == crypto::cose_es256;
}

}  // namespace

bool is_claim(std::string_view text) {
    return !text.empty() && text.size() <= claim_bytes_max && is_plain_line(text);
}

bool is_known_algorithm(std::int64_t algorithm) {
    return is_for_ed25519(algorithm) || is_for_es256(algorithm);
}

Result<> check_algorithm(std::int64_t algorithm, const crypto::PublicKey& key) {
    const bool fits = key.algorithm == crypto::Algorithm::ed25519 ? is_for_ed25519(algorithm)
                                                                  : is_for_es256(algorithm);
    if (!fits) {
        return Error{Code::invalid, "record/wrong-algorithm",
                     "The algorithm in the header is not that of the signer's key."};
    }
    return {};
}

}  // namespace comity::record::detail
