// SPDX-License-Identifier: Apache-2.0

// The engine. The totals that members can reach form an integral polymatroid, on which the rule's
// optimum is found by decomposition (Fujishige 1980; Groenevelt 1991): give a group of members the
// shares they would have if nothing but the group's total bound them. If those can flow, they are
// optimal. If not, the members whose share cannot be filled, and all whom they could displace, hold
// in every optimum exactly what flows to them now: the group falls into two that no longer touch.
// All groups go through one warm maximum flow at once. docs/spec/allocation.md section 4 has the
// argument; src/exchange/allocation_test.cpp compares with two slow and obvious methods.

#include "exchange/allocation.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "base/check.h"
#include "exchange/allocation_classes.h"
#include "exchange/allocation_flow.h"
#include "exchange/allocation_order.h"

namespace comity::exchange {

namespace {

using detail::NeedsByMember;
using detail::no_index;
using detail::PairFlow;
using detail::Share;
using detail::UnitOrder;

struct Group {
    std::vector<Share> shares;  ///< its members, with the bounds that hold inside the group
    std::int64_t total = 0;     ///< what they receive together; at first only an upper bound
    Fraction level = {};        ///< for the divisible rule
    bool settled = false;
};

std::int64_t sum_of_caps(const std::vector<Share>& shares) {
    return std::accumulate(shares.begin(), shares.end(), std::int64_t{0},
                           [](std::int64_t sum, const Share& share) { return sum + share.cap; });
}

/// Whole units in the order of a rounding rule.
class WholeUnits {
public:
    using Units = std::int64_t;

    WholeUnits(const AllocationInstance& instance, Rounding rounding)
        : members_(instance.members), order_(members_, rounding) {}

    /// Sets the members' quotas to their shares of the group's total; returns parts to a unit.
    Units share_out(Group& group, std::span<Units> quotas) const {
        detail::apportion(members_, order_, group.shares, group.total);
        for (const Share& share : group.shares) quotas[share.member] = share.units;
        return 1;
    }

private:
    std::span<const AllocationMember> members_;
    UnitOrder order_;
};

/// Exact fractions: a unit of the group has as many parts as the level's denominator.
template <class U>
class DivisibleUnits {
public:
    using Units = U;

    explicit DivisibleUnits(const AllocationInstance& instance) : members_(instance.members) {}

    Units share_out(Group& group, std::span<Units> quotas) const {
        group.level = detail::water_level(members_, group.shares, group.total);
        const Int128 parts = group.level.denominator;
        for (const Share& share : group.shares) {
            const AllocationMember& member = members_[share.member];
            const Int128 taken = group.level.numerator * member.weight - member.carry_over * parts;
            quotas[share.member] = static_cast<Units>(
                std::clamp<Int128>(taken, share.floor * parts, share.cap * parts));
        }
        return static_cast<Units>(parts);
    }

private:
    std::span<const AllocationMember> members_;
};

std::string called(const AllocationInstance& instance, Index member) {
    const std::string& name = instance.members[member].name;
    return name.empty() ? "number " + std::to_string(member) : name;
}

template <class Rule>
class Decomposition {
public:
    using Units = typename Rule::Units;

    Decomposition(const AllocationInstance& instance, Rule rule, unsigned threads)
        : instance_(instance),
          rule_(std::move(rule)),
          needs_of_(instance),
          flow_(instance, needs_of_, threads),
          quotas_(instance.members.size()),
          parts_(1, 1) {
        Group all;
        std::int64_t supply = 0;
        for (const AllocationOffer& offer : instance.offers) supply += offer.capacity;
        for (Index m = 0; m < instance.members.size(); ++m) {
            std::int64_t asked = 0;
            for (const Index need : needs_of_.of(m)) asked += instance.needs[need].quantity;
            const AllocationMember& member = instance.members[m];
            all.shares.push_back(
                {.member = m, .floor = member.floor, .cap = std::min(member.cap, asked)});
        }
        all.total = std::min(supply, sum_of_caps(all.shares));
        groups_.push_back(std::move(all));
    }

    /// Errors: "exchange/infeasible-floor".
    Result<> run() {
        TRY(fill_floors());
        while (!settled()) {
            for (Index g = 0; g < groups_.size(); ++g) {
                if (!groups_[g].settled) parts_[g] = rule_.share_out(groups_[g], quotas_);
            }
            flow_.set_quotas(parts_, quotas_);
            flow_.maximise();
            divide();
        }
        return {};
    }

    const std::vector<Group>& groups() const { return groups_; }
    PairFlow<Units>& flow() { return flow_; }

private:
    Result<> fill_floors() {
        std::int64_t floors = 0;
        for (const Share& share : groups_.front().shares) {
            if (share.floor > share.cap) return infeasible(share.member, share.cap);
            floors += share.floor;
            quotas_[share.member] = static_cast<Units>(share.floor);
        }
        if (floors == 0) return {};
        flow_.set_quotas(parts_, quotas_);
        flow_.maximise();
        for (const Share& share : groups_.front().shares) {
            const Units received = flow_.received(share.member);
            if (received < quotas_[share.member]) {
                return infeasible(share.member, static_cast<std::int64_t>(received));
            }
        }
        return {};
    }

    Error infeasible(Index member, std::int64_t reached) const {
        return Error{Code::invalid, "exchange/infeasible-floor",
                     "The floors cannot all be met: with the others' floors, member " +
                         called(instance_, member) + " can receive " + std::to_string(reached) +
                         " of its " + std::to_string(instance_.members[member].floor) +
                         " units; lower a floor."};
    }

    bool settled() const {
        return std::all_of(groups_.begin(), groups_.end(),
                           [](const Group& group) { return group.settled; });
    }

