// SPDX-License-Identifier: Apache-2.0

// Which of a member's needs its units go to: its own order decides, within what others leave it.

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <vector>

#include "base/check.h"
#include "exchange/division.h"

namespace comity::exchange {

namespace {

class OwnOrder {
public:
    OwnOrder(const AllocationInstance& instance, std::span<const std::uint32_t> own_order,
             const Allocation& allocation)
        : instance_(instance),
          order_(own_order),
          draws_(instance.offers.size()),
          given_(instance.needs.size()),
          trail_(instance) {
        for (const AllocationOffer& offer : instance.offers) left_.push_back(offer.capacity);
        for (const AllocationFlow& flow : allocation.flows) {
            draws_[flow.offer][flow.need] = flow.units;
            given_[flow.need] += flow.units;
            left_[flow.offer] -= flow.units;
        }
    }

    /// `needs` are one member's.
    void fill(std::vector<Index> needs) {
        std::sort(needs.begin(), needs.end(),
                  [this](Index a, Index b) { return comes_before(a, b); });
        std::int64_t later_units = 0;
        for (const Index need : needs) later_units += given_[need];
        for (std::size_t i = 0; i + 1 < needs.size(); ++i) {
            const std::span<const Index> later = std::span(needs).subspan(i + 1);
            later_units -= given_[needs[i]];
            while (later_units > 0 && given_[needs[i]] < instance_.needs[needs[i]].quantity) {
                const std::int64_t moved = grow(needs[i], later);
                if (moved == 0) break;
                later_units -= moved;
            }
        }
    }

    std::vector<AllocationFlow> flows() const {
        std::vector<AllocationFlow> flows;
        for (Index offer = 0; offer < draws_.size(); ++offer) {
            for (const auto& [need, units] : draws_[offer]) flows.push_back({need, offer, units});
        }
        std::sort(flows.begin(), flows.end(), [](const AllocationFlow& a, const AllocationFlow& b) {
            return std::pair(a.need, a.offer) < std::pair(b.need, b.offer);
        });
        return flows;
    }

private:
    /// How a search came to an offer, and to a need that draws on one. A search has a number of its
    /// own, so that nothing is cleared between two.
    struct Trail {
        explicit Trail(const AllocationInstance& instance)
            : offer_seen(instance.offers.size()),
              need_seen(instance.needs.size()),
              list_seen(instance.list_count()),
              to_offer(instance.offers.size()),
              to_need(instance.needs.size()) {}

        static bool see(std::vector<std::uint32_t>& seen, Index what, std::uint32_t search) {
            if (seen[what] == search) return false;
            seen[what] = search;
            return true;
        }

        std::uint32_t search = 0;
        std::vector<std::uint32_t> offer_seen;
        std::vector<std::uint32_t> need_seen;
        std::vector<std::uint32_t> list_seen;
        std::vector<Index> to_offer;  ///< of each offer: the need that would draw on it
        std::vector<Index> to_need;   ///< of each need: the offer that it would give up
    };
    struct End {
        Index offer = 0;
        std::optional<Index> giver;  ///< a later need that draws on it; none: it has units left
    };
    bool comes_before(Index a, Index b) const {
        return std::pair(order_[a], a) < std::pair(order_[b], b);
    }
    bool is_later(Index need, Index than) const {
        return instance_.needs[need].owner == instance_.needs[than].owner &&
               comes_before(than, need);
    }

    /// The nearest offer at which `need` can gain, others rerouting only.
    std::optional<End> search(Index need) {
        ++trail_.search;
        std::vector<Index> queue{need};
        for (std::size_t head = 0; head < queue.size(); ++head) {
            const Index list = instance_.list_of(queue[head]);
            if (!Trail::see(trail_.list_seen, list, trail_.search)) continue;
            for (const Index offer : instance_.list(list)) {
                if (!Trail::see(trail_.offer_seen, offer, trail_.search)) continue;
                trail_.to_offer[offer] = queue[head];
                if (left_[offer] > 0) return End{offer, std::nullopt};
                for (const auto& [drawing, units] : draws_[offer]) {
                    if (is_later(drawing, need)) return End{offer, drawing};
                    if (drawing == need) continue;
                    if (!Trail::see(trail_.need_seen, drawing, trail_.search)) continue;
                    trail_.to_need[drawing] = offer;
                    queue.push_back(drawing);
                }
            }
        }
        return std::nullopt;
    }

    /// Gives `need` units that a later one of the same member gives up; 0 if it cannot have any.
    std::int64_t grow(Index need, std::span<const Index> later) {
        const std::optional<End> end = search(need);
        if (!end) return 0;
        Index giver = 0;
        Index given_up = end->offer;
        if (end->giver) {
            giver = *end->giver;
        } else {
            giver = *std::find_if(later.rbegin(), later.rend(),
                                  [this](Index other) { return given_[other] > 0; });
            given_up = drawn_by(giver);
        }
        std::int64_t units =
            std::min(instance_.needs[need].quantity - given_[need], draws_[given_up].at(giver));
        if (!end->giver) units = std::min(units, left_[end->offer]);
        for (Index at = trail_.to_offer[end->offer]; at != need;) {
            const Index through = trail_.to_need[at];
            units = std::min(units, draws_[through].at(at));
            at = trail_.to_offer[through];
        }
        draw(giver, given_up, -units);
        Index offer = end->offer;
        for (Index at = trail_.to_offer[offer]; at != need; at = trail_.to_offer[offer]) {
            draw(at, offer, units);
            offer = trail_.to_need[at];
            draw(at, offer, -units);
        }
        draw(need, offer, units);
        return units;
    }

    /// The last offer that a need draws on.
    Index drawn_by(Index need) const {
        const std::span<const Index> lawful = instance_.lawful(need);
        const auto found = std::find_if(lawful.rbegin(), lawful.rend(),
                                        [&](Index offer) { return draws_[offer].contains(need); });
        COMITY_CHECK(found != lawful.rend());
        return *found;
    }

    void draw(Index need, Index offer, std::int64_t units) {
        std::int64_t& drawn = draws_[offer][need];
        drawn += units;
        given_[need] += units;
        left_[offer] -= units;
        if (drawn == 0) draws_[offer].erase(need);
    }

    const AllocationInstance& instance_;
    std::span<const std::uint32_t> order_;
    std::vector<std::map<Index, std::int64_t>> draws_;  ///< of each offer: units by need
    std::vector<std::int64_t> given_;                   ///< to each need
    std::vector<std::int64_t> left_;                    ///< of each offer
    Trail trail_;
};

}  // namespace

void fill_in_own_order(const AllocationInstance& instance, std::span<const std::uint32_t> own_order,
                       Allocation& allocation) {
    std::vector<std::vector<Index>> needs(instance.members.size());
    for (Index need = 0; need < instance.needs.size(); ++need) {
        needs[instance.needs[need].owner].push_back(need);
    }
    std::vector<Index> turn(instance.members.size());
    std::iota(turn.begin(), turn.end(), Index{0});
    std::sort(turn.begin(), turn.end(), [&](Index a, Index b) {
        return instance.members[a].tie_rank < instance.members[b].tie_rank;
    });
    OwnOrder order(instance, own_order, allocation);
    for (const Index member : turn) {
        if (needs[member].size() > 1) order.fill(std::move(needs[member]));
    }
    allocation.flows = order.flows();
}

}  // namespace comity::exchange
