// SPDX-License-Identifier: Apache-2.0
#include "crypto/key.h"

#include <utility>

#include "base/base64.h"
#include "base/check.h"
#include "codec/cbor.h"
#include "crypto/ed25519.h"
#include "crypto/es256.h"

namespace comity::crypto {
namespace {

constexpr std::string_view ed25519_prefix = "ed25519:";
constexpr std::string_view es256_prefix = "es256:";

// COSE_Key labels and values (RFC 9052 section 7, RFC 9053 section 7).
constexpr std::int64_t key_type = 1;
constexpr std::int64_t curve = -1;
constexpr std::int64_t x_coordinate = -2;
constexpr std::int64_t y_coordinate = -3;
constexpr std::int64_t key_type_okp = 1;
constexpr std::int64_t key_type_ec2 = 2;
constexpr std::int64_t curve_p256 = 1;
constexpr std::int64_t curve_ed25519 = 6;

constexpr std::size_t coordinate_size = 32;

Error bad_key(const char* message) { return Error{Code::invalid, "crypto/bad-key", message}; }

Result<> expect(codec::CborReader& reader, std::int64_t number) {
    const std::int64_t found = TRY(reader.integer());
    if (found != number) return bad_key("The COSE_Key has a member that does not belong there.");
    return {};
}

void append(Bytes& octets, BytesView more) {
    octets.insert(octets.end(), more.begin(), more.end());
}

}  // namespace

Result<PublicKey> PublicKey::parse(std::string_view text) {
    const bool ed25519 = text.starts_with(ed25519_prefix);
    if (!ed25519 && !text.starts_with(es256_prefix)) {
        return bad_key("A key begins with \"ed25519:\" or \"es256:\".");
    }
    text.remove_prefix(ed25519 ? ed25519_prefix.size() : es256_prefix.size());
    const auto octets = from_base64url(text);
    if (!octets) return bad_key("After its kind, a key is base64url without padding.");
    return checked_public_key(ed25519 ? Algorithm::ed25519 : Algorithm::es256, *octets);
}

std::string PublicKey::text() const {
    const auto prefix = algorithm == Algorithm::ed25519 ? ed25519_prefix : es256_prefix;
    return std::string(prefix) + to_base64url(octets);
}

Result<PublicKey> checked_public_key(Algorithm algorithm, BytesView octets) {
    if (algorithm == Algorithm::ed25519) {
        TRY(detail::check_ed25519_key(octets));
    } else {
        TRY(detail::check_es256_key(octets));
    }
    return PublicKey{algorithm, Bytes(octets.begin(), octets.end())};
}

Digest thumbprint(const PublicKey& key) { return sha256({cose_key(key)}); }

Bytes cose_key(const PublicKey& key) {
    const bool ed25519 = key.algorithm == Algorithm::ed25519;
    const BytesView octets = key.octets;
    COMITY_CHECK(octets.size() == (ed25519 ? coordinate_size : 2 * coordinate_size));
    codec::CborWriter writer;
    writer.map(ed25519 ? 3 : 4);
    writer.integer(key_type);
    writer.integer(ed25519 ? key_type_okp : key_type_ec2);
    writer.integer(curve);
    writer.integer(ed25519 ? curve_ed25519 : curve_p256);
    writer.integer(x_coordinate);
    writer.bytes(octets.first(coordinate_size));
    if (!ed25519) {
        writer.integer(y_coordinate);
        writer.bytes(octets.subspan(coordinate_size));
    }
    return writer.take();
}

Result<PublicKey> parse_cose_key(BytesView cose) {
    codec::CborReader reader(cose);
    const std::size_t members = TRY(reader.map());
    TRY(expect(reader, key_type));
    const std::int64_t type = TRY(reader.integer());
    if (type != key_type_okp && type != key_type_ec2) {
        return bad_key("The key is neither Ed25519 nor on P-256.");
    }
    const bool ed25519 = type == key_type_okp;
    if (members != (ed25519 ? 3U : 4U)) {
        return bad_key("The COSE_Key must have exactly the required members.");
    }
    TRY(expect(reader, curve));
    TRY(expect(reader, ed25519 ? curve_ed25519 : curve_p256));
    TRY(expect(reader, x_coordinate));
    Bytes octets;
    const BytesView x = TRY(reader.bytes());
    if (x.size() != coordinate_size) return bad_key("A coordinate has 32 octets.");
    append(octets, x);
    if (!ed25519) {
        TRY(expect(reader, y_coordinate));
        append(octets, TRY(reader.bytes()));
    }
    TRY(reader.end());
    return checked_public_key(ed25519 ? Algorithm::ed25519 : Algorithm::es256, octets);
}

struct PrivateKey::Secret {
    PublicKey public_key;
    detail::Ed25519Secret ed25519{};  // for Algorithm::ed25519
    detail::OpensslKey es256;         // for Algorithm::es256

    Secret() = default;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret() { detail::wipe(ed25519); }
};

PrivateKey::PrivateKey(std::shared_ptr<const Secret> secret) : secret_(std::move(secret)) {}

PrivateKey PrivateKey::generate(Algorithm algorithm) {
    if (algorithm == Algorithm::ed25519) return from_seed(random_bytes(seed_size)).value();
    auto secret = std::make_shared<Secret>();
    secret->es256 = detail::generate_es256();
    secret->public_key = {Algorithm::es256, detail::es256_public_octets(*secret->es256)};
    return PrivateKey(std::move(secret));
}

Result<PrivateKey> PrivateKey::from_seed(BytesView seed) {
    if (seed.size() != seed_size) return bad_key("An Ed25519 seed has 32 octets.");
    auto secret = std::make_shared<Secret>();
    secret->ed25519 = detail::ed25519_from_seed(seed);
    const auto public_octets = std::as_bytes(std::span(secret->ed25519).last<32>());
    secret->public_key = {Algorithm::ed25519, Bytes(public_octets.begin(), public_octets.end())};
    return PrivateKey(std::move(secret));
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem) {
    detail::OpensslKey key = detail::read_pem(pem);
    if (key == nullptr) {
        return bad_key("Expected an unencrypted PKCS #8 block with an Ed25519 or P-256 key.");
    }
    if (const Bytes seed = detail::ed25519_seed(*key); !seed.empty()) return from_seed(seed);
    auto secret = std::make_shared<Secret>();
    secret->public_key =
        TRY(checked_public_key(Algorithm::es256, detail::es256_public_octets(*key)));
    secret->es256 = std::move(key);
    return PrivateKey(std::move(secret));
}

std::string PrivateKey::pem() const {
    if (public_key().algorithm == Algorithm::es256) return detail::write_pem(*secret_->es256);
    const auto seed = std::as_bytes(std::span(secret_->ed25519).first<seed_size>());
    return detail::write_pem(*detail::openssl_ed25519(seed));
}

const PublicKey& PrivateKey::public_key() const { return secret_->public_key; }

Bytes PrivateKey::sign(BytesView message) const {
    return public_key().algorithm == Algorithm::ed25519
               ? detail::sign_ed25519(secret_->ed25519, message)
               : detail::sign_es256(*secret_->es256, message);
}

Result<> verify(const PublicKey& key, BytesView message, BytesView signature) {
    const bool good = key.algorithm == Algorithm::ed25519
                          ? detail::verify_ed25519(key.octets, message, signature)
                          : detail::verify_es256(key.octets, message, signature);
    if (!good) {
        return Error{Code::invalid, "crypto/bad-signature",
                     "The signature does not fit the key and the signed octets."};
    }
    return {};
}

}  // namespace comity::crypto
