// SPDX-License-Identifier: Apache-2.0
#pragma once

// Receipt: the log's signed word that one entry is in its tree, checkable offline.
//
// A COSE_Sign1 with a detached payload (the root) and an inclusion proof in its unprotected header:
//
//     protected   {1: alg, 4: kid (thumbprint), 15: {1: iss, 2: sub}, 395: 1}
//     unprotected {396: {-1: [bstr .cbor [tree size, leaf index, [+ hash]]]}}
//
// One encoding only, deterministic CBOR. A receipt proves that the leaf is under the signed root
// and nothing else: size and index are not signed, and where the path has the same shape (size 5
// index 4, size 2 index 1) they can be changed. A checkpoint with that root binds them, and a
// cosigned one (record/tlog_proof.h) excludes a split view as well. A tree of one entry has no
// path, and the format no way to write one: such a log has no receipts. Pure functions, safe from
// any thread. Source: RFC 9942, verifiable data structure 1 (RFC9162_SHA256).

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key.h"
#include "crypto/sha256.h"
#include "record/merkle.h"

namespace comity::record {

inline constexpr std::size_t receipt_bytes_max = 4'096;  // 63 hashes and two claims fit

/// Who issues receipts. Borrows the key.
struct ReceiptIssuer {
    std::string issuer;   ///< CWT iss, the log; 1 to 256 octets without control characters
    std::string subject;  ///< CWT sub, what the entry is; likewise
    const crypto::PrivateKey& key;
};

/// What a receipt says; root, issuer and subject are signed by the log.
struct ProvenEntry {
    std::uint64_t tree_size = 0;   ///< not signed: compare it and the root with a checkpoint's
    std::uint64_t leaf_index = 0;  ///< not signed: bound by the root once the size is
    Digest root;                   ///< the leaf is under it
    std::string issuer;
    std::string subject;
};

/// The receipt for the leaf that `proof` is about in the tree with `root`. The algorithm is -7 for
/// an ES256 key (the one that all independent verifiers know) and -19 for Ed25519.
/// Errors: invalid "record/no-receipt-for-one-entry"; invalid "record/bad-receipt" for claims over
/// the limits.
Result<Bytes> sign_receipt(const InclusionProof& proof, const Digest& root,
                           const ReceiptIssuer& issuer);

/// Recomputes the root from `leaf` and the receipt's path, then checks the signature over it.
/// Errors: too_large "record/receipt-too-large"; invalid "record/bad-receipt" for another form;
/// invalid "record/bad-proof"; invalid "record/wrong-key" when the key id names another key;
/// invalid "record/wrong-algorithm"; invalid "crypto/bad-signature".
Result<ProvenEntry> verify_receipt(BytesView receipt, const Digest& leaf,
                                   const crypto::PublicKey& key);

}  // namespace comity::record
