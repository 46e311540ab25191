// SPDX-License-Identifier: Apache-2.0

// Solutions of named instances: solving, writing, and checking what a document claims.

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "base/check.h"
#include "codec/describe.h"
#include "exchange/certificate.h"
#include "exchange/instance_costs.h"
#include "exchange/instance_json.h"
#include "exchange/json_places.h"

namespace comity::exchange {

namespace {

using detail::Array;
using detail::find;
using detail::lottery_order;
using detail::member_ids;
using detail::number;
using detail::number_at;
using detail::Object;
using detail::object_at;
using detail::Place;
using detail::position;
using detail::require;
using detail::text;
using detail::text_at;
using detail::Value;

Value totals_value(const AllocationInstance& instance, const Allocation& allocation) {
    std::int64_t offered = 0;
    std::int64_t asked = 0;
    for (const AllocationOffer& offer : instance.offers) offered += offer.capacity;
    for (const AllocationNeed& need : instance.needs) asked += need.quantity;
    const std::int64_t given =
        std::accumulate(allocation.totals.begin(), allocation.totals.end(), std::int64_t{0});
    return {
        Object{{"offered", number(offered)}, {"asked", number(asked)}, {"given", number(given)}}};
}

Rounding rounding_of(const NamedInstance& named) {
    return named.rule ? named.rule->rounding : named.rounding;
}

Object needs_value(const NamedInstance& named, const Solution& solved) {
    const AllocationInstance& instance = named.instance;
    const std::vector<AllocationFlow>& flows = solved.allocation().flows;
    Object needs;
    auto flow = flows.begin();
    for (Index j = 0; j < instance.needs.size(); ++j) {
        const NeedExplanation& reason = solved.reasons[j];
        Object from;
        for (; flow != flows.end() && flow->need == j; ++flow) {
            from[named.offers[flow->offer]] = number(flow->units);
        }
        Object need{{"units", number(reason.given)},
                    {"from", {std::move(from)}},
                    {"outcome", codec::to_value(reason.outcome)}};
        if (reason.holder) need["holder"] = text(instance.members[*reason.holder].name);
        if (reason.bottleneck) need["bottleneck"] = text(instance.members[*reason.bottleneck].name);
        needs[named.needs[j]] = {std::move(need)};
    }
    return needs;
}

Value certificate_value(const NamedInstance& named, const std::vector<Index>& bottlenecks) {
    Object certificate;
    for (Index o = 0; o < named.offers.size(); ++o) {
        if (bottlenecks[o] == free_offer) continue;
        certificate[named.offers[o]] = text(named.instance.members[bottlenecks[o]].name);
    }
    return {std::move(certificate)};
}

/// A stage before the last: what was given when it ended, and why nothing else could be.
Value stage_value(const NamedInstance& named, const Stage& stage) {
    Object members;
    for (Index m = 0; m < named.instance.members.size(); ++m) {
        members[named.instance.members[m].name] = number(stage.allocation.totals[m]);
    }
    Object needs;
    auto flow = stage.allocation.flows.begin();
    while (flow != stage.allocation.flows.end()) {
        const Index need = flow->need;
        Object from;
        for (; flow != stage.allocation.flows.end() && flow->need == need; ++flow) {
            from[named.offers[flow->offer]] = number(flow->units);
        }
        needs[named.needs[need]] = {std::move(from)};
    }
    return {Object{{"tier", number(stage.name.tier + 1)},
                   {"choice", number(stage.name.choice + 1)},
                   {"members", {std::move(members)}},
                   {"needs", {std::move(needs)}},
                   {"certificate", certificate_value(named, stage.allocation.certificate)}}};
}

/// What only a solution under a rule says.
void add_rule(const NamedInstance& named, const Division& division, Object& document) {
    if (!named.rule) return;
    document["rule"] = {
        Object{{"id", text(named.rule->id.text())}, {"version", number(named.rule->version)}}};
    if (division.stages.size() > 1) {
        Array stages;
        for (auto stage = division.stages.begin(); stage + 1 != division.stages.end(); ++stage) {
            stages.push_back(stage_value(named, *stage));
        }
        document["stages"] = {std::move(stages)};
    }
    if (named.rule->minimums) {
        Array dropped;
        for (const Index need : division.dropped) dropped.push_back(text(named.needs[need]));
        document["dropped"] = {std::move(dropped)};
    }
}

/// Floors that the rule set, over all stages.
std::int64_t floor_of(const Division& division, Index member) {
    std::int64_t floor = 0;
    for (const Stage& stage : division.stages) floor += stage.floors[member];
    return floor;
}

/// Totals if units could be divided, where the rule has them.
Result<std::vector<Fraction>> exact_totals(const NamedInstance& named, const RuledPool& ruled,
                                           const Division& division) {
    if (!named.rule) return divisible_levels(named.instance);
    const bool has_them = division.stages.size() == 1 && !ruled.rule.minimums &&
                          ruled.rule.rounding != Rounding::serial;
    if (!has_them) return std::vector<Fraction>{};
    AllocationInstance instance = ruled.pool.instance;
    for (Index m = 0; m < instance.members.size(); ++m) {
        instance.members[m].floor = division.stages.front().floors[m];
    }
    return divisible_levels(instance);
}

/// Reads what a document claims; nothing in it is believed yet.
class Claims {
public:
    Claims(const NamedInstance& named, const RuledPool& ruled)
        : named_(named), ruled_(ruled), members_(member_ids(named.instance)) {}

