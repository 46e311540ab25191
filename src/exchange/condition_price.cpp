// SPDX-License-Identifier: Apache-2.0
#include "exchange/condition_price.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "exchange/round.h"

namespace comity::exchange {
namespace {

using institution::MemberId;
using institution::RestrictionId;
using institution::Verdict;

/// Needs that meet the windows and classes of offers alike.
using WindowKind =
    std::tuple<MemberId, std::optional<std::set<institution::ItemClassId>>, Date, Date>;

std::set<WindowKind> window_kinds(const RoundInputs& inputs) {
    std::set<WindowKind> kinds;
    for (const FrozenNeed& need : inputs.needs) {
        kinds.emplace(need.member, need.item_classes, need.from, need.until);
    }
    return kinds;
}

/// Whether it could serve a need of another member, if the days did not differ.
bool is_kept_by_window(const FrozenOffer& offer, const std::set<WindowKind>& kinds) {
    return std::any_of(kinds.begin(), kinds.end(), [&](const WindowKind& kind) {
        const auto& [member, item_classes, from, until] = kind;
        FrozenNeed need;
        need.from = from;
        need.until = until;
        return member != offer.provider &&
               (!item_classes || item_classes->contains(offer.item_class)) &&
               !windows_overlap(need, offer);
    });
}

struct Outcome {
    std::int64_t units = 0;
    Rational level;
};

/// Of the members that have a weight in the division.
std::map<MemberId, Outcome> outcomes_of(const RoundResult& result) {
    std::map<MemberId, Outcome> outcomes;
    for (const MemberResult& member : result.members) {
        const auto level = Rational::make(member.carry_over + member.allocated, member.weight);
        COMITY_CHECK(level.has_value());
        outcomes.emplace(member.member, Outcome{.units = 0, .level = *level});
    }
    for (const NeedResult& need : result.needs) {
        const auto found = outcomes.find(need.member);
        if (found != outcomes.end()) found->second.units += need.allocated;
    }
    return outcomes;
}

Standing standing_of(const std::map<MemberId, Outcome>& outcomes) {
    Standing standing;
    for (const auto& [member, outcome] : outcomes) {
        standing.units += outcome.units;
        if (outcome.units == 0) ++standing.members_with_nothing;
        if (!standing.worst_off || outcome.level < standing.worst_off->level) {
            standing.worst_off = WorstOff{member, outcome.level, outcome.units};
        }
    }
    return standing;
}

/// Whether they allow the same transfers and windows, all else being equal: what is cited changes
/// no number of a draw.
bool is_same_to_draw(const RoundInputs& a, const RoundInputs& b) {
    return std::equal(a.screenings.begin(), a.screenings.end(), b.screenings.begin(),
                      b.screenings.end(),
                      [](const ScreenedTransfer& x, const ScreenedTransfer& y) {
                          return x.screening.verdict == y.screening.verdict;
                      }) &&
           std::equal(a.offers.begin(), a.offers.end(), b.offers.begin(), b.offers.end(),
                      [](const FrozenOffer& x, const FrozenOffer& y) {
                          return x.from == y.from && x.until == y.until;
                      });
}

/// Draws the round without conditions, and sets the outcome beside the present one.
class Comparer {
public:
    Comparer(const RoundInputs& inputs, const RoundResult& present)
        : inputs_(inputs),
          lottery_{.seed = present.seed, .withheld = present.withheld},
          present_(outcomes_of(present)) {}

    Standing present() const { return standing_of(present_); }

    Result<Change> without(const std::vector<Condition>& conditions) const {
        const RoundInputs rest = exchange::without(inputs_, conditions);
        if (is_same_to_draw(rest, inputs_)) return unchanged();
        const RoundResult drawn = TRY(draw_with(rest, lottery_));
        const std::map<MemberId, Outcome> outcomes = outcomes_of(drawn);
        Change change{.standing = standing_of(outcomes),
                      .members_with_more = 0,
                      .members_with_less = 0,
                      .members = {}};
        for (const auto& [member, before] : present_) {
            const std::int64_t units = outcomes.at(member).units;
            if (units == before.units) continue;
            ++(units > before.units ? change.members_with_more : change.members_with_less);
            change.members.push_back({member, before.units, units});
        }
        return change;
    }

private:
    Change unchanged() const {
        return {
            .standing = present(), .members_with_more = 0, .members_with_less = 0, .members = {}};
    }

