// SPDX-License-Identifier: Apache-2.0
#pragma once

// Allocation instances and their solutions as JSON documents, for `comity allocation` and for
// tests.
//
// An instance read here is canonical: members, needs and offers are sorted by id (bytewise), so the
// order in which a file lists them changes nothing. Format: docs/spec/allocation.md sections 8, 9.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/value.h"
#include "exchange/allocation.h"

namespace comity::exchange {

/// Octets of a file of instances.
inline constexpr std::size_t instances_bytes_max = std::size_t{256} << 20;

/// An instance whose indices have names again. Members' ids are in instance.members.
struct NamedInstance {
    std::string name;  ///< may be empty
    AllocationInstance instance;
    std::vector<std::string> needs;   ///< ids, ascending
    std::vector<std::string> offers;  ///< ids, ascending
    Rounding rounding = Rounding::sainte_lague;
    /// What the file says that each member must get: exactly ("r", as "85/3"), in whole units
    /// ("units").
    std::map<std::string, std::string> expected;
    std::map<std::string, std::int64_t> expected_units;
};

/// Reads one instance, one named instance, or an array of either.
/// Errors: those of codec::parse_json and check_instance; invalid "exchange/bad-instance", with the
/// JSON pointer of the place.
Result<std::vector<NamedInstance>> parse_instances(std::string_view json);

/// The document that parse_instances reads, without what is expected.
codec::Value to_value(const NamedInstance& named);

struct Solution {
    Allocation allocation;        ///< whole units
    std::vector<Fraction> exact;  ///< each member's total if units could be divided
};

/// Errors: those of allocate.
Result<Solution> solve(const NamedInstance& named, unsigned threads = 1);

/// The solution with the reason of each need, ready to write. `solved` must be a solution of
/// `named`.
codec::Value solution(const NamedInstance& named, const Solution& solved);

/// Whether a document says nothing but the truth about an instance. The whole units are proved by
/// their certificate, not by running the engine; the exact totals are computed again.
/// Errors: invalid "exchange/bad-solution" with the JSON pointer of the first difference, invalid
/// "exchange/bad-certificate" with condition and ids, and those of divisible_levels.
Result<> check_solution(const NamedInstance& named, const codec::Value& document);

}  // namespace comity::exchange
