// SPDX-License-Identifier: Apache-2.0
#include "demo/cast.h"

#include "institution/statements.h"
#include "state/signing.h"

namespace comity::demo {
namespace {

crypto::PrivateKey key_named(const std::string& name) {
    const Digest seed = sha256({bytes_of("comity demonstration key\n"), bytes_of(name)});
    return crypto::PrivateKey::from_seed(seed.octets).value();
}

constexpr std::string_view registrar = "secretariat";

institution::DelegateId delegate_id(std::string_view member) {
    return id<institution::DelegateId>(std::string(member) + "-delegate-1");
}

}  // namespace

node::NodeKeys demonstration_keys() {
    return {.operator_key = key_named("operator"),
            .checkpoint_key = key_named("checkpoint"),
            .receipt_key = crypto::PrivateKey::generate(crypto::Algorithm::es256)};
}

crypto::PrivateKey seal_of(const institution::MemberId& member) {
    return key_named("seal " + member.text());
}

crypto::PrivateKey delegate_key_of(const institution::MemberId& member) {
    return key_named("delegate " + member.text());
}

std::map<std::string, crypto::PrivateKey> keys_of_parties(const institution::KeyRegister& keys) {
    std::map<std::string, crypto::PrivateKey> named;
    for (const auto& [id, record] : keys.keys) {
        const std::string& member = record.member.text();
        const crypto::PrivateKey key =
            record.delegate ? delegate_key_of(record.member) : seal_of(record.member);
        if (key.public_key() != record.public_key) continue;  // the operator's, or a newer one
        if (record.delegate) {
            named.insert_or_assign(member, key);
        } else {
            named.emplace(member, key);
            named.insert_or_assign("seal-" + member, key);
        }
    }
    return named;
}

institution::KeyRegistration sealed(std::string_view member, const std::string& origin) {
    const auto member_id = id<institution::MemberId>(member);
    const crypto::PrivateKey key = seal_of(member_id);
    institution::KeyRegistration registration{
        .member = member_id, .delegate = {}, .public_key = key.public_key(), .proof = {}};
    registration.proof = key.sign(institution::key_proof_message(origin, registration));
    return registration;
}

Cast::Cast(node::Node& node) : node_(node) {}

Bytes Cast::sign(std::string_view member, const crypto::PrivateKey& key,
                 const state::Payload& payload) const {
    return node_.read([&](const state::State& state) {
        return state::sign(payload, {.issuer = std::string(member),
                                     .audience = state.institution.founding.origin,
                                     .issued_at = state.institution.now,
                                     .key = key});
    });
}

Result<std::uint64_t> Cast::submit(const Bytes& entry) { return TRY(node_.submit(entry)).index; }

Result<std::uint64_t> Cast::seal(std::string_view member, const state::Payload& payload) {
    return submit(sign(member, seal_of(id<institution::MemberId>(member)), payload));
}

Result<std::uint64_t> Cast::delegate(std::string_view member, const state::Payload& payload) {
    return submit(sign(member, delegate_key_of(id<institution::MemberId>(member)), payload));
}

Result<> Cast::register_seal(std::string_view member) {
    const std::string origin =
        node_.read([](const state::State& state) { return state.institution.founding.origin; });
    TRY(seal(registrar, sealed(member, origin)));
    return {};
}

Result<> Cast::give_mandate(std::string_view member, std::string_view organ, Timestamp until) {
    const auto member_id = id<institution::MemberId>(member);
    const crypto::PrivateKey key = delegate_key_of(member_id);
    institution::KeyRegistration registration{.member = member_id,
                                              .delegate = delegate_id(member),
                                              .public_key = key.public_key(),
                                              .proof = {}};
    const auto [origin, now] = node_.read([](const state::State& state) {
        return std::pair(state.institution.founding.origin, state.institution.now);
    });
    registration.proof = key.sign(institution::key_proof_message(origin, registration));
    TRY(seal(member, registration));
    TRY(seal(member, institution::Mandate{.id = id<institution::MandateId>(
                                              std::string(member) + "-" + std::string(organ)),
                                          .member = member_id,
                                          .delegate = delegate_id(member),
                                          .organ = id<institution::OrganId>(organ),
                                          .from = now,
                                          .until = until}));
    return {};
}

Result<> Cast::advance_to(Timestamp now) {
    TRY(node_.tick(now));
    return {};
}

}  // namespace comity::demo
