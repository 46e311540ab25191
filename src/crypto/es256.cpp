// SPDX-License-Identifier: Apache-2.0
#include "crypto/es256.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "crypto/key.h"
#include "crypto/sha256.h"

namespace comity::crypto::detail {
namespace {

constexpr std::size_t coordinate_size = 32;
constexpr std::size_t point_size = 2 * coordinate_size;
constexpr std::size_t der_size_max = 72;  // two 33-octet integers in a sequence
constexpr std::size_t pem_bytes_max = 4'096;
constexpr std::string_view pem_begin = "-----BEGIN PRIVATE KEY-----\n";

using Number = std::array<unsigned char, coordinate_size>;  // big-endian

// The order n of P-256 and its half, rounded down (FIPS 186-5, SP 800-186 section 3.2.1.3).
constexpr Number order{0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                       0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                       0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
constexpr Number half_order{0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff,
                            0xff, 0xff, 0xff, 0xff, 0xff, 0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b,
                            0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8};

struct FreeOpenssl {
    void operator()(BIO* bio) const { BIO_free_all(bio); }
    void operator()(BIGNUM* number) const { BN_clear_free(number); }
    void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
template <class T>
using Owned = std::unique_ptr<T, FreeOpenssl>;

const unsigned char* raw(BytesView octets) {
    return reinterpret_cast<const unsigned char*>(octets.data());
}

/// OpenSSL counts references through non-const pointers; nothing else of the key changes.
EVP_PKEY* shared(const EVP_PKEY& key) { return const_cast<EVP_PKEY*>(&key); }

Owned<EVP_PKEY_CTX> context_of(const EVP_PKEY& key) {
    Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, shared(key), nullptr));
    COMITY_CHECK(context != nullptr);
    return context;
}

/// The key with these coordinates, or null when they are not a point of the curve.
OpensslKey load(BytesView octets) {
    if (octets.size() != point_size) return nullptr;
    std::array<unsigned char, 1 + point_size> point{POINT_CONVERSION_UNCOMPRESSED};
    std::copy_n(raw(octets), point_size, point.begin() + 1);
    std::array<char, 11> group{"prime256v1"};
    const std::array parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end()};
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    COMITY_CHECK(context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1);
    EVP_PKEY* key = nullptr;
    auto* given = const_cast<OSSL_PARAM*>(parameters.data());  // read only, by its documentation
    if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, given) != 1) {
        ERR_clear_error();
        return nullptr;
    }
    return OpensslKey(key);
}

bool has_low_s(BytesView signature) {
    const unsigned char* s = raw(signature) + coordinate_size;
    return !std::lexicographical_compare(half_order.begin(), half_order.end(), s,
                                         s + coordinate_size);
}

/// DER of r and s, which OpenSSL wants.
Bytes to_der(BytesView signature) {
    const Owned<ECDSA_SIG> parsed(ECDSA_SIG_new());
    BIGNUM* r = BN_bin2bn(raw(signature), coordinate_size, nullptr);
    BIGNUM* s = BN_bin2bn(raw(signature) + coordinate_size, coordinate_size, nullptr);
    COMITY_CHECK(parsed != nullptr && r != nullptr && s != nullptr);
    COMITY_CHECK(ECDSA_SIG_set0(parsed.get(), r, s) == 1);  // owns both from here
    Bytes der(der_size_max);
    auto* out = reinterpret_cast<unsigned char*>(der.data());
    const int size = i2d_ECDSA_SIG(parsed.get(), &out);
    COMITY_CHECK(size > 0 && static_cast<std::size_t>(size) <= der.size());
    der.resize(static_cast<std::size_t>(size));
    return der;
}

/// r and the lower of s and n - s.
Bytes from_der(std::span<const unsigned char> der) {
    const unsigned char* in = der.data();
    const Owned<ECDSA_SIG> parsed(d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())));
    COMITY_CHECK(parsed != nullptr);
    Bytes signature(signature_size);
    auto* out = reinterpret_cast<unsigned char*>(signature.data());
    COMITY_CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), out, coordinate_size) > 0);
    out += coordinate_size;
    const BIGNUM* s = ECDSA_SIG_get0_s(parsed.get());
    COMITY_CHECK(BN_bn2binpad(s, out, coordinate_size) > 0);
    if (has_low_s(signature)) return signature;
    const Owned<BIGNUM> low(BN_bin2bn(order.data(), order.size(), nullptr));
    COMITY_CHECK(low != nullptr && BN_sub(low.get(), low.get(), s) == 1);
    COMITY_CHECK(BN_bn2binpad(low.get(), out, coordinate_size) > 0);
    return signature;
}

