// SPDX-License-Identifier: Apache-2.0
#pragma once

// Who gets how much of one pool: the fairest division of offers among members' needs.
//
// What always holds: the members' totals are the only ones that the rule allows (leximin over
// weighted levels, docs/spec/allocation.md section 2), no other allocation gives more in total,
// and the result carries a certificate with which certificate.h proves both in one pass. Exact
// integers decide everything; the same instance gives the same bytes on every machine, compiler
// and number of threads. Pure: no clock, no I/O; safe from any thread.
//
// An instance speaks in indices. Which pairs carry a member's total is canonical for a canonical
// instance only: whoever builds one sorts members, needs and offers by id (instance_json.h does).

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace comity::exchange {

__extension__ typedef __int128 Int128;  // NOLINT(modernize-use-using): -Wpedantic needs this form

/// Largest total of needs, of offers and of carry-over, and largest floor or cap: products with a
/// weight then fit 128 bits with room for sums.
inline constexpr std::int64_t units_max = std::int64_t{1} << 60;
inline constexpr std::int64_t weight_max = std::int64_t{1} << 40;
inline constexpr std::size_t members_max = std::size_t{1} << 20;
inline constexpr std::size_t needs_max = std::size_t{1} << 28;
inline constexpr std::size_t offers_max = std::size_t{1} << 24;
inline constexpr std::size_t pairs_max = 0xffff'fffe;

/// Position of a member, a need or an offer in its list.
using Index = std::uint32_t;

struct AllocationMember {
    std::string name;              ///< only for messages
    std::int64_t weight = 1;       ///< 1..weight_max, from an adopted table
    std::int64_t floor = 0;        ///< units it must receive
    std::int64_t cap = units_max;  ///< units it may receive; units_max: no cap
    std::int64_t carry_over = 0;   ///< units of earlier rounds that still count
    std::uint32_t tie_rank = 0;    ///< place in the lottery; no two members share one; lower wins
};

struct AllocationNeed {
    Index owner = 0;            ///< the member
    std::int64_t quantity = 0;  ///< units it can use
};

struct AllocationOffer {
    std::int64_t capacity = 0;  ///< units it can give
};

/// One pool of comparable units. Pairs that are not listed are unlawful. Needs may share a list of
/// lawful offers: where restrictions speak of classes, a million needs have a few hundred lists.
struct AllocationInstance {
    std::vector<AllocationMember> members;
    std::vector<AllocationNeed> needs;
    std::vector<AllocationOffer> offers;
    std::vector<Index> lawful_begin = {0};  ///< one more than lists: where each list starts
    std::vector<Index> lawful_offers;       ///< strictly ascending within a list
    std::vector<Index> lawful_list;  ///< of each need: its list; empty: the need's own number

    Index list_count() const { return static_cast<Index>(lawful_begin.size() - 1); }
    Index list_of(Index need) const { return lawful_list.empty() ? need : lawful_list[need]; }

    /// The offers of a list. Borrowed.
    std::span<const Index> list(Index number) const {
        return std::span(lawful_offers)
            .subspan(lawful_begin[number], lawful_begin[number + 1] - lawful_begin[number]);
    }
    /// The offers that may lawfully serve `need`. Borrowed.
    std::span<const Index> lawful(Index need) const { return list(list_of(need)); }
};

/// How whole units approach the exact shares: the next unit goes to the smallest key, where n is
/// what the member holds (carry-over included) and w its weight. Ties: lottery rank; with adams the
/// smaller weight comes before it, which makes adams exactly leximin over (n / w).
enum class Rounding : std::uint8_t {
    adams,            ///< n / w
    sainte_lague,     ///< (2n + 1) / 2w: nearest to the exact shares, no bias by size
    dhondt,           ///< (n + 1) / w
    huntington_hill,  ///< n (n + 1) / w^2
    serial,           ///< no key: by lottery rank alone, each in turn all that it can use
};

struct AllocationFlow {
    Index need = 0;
    Index offer = 0;
    std::int64_t units = 0;  ///< above zero

    friend bool operator==(const AllocationFlow&, const AllocationFlow&) = default;
};

/// In a certificate: nobody who wants more can reach this offer.
inline constexpr Index free_offer = 0xffff'ffff;

struct Allocation {
    std::vector<AllocationFlow> flows;  ///< ascending by need, then offer; no pair twice
    std::vector<std::int64_t> totals;   ///< units of each member
    std::vector<Index> certificate;     ///< of each offer: its bottleneck member, or free_offer

    friend bool operator==(const Allocation&, const Allocation&) = default;
};

/// An exact total in lowest terms, denominator above zero.
struct Fraction {
    Int128 numerator = 0;
    Int128 denominator = 1;

    std::string text() const;  ///< "85/3", or "4" for a whole number

    friend bool operator==(const Fraction&, const Fraction&) = default;
};

/// numerator / denominator (above zero) in lowest terms.
Fraction lowest_terms(Int128 numerator, Int128 denominator);

/// Errors: too_large "exchange/instance-too-large" (a named bound), invalid "exchange/bad-instance"
/// (weight, negative quantity, floor above cap, equal ranks, lists that do not fit together).
Result<> check_instance(const AllocationInstance& instance);

/// The only fair totals in whole units, pairs that carry them, and the certificate.
/// `threads` is how many may work at once; it never changes the result.
/// Errors: as check_instance; invalid "exchange/infeasible-floor" when the floors cannot all be
/// met: nothing is weakened in silence, the caller lowers a floor and asks again.
/// Cost: needs of a member with the same list, and offers in the same lists, are merged first; then
/// a few maximum flows over the pairs that remain. Memory: a few octets a pair.
Result<Allocation> allocate(const AllocationInstance& instance, Rounding rounding,
                            unsigned threads = 1);

/// The leximin totals of the members if units could be divided, exactly. Errors as allocate.
Result<std::vector<Fraction>> divisible_levels(const AllocationInstance& instance);

}  // namespace comity::exchange
