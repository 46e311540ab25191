// SPDX-License-Identifier: Apache-2.0
#pragma once

// Why a need got what it got, read off the certificate: a code and the facts for one sentence.
//
// Pure. The codes are those of docs/spec/allocation.md section 6; the words are the reader's
// business (messages/), and so is what only the caller knows (which rule made a pair unlawful).

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "exchange/allocation.h"

namespace comity::exchange {

enum class NeedOutcome : std::uint8_t {
    met_in_full,
    no_offer,       ///< E1: the pool holds nothing at all
    none_lawful,    ///< E2: the pool holds units, none of them lawful for this need
    no_better_off,  ///< E3: every lawful unit is with members no better off
    member_cap,     ///< E4: the member has all that its cap allows
    floor_first,    ///< E6: a better-off member keeps a lawful unit because of its floor
    below_minimum,  ///< E5: what it could have is less than is of use to it; it was set aside
    earlier_stage,  ///< a better-off member keeps a lawful unit that an earlier tier or choice gave
};
BOOST_DESCRIBE_ENUM(NeedOutcome, met_in_full, no_offer, none_lawful, no_better_off, member_cap,
                    floor_first, below_minimum, earlier_stage)

struct NeedExplanation {
    NeedOutcome outcome = NeedOutcome::met_in_full;
    std::int64_t given = 0;    ///< units
    std::int64_t missing = 0;  ///< units
    /// E3, E6: of the members that hold its lawful offers, the one whose last unit has the largest
    /// key (E6: of those that their floor protects). Its level is (carry_over + total) / weight. It
    /// may be the owner itself.
    std::optional<Index> holder;
    /// E3, E6: the worst-off member that could use the least contested of its lawful offers; it
    /// comes first if those grow. It may be the owner itself.
    std::optional<Index> bottleneck;

    friend bool operator==(const NeedExplanation&, const NeedExplanation&) = default;
};

/// One explanation for each need, in order. `allocation` must pass check_certificate. O(pairs).
std::vector<NeedExplanation> explain(const AllocationInstance& instance, Rounding rounding,
                                     const Allocation& allocation);

/// The same for one need. O(flows + its lawful offers).
NeedExplanation explain(const AllocationInstance& instance, Rounding rounding,
                        const Allocation& allocation, Index need);

/// What would help the worst-off: the member that comes first for one unit more wherever it can
/// reach, and the offers, ascending, of which one unit more would go to it. Empty if nobody wants
/// more that any offer could give.
struct Help {
    std::optional<Index> member;
    std::vector<Index> offers;
};

/// `allocation` must pass check_certificate. O(members + offers).
Help what_would_help(const AllocationInstance& instance, Rounding rounding,
                     const Allocation& allocation);

}  // namespace comity::exchange
