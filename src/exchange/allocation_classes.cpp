// SPDX-License-Identifier: Apache-2.0
#include "exchange/allocation_classes.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/check.h"
#include "exchange/allocation_flow.h"

namespace comity::exchange::detail {
namespace {

/// Classes numbered by their first number, from any labels below `labels`.
Classes classes_from(const std::vector<Index>& label_of, std::size_t labels) {
    Classes classes;
    std::vector<Index> number_of(labels, no_index);
    Index count = 0;
    classes.class_of.reserve(label_of.size());
    for (const Index label : label_of) {
        if (number_of[label] == no_index) number_of[label] = count++;
        classes.class_of.push_back(number_of[label]);
    }
    classes.begin.assign(std::size_t{count} + 1, 0);
    for (const Index c : classes.class_of) ++classes.begin[c + 1];
    std::partial_sum(classes.begin.begin(), classes.begin.end(), classes.begin.begin());
    std::vector<Index> next(classes.begin.begin(), classes.begin.end() - 1);
    classes.numbers.resize(label_of.size());
    for (Index n = 0; n < label_of.size(); ++n) classes.numbers[next[classes.class_of[n]]++] = n;
    return classes;
}

/// An order of lists in which equal ones are neighbours.
class ListOrder {
public:
    explicit ListOrder(const AllocationInstance& instance) : instance_(instance) {
        hash_.reserve(instance.list_count());
        for (Index list = 0; list < instance.list_count(); ++list) {
            std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
            for (const Index offer : instance.list(list)) {
                hash = (hash ^ offer) * 0x9e37'79b9'7f4a'7c15;
                hash ^= hash >> 29U;
            }
            hash_.push_back(hash);
        }
    }

    bool before(Index a, Index b) const {
        if (hash_[a] != hash_[b]) return hash_[a] < hash_[b];
        const auto first = instance_.list(a);
        const auto second = instance_.list(b);
        return std::lexicographical_compare(first.begin(), first.end(), second.begin(),
                                            second.end());
    }
    bool equal(Index a, Index b) const {
        const auto first = instance_.list(a);
        const auto second = instance_.list(b);
        return hash_[a] == hash_[b] &&
               std::equal(first.begin(), first.end(), second.begin(), second.end());
    }

private:
    const AllocationInstance& instance_;
    std::vector<std::uint64_t> hash_;  ///< of each list
};

/// Lists with the same offers are one class.
Classes merge_lists(const AllocationInstance& instance) {
    const ListOrder order(instance);
    std::vector<Index> sorted(instance.list_count());
    std::iota(sorted.begin(), sorted.end(), Index{0});
    std::sort(sorted.begin(), sorted.end(), [&](Index a, Index b) { return order.before(a, b); });
    std::vector<Index> label_of(sorted.size());
    Index label = 0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (i > 0 && !order.equal(sorted[i - 1], sorted[i])) ++label;
        label_of[sorted[i]] = label;
    }
    return classes_from(label_of, sorted.size());
}

/// Splits the offers by one list after another, until each is alone or no list is left. A list that
/// no need has says nothing.
Classes merge_offers(const AllocationInstance& instance, const Classes& lists) {
    const std::size_t count = instance.offers.size();
    std::vector<bool> is_used(lists.count());
    for (Index need = 0; need < instance.needs.size(); ++need) {
        is_used[lists.class_of[instance.list_of(need)]] = true;
    }
    std::vector<Index> label_of(count, 0);
    std::vector<Index> size = {static_cast<Index>(count)};  // of each label
    std::vector<Index> hits = {0};                          // of each label: how many are listed
    std::vector<Index> part = {no_index};                   // of each label: of those listed
    std::vector<Index> divided;
    for (Index l = 0; l < lists.count() && size.size() < count; ++l) {
        if (!is_used[l]) continue;
        const auto offers = instance.list(lists.numbers[lists.begin[l]]);
        for (const Index offer : offers) ++hits[label_of[offer]];
        for (const Index offer : offers) {
            const Index label = label_of[offer];
            if (hits[label] == size[label]) continue;
            if (part[label] == no_index) {
                part[label] = static_cast<Index>(size.size());
                size.push_back(hits[label]);
                hits.push_back(0);
                part.push_back(no_index);
                divided.push_back(label);
            }
            label_of[offer] = part[label];
        }
        for (const Index offer : offers) hits[label_of[offer]] = 0;
        for (const Index label : divided) {
            size[label] -= size[part[label]];
            hits[label] = 0;
            part[label] = no_index;
        }
        divided.clear();
    }
    return classes_from(label_of, size.size());
}

/// Needs of a member with the same class of lists.
Classes merge_needs(const AllocationInstance& instance, const Classes& lists) {
    const NeedsByMember needs_of(instance);
    std::vector<Index> label_of(instance.needs.size());
    std::vector<Index> label_for(lists.count(), no_index);  // of each class of lists
    Index labels = 0;
    for (Index m = 0; m < instance.members.size(); ++m) {
        for (const Index need : needs_of.of(m)) {
            Index& label = label_for[lists.class_of[instance.list_of(need)]];
            if (label == no_index) label = labels++;
            label_of[need] = label;
        }
        for (const Index need : needs_of.of(m)) {
            label_for[lists.class_of[instance.list_of(need)]] = no_index;
        }
    }
    return classes_from(label_of, labels);
}

/// Each class of lists once, over classes of offers.
void add_lists(AllocationInstance& merged, const AllocationInstance& whole, const Classes& lists,
               const Classes& offers) {
    for (Index l = 0; l < lists.count(); ++l) {
        const auto first = static_cast<std::ptrdiff_t>(merged.lawful_offers.size());
        for (const Index offer : whole.list(lists.numbers[lists.begin[l]])) {
            const Index c = offers.class_of[offer];
            // A list holds a class whole; it is named where its first offer stands.
            if (offers.numbers[offers.begin[c]] == offer) merged.lawful_offers.push_back(c);
        }
        std::sort(merged.lawful_offers.begin() + first, merged.lawful_offers.end());
        merged.lawful_begin.push_back(static_cast<Index>(merged.lawful_offers.size()));
    }
}

std::size_t pairs_of(const AllocationInstance& instance) {
    std::size_t pairs = 0;
    for (Index need = 0; need < instance.needs.size(); ++need) {
        pairs += instance.lawful(need).size();
    }
    return pairs;
}

}  // namespace

