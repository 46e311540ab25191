// SPDX-License-Identifier: Apache-2.0

#include "exchange/round_pool.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "exchange/refusal.h"

namespace comity::exchange {
namespace {

using institution::Verdict;

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

/// Counts of units that the engine can add up.
bool counts_hold(const std::vector<FrozenMember>& members) {
    return std::all_of(members.begin(), members.end(), [](const FrozenMember& member) {
        return member.carry_over >= 0 && member.carry_over <= units_max && member.held >= 0 &&
               member.held <= units_max - member.carry_over;
    });
}

bool terms_hold(const std::vector<FrozenNeed>& needs) {
    return std::all_of(needs.begin(), needs.end(), [](const FrozenNeed& need) {
        if (need.minimum && (*need.minimum < 1 || *need.minimum > need.quantity)) return false;
        if (!need.choices) return true;
        const std::set<institution::ItemClassId> once(need.choices->begin(), need.choices->end());
        return !once.empty() && once.size() == need.choices->size() && once.size() < choices_max;
    });
}

Result<> check_inputs(const RoundInputs& inputs) {
    const auto by_id = [](const auto& entry) -> const auto& { return entry.id; };
    if (!ascends(inputs.members, by_id) || !ascends(inputs.offers, by_id) ||
        !ascends(inputs.needs, by_id) || !ascends(inputs.unlisted_needs, by_id) ||
        !ascends(inputs.declined_needs, by_id) ||
        !ascends(inputs.unlisted, [](const auto& id) -> const auto& { return id; })) {
        return bad_inputs("Members, offers and needs must stand in order of their ids, each once.");
    }
    if (!ascends(inputs.screenings, [](const auto& s) -> const auto& { return s.transfer; })) {
        return bad_inputs("Screenings must stand in order of their transfers, each once.");
    }
    if (!quantities_hold(inputs.offers) || !quantities_hold(inputs.needs) ||
        !quantities_hold(inputs.unlisted_needs) || !quantities_hold(inputs.declined_needs)) {
        return bad_inputs("An offer or a need has a quantity outside its bounds.");
    }
    if (!total_holds(inputs.offers) || !total_holds(inputs.needs)) {
        return Error{Code::too_large, "exchange/instance-too-large",
                     "The offers, or the needs, exceed 2^60 units together."};
    }
    if (!check_rule(inputs.rule)) return bad_inputs("The rule does not hold.");
    if (!counts_hold(inputs.members)) {
        return Error{Code::invalid, "exchange/bad-instance",
                     "A member brings less than 0, or more than 2^60, units of earlier rounds."};
    }
    if (!inputs.continued && !inputs.declined_needs.empty()) {
        return bad_inputs("A need was declined, and the round continues no other.");
    }
    if (const auto& continued = inputs.continued) {
        if (continued->redraw < 1 || continued->redraw > redraws_max || continued->pool < 0 ||
            continued->pool > units_max) {
            return bad_inputs("What the round continues is outside its bounds.");
        }
    }
    if (!terms_hold(inputs.needs)) {
        return bad_inputs("A need has a least quantity or choices outside their bounds.");
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
    classes.reserve(grouped.size());
    for (auto& [key, members] : grouped) {
        classes.push_back({key.first, key.second, std::move(members)});
    }
    return classes;
}

/// Fills the screening of each row and class. A row is a destination and an end use.
Result<> look_up_screenings(RoundPool& pool) {
    const RoundInputs& inputs = *pool.inputs;
    std::map<std::pair<institution::AreaCode, institution::EndUseId>, Index> rows;
    for (const FrozenNeed& need : inputs.needs) {
        const auto row = rows.emplace(std::pair(need.destination, need.end_use),
                                      static_cast<Index>(rows.size()));
        pool.screening_row.push_back(row.first->second);
    }
    // Classes, rows and screenings all ascend, so that one walk finds every pair.
    if (!pool.classes.empty() && rows.size() > inputs.screenings.size() / pool.classes.size()) {
        return bad_inputs("A transfer between an offer and a need was not screened.");
    }
    pool.screenings.resize(rows.size() * pool.classes.size());
    auto at = inputs.screenings.begin();
    for (std::size_t c = 0; c < pool.classes.size(); ++c) {
        const OfferClass& offers = pool.classes[c];
        for (const auto& [need, row] : rows) {
            const auto wanted = std::tie(offers.item_class, offers.origin, need.first, need.second);
            const auto key = [](const institution::Transfer& transfer) {
                return std::tie(transfer.item_class, transfer.origin, transfer.destination,
                                transfer.end_use);
            };
            while (at != inputs.screenings.end() && key(at->transfer) < wanted) ++at;
            if (at == inputs.screenings.end() || key(at->transfer) != wanted) {
                return bad_inputs("A transfer between an offer and a need was not screened.");
            }
            pool.screenings[row * pool.classes.size() + c] = &at->screening;
        }
    }
    return {};
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
    citations.reserve(met.size());
    for (auto& [key, citation] : met) citations.push_back(std::move(citation));
    return citations;
}

using ItemClasses = std::vector<institution::ItemClassId>;

/// What a need must share with another to reach the same offers: how restrictions see it, the item
/// classes that it accepts, which offers' windows meet its own, the member if it provides, and its
/// choices if the rule reads them.
using Likeness =
    std::tuple<Index, std::optional<std::set<institution::ItemClassId>>, std::size_t, std::size_t,
               std::optional<institution::MemberId>, std::optional<ItemClasses>>;

/// What alike needs reach.
struct Catalogue {
    Index list = 0;                                 ///< of the instance: rival offers
    std::vector<Index> choices;                     ///< lists; empty: the need has no choices
    std::vector<Index> non_rival;                   ///< offers, ascending
    std::vector<institution::Citation> blocked_by;  ///< by restriction id, each once
    bool is_out_of_window = false;                  ///< an offer is lawful but for the days
};

class Catalogues {
public:
    explicit Catalogues(RoundPool& pool) : pool_(pool), inputs_(*pool.inputs) {
        Index rival = 0;
        for (const FrozenOffer& offer : inputs_.offers) {
            rival_index_.push_back(offer.rivalry == Rivalry::rival ? rival++ : 0);
            providers_.insert(offer.provider);
            starts_.push_back(offer.from);
            if (offer.until) ends_.push_back(*offer.until);
        }
        std::sort(starts_.begin(), starts_.end());
        std::sort(ends_.begin(), ends_.end());
        note_runs();
    }

    /// Of the needs like this one. Errors: too_large "exchange/instance-too-large".
    Result<const Catalogue*> of(Index need) {
        const Likeness likeness = likeness_of(need);
        const auto found = known_.find(likeness);
        if (found != known_.end()) return &found->second;
        return &known_.emplace(likeness, TRY(make(need))).first->second;
    }

    /// Errors: too_large "exchange/instance-too-large".
    Result<> count_pairs(std::size_t pairs) {
        if (pairs > round_pairs_max - pairs_) {
            return Error{Code::too_large, "exchange/instance-too-large",
                         "The round has more than " + std::to_string(round_pairs_max) +
                             " pairs of a need and an offer that it may use."};
        }
        pairs_ += pairs;
        return {};
    }

private:
    /// Classes of offers of one item class.
    struct Run {
        std::size_t first;
        std::size_t end;
        std::vector<Index> offers;  ///< of all of them, ascending
    };

    /// Classes stand in the order of their item classes first.
    void note_runs() {
        class_of_.resize(inputs_.offers.size());
        is_allowed_.resize(pool_.classes.size());
        for (std::size_t c = 0; c < pool_.classes.size(); ++c) {
            const OfferClass& offers = pool_.classes[c];
            if (c == 0 || offers.item_class != pool_.classes[c - 1].item_class) {
                runs_.push_back({.first = c, .end = c, .offers = {}});
            }
            Run& run = runs_.back();
            ++run.end;
            run.offers.insert(run.offers.end(), offers.offers.begin(), offers.offers.end());
            for (const Index o : offers.offers) class_of_[o] = c;
        }
        for (Run& run : runs_) std::sort(run.offers.begin(), run.offers.end());
    }

    Likeness likeness_of(Index need) const {
        const FrozenNeed& frozen = inputs_.needs[need];
        const auto starts = std::lower_bound(starts_.begin(), starts_.end(), frozen.until);
        const auto ends = std::upper_bound(ends_.begin(), ends_.end(), frozen.from);
        std::optional<institution::MemberId> provider;
        if (providers_.contains(frozen.member)) provider = frozen.member;
        return {pool_.screening_row[need],
                frozen.item_classes,
                static_cast<std::size_t>(starts - starts_.begin()),
                static_cast<std::size_t>(ends - ends_.begin()),
                std::move(provider),
                inputs_.rule.by_choice ? frozen.choices : std::nullopt};
    }

    Result<Catalogue> make(Index need) {
        const FrozenNeed& frozen = inputs_.needs[need];
        std::vector<Index> allowed;
        std::vector<std::size_t> restricted;
        std::size_t accepted = 0;
        for (const Run& run : runs_) {
            const OfferClass& first = pool_.classes[run.first];
            if (frozen.item_classes && !frozen.item_classes->contains(first.item_class)) continue;
            ++accepted;
            for (std::size_t c = run.first; c < run.end; ++c) {
                is_allowed_[c] = pool_.screening(need, c).verdict == Verdict::allowed ? 1 : 0;
                if (is_allowed_[c] == 0) restricted.push_back(c);
            }
            for (const Index o : run.offers) {
                if (is_allowed_[class_of_[o]] != 0) allowed.push_back(o);
            }
        }
        TRY(count_pairs(allowed.size()));
        if (accepted > 1) std::sort(allowed.begin(), allowed.end());
        AllocationInstance& instance = pool_.rival.instance;
        Catalogue catalogue{.list = instance.list_count(),
                            .choices = {},
                            .non_rival = {},
                            .blocked_by = citations_between(pool_, need, restricted)};
        for (const Index o : allowed) {
            if (!could_use(frozen, inputs_.offers[o])) {
                catalogue.is_out_of_window |= inputs_.offers[o].provider != frozen.member;
                continue;
            }
            if (inputs_.offers[o].rivalry == Rivalry::rival) {
                instance.lawful_offers.push_back(rival_index_[o]);
            } else {
                catalogue.non_rival.push_back(o);
            }
        }
        instance.lawful_begin.push_back(static_cast<Index>(instance.lawful_offers.size()));
        if (inputs_.rule.by_choice && frozen.choices) {
            TRY(count_pairs(instance.list(catalogue.list).size()));
            divide_by_choice(*frozen.choices, catalogue);
        }
        return catalogue;
    }

    /// Cuts the list of a catalogue into one for each choice, and one for the rest.
    void divide_by_choice(const ItemClasses& choices, Catalogue& catalogue) {
        AllocationInstance& instance = pool_.rival.instance;
        std::vector<std::vector<Index>> parts(choices.size() + 1);
        for (const Index rival : instance.list(catalogue.list)) {
            const FrozenOffer& offer = inputs_.offers[pool_.rival_offers[rival]];
            const auto choice = std::find(choices.begin(), choices.end(), offer.item_class);
            parts[static_cast<std::size_t>(choice - choices.begin())].push_back(rival);
        }
        for (const std::vector<Index>& part : parts) {
            catalogue.choices.push_back(instance.list_count());
            instance.lawful_offers.insert(instance.lawful_offers.end(), part.begin(), part.end());
            instance.lawful_begin.push_back(static_cast<Index>(instance.lawful_offers.size()));
        }
    }

    RoundPool& pool_;
    const RoundInputs& inputs_;
    std::vector<Run> runs_;
    std::vector<std::size_t> class_of_;     ///< of each offer
    std::vector<std::uint8_t> is_allowed_;  ///< of each class, for the need at hand
    std::vector<Index> rival_index_;        ///< of each rival offer: its place in the instance
    std::set<institution::MemberId> providers_;
    std::vector<Date> starts_;  ///< of the offers' windows, ascending
    std::vector<Date> ends_;    ///< likewise
    std::map<Likeness, Catalogue> known_;
    std::size_t pairs_ = 0;
};

/// Adds the need to the instance and its reach to the pool.
void add_need(RoundPool& pool, Index need, const Catalogue& catalogue) {
    const RoundInputs& inputs = *pool.inputs;
    const FrozenNeed& frozen = inputs.needs[need];
    NeedReach reach{.grants = {},
                    .granted = 0,
                    .blocked_by = catalogue.blocked_by,
                    .is_out_of_window = catalogue.is_out_of_window};
    for (const Index o : catalogue.non_rival) {
        const std::int64_t units = std::min(frozen.quantity, inputs.offers[o].quantity);
        reach.grants.push_back({frozen.id, inputs.offers[o].id, units});
        reach.granted += units;
    }
    // What everyone gets comes first; the rival pool serves what it leaves open.
    const auto owner = std::lower_bound(
        inputs.members.begin(), inputs.members.end(), frozen.member,
        [](const FrozenMember& member, const institution::MemberId& id) { return member.id < id; });
    pool.rival.instance.lawful_list.push_back(catalogue.list);
    pool.rival.instance.needs.push_back(
        {static_cast<Index>(owner - inputs.members.begin()),
         std::max<std::int64_t>(0, frozen.quantity - reach.granted)});
    NeedTerms terms;
    if (frozen.minimum) terms.minimum = std::max<std::int64_t>(0, *frozen.minimum - reach.granted);
    terms.own_order = frozen.rank.value_or(std::numeric_limits<std::uint32_t>::max());
    terms.tier = tier_of(inputs.rule, frozen.end_use);
    terms.choices = catalogue.choices;
    pool.rival.terms.push_back(std::move(terms));
    pool.reaches.push_back(std::move(reach));
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

Result<RoundPool> pool_of(const RoundInputs& inputs) {
    TRY(check_inputs(inputs));
    TRY(check_owners(inputs));
    RoundPool pool;
    pool.inputs = &inputs;
    pool.classes = classes_of(inputs.offers);
    TRY(look_up_screenings(pool));

    for (Index o = 0; o < inputs.offers.size(); ++o) {
        if (inputs.offers[o].rivalry != Rivalry::rival) continue;
        pool.rival_offers.push_back(o);
        pool.rival.instance.offers.push_back({inputs.offers[o].quantity});
        pool.units += inputs.offers[o].quantity;
    }
    for (const FrozenMember& member : inputs.members) {
        AllocationMember entry;
        entry.name = member.id.text();
        entry.weight = member.weight;
        entry.carry_over = member.carry_over + member.held;
        pool.rival.instance.members.push_back(std::move(entry));
    }
    Catalogues catalogues(pool);
    for (Index n = 0; n < inputs.needs.size(); ++n) {
        const Catalogue* catalogue = TRY(catalogues.of(n));
        TRY(catalogues.count_pairs(catalogue->non_rival.size()));
        add_need(pool, n, *catalogue);
    }
    if (inputs.continued) {
        for (const FrozenMember& member : inputs.members) pool.rival.held.push_back(member.held);
    }
    pool.rival.costs = TRY(costs_of(pool));
    if (inputs.rule.by_claims) weigh_by_claims(pool.rival.instance, pool.rival.held);
    std::vector<bool> in_group;
    in_group.reserve(inputs.members.size());
    for (const FrozenMember& member : inputs.members) in_group.push_back(member.in_floor_group);
    pool.rule = division_rule(inputs.rule, std::move(in_group));
    if (inputs.continued && pool.rule.reserved) {
        pool.rule.reserved->of_units = inputs.continued->pool;
    }
    return pool;
}

}  // namespace comity::exchange
