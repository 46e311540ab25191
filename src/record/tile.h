// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tiles: the tree and its entries as static files that any web server or cache can hold.
//
// A tile is 256 consecutive hashes of every eighth level of the tree; an entry bundle is 256
// entries. The last of a row may be partial. A full tile never changes; a partial tile is named by
// its width and never changes either. Pure functions. Source: C2SP tlog-tiles.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "record/tree.h"

namespace comity::record {

inline constexpr std::uint32_t tile_width = 256;  ///< hashes in a full tile, entries in a bundle
inline constexpr unsigned tile_height = 8;        ///< levels of the tree from one tile to the next
inline constexpr unsigned tile_level_max = 7;     ///< 8 levels of 8 bits: a tree of 2^63 - 1 leaves

/// One hash tile; on level 0 also the entry bundle beside it.
struct TileCoordinates {
    unsigned level = 0;  ///< 0 holds leaf hashes
    std::uint64_t index = 0;
    std::uint32_t width = tile_width;  ///< 1 to 256; 256 is a full tile

    friend bool operator==(const TileCoordinates&, const TileCoordinates&) = default;
};

/// What a tile's name says.
struct TilePath {
    enum class Kind : std::uint8_t { hashes, entries };
    Kind kind = Kind::hashes;
    TileCoordinates tile;  ///< level 0 for entries

    friend bool operator==(const TilePath&, const TilePath&) = default;
};

/// "tile/0/x001/234.p/112": the object's name, and its path below the log's URL.
std::string tile_path(unsigned level, std::uint64_t index, std::uint32_t width);

/// "tile/entries/x001/234.p/112".
std::string entries_path(std::uint64_t index, std::uint32_t width);

/// Reads exactly what tile_path and entries_path write; each tile has one name.
/// Errors: invalid "record/bad-tile-path".
Result<TilePath> parse_tile_path(std::string_view path);

/// Whether a tree of `size` leaves has the hashes of `tile`.
bool has_tile(std::uint64_t size, const TileCoordinates& tile);

/// `width` hashes of 32 octets. The tree must have them: has_tile(tree.size(), …).
Bytes hash_tile(const Tree& tree, unsigned level, std::uint64_t index, std::uint32_t width);

/// Each entry behind its length, 16 bits big-endian. At most 256 entries of at most 65,535 octets.
Bytes encode_bundle(std::span<const Bytes> entries);

/// Exactly `width` entries and nothing else. Errors: invalid "record/bad-bundle".
Result<std::vector<Bytes>> parse_bundle(BytesView bundle, std::size_t width);

/// Tiles to publish when a log grows: those of the new tree that the old one lacked, partial ones
/// of the new size included, by level and index. new_tiles(0, n) is every tile of a log of n.
std::vector<TileCoordinates> new_tiles(std::uint64_t old_size, std::uint64_t new_size);

}  // namespace comity::record
