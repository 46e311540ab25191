// SPDX-License-Identifier: Apache-2.0
#pragma once

// Bounds of an institution, each with its unit. They are the same for every institution: two nodes
// that differ in one of them would differ in what they refuse.

#include <cstddef>
#include <cstdint>

namespace comity::institution {

inline constexpr std::size_t origin_bytes_max = 128;
inline constexpr std::size_t name_bytes_max = 512;      ///< of a name, title or clause, a language
inline constexpr std::size_t text_bytes_max = 8'000;    ///< of purposes, notes, reasons, a language
inline constexpr std::size_t languages_max = 64;        ///< of one text
inline constexpr std::size_t charter_list_max = 1'024;  ///< elements of each list of the charter
inline constexpr std::size_t charter_bytes_max = 60'000;  ///< canonical JSON, in its entry
inline constexpr std::size_t history_max = 256;           ///< changes of status of one party
inline constexpr std::uint32_t keys_per_member_max = 64;  ///< in force at once, delegates' included
inline constexpr std::size_t founding_seals_max = 32;     ///< keys in the founding entry
/// One entry of the clock moves at most this far: an absurd time cannot end every deadline for
/// good, and a demonstration can still pass a year in one step.
inline constexpr std::int64_t clock_step_seconds_max = std::int64_t{400} * 86'400;
inline constexpr std::int64_t period_seconds_max =
    std::int64_t{3'660} * 86'400;  ///< of a procedure

}  // namespace comity::institution
