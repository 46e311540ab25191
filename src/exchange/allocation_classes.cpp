// SPDX-License-Identifier: Apache-2.0
#include "exchange/allocation_classes.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>

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

std::uint64_t hash_of(std::span<const Index> offers) {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
    for (const Index offer : offers) {
        hash = (hash ^ offer) * 0x9e37'79b9'7f4a'7c15;
        hash ^= hash >> 29U;
    }
    return hash;
}

struct HashedList {
    std::uint64_t hash;
    Index list;
};

/// Labels lists that share a hash, from `label` on; returns the first label not used. All are
/// equal, but in a pool that was made to have hashes meet: only there are they sorted by offers.
Index label_run(const AllocationInstance& instance, std::span<HashedList> run, Index label,
                std::vector<Index>& label_of) {
    const auto equal = [&](const HashedList& a, const HashedList& b) {
        return std::ranges::equal(instance.list(a.list), instance.list(b.list));
    };
    const bool all_equal = std::all_of(
        run.begin() + 1, run.end(), [&](const HashedList& other) { return equal(run[0], other); });
    if (!all_equal) {
        std::sort(run.begin(), run.end(), [&](const HashedList& a, const HashedList& b) {
            return std::ranges::lexicographical_compare(instance.list(a.list),
                                                        instance.list(b.list));
        });
    }
    for (std::size_t i = 0; i < run.size(); ++i) {
        if (i > 0 && !all_equal && !equal(run[i - 1], run[i])) ++label;
        label_of[run[i].list] = label;
    }
    return label + 1;
}

/// Lists with the same offers are one class.
Classes merge_lists(const AllocationInstance& instance) {
    std::vector<HashedList> lists;
    lists.reserve(instance.list_count());
    for (Index list = 0; list < instance.list_count(); ++list) {
        lists.push_back({hash_of(instance.list(list)), list});
    }
    std::sort(lists.begin(), lists.end(),
              [](const HashedList& a, const HashedList& b) { return a.hash < b.hash; });
    std::vector<Index> label_of(lists.size());
    Index labels = 0;
    for (std::size_t begin = 0, end = 0; begin < lists.size(); begin = end) {
        while (end < lists.size() && lists[end].hash == lists[begin].hash) ++end;
        labels =
            label_run(instance, std::span(lists).subspan(begin, end - begin), labels, label_of);
    }
    return classes_from(label_of, labels);
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
    std::vector<Index> met;                                 // classes that the member has
    Index labels = 0;
    for (Index m = 0; m < instance.members.size(); ++m) {
        for (const Index need : needs_of.of(m)) {
            const Index list = lists.class_of[instance.list_of(need)];
            if (label_for[list] == no_index) {
                label_for[list] = labels++;
                met.push_back(list);
            }
            label_of[need] = label_for[list];
        }
        for (const Index list : met) label_for[list] = no_index;
        met.clear();
    }
    return classes_from(label_of, labels);
}

/// Calls `add` for each class of offers that the list names, in the order of their first offers.
void for_each_class(const AllocationInstance& whole, Index list, const Classes& offers,
                    const auto& add) {
    for (const Index offer : whole.list(list)) {
        const Index c = offers.class_of[offer];
        // A list holds a class whole; it is named where its first offer stands.
        if (offers.numbers[offers.begin[c]] == offer) add(c);
    }
}

/// Of each class of lists, how many classes of offers it names.
std::vector<Index> merged_lengths(const AllocationInstance& whole, const Classes& lists,
                                  const Classes& offers) {
    const bool is_as_before = offers.count() == whole.offers.size();
    std::vector<Index> lengths;
    lengths.reserve(lists.count());
    for (Index l = 0; l < lists.count(); ++l) {
        const Index list = lists.numbers[lists.begin[l]];
        auto length = static_cast<Index>(whole.list(list).size());
        if (!is_as_before) {
            length = 0;
            for_each_class(whole, list, offers, [&length](Index) { ++length; });
        }
        lengths.push_back(length);
    }
    return lengths;
}

