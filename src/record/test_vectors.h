// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the tests of the record share: the files under tests/vectors, the public test keys of
// vec.txt, and trees of numbered leaves.

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/hex.h"
#include "codec/json.h"
#include "crypto/key.h"
#include "record/merkle.h"
#include "record/tree.h"

namespace comity::record {

inline std::string file_text(const std::string& path) {
    std::ifstream file(COMITY_SOURCE_DIR "/" + path, std::ios::binary);
    EXPECT_TRUE(file) << path;
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

inline codec::Object json_file(const std::string& path) {
    const auto parsed = codec::parse_json(file_text(path), {.bytes_max = 1'000'000});
    EXPECT_TRUE(parsed) << path << ": " << (parsed ? "" : parsed.error().message);
    return std::get<codec::Object>(parsed->data);
}

inline std::string text_of(const codec::Object& object, const std::string& name) {
    return std::get<std::string>(object.at(name).data);
}

inline Bytes hex(std::string_view text) { return *from_hex(text); }

inline Bytes owned(BytesView octets) { return Bytes(octets.begin(), octets.end()); }

inline Digest digest_of_hex(std::string_view text) { return *Digest::from_octets(hex(text)); }

/// The lines of tests/vectors/record/vec.txt that begin with `label` and a space: what follows it.
inline std::string vec_line(const std::string& label) {
    std::istringstream lines(file_text("tests/vectors/record/vec.txt"));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(label + " ")) return line.substr(label.size() + 1);
    }
    ADD_FAILURE() << label;
    return {};
}

/// The public test keys of vec.txt: "log", "wit", "issuer".
inline crypto::PrivateKey test_key(std::string_view word) {
    return *crypto::PrivateKey::from_seed(sha256({bytes_of(word)}).octets);
}

inline std::vector<Digest> leaves_numbered(std::uint64_t count) {
    std::vector<Digest> leaves(count);
    for (std::uint64_t i = 0; i < count; ++i) leaves[i] = leaf_hash(bytes_of(std::to_string(i)));
    return leaves;
}

inline Tree tree_of(const std::vector<Digest>& leaves) {
    Tree tree;
    for (const Digest& leaf : leaves) tree.append(leaf);
    return tree;
}

/// The entries of the tree whose roots Certificate Transparency publishes as test vectors.
inline std::vector<Bytes> published_entries() {
    std::vector<Bytes> entries;
    for (const char* entry : {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                              "606162636465666768696a6b6c6d6e6f"}) {
        entries.push_back(hex(entry));
    }
    return entries;
}

/// Every way to change one bit of `octets`.
inline std::vector<Bytes> bent(const Bytes& octets) {
    std::vector<Bytes> all;
    for (std::size_t bit = 0; bit < octets.size() * 8; ++bit) {
        all.push_back(octets);
        all.back()[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    }
    return all;
}

}  // namespace comity::record