bool is_p256(const EVP_PKEY& key) {
    std::array<char, 32> group{};
    std::size_t size = 0;
    return EVP_PKEY_get_group_name(&key, group.data(), group.size(), &size) == 1 &&
           std::string_view(group.data(), size) == "prime256v1";
}

/// Refuses to ask for a passphrase, which the library would do on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

Result<> check_es256_key(BytesView octets) {
    if (octets.size() != point_size) {
        return Error{Code::invalid, "crypto/bad-key", "An ES256 key has 64 octets."};
    }
    if (load(octets) == nullptr) {
        return Error{Code::invalid, "crypto/bad-key",
                     "The ES256 key is not a point of P-256; make a new one."};
    }
    return {};  // the group has prime order: every point but infinity, which has no x, will do
}

OpensslKey generate_es256() {
    OpensslKey key(EVP_EC_gen("P-256"));
    COMITY_CHECK(key != nullptr);
    return key;
}

Bytes es256_public_octets(const EVP_PKEY& key) {
    Bytes octets(point_size);
    auto* out = reinterpret_cast<unsigned char*>(octets.data());
    for (const char* name : {OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y}) {
        BIGNUM* got = nullptr;
        COMITY_CHECK(EVP_PKEY_get_bn_param(&key, name, &got) == 1);
        const Owned<BIGNUM> coordinate(got);
        COMITY_CHECK(BN_bn2binpad(coordinate.get(), out, coordinate_size) > 0);
        out += coordinate_size;
    }
    return octets;
}

Bytes sign_es256(const EVP_PKEY& key, BytesView message) {
    const Digest digest = sha256({message});
    const auto context = context_of(key);
    COMITY_CHECK(EVP_PKEY_sign_init(context.get()) == 1);
    std::array<unsigned char, der_size_max> der{};
    std::size_t size = der.size();
    COMITY_CHECK(EVP_PKEY_sign(context.get(), der.data(), &size, raw(digest.octets),
                               digest.octets.size()) == 1);
    return from_der(std::span(der).first(size));
}

bool verify_es256(BytesView key, BytesView message, BytesView signature) {
    if (signature.size() != signature_size || !has_low_s(signature)) return false;
    const OpensslKey loaded = load(key);
    if (loaded == nullptr) return false;
    const Digest digest = sha256({message});
    const Bytes der = to_der(signature);
    const auto context = context_of(*loaded);
    COMITY_CHECK(EVP_PKEY_verify_init(context.get()) == 1);
    const bool good = EVP_PKEY_verify(context.get(), raw(der), der.size(), raw(digest.octets),
                                      digest.octets.size()) == 1;
    ERR_clear_error();
    return good;
}

OpensslKey read_pem(std::string_view pem) {
    if (pem.size() > pem_bytes_max || !pem.starts_with(pem_begin)) return nullptr;
    const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    COMITY_CHECK(bio != nullptr);
    OpensslKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr));
    ERR_clear_error();
    if (key == nullptr) return nullptr;
    const bool known = EVP_PKEY_is_a(key.get(), "ED25519") == 1 ||
                       (EVP_PKEY_is_a(key.get(), "EC") == 1 && is_p256(*key));
    return known ? std::move(key) : nullptr;
}

std::string write_pem(const EVP_PKEY& key) {
    const Owned<BIO> bio(BIO_new(BIO_s_mem()));  // wiped when freed
    COMITY_CHECK(bio != nullptr);
    COMITY_CHECK(
        PEM_write_bio_PKCS8PrivateKey(bio.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    COMITY_CHECK(size > 0);
    return std::string(text, static_cast<std::size_t>(size));
}

OpensslKey openssl_ed25519(BytesView seed) {
    OpensslKey key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(seed), seed.size()));
    COMITY_CHECK(key != nullptr);
    return key;
}

Bytes ed25519_seed(const EVP_PKEY& key) {
    Bytes seed(seed_size);
    std::size_t size = seed.size();
    auto* out = reinterpret_cast<unsigned char*>(seed.data());
    if (EVP_PKEY_is_a(&key, "ED25519") != 1) return {};
    COMITY_CHECK(EVP_PKEY_get_raw_private_key(&key, out, &size) == 1 && size == seed.size());
    return seed;
}

}  // namespace comity::crypto::detail