/// Each class of lists once, over classes of offers. As those are numbered by their first offer,
/// the lists ascend.
void add_lists(AllocationInstance& merged, const AllocationInstance& whole, const Classes& lists,
               const Classes& offers, const std::vector<Index>& lengths) {
    merged.lawful_offers.reserve(std::accumulate(lengths.begin(), lengths.end(), std::size_t{0}));
    merged.lawful_begin.reserve(lengths.size() + 1);
    for (Index l = 0; l < lists.count(); ++l) {
        for_each_class(whole, lists.numbers[lists.begin[l]], offers,
                       [&merged](Index c) { merged.lawful_offers.push_back(c); });
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

/// The needs of a class, and the flows of neighbouring needs, lie far apart: they are asked for so
/// many steps before they are used.
constexpr Index needs_ahead = 8;

/// Of each class of offers the first offer with units, and how many.
struct OffersInUse {
    std::vector<Index> next;
    std::vector<std::int64_t> left;

    OffersInUse(const AllocationInstance& whole, const Classes& offers) : next(offers.begin) {
        left.reserve(whole.offers.size());
        for (const AllocationOffer& offer : whole.offers) left.push_back(offer.capacity);
    }
};

/// Flows of the whole instance, class by class of needs, and ascending by need within a class.
struct FlowsByClass {
    std::vector<AllocationFlow> flows;
    std::vector<std::size_t> begin;  ///< of each class; without meaning for one that gets nothing
};

FlowsByClass flows_by_class(const AllocationInstance& whole, const MergedInstance& merged,
                            const Allocation& allocation) {
    const Classes& needs = merged.needs;
    OffersInUse offers(whole, merged.offers);
    FlowsByClass divided{.flows = {}, .begin = std::vector<std::size_t>(needs.count())};
    // Each step below uses up a flow, a need or an offer. Memory that is not touched costs nothing.
    divided.flows.reserve(allocation.flows.size() + whole.needs.size() + whole.offers.size());
    Index of_class = no_index;
    Index need_at = 0;
    std::int64_t room = 0;  // of the need at need_at
    for (const AllocationFlow& flow : allocation.flows) {
        if (flow.need != of_class) {
            of_class = flow.need;
            divided.begin[of_class] = divided.flows.size();
            need_at = needs.begin[of_class];
            room = whole.needs[needs.numbers[need_at]].quantity;
        }
        Index& offer_at = offers.next[flow.offer];
        for (std::int64_t units = flow.units; units > 0;) {
            if (room == 0) {
                COMITY_CHECK(++need_at < needs.begin[of_class + 1]);
                room = whole.needs[needs.numbers[need_at]].quantity;
                if (need_at + needs_ahead < needs.numbers.size()) {
                    __builtin_prefetch(&whole.needs[needs.numbers[need_at + needs_ahead]]);
                }
                continue;
            }
            COMITY_CHECK(offer_at < merged.offers.begin[flow.offer + 1]);
            const Index offer = merged.offers.numbers[offer_at];
            const std::int64_t taken = std::min({units, room, offers.left[offer]});
            if (taken > 0) divided.flows.push_back({needs.numbers[need_at], offer, taken});
            units -= taken;
            room -= taken;
            offers.left[offer] -= taken;
            if (offers.left[offer] == 0) ++offer_at;
        }
    }
    return divided;
}

/// In the order of needs, and of offers within a need.
std::vector<AllocationFlow> in_order_of_needs(FlowsByClass divided, const Classes& needs) {
    const std::vector<AllocationFlow>& flows = divided.flows;
    std::vector<AllocationFlow> ordered;
    ordered.reserve(flows.size());
    for (Index need = 0; need < needs.class_of.size(); ++need) {
        std::size_t& at = divided.begin[needs.class_of[need]];
        const auto first = static_cast<std::ptrdiff_t>(ordered.size());
        for (; at < flows.size() && flows[at].need == need; ++at) {
            ordered.push_back(flows[at]);
            __builtin_prefetch(flows.data() + at + needs_ahead);
        }
        std::sort(
            ordered.begin() + first, ordered.end(),
            [](const AllocationFlow& a, const AllocationFlow& b) { return a.offer < b.offer; });
    }
    return ordered;
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

    const std::vector<Index> lengths = merged_lengths(instance, lists, merged.offers);
    const auto list_of = [&](Index need) { return lists.class_of[instance.list_of(need)]; };
    std::size_t pairs = 0;
    for (Index c = 0; c < merged.needs.count(); ++c) {
        pairs += lengths[list_of(merged.needs.numbers[merged.needs.begin[c]])];
    }
    if (pairs / 3 >= pairs_of(instance) / 4) return std::nullopt;

    AllocationInstance& smaller = merged.instance;
    add_lists(smaller, instance, lists, merged.offers, lengths);
    smaller.offers.resize(merged.offers.count());
    for (Index o = 0; o < instance.offers.size(); ++o) {
        smaller.offers[merged.offers.class_of[o]].capacity += instance.offers[o].capacity;
    }
    smaller.needs.resize(merged.needs.count());
    smaller.lawful_list.reserve(merged.needs.count());
    for (Index c = 0; c < merged.needs.count(); ++c) {
        const Index first = merged.needs.numbers[merged.needs.begin[c]];
        smaller.needs[c].owner = instance.needs[first].owner;
        smaller.lawful_list.push_back(list_of(first));
    }
    for (Index j = 0; j < instance.needs.size(); ++j) {
        smaller.needs[merged.needs.class_of[j]].quantity += instance.needs[j].quantity;
    }
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
    divided.flows = in_order_of_needs(flows_by_class(whole, merged, allocation), merged.needs);
    return divided;
}

}  // namespace comity::exchange::detail
