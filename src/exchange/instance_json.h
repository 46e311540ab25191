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
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/value.h"
#include "exchange/division_explanation.h"
#include "exchange/rule.h"

namespace comity::exchange {

/// Octets of a file of instances.
inline constexpr std::size_t instances_bytes_max = std::size_t{256} << 20;

/// An instance whose indices have names again, and what rules may read beside it. Members' ids are
/// in instance.members.
struct NamedInstance {
    std::string name;  ///< may be empty
    AllocationInstance instance;
    std::vector<std::string> needs;   ///< ids, ascending
    std::vector<std::string> offers;  ///< ids, ascending
    Rounding rounding = Rounding::sainte_lague;
    std::optional<AllocationRule> rule;  ///< absent: members and rounding say all
    std::vector<NeedTerms> terms;        ///< of each need, without tiers; empty: none has any
    std::vector<std::string> end_uses;   ///< of each need; may be empty
    std::optional<PairCosts> costs;      ///< for a rule that asks for pairs of least cost
    /// Units confirmed in earlier rounds, by member, the last round first.
    std::vector<std::vector<std::int64_t>> confirmed;
    std::map<std::string, std::vector<bool>> groups;           ///< by id: whether a member is in it
    std::map<std::string, std::vector<std::int64_t>> weights;  ///< tables; 0: not listed
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

/// A rule from a file or a draft. Members that are left out stand as in a rule that does nothing
/// but divide worst-off first, every member alike. Errors: those of codec::from_value and
/// check_rule.
Result<AllocationRule> read_rule(const codec::Value& value);

/// The pool that a named instance is under its rule.
struct RuledPool {
    Pool pool;
    DivisionRule rule;
};

/// Errors: invalid "exchange/bad-instance" if the rule names a group or a table that the instance
/// does not have, or the table does not list a member.
Result<RuledPool> under_rule(const NamedInstance& named);

struct Solution {
    Division division;
    /// Each member's total if units could be divided. Empty under a rule that has no such totals:
    /// one with several stages, least quantities or the order of a lottery.
    std::vector<Fraction> exact;
    std::vector<NeedExplanation> reasons;  ///< of each need

    const Allocation& allocation() const { return division.allocation(); }
};

/// Errors: those of under_rule and divide.
Result<Solution> solve(const NamedInstance& named, unsigned threads = 1);

/// The solution with the reason of each need, ready to write. `solved` must be a solution of
/// `named`.
codec::Value solution(const NamedInstance& named, const Solution& solved);

/// Whether a document says nothing but the truth about an instance. The whole units are proved by
/// their certificate, not by running the engine; exact totals, and floors that a rule sets, are
/// computed again.
/// Errors: invalid "exchange/bad-solution" with the JSON pointer of the first difference, invalid
/// "exchange/bad-certificate" with condition and ids, and those of under_rule and check_division.
Result<> check_solution(const NamedInstance& named, const codec::Value& document);

}  // namespace comity::exchange