    Result<Division> read(const Value& document) const {
        const Place place{"exchange/bad-solution", ""};
        const Object& object = *TRY(object_at(document, place));
        Division division;
        const auto stages = stages_of(ruled_.pool, ruled_.rule);
        if (stages.size() > 1) {
            const Value* value = TRY(require(object, "stages", place));
            const Array* earlier = value->as<Array>();
            const Place here = place.at("stages");
            if (earlier == nullptr || earlier->size() + 1 != stages.size()) {
                return here.error("Expected the stages of the rule but the last.");
            }
            for (std::size_t i = 0; i < earlier->size(); ++i) {
                Allocation allocation = TRY(read_stage((*earlier)[i], here.at(std::to_string(i))));
                division.stages.push_back({stages[i], {}, std::move(allocation)});
            }
        }
        Allocation last = TRY(read_last(object, place));
        division.stages.push_back({stages.back(), {}, std::move(last)});
        if (ruled_.rule.minimums) TRY(read_dropped(object, place, division.dropped));
        if (ruled_.pool.costs) {
            const Value* prices = TRY(require(object, "prices", place));
            division.prices = TRY(detail::read_prices(*prices, named_,
                                                      priced_pool(ruled_.pool, ruled_.rule).by_need,
                                                      place.at("prices")));
        }
        return division;
    }

private:
    Result<> read_dropped(const Object& object, const Place& place,
                          std::vector<Index>& dropped) const {
        const Value* value = TRY(require(object, "dropped", place));
        const Array* ids = value->as<Array>();
        if (ids == nullptr) return place.at("dropped").error("Expected an array of needs.");
        for (const Value& element : *ids) {
            const std::string id = TRY(text_at(element, place.at("dropped")));
            const std::optional<Index> need = position(named_.needs, id);
            if (!need) return place.at("dropped").error("There is no such need.");
            if (!dropped.empty() && dropped.back() >= *need) {
                return place.at("dropped").error("Needs must be in order, each once.");
            }
            dropped.push_back(*need);
        }
        return {};
    }

    Result<> read_pairs(Index need, const Value& from, const Place& place,
                        Allocation& allocation) const {
        for (const auto& [id, units] : *TRY(object_at(from, place))) {
            const std::optional<Index> offer = position(named_.offers, id);
            if (!offer) return place.at(id).error("There is no such offer.");
            const std::int64_t carried = TRY(number_at(units, place.at(id)));
            allocation.flows.push_back({.need = need, .offer = *offer, .units = carried});
        }
        return {};
    }

    Result<> read_certificate(const Object& object, const Place& place,
                              Allocation& allocation) const {
        const Value* value = TRY(require(object, "certificate", place));
        const Place here = place.at("certificate");
        allocation.certificate.assign(named_.offers.size(), free_offer);
        for (const auto& [id, bottleneck] : *TRY(object_at(*value, here))) {
            const std::optional<Index> offer = position(named_.offers, id);
            if (!offer) return here.at(id).error("There is no such offer.");
            const std::string bottleneck_id = TRY(text_at(bottleneck, here.at(id)));
            const std::optional<Index> member = position(members_, bottleneck_id);
            if (!member) return here.at(id).error("There is no such member.");
            allocation.certificate[*offer] = *member;
        }
        return {};
    }

    Result<Allocation> read_last(const Object& object, const Place& place) const {
        Allocation allocation;
        const Value* members_value = TRY(require(object, "members", place));
        const Object& members = *TRY(object_at(*members_value, place.at("members")));
        for (const std::string& member : members_) {
            const Place here = place.at("members").at(member);
            const Value* line_value = TRY(require(members, member, place.at("members")));
            const Object& line = *TRY(object_at(*line_value, here));
            const Value* units = TRY(require(line, "units", here));
            allocation.totals.push_back(TRY(number_at(*units, here.at("units"))));
        }
        const Value* needs_value = TRY(require(object, "needs", place));
        const Object& needs = *TRY(object_at(*needs_value, place.at("needs")));
        for (Index j = 0; j < named_.needs.size(); ++j) {
            const Place here = place.at("needs").at(named_.needs[j]);
            const Value* line_value = TRY(require(needs, named_.needs[j], place.at("needs")));
            const Object& line = *TRY(object_at(*line_value, here));
            const Value* from = TRY(require(line, "from", here));
            TRY(read_pairs(j, *from, here.at("from"), allocation));
        }
        TRY(read_certificate(object, place, allocation));
        return allocation;
    }

