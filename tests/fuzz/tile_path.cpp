// SPDX-License-Identifier: Apache-2.0
// A tile has one name: what parse_tile_path reads is written back.
#include "record/tile.h"

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace comity::record;
    const std::string path(reinterpret_cast<const char*>(data), size);
    const auto parsed = parse_tile_path(path);
    if (!parsed) return 0;
    const auto& [level, index, width] = parsed->tile;
    COMITY_CHECK((parsed->kind == TilePath::Kind::entries
                      ? entries_path(index, width)
                      : tile_path(level, index, width)) == path);
    (void)has_tile(tree_size_max, parsed->tile);
    return 0;
}
