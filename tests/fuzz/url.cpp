// SPDX-License-Identifier: Apache-2.0
// A parsed URL is written back as one that parses to the same; its target, and any other, decodes
// to a path without dot segments, or is refused by name.
#include "net/url.h"

#include <string>

#include "base/check.h"
#include "net/target.h"

namespace {

void check_target(std::string_view text) {
    const auto target = comity::net::Target::parse(text);
    if (!target) {
        COMITY_CHECK(target.error().reason == "net/bad-target");
        return;
    }
    const std::string path = target->path + "/";
    COMITY_CHECK(path.starts_with('/'));
    COMITY_CHECK(path.find("/../") == std::string::npos);
    COMITY_CHECK(path.find("/./") == std::string::npos);
    COMITY_CHECK(path.find('\0') == std::string::npos);
    COMITY_CHECK(target->query.size() <= comity::net::query_pairs_max);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    check_target(text);
    const auto url = comity::net::Url::parse(text);
    if (!url) {
        COMITY_CHECK(url.error().reason == "net/bad-url");
        return 0;
    }
    const auto again = comity::net::Url::parse(url->text());
    // The port that is left out of the text, and the '/' that is added, may change its length.
    COMITY_CHECK(!again || *again == *url);
    COMITY_CHECK(again || url->text().size() > comity::net::url_bytes_max);
    check_target(url->target);
    return 0;
}
