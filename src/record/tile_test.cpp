// SPDX-License-Identifier: Apache-2.0
//
// How we trust tiles: names are those of the specification's examples and each tile has one; the
// hashes are subtree roots computed the slow way; and whatever sizes a log passes through, what was
// published is exactly what a client of each published size asks for.

#include "record/tile.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "record/test_vectors.h"

namespace comity::record {
namespace {

// Source: the examples of C2SP tlog-tiles.
TEST(Tile, IsNamedAsTheSpecificationSays) {
    EXPECT_EQ(tile_path(0, 1234067, 256), "tile/0/x001/x234/067");
    EXPECT_EQ(tile_path(0, 273, 112), "tile/0/273.p/112");
    EXPECT_EQ(tile_path(1, 1, 17), "tile/1/001.p/17");
    EXPECT_EQ(tile_path(2, 0, 1), "tile/2/000.p/1");
    EXPECT_EQ(entries_path(1000, 256), "tile/entries/x001/000");
    EXPECT_EQ(entries_path(0, 255), "tile/entries/000.p/255");
}

RC_GTEST_PROP(Tile, NameReadsBack, ()) {
    TileCoordinates tile;
    tile.level = *rc::gen::inRange(0U, tile_level_max + 1);
    tile.index = *rc::gen::inRange<std::uint64_t>(
        0, (tree_size_max >> (tile_height * tile.level)) / tile_width + 1);
    tile.width = *rc::gen::inRange(1U, tile_width + 1);
    const TilePath hashes{.kind = TilePath::Kind::hashes, .tile = tile};
    RC_ASSERT(*parse_tile_path(tile_path(tile.level, tile.index, tile.width)) == hashes);
    tile.level = 0;
    const TilePath entries{.kind = TilePath::Kind::entries, .tile = tile};
    RC_ASSERT(*parse_tile_path(entries_path(tile.index, tile.width)) == entries);
}

TEST(Tile, NameIsReadStrictly) {
    for (const char* path : {
             "",
             "tile",
             "tile/0",
             "tile/0/",
             "tile/0/0",
             "tile/0/00",
             "tile/0/0000",
             "tile/0/x000/001",
             "tile/0/001/",
             "tile/0/x001",
             "tile/0/x001/",
             "tile/0/001/002",
             "tile/0/x001/2",
             "tile/0/x01/002",
             "tile/0/-01",
             "tile/0/+01",
             "tile/0/ 01",
             "tile/0/0x1",
             "tile/00/001",
             "tile/8/000",
             "tile/63/000",
             "tile/-1/000",
             "tile/7/001",
             "tile/data/000",
             "tile/entries",
             "tile/entries/x",
             "tile/entries/000.p",
             "tile/entries/000.p/0",
             "tile/entries/000.p/01",
             "tile/entries/000.p/256",
             "tile/entries/000.p/255/",
             "tile/entries/000.p/-1",
             "tile/entries/000/p/1",
             "/tile/0/000",
             "tile/0/000?x",
             "tile//0/000",
             "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
             "tile/0/x018/x446/x744/x073/x709/x551/616",
         }) {
        const auto parsed = parse_tile_path(path);
        ASSERT_FALSE(parsed) << path;
        EXPECT_EQ(parsed.error().reason, "record/bad-tile-path") << path;
    }
    EXPECT_FALSE(parse_tile_path(std::string_view("tile/0/000\0", 11)));
    EXPECT_FALSE(parse_tile_path(std::string(100'000, 'x')));
}

TEST(Tile, HoldsTheRootsOfItsSubtrees) {
    const auto leaves = leaves_numbered(600);
    const Tree tree = tree_of(leaves);
    const auto hash_in = [](const Bytes& tile, std::size_t i) {
        return *Digest::from_octets(BytesView(tile).subspan(i * 32, 32));
    };
    const Bytes low = hash_tile(tree, 0, 2, 88);
    ASSERT_EQ(low.size(), 88U * 32);
    for (std::size_t i = 0; i < 88; ++i) EXPECT_EQ(hash_in(low, i), leaves[512 + i]);
    const Bytes high = hash_tile(tree, 1, 0, 2);
    ASSERT_EQ(high.size(), 64U);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(hash_in(high, i), root_hash(std::span(leaves).subspan(i * 256, 256)));
    }
}

TEST(Tile, ExistsUpToTheWidthThatTheSizeGives) {
    EXPECT_TRUE(has_tile(70'000, {.level = 0, .index = 273, .width = 112}));
    EXPECT_FALSE(has_tile(70'000, {.level = 0, .index = 273, .width = 113}));
    EXPECT_FALSE(has_tile(70'000, {.level = 0, .index = 274, .width = 1}));
    EXPECT_TRUE(has_tile(70'000, {.level = 2, .index = 0, .width = 1}));
    EXPECT_FALSE(has_tile(70'000, {.level = 3, .index = 0, .width = 1}));
    EXPECT_FALSE(has_tile(70'000, {.level = 8, .index = 0, .width = 1}));
    EXPECT_FALSE(has_tile(70'000, {.level = 0, .index = 0, .width = 0}));
    EXPECT_FALSE(has_tile(70'000, {.level = 0, .index = 0, .width = 257}));
    EXPECT_FALSE(has_tile(70'000, {.level = 0, .index = ~std::uint64_t{0}, .width = 1}));
    EXPECT_FALSE(has_tile(0, {.level = 0, .index = 0, .width = 1}));
}

// Source: the example of C2SP tlog-tiles, a log of 70,000 entries.
TEST(Tile, AllOfALogAreThoseOfTheSpecification) {
    const auto tiles = new_tiles(0, 70'000);
    ASSERT_EQ(tiles.size(), 273U + 1 + 1 + 1 + 1);
    EXPECT_EQ(tiles[272], (TileCoordinates{.level = 0, .index = 272, .width = 256}));
    EXPECT_EQ(tiles[273], (TileCoordinates{.level = 0, .index = 273, .width = 112}));
    EXPECT_EQ(tiles[274], (TileCoordinates{.level = 1, .index = 0, .width = 256}));
    EXPECT_EQ(tiles[275], (TileCoordinates{.level = 1, .index = 1, .width = 17}));
    EXPECT_EQ(tiles[276], (TileCoordinates{.level = 2, .index = 0, .width = 1}));
}

std::string name_of(const TileCoordinates& tile) {
    return tile_path(tile.level, tile.index, tile.width);
}

RC_GTEST_PROP(Tile, WhateverTheBatchesTheTilesOfEverySizeAreThere, ()) {
    const auto steps = *rc::gen::container<std::vector<std::uint64_t>>(
        4, rc::gen::oneOf(rc::gen::inRange<std::uint64_t>(0, 600),
                          rc::gen::inRange<std::uint64_t>(0, 70'000)));
    std::set<std::string> published;
    std::uint64_t size = 0;
    for (const std::uint64_t step : steps) {
        for (const auto& tile : new_tiles(size, size + step)) {
            RC_ASSERT(has_tile(size + step, tile));
            RC_ASSERT(published.insert(name_of(tile)).second);  // none is written twice
        }
        size += step;
        for (const auto& tile : new_tiles(0, size)) RC_ASSERT(published.contains(name_of(tile)));
    }
}

TEST(Tile, OfTheLargestLogStaysWithinTheLevels) {
    const auto tiles = new_tiles(tree_size_max - 1, tree_size_max);
    ASSERT_EQ(tiles.size(), 1U);
    EXPECT_EQ(tiles[0].width, 255U);
    EXPECT_TRUE(parse_tile_path(name_of(tiles[0])));
    EXPECT_TRUE(new_tiles(5, 5).empty());
    EXPECT_TRUE(new_tiles(0, 0).empty());
}

TEST(Bundle, ReadsBack) {
    const std::vector<Bytes> entries{owned(bytes_of("a")), {}, Bytes(65'535, std::byte{7})};
    const Bytes bundle = encode_bundle(entries);
    EXPECT_EQ(bundle.size(), 3U * 2 + 1 + 65'535);
    EXPECT_EQ(to_hex(BytesView(bundle).first(7)),
              "000161"
              "0000"
              "ffff");
    EXPECT_EQ(*parse_bundle(bundle, 3), entries);
}

TEST(Bundle, HasExactlyAsManyEntriesAsItsName) {
    const Bytes bundle = encode_bundle(std::vector<Bytes>(3, owned(bytes_of("abc"))));
    for (const std::size_t width : {0U, 1U, 2U, 4U, 256U, 257U}) {
        EXPECT_EQ(parse_bundle(bundle, width).error().reason, "record/bad-bundle") << width;
    }
    for (std::size_t size = 0; size < bundle.size(); ++size) {
        EXPECT_FALSE(parse_bundle(BytesView(bundle).first(size), 3)) << size;
    }
    Bytes longer = bundle;
    longer.push_back(std::byte{0});
    EXPECT_FALSE(parse_bundle(longer, 3));
}

}  // namespace
}  // namespace comity::record
