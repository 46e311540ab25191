// SPDX-License-Identifier: Apache-2.0
#pragma once

// What `comity observe` prints for people: a report of a page, with how each number was computed
// and its source. Pure functions.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "observe/import.h"
#include "state/observation.h"

namespace comity::cli {

/// "86.8 %" for 868. What rounding would make nothing or all, and is not by its exact share, is
/// "under 0.1 %" or "over 99.9 %".
std::string percent(std::int64_t per_thousand, std::string_view share);

std::string concentration_report(const observe::ImportedConcentration& found);

/// What the record says of its institution, with members as their ids.
struct RecordObservation {
    std::string origin;
    std::uint64_t size = 0;  ///< entries that were replayed
    std::vector<state::UnitObservation> units;
    state::Influence influence;
    std::vector<observe::Explanation> how;
};
BOOST_DESCRIBE_STRUCT(RecordObservation, (), (origin, size, units, influence, how))

std::string observation_report(const RecordObservation& found);

}  // namespace comity::cli
