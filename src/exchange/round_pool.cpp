// SPDX-License-Identifier: Apache-2.0

#include "exchange/round_pool.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace comity::exchange {
namespace {

using institution::Screening;
using institution::Verdict;

Error bad_inputs(std::string message) {
    return Error{Code::invalid, "exchange/bad-inputs", std::move(message)};
}

template <class T>
bool ascends(const std::vector<T>& list, auto key) {
    const auto not_before = [&](const T& a, const T& b) { return !(key(a) < key(b)); };
    return std::adjacent_find(list.begin(), list.end(), not_before) == list.end();
}

template <class T>
bool quantities_hold(const std::vector<T>& list) {
    return std::all_of(list.begin(), list.end(), [](const T& entry) {
        return entry.quantity >= 1 && entry.quantity <= quantity_max;
    });
}

/// Whether the quantities add up to no more than the engine counts.
template <class T>
bool total_holds(const std::vector<T>& list) {
    std::int64_t left = units_max;
    return std::all_of(list.begin(), list.end(), [&](const T& entry) {
        left -= std::min(left + 1, entry.quantity);
        return left >= 0;
    });
}

bool is_share(const Rational& share) {
    return share.den > 0 && share.num >= 0 && share.num <= share.den;
}

Result<> check_inputs(const RoundInputs& inputs) {
    const auto by_id = [](const auto& entry) -> const auto& { return entry.id; };
    if (!ascends(inputs.members, by_id) || !ascends(inputs.offers, by_id) ||
        !ascends(inputs.needs, by_id) || !ascends(inputs.unlisted_needs, by_id) ||
        !ascends(inputs.unlisted, [](const auto& id) -> const auto& { return id; })) {
        return bad_inputs("Members, offers and needs must stand in order of their ids, each once.");
    }
    if (!ascends(inputs.screenings, [](const auto& s) -> const auto& { return s.transfer; })) {
        return bad_inputs("Screenings must stand in order of their transfers, each once.");
    }
    if (!quantities_hold(inputs.offers) || !quantities_hold(inputs.needs) ||
        !quantities_hold(inputs.unlisted_needs)) {
        return bad_inputs("An offer or a need has a quantity outside its bounds.");
    }
    if (!total_holds(inputs.offers) || !total_holds(inputs.needs)) {
        return Error{Code::too_large, "exchange/instance-too-large",
                     "The offers, or the needs, exceed 2^60 units together."};
    }
    const AllocationRule& rule = inputs.rule;
    if ((rule.floor && !is_share(rule.floor->share)) ||
        (rule.member_cap && !is_share(*rule.member_cap))) {
        return bad_inputs("A share of the rule is not between 0 and 1.");
    }
    return {};
}

std::vector<OfferClass> classes_of(const std::vector<FrozenOffer>& offers) {
    std::map<std::pair<institution::ItemClassId, institution::AreaCode>, std::vector<Index>>
        grouped;
    for (Index o = 0; o < offers.size(); ++o) {
        grouped[{offers[o].item_class, offers[o].origin}].push_back(o);
    }
    std::vector<OfferClass> classes;
    for (auto& [key, members] : grouped) {
        classes.push_back({key.first, key.second, std::move(members)});
    }
    return classes;
}

/// Fills the screening of each row and class. A row is a destination and an end use.
Result<> look_up_screenings(RoundPool& pool) {
    const RoundInputs& inputs = *pool.inputs;
    std::map<institution::Transfer, const Screening*> known;
    for (const ScreenedTransfer& screened : inputs.screenings) {
        known.emplace(screened.transfer, &screened.screening);
    }
    std::map<std::pair<institution::AreaCode, institution::EndUseId>, Index> rows;
    for (const FrozenNeed& need : inputs.needs) {
        const auto [row, is_new] = rows.emplace(std::pair(need.destination, need.end_use),
                                                static_cast<Index>(rows.size()));
        pool.screening_row.push_back(row->second);
        if (!is_new) continue;
        for (const OfferClass& offers : pool.classes) {
            const auto found =
                known.find({offers.item_class, offers.origin, need.destination, need.end_use});
            if (found == known.end()) {
                return bad_inputs("A transfer between an offer and a need was not screened.");
            }
            pool.screenings.push_back(found->second);
        }
    }
    return {};
}

/// What needs of the same item classes, destination and end use share.
struct Catalogue {
    std::vector<Index> allowed;           ///< offers, ascending
    std::vector<std::size_t> restricted;  ///< classes of offers
};

Catalogue catalogue_for(const RoundPool& pool, Index need) {
    const auto& accepted = pool.inputs->needs[need].item_classes;
    Catalogue catalogue;
    for (std::size_t c = 0; c < pool.classes.size(); ++c) {
        if (accepted && !accepted->contains(pool.classes[c].item_class)) continue;
        if (pool.screening(need, c).verdict == Verdict::allowed) {
            const std::vector<Index>& offers = pool.classes[c].offers;
            catalogue.allowed.insert(catalogue.allowed.end(), offers.begin(), offers.end());
        } else {
            catalogue.restricted.push_back(c);
        }
    }
    std::sort(catalogue.allowed.begin(), catalogue.allowed.end());
    return catalogue;
}

/// Whether the need could use the offer if no restriction stood between.
bool could_use(const FrozenNeed& need, const FrozenOffer& offer) {
    return offer.provider != need.member && windows_overlap(need, offer);
}

std::vector<institution::Citation> citations_between(const RoundPool& pool, Index need,
                                                     const std::vector<std::size_t>& restricted) {
    const RoundInputs& inputs = *pool.inputs;
    std::map<std::pair<institution::RestrictionId, std::uint32_t>, institution::Citation> met;
    for (const std::size_t c : restricted) {
        const auto& offers = pool.classes[c].offers;
        const bool is_met = std::any_of(offers.begin(), offers.end(), [&](Index o) {
            return could_use(inputs.needs[need], inputs.offers[o]);
        });
        if (!is_met) continue;
        for (const institution::Citation& citation : pool.screening(need, c).citations) {
            met.emplace(std::pair(citation.restriction, citation.version), citation);
        }
    }
    std::vector<institution::Citation> citations;
    for (auto& [key, citation] : met) citations.push_back(std::move(citation));
    return citations;
}

constexpr Index not_rival = 0xffff'ffff;

/// Adds the need to the instance, with its lawful rival offers, and its reach to the pool.
Result<> add_need(RoundPool& pool, Index need, const Catalogue& catalogue,
                  const std::vector<Index>& rival_index) {
    const RoundInputs& inputs = *pool.inputs;
    const FrozenNeed& frozen = inputs.needs[need];
    AllocationInstance& instance = pool.instance;
    NeedReach reach;
    if (catalogue.allowed.size() > round_pairs_max - std::min(round_pairs_max, pool.pairs)) {
        return Error{Code::too_large, "exchange/instance-too-large",
                     "The round has more than " + std::to_string(round_pairs_max) +
                         " pairs of a need and an offer that it may use."};
    }
    pool.pairs += catalogue.allowed.size();
    for (const Index o : catalogue.allowed) {
        const FrozenOffer& offer = inputs.offers[o];
        if (!could_use(frozen, offer)) continue;
        if (offer.rivalry == Rivalry::rival) {
            instance.lawful_offers.push_back(rival_index[o]);
            continue;
        }
        const std::int64_t units = std::min(frozen.quantity, offer.quantity);
        reach.grants.push_back({frozen.id, offer.id, units});
        reach.granted += units;
    }
    instance.lawful_begin.push_back(static_cast<Index>(instance.lawful_offers.size()));
    reach.blocked_by = citations_between(pool, need, catalogue.restricted);

    // What everyone gets comes first; the rival pool serves what it leaves open.
    const auto owner = std::lower_bound(
        inputs.members.begin(), inputs.members.end(), frozen.member,
        [](const FrozenMember& member, const institution::MemberId& id) { return member.id < id; });
    instance.needs.push_back({static_cast<Index>(owner - inputs.members.begin()),
                              std::max<std::int64_t>(0, frozen.quantity - reach.granted)});
    pool.reaches.push_back(std::move(reach));
    return {};
}

Result<> check_owners(const RoundInputs& inputs) {
    std::set<institution::MemberId> known;
    for (const FrozenMember& member : inputs.members) known.insert(member.id);
    const bool all_known =
        std::all_of(inputs.needs.begin(), inputs.needs.end(),
                    [&](const FrozenNeed& need) { return known.contains(need.member); });
    if (!all_known) return bad_inputs("A need belongs to a member that is not in the round.");
    return {};
}

}  // namespace

