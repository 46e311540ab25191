// SPDX-License-Identifier: Apache-2.0
#pragma once

// The engine's maximum flow: members -> needs -> lawful offers, in whole units, kept warm between
// calls, for several separate groups of nodes at once (Dinic's method). Private to the engine.
//
// What always holds between calls: no need, offer or member quota is exceeded, and units flow only
// inside a group, except that a need whose owner is in another group is full and stays full. Only
// pairs that carry units are stored; the lawful pairs themselves are read from the instance, which
// must outlive this object.

#include <concepts>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "exchange/allocation.h"

namespace comity::exchange::detail {

inline constexpr Index no_index = std::numeric_limits<Index>::max();

/// The needs of each member, ascending.
struct NeedsByMember {
    std::vector<Index> begin;
    std::vector<Index> needs;

    explicit NeedsByMember(const AllocationInstance& instance);

    std::span<const Index> of(Index member) const {
        return std::span(needs).subspan(begin[member], begin[member + 1] - begin[member]);
    }
};

/// Units is std::int64_t, or Int128 where units are counted in small fractions.
template <class Units>
class PairFlow {
public:
    /// Both are borrowed. Up to `threads` (threads_max at most) work while maximise runs.
    PairFlow(const AllocationInstance& instance, const NeedsByMember& needs_of, unsigned threads);

    /// Units of the member's needs in other groups than its own, all of them full.
    std::int64_t full_elsewhere(Index member) const;

    /// Units that the member receives.
    Units received(Index member) const { return received_[member]; }

    /// Whether maximise left the member below its quota, or found a way from such a member to it.
    bool is_held_back(Index member) const { return level_[member] != unreached; }

    /// Starts a new maximisation: `parts[g]` is how many parts of group g make a unit, `quotas[m]`
    /// what member m may receive, in the parts of its group. What flows is rounded down to the new
    /// parts, and taken back where it is above a quota.
    /// A quota must be at least what the member receives through needs in other groups.
    void set_quotas(std::vector<Units> parts, std::span<const Units> quotas);

    /// Fills the quotas as far as possible, in every group.
    void maximise();

    /// Moves every node of a group g that maximise found held back into the group heirs[g], where
    /// that is not no_index. New groups are numbered on from the present ones.
    void split(std::span<const Index> heirs);

    /// The pairs that carry units, ascending.
    std::vector<AllocationFlow> flows() const requires std::same_as<Units, std::int64_t>;

    /// The certificate: of each offer the first member among `wanting` that could reach it by
    /// rerouting others, or free_offer. Ends the groups: all nodes are in one from here on.
    std::vector<Index> first_to_reach(std::span<const Index> wanting);

private:
    static constexpr std::int32_t unreached = -1;
    static constexpr unsigned threads_max = 16;
    /// Below this many nodes of a level, starting a thread takes longer than the work.
    static constexpr std::size_t shared_nodes_min = 1024;
    /// So many nodes of a level at a time go to one thread.
    static constexpr std::size_t piece = 256;
    /// So many nodes before its turn, a node's memory is asked for.
    static constexpr std::size_t nodes_ahead = 8;
    /// So many labellings stop at the nearest offers, which is fast where all ways are short. After
    /// them each looks at every distance, so that ways of ever new lengths do not cost a labelling
    /// each.
    static constexpr unsigned near_phases_max = 48;

    // One numbering for all nodes: members, then offers, then needs. Needs stand in the order of
    // their owners, as in NeedsByMember, so that those of a member are neighbours in memory.
    using Node = Index;

    /// What is read together stands together: most time goes by waiting for memory.
    struct Need {
        Units left;   ///< parts that it has room for
        Units asked;  ///< parts
        Index owner;
        Index first_lawful;  ///< where its list starts
        Index lawful_count;
        Index group;
        Index cursor;        ///< the arc to try next, if it has a level
        std::int32_t level;  ///< distance from the sources, or unreached
    };

    struct Carrier {
        Index need;
        Index offer;
        Index next_of_need;
        Index next_of_offer;
        Units units;
    };

