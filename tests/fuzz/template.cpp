// SPDX-License-Identifier: Apache-2.0
// Taking the comments out moves nothing and leaves none; whatever parse_template accepts, it
// accepts again as canonical JSON, with the same meaning.
#include "institution/template.h"

#include <cstddef>
#include <string>

#include "base/check.h"
#include "codec/describe.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace comity;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto plain = institution::without_comments(text);
    if (plain) {
        COMITY_CHECK(plain->size() == text.size());
        for (std::size_t i = 0; i < size; ++i) {
            COMITY_CHECK((*plain)[i] == text[i] || (*plain)[i] == ' ');
            COMITY_CHECK(text[i] != '\n' || (*plain)[i] == '\n');
        }
        COMITY_CHECK(institution::without_comments(*plain).value() == *plain);
    }
    const auto parsed = institution::parse_template(text);
    if (!parsed) return 0;
    const std::string canonical = codec::to_json(*parsed);
    const auto again = institution::parse_template(canonical);
    COMITY_CHECK(again.has_value());
    COMITY_CHECK(codec::to_json(*again) == canonical);
    return 0;
}
