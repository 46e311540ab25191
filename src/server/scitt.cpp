// SPDX-License-Identifier: Apache-2.0
//
// The record for machines: SCITT registration and receipts (SCRAPI), the log's files (C2SP
// tlog-tiles), receipt bundles.

#include <algorithm>
#include <charconv>

#include "base/base64.h"
#include "base/hex.h"
#include "codec/cbor.h"
#include "crypto/key.h"
#include "node/receipt_bundle.h"
#include "record/statement.h"
#include "record/tile.h"
#include "server/answer.h"
#include "server/routes.h"
#include "state/bundle.h"

namespace comity::server {
namespace {

constexpr std::int64_t kty_label = 1;
constexpr std::int64_t kid_label = 2;
constexpr std::int64_t curve_label = -1;
constexpr std::int64_t x_label = -2;
constexpr std::int64_t y_label = -3;
constexpr std::int64_t kty_ec2 = 2;
constexpr std::int64_t curve_p256 = 1;

Error no_such_entry() {
    return {Code::not_found, "server/no-such-entry",
            "No entry has this id; give its index or its statement id in 64 hexadecimal digits."};
}

/// The entry that the path names by index or by statement id.
Result<std::uint64_t> entry_of(const Endpoint& endpoint) {
    const std::string& id = endpoint.parameters.at("id");
    if (id.size() == 64) {
        const auto octets = from_hex(id);
        if (!octets) return no_such_entry();
        const Digest statement = TRY(Digest::from_octets(*octets));
        const auto index = TRY(endpoint.node.find(statement));
        if (!index) return no_such_entry();
        return *index;
    }
    std::uint64_t index = 0;
    const char* const end = id.data() + id.size();
    const auto [stop, problem] = std::from_chars(id.data(), end, index);
    const bool is_canonical = id.size() == 1 || !id.starts_with('0');
    if (problem != std::errc() || stop != end || !is_canonical) return no_such_entry();
    if (index >= endpoint.node.log().head().size) return no_such_entry();
    return index;
}

crypto::PublicKey receipt_key(const Endpoint& endpoint) {
    return endpoint.node.read(
        [](const state::State& state) { return state.institution.founding.receipt_key; });
}

/// COSE_Key (RFC 9052 section 7) with its key id.
Bytes key_with_id(const crypto::PublicKey& key) {
    const Digest id = crypto::thumbprint(key);
    const BytesView octets = key.octets;
    codec::CborWriter writer;
    writer.map(5);
    writer.integer(kty_label);
    writer.integer(kty_ec2);
    writer.integer(kid_label);
    writer.bytes(id.octets);
    writer.integer(curve_label);
    writer.integer(curve_p256);
    writer.integer(x_label);
    writer.bytes(octets.first(32));
    writer.integer(y_label);
    writer.bytes(octets.subspan(32));
    return writer.take();
}

/// What lives for ever under its name.
net::Response immutable(net::Response response) {
    response.headers["cache-control"] = "public, max-age=31536000, immutable";
    return response;
}

}  // namespace

Result<net::Response> post_entry(const Endpoint& endpoint) {
    const auto accepted = TRY(endpoint.node.submit(bytes_of(endpoint.request.body)));
    const Bytes receipt = TRY(endpoint.node.receipt(accepted.index));
    net::Response response = respond(201, cose_type, BytesView(receipt));
    response.headers["location"] = "/entries/" + std::to_string(accepted.index);
    response.headers["cache-control"] = "no-store";
    return response;
}

Result<net::Response> get_receipt(const Endpoint& endpoint) {
    const std::uint64_t index = TRY(entry_of(endpoint));
    const Bytes receipt = TRY(endpoint.node.receipt(index));
    net::Response response = respond(200, cose_type, BytesView(receipt));
    response.headers["location"] = "/entries/" + std::to_string(index);
    response.headers["cache-control"] = "no-cache";
    return response;
}

Result<net::Response> get_statement(const Endpoint& endpoint) {
    const std::uint64_t index = TRY(entry_of(endpoint));
    const auto entries = TRY(endpoint.node.log().read(index, 1));
    return immutable(respond(200, cose_type, BytesView(entries[0])));
}

Result<net::Response> get_keys(const Endpoint& endpoint) {
    codec::CborWriter writer;
    writer.array(1);
    Bytes set = writer.take();
    const Bytes key = key_with_id(receipt_key(endpoint));
    set.insert(set.end(), key.begin(), key.end());
    return respond(200, "application/cbor", BytesView(set));
}

Result<net::Response> get_key(const Endpoint& endpoint) {
    const crypto::PublicKey key = receipt_key(endpoint);
    if (endpoint.parameters.at("kid") != to_base64url(crypto::thumbprint(key).octets)) {
        return Error{Code::not_found, "server/no-such-key",
                     "No such key; /.well-known/scitt-keys has all of them."};
    }
    return respond(200, "application/cbor", BytesView(key_with_id(key)));
}

Result<net::Response> get_checkpoint(const Endpoint& endpoint) {
    const Bytes note = TRY(endpoint.objects.get("checkpoint"));
    net::Response response = respond(200, "text/plain; charset=utf-8", BytesView(note));
    response.headers["cache-control"] = "no-store";
    return response;
}

Result<net::Response> get_tile(const Endpoint& endpoint) {
    const std::string name = "tile/" + endpoint.parameters.at("rest");
    const auto path = record::parse_tile_path(name);
    if (!path) return Error{Code::not_found, path.error().reason, path.error().message};
    const Bytes tile = TRY(endpoint.objects.get(name));
    return immutable(respond(200, "application/octet-stream", BytesView(tile)));
}

Result<net::Response> get_proof(const Endpoint& endpoint) {
    const std::string& text = endpoint.parameters.at("n");
    std::uint64_t index = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, index);
    if (problem != std::errc() || stop != end || index >= endpoint.node.log().head().size) {
        return no_such_entry();
    }
    return bundle_response(endpoint.node, {index}, "entry-" + std::to_string(index));
}

Result<net::Response> bundle_response(const node::Node& node,
                                      const std::vector<std::uint64_t>& entries,
                                      const std::string& name) {
    const state::Bundle bundle = TRY(node::receipt_bundle(node, entries));
    net::Response response = respond(200, json_type, state::write_bundle(bundle));
    response.headers["content-disposition"] = "attachment; filename=\"" + name + ".proof.json\"";
    response.headers["cache-control"] = "no-cache";
    return response;
}

}  // namespace comity::server
