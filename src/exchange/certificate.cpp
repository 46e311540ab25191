// SPDX-License-Identifier: Apache-2.0
#include "exchange/certificate.h"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <compare>
#include <numeric>
#include <utility>
#include <vector>

namespace comity::exchange {

namespace {

using Fault = std::optional<CertificateFault>;

/// A member's place in the order in which units are given: the key of its next unit (up), or of the
/// last one it holds (down).
struct Place {
    Index member;
    std::int64_t held;  ///< carry-over included; one less for a down-key
};

/// Section 2 of the specification: the key first, then the tie-break.
std::strong_ordering compare(const AllocationInstance& instance, Rounding rounding, Place a,
                             Place b) {
    const AllocationMember& first = instance.members[a.member];
    const AllocationMember& second = instance.members[b.member];
    std::strong_ordering keys = std::strong_ordering::equal;
    if (rounding == Rounding::serial) return first.tie_rank <=> second.tie_rank;
    if (rounding == Rounding::huntington_hill) {
        // n (n + 1) / w^2 by its cross products, which reach 2^203.
        using Wide = boost::multiprecision::uint256_t;
        const Wide left = Wide(a.held) * (Wide(a.held) + 1) * second.weight * second.weight;
        const Wide right = Wide(b.held) * (Wide(b.held) + 1) * first.weight * first.weight;
        keys = left.compare(right) <=> 0;
    } else {
        const Int128 shift = rounding == Rounding::adams          ? 0
                             : rounding == Rounding::sainte_lague ? 1
                                                                  : 2;
        keys = (Int128{a.held} * 2 + shift) * second.weight <=>
               (Int128{b.held} * 2 + shift) * first.weight;
    }
    if (keys != 0) return keys;
    if (rounding == Rounding::adams && first.weight != second.weight) {
        return first.weight <=> second.weight;
    }
    return first.tie_rank <=> second.tie_rank;
}

CertificateFault fault(std::uint8_t condition, std::string what) {
    return {.condition = condition,
            .member = std::nullopt,
            .need = std::nullopt,
            .offer = std::nullopt,
            .what = std::move(what)};
}

CertificateFault fault_at_member(std::uint8_t condition, Index member, std::string what) {
    CertificateFault found = fault(condition, std::move(what));
    found.member = member;
    return found;
}

CertificateFault fault_at_need(std::uint8_t condition, const AllocationInstance& instance,
                               Index need, std::string what) {
    CertificateFault found =
        fault_at_member(condition, instance.needs[need].owner, std::move(what));
    found.need = need;
    return found;
}

CertificateFault fault_at_offer(std::uint8_t condition, Index offer, std::string what) {
    CertificateFault found = fault(condition, std::move(what));
    found.offer = offer;
    return found;
}

class Checker {
public:
    Checker(const AllocationInstance& instance, Rounding rounding, const Allocation& allocation)
        : instance_(instance),
          rounding_(rounding),
          allocation_(allocation),
          free_(static_cast<Index>(instance.members.size())) {}

    Fault run() {
        if (Fault found = check_shape()) return found;
        if (Fault found = check_sums()) return found;
        Fault first = check_unused();
        rank_members();
        last_found_.assign(instance_.list_count(), 0);
        least_used_.assign(instance_.members.size(), free_ + 1);
        greatest_unmet_.assign(instance_.members.size(), 0);
        auto flow = allocation_.flows.begin();
        for (Index need = 0; need < instance_.needs.size(); ++need) {
            const auto begin = flow;
            while (flow != allocation_.flows.end() && flow->need == need) ++flow;
            Fault found = check_need(need, {begin, flow});
            if (found && (!first || found->condition < first->condition)) first = std::move(found);
        }
        return first ? first : check_members();
    }

private:
    using Flows = std::span<const AllocationFlow>;

