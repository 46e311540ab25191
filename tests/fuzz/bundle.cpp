// SPDX-License-Identifier: Apache-2.0
// The first octet is the width, less one; the rest a bundle. What parse_bundle reads is written
// back.
#include "record/tile.h"

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace comity;
    if (size == 0) return 0;
    const BytesView bundle = std::as_bytes(std::span(data, size)).subspan(1);
    const std::size_t width = std::size_t{data[0]} + 1;
    const auto entries = record::parse_bundle(bundle, width);
    if (!entries) return 0;
    COMITY_CHECK(entries->size() == width);
    COMITY_CHECK(record::encode_bundle(*entries) == Bytes(bundle.begin(), bundle.end()));
    return 0;
}