    std::int64_t received(const std::vector<Share>& shares, Index group) const {
        Units sum = 0;
        for (const Share& share : shares) sum += flow_.received(share.member);
        COMITY_CHECK(sum % parts_[group] == 0);
        return static_cast<std::int64_t>(sum / parts_[group]);
    }

    /// Settles the groups whose shares all flow, and divides the others.
    void divide() {
        const auto count = static_cast<Index>(groups_.size());
        std::vector<Index> heirs(count, no_index);
        for (Index g = 0; g < count; ++g) {
            if (groups_[g].settled) continue;
            std::vector<Share>& shares = groups_[g].shares;
            const auto held_back = std::stable_partition(
                shares.begin(), shares.end(),
                [&](const Share& share) { return !flow_.is_held_back(share.member); });
            if (held_back == shares.end()) {
                groups_[g].settled = true;
            } else if (held_back == shares.begin()) {
                // Only an upper bound can be missed by all; what flows is the total.
                groups_[g].total = received(shares, g);
            } else {
                Group heir{.shares = {held_back, shares.end()}};
                shares.erase(held_back, shares.end());
                heir.total = received(heir.shares, g);
                groups_[g].total = std::min(groups_[g].total - heir.total, sum_of_caps(shares));
                heirs[g] = static_cast<Index>(groups_.size());
                groups_.push_back(std::move(heir));
                parts_.push_back(parts_[g]);
            }
        }
        flow_.split(heirs);
        for (Index g = 0; g < count; ++g) {
            if (heirs[g] != no_index) raise_floors(groups_[heirs[g]]);
        }
    }

    /// A need of a held-back member outside its group is full in every optimum: the member cannot
    /// go below what such needs carry.
    void raise_floors(Group& group) {
        for (Share& share : group.shares) {
            share.floor = std::max(share.floor, flow_.full_elsewhere(share.member));
        }
    }

    const AllocationInstance& instance_;
    Rule rule_;
    NeedsByMember needs_of_;
    PairFlow<Units> flow_;
    std::vector<Group> groups_;
    std::vector<Units> quotas_;  ///< of each member, in parts of its group
    std::vector<Units> parts_;   ///< of each group
};

/// Members who still want units and may have them, the worst-off first.
std::vector<Index> wanting_members(const AllocationInstance& instance, const UnitOrder& order,
                                   const std::vector<std::int64_t>& totals) {
    std::vector<std::int64_t> asked(totals.size());
    for (const AllocationNeed& need : instance.needs) asked[need.owner] += need.quantity;
    std::vector<Index> wanting;
    for (Index m = 0; m < totals.size(); ++m) {
        if (totals[m] < std::min(asked[m], instance.members[m].cap)) wanting.push_back(m);
    }
    const auto held = [&](Index m) { return totals[m] + instance.members[m].carry_over; };
    std::sort(wanting.begin(), wanting.end(),
              [&](Index a, Index b) { return order.before(a, held(a), b, held(b)); });
    return wanting;
}

template <class U>
Result<std::vector<Fraction>> divisible(const AllocationInstance& instance) {
    Decomposition decomposition(instance, DivisibleUnits<U>(instance), 1);
    TRY(decomposition.run());
    std::vector<Fraction> totals(instance.members.size());
    for (const Group& group : decomposition.groups()) {
        const Int128 parts = group.level.denominator;
        for (const Share& share : group.shares) {
            const AllocationMember& member = instance.members[share.member];
            const Int128 exact = group.level.numerator * member.weight - member.carry_over * parts;
            const Int128 taken = std::clamp<Int128>(exact, share.floor * parts, share.cap * parts);
            totals[share.member] = lowest_terms(taken, parts);
        }
    }
    return totals;
}

Result<Allocation> allocate_as_is(const AllocationInstance& instance, Rounding rounding,
                                  unsigned threads) {
    Decomposition decomposition(instance, WholeUnits(instance, rounding), threads);
    TRY(decomposition.run());
    Allocation allocation;
    allocation.totals.resize(instance.members.size());
    for (Index m = 0; m < instance.members.size(); ++m) {
        allocation.totals[m] = decomposition.flow().received(m);
    }
    allocation.flows = decomposition.flow().flows();
    const UnitOrder order(instance.members, rounding);
    allocation.certificate =
        decomposition.flow().first_to_reach(wanting_members(instance, order, allocation.totals));
    return allocation;
}

}  // namespace

Result<Allocation> allocate(const AllocationInstance& instance, Rounding rounding,
                            unsigned threads) {
    TRY(check_instance(instance));
    const std::optional<detail::MergedInstance> merged = detail::merge_alike(instance);
    if (!merged) return allocate_as_is(instance, rounding, threads);
    const Allocation smaller = TRY(allocate_as_is(merged->instance, rounding, threads));
    return detail::divide_again(instance, *merged, smaller);
}

Result<std::vector<Fraction>> divisible_levels(const AllocationInstance& instance) {
    TRY(check_instance(instance));
    const std::optional<detail::MergedInstance> merged = detail::merge_alike(instance);
    const AllocationInstance& solved = merged ? merged->instance : instance;
    Int128 units = 1;
    Int128 parts = 1;
    for (const AllocationMember& member : instance.members) {
        parts += member.weight;
        units += member.carry_over;
    }
    for (const AllocationOffer& offer : instance.offers) units += offer.capacity;
    for (const AllocationNeed& need : instance.needs) units += need.quantity;
    // 64 bits wherever they hold every count of parts: half the memory, and faster.
    const bool small = units * parts < (Int128{1} << 62);
    return small ? divisible<std::int64_t>(solved) : divisible<Int128>(solved);
}

}  // namespace comity::exchange
