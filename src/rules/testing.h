// SPDX-License-Identifier: Apache-2.0
#pragma once

// For tests only: an institution that knows some item classes and end uses, and acts of issuers.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "institution/institution.h"
#include "rules/rules.h"

namespace comity::rules::testing {

template <class IdType>
IdType id(std::string_view text) {
    return IdType::parse(text).value();
}

inline institution::AreaCode area(std::string_view text) {
    return institution::AreaCode::parse(text).value();
}

inline Date day(std::string_view text) { return Date::parse(text).value(); }

inline institution::Institution institution_knowing(const std::vector<std::string>& item_classes,
                                                    const std::vector<std::string>& end_uses) {
    institution::Institution knowing;
    for (const std::string& name : item_classes) {
        knowing.charter.item_classes.push_back(
            {.id = id<institution::ItemClassId>(name), .name = {}});
    }
    for (const std::string& name : end_uses) {
        knowing.charter.end_uses.push_back({.id = id<institution::EndUseId>(name), .name = {}});
    }
    return knowing;
}

inline institution::Act act_of(std::string_view issuer, std::uint64_t index) {
    return {.index = index,
            .now = Timestamp{0},
            .actor = {.member = id<institution::MemberId>(issuer), .delegate = {}, .key = {}}};
}

inline institution::Transfer transfer(std::string_view item_class, std::string_view origin,
                                      std::string_view destination, std::string_view end_use) {
    return {.item_class = id<institution::ItemClassId>(item_class),
            .origin = area(origin),
            .destination = area(destination),
            .end_use = id<institution::EndUseId>(end_use)};
}

}  // namespace comity::rules::testing
