// SPDX-License-Identifier: Apache-2.0
// A checkpoint has one text, and signing it gives a note that opens to the same checkpoint.
#include "record/checkpoint.h"

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace comity;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto checkpoint = record::parse_checkpoint_text(text);
    if (!checkpoint) return 0;
    COMITY_CHECK(record::checkpoint_text(*checkpoint) == text);
    static const auto key = crypto::PrivateKey::generate(crypto::Algorithm::ed25519);
    const std::string note = record::sign_checkpoint(*checkpoint, key);
    const auto opened = record::open_checkpoint(note, checkpoint->origin, key.public_key());
    COMITY_CHECK(opened && *opened == *checkpoint);
    return 0;
}
