// SPDX-License-Identifier: Apache-2.0
#pragma once

// Signed notes: a short text with one signature line a signer. Source: C2SP signed-note v1.
//
// What always holds: every signature by a known key is verified, and one that fails spoils the
// whole note; signatures by others are skipped; names are compared exactly, never by a part. Pure
// functions, safe from any thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/key.h"

namespace comity::record {

inline constexpr std::size_t note_bytes_max = 65'536;
inline constexpr std::size_t note_signatures_max = 16;
inline constexpr std::size_t key_name_bytes_max = 255;

using NoteKeyId = std::array<std::byte, 4>;

/// What a note key's signature is over.
enum class NoteKeyType : std::uint8_t {
    ed25519 = 0x01,      ///< the text
    cosignature = 0x04,  ///< a time and the text (C2SP tlog-cosignature v1), Ed25519
};

/// Whether `name` may name a key or a log: 1 to 255 octets of UTF-8 without spaces of any kind,
/// control characters or '+'.
bool is_key_name(std::string_view name);

/// A key that signatures on notes are checked with.
struct NoteVerifier {
    std::string name;
    NoteKeyType type = NoteKeyType::ed25519;
    crypto::PublicKey key;  ///< Ed25519

    /// Reads "<name>+<8 hex digits of the id>+<base64>". Errors: invalid "record/bad-verifier-key",
    /// and those of crypto::checked_public_key.
    static Result<NoteVerifier> parse(std::string_view text);

    /// What parse reads.
    std::string text() const;

    /// First four octets of SHA-256(name, newline, type, key): a hint, not an identity.
    NoteKeyId id() const;

    friend bool operator==(const NoteVerifier&, const NoteVerifier&) = default;
};

/// Who signs a note. `name` must be a key name and `key` Ed25519.
struct NoteSigner {
    std::string name;
    crypto::PrivateKey key;

    NoteVerifier verifier(NoteKeyType type = NoteKeyType::ed25519) const;
};

/// One line below the text, as it stands there.
struct NoteSignature {
    std::string name;
    NoteKeyId id{};
    Bytes octets;  ///< after the key id

    friend bool operator==(const NoteSignature&, const NoteSignature&) = default;
};

struct Note {
    std::string text;  ///< ends with a newline
    std::vector<NoteSignature> signatures;
};

/// A signature that was verified.
struct NoteProof {
    std::string name;               ///< the verifier's
    std::optional<Timestamp> time;  ///< when a cosigner says it signed
};

struct OpenedNote {
    std::string text;
    std::vector<NoteProof> proofs;  ///< at least one; at most one a verifier, in the note's order
};

/// Splits a note at its last blank line, without verifying anything.
/// Errors: too_large "record/note-too-large" over 65,536 octets; invalid "record/bad-note" for
/// text that is not UTF-8, control characters, a malformed line, none or more than 16 signatures.
Result<Note> parse_note(std::string_view note);

/// The text, once at least one of `known` has signed it and no known signature fails.
/// Errors: as parse_note; invalid "crypto/bad-signature" for a known key's bad signature; invalid
/// "record/unknown-signers" when none is known; invalid "record/ambiguous-verifiers" when two of
/// `known` share name and id.
Result<OpenedNote> open_note(std::string_view note, std::span<const NoteVerifier> known);

/// The line "— <name> <base64>\n" over `text`, which must end with a newline.
std::string sign_note_line(std::string_view text, const NoteSigner& signer);

/// The same for a cosigner at `time`, not before 1970.
std::string cosign_note_line(std::string_view text, const NoteSigner& signer, Timestamp time);

/// `text`, a blank line, and the signer's line.
std::string sign_note(std::string_view text, const NoteSigner& signer);

}  // namespace comity::record
