// SPDX-License-Identifier: Apache-2.0
#include "record/tile.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/check.h"

namespace comity::record {
namespace {

constexpr std::string_view hashes_prefix = "tile/";
constexpr std::string_view entries_prefix = "tile/entries/";
constexpr std::string_view partial_mark = ".p/";
constexpr std::size_t group_digits = 3;
constexpr std::size_t path_bytes_max = 64;  // 19 digits in groups, and the rest
constexpr std::size_t entry_bytes_limit = std::numeric_limits<std::uint16_t>::max();

/// "x001/x234/067": groups of three digits, all but the last marked.
std::string index_path(std::uint64_t index) {
    std::string digits = std::to_string(index);
    digits.insert(0, (group_digits - digits.size() % group_digits) % group_digits, '0');
    std::string path;
    for (std::size_t at = 0; at < digits.size(); at += group_digits) {
        const bool last = at + group_digits == digits.size();
        if (!last) path += 'x';
        path += digits.substr(at, group_digits);
        if (!last) path += '/';
    }
    return path;
}

std::string named(std::string prefix, std::uint64_t index, std::uint32_t width) {
    COMITY_CHECK(width >= 1 && width <= tile_width);
    prefix += index_path(index);
    if (width < tile_width) prefix.append(partial_mark).append(std::to_string(width));
    return prefix;
}

/// Takes a number off the front of `text`; leading zeros are allowed here and excluded by writing
/// the whole name again.
template <class Number>
bool take_number(std::string_view& text, Number& number) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    return true;
}

bool take(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

bool take_index(std::string_view& text, std::uint64_t& index) {
    std::string digits;
    for (bool last = false; !last;) {
        last = !take(text, "x");
        digits += text.substr(0, group_digits);
        text.remove_prefix(std::min(group_digits, text.size()));
        if (!last && !take(text, "/")) return false;
    }
    std::string_view all = digits;
    return take_number(all, index) && all.empty();
}

/// Hashes on `level` of the tiles of a tree of `size`.
std::uint64_t hashes_on(unsigned level, std::uint64_t size) {
    return size >> (tile_height * level);
}

/// What the name says if read generously; whether it is the tile's one name, the caller checks.
bool read_path(std::string_view text, TilePath& path) {
    if (take(text, entries_prefix)) {
        path.kind = TilePath::Kind::entries;
    } else if (!take(text, hashes_prefix) || !take_number(text, path.tile.level) ||
               path.tile.level > tile_level_max || !take(text, "/")) {
        return false;
    }
    if (!take_index(text, path.tile.index) ||
        path.tile.index > hashes_on(path.tile.level, tree_size_max) / tile_width) {
        return false;
    }
    if (text.empty()) return true;
    return take(text, partial_mark) && take_number(text, path.tile.width) && text.empty() &&
           path.tile.width >= 1 && path.tile.width < tile_width;
}

}  // namespace

std::string tile_path(unsigned level, std::uint64_t index, std::uint32_t width) {
    COMITY_CHECK(level <= tile_level_max);
    return named(std::string(hashes_prefix) + std::to_string(level) + "/", index, width);
}

std::string entries_path(std::uint64_t index, std::uint32_t width) {
    return named(std::string(entries_prefix), index, width);
}

Result<TilePath> parse_tile_path(std::string_view path) {
    TilePath read;
    if (path.size() <= path_bytes_max && read_path(path, read)) {
        const auto& [level, index, width] = read.tile;
        const std::string name = read.kind == TilePath::Kind::entries
                                     ? entries_path(index, width)
                                     : tile_path(level, index, width);
        if (name == path) return read;
    }
    return Error{Code::invalid, "record/bad-tile-path",
                 "Expected a tile as in tile/0/x001/234, tile/entries/000 or tile/1/000.p/17."};
}

bool has_tile(std::uint64_t size, const TileCoordinates& tile) {
    if (tile.level > tile_level_max || tile.width < 1 || tile.width > tile_width) return false;
    const std::uint64_t hashes = hashes_on(tile.level, size);
    if (tile.index > hashes / tile_width) return false;
    return tile.index * tile_width + tile.width <= hashes;
}

Bytes hash_tile(const Tree& tree, unsigned level, std::uint64_t index, std::uint32_t width) {
    COMITY_CHECK(has_tile(tree.size(), {.level = level, .index = index, .width = width}));
    Bytes tile;
    tile.reserve(width * sizeof(Digest));
    for (std::uint32_t i = 0; i < width; ++i) {
        const Digest hash = tree.node(tile_height * level, index * tile_width + i);
        tile.insert(tile.end(), hash.octets.begin(), hash.octets.end());
    }
    return tile;
}

Bytes encode_bundle(std::span<const Bytes> entries) {
    COMITY_CHECK(entries.size() <= tile_width);
    Bytes bundle;
    for (const Bytes& entry : entries) {
        COMITY_CHECK(entry.size() <= entry_bytes_limit);
        bundle.push_back(static_cast<std::byte>(entry.size() >> 8));
        bundle.push_back(static_cast<std::byte>(entry.size() & 0xff));
        bundle.insert(bundle.end(), entry.begin(), entry.end());
    }
    return bundle;
}

Result<std::vector<Bytes>> parse_bundle(BytesView bundle, std::size_t width) {
    const Error cut{Code::invalid, "record/bad-bundle",
                    "The entry bundle is not exactly as many entries as its name says."};
    if (width < 1 || width > tile_width) return cut;
    std::vector<Bytes> entries;
    entries.reserve(width);
    while (entries.size() < width) {
        if (bundle.size() < 2) return cut;
        const auto length =
            std::to_integer<std::size_t>(bundle[0]) << 8 | std::to_integer<std::size_t>(bundle[1]);
        bundle = bundle.subspan(2);
        if (bundle.size() < length) return cut;
        const auto entry = bundle.first(length);
        entries.emplace_back(entry.begin(), entry.end());
        bundle = bundle.subspan(length);
    }
    if (!bundle.empty()) return cut;
    return entries;
}

std::vector<TileCoordinates> new_tiles(std::uint64_t old_size, std::uint64_t new_size) {
    COMITY_CHECK(old_size <= new_size && new_size <= tree_size_max);
    std::vector<TileCoordinates> tiles;
    for (unsigned level = 0; level <= tile_level_max; ++level) {
        const std::uint64_t before = hashes_on(level, old_size);
        const std::uint64_t hashes = hashes_on(level, new_size);
        if (before == hashes) break;  // then nothing above is new either
        const std::uint64_t full = hashes / tile_width;
        for (std::uint64_t index = before / tile_width; index < full; ++index) {
            tiles.push_back({.level = level, .index = index, .width = tile_width});
        }
        const auto partial = static_cast<std::uint32_t>(hashes % tile_width);
        if (partial != 0) tiles.push_back({.level = level, .index = full, .width = partial});
    }
    return tiles;
}

}  // namespace comity::record
