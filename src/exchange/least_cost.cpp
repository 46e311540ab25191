// SPDX-License-Identifier: Apache-2.0
#include "exchange/least_cost.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <queue>
#include <span>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/check.h"

namespace comity::exchange {

namespace {

/// Arcs of the network: of merged parts and their offers. Larger pools are refused.
constexpr std::size_t arcs_max = std::size_t{1} << 31;
/// More than any path of the network carries, and more than it costs.
constexpr std::int64_t no_limit = std::int64_t{1} << 61;
/// Price of an offer that gives nothing: no search takes it.
constexpr std::int64_t out_of_reach = std::int64_t{1} << 61;
/// Arcs that one look gathers, and steps that are then chosen among them.
constexpr std::size_t gathered_max = 400;
constexpr std::size_t steps_per_look = 80;

/// Arcs that alike parts share, by offer. An offer of the last plan has two: for the units that it
/// keeps, and for those beyond.
struct Block {
    std::vector<Index> offers;
    std::vector<std::int64_t> costs;
    std::vector<std::int64_t> limits;  ///< of units; empty: no arc has one

    friend bool operator==(const Block&, const Block&) = default;
};

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
    // FNV-1a over words and a finalizer of splitmix64; equality decides, never the hash.
    hash = (hash ^ value) * 0x100'0000'01b3ULL;
    return hash ^ (hash >> 29U);
}

std::uint64_t hash_of(const Block& block) {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325ULL;
    for (std::size_t i = 0; i < block.offers.size(); ++i) {
        hash = mixed(hash, block.offers[i]);
        hash = mixed(hash, static_cast<std::uint64_t>(block.costs[i]));
    }
    return hash;
}

/// Parts that are alike: any of them can stand for another.
struct PartClass {
    Index block = 0;
    Index group = 0;            ///< the member whose total they share; 0 where parts keep theirs
    std::int64_t quantity = 0;  ///< the parts' together: what they may carry, or what they carry
    std::vector<Index> parts;   ///< ascending
};

/// The parts of a pool, merged, in a form that does not depend on which lists and rows they share.
class Network {
public:
    Network(const PricedPool& pool, const Allocation& allocation) : pool_(pool) {
        note_quantities(allocation);
        auto before = pool.costs.before.begin();
        for (Index p = 0; p < pool.parts.size(); ++p) {
            const PricedPart& part = pool.parts[p];
            while (before != pool.costs.before.end() && before->need < part.need) ++before;
            if (quantities_[p] == 0) continue;
            const Index group = pool.by_need ? 0 : pool.instance.needs[part.need].owner;
            add(p, group, block_of(part, before));
        }
    }

    const PricedPool& pool() const { return pool_; }
    const std::vector<PartClass>& classes() const { return classes_; }
    const Block& block(Index part_class) const { return blocks_[classes_[part_class].block]; }
    std::int64_t quantity(Index part) const { return quantities_[part]; }

    std::size_t arcs() const {
        std::size_t arcs = 0;
        for (const PartClass& each : classes_) arcs += blocks_[each.block].offers.size();
        return arcs;
    }

private:
    using Before = std::vector<AllocationFlow>::const_iterator;

    /// What each part may carry, or carries. A part of a member without units counts as nothing.
    void note_quantities(const Allocation& allocation) {
        const AllocationInstance& instance = pool_.instance;
        quantities_.resize(pool_.parts.size());
        auto flow = allocation.flows.begin();
        for (auto part = pool_.parts.begin(); part != pool_.parts.end();) {
            const Index need = part->need;
            while (flow != allocation.flows.end() && flow->need < need) ++flow;
            auto end = flow;
            while (end != allocation.flows.end() && end->need == need) ++end;
            for (; part != pool_.parts.end() && part->need == need; ++part) {
                std::int64_t& quantity =
                    quantities_[static_cast<std::size_t>(part - pool_.parts.begin())];
                if (!pool_.by_need) {
                    const bool has_units = allocation.totals[instance.needs[need].owner] > 0;
                    quantity = has_units ? instance.needs[need].quantity : 0;
                    continue;
                }
                const std::span<const Index> offers = instance.list(part->list);
                for (auto each = flow; each != end; ++each) {
                    if (std::binary_search(offers.begin(), offers.end(), each->offer)) {
                        quantity += each->units;
                    }
                }
            }
        }
    }

