// SPDX-License-Identifier: Apache-2.0

// What makes an instance well-formed. Engine and certificate checker both start from here, so that
// no product in either can leave its range.

#include <algorithm>
#include <string>

#include "exchange/allocation.h"

namespace comity::exchange {

namespace {

Error bad(std::string message) {
    return Error{Code::invalid, "exchange/bad-instance", std::move(message)};
}

Error too_large(std::string message) {
    return Error{Code::too_large, "exchange/instance-too-large", std::move(message)};
}

std::string called(const AllocationMember& member, std::size_t index) {
    return "Member " + (member.name.empty() ? "number " + std::to_string(index) : member.name);
}

/// Adds up quantities from 0 to units_max; the sum may not pass units_max either.
class Sum {
public:
    bool add(std::int64_t units) {
        if (units < 0 || units > units_max - total_) return false;
        total_ += units;
        return true;
    }

private:
    std::int64_t total_ = 0;
};

Result<> check_sizes(const AllocationInstance& instance) {
    if (instance.members.size() > members_max) return too_large("Over 2^20 members.");
    if (instance.needs.size() > needs_max) return too_large("Over 2^28 needs.");
    if (instance.offers.size() > offers_max) return too_large("Over 2^24 offers.");
    if (instance.lawful_offers.size() > pairs_max) return too_large("Over 2^32 lawful pairs.");
    return {};
}

Result<> check_members(const AllocationInstance& instance) {
    Sum carried;
    std::vector<std::uint32_t> ranks;
    for (std::size_t m = 0; m < instance.members.size(); ++m) {
        const AllocationMember& member = instance.members[m];
        const auto named = [&](const char* what) { return called(member, m) + what; };
        if (member.weight < 1) return bad(named(" has a weight below 1; leave it out instead."));
        if (member.weight > weight_max) return too_large(named(" has a weight over 2^40."));
        if (member.floor < 0) return bad(named(" has a floor below zero."));
        if (member.cap > units_max) return too_large(named(" has a cap over 2^60."));
        if (member.cap < member.floor) return bad(named(" has a cap below its floor."));
        if (member.carry_over < 0) return bad(named(" has a carry-over below zero."));
        if (!carried.add(member.carry_over)) {
            return too_large("The members' carry-over exceeds 2^60 units together.");
        }
        ranks.push_back(member.tie_rank);
    }
    std::sort(ranks.begin(), ranks.end());
    if (std::adjacent_find(ranks.begin(), ranks.end()) != ranks.end()) {
        return bad("Two members share a lottery rank; every tie needs an answer.");
    }
    return {};
}

Result<> check_quantities(const AllocationInstance& instance) {
    Sum asked;
    for (std::size_t j = 0; j < instance.needs.size(); ++j) {
        const AllocationNeed& need = instance.needs[j];
        const auto of_need = [&](const char* what) {
            return "Need number " + std::to_string(j) + what;
        };
        if (need.owner >= instance.members.size()) return bad(of_need(" belongs to no member."));
        if (need.quantity < 0) return bad(of_need(" has a quantity below zero."));
        if (!asked.add(need.quantity)) return too_large("The needs exceed 2^60 units together.");
    }
    Sum offered;
    for (std::size_t o = 0; o < instance.offers.size(); ++o) {
        if (instance.offers[o].capacity < 0) {
            return bad("Offer number " + std::to_string(o) + " has a capacity below zero.");
        }
        if (!offered.add(instance.offers[o].capacity)) {
            return too_large("The offers exceed 2^60 units together.");
        }
    }
    return {};
}

Result<> check_pairs(const AllocationInstance& instance) {
    const std::vector<Index>& begin = instance.lawful_begin;
    const bool is_shared = !instance.lawful_list.empty();
    const std::size_t lists = begin.empty() ? 0 : begin.size() - 1;
    if (begin.empty() || begin.front() != 0 || begin.back() != instance.lawful_offers.size() ||
        !std::is_sorted(begin.begin(), begin.end()) ||
        (is_shared ? instance.lawful_list.size() : lists) != instance.needs.size() ||
        std::any_of(instance.lawful_list.begin(), instance.lawful_list.end(),
                    [&](Index list) { return list >= lists; })) {
        return bad("The lists of lawful offers do not fit the list of needs.");
    }
    for (Index j = 0; j < lists; ++j) {
        const std::span<const Index> offers = instance.list(j);
        const bool ascending = std::adjacent_find(offers.begin(), offers.end(),
                                                  std::greater_equal<>()) == offers.end();
        if (!ascending || (!offers.empty() && offers.back() >= instance.offers.size())) {
            return bad((is_shared ? "List number " : "Need number ") + std::to_string(j) +
                       " lists a lawful offer twice, out of order, or one that does not exist.");
        }
    }
    return {};
}

}  // namespace

Result<> check_instance(const AllocationInstance& instance) {
    TRY(check_sizes(instance));
    TRY(check_members(instance));
    TRY(check_quantities(instance));
    return check_pairs(instance);
}

}  // namespace comity::exchange