    const RoundInputs& inputs_;
    Lottery lottery_;
    std::map<MemberId, Outcome> present_;
};

Result<std::vector<IssuerPrice>> price_issuers(const Comparer& comparer, const PriceList& list) {
    std::map<MemberId, std::vector<const ConditionPrice*>> of_issuer;
    for (const ConditionPrice& price : list.conditions) {
        of_issuer[price.condition.issuer].push_back(&price);
    }
    std::vector<IssuerPrice> issuers;
    issuers.reserve(of_issuer.size());
    for (const auto& [issuer, prices] : of_issuer) {
        IssuerPrice sum{.issuer = issuer, .conditions = 0, .units = 0, .without = {}};
        std::vector<Condition> conditions;
        conditions.reserve(prices.size());
        for (const ConditionPrice* price : prices) {
            ++sum.conditions;
            sum.units += price->without.standing.units - list.present.units;
            conditions.push_back(price->condition);
        }
        sum.without = TRY(comparer.without(conditions));
        issuers.push_back(std::move(sum));
    }
    return issuers;
}

}  // namespace

std::vector<Condition> conditions_of(const RoundInputs& inputs) {
    // A record has one version of a restriction in force on a day; the first citation is as good
    // as any.
    std::map<RestrictionId, institution::Citation> cited;
    for (const ScreenedTransfer& screened : inputs.screenings) {
        for (const institution::Citation& citation : screened.screening.citations) {
            cited.emplace(citation.restriction, citation);
        }
    }
    std::vector<Condition> conditions;
    conditions.reserve(cited.size());
    for (const auto& [id, citation] : cited) {
        conditions.push_back({.kind = ConditionKind::restriction,
                              .issuer = citation.issuer,
                              .restriction = citation});
    }
    const std::set<WindowKind> kinds = window_kinds(inputs);
    for (const FrozenOffer& offer : inputs.offers) {
        if (!is_kept_by_window(offer, kinds)) continue;
        conditions.push_back({.kind = ConditionKind::window,
                              .issuer = offer.provider,
                              .offer = offer.id,
                              .from = offer.from,
                              .until = offer.until});
    }
    return conditions;
}

RoundInputs without(const RoundInputs& inputs, const std::vector<Condition>& conditions) {
    std::set<RestrictionId> restrictions;
    std::set<OfferId> offers;
    for (const Condition& condition : conditions) {
        if (condition.restriction) restrictions.insert(condition.restriction->restriction);
        if (condition.offer) offers.insert(*condition.offer);
    }
    RoundInputs rest = inputs;
    for (ScreenedTransfer& screened : rest.screenings) {
        const auto removed =
            std::erase_if(screened.screening.citations, [&](const institution::Citation& citation) {
                return restrictions.contains(citation.restriction);
            });
        // Every matching restriction is cited, and each of them blocks or asks for review: no unit
        // moves while one is left, and which of the two it does makes no difference to a draw.
        if (removed > 0 && screened.screening.citations.empty()) {
            screened.screening.verdict = Verdict::allowed;
        }
    }
    if (offers.empty() || inputs.needs.empty()) return rest;
    const auto earliest =
        std::min_element(inputs.needs.begin(), inputs.needs.end(),
                         [](const FrozenNeed& a, const FrozenNeed& b) { return a.from < b.from; });
    for (FrozenOffer& offer : rest.offers) {
        if (!offers.contains(offer.id)) continue;
        offer.from = std::min(offer.from, earliest->from);
        offer.until.reset();
    }
    return rest;
}

Result<PriceList> price_conditions(const RoundInputs& inputs, const RoundResult& present,
                                   std::size_t conditions_max) {
    const Comparer comparer(inputs, present);
    std::vector<Condition> conditions = conditions_of(inputs);
    PriceList list{.round = inputs.round,
                   .present = comparer.present(),
                   .conditions = {},
                   .not_priced = 0,
                   .issuers = {},
                   .without_all = {}};
    if (conditions.size() > conditions_max) {
        list.not_priced = conditions.size() - conditions_max;
        conditions.resize(conditions_max);
    }
    list.conditions.reserve(conditions.size());
    for (const Condition& condition : conditions) {
        Change without = TRY(comparer.without({condition}));
        list.conditions.push_back({condition, std::move(without)});
    }
    list.issuers = TRY(price_issuers(comparer, list));
    if (!conditions.empty()) list.without_all = TRY(comparer.without(conditions));
    return list;
}

Result<PriceList> price_conditions(const Exchange& exchange, const RoundId& round,
                                   std::size_t conditions_max) {
    const Allocated* allocated = TRY(allocated_round(exchange, round));
    return price_conditions(allocated->inputs, allocated->result, conditions_max);
}

}  // namespace comity::exchange