    /// The block of a part, new or known.
    Index block_of(const PricedPart& part, Before before) {
        const bool is_kept = before != pool_.costs.before.end() && before->need == part.need;
        const auto key = std::pair(pool_.costs.row_of[part.need], part.list);
        if (!is_kept) {
            const auto known = known_.find(key);
            if (known != known_.end()) return known->second;
        }
        Block made = made_block(part, before);
        const auto [from, to] = by_hash_.equal_range(hash_of(made));
        for (auto at = from; at != to; ++at) {
            if (blocks_[at->second] != made) continue;
            if (!is_kept) known_.emplace(key, at->second);
            return at->second;
        }
        const auto number = static_cast<Index>(blocks_.size());
        by_hash_.emplace(hash_of(made), number);
        blocks_.push_back(std::move(made));
        if (!is_kept) known_.emplace(key, number);
        return number;
    }

    Block made_block(const PricedPart& part, Before before) const {
        const AllocationInstance& instance = pool_.instance;
        const PairCosts& costs = pool_.costs;
        const std::span<const Index> lawful = instance.lawful(part.need);
        const std::span<const Index> offers = instance.list(part.list);
        const std::size_t row = costs.row_begin[costs.row_of[part.need]];
        Block block;
        block.offers.reserve(offers.size());
        block.costs.reserve(offers.size());
        std::size_t at = 0;
        for (const Index offer : offers) {
            while (lawful[at] != offer) ++at;
            const std::int64_t cost = costs.units[row + at];
            while (before != costs.before.end() && before->need == part.need &&
                   before->offer < offer) {
                ++before;
            }
            const bool is_kept = before != costs.before.end() && before->need == part.need &&
                                 before->offer == offer && costs.change > 0;
            if (is_kept) {
                block.limits.resize(block.offers.size(), no_limit);
                block.limits.push_back(before->units);
                block.offers.push_back(offer);
                block.costs.push_back(cost);
            }
            block.offers.push_back(offer);
            block.costs.push_back(cost + costs.change);
        }
        if (!block.limits.empty()) block.limits.resize(block.offers.size(), no_limit);
        return block;
    }

    /// Parts with a last plan stay alone: what is kept of it is the need's own.
    void add(Index part, Index group, Index block) {
        const bool is_alone = !blocks_[block].limits.empty();
        if (!is_alone) {
            const auto [at, is_new] =
                class_of_.try_emplace(std::pair(group, block), static_cast<Index>(classes_.size()));
            if (!is_new) {
                PartClass& known = classes_[at->second];
                known.parts.push_back(part);
                known.quantity += quantities_[part];
                return;
            }
        }
        classes_.push_back(
            {.block = block, .group = group, .quantity = quantities_[part], .parts = {part}});
    }

    const PricedPool& pool_;
    std::vector<std::int64_t> quantities_;  ///< of each part
    std::vector<Block> blocks_;
    std::vector<PartClass> classes_;  ///< by their first part
    std::map<std::pair<Index, Index>, Index> known_;
    std::unordered_multimap<std::uint64_t, Index> by_hash_;
    std::map<std::pair<Index, Index>, Index> class_of_;
};

/// Units of a class over an offer; of an offer of the last plan perhaps twice.
struct ClassFlow {
    Index part_class = 0;
    std::size_t arc = 0;  ///< of its block
    std::int64_t units = 0;
};

/// The network simplex: a spanning tree of arcs that may carry any units, all others carrying
/// nothing or all they can; one arc after another enters the tree where that costs less.
///
/// Nodes are classes, offers, groups (members with a total) and one root, to which all units flow:
/// group -> class -> offer -> root. What a group or, without groups, a class sends stands at first
/// on an arc to the root that costs more than any way through offers. The tree is kept strongly
/// feasible (from every node something could still flow to the root), so that no step repeats
/// (Cunningham 1976; Ahuja, Magnanti and Orlin, Network Flows, section 11.6).
class Simplex {
public:
    Simplex(const Network& network, const Allocation& allocation)
        : network_(network),
          instance_(network.pool().instance),
          by_need_(network.pool().by_need),
          classes_(static_cast<Index>(network.classes().size())),
          offers_(static_cast<Index>(instance_.offers.size())) {
        group_node_.assign(instance_.members.size(), no_node);
        Index next = classes_ + offers_;
        if (!by_need_) {
            for (const PartClass& each : network.classes()) {
                if (group_node_[each.group] != no_node) continue;
                group_node_[each.group] = next++;
                groups_.push_back(each.group);
            }
        }
        root_ = next;
        build_tree(allocation);
    }

