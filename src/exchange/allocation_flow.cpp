// SPDX-License-Identifier: Apache-2.0
#include "exchange/allocation_flow.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <thread>
#include <utility>

#include "base/check.h"

namespace comity::exchange::detail {

NeedsByMember::NeedsByMember(const AllocationInstance& instance)
    : begin(instance.members.size() + 1), needs(instance.needs.size()) {
    for (const AllocationNeed& need : instance.needs) ++begin[need.owner + 1];
    for (std::size_t m = 1; m < begin.size(); ++m) begin[m] += begin[m - 1];
    std::vector<Index> next(begin.begin(), begin.end() - 1);
    for (Index j = 0; j < instance.needs.size(); ++j) needs[next[instance.needs[j].owner]++] = j;
}

template <class Units>
PairFlow<Units>::PairFlow(const AllocationInstance& instance, const NeedsByMember& needs_of,
                          unsigned threads)
    : instance_(instance),
      needs_of_(needs_of),
      threads_(std::clamp(threads, 1U, threads_max)),
      member_count_(static_cast<Index>(instance.members.size())),
      need_count_(static_cast<Index>(instance.needs.size())),
      offer_count_(static_cast<Index>(instance.offers.size())),
      parts_(1, 1),
      member_left_(member_count_),
      received_(member_count_),
      first_of_need_(need_count_, no_index),
      first_of_offer_(offer_count_, no_index),
      served_begin_(std::size_t{offer_count_} + 1),
      group_(std::size_t{member_count_} + offer_count_),
      level_(group_.size(), unreached),
      cursor_(group_.size()) {
    needs_.reserve(need_count_);
    for (const Index need : needs_of.needs) {
        const std::int64_t quantity = instance.needs[need].quantity;
        const Index list = instance.list_of(need);
        needs_.push_back({.left = quantity,
                          .asked = quantity,
                          .owner = instance.needs[need].owner,
                          .first_lawful = instance.lawful_begin[list],
                          .lawful_count = static_cast<Index>(instance.list(list).size()),
                          .group = 0,
                          .cursor = 0,
                          .level = unreached});
    }
    offer_left_.reserve(offer_count_);
    for (const AllocationOffer& offer : instance.offers) offer_left_.push_back(offer.capacity);
}

template <class Units>
std::int64_t PairFlow<Units>::full_elsewhere(Index member) const {
    std::int64_t units = 0;
    for (Index at = needs_of_.begin[member]; at < needs_of_.begin[member + 1]; ++at) {
        if (needs_[at].group == group_[member]) continue;
        units += instance_.needs[needs_of_.needs[at]].quantity;
    }
    return units;
}

// Gives the node its distance and notes it, unless it has one. Several threads may try.
template <class Units>
void PairFlow<Units>::visit(Node node, std::int32_t distance, Index group,
                            std::vector<Node>& found) {
    if (group_of(node) != group) return;
    const std::atomic_ref node_level(level(node));
    std::int32_t before = node_level.load(std::memory_order_relaxed);
    if (before == unreached &&
        node_level.compare_exchange_strong(before, distance, std::memory_order_relaxed)) {
        found.push_back(node);
        if (is_offer(node)) {
            std::atomic_ref(unseen_offers_[group]).fetch_sub(1, std::memory_order_relaxed);
        }
    }
}

// Finds the offers that the need could draw on, and its owner if it could give units back. The loop
// over the pairs is where much of the engine's time goes: nothing but a load in most turns.
template <class Units>
void PairFlow<Units>::expand_need(Index index, std::vector<Node>& found) {
    const Need& need = needs_[index];
    const std::int32_t distance = need.level + 1;
    std::int32_t* const levels = level_.data() + offer_node(0);
    const bool all_seen =
        std::atomic_ref(unseen_offers_[need.group]).load(std::memory_order_relaxed) == 0;
    for (const Index offer : all_seen ? std::span<const Index>() : lawful(need)) {
        if (std::atomic_ref(levels[offer]).load(std::memory_order_relaxed) != unreached) continue;
        visit(offer_node(offer), distance, need.group, found);
    }
    if (used(index) > 0) visit(need.owner, distance, need.group, found);
}

// Finds the needs that draw on the offer.
template <class Units>
void PairFlow<Units>::expand_offer(Index offer, std::vector<Node>& found) {
    if (offer_left_[offer] > 0) return;  // an end of paths
    const Node node = offer_node(offer);
    const auto served = std::span(served_).subspan(served_begin_[offer],
                                                   served_begin_[offer + 1] - served_begin_[offer]);
    for (std::size_t n = 0; n < served.size(); ++n) {
        if (n + nodes_ahead < served.size()) {
            __builtin_prefetch(&needs_[served[n + nodes_ahead]]);
        }
        visit(need_node(served[n]), level_[node] + 1, group_[node], found);
    }
}

// Finds what `node` can push units to, one level further.
template <class Units>
void PairFlow<Units>::expand(Node node, std::vector<Node>& found) {
    if (is_need(node)) {
        expand_need(need_of(node), found);
    } else if (is_offer(node)) {
        expand_offer(offer_of(node), found);
    } else {
        for (Index need = needs_of_.begin[node]; need < needs_of_.begin[node + 1]; ++need) {
            if (needs_[need].left > 0) {
                visit(need_node(need), level_[node] + 1, group_[node], found);
            }
        }
    }
}

// Needs and their lists lie far apart: each is asked for before its turn.
template <class Units>
void PairFlow<Units>::expand_all(std::span<const Node> nodes, std::vector<Node>& found) {
    for (std::size_t n = 0; n < nodes.size(); ++n) {
        if (n + 2 * nodes_ahead < nodes.size() && is_need(nodes[n + 2 * nodes_ahead])) {
            __builtin_prefetch(&needs_[need_of(nodes[n + 2 * nodes_ahead])]);
        }
        if (n + nodes_ahead < nodes.size() && is_need(nodes[n + nodes_ahead])) {
            __builtin_prefetch(lawful(needs_[need_of(nodes[n + nodes_ahead])]).data());
        }
        expand(nodes[n], found);
    }
}

// One level of nodes, dealt out to the threads piece by piece. Who finds a node first decides its
// place in the queue, on which nothing depends, and never its level.
template <class Units>
void PairFlow<Units>::expand_together(std::span<const Node> nodes, std::vector<Node>& found) {
    std::vector<std::vector<Node>> found_by(threads_);
    std::atomic<std::size_t> next = 0;
    {
        std::vector<std::jthread> threads;
        threads.reserve(threads_);
        for (unsigned t = 0; t < threads_; ++t) {
            threads.emplace_back([this, nodes, &next, &mine = found_by[t]] {
                for (;;) {
                    const std::size_t begin = next.fetch_add(piece, std::memory_order_relaxed);
                    if (begin >= nodes.size()) return;
                    expand_all(nodes.subspan(begin, std::min(piece, nodes.size() - begin)), mine);
                }
            });
        }
    }
    for (const std::vector<Node>& mine : found_by) {
        found.insert(found.end(), mine.begin(), mine.end());
    }
}

// Takes the level from every node of a group that may still have a way.
template <class Units>
void PairFlow<Units>::forget_labels() {
    std::erase_if(labelled_, [this](Node node) {
        if (search_[group_of(node)] == Search::finished) return false;
        level(node) = unreached;
        return true;
    });
}

// Marks the groups of which an offer with units left is among the nodes; whether there is any.
template <class Units>
bool PairFlow<Units>::note_reached(std::span<const Node> nodes) {
    bool reached = false;
    for (const Node node : nodes) {
        if (!is_offer(node) || offer_left_[offer_of(node)] == 0) continue;
        search_[group_[node]] = Search::reached;
        reached = true;
    }
    return reached;
}

// Distances from the sources, in the groups that may still have a way; whether any has. Near: a
// group is looked through up to the distance of its first offer with units left, and longer ways
// wait for the next labelling. One without such an offer is finished: it is looked through, and
// stays as it is.
template <class Units>
bool PairFlow<Units>::label(std::span<const Node> sources, bool near) {
    forget_labels();
    std::vector<Node> nodes;
    std::vector<Node> next;
    count_unseen_offers();
    for (const Node source : sources) {
        const Index group = group_of(source);
        if (search_[group] == Search::finished || source_left(source) == 0) continue;
        visit(source, 0, group, nodes);
    }
    bool reached = false;
    for (; !nodes.empty(); nodes.swap(next), next.clear()) {
        labelled_.insert(labelled_.end(), nodes.begin(), nodes.end());
        if (note_reached(nodes)) {
            reached = true;
            if (near) {
                std::erase_if(nodes,
                              [this](Node n) { return search_[group_of(n)] == Search::reached; });
            }
        }
        if (threads_ > 1 && nodes.size() >= shared_nodes_min) {
            expand_together(nodes, next);
        } else {
            expand_all(nodes, next);
        }
    }
    for (Search& search : search_) {
        search = search == Search::reached ? Search::open : Search::finished;
    }
    return reached;
}

template <class Units>
void PairFlow<Units>::count_unseen_offers() {
    unseen_offers_.assign(parts_.size(), 0);
    for (Index offer = 0; offer < offer_count_; ++offer) {
        ++unseen_offers_[group_[offer_node(offer)]];
    }
}

template <class Units>
bool PairFlow<Units>::leads_on(Node from, Node to) const {
    return level(to) == level(from) + 1 && group_of(to) == group_of(from);
}

template <class Units>
bool PairFlow<Units>::advance_from_member(Node member) {
    const Index begin = needs_of_.begin[member];
    const Index count = needs_of_.begin[member + 1] - begin;
    for (Index& at = cursor_[member]; at < count; ++at) {
        const Node next = need_node(begin + at);
        if (needs_[begin + at].left == 0 || !leads_on(member, next)) continue;
        path_.push_back({.arc = Arc::to_need, .node = next});
        return true;
    }
    return false;
}

template <class Units>
bool PairFlow<Units>::advance_from_need(Node node) {
    Need& need = needs_[need_of(node)];
    const std::span<const Index> offers = lawful(need);
    const std::int32_t distance = need.level + 1;
    const std::int32_t* const levels = level_.data() + offer_node(0);
    for (Index at = need.cursor; at < offers.size(); ++at) {
        if (levels[offers.data()[at]] != distance) continue;
        const Node next = offer_node(offers[at]);
        if (group_[next] != need.group) continue;
        need.cursor = at;
        path_.push_back({.arc = Arc::to_offer, .node = next});
        return true;
    }
    need.cursor = std::max(need.cursor, static_cast<Index>(offers.size()));
    const bool is_last = need.cursor == offers.size();
    if (!is_last || used(need_of(node)) == 0 || !leads_on(node, need.owner)) return false;
    path_.push_back({.arc = Arc::back_to_owner, .node = need.owner});
    return true;
}

template <class Units>
bool PairFlow<Units>::advance_from_offer(Node node) {
    Index& at = cursor_[node];
    for (; at != no_index; at = carriers_[at].next_of_offer) {
        const Node next = need_node(carriers_[at].need);
        if (carriers_[at].units == 0 || !leads_on(node, next)) continue;
        path_.push_back({.arc = Arc::back_to_need, .node = next, .carrier = at});
        return true;
    }
    return false;
}

// One more step from the end of the path, along the first arc that its cursor has not given up.
template <class Units>
bool PairFlow<Units>::advance(Node node) {
    if (is_member(node)) return advance_from_member(node);
    return is_offer(node) ? advance_from_offer(node) : advance_from_need(node);
}

// Gives up the arc at the cursor: it leads to a dead end.
template <class Units>
void PairFlow<Units>::skip(Node node) {
    Index& at = cursor(node);
    at = is_offer(node) ? carriers_[at].next_of_offer : at + 1;
}

// The carrier of a pair, made if there is none: found in the shorter of two lists, since one need
// may draw on very many offers, or one offer serve very many needs.
template <class Units>
Index PairFlow<Units>::carrier(Index need, Index offer) {
    Index of_need = first_of_need_[need];
    Index of_offer = first_of_offer_[offer];
    while (of_need != no_index && of_offer != no_index) {
        if (carriers_[of_need].offer == offer) return of_need;
        if (carriers_[of_offer].need == need) return of_offer;
        of_need = carriers_[of_need].next_of_need;
        of_offer = carriers_[of_offer].next_of_offer;
    }
    COMITY_CHECK(carriers_.size() < no_index);
    carriers_.push_back({need, offer, no_index, no_index, 0});
    const auto made = static_cast<Index>(carriers_.size() - 1);
    link(made);
    return made;
}

template <class Units>
void PairFlow<Units>::link(Index c) {
    Carrier& carrier = carriers_[c];
    carrier.next_of_need = std::exchange(first_of_need_[carrier.need], c);
    carrier.next_of_offer = std::exchange(first_of_offer_[carrier.offer], c);
}

// Drops the carriers that carry nothing, and lists the needs that each offer serves. Never while
// the path or a cursor names a carrier.
template <class Units>
void PairFlow<Units>::relink() {
    std::erase_if(carriers_, [](const Carrier& carrier) { return carrier.units == 0; });
    std::fill(first_of_need_.begin(), first_of_need_.end(), no_index);
    std::fill(first_of_offer_.begin(), first_of_offer_.end(), no_index);
    for (Index c = 0; c < carriers_.size(); ++c) link(c);
    std::fill(served_begin_.begin(), served_begin_.end(), 0);
    for (const Carrier& carrier : carriers_) ++served_begin_[carrier.offer];
    std::partial_sum(served_begin_.begin(), served_begin_.end(), served_begin_.begin());
    served_.resize(carriers_.size());
    for (const Carrier& carrier : carriers_) served_[--served_begin_[carrier.offer]] = carrier.need;
}

template <class Units>
Units PairFlow<Units>::residual(std::size_t step) {
    const Step& at = path_[step];
    switch (at.arc) {
        case Arc::start:
            return source_left(at.node);
        case Arc::to_need:
            return needs_[need_of(at.node)].left;
        case Arc::back_to_need:
            return carriers_[at.carrier].units;
        case Arc::back_to_owner:
            return used(need_of(path_[step - 1].node));
        case Arc::to_offer:
            break;
    }
    return offer_left_[offer_of(path_.back().node)];  // no limit but that of the path's end
}

template <class Units>
void PairFlow<Units>::push(std::size_t step, Units units) {
    const Step& at = path_[step];
    switch (at.arc) {
        case Arc::start:
            source_left(at.node) -= units;
            break;
        case Arc::to_need:
            needs_[need_of(at.node)].left -= units;
            break;
        case Arc::back_to_need:
            carriers_[at.carrier].units -= units;
            break;
        case Arc::back_to_owner:
            needs_[need_of(path_[step - 1].node)].left += units;
            break;
        case Arc::to_offer:
            carriers_[carrier(need_of(path_[step - 1].node), offer_of(at.node))].units += units;
            break;
    }
}

// Pushes what the narrowest arc of the path takes, from its source to the offer at its end; then
// cuts the path back to where the first used-up arc starts.
template <class Units>
void PairFlow<Units>::augment() {
    const Node source = path_.front().node;
    const Index last = offer_of(path_.back().node);
    Units units = offer_left_[last];
    for (std::size_t step = 0; step < path_.size(); ++step) {
        units = std::min(units, residual(step));
    }
    if (is_member(source)) received_[source] += units;
    std::size_t kept = path_.size();
    for (std::size_t step = path_.size(); step-- > 0;) {
        push(step, units);
        if (path_[step].arc != Arc::to_offer && residual(step) == 0) kept = step;
    }
    offer_left_[last] -= units;
    path_.resize(kept);
}

// Every labelled node starts with its first arc again.
template <class Units>
void PairFlow<Units>::start_cursors() {
    for (const Node node : labelled_)
        cursor(node) = is_offer(node) ? first_of_offer_[offer_of(node)] : 0;
}

// A blocking flow: uses up every shortest way of this labelling.
template <class Units>
void PairFlow<Units>::block(std::span<const Node> sources) {
    start_cursors();
    for (const Node source : sources) {
        if (source_left(source) == 0 || search_[group_of(source)] == Search::finished) continue;
        path_.assign(1, {.arc = Arc::start, .node = source});
        while (!path_.empty()) {
            const Node node = path_.back().node;
            if (is_offer(node) && offer_left_[offer_of(node)] > 0) {
                augment();
            } else if (!advance(node)) {
                path_.pop_back();
                if (!path_.empty()) skip(path_.back().node);
            }
        }
    }
}

template <class Units>
void PairFlow<Units>::saturate(const std::vector<Node>& sources) {
    search_.assign(parts_.size(), Search::open);
    for (unsigned phase = 0;; ++phase) {
        relink();
        if (!label(sources, phase < near_phases_max)) return;
        block(sources);
    }
}

template <class Units>
void PairFlow<Units>::maximise() {
    // Needs whose owner is in another group come first: they were full, and only rounding to new
    // parts can have taken from them.
    std::vector<Node> frozen;
    for (Index need = 0; need < need_count_; ++need) {
        const bool foreign = needs_[need].group != group_[needs_[need].owner];
        if (foreign && needs_[need].left > 0) frozen.push_back(need_node(need));
    }
    if (!frozen.empty()) {
        std::sort(frozen.begin(), frozen.end(), [this](Node a, Node b) {
            return needs_of_.needs[need_of(a)] < needs_of_.needs[need_of(b)];
        });
        saturate(frozen);
        for (const Node node : frozen) COMITY_CHECK(needs_[need_of(node)].left == 0);
    }
    std::vector<Node> members;
    for (Node member = 0; member < member_count_; ++member) {
        if (member_left_[member] > 0) members.push_back(member);
    }
    saturate(members);
}

template <class Units>
void PairFlow<Units>::release(Index member, Units parts) {
    for (Index need = needs_of_.begin[member]; need < needs_of_.begin[member + 1]; ++need) {
        if (needs_[need].group != group_[member]) continue;
        for (Index c = first_of_need_[need]; c != no_index && parts > 0;
             c = carriers_[c].next_of_need) {
            const Units taken = std::min(parts, carriers_[c].units);
            carriers_[c].units -= taken;
            needs_[need].left += taken;
            offer_left_[carriers_[c].offer] += taken;
            received_[member] -= taken;
            parts -= taken;
        }
    }
    COMITY_CHECK(parts == 0);
}

template <class Units>
void PairFlow<Units>::set_quotas(std::vector<Units> parts, std::span<const Units> quotas) {
    COMITY_CHECK(parts.size() == parts_.size() && quotas.size() == member_count_);
    for (Index offer = 0; offer < offer_count_; ++offer) {
        offer_left_[offer] = instance_.offers[offer].capacity * parts[group_[offer_node(offer)]];
    }
    for (Index need = 0; need < need_count_; ++need) {
        const std::int64_t quantity = instance_.needs[needs_of_.needs[need]].quantity;
        needs_[need].asked = needs_[need].left = quantity * parts[needs_[need].group];
    }
    for (Carrier& carrier : carriers_) {
        // Whole units and the rest apart, so that no product leaves the range: parts are sums of
        // weights, below 2^61, and two of them multiplied need 128 bits.
        const Index group = group_[offer_node(carrier.offer)];
        const Units before = parts_[group];
        if (before != parts[group]) {
            const Int128 rest = Int128{carrier.units % before} * parts[group] / before;
            carrier.units = carrier.units / before * parts[group] + static_cast<Units>(rest);
        }
        needs_[carrier.need].left -= carrier.units;
        offer_left_[carrier.offer] -= carrier.units;
    }
    parts_ = std::move(parts);
    std::fill(received_.begin(), received_.end(), 0);
    for (Index need = 0; need < need_count_; ++need) {
        const Index owner = needs_[need].owner;
        const bool foreign = needs_[need].group != group_[owner];
        received_[owner] +=
            foreign ? instance_.needs[needs_of_.needs[need]].quantity * parts_[group_[owner]]
                    : used(need);
    }
    for (Index member = 0; member < member_count_; ++member) {
        if (received_[member] > quotas[member]) release(member, received_[member] - quotas[member]);
        member_left_[member] = quotas[member] - received_[member];
    }
}

template <class Units>
void PairFlow<Units>::split(std::span<const Index> heirs) {
    COMITY_CHECK(heirs.size() == parts_.size());
    for (Index g = 0; g < heirs.size(); ++g) {
        if (heirs[g] == no_index) continue;
        COMITY_CHECK(heirs[g] == parts_.size());
        parts_.push_back(parts_[g]);
    }
    for (const Node node : labelled_) {
        Index& group = is_need(node) ? needs_[need_of(node)].group : group_[node];
        if (heirs[group] != no_index) group = heirs[group];
    }
}

template <class Units>
std::vector<AllocationFlow> PairFlow<Units>::flows() const
    requires std::same_as<Units, std::int64_t> {
    std::vector<AllocationFlow> flows;
    flows.reserve(carriers_.size());
    for (const Carrier& carrier : carriers_) {
        if (carrier.units == 0) continue;
        flows.push_back({needs_of_.needs[carrier.need], carrier.offer, carrier.units});
    }
    std::sort(flows.begin(), flows.end(), [](const AllocationFlow& a, const AllocationFlow& b) {
        return a.need != b.need ? a.need < b.need : a.offer < b.offer;
    });
    return flows;
}

template <class Units>
std::vector<Index> PairFlow<Units>::first_to_reach(std::span<const Index> wanting) {
    relink();
    std::fill(group_.begin(), group_.end(), 0);
    std::fill(level_.begin(), level_.end(), unreached);
    for (Need& need : needs_) {
        need.group = 0;
        need.level = unreached;
    }
    count_unseen_offers();
    std::vector<Index> first(offer_count_, free_offer);
    for (const Index member : wanting) {
        std::vector<Node> nodes;
        visit(member, 0, 0, nodes);
        for (std::size_t head = 0; head < nodes.size(); ++head) {
            const Node node = nodes[head];
            if (is_offer(node)) {
                COMITY_CHECK(offer_left_[offer_of(node)] == 0);
                first[offer_of(node)] = member;
            }
            expand(node, nodes);
        }
    }
    return first;
}

template class PairFlow<std::int64_t>;
template class PairFlow<Int128>;

}  // namespace comity::exchange::detail
