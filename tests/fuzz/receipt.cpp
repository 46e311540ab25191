// SPDX-License-Identifier: Apache-2.0
// Whatever is behind the form, a receipt verifies only for the root that the log's key signed. The
// key is that of the first seed, so that mutations of it reach the proof and the signature.
#include "record/receipt.h"

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace comity;
    static const auto key = *crypto::PrivateKey::from_seed(sha256({bytes_of("log")}).octets);
    static const Digest leaf = record::leaf_hash(bytes_of("entry 2"));
    static const Digest root = record::root_hash(std::vector{
        record::leaf_hash(bytes_of("entry 0")), record::leaf_hash(bytes_of("entry 1")), leaf});
    const BytesView receipt = std::as_bytes(std::span(data, size));
    if (const auto proven = record::verify_receipt(receipt, leaf, key.public_key())) {
        COMITY_CHECK(proven->root == root);
        COMITY_CHECK(proven->leaf_index < proven->tree_size);
    }
    return 0;
}
