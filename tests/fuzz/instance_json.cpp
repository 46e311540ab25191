// SPDX-License-Identifier: Apache-2.0
// Whatever is read as an instance is written and read back the same; and if it is small, it is
// either refused or solved, and the solution passes its own check.
#include "exchange/instance_json.h"

#include "base/check.h"
#include "codec/json.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace comity;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto instances = exchange::parse_instances(text);
    if (!instances) return 0;
    for (const exchange::NamedInstance& named : *instances) {
        const codec::Value written = exchange::to_value(named);
        const auto again = exchange::parse_instances(codec::write_json(written));
        COMITY_CHECK(again && again->size() == 1);
        COMITY_CHECK(exchange::to_value(again->front()) == written);
        const auto solved = exchange::solve(named);
        if (!solved) continue;
        const codec::Value document = exchange::solution(named, *solved);
        COMITY_CHECK(exchange::check_solution(named, document).has_value());
    }
    return 0;
}
