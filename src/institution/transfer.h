// SPDX-License-Identifier: Apache-2.0
#pragma once

// What would move from where to where and what for, and what the restrictions in force say of it:
// the words that `rules` and `exchange` share.

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "institution/ids.h"

namespace comity::institution {

struct Transfer {
    ItemClassId item_class;
    AreaCode origin;
    AreaCode destination;
    EndUseId end_use;

    friend auto operator<=>(const Transfer&, const Transfer&) = default;
};
BOOST_DESCRIBE_STRUCT(Transfer, (), (item_class, origin, destination, end_use))

enum class Verdict { allowed, needs_review, blocked };
BOOST_DESCRIBE_ENUM(Verdict, allowed, needs_review, blocked)

/// Which rule of whom, in which version, with which dates.
struct Citation {
    RestrictionId restriction;
    std::uint32_t version = 0;
    MemberId issuer;
    Date from;
    std::optional<Date> until;
    std::uint64_t entry = 0;  ///< where the record has it

    friend bool operator==(const Citation&, const Citation&) = default;
};
BOOST_DESCRIBE_STRUCT(Citation, (), (restriction, version, issuer, from, until, entry))

struct Screening {
    Verdict verdict = Verdict::allowed;
    std::vector<Citation> citations;  ///< empty only when allowed; ordered by restriction id

    friend bool operator==(const Screening&, const Screening&) = default;
};
BOOST_DESCRIBE_STRUCT(Screening, (), (verdict, citations))

}  // namespace comity::institution
