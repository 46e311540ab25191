// SPDX-License-Identifier: Apache-2.0
// The first octet chooses a statement type, the rest is its payload. Whatever parse_payload accepts
// writes one canonical JSON that reads back the same and fits its published schema's name.
#include "state/payload.h"

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace comity;
    if (size == 0) return 0;
    const auto types = state::statement_types();
    const std::string_view type = types[data[0] % types.size()];
    const BytesView json = std::as_bytes(std::span(data + 1, size - 1));
    const auto payload = state::parse_payload(type, json);
    if (!payload) return 0;
    COMITY_CHECK(state::type_of(*payload) == type);
    COMITY_CHECK(!state::subject_of(*payload).empty());
    const std::string canonical = state::payload_json(*payload);
    const auto again = state::parse_payload(type, bytes_of(canonical));
    COMITY_CHECK(again.has_value());
    COMITY_CHECK(state::payload_json(*again) == canonical);
    return 0;
}
