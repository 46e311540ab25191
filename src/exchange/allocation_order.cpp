// SPDX-License-Identifier: Apache-2.0
#include "exchange/allocation_order.h"

#include <algorithm>
#include <compare>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include "base/check.h"

namespace comity::exchange::detail {

namespace {

__extension__ typedef unsigned __int128 UInt128;  // NOLINT(modernize-use-using)

/// A product of two 128-bit numbers, most significant half first.
struct UInt256 {
    UInt128 high = 0;
    UInt128 low = 0;

    friend auto operator<=>(const UInt256&, const UInt256&) = default;
};

UInt256 product(UInt128 a, UInt128 b) {
    constexpr UInt128 half = ~std::uint64_t{0};
    const UInt128 low = (a & half) * (b & half);
    const UInt128 cross = (a >> 64) * (b & half) + (low >> 64);
    const UInt128 other = (a & half) * (b >> 64) + (cross & half);
    return {.high = (a >> 64) * (b >> 64) + (cross >> 64) + (other >> 64),
            .low = (other << 64) | (low & half)};
}

UInt128 wide(std::int64_t n) { return static_cast<UInt128>(n); }

std::strong_ordering compare_keys(Rounding rounding, std::int64_t held_a, std::int64_t weight_a,
                                  std::int64_t held_b, std::int64_t weight_b) {
    const auto linear = [&](UInt128 shift) {
        return (2 * wide(held_a) + shift) * wide(weight_b) <=>
               (2 * wide(held_b) + shift) * wide(weight_a);
    };
    switch (rounding) {
        case Rounding::adams:
            return linear(0);
        case Rounding::sainte_lague:
            return linear(1);
        case Rounding::dhondt:
            return linear(2);
        case Rounding::serial:
            return std::strong_ordering::equal;
        case Rounding::huntington_hill:
            break;
    }
    return product(wide(held_a) * (wide(held_a) + 1), wide(weight_b) * wide(weight_b)) <=>
           product(wide(held_b) * (wide(held_b) + 1), wide(weight_a) * wide(weight_a));
}

Int128 clamp(Int128 value, const Share& share) {
    return std::clamp<Int128>(value, share.floor, share.cap);
}

}  // namespace

bool UnitOrder::before(Index a, std::int64_t held_a, Index b, std::int64_t held_b) const {
    const AllocationMember& first = members_[a];
    const AllocationMember& second = members_[b];
    const std::strong_ordering keys =
        compare_keys(rounding_, held_a, first.weight, held_b, second.weight);
    if (keys != 0) return keys < 0;
    if (rounding_ == Rounding::adams && first.weight != second.weight) {
        return first.weight < second.weight;
    }
    return first.tie_rank < second.tie_rank;
}

Fraction water_level(std::span<const AllocationMember> members, std::span<const Share> shares,
                     std::int64_t total) {
    // As the level rises from zero, a member starts to take at one level and stops at another;
    // between two such events the sum grows in a straight line.
    struct Event {
        Int128 numerator;
        std::int64_t denominator;
        Index share;
        bool starts;
    };
    std::vector<Event> events;
    events.reserve(2 * shares.size());
    Int128 constant = 0;
    for (Index s = 0; s < shares.size(); ++s) {
        const AllocationMember& member = members[shares[s].member];
        const Int128 carry = member.carry_over;
        events.push_back({shares[s].floor + carry, member.weight, s, true});
        events.push_back({shares[s].cap + carry, member.weight, s, false});
        constant += shares[s].floor;
    }
    std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
        const Int128 left = a.numerator * b.denominator;
        const Int128 right = b.numerator * a.denominator;
        if (left != right) return left < right;
        if (a.starts != b.starts) return a.starts;
        return a.share < b.share;
    });
    Int128 slope = 0;
    for (const Event& event : events) {
        const Int128 reached = constant * event.denominator + slope * event.numerator;
        if (reached >= Int128{total} * event.denominator) {
            if (slope == 0) return {.numerator = event.numerator, .denominator = event.denominator};
            break;
        }
        const AllocationMember& member = members[shares[event.share].member];
        slope += event.starts ? member.weight : -member.weight;
        constant += event.starts ? -Int128{shares[event.share].floor} - member.carry_over
                                 : Int128{shares[event.share].cap} + member.carry_over;
    }
    COMITY_CHECK(slope > 0 || shares.empty());
    if (shares.empty()) return {};
    return {.numerator = total - constant, .denominator = slope};
}

namespace {

/// Each in turn, by rank, up to its cap; floors first.
void apportion_in_turn(std::span<const AllocationMember> members, std::span<Share> shares,
                       std::int64_t total) {
    std::vector<Index> turn(shares.size());
    std::iota(turn.begin(), turn.end(), Index{0});
    std::sort(turn.begin(), turn.end(), [&](Index a, Index b) {
        return members[shares[a].member].tie_rank < members[shares[b].member].tie_rank;
    });
    std::int64_t left = total;
    for (const Share& share : shares) left -= share.floor;
    for (const Index s : turn) {
        const std::int64_t more = std::min(left, shares[s].cap - shares[s].floor);
        shares[s].units = shares[s].floor + more;
        left -= more;
    }
}

}  // namespace

void apportion(std::span<const AllocationMember> members, const UnitOrder& order,
               std::span<Share> shares, std::int64_t total) {
    if (!order.counts_units()) return apportion_in_turn(members, shares, total);
    const Fraction level = water_level(members, shares, total);
    std::int64_t given = 0;
    for (Share& share : shares) {
        const AllocationMember& member = members[share.member];
        const Int128 exact = level.numerator * member.weight / level.denominator;
        share.units = static_cast<std::int64_t>(clamp(exact - member.carry_over, share));
        given += share.units;
    }
    // The exact level rounded down is only a start, a few units from the goal. From any start,
    // giving the first unit not given, taking back the last one given, and swapping the two while
    // they are out of order, ends at the first `total` units.
    const auto held = [&](Index s) {
        return shares[s].units + members[shares[s].member].carry_over;
    };
    const auto next_first = [&](Index a, Index b) {
        return order.before(shares[a].member, held(a), shares[b].member, held(b));
    };
    const auto last_first = [&](Index a, Index b) {
        return order.before(shares[b].member, held(b) - 1, shares[a].member, held(a) - 1);
    };
    std::set<Index, decltype(next_first)> can_receive(next_first);
    std::set<Index, decltype(last_first)> can_return(last_first);
    const auto enter = [&](Index s) {
        if (shares[s].units < shares[s].cap) can_receive.insert(s);
        if (shares[s].units > shares[s].floor) can_return.insert(s);
    };
    const auto move = [&](Index s, std::int64_t by) {
        can_receive.erase(s);
        can_return.erase(s);
        shares[s].units += by;
        given += by;
        enter(s);
    };
    for (Index s = 0; s < shares.size(); ++s) enter(s);
    const auto out_of_order = [&] {
        if (can_receive.empty() || can_return.empty()) return false;
        const Index first = *can_receive.begin();
        const Index last = *can_return.begin();
        return order.before(shares[first].member, held(first), shares[last].member, held(last) - 1);
    };
    while (given != total || out_of_order()) {
        if (given >= total) {
            COMITY_CHECK(!can_return.empty());
            move(*can_return.begin(), -1);
        } else {
            COMITY_CHECK(!can_receive.empty());
            move(*can_receive.begin(), 1);
        }
    }
}

}  // namespace comity::exchange::detail