    /// Errors: too_large "exchange/instance-too-large".
    Result<> run() {
        const std::uint64_t steps_max =
            std::max(steps_any_max, steps_per_arc_max * (network_.arcs() + root_));
        std::uint64_t steps = 0;
        while (const std::optional<Entering> entering = find_entering()) {
            if (++steps > steps_max) {
                return Error{Code::too_large, "exchange/instance-too-large",
                             "Pairs of least cost are not found in " + std::to_string(steps_max) +
                                 " steps; ask for them under simpler costs."};
            }
            pivot(*entering);
        }
        for (Index node = 0; node < root_; ++node) {
            COMITY_CHECK(arc_[node].kind != Kind::start || arc_[node].units == 0);
        }
        return {};
    }

    /// By class, then arc.
    std::vector<ClassFlow> flows() const {
        std::vector<ClassFlow> flows;
        for (Index node = 0; node < classes_ + offers_; ++node) {
            const TreeArc& arc = arc_[node];
            if (arc.kind != Kind::pair || arc.units == 0) continue;
            flows.push_back({node < classes_ ? node : node_[node].parent, arc.number, arc.units});
        }
        for (Index c = 0; c < classes_; ++c) {
            if (is_full_[c].empty()) continue;
            const Block& block = network_.block(c);
            for (std::size_t k = 0; k < block.offers.size(); ++k) {
                if (is_full_[c][k] == 1) flows.push_back({c, k, block.limits[k]});
            }
        }
        std::sort(flows.begin(), flows.end(), [](const ClassFlow& a, const ClassFlow& b) {
            return std::pair(a.part_class, a.arc) < std::pair(b.part_class, b.arc);
        });
        return flows;
    }

    /// None of a class that no offer could serve.
    std::optional<std::int64_t> class_price(Index part_class) const {
        if (node_[part_class].parent == no_node) return std::nullopt;
        return price_of(part_class);
    }
    std::int64_t offer_price(Index offer) const { return node_[classes_ + offer].price; }

private:
    static constexpr Index no_node = 0xffff'ffff;
    enum class Kind : std::uint8_t { pair, of_group, to_root, start };

    /// The arc between a node and its parent.
    struct TreeArc {
        Kind kind = Kind::start;
        bool is_up = true;       ///< it leads from the node to its parent
        std::size_t number = 0;  ///< of a pair: in the block of its class
        std::int64_t units = 0;
        std::int64_t limit = no_limit;

        std::int64_t room_up() const { return is_up ? limit - units : units; }
        std::int64_t room_down() const { return is_up ? units : limit - units; }
    };
    /// Where an arc outside of the tree stands.
    enum class State : std::uint8_t { empty, full, in_tree };

    /// An arc that makes things cheaper, by `gain` a unit.
    struct Entering {
        Kind kind = Kind::pair;
        Index tail = 0;
        Index head = 0;
        std::size_t number = 0;
        std::int64_t limit = no_limit;
        bool is_full = false;
        std::int64_t cost = 0;
        std::int64_t gain = 0;
    };
    /// Together and in one line of the cache, because a step goes through thousands of them.
    struct alignas(32) Node {
        std::int64_t price = 0;
        Index parent = no_node;
        Index child = no_node;  ///< the first
        Index next = no_node;   ///< of the same parent
        Index previous = no_node;
        Index depth = 0;
    };

    void build_tree(const Allocation& allocation) {
        const std::size_t nodes = std::size_t{root_} + 1;
        node_.resize(nodes);
        arc_.resize(nodes);
        offer_price_.assign(offers_, 0);
        group_state_.assign(classes_, State::empty);
        offer_state_.assign(offers_, State::in_tree);
        is_full_.resize(classes_);
        std::int64_t dearest = 0;
        for (Index o = 0; o < offers_; ++o) start_offer(o);
        for (Index c = 0; c < classes_; ++c) {
            const Block& block = network_.block(c);
            if (!block.limits.empty()) is_full_[c].assign(block.offers.size(), 0);
            for (const std::int64_t cost : block.costs) dearest = std::max(dearest, cost);
        }
        start_cost_ = dearest * (std::min<std::int64_t>(classes_, offers_) + 1) + 1;
        for (Index c = 0; c < classes_; ++c) {
            if (by_need_) {
                start(c, network_.classes()[c].quantity);
            } else {
                start_class(c);
            }
        }
        for (const Index member : groups_) {
            start(group_node_[member], allocation.totals[member]);
        }
    }