    Node offer_node(Index offer) const { return member_count_ + offer; }
    Node need_node(Index need) const { return member_count_ + offer_count_ + need; }
    bool is_member(Node node) const { return node < member_count_; }
    bool is_need(Node node) const { return node >= member_count_ + offer_count_; }
    bool is_offer(Node node) const { return !is_member(node) && !is_need(node); }
    Index offer_of(Node node) const { return node - member_count_; }
    Index need_of(Node node) const { return node - member_count_ - offer_count_; }
    Index group_of(Node node) const {
        return is_need(node) ? needs_[need_of(node)].group : group_[node];
    }
    std::int32_t& level(Node node) {
        return is_need(node) ? needs_[need_of(node)].level : level_[node];
    }
    std::int32_t level(Node node) const {
        return is_need(node) ? needs_[need_of(node)].level : level_[node];
    }
    Index& cursor(Node node) {
        return is_need(node) ? needs_[need_of(node)].cursor : cursor_[node];
    }
    std::span<const Index> lawful(const Need& need) const {
        return {instance_.lawful_offers.data() + need.first_lawful, need.lawful_count};
    }
    Units used(Index need) const { return needs_[need].asked - needs_[need].left; }
    Units& source_left(Node source) {
        return is_member(source) ? member_left_[source] : needs_[need_of(source)].left;
    }

    /// How a step of a path reaches its node.
    enum class Arc : std::uint8_t {
        start,          ///< a member with quota left, or a need to refill
        to_need,        ///< from its owner: the need has room
        to_offer,       ///< over a lawful pair, which has no limit of its own
        back_to_need,   ///< from an offer: the need gives up units of it
        back_to_owner,  ///< from a need: its owner uses the units for another need
    };
    struct Step {
        Arc arc = Arc::start;
        Node node = 0;
        Index carrier = no_index;  ///< for back_to_need
    };

    /// Of each group, between two labellings.
    enum class Search : std::uint8_t {
        open,      ///< there may be a way from a source to an offer with units left
        reached,   ///< this labelling found one; only while label runs
        finished,  ///< there is none; the labels of its nodes stand
    };

    void visit(Node node, std::int32_t distance, Index group, std::vector<Node>& found);
    void expand(Node node, std::vector<Node>& found);
    void expand_offer(Index offer, std::vector<Node>& found);
    void expand_need(Index index, std::vector<Node>& found);
    void expand_all(std::span<const Node> nodes, std::vector<Node>& found);
    void expand_together(std::span<const Node> nodes, std::vector<Node>& found);
    void forget_labels();
    bool note_reached(std::span<const Node> nodes);
    bool label(std::span<const Node> sources, bool near);
    void start_cursors();
    void count_unseen_offers();
    bool advance(Node node);
    bool advance_from_member(Node member);
    bool advance_from_need(Node node);
    bool advance_from_offer(Node node);
    bool leads_on(Node from, Node to) const;
    void skip(Node node);
    Units residual(std::size_t step);
    void push(std::size_t step, Units units);
    void augment();
    void block(std::span<const Node> sources);
    void saturate(const std::vector<Node>& sources);
    Index carrier(Index need, Index offer);
    void link(Index c);
    void relink();
    void release(Index member, Units parts);

    const AllocationInstance& instance_;
    const NeedsByMember& needs_of_;
    unsigned threads_;
    Index member_count_;
    Index need_count_;
    Index offer_count_;
    std::vector<Need> needs_;   ///< in the order of NeedsByMember
    std::vector<Units> parts_;  ///< of each group: parts to a unit
    std::vector<Units> member_left_;
    std::vector<Units> received_;
    std::vector<Units> offer_left_;
    std::vector<Carrier> carriers_;
    std::vector<Index> first_of_need_;   ///< carrier, or no_index
    std::vector<Index> first_of_offer_;  ///< likewise
    std::vector<Index> served_begin_;    ///< of each offer: where its needs start in served_
    std::vector<Index> served_;          ///< needs that draw on it, since relink
    std::vector<Index> group_;           ///< of each member and offer
    std::vector<std::int32_t> level_;    ///< likewise, as Need::level
    std::vector<Index> cursor_;          ///< likewise, as Need::cursor
    std::vector<Node> labelled_;         ///< all nodes with a level
    std::vector<Search> search_;         ///< of each group
    std::vector<Index> unseen_offers_;   ///< of each group: offers without a level
    std::vector<Step> path_;             ///< from a source; empty between calls
};

}  // namespace comity::exchange::detail
