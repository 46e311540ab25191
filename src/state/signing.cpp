// SPDX-License-Identifier: Apache-2.0
#include "state/signing.h"

#include "base/check.h"

namespace comity::state {

record::ContentType content_type_of(std::string_view type) {
    const auto dot = type.find('.');
    COMITY_CHECK(dot != std::string_view::npos);
    return {.part = std::string(type.substr(0, dot)), .type = std::string(type.substr(dot + 1))};
}

std::string type_of(const record::StatementHeader& header) {
    return header.content_type.part + "." + header.content_type.type;
}

Bytes sign(const Payload& payload, const Signing& signing) {
    const std::string json = payload_json(payload);
    const BytesView octets = bytes_of(json);
    return record::sign_statement({.content_type = content_type_of(type_of(payload)),
                                   .issuer = signing.issuer,
                                   .subject = subject_of(payload),
                                   .audience = signing.audience,
                                   .issued_at = signing.issued_at,
                                   .payload = Bytes(octets.begin(), octets.end())},
                                  signing.key);
}

}  // namespace comity::state