    void start(Index node, std::int64_t units) {
        arc_[node] = {.kind = Kind::start, .is_up = true, .number = 0, .units = units};
        node_[node].price = start_cost_;
        node_[node].depth = 1;
        hang(node, root_);
    }

    void start_offer(Index offer) {
        const Index node = classes_ + offer;
        const std::int64_t capacity = instance_.offers[offer].capacity;
        if (capacity == 0) {
            node_[node].price = out_of_reach;
            offer_price_[offer] = out_of_reach;
            offer_state_[offer] = State::in_tree;
            return;
        }
        arc_[node] = {
            .kind = Kind::to_root, .is_up = true, .number = 0, .units = 0, .limit = capacity};
        node_[node].depth = 1;
        hang(node, root_);
    }

    /// A class without units stands below its cheapest offer. One without any stays outside.
    void start_class(Index part_class) {
        const Block& block = network_.block(part_class);
        std::optional<std::size_t> best;
        for (std::size_t k = 0; k < block.offers.size(); ++k) {
            if (instance_.offers[block.offers[k]].capacity == 0) continue;
            if (!best || block.costs[k] < block.costs[*best]) best = k;
        }
        if (!best) {
            group_state_[part_class] = State::in_tree;
            return;
        }
        const Index offer = classes_ + block.offers[*best];
        arc_[part_class] = {.kind = Kind::pair,
                            .is_up = true,
                            .number = *best,
                            .units = 0,
                            .limit = limit_of(part_class, *best)};
        node_[part_class].price = block.costs[*best];
        node_[part_class].depth = 2;
        hang(part_class, offer);
    }

    std::int64_t limit_of(Index part_class, std::size_t number) const {
        const Block& block = network_.block(part_class);
        return block.limits.empty() ? no_limit : block.limits[number];
    }

    /// A class at the end of a branch. Most are: they are in no list of children, and their price
    /// and depth follow from their parent's, so that no step goes through them.
    bool is_leaf(Index node) const { return node < classes_ && node_[node].child == no_node; }

    std::int64_t price_of(Index node) const {
        if (!is_leaf(node)) return node_[node].price;
        const TreeArc& arc = arc_[node];
        if (arc.kind == Kind::start) return start_cost_;
        const std::int64_t cost =
            arc.kind == Kind::pair ? network_.block(node).costs[arc.number] : 0;
        return cost + node_[node_[node].parent].price;
    }
    Index depth_of(Index node) const {
        return is_leaf(node) ? node_[node_[node].parent].depth + 1 : node_[node].depth;
    }
    void settle(Index node) {
        if (!is_leaf(node)) return;
        node_[node].price = price_of(node);
        node_[node].depth = depth_of(node);
    }

    void list(Index node) {
        const Index parent = node_[node].parent;
        node_[node].previous = no_node;
        node_[node].next = node_[parent].child;
        if (node_[node].next != no_node) node_[node_[node].next].previous = node;
        node_[parent].child = node;
    }

    void unlist(Index node) {
        if (node_[node].previous == no_node) {
            node_[node_[node].parent].child = node_[node].next;
        } else {
            node_[node_[node].previous].next = node_[node].next;
        }
        if (node_[node].next != no_node) node_[node_[node].next].previous = node_[node].previous;
    }

    /// A parent that was a leaf, which must be settled, is none any more.
    void hang(Index node, Index parent) {
        node_[node].parent = parent;
        if (is_leaf(node)) return;
        const bool was_leaf = is_leaf(parent);
        list(node);
        if (was_leaf) list(parent);
    }

    void cut(Index node) {
        const Index parent = node_[node].parent;
        if (!is_leaf(node)) {
            unlist(node);
            if (is_leaf(parent) && node_[parent].parent != no_node) unlist(parent);
        }
        node_[node].parent = no_node;
    }

    /// An arc that makes things cheaper; none if there is none at all. A look gathers some, and the
    /// best of these goes next, as long as they last.
    std::optional<Entering> find_entering() {
        if (steps_left_ > 0) {
            if (const auto best = best_gathered()) return best;
        }
        gather();
        steps_left_ = steps_per_look;
        return best_gathered();
    }

