// SPDX-License-Identifier: Apache-2.0
#include "record/note.h"

#include <algorithm>

#include "base/base64.h"
#include "base/check.h"
#include "base/hex.h"
#include "record/text.h"

namespace comity::record {
namespace {

constexpr std::string_view signature_mark = "\u2014 ";  // em dash and space
constexpr std::size_t time_size = 8;                    // octets before a cosignature, big-endian

Error bad_note(const char* message) { return Error{Code::invalid, "record/bad-note", message}; }

Error bad_verifier(const char* message) {
    return Error{Code::invalid, "record/bad-verifier-key", message};
}

void append(Bytes& octets, BytesView more) {
    octets.insert(octets.end(), more.begin(), more.end());
}

/// The signature's kind and the key, as both the vkey text and the key id have them.
Bytes typed_key(NoteKeyType type, const crypto::PublicKey& key) {
    Bytes octets = key.octets;
    octets.insert(octets.begin(), static_cast<std::byte>(type));
    return octets;
}

std::string signature_line(const std::string& name, const NoteKeyId& id, BytesView signature) {
    Bytes octets(id.begin(), id.end());
    append(octets, signature);
    return std::string(signature_mark) + name + " " + to_base64(octets) + "\n";
}

Result<NoteSignature> parse_signature(std::string_view line) {
    const Error malformed =
        bad_note("A line below the text is not a signature: dash, name, space, base64.");
    if (!line.starts_with(signature_mark)) return malformed;
    line.remove_prefix(signature_mark.size());
    const auto space = line.find(' ');
    if (space == std::string_view::npos || !is_key_name(line.substr(0, space))) return malformed;
    const auto octets = from_base64(line.substr(space + 1));
    NoteSignature signature{.name = std::string(line.substr(0, space)), .id = {}, .octets = {}};
    if (!octets || octets->size() <= signature.id.size()) return malformed;
    const BytesView all = *octets;
    std::copy_n(all.begin(), signature.id.size(), signature.id.begin());
    const BytesView rest = all.subspan(signature.id.size());
    signature.octets.assign(rest.begin(), rest.end());
    return signature;
}

/// What a cosigner at `seconds` signs (C2SP tlog-cosignature).
std::string cosigned_message(std::uint64_t seconds, std::string_view text) {
    return "cosignature/v1\ntime " + std::to_string(seconds) + "\n" + std::string(text);
}

Result<NoteProof> verify_line(std::string_view text, const NoteSignature& signature,
                              const NoteVerifier& verifier) {
    const Error bad{Code::invalid, "crypto/bad-signature",
                    "The signature of " + verifier.name + " does not fit the note."};
    BytesView octets = signature.octets;
    if (verifier.type == NoteKeyType::ed25519) {
        if (!crypto::verify(verifier.key, bytes_of(text), octets)) return bad;
        return NoteProof{.name = verifier.name, .time = std::nullopt};
    }
    if (octets.size() != time_size + crypto::signature_size) return bad;
    std::uint64_t seconds = 0;
    for (const std::byte octet : octets.first(time_size)) {
        seconds = seconds << 8 | std::to_integer<std::uint64_t>(octet);
    }
    const std::string message = cosigned_message(seconds, text);
    if (!crypto::verify(verifier.key, bytes_of(message), octets.subspan(time_size))) return bad;
    const Timestamp time{static_cast<std::int64_t>(seconds)};
    // A time that no clock shows is not evidence, whoever signed it.
    if (!Timestamp::parse(time.text())) return bad_note("A cosignature's time is out of range.");
    return NoteProof{.name = verifier.name, .time = time};
}

bool same_key_name(const NoteVerifier& a, const NoteVerifier& b) {
    return a.name == b.name && a.id() == b.id();
}

}  // namespace

bool is_key_name(std::string_view name) {
    return !name.empty() && name.size() <= key_name_bytes_max && is_plain_line(name) &&
           !has_space(name) && name.find('+') == std::string_view::npos;
}

Result<NoteVerifier> NoteVerifier::parse(std::string_view text) {
    const auto first = text.find('+');
    const auto second = first == std::string_view::npos ? first : text.find('+', first + 1);
    if (second == std::string_view::npos || !is_key_name(text.substr(0, first))) {
        return bad_verifier("Expected a verifier key as in name+00000000+base64.");
    }
    // The base64 may itself contain '+', so what is after the second belongs to it.
    const auto octets = from_base64(text.substr(second + 1));
    if (!octets || octets->empty()) return bad_verifier("The verifier key is not base64.");
    const auto type = static_cast<NoteKeyType>(octets->front());
    if (type != NoteKeyType::ed25519 && type != NoteKeyType::cosignature) {
        return bad_verifier("Only Ed25519 verifier keys are known: types 1 and 4.");
    }
    NoteVerifier verifier{.name = std::string(text.substr(0, first)), .type = type, .key = {}};
    verifier.key =
        TRY(crypto::checked_public_key(crypto::Algorithm::ed25519, BytesView(*octets).subspan(1)));
    if (verifier.text() != text) return bad_verifier("The id does not fit the name and the key.");
    return verifier;
}

std::string NoteVerifier::text() const {
    return name + "+" + to_hex(id()) + "+" + to_base64(typed_key(type, key));
}

NoteKeyId NoteVerifier::id() const {
    const Digest digest = sha256({bytes_of(name), bytes_of("\n"), typed_key(type, key)});
    NoteKeyId id{};
    std::copy_n(digest.octets.begin(), id.size(), id.begin());
    return id;
}

NoteVerifier NoteSigner::verifier(NoteKeyType type) const {
    return {.name = name, .type = type, .key = key.public_key()};
}

Result<Note> parse_note(std::string_view note) {
    if (note.size() > note_bytes_max) {
        return Error{Code::too_large, "record/note-too-large", "A note has at most 65,536 octets."};
    }
    if (!is_plain_text(note)) return bad_note("A note is UTF-8 without control characters.");
    const auto blank = note.rfind("\n\n");
    if (blank == std::string_view::npos || !note.ends_with('\n')) {
        return bad_note("A note is a text, a blank line and signature lines.");
    }
    Note parsed{.text = std::string(note.substr(0, blank + 1)), .signatures = {}};
    std::string_view lines = note.substr(blank + 2);
    while (!lines.empty()) {
        if (parsed.signatures.size() == note_signatures_max) {
            return bad_note("A note has at most 16 signatures.");
        }
        const auto end = lines.find('\n');
        parsed.signatures.push_back(TRY(parse_signature(lines.substr(0, end))));
        lines.remove_prefix(end + 1);
    }
    if (parsed.signatures.empty()) return bad_note("The note has no signature.");
    return parsed;
}

Result<OpenedNote> open_note(std::string_view note, std::span<const NoteVerifier> known) {
    for (auto verifier = known.begin(); verifier != known.end(); ++verifier) {
        if (std::any_of(known.begin(), verifier,
                        [&](const auto& other) { return same_key_name(other, *verifier); })) {
            return Error{Code::invalid, "record/ambiguous-verifiers",
                         "Two of the known keys have the same name and id; remove one."};
        }
    }
    Note parsed = TRY(parse_note(note));
    OpenedNote opened{.text = std::move(parsed.text), .proofs = {}};
    std::vector<const NoteVerifier*> counted;
    for (const NoteSignature& signature : parsed.signatures) {
        const auto verifier = std::find_if(known.begin(), known.end(), [&](const auto& one) {
            return one.name == signature.name && one.id() == signature.id;
        });
        if (verifier == known.end()) continue;
        NoteProof proof = TRY(verify_line(opened.text, signature, *verifier));
        // A second line of one signer proves nothing more, so that no quorum counts it twice.
        if (std::find(counted.begin(), counted.end(), &*verifier) != counted.end()) continue;
        counted.push_back(&*verifier);
        opened.proofs.push_back(std::move(proof));
    }
    if (opened.proofs.empty()) {
        return Error{Code::invalid, "record/unknown-signers",
                     "None of the note's signatures is by a known key."};
    }
    return opened;
}

std::string sign_note_line(std::string_view text, const NoteSigner& signer) {
    const NoteVerifier verifier = signer.verifier();
    COMITY_CHECK(is_key_name(signer.name) && text.ends_with('\n'));
    COMITY_CHECK(verifier.key.algorithm == crypto::Algorithm::ed25519);
    return signature_line(signer.name, verifier.id(), signer.key.sign(bytes_of(text)));
}

std::string cosign_note_line(std::string_view text, const NoteSigner& signer, Timestamp time) {
    const NoteVerifier verifier = signer.verifier(NoteKeyType::cosignature);
    COMITY_CHECK(is_key_name(signer.name) && text.ends_with('\n') && time.seconds >= 0);
    COMITY_CHECK(verifier.key.algorithm == crypto::Algorithm::ed25519);
    const auto seconds = static_cast<std::uint64_t>(time.seconds);
    Bytes octets;
    for (int shift = 56; shift >= 0; shift -= 8) {
        octets.push_back(static_cast<std::byte>((seconds >> shift) & 0xff));
    }
    append(octets, signer.key.sign(bytes_of(cosigned_message(seconds, text))));
    return signature_line(signer.name, verifier.id(), octets);
}

std::string sign_note(std::string_view text, const NoteSigner& signer) {
    return std::string(text) + "\n" + sign_note_line(text, signer);
}

}  // namespace comity::record
