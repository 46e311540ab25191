// SPDX-License-Identifier: Apache-2.0
// A parsed note's lines put together again are the note; a note opens only as signed by one of the
// known keys, whose signature nobody without the key can make; a verifier key has one text.
#include "record/note.h"

#include "base/base64.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace comity;
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto note = record::parse_note(text)) {
        std::string again = note->text + "\n";
        for (const auto& [name, id, signature] : note->signatures) {
            Bytes octets(id.begin(), id.end());
            octets.insert(octets.end(), signature.begin(), signature.end());
            again += "\u2014 " + name + " " + to_base64(octets) + "\n";
        }
        COMITY_CHECK(again == text);
        static const std::vector known{record::NoteSigner{
            .name = "log.example", .key = crypto::PrivateKey::generate(crypto::Algorithm::ed25519)}
                                           .verifier()};
        COMITY_CHECK(!record::open_note(text, known));
    }
    if (const auto verifier = record::NoteVerifier::parse(text)) {
        COMITY_CHECK(verifier->text() == text);
    }
    return 0;
}