    /// The lists are as long as they must be, name what exists, and are in order.
    Fault check_shape() const {
        if (allocation_.totals.size() != instance_.members.size()) {
            return fault(0, "does not list one total for each member");
        }
        if (allocation_.certificate.size() != instance_.offers.size()) {
            return fault(0, "does not list one bottleneck for each offer");
        }
        for (Index offer = 0; offer < instance_.offers.size(); ++offer) {
            const Index bottleneck = allocation_.certificate[offer];
            if (bottleneck != free_offer && bottleneck >= instance_.members.size()) {
                return fault_at_offer(0, offer, "has a bottleneck that is no member");
            }
        }
        const AllocationFlow* before = nullptr;
        for (const AllocationFlow& flow : allocation_.flows) {
            if (flow.need >= instance_.needs.size() || flow.offer >= instance_.offers.size()) {
                return fault(0, "has a pair whose need or offer does not exist");
            }
            if (before != nullptr &&
                std::pair(before->need, before->offer) >= std::pair(flow.need, flow.offer)) {
                return fault_at_need(0, instance_, flow.need, "has pairs twice or out of order");
            }
            before = &flow;
        }
        return std::nullopt;
    }

    /// C0 but for lawfulness, which check_need sees.
    Fault check_sums() {
        given_.assign(instance_.needs.size(), 0);
        used_.assign(instance_.offers.size(), 0);
        std::vector<std::int64_t> received(instance_.members.size());
        for (const AllocationFlow& flow : allocation_.flows) {
            const std::int64_t room = instance_.needs[flow.need].quantity - given_[flow.need];
            if (flow.units < 1 || flow.units > room) {
                return fault_at_need(
                    0, instance_, flow.need,
                    "receives less than one unit over a pair, or more than it asks");
            }
            if (flow.units > instance_.offers[flow.offer].capacity - used_[flow.offer]) {
                return fault_at_offer(0, flow.offer, "gives more than its capacity");
            }
            given_[flow.need] += flow.units;
            used_[flow.offer] += flow.units;
            received[instance_.needs[flow.need].owner] += flow.units;
        }
        for (Index m = 0; m < received.size(); ++m) {
            const AllocationMember& member = instance_.members[m];
            if (received[m] != allocation_.totals[m]) {
                return fault_at_member(0, m, "has a total that is not the sum of its pairs");
            }
            if (received[m] < member.floor) return fault_at_member(0, m, "is below its floor");
            if (received[m] > member.cap) return fault_at_member(0, m, "is above its cap");
        }
        return std::nullopt;
    }

    /// C1.
    Fault check_unused() const {
        for (Index o = 0; o < used_.size(); ++o) {
            if (used_[o] < instance_.offers[o].capacity &&
                allocation_.certificate[o] != free_offer) {
                return fault_at_offer(1, o, "has units left and still names a bottleneck");
            }
        }
        return std::nullopt;
    }

    Place up(Index m) const { return {m, instance_.members[m].carry_over + allocation_.totals[m]}; }
    Place down(Index m) const {
        return {m, instance_.members[m].carry_over + allocation_.totals[m] - 1};
    }

    /// Replaces members by their place in the order of up-keys, so that the pass over the pairs
    /// compares small numbers. "Free" stands above all members.
    void rank_members() {
        by_rank_.resize(instance_.members.size());
        std::iota(by_rank_.begin(), by_rank_.end(), Index{0});
        std::sort(by_rank_.begin(), by_rank_.end(), [this](Index a, Index b) {
            return compare(instance_, rounding_, up(a), up(b)) < 0;
        });
        rank_.resize(by_rank_.size());
        for (Index r = 0; r < by_rank_.size(); ++r) rank_[by_rank_[r]] = r;
        potential_.reserve(instance_.offers.size());
        for (const Index bottleneck : allocation_.certificate) {
            potential_.push_back(bottleneck == free_offer ? free_ : rank_[bottleneck]);
        }
        top_.reserve(instance_.list_count());
        for (Index list = 0; list < instance_.list_count(); ++list) {
            Index top = 0;
            for (const Index offer : instance_.list(list)) top = std::max(top, potential_[offer]);
            top_.push_back(top);
        }
    }

    /// Needs that share a list often draw on one offer after another: the search starts where the
    /// last one in the list ended.
    bool is_listed(Index list, Index offer) {
        const std::span<const Index> offers = instance_.list(list);
        Index& at = last_found_[list];
        if (at < offers.size() && offers[at] == offer) return true;
        const auto found = std::lower_bound(offers.begin(), offers.end(), offer);
        at = static_cast<Index>(found - offers.begin());
        return found != offers.end() && *found == offer;
    }

