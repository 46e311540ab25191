// SPDX-License-Identifier: Apache-2.0
//
// Other people's proofs (tests/vectors/merkle): every file says whether it must be accepted.

#include <gtest/gtest.h>

#include <filesystem>

#include "base/base64.h"
#include "record/merkle.h"
#include "record/test_vectors.h"

namespace comity::record {
namespace {

/// A vector, with `"proof": null` read as the empty path that it means.
codec::Object vector_in(const std::filesystem::path& path) {
    std::string text = file_text(std::filesystem::relative(path, COMITY_SOURCE_DIR).string());
    constexpr std::string_view absent = "\"proof\": null";
    if (const auto at = text.find(absent); at != std::string::npos) {
        text.replace(at, absent.size(), "\"proof\": []");
    }
    const auto parsed = codec::parse_json(text);
    EXPECT_TRUE(parsed) << path << (parsed ? "" : parsed.error().message);
    return std::get<codec::Object>(parsed->data);
}

std::uint64_t number(const codec::Object& object, const char* name) {
    return static_cast<std::uint64_t>(std::get<std::int64_t>(object.at(name).data));
}

/// A hash of the file; those that are not 32 octets long are refused where they are read.
Result<Digest> hash(const codec::Value& value) {
    const Bytes octets = TRY(from_base64(std::get<std::string>(value.data)));
    return Digest::from_octets(octets);
}

Result<std::vector<Digest>> path_in(const codec::Object& object) {
    std::vector<Digest> path;
    for (const auto& value : std::get<codec::Array>(object.at("proof").data)) {
        path.push_back(TRY(hash(value)));
    }
    return path;
}

Result<> verify_inclusion_in(const codec::Object& object) {
    const InclusionProof proof{.leaf_index = number(object, "leafIdx"),
                               .tree_size = number(object, "treeSize"),
                               .path = TRY(path_in(object))};
    const Digest leaf = TRY(hash(object.at("leafHash")));
    const Digest root = TRY(hash(object.at("root")));
    return verify_inclusion(proof, leaf, root);
}

Result<> verify_consistency_in(const codec::Object& object) {
    const ConsistencyProof proof{.old_size = number(object, "size1"),
                                 .new_size = number(object, "size2"),
                                 .path = TRY(path_in(object))};
    const Digest old_root = TRY(hash(object.at("root1")));
    const Digest new_root = TRY(hash(object.at("root2")));
    return verify_consistency(proof, old_root, new_root);
}

TEST(MerkleVectors, AreAcceptedOrRefusedAsTheySay) {
    int accepted = 0;
    int refused = 0;
    for (const auto& file :
         std::filesystem::recursive_directory_iterator(COMITY_SOURCE_DIR "/tests/vectors/merkle")) {
        if (file.path().extension() != ".json") continue;
        const auto object = vector_in(file.path());
        const bool inclusion = object.contains("leafIdx");
        const auto verified =
            inclusion ? verify_inclusion_in(object) : verify_consistency_in(object);
        EXPECT_NE(verified.has_value(), std::get<bool>(object.at("wantErr").data)) << file.path();
        ++(verified ? accepted : refused);
    }
    EXPECT_EQ(accepted, 1);
    EXPECT_EQ(refused, 109);
}

}  // namespace
}  // namespace comity::record