    std::optional<Entering> best_gathered() {
        --steps_left_;
        std::optional<std::size_t> best;
        for (std::size_t i = 0; i < gathered_.size();) {
            Entering& each = gathered_[i];
            const std::int64_t over = each.cost + price_of(each.head) - price_of(each.tail);
            each.gain = each.is_full ? over : -over;
            if (each.gain <= 0) {
                each = gathered_.back();
                gathered_.pop_back();
                continue;
            }
            if (!best || each.gain > gathered_[*best].gain) best = i;
            ++i;
        }
        if (!best) return std::nullopt;
        const Entering found = gathered_[*best];
        gathered_[*best] = gathered_.back();
        gathered_.pop_back();
        return found;
    }

    void gather() {
        gathered_.clear();
        const Index all = classes_ + offers_;
        for (Index seen = 0; seen < all && gathered_.size() < gathered_max; ++seen) {
            if (at_ < classes_) {
                look_at_class(at_);
            } else {
                look_at_offer(at_ - classes_);
            }
            if (++at_ == all) at_ = 0;
        }
    }

    /// Gathers the best pair of the class, and the arc from its group.
    void look_at_class(Index part_class) {
        const Block& block = network_.block(part_class);
        const std::int64_t price = price_of(part_class);
        if (!is_full_[part_class].empty()) {
            look_at_limited(part_class);
        } else {
            std::int64_t least = price;
            std::size_t found = 0;
            for (std::size_t k = 0; k < block.offers.size(); ++k) {
                const std::int64_t cost = block.costs[k] + offer_price_[block.offers[k]];
                if (cost >= least) continue;
                least = cost;
                found = k;
            }
            if (least < price) {
                gathered_.push_back({.kind = Kind::pair,
                                     .tail = part_class,
                                     .head = classes_ + block.offers[found],
                                     .number = found,
                                     .limit = no_limit,
                                     .is_full = false,
                                     .cost = block.costs[found]});
            }
        }
        if (by_need_ || group_state_[part_class] == State::in_tree) return;
        const PartClass& each = network_.classes()[part_class];
        const Index group = group_node_[each.group];
        const bool is_full = group_state_[part_class] == State::full;
        const std::int64_t over = price - node_[group].price;
        if ((is_full ? over : -over) <= 0) return;
        gathered_.push_back({.kind = Kind::of_group,
                             .tail = group,
                             .head = part_class,
                             .number = 0,
                             .limit = each.quantity,
                             .is_full = is_full});
    }

    void look_at_limited(Index part_class) {
        const Block& block = network_.block(part_class);
        const std::int64_t price = price_of(part_class);
        Entering best;
        for (std::size_t k = 0; k < block.offers.size(); ++k) {
            const Index offer = block.offers[k];
            const bool is_full = is_full_[part_class][k] != 0;
            const std::int64_t over = block.costs[k] + offer_price_[offer] - price;
            const std::int64_t gain = is_full ? over : -over;
            if (gain <= best.gain) continue;
            best = {.kind = Kind::pair,
                    .tail = part_class,
                    .head = classes_ + offer,
                    .number = k,
                    .limit = block.limits[k],
                    .is_full = is_full,
                    .cost = block.costs[k],
                    .gain = gain};
        }
        if (best.gain > 0) gathered_.push_back(best);
    }

    void look_at_offer(Index offer) {
        if (offer_state_[offer] == State::in_tree) return;
        const bool is_full = offer_state_[offer] == State::full;
        if ((is_full ? -offer_price_[offer] : offer_price_[offer]) <= 0) return;
        gathered_.push_back({.kind = Kind::to_root,
                             .tail = classes_ + offer,
                             .head = root_,
                             .number = 0,
                             .limit = instance_.offers[offer].capacity,
                             .is_full = is_full});
    }

    /// Where an arc outside of the tree stands from now on.
    void set_state(Kind kind, Index tail, Index head, std::size_t number, State state) {
        if (kind == Kind::of_group) {
            group_state_[head] = state;
        } else if (kind == Kind::to_root) {
            offer_state_[tail - classes_] = state;
        } else if (kind == Kind::pair && !is_full_[tail].empty()) {
            is_full_[tail][number] = state == State::full ? 1 : 0;
        }
    }

    Index meeting_point(Index a, Index b) const {
        while (a != b) {
            if (depth_of(a) >= depth_of(b)) {
                a = node_[a].parent;
            } else {
                b = node_[b].parent;
            }
        }
        return a;
    }

