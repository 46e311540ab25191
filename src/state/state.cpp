// SPDX-License-Identifier: Apache-2.0
#include "state/state.h"

#include "codec/cbor.h"
#include "state/described.h"

namespace comity::state {
namespace {

/// Every part once: its name and the member of State that it is. Names are part of the format.
template <class AnyState, class Visit>
void visit_parts(AnyState& state, Visit&& visit) {
    visit("decide", state.decide);
    visit("exchange", state.exchange);
    visit("institution", state.institution);
    visit("keys", state.institution.key_register);
    visit("ledger", state.ledger);
    visit("rules", state.rules);
}

constexpr const char* size_member = "size";

Error bad_snapshot(const std::string& what) {
    return Error{Code::corrupt, "state/bad-snapshot",
                 "The snapshot cannot be read (" + what + "); replay the record instead."};
}

template <class Part>
Result<Part> restored_part(const codec::Object& parts, const std::string& name) {
    const auto found = parts.find(name);
    const auto* bytes = found == parts.end() ? nullptr : std::get_if<Bytes>(&found->second.data);
    if (bytes == nullptr) return bad_snapshot("part " + name + " is missing");
    auto part = codec::from_cbor<Part>(*bytes);
    if (!part) return bad_snapshot("part " + name + ": " + part.error().message);
    return part;
}

}  // namespace

std::map<std::string, Digest> part_digests(const State& state) {
    std::map<std::string, Digest> digests;
    visit_parts(state, [&](const char* name, const auto& part) {
        digests.emplace(name, sha256({codec::to_cbor(part)}));
    });
    return digests;
}

Digest root_of(const std::map<std::string, Digest>& parts, std::uint64_t size) {
    codec::Object root;
    for (const auto& [name, digest] : parts) {
        root.emplace(name, codec::Value{Bytes(digest.octets.begin(), digest.octets.end())});
    }
    root.emplace(size_member, codec::Value{static_cast<std::int64_t>(size)});
    return sha256({codec::write_cbor(codec::Value{std::move(root)})});
}

Digest state_root(const State& state) { return root_of(part_digests(state), state.size); }

Bytes snapshot(const State& state) {
    codec::Object parts;
    visit_parts(state, [&](const char* name, const auto& part) {
        parts.emplace(name, codec::Value{codec::to_cbor(part)});
    });
    parts.emplace(size_member, codec::Value{static_cast<std::int64_t>(state.size)});
    return codec::write_cbor(codec::Value{std::move(parts)});
}

Result<State> restore(BytesView snapshot) {
    auto value = codec::parse_cbor(snapshot);
    if (!value) return bad_snapshot(value.error().message);
    const auto* parts = std::get_if<codec::Object>(&value->data);
    if (parts == nullptr) return bad_snapshot("it is not a map");

    State state;
    std::size_t known = 1;  // the size
    const auto size = parts->find(size_member);
    const auto* number =
        size == parts->end() ? nullptr : std::get_if<std::int64_t>(&size->second.data);
    if (number == nullptr || *number < 0) return bad_snapshot("its size is missing");
    state.size = static_cast<std::uint64_t>(*number);

    std::optional<Error> failed;
    visit_parts(state, [&]<class Part>(const char* name, Part& part) {
        ++known;
        if (failed) return;
        auto restored = restored_part<Part>(*parts, name);
        if (!restored) {
            failed = std::move(restored).error();
        } else {
            // The keys live inside the institution and are a part of their own: keep what is there.
            if constexpr (std::is_same_v<Part, institution::Institution>) {
                restored.value().key_register = std::move(part.key_register);
            }
            part = std::move(restored).value();
        }
    });
    if (failed) return *std::move(failed);
    if (parts->size() != known) return bad_snapshot("it has unknown parts");
    return state;
}

}  // namespace comity::state