std::optional<MergedInstance> merge_alike(const AllocationInstance& instance) {
    const Classes lists = merge_lists(instance);
    MergedInstance merged;
    merged.offers = merge_offers(instance, lists);
    merged.needs = merge_needs(instance, lists);
    const bool all_alone = merged.needs.count() == instance.needs.size() &&
                           merged.offers.count() == instance.offers.size();
    if (all_alone) return std::nullopt;

    AllocationInstance& smaller = merged.instance;
    add_lists(smaller, instance, lists, merged.offers);
    smaller.offers.resize(merged.offers.count());
    for (Index o = 0; o < instance.offers.size(); ++o) {
        smaller.offers[merged.offers.class_of[o]].capacity += instance.offers[o].capacity;
    }
    smaller.needs.resize(merged.needs.count());
    smaller.lawful_list.resize(merged.needs.count());
    for (Index j = 0; j < instance.needs.size(); ++j) {
        const Index c = merged.needs.class_of[j];
        smaller.needs[c].owner = instance.needs[j].owner;
        smaller.needs[c].quantity += instance.needs[j].quantity;
        smaller.lawful_list[c] = lists.class_of[instance.list_of(j)];
    }
    if (pairs_of(smaller) / 3 >= pairs_of(instance) / 4) return std::nullopt;
    smaller.members = instance.members;
    return merged;
}

Allocation divide_again(const AllocationInstance& whole, const MergedInstance& merged,
                        const Allocation& allocation) {
    Allocation divided;
    divided.totals = allocation.totals;
    divided.certificate.reserve(whole.offers.size());
    for (const Index c : merged.offers.class_of) {
        divided.certificate.push_back(allocation.certificate[c]);
    }
    std::vector<std::int64_t> need_left;
    need_left.reserve(whole.needs.size());
    for (const AllocationNeed& need : whole.needs) need_left.push_back(need.quantity);
    std::vector<std::int64_t> offer_left;
    offer_left.reserve(whole.offers.size());
    for (const AllocationOffer& offer : whole.offers) offer_left.push_back(offer.capacity);
    std::vector<Index> next_need = merged.needs.begin;    // of each class: the first with room
    std::vector<Index> next_offer = merged.offers.begin;  // of each class: the first with units
    for (const AllocationFlow& flow : allocation.flows) {
        for (std::int64_t units = flow.units; units > 0;) {
            Index& need_at = next_need[flow.need];
            Index& offer_at = next_offer[flow.offer];
            COMITY_CHECK(need_at < merged.needs.begin[flow.need + 1] &&
                         offer_at < merged.offers.begin[flow.offer + 1]);
            const Index need = merged.needs.numbers[need_at];
            const Index offer = merged.offers.numbers[offer_at];
            const std::int64_t taken = std::min({units, need_left[need], offer_left[offer]});
            if (taken > 0) divided.flows.push_back({need, offer, taken});
            units -= taken;
            need_left[need] -= taken;
            offer_left[offer] -= taken;
            if (need_left[need] == 0) ++need_at;
            if (offer_left[offer] == 0) ++offer_at;
        }
    }
    std::sort(divided.flows.begin(), divided.flows.end(),
              [](const AllocationFlow& a, const AllocationFlow& b) {
                  return std::pair(a.need, a.offer) < std::pair(b.need, b.offer);
              });
    return divided;
}

}  // namespace comity::exchange::detail