    /// Sends what it can around the cycle that the arc closes; the last arc on it, from the meeting
    /// point on, that then stops the flow leaves the tree.
    void pivot(const Entering& entering) {
        const Index from = entering.is_full ? entering.head : entering.tail;
        const Index to = entering.is_full ? entering.tail : entering.head;
        const Index meeting = meeting_point(from, to);
        std::int64_t units = entering.limit;
        Index leaving = no_node;
        bool leaves_before = false;
        for (Index node = from; node != meeting; node = node_[node].parent) {
            if (arc_[node].room_down() >= units) continue;
            units = arc_[node].room_down();
            leaving = node;
            leaves_before = true;
        }
        for (Index node = to; node != meeting; node = node_[node].parent) {
            if (arc_[node].room_up() > units) continue;
            units = arc_[node].room_up();
            leaving = node;
            leaves_before = false;
        }
        if (units > 0) {
            for (Index node = from; node != meeting; node = node_[node].parent) {
                arc_[node].units += arc_[node].is_up ? -units : units;
            }
            for (Index node = to; node != meeting; node = node_[node].parent) {
                arc_[node].units += arc_[node].is_up ? units : -units;
            }
        }
        if (leaving == no_node) {
            set_state(entering.kind, entering.tail, entering.head, entering.number,
                      entering.is_full ? State::empty : State::full);
            return;
        }
        leave(leaving);
        enter(entering, entering.is_full ? entering.limit - units : units, leaving,
              leaves_before ? from : to, leaves_before ? to : from);
    }

    void leave(Index node) {
        const TreeArc& arc = arc_[node];
        const Index tail = arc.is_up ? node : node_[node].parent;
        const Index head = arc.is_up ? node_[node].parent : node;
        set_state(arc.kind, tail, head, arc.number, arc.units == 0 ? State::empty : State::full);
    }

    /// Hangs what the leaving arc cut off below the entering one: `inner` is the end of it there.
    void enter(const Entering& entering, std::int64_t units, Index leaving, Index inner,
               Index outer) {
        const bool is_up = inner == entering.tail;
        TreeArc arc{.kind = entering.kind,
                    .is_up = is_up,
                    .number = entering.number,
                    .units = units,
                    .limit = entering.limit};
        const std::int64_t over =
            entering.is_full ? entering.gain : -entering.gain;  // cost + head - tail
        if (entering.kind != Kind::pair) {
            set_state(entering.kind, entering.tail, entering.head, entering.number, State::in_tree);
        } else {
            set_state(entering.kind, entering.tail, entering.head, entering.number, State::empty);
        }
        settle(inner);
        settle(outer);
        path_.clear();
        for (Index node = inner; node != leaving; node = node_[node].parent) path_.push_back(node);
        path_.push_back(leaving);
        for (auto node = path_.rbegin(); node != path_.rend(); ++node) cut(*node);
        Index parent = outer;
        for (const Index node : path_) {
            std::swap(arc, arc_[node]);
            arc.is_up = !arc.is_up;
            hang(node, parent);
            parent = node;
        }
        shift(inner, is_up ? over : -over);
    }

    /// Prices and depths below a node, itself included.
    void shift(Index top, std::int64_t by) {
        Index node = top;
        for (;;) {
            node_[node].price += by;
            if (node >= classes_ && node < classes_ + offers_) {
                offer_price_[node - classes_] = node_[node].price;
            }
            node_[node].depth = node_[node_[node].parent].depth + 1;
            if (node_[node].next != no_node) __builtin_prefetch(&node_[node_[node].next]);
            if (node_[node].child != no_node) {
                node = node_[node].child;
                continue;
            }
            while (node != top && node_[node].next == no_node) node = node_[node].parent;
            if (node == top) return;
            node = node_[node].next;
        }
    }