    /// Lawfulness, C2, C3 and C4; gathers what C5 compares.
    Fault check_need(Index need, Flows flows) {
        const std::span<const Index> lawful = instance_.lawful(need);
        if (lawful.empty() && flows.empty()) return std::nullopt;
        const Index top = top_[instance_.list_of(need)];
        const Index owner = instance_.needs[need].owner;
        for (const AllocationFlow& used : flows) {
            if (is_listed(instance_.list_of(need), used.offer)) continue;
            return fault_at_need(0, instance_, need, "draws on an offer that is not lawful for it");
        }
        for (const AllocationFlow& used : flows) {
            if (potential_[used.offer] == top) continue;
            CertificateFault found = fault_at_need(
                2, instance_, need, "draws on an offer that is scarcer than another it could use");
            found.offer = used.offer;
            return found;
        }
        if (given_[need] < instance_.needs[need].quantity) {
            const bool may_receive = allocation_.totals[owner] < instance_.members[owner].cap;
            if (may_receive && top > rank_[owner]) {
                return fault_at_need(
                    3, instance_, need,
                    "is unmet although it could reach units of a better-off member");
            }
            greatest_unmet_[owner] = std::max(greatest_unmet_[owner], top);
        }
        if (!flows.empty()) {
            const bool may_give = allocation_.totals[owner] > instance_.members[owner].floor;
            if (may_give && top != free_ &&
                compare(instance_, rounding_, up(by_rank_[top]), down(owner)) < 0) {
                return fault_at_need(4, instance_, need,
                                     "holds units that a worse-off member could use");
            }
            least_used_[owner] = std::min(least_used_[owner], top);
        }
        return std::nullopt;
    }

    /// C5.
    Fault check_members() const {
        for (Index m = 0; m < instance_.members.size(); ++m) {
            if (greatest_unmet_[m] > least_used_[m]) {
                return fault_at_member(5, m, "could step aside for a worse-off member");
            }
        }
        return std::nullopt;
    }

    const AllocationInstance& instance_;
    Rounding rounding_;
    const Allocation& allocation_;
    Index free_;                         ///< the potential of a free offer
    std::vector<std::int64_t> given_;    ///< to each need
    std::vector<std::int64_t> used_;     ///< of each offer
    std::vector<Index> by_rank_;         ///< members, lowest up-key first
    std::vector<Index> rank_;            ///< of each member
    std::vector<Index> potential_;       ///< of each offer
    std::vector<Index> top_;             ///< of each list: its greatest potential
    std::vector<Index> last_found_;      ///< of each list: where the last search in it ended
    std::vector<Index> least_used_;      ///< of each member: min top over needs that hold units
    std::vector<Index> greatest_unmet_;  ///< of each member: max top over its unmet needs
};

std::string place(const AllocationInstance& instance, const CertificateFault& found) {
    std::string text;
    const auto add = [&text](const std::string& part) {
        text += (text.empty() ? "" : ", ") + part;
    };
    if (found.member) {
        const std::string& name = instance.members[*found.member].name;
        add("member " + (name.empty() ? "number " + std::to_string(*found.member) : name));
    }
    if (found.need) add("need number " + std::to_string(*found.need));
    if (found.offer) add("offer number " + std::to_string(*found.offer));
    return text.empty() ? "the allocation" : text;
}

}  // namespace

std::optional<CertificateFault> certificate_fault(const AllocationInstance& instance,
                                                  Rounding rounding, const Allocation& allocation) {
    return Checker(instance, rounding, allocation).run();
}

Result<> check_certificate(const AllocationInstance& instance, Rounding rounding,
                           const Allocation& allocation) {
    TRY(check_instance(instance));
    const Fault found = certificate_fault(instance, rounding, allocation);
    if (!found) return {};
    return Error{Code::invalid, "exchange/bad-certificate",
                 "The certificate fails at C" + std::to_string(found->condition) + ": " +
                     place(instance, *found) + " " + found->what + "."};
}

}  // namespace comity::exchange