    Result<Allocation> read_stage(const Value& stage, const Place& place) const {
        const Object& object = *TRY(object_at(stage, place));
        Allocation allocation;
        const Value* members_value = TRY(require(object, "members", place));
        const Object& members = *TRY(object_at(*members_value, place.at("members")));
        for (const std::string& member : members_) {
            const Value* units = TRY(require(members, member, place.at("members")));
            allocation.totals.push_back(TRY(number_at(*units, place.at("members").at(member))));
        }
        const Value* needs_value = TRY(require(object, "needs", place));
        for (const auto& [id, from] : *TRY(object_at(*needs_value, place.at("needs")))) {
            const std::optional<Index> need = position(named_.needs, id);
            if (!need) return place.at("needs").at(id).error("There is no such need.");
            TRY(read_pairs(*need, from, place.at("needs").at(id), allocation));
        }
        TRY(read_certificate(object, place, allocation));
        return allocation;
    }

    const NamedInstance& named_;
    const RuledPool& ruled_;
    std::vector<std::string> members_;
};

/// The place of the first difference; the two are not equal.
std::string first_difference(const Value& claimed, const Value& right) {
    const Object* a = claimed.as<Object>();
    const Object* b = right.as<Object>();
    if (a == nullptr || b == nullptr) return "";
    for (const auto& [member, value] : *b) {
        const Value* other = find(*a, member);
        if (other == nullptr) return codec::pointer_to_member(member);
        if (!(*other == value)) {
            return codec::pointer_to_member(member) + first_difference(*other, value);
        }
    }
    for (const auto& [member, value] : *a) {
        if (!b->contains(member)) return codec::pointer_to_member(member);
    }
    return "";
}

Error certificate_error(const NamedInstance& named, const CertificateFault& fault) {
    std::string where;
    if (fault.member) where += ", member " + named.instance.members[*fault.member].name;
    if (fault.need) where += ", need " + named.needs[*fault.need];
    if (fault.offer) where += ", offer " + named.offers[*fault.offer];
    return Error{Code::invalid, "exchange/bad-certificate",
                 "The certificate fails at C" + std::to_string(fault.condition) + where + ": it " +
                     fault.what + "."};
}

}  // namespace

Result<Solution> solve(const NamedInstance& named, unsigned threads) {
    const RuledPool ruled = TRY(under_rule(named));
    Solution solved;
    solved.division = TRY(divide(ruled.pool, ruled.rule, threads));
    solved.exact = TRY(exact_totals(named, ruled, solved.division));
    solved.reasons = TRY(explain_division(ruled.pool, ruled.rule, solved.division));
    return solved;
}

codec::Value solution(const NamedInstance& named, const Solution& solved) {
    const AllocationInstance& instance = named.instance;
    const Allocation& allocation = solved.allocation();
    Object members;
    for (Index m = 0; m < instance.members.size(); ++m) {
        Object member{{"units", number(allocation.totals[m])}};
        if (!solved.exact.empty()) member["r"] = text(solved.exact[m].text());
        const std::int64_t floor = named.rule ? floor_of(solved.division, m) : 0;
        if (floor != 0) member["floor"] = number(floor);
        members[instance.members[m].name] = {std::move(member)};
    }
    Object document{{"rounding", codec::to_value(rounding_of(named))},
                    {"lottery", lottery_order(instance)},
                    {"totals", totals_value(instance, allocation)},
                    {"members", {std::move(members)}},
                    {"needs", {needs_value(named, solved)}},
                    {"certificate", certificate_value(named, allocation.certificate)}};
    add_rule(named, solved.division, document);
    if (solved.division.prices) {
        const Result<RuledPool> ruled = under_rule(named);
        COMITY_CHECK(ruled.has_value());
        document["prices"] =
            detail::prices_value(named, priced_pool(ruled->pool, ruled->rule), solved.division);
    }
    if (!named.name.empty()) document["name"] = text(named.name);
    return {std::move(document)};
}

Result<> check_solution(const NamedInstance& named, const codec::Value& document) {
    const RuledPool ruled = TRY(under_rule(named));
    Solution claimed;
    claimed.division = TRY(Claims(named, ruled).read(document));
    if (is_plain(ruled.pool, ruled.rule)) {
        TRY(check_instance(ruled.pool.instance));
        const std::optional<CertificateFault> fault =
            certificate_fault(ruled.pool.instance, ruled.rule.rounding, claimed.allocation());
        if (fault) return certificate_error(named, *fault);
    }
    TRY(set_floors(ruled.pool, ruled.rule, claimed.division));
    TRY(check_division(ruled.pool, ruled.rule, claimed.division));
    claimed.exact = TRY(exact_totals(named, ruled, claimed.division));
    claimed.reasons = TRY(explain_division(ruled.pool, ruled.rule, claimed.division));
    // What is proved says what the document must be, to the last word.
    const Value right = solution(named, claimed);
    if (document == right) return {};
    const Place place{"exchange/bad-solution", first_difference(document, right)};
    return place.error(
        "This is not what follows from the instance and the pairs, which are right.");
}

}  // namespace comity::exchange
