// SPDX-License-Identifier: Apache-2.0
// Whatever either reader of base64 accepts, its writer writes back; and any octets come back.
#include "base/base64.h"

#include <algorithm>

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace comity;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto octets = from_base64(text)) COMITY_CHECK(to_base64(*octets) == text);
    if (const auto octets = from_base64url(text)) COMITY_CHECK(to_base64url(*octets) == text);

    const BytesView octets = bytes_of(text);
    COMITY_CHECK(std::ranges::equal(*from_base64(to_base64(octets)), octets));
    COMITY_CHECK(std::ranges::equal(*from_base64url(to_base64url(octets)), octets));
    return 0;
}