std::int64_t share_of(const Rational& share, std::int64_t units) {
    return static_cast<std::int64_t>(Int128{share.num} * units / share.den);
}

bool windows_overlap(const FrozenNeed& need, const FrozenOffer& offer) {
    return offer.from < need.until && (!offer.until || need.from < *offer.until);
}

Result<RoundPool> pool_of(const RoundInputs& inputs) {
    TRY(check_inputs(inputs));
    TRY(check_owners(inputs));
    RoundPool pool;
    pool.inputs = &inputs;
    pool.classes = classes_of(inputs.offers);
    TRY(look_up_screenings(pool));

    std::vector<Index> rival_index(inputs.offers.size(), not_rival);
    for (Index o = 0; o < inputs.offers.size(); ++o) {
        if (inputs.offers[o].rivalry != Rivalry::rival) continue;
        rival_index[o] = static_cast<Index>(pool.rival_offers.size());
        pool.rival_offers.push_back(o);
        pool.instance.offers.push_back({inputs.offers[o].quantity});
        pool.units += inputs.offers[o].quantity;
    }
    for (const FrozenMember& member : inputs.members) {
        AllocationMember entry;
        entry.name = member.id.text();
        entry.weight = member.weight;
        entry.carry_over = member.carry_over;
        pool.instance.members.push_back(std::move(entry));
    }
    using Likeness = std::pair<Index, std::optional<std::set<institution::ItemClassId>>>;
    std::map<Likeness, Catalogue> catalogues;
    for (Index n = 0; n < inputs.needs.size(); ++n) {
        const Likeness likeness{pool.screening_row[n], inputs.needs[n].item_classes};
        auto found = catalogues.find(likeness);
        if (found == catalogues.end()) {
            found = catalogues.emplace(likeness, catalogue_for(pool, n)).first;
        }
        TRY(add_need(pool, n, found->second, rival_index));
    }
    return pool;
}

}  // namespace comity::exchange
