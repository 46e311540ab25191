// SPDX-License-Identifier: Apache-2.0
#include "crypto/md5.h"

#include <openssl/evp.h>

#include <memory>

#include "base/check.h"

namespace comity {

Result<Md5> md5(std::initializer_list<BytesView> parts) {
    const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> algorithm(
        EVP_MD_fetch(nullptr, "MD5", nullptr), &EVP_MD_free);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hashing(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    COMITY_CHECK(hashing != nullptr);
    if (algorithm == nullptr || EVP_DigestInit_ex2(hashing.get(), algorithm.get(), nullptr) != 1) {
        return Error{Code::unavailable, "crypto/no-md5",
                     "OpenSSL here has no MD5, which RFC 3797 draws with; use a machine that has "
                     "it."};
    }
    for (const BytesView part : parts) {
        COMITY_CHECK(EVP_DigestUpdate(hashing.get(), part.data(), part.size()) == 1);
    }
    Md5 digest{};
    auto* out = reinterpret_cast<unsigned char*>(digest.data());
    COMITY_CHECK(EVP_DigestFinal_ex(hashing.get(), out, nullptr) == 1);
    return digest;
}

}  // namespace comity
