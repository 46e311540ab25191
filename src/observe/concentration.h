// SPDX-License-Identifier: Apache-2.0
#pragma once

// Concentration: how much of a total its largest holders have.
//
// Exact: amounts are decimals as written, split amounts are fractions, and integers of any length
// decide. Only what is named "per thousand" or "ten-thousandths" is rounded, to the nearest, halves
// up. The result does not depend on the order of the holdings, nor on how a holder's amount is cut
// into holdings. Formulas: docs/spec/observe.md, section 1.

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "observe/decimal.h"

namespace comity::observe {

inline constexpr std::uint32_t parts_max = 64;  ///< holders that share one row

/// What one holder has of one row: amount / parts.
struct Holding {
    std::string holder;
    Decimal amount;
    std::uint32_t parts = 1;  ///< 1..parts_max
};

/// One of all holders. Fractions are exact, in lowest terms: "1/3", "1", "0".
struct HolderShare {
    std::string holder;
    std::string amount;  ///< a decimal; a fraction if the amount has no end as a decimal
    std::string share;   ///< of the total
    std::int64_t per_thousand = 0;

    friend bool operator==(const HolderShare&, const HolderShare&) = default;
};
BOOST_DESCRIBE_STRUCT(HolderShare, (), (holder, amount, share, per_thousand))

/// What some holders have together.
struct PartialShare {
    std::uint32_t holders = 0;
    std::string share;
    std::int64_t per_thousand = 0;

    friend bool operator==(const PartialShare&, const PartialShare&) = default;
};
BOOST_DESCRIBE_STRUCT(PartialShare, (), (holders, share, per_thousand))

struct Concentration {
    std::uint32_t holders = 0;      ///< all, those with an amount of zero too
    std::uint32_t with_amount = 0;  ///< of them, above zero
    std::string total = "0";
    /// Herfindahl-Hirschman index: the sum of the squares of all shares, in ten-thousandths.
    /// 10,000: one holder has all. Absent, as all below: nothing is held.
    std::optional<std::int64_t> hhi;
    std::optional<std::string> hhi_exact;  ///< the sum of squares as a fraction
    std::vector<PartialShare> top;     ///< of the 1, 3, 5, 10 largest, as far as there are so many
    std::vector<HolderShare> shares;   ///< largest first, then by name; amounts above zero
    std::vector<PartialShare> lorenz;  ///< of the 0, 1, 2, ... smallest; the last is all: 1

    friend bool operator==(const Concentration&, const Concentration&) = default;
};
BOOST_DESCRIBE_STRUCT(Concentration, (),
                      (holders, with_amount, total, hhi, hhi_exact, top, shares, lorenz))

/// Adds up the holdings of each holder and measures. O(n log n) with integers of at most
/// 1,400 bits (docs/spec/observe.md says why no sum leaves them).
Concentration concentration(std::span<const Holding> holdings);

}  // namespace comity::observe
