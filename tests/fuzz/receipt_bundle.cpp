// SPDX-License-Identifier: Apache-2.0
// Whatever parse_bundle accepts writes a bundle that reads back the same, and verifying never does
// worse than refuse with a sentence: nobody can sign for the record without its key.
#include "state/bundle.h"

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace comity;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto bundle = state::parse_bundle(text);
    if (!bundle) return 0;
    const std::string written = state::write_bundle(*bundle);
    const auto again = state::parse_bundle(written);
    COMITY_CHECK(again.has_value());
    COMITY_CHECK(state::write_bundle(*again) == written);
    const auto report = state::verify_bundle(*again, {});
    COMITY_CHECK(report.has_value() || !report.error().message.empty());
    return 0;
}
