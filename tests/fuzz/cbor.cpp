// SPDX-License-Identifier: Apache-2.0
// Whatever parse_cbor accepts, write_cbor writes back octet for octet, and it has a JSON text. What
// it refuses has the reason codec/bad-cbor. The reader never reads past its octets, whatever is
// asked.
#include "codec/cbor.h"

#include <algorithm>

#include "base/check.h"
#include "codec/json.h"
#include "codec/utf8.h"

namespace {

/// Takes items as they come, as a reader of a format with tags and null would.
void read_loosely(comity::BytesView octets) {
    using comity::codec::CborReader;
    CborReader reader(octets);
    for (auto kind = reader.peek(); kind; kind = reader.peek()) {
        bool is_read = false;
        switch (*kind) {
            case CborReader::Kind::unsigned_integer:
            case CborReader::Kind::negative_integer:
                is_read = reader.integer().has_value();
                break;
            case CborReader::Kind::bytes:
                is_read = reader.bytes().has_value();
                break;
            case CborReader::Kind::text:
                is_read = reader.text().has_value();
                break;
            case CborReader::Kind::array:
                is_read = reader.array().has_value();
                break;
            case CborReader::Kind::map:
                is_read = reader.map().has_value();
                break;
            case CborReader::Kind::tag:
                is_read = reader.tag().has_value();
                break;
            case CborReader::Kind::boolean:
                is_read = reader.boolean().has_value();
                break;
            case CborReader::Kind::null:
                is_read = reader.null().has_value();
                break;
        }
        if (!is_read) return;
        COMITY_CHECK(reader.position() <= octets.size());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace comity;
    const BytesView octets = std::as_bytes(std::span(data, size));
    read_loosely(octets);
    const auto value = codec::parse_cbor(octets);
    if (!value) {
        COMITY_CHECK(value.error().reason == "codec/bad-cbor");
        return 0;
    }
    COMITY_CHECK(std::ranges::equal(codec::write_cbor(*value), octets));
    COMITY_CHECK(!codec::first_bad_utf8(codec::write_json(*value)));
    return 0;
}
