// SPDX-License-Identifier: Apache-2.0
#include "record/tlog_proof.h"

#include <charconv>

#include "base/base64.h"
#include "base/check.h"

namespace comity::record {
namespace {

constexpr std::string_view first_line = "c2sp.org/tlog-proof@v1";
constexpr std::string_view extra_word = "extra ";
constexpr std::string_view index_word = "index ";

Error bad_proof(const char* message) {
    return Error{Code::invalid, "record/bad-tlog-proof", message};
}

Result<std::string_view> take_line(std::string_view& text) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return bad_proof("The proof ends inside a line.");
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

Result<Digest> read_hash(std::string_view line) {
    const auto octets = from_base64(line);
    if (!octets || octets->size() != sizeof(Digest)) {
        return bad_proof("A line of the path is not a hash in base64.");
    }
    return Digest::from_octets(*octets);
}

Result<TlogProof> read_lines(std::string_view text) {
    TlogProof proof;
    if (TRY(take_line(text)) != first_line) return bad_proof("This is not a tlog-proof v1.");
    std::string_view line = TRY(take_line(text));
    if (line.starts_with(extra_word)) {
        const auto extra = from_base64(line.substr(extra_word.size()));
        if (!extra) return bad_proof("The extra data is not base64.");
        proof.extra = *extra;
        line = TRY(take_line(text));
    }
    if (!line.starts_with(index_word)) return bad_proof("Expected the line with the index.");
    line.remove_prefix(index_word.size());
    const auto read = std::from_chars(line.data(), line.data() + line.size(), proof.index);
    if (read.ec != std::errc{} || proof.index >= tree_size_max) {
        return bad_proof("The index is not a number below the largest size of a log.");
    }
    for (line = TRY(take_line(text)); !line.empty(); line = TRY(take_line(text))) {
        if (proof.path.size() == path_length_max) return bad_proof("The path is over 63 hashes.");
        proof.path.push_back(TRY(read_hash(line)));
    }
    const auto note = parse_note(text);
    if (!note || !parse_checkpoint_text(note->text)) {
        return bad_proof("What follows the blank line is not a signed checkpoint.");
    }
    proof.checkpoint = text;
    return proof;
}

}  // namespace

std::string write_tlog_proof(const TlogProof& proof) {
    COMITY_CHECK(proof.path.size() <= path_length_max);
    std::string text = std::string(first_line) + "\n";
    if (proof.extra) text.append(extra_word).append(to_base64(*proof.extra)).append("\n");
    text.append(index_word).append(std::to_string(proof.index)).append("\n");
    for (const Digest& hash : proof.path) text.append(to_base64(hash.octets)).append("\n");
    return text + "\n" + proof.checkpoint;
}

Result<TlogProof> parse_tlog_proof(std::string_view text) {
    if (text.size() > tlog_proof_bytes_max) {
        return Error{Code::too_large, "record/tlog-proof-too-large",
                     "A tlog-proof has at most 140,000 octets."};
    }
    TlogProof proof = TRY(read_lines(text));
    // Leading zeros of the index and the like: one proof has one text.
    if (write_tlog_proof(proof) != text) return bad_proof("The index is written otherwise.");
    return proof;
}

Result<CosignedCheckpoint> verify_tlog_proof(const TlogProof& proof, const Digest& leaf,
                                             const NoteVerifier& log,
                                             std::span<const NoteVerifier> witnesses) {
    CosignedCheckpoint cosigned = TRY(open_cosigned_checkpoint(proof.checkpoint, log, witnesses));
    const InclusionProof inclusion{
        .leaf_index = proof.index, .tree_size = cosigned.checkpoint.size, .path = proof.path};
    TRY(verify_inclusion(inclusion, leaf, cosigned.checkpoint.root));
    return cosigned;
}

}  // namespace comity::record