    const Network& network_;
    const AllocationInstance& instance_;
    bool by_need_;
    Index classes_;
    Index offers_;
    Index root_ = 0;
    std::int64_t start_cost_ = 0;    ///< of a unit that no offer serves yet
    std::vector<Index> groups_;      ///< members
    std::vector<Index> group_node_;  ///< of each member
    std::vector<Node> node_;
    std::vector<Index> path_;                ///< from where an arc enters to where one leaves
    std::vector<std::int64_t> offer_price_;  ///< once more, close together
    std::vector<Entering> gathered_;
    std::size_t steps_left_ = 0;                      ///< to choose among what is gathered
    std::vector<TreeArc> arc_;                        ///< of each node: to its parent
    std::vector<State> group_state_;                  ///< of each class: of the arc from its group
    std::vector<State> offer_state_;                  ///< of each offer: of its arc to the root
    std::vector<std::vector<std::uint8_t>> is_full_;  ///< of limited pairs, by class
    Index at_ = 0;                                    ///< where the next look starts
};

/// The least prices that prove the least cost: shortest ways by which a unit more of an offer would
/// move others. They do not depend on which pairs of least cost were found, nor how.
class LeastPrices {
public:
    LeastPrices(const Network& network, const Simplex& simplex, std::span<const ClassFlow> flows)
        : network_(network),
          instance_(network.pool().instance),
          simplex_(simplex),
          flows_(flows),
          classes_(static_cast<Index>(network.classes().size())),
          offers_(static_cast<Index>(instance_.offers.size())) {}

    std::vector<std::int64_t> find() {
        values_.assign(instance_.members.size(), 0);
        note_flows();
        note_prices();
        distance_ = price_;
        distance_.resize(classes_ + offers_ + instance_.members.size(), no_limit * 2);
        std::fill(distance_.begin(), distance_.begin() + classes_, no_limit * 2);
        for (Index o = 0; o < offers_; ++o) {
            distance_[classes_ + o] = price_[classes_ + o];
            queue_.emplace(distance_[classes_ + o], classes_ + o);
        }
        while (!queue_.empty()) {
            const auto [distance, node] = queue_.top();
            queue_.pop();
            if (distance != distance_[node]) continue;
            if (node < classes_) {
                from_class(node);
            } else if (node < classes_ + offers_) {
                from_offer(node - classes_);
            } else {
                from_group(node - classes_ - offers_);
            }
        }
        std::vector<std::int64_t> prices;
        prices.reserve(offers_);
        for (Index o = 0; o < offers_; ++o) {
            prices.push_back(price_[classes_ + o] - distance_[classes_ + o]);
        }
        return prices;
    }

private:
    using Entry = std::pair<std::int64_t, Index>;

    void note_flows() {
        drawn_.resize(offers_);
        carried_.assign(classes_, 0);
        for (std::size_t f = 0; f < flows_.size(); ++f) {
            const Block& block = network_.block(flows_[f].part_class);
            drawn_[block.offers[flows_[f].arc]].push_back(f);
            carried_[flows_[f].part_class] += flows_[f].units;
        }
        of_group_.resize(instance_.members.size());
        if (network_.pool().by_need) return;
        for (Index c = 0; c < classes_; ++c) {
            of_group_[network_.classes()[c].group].push_back(c);
        }
    }

    /// Valid prices to measure ways by. An offer that gives nothing is too dear for everyone.
    void note_prices() {
        price_.resize(classes_ + offers_);
        std::int64_t dearest = 0;
        for (Index c = 0; c < classes_; ++c) {
            price_[c] = simplex_.class_price(c).value_or(0);
            dearest = std::max(dearest, price_[c]);
            if (carried_[c] == 0) continue;
            std::int64_t& value = values_[network_.classes()[c].group];
            value = std::max(value, price_[c]);
        }
        for (Index c = 0; c < classes_; ++c) {
            if (!simplex_.class_price(c)) price_[c] = dearest;
        }
        for (Index o = 0; o < offers_; ++o) {
            const std::int64_t price = std::max<std::int64_t>(0, simplex_.offer_price(o));
            price_[classes_ + o] = instance_.offers[o].capacity == 0 ? dearest : price;
        }
    }

    void relax(Index node, std::int64_t distance) {
        if (distance >= distance_[node]) return;
        distance_[node] = distance;
        queue_.emplace(distance, node);
    }

    std::int64_t over(Index part_class, std::size_t arc) const {
        const Block& block = network_.block(part_class);
        return block.costs[arc] + price_[classes_ + block.offers[arc]] - price_[part_class];
    }

    /// Who draws on the offer could give units of it up.
    void from_offer(Index offer) {
        for (const std::size_t f : drawn_[offer]) {
            const ClassFlow& flow = flows_[f];
            relax(flow.part_class, distance_[classes_ + offer] - over(flow.part_class, flow.arc));
        }
    }

