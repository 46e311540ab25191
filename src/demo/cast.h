// SPDX-License-Identifier: Apache-2.0
#pragma once

// The cast of the demonstration: every party's keys, and how each signs and submits.
//
// The keys follow from public names, so that anybody can replay the demonstration: they protect
// nothing, and the founding entry says what the record is. Never use them for anything else.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "crypto/key.h"
#include "institution/ids.h"
#include "institution/institution.h"
#include "institution/statements.h"
#include "node/node.h"
#include "state/payload.h"

namespace comity::demo {

/// The keys that a demonstration record is founded with. The receipt key is new each time.
node::NodeKeys demonstration_keys();

/// The seal of a party, and the key of its one delegate.
crypto::PrivateKey seal_of(const institution::MemberId& member);
crypto::PrivateKey delegate_key_of(const institution::MemberId& member);

/// The keys that the cast registered, by the name of a file for each: "lso" is the key that the
/// party acts with (its delegate's, or its seal if it has no delegate), "seal-lso" its seal.
std::map<std::string, crypto::PrivateKey> keys_of_parties(const institution::KeyRegister& keys);

/// The registration of a party's seal, with its proof for the record `origin`.
institution::KeyRegistration sealed(std::string_view member, const std::string& origin);

class Cast {
public:
    /// Borrows the node.
    explicit Cast(node::Node& node);

    /// Signs as the party's seal, or as its delegate, and submits. Errors: those of Node::submit.
    Result<std::uint64_t> seal(std::string_view member, const state::Payload& payload);
    Result<std::uint64_t> delegate(std::string_view member, const state::Payload& payload);

    /// Registers the seal of a party, by the registrar.
    Result<> register_seal(std::string_view member);

    /// Registers the key of a party's delegate and gives it a mandate in `organ`, by the party.
    Result<> give_mandate(std::string_view member, std::string_view organ, Timestamp until);

    /// Logs the time, and what is due with it.
    Result<> advance_to(Timestamp now);

    /// The entry as it would be submitted, for those who want to bend it.
    Bytes sign(std::string_view member, const crypto::PrivateKey& key,
               const state::Payload& payload) const;

private:
    Result<std::uint64_t> submit(const Bytes& entry);

    node::Node& node_;
};

/// The id of a literal, which is known to be well formed.
template <class Id>
Id id(std::string_view text) {
    return Id::parse(text).value();
}

inline LocalizedText english(std::string text) {
    return {{LanguageTag::parse("en").value(), std::move(text)}};
}

}  // namespace comity::demo
