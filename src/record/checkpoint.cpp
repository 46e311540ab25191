// SPDX-License-Identifier: Apache-2.0
#include "record/checkpoint.h"

#include <array>
#include <charconv>

#include "base/base64.h"
#include "base/check.h"
#include "record/merkle.h"

namespace comity::record {
namespace {

Error bad_checkpoint(const char* message) {
    return Error{Code::invalid, "record/bad-checkpoint", message};
}

/// Takes a line off the front, without its end; empty when there is none.
std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return {};
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

Result<Checkpoint> checked_origin(const std::string& text, const std::string& origin) {
    Checkpoint checkpoint = TRY(parse_checkpoint_text(text));
    if (checkpoint.origin != origin) return bad_checkpoint("The checkpoint is of another log.");
    return checkpoint;
}

bool signed_by(const OpenedNote& note, const std::string& name) {
    for (const NoteProof& proof : note.proofs) {
        if (proof.name == name && !proof.time) return true;
    }
    return false;
}

}  // namespace

std::string checkpoint_text(const Checkpoint& checkpoint) {
    COMITY_CHECK(is_key_name(checkpoint.origin) && checkpoint.size <= tree_size_max);
    return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
           to_base64(checkpoint.root.octets) + "\n";
}

Result<Checkpoint> parse_checkpoint_text(std::string_view text) {
    std::string_view rest = text;
    const auto origin = take_line(rest);
    const auto size = take_line(rest);
    const auto root = take_line(rest);
    if (!is_key_name(origin)) return bad_checkpoint("The first line is not the name of a log.");
    Checkpoint checkpoint{.origin = std::string(origin), .size = 0, .root = {}};
    const auto read = std::from_chars(size.data(), size.data() + size.size(), checkpoint.size);
    if (read.ec != std::errc{} || checkpoint.size > tree_size_max) {
        return bad_checkpoint("The second line is not the number of entries.");
    }
    const auto octets = from_base64(root);
    if (!octets || octets->size() != checkpoint.root.octets.size()) {
        return bad_checkpoint("The third line is not a root hash in base64.");
    }
    checkpoint.root = TRY(Digest::from_octets(*octets));
    if (checkpoint.size == 0 && checkpoint.root != sha256({})) {
        return bad_checkpoint("A log without entries has only one root, the hash of nothing.");
    }
    // Written again it must be the same: no leading zeros, no further lines.
    if (checkpoint_text(checkpoint) != text) {
        return bad_checkpoint("A checkpoint is exactly three lines: name, size and root.");
    }
    return checkpoint;
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const crypto::PrivateKey& key) {
    return sign_note(checkpoint_text(checkpoint), {.name = checkpoint.origin, .key = key});
}

Result<Checkpoint> open_checkpoint(std::string_view note, const std::string& origin,
                                   const crypto::PublicKey& key) {
    const std::array known{NoteVerifier{.name = origin, .key = key}};
    const OpenedNote opened = TRY(open_note(note, known));
    return checked_origin(opened.text, origin);
}

Result<CosignedCheckpoint> open_cosigned_checkpoint(std::string_view note, const NoteVerifier& log,
                                                    std::span<const NoteVerifier> witnesses) {
    std::vector<NoteVerifier> known{log};
    for (const NoteVerifier& witness : witnesses) {
        if (witness.type != NoteKeyType::cosignature) {
            return Error{Code::invalid, "record/wrong-key",
                         "The key of " + witness.name + " is not a witness key (type 4)."};
        }
        known.push_back(witness);
    }
    const OpenedNote opened = TRY(open_note(note, known));
    if (log.type != NoteKeyType::ed25519 || !signed_by(opened, log.name)) {
        return Error{Code::invalid, "record/unknown-signers",
                     "The checkpoint is not signed by the log itself."};
    }
    CosignedCheckpoint cosigned{.checkpoint = TRY(checked_origin(opened.text, log.name)),
                                .cosignatures = {}};
    for (const NoteProof& proof : opened.proofs) {
        if (proof.time) cosigned.cosignatures.push_back({proof.name, *proof.time});
    }
    return cosigned;
}

std::string cosign_checkpoint(const Checkpoint& checkpoint, const NoteSigner& witness,
                              Timestamp time) {
    return cosign_note_line(checkpoint_text(checkpoint), witness, time);
}

std::string verifier_key(const std::string& origin, const crypto::PublicKey& key) {
    return NoteVerifier{.name = origin, .key = key}.text();
}

}  // namespace comity::record