    void from_class(Index part_class) {
        const Block& block = network_.block(part_class);
        for (std::size_t k = 0; k < block.offers.size(); ++k) {
            if (is_at_limit(part_class, k)) continue;
            relax(classes_ + block.offers[k], distance_[part_class] + over(part_class, k));
        }
        if (network_.pool().by_need || carried_[part_class] == 0) return;
        const Index member = network_.classes()[part_class].group;
        relax(classes_ + offers_ + member,
              distance_[part_class] + values_[member] - price_[part_class]);
    }

    void from_group(Index member) {
        for (const Index c : of_group_[member]) {
            if (carried_[c] == network_.classes()[c].quantity) continue;
            relax(c, distance_[classes_ + offers_ + member] + price_[c] - values_[member]);
        }
    }

    bool is_at_limit(Index part_class, std::size_t arc) const {
        const Block& block = network_.block(part_class);
        if (block.limits.empty() || block.limits[arc] == no_limit) return false;
        const auto found =
            std::lower_bound(flows_.begin(), flows_.end(), std::pair(part_class, arc),
                             [](const ClassFlow& flow, const auto& key) {
                                 return std::pair(flow.part_class, flow.arc) < key;
                             });
        return found != flows_.end() && found->part_class == part_class && found->arc == arc &&
               found->units == block.limits[arc];
    }

    const Network& network_;
    const AllocationInstance& instance_;
    const Simplex& simplex_;
    std::span<const ClassFlow> flows_;
    Index classes_;
    Index offers_;
    std::vector<std::vector<std::size_t>> drawn_;  ///< of each offer: flows
    std::vector<std::int64_t> carried_;            ///< by each class
    std::vector<std::vector<Index>> of_group_;     ///< of each member: classes
    std::vector<std::int64_t> price_;
    std::vector<std::int64_t> values_;  ///< of each member: what its dearest units cost
    std::vector<std::int64_t> distance_;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
};

/// The flows of each need again: parts of a class are filled, and offers used, in their order.
std::vector<AllocationFlow> flows_of_needs(const Network& network,
                                           std::span<const ClassFlow> flows) {
    std::vector<AllocationFlow> result;
    result.reserve(flows.size() + network.pool().parts.size());
    for (std::size_t f = 0; f < flows.size();) {
        const PartClass& each = network.classes()[flows[f].part_class];
        const Block& block = network.block(flows[f].part_class);
        auto part = each.parts.begin();
        std::int64_t room = network.quantity(*part);
        const Index number = flows[f].part_class;
        for (; f < flows.size() && flows[f].part_class == number; ++f) {
            std::int64_t units = flows[f].units;
            while (units > 0) {
                while (room == 0) room = network.quantity(*++part);
                const std::int64_t moved = std::min(units, room);
                const Index need = network.pool().parts[*part].need;
                const Index offer = block.offers[flows[f].arc];
                if (!result.empty() && result.back().need == need && result.back().offer == offer) {
                    result.back().units += moved;
                } else {
                    result.push_back({need, offer, moved});
                }
                units -= moved;
                room -= moved;
            }
        }
    }
    std::sort(result.begin(), result.end(), [](const AllocationFlow& a, const AllocationFlow& b) {
        return std::pair(a.need, a.offer) < std::pair(b.need, b.offer);
    });
    return result;
}

/// The least value of each member: what its dearest unit costs, the price of its offer included.
std::vector<std::int64_t> least_values(const Network& network, std::span<const ClassFlow> flows,
                                       const std::vector<std::int64_t>& prices) {
    std::vector<std::int64_t> values(network.pool().instance.members.size());
    for (const ClassFlow& flow : flows) {
        const Block& block = network.block(flow.part_class);
        std::int64_t& value = values[network.classes()[flow.part_class].group];
        value = std::max(value, block.costs[flow.arc] + prices[block.offers[flow.arc]]);
    }
    return values;
}

}  // namespace

Result<Prices> choose_pairs(const PricedPool& pool, Allocation& allocation) {
    TRY(check_costs(pool.instance, pool.costs));
    const Network network(pool, allocation);
    if (network.arcs() > arcs_max) {
        return Error{Code::too_large, "exchange/instance-too-large",
                     "There are over 2^31 pairs to choose from; split the pool."};
    }
    Simplex simplex(network, allocation);
    TRY(simplex.run());
    const std::vector<ClassFlow> flows = simplex.flows();
    Prices prices;
    prices.offers = LeastPrices(network, simplex, flows).find();
    if (!pool.by_need) prices.members = least_values(network, flows, prices.offers);
    allocation.flows = flows_of_needs(network, flows);
    return prices;
}

}  // namespace comity::exchange
