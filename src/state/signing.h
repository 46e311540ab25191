// SPDX-License-Identifier: Apache-2.0
#pragma once

// From a payload to the signed entry that carries it, and from an entry to its type: the one place
// that joins "part.type" with the content type of record/content_type.h.

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/key.h"
#include "record/content_type.h"
#include "record/statement.h"
#include "state/payload.h"

namespace comity::state {

/// The content type of "part.type", which must have a dot.
record::ContentType content_type_of(std::string_view type);

/// "part.type" of a statement, from its header.
std::string type_of(const record::StatementHeader& header);

/// Who signs, for which record, and when they say they did.
struct Signing {
    std::string issuer;
    std::string audience;
    Timestamp issued_at;
    const crypto::PrivateKey& key;
};

/// The entry: canonical JSON of the payload, about what the payload is about.
Bytes sign(const Payload& payload, const Signing& signing);

}  // namespace comity::state
