// SPDX-License-Identifier: Apache-2.0
// Whatever parse_json accepts is UTF-8, has one canonical text that reads back the same, and means
// the same in CBOR if it is not too deep for it. A refusal carries a reason of codec and a bounded
// message.
#include "codec/json.h"

#include "base/check.h"
#include "codec/cbor.h"
#include "codec/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace comity::codec;
    constexpr std::size_t message_octets_max = 8'192;  // 32 names of 64 octets, escaped
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto value = parse_json(text);
    if (!value) {
        COMITY_CHECK(value.error().reason.starts_with("codec/"));
        COMITY_CHECK(value.error().message.size() <= message_octets_max);
        return 0;
    }
    COMITY_CHECK(!first_bad_utf8(text));

    // No other text of the same value is shorter, so the limit on octets holds for it as well.
    const std::string canonical = write_json(*value);
    COMITY_CHECK(canonical.size() <= text.size());
    const auto again = parse_json(canonical);
    COMITY_CHECK(again.has_value() && *again == *value);
    COMITY_CHECK(write_json(*again) == canonical);
    const auto pretty = parse_json(write_json_pretty(*value), {.bytes_max = 1U << 26U});
    COMITY_CHECK(pretty.has_value() && *pretty == *value);

    const auto octets = write_cbor(*value);
    if (const auto from_octets = parse_cbor(octets)) COMITY_CHECK(*from_octets == *value);
    return 0;
}
