// SPDX-License-Identifier: Apache-2.0
#pragma once

// Layout: the frame of every page. Title, banner of a demonstration, navigation, the page, its
// other forms, and what a reader needs to check the record elsewhere.

#include <string>
#include <string_view>

#include "server/html.h"
#include "server/reader.h"
#include "server/resource.h"

namespace comity::server {

/// Where a page stands and which other forms it has.
struct Place {
    std::string path;   ///< below the language: "needs/lso-training", "" for home
    std::string query;  ///< as sent, with '?', or ""
    bool has_json = false;
    bool has_proof = false;
};

/// A whole HTML document.
std::string document(const Reader& reader, const Page& page, const Place& place);

}  // namespace comity::server
