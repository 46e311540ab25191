// SPDX-License-Identifier: Apache-2.0

// certificate_cases [--tally] LINES [SEED]
//
// Writes cases for another checker of allocations (web/exchange) to agree with, one JSON object a
// line: {"instance": …, "solution": …, "holds": true}, or "holds": false with the number of a
// "condition" that fails; under a rule only that it does not hold. The instances are small and hold
// what is easy to get wrong: all roundings, equal weights and keys, quantities of zero and near
// 2^60, floors, caps, carry-over, lotteries in every form, ids whose order in UTF-8 and UTF-16
// differs. Of each comes the engine's own allocation, allocations bent in every field, and every
// bottleneck that one offer could be given. A third of the instances stand under a random rule:
// their stages, needs set aside and floors are bent as well. The verdicts are those of
// src/exchange/certificate.h, and under a rule of division.h and of check_solution. The same seed
// gives the same lines on every machine.
//
// The tally, how often each verdict came, goes to standard error; --tally prints nothing else.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "codec/json.h"
#include "codec/value.h"
#include "exchange/allocation.h"
#include "exchange/certificate.h"
#include "exchange/division.h"
#include "exchange/instance_json.h"

namespace comity::exchange {

namespace {

using codec::Array;
using codec::Object;
using codec::Value;

constexpr std::int64_t json_number_max = (std::int64_t{1} << 53) - 1;

/// Distributions of the standard library differ between libraries; remainders do not.
class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}

    /// From 0 to `last`.
    std::int64_t upto(std::int64_t last) {
        return static_cast<std::int64_t>(engine_() % (static_cast<std::uint64_t>(last) + 1));
    }
    Index index(std::size_t count) {
        return static_cast<Index>(upto(static_cast<std::int64_t>(count) - 1));
    }
    bool percent(int chance) { return upto(99) < chance; }

private:
    std::mt19937_64 engine_;
};

// --- instances --------------------------------------------------------------------------------

/// In an instance every number may be a text; a large one must be.
Value number(Random& random, std::int64_t units) {
    if (units > json_number_max || random.percent(10)) return Value{std::to_string(units)};
    return Value{units};
}

std::vector<std::string> ids(Random& random, std::string_view prefix, std::int64_t count) {
    // In UTF-8, U+FFFD comes before U+10000; in UTF-16 it comes after.
    constexpr std::array<std::string_view, 6> tails = {"",  "",           "/~",
                                                       "é", "\U0000FFFD", "\U00010000"};
    std::vector<std::string> all;
    for (std::int64_t i = 0; i < count; ++i) {
        std::string id(tails.at(random.index(tails.size())));
        id += prefix;
        id += std::to_string(i);
        all.push_back(std::move(id));
    }
    return all;
}

Value texts(const std::vector<std::string>& all) {
    Array array;
    for (const std::string& text : all) array.push_back(Value{text});
    return Value{std::move(array)};
}

void shuffle(Random& random, std::vector<std::string>& all) {
    for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random.index(i)]);
}

Value random_members(Random& random, const std::vector<std::string>& all, std::int64_t scale) {
    constexpr std::array<std::int64_t, 8> small_weights = {1, 1, 1, 1, 2, 2, 3, 5};
    const bool large_weights = random.percent(25);
    Object members;
    for (const std::string& id : all) {
        const std::int64_t weight = large_weights
                                        ? 1 + random.upto(weight_max - 1)
                                        : small_weights.at(random.index(small_weights.size()));
        Object member = {{"w", number(random, weight)}};
        const std::int64_t floor = random.percent(20) ? random.upto(scale / 3) : 0;
        if (floor > 0 || random.percent(10)) member["min"] = number(random, floor);
        if (random.percent(40)) member["max"] = number(random, floor + random.upto(scale / 2));
        if (random.percent(30)) member["carry"] = number(random, random.upto(scale));
        members[id] = Value{std::move(member)};
    }
    return Value{std::move(members)};
}

Value random_list(Random& random, const std::vector<std::string>& offers) {
    std::vector<std::string> lawful;
    for (const std::string& offer : offers) {
        if (random.percent(60)) lawful.push_back(offer);
    }
    shuffle(random, lawful);
    return texts(lawful);
}

/// Members `needs` and `lists` of an instance, of which some needs have one.
Object random_needs(Random& random, const std::vector<std::string>& members,
                    const std::vector<std::string>& offers, std::int64_t scale) {
    Object lists;
    const std::vector<std::string> shared = ids(random, "l", random.upto(2));
    for (const std::string& id : shared) lists[id] = random_list(random, offers);
    Object needs;
    for (const std::string& id : ids(random, "n", 1 + random.upto(6))) {
        const bool has_shared = !shared.empty() && random.percent(60);
        needs[id] = Value{Object{
            {"member", Value{members[random.index(members.size())]}},
            {"qty", number(random, random.upto(scale))},
            {"lawful",
             has_shared ? Value{shared[random.index(shared.size())]} : random_list(random, offers)},
        }};
    }
    Object parts = {{"needs", Value{std::move(needs)}}};
    if (!lists.empty() || random.percent(20)) parts["lists"] = Value{std::move(lists)};
    return parts;
}

/// `lottery`, or `seed` and perhaps `withheld`, or nothing.
Object random_draw(Random& random, std::vector<std::string> members) {
    Object draw;
    shuffle(random, members);
    switch (random.upto(4)) {
        case 0:
            draw["lottery"] = texts(members);
            return draw;
        case 1:
            draw["seed"] = Value{random.upto(1000)};
            break;
        case 2:
            draw["seed"] = Value{"draw " + std::to_string(random.upto(1000))};
            break;
        case 3: {
            std::string digits = "sha256:";
            for (int i = 0; i < 64; ++i) digits += "0123456789abcdef"[random.upto(15)];
            draw["seed"] = Value{std::move(digits)};
            break;
        }
        default:
            return draw;
    }
    if (random.percent(30)) {
        members.resize(random.index(members.size() + 1));
        draw["withheld"] = texts(members);
    }
    return draw;
}

/// An instance document, its quantities up to `scale`. Its floors may not be feasible.
Value random_document(Random& random, std::int64_t scale) {
    constexpr std::array<const char*, 5> roundings = {"adams", "sainte_lague", "dhondt",
                                                      "huntington_hill", "serial"};
    const std::vector<std::string> members = ids(random, "m", 1 + random.upto(3));
    const std::vector<std::string> offers = ids(random, "o", 1 + random.upto(3));

    Object pool = random_needs(random, members, offers, scale);
    pool["members"] = random_members(random, members, scale);
    Object capacities;
    for (const std::string& id : offers) capacities[id] = number(random, random.upto(scale));
    pool["offers"] = Value{std::move(capacities)};

    Object rule = random_draw(random, members);
    if (random.percent(90)) rule["rounding"] = Value{roundings.at(random.index(roundings.size()))};
    const bool wrapped = random.percent(30);
    const bool rule_inside = !wrapped || random.percent(50);
    if (rule_inside) pool.merge(rule);
    if (!wrapped) return Value{std::move(pool)};
    rule["instance"] = Value{std::move(pool)};
    return Value{std::move(rule)};
}

// --- rules --------------------------------------------------------------------------------------

/// Instead of its lawful offers: each of them in one of its choices, or in none.
Value random_choices(Random& random, const std::vector<std::string>& offers) {
    std::vector<std::vector<std::string>> lists(static_cast<std::size_t>(1 + random.upto(2)));
    for (const std::string& offer : offers) {
        if (random.percent(85)) lists[random.index(lists.size())].push_back(offer);
    }
    Array choices;
    for (const std::vector<std::string>& list : lists) choices.push_back(texts(list));
    return Value{std::move(choices)};
}

std::vector<std::string> names_of(const Object& object) {
    std::vector<std::string> names;
    for (const auto& [name, value] : object) names.push_back(name);
    return names;
}

Object& object(Value& value) { return std::get<Object>(value.data); }

void add_terms(Random& random, Object& pool, std::int64_t scale) {
    const std::vector<std::string> offers = names_of(object(pool["offers"]));
    for (auto& [id, value] : object(pool["needs"])) {
        Object& need = object(value);
        if (random.percent(60)) {
            need.erase("lawful");
            need["choices"] = random_choices(random, offers);
        }
        if (random.percent(60)) need["end_use"] = Value{"e" + std::to_string(random.upto(2))};
        if (random.percent(30)) need["rank"] = Value{random.upto(3)};
        if (random.percent(50)) {
            const std::int64_t quantity = random.upto(scale);
            need["qty"] = number(random, quantity);
            need["min"] = number(random, random.upto(quantity));
        }
    }
}

Value random_share(Random& random) {
    constexpr std::array<const char*, 5> shares = {"1/2", "2/5", "1/3", "3/4", "1"};
    return Value{shares.at(random.index(shares.size()))};
}

/// May name the group "g", the table "t" and the end uses "e0" and "e1".
Value random_rule(Random& random, bool may_floor) {
    constexpr std::array<const char*, 5> roundings = {"adams", "sainte_lague", "dhondt",
                                                      "huntington_hill", "serial"};
    Object rule = {
        {"rounding", Value{roundings.at(random.index(roundings.size()))}},
        {"one_each", Value{random.percent(30)}},
        {"by_choice", Value{random.percent(50)}},
        {"minimums", Value{random.percent(40)}},
    };
    if (random.percent(80)) rule["id"] = Value{"r"};
    if (random.percent(50)) rule["version"] = Value{1 + random.upto(3)};
    if (may_floor && random.percent(35)) {
        rule["floor"] = Value{Object{{"group", Value{"g"}}, {"share", random_share(random)}}};
    }
    if (random.percent(20)) rule["member_cap"] = random_share(random);
    if (random.percent(25)) {
        rule["weights"] = Value{"t"};
    } else if (random.percent(25)) {
        rule["by_claims"] = Value{true};
    }
    if (random.percent(40)) {
        Array tiers = {texts({"e0"})};
        if (random.percent(50)) tiers.push_back(texts({"e1"}));
        rule["tiers"] = Value{std::move(tiers)};
    }
    if (random.percent(60)) {
        rule["carry_over"] =
            Value{Object{{"rounds", Value{1 + random.upto(2)}}, {"keep", random_share(random)}}};
    }
    return Value{std::move(rule)};
}

/// An instance under a rule. The rule may refuse it.
Value ruled_document(Random& random) {
    const bool is_large = random.percent(10);
    const std::int64_t scale = is_large ? units_max / 64 : 1 + random.upto(7);
    Value document = random_document(random, scale);
    Object& outer = object(document);
    Object& pool = outer.contains("instance") ? object(outer["instance"]) : outer;
    add_terms(random, pool, scale);
    std::vector<std::string> group;
    Object table;
    for (auto& [id, value] : object(pool["members"])) {
        Object& member = object(value);
        if (random.percent(80)) member.erase("min");
        if (random.percent(60)) {
            Array carry;
            for (std::int64_t round = 1 + random.upto(2); round > 0; --round) {
                carry.push_back(number(random, random.upto(scale)));
            }
            member["carry"] = Value{std::move(carry)};
        }
        if (random.percent(50)) group.push_back(id);
        table[id] = number(random, 1 + random.upto(4));
    }
    pool["groups"] = Value{Object{{"g", texts(group)}}};
    pool["weights"] = Value{Object{{"t", Value{std::move(table)}}}};
    (random.percent(50) ? outer : pool)["rule"] = random_rule(random, !is_large);
    return document;
}

// --- bent allocations -------------------------------------------------------------------------

using Pair = std::pair<Index, Index>;  ///< need, offer

/// An allocation that is easy to bend. It need not be one.
struct Draft {
    std::map<Pair, std::int64_t> units;
    std::vector<std::int64_t> totals;
    std::vector<Index> certificate;

    explicit Draft(const Allocation& allocation)
        : totals(allocation.totals), certificate(allocation.certificate) {
        for (const AllocationFlow& flow : allocation.flows) {
            units[{flow.need, flow.offer}] = flow.units;
        }
    }

    Allocation allocation() const {
        Allocation whole{.flows = {}, .totals = totals, .certificate = certificate};
        for (const auto& [pair, carried] : units) {
            whole.flows.push_back({pair.first, pair.second, carried});
        }
        return whole;
    }

    void count_totals(const AllocationInstance& instance) {
        std::fill(totals.begin(), totals.end(), 0);
        for (const auto& [pair, carried] : units) {
            totals[instance.needs[pair.first].owner] += carried;
        }
    }

    void take(const Pair& pair, std::int64_t count) {
        if ((units[pair] -= count) <= 0) units.erase(pair);
    }
};

Index random_offer_for(Random& random, const AllocationInstance& instance, Index need) {
    const auto lawful = instance.lawful(need);
    if (lawful.empty() || random.percent(10)) return random.index(instance.offers.size());
    return lawful[random.index(lawful.size())];
}

/// Another need that may use the offer; any, if there is none or now and then.
Index random_need_for(Random& random, const AllocationInstance& instance, Index offer) {
    std::vector<Index> able;
    for (Index need = 0; need < instance.needs.size(); ++need) {
        const auto lawful = instance.lawful(need);
        if (std::binary_search(lawful.begin(), lawful.end(), offer)) able.push_back(need);
    }
    if (able.empty() || random.percent(5)) return random.index(instance.needs.size());
    return able[random.index(able.size())];
}

Index random_bottleneck(Random& random, const AllocationInstance& instance) {
    const Index choice = random.index(instance.members.size() + 1);
    return choice == instance.members.size() ? free_offer : choice;
}

/// Bends one thing, and keeps the stated totals true or not.
void bend(Random& random, const AllocationInstance& instance, Draft& draft) {
    const auto any_pair = [&]() -> std::optional<Pair> {
        if (draft.units.empty()) return std::nullopt;
        auto at = draft.units.begin();
        std::advance(at, random.index(draft.units.size()));
        return at->first;
    };
    const auto some_of = [&](const Pair& pair) {
        const std::int64_t carried = draft.units[pair];
        return random.percent(60) ? std::min<std::int64_t>(carried, 1) : random.upto(carried);
    };
    const std::int64_t way = random.upto(9);
    if (way == 0) {
        draft.certificate[random.index(draft.certificate.size())] =
            random_bottleneck(random, instance);
        return;
    }
    if (way == 1) {
        draft.totals[random.index(draft.totals.size())] += 1 - 2 * random.upto(1);
        for (std::int64_t& total : draft.totals) total = std::max<std::int64_t>(total, 0);
        return;
    }
    if (way == 2) {  // a pair more
        const Index need = random.index(instance.needs.size());
        const Index offer = random_offer_for(random, instance, need);
        draft.units[{need, offer}] += 1 + random.upto(instance.needs[need].quantity / 2);
    } else if (const std::optional<Pair> pair = any_pair()) {
        const auto [need, offer] = *pair;
        if (way == 3) {  // a pair less
            draft.units.erase(*pair);
        } else if (way == 4) {  // units less, perhaps to none
            draft.units[*pair] -= some_of(*pair);
        } else if (way <= 6) {  // from one offer to another
            const std::int64_t count = some_of(*pair);
            draft.take(*pair, count);
            draft.units[{need, random_offer_for(random, instance, need)}] += count;
        } else if (way <= 8) {  // from one need to another
            const std::int64_t count = some_of(*pair);
            draft.take(*pair, count);
            draft.units[{random_need_for(random, instance, offer), offer}] += count;
        } else if (const std::optional<Pair> other = any_pair()) {  // two needs change offers
            draft.take(*pair, 1);
            draft.units[{need, other->second}] += 1;
            if (draft.units.contains(*other)) draft.take(*other, 1);
            draft.units[{other->first, offer}] += 1;
        }
    }
    if (random.percent(90)) draft.count_totals(instance);
}

// --- lines ------------------------------------------------------------------------------------

/// As a canonical document writes it.
Value canonical(std::int64_t units) {
    return units > json_number_max ? Value{std::to_string(units)} : Value{units};
}

Value certificate_value(const NamedInstance& named, const Allocation& allocation) {
    Object certificate;
    for (std::size_t o = 0; o < named.offers.size(); ++o) {
        const Index bottleneck = allocation.certificate[o];
        if (bottleneck == free_offer) continue;
        certificate[named.offers[o]] = Value{named.instance.members[bottleneck].name};
    }
    return Value{std::move(certificate)};
}

/// The result document of the engine, with what the allocation says in place of what it said.
Value with_allocation(Value document, const NamedInstance& named, const Allocation& allocation) {
    std::int64_t given = 0;
    std::vector<std::int64_t> received(named.needs.size());
    std::vector<Object> from(named.needs.size());
    for (const AllocationFlow& flow : allocation.flows) {
        given += flow.units;
        received[flow.need] += flow.units;
        from[flow.need][named.offers[flow.offer]] = canonical(flow.units);
    }
    Object& parts = object(document);
    object(parts["totals"])["given"] = canonical(given);
    for (std::size_t j = 0; j < named.needs.size(); ++j) {
        Object& need = object(object(parts["needs"])[named.needs[j]]);
        need["units"] = canonical(received[j]);
        need["from"] = Value{std::move(from[j])};
    }
    for (std::size_t m = 0; m < named.instance.members.size(); ++m) {
        Object& member = object(object(parts["members"])[named.instance.members[m].name]);
        member["units"] = canonical(allocation.totals[m]);
    }
    parts["certificate"] = certificate_value(named, allocation);
    return document;
}

Value stage_value(const NamedInstance& named, const Stage& stage) {
    Object members;
    for (std::size_t m = 0; m < named.instance.members.size(); ++m) {
        members[named.instance.members[m].name] = canonical(stage.allocation.totals[m]);
    }
    Object needs;
    for (const AllocationFlow& flow : stage.allocation.flows) {
        Value& pairs = needs.try_emplace(named.needs[flow.need], Value{Object{}}).first->second;
        object(pairs)[named.offers[flow.offer]] = canonical(flow.units);
    }
    return Value{Object{{"tier", Value{std::int64_t{stage.name.tier} + 1}},
                        {"choice", Value{std::int64_t{stage.name.choice} + 1}},
                        {"members", Value{std::move(members)}},
                        {"needs", Value{std::move(needs)}},
                        {"certificate", certificate_value(named, stage.allocation)}}};
}

/// The result document of the engine, with what the division says in place of what it said.
Value with_division(const Value& solved, const NamedInstance& named, const Division& division) {
    Value document = with_allocation(solved, named, division.allocation());
    Object& parts = object(document);
    Array stages;
    for (std::size_t i = 0; i + 1 < division.stages.size(); ++i) {
        stages.push_back(stage_value(named, division.stages[i]));
    }
    if (parts.contains("stages")) parts["stages"] = Value{std::move(stages)};
    if (parts.contains("dropped")) {
        Array dropped;
        for (const Index need : division.dropped) dropped.push_back(Value{named.needs[need]});
        parts["dropped"] = Value{std::move(dropped)};
    }
    for (std::size_t m = 0; m < named.instance.members.size(); ++m) {
        std::int64_t floor = 0;
        for (const Stage& stage : division.stages) floor += stage.floors[m];
        Object& member = object(object(parts["members"])[named.instance.members[m].name]);
        member.erase("floor");
        if (floor > 0) member["floor"] = canonical(floor);
    }
    return document;
}

class Writer {
public:
    Writer(std::uint64_t lines, bool is_quiet) : left_(lines), is_quiet_(is_quiet) {}

    bool is_done() const { return left_ == 0; }

    void write(const Value& document, const NamedInstance& named, const Value& solved,
               const Allocation& allocation) {
        if (is_done()) return;
        --left_;
        const auto fault = certificate_fault(named.instance, named.rounding, allocation);
        ++tally_[fault ? "C" + std::to_string(fault->condition) : "holds"];
        if (is_quiet_) return;
        Object line = {{"instance", document},
                       {"solution", with_allocation(solved, named, allocation)},
                       {"holds", Value{!fault}}};
        if (fault) line["condition"] = Value{std::int64_t{fault->condition}};
        print(std::move(line));
    }

    void write_ruled(const Value& document, const Value& result, bool holds) {
        if (is_done()) return;
        --left_;
        ++tally_[holds ? "rule: holds" : "rule: does not hold"];
        if (is_quiet_) return;
        print({{"instance", document}, {"solution", result}, {"holds", Value{holds}}});
    }

    /// Whether all was written.
    bool finish() {
        for (const auto& [verdict, count] : tally_) {
            std::fprintf(stderr, "%s %llu\n", verdict.c_str(),
                         static_cast<unsigned long long>(count));
        }
        return std::fflush(stdout) == 0 && !is_broken_;
    }

private:
    void print(Object line) {
        const std::string text = codec::write_json(Value{std::move(line)}) + "\n";
        is_broken_ |= std::fwrite(text.data(), 1, text.size(), stdout) != text.size();
    }

    std::uint64_t left_;
    bool is_quiet_;
    bool is_broken_ = false;
    std::map<std::string, std::uint64_t> tally_;
};

/// Exact shares are no part of the certificate: the whole units stand in their place.
std::vector<Fraction> whole_shares(const Allocation& allocation) {
    std::vector<Fraction> shares;
    for (const std::int64_t total : allocation.totals) shares.push_back({total, 1});
    return shares;
}

/// All lines of one random instance; none if its floors cannot be met.
void write_instance(Random& random, Writer& writer) {
    constexpr int bends = 9;
    // Eight needs, offers or members with this much each stay below 2^60 together.
    const std::int64_t scale = random.percent(15) ? units_max / 8 : 1 + random.upto(7);
    const Value document = random_document(random, scale);
    const Result<std::vector<NamedInstance>> read = parse_instances(codec::write_json(document));
    COMITY_CHECK(read.has_value() && read->size() == 1);
    const NamedInstance& named = read->front();
    Result<Allocation> allocated = allocate(named.instance, named.rounding);
    if (!allocated) {
        COMITY_CHECK(allocated.error().reason == "exchange/infeasible-floor");
        return;
    }
    const Allocation allocation = std::move(allocated).value();
    Solution solved;
    solved.division.stages.push_back({{}, {}, allocation});
    solved.exact = whole_shares(allocation);
    solved.reasons = explain(named.instance, named.rounding, allocation);
    const Value result = solution(named, solved);
    const auto write = [&](const Allocation& bent) { writer.write(document, named, result, bent); };

    write(allocation);
    for (int i = 0; i < bends; ++i) {
        Draft draft(allocation);
        do bend(random, named.instance, draft);
        while (random.percent(30));
        write(draft.allocation());
    }
    Allocation labelled = allocation;
    Index& bottleneck = labelled.certificate[random.index(labelled.certificate.size())];
    for (Index member = 0; member < named.instance.members.size(); ++member) {
        bottleneck = member;
        write(labelled);
    }
    bottleneck = free_offer;
    write(labelled);
}

/// A stage, the needs set aside, or nothing but the floors that the document states.
void bend_division(Random& random, const Pool& pool, Division& division) {
    if (random.percent(15)) {
        const Index need = random.index(pool.instance.needs.size());
        const auto at = std::lower_bound(division.dropped.begin(), division.dropped.end(), need);
        if (at != division.dropped.end() && *at == need) {
            division.dropped.erase(at);
        } else {
            division.dropped.insert(at, need);
        }
        return;
    }
    const Index first = random.index(division.stages.size());
    Draft draft(division.stages[first].allocation);
    do bend(random, pool.instance, draft);
    while (random.percent(20));
    division.stages[first].allocation = draft.allocation();
    if (random.percent(70)) return;
    // What a later stage holds besides is bent in the same way, so that both may fit.
    for (std::size_t i = first + 1; i < division.stages.size(); ++i) {
        Draft later(division.stages[i].allocation);
        bend(random, pool.instance, later);
        division.stages[i].allocation = later.allocation();
    }
}

/// What another rule gives: certificates hold throughout, but for that rule. Absent if it gives
/// nothing.
std::optional<Division> divided_otherwise(Random& random, RuledPool ruled) {
    constexpr std::array roundings = {Rounding::adams, Rounding::sainte_lague, Rounding::dhondt,
                                      Rounding::huntington_hill, Rounding::serial};
    AllocationMember& member = ruled.pool.instance.members.front();
    switch (random.upto(5)) {
        case 0:
            ruled.rule.minimums = false;
            break;
        case 1:
            ruled.rule.one_each = !ruled.rule.one_each;
            break;
        case 2:
            ruled.rule.reserved.reset();
            break;
        case 3:
            ruled.rule.rounding = roundings.at(random.index(roundings.size()));
            break;
        case 4:
            member.carry_over = std::max<std::int64_t>(member.carry_over - 1, 0);
            break;
        default:
            ++member.weight;
            break;
    }
    Result<Division> division = divide(ruled.pool, ruled.rule);
    if (!division) return std::nullopt;
    return std::move(division).value();
}

/// All lines of one random instance under a rule; none if the rule refuses it.
void write_ruled(Random& random, Writer& writer) {
    constexpr int bends = 14;
    constexpr int other_rules = 4;
    const Value document = ruled_document(random);
    const Result<std::vector<NamedInstance>> read = parse_instances(codec::write_json(document));
    COMITY_CHECK(read.has_value() && read->size() == 1);
    const NamedInstance& named = read->front();
    const Result<Solution> solved = solve(named);
    if (!solved) return;
    const Result<RuledPool> ruled = under_rule(named);
    COMITY_CHECK(ruled.has_value());
    const Value result = solution(named, *solved);
    COMITY_CHECK(with_division(result, named, solved->division) == result);
    writer.write_ruled(document, result, check_solution(named, result).has_value());

    const auto write = [&](Division bent) {
        if (bent.dropped != solved->division.dropped && !ruled->rule.minimums) return;
        Division floored = bent;
        const bool has_floors = set_floors(ruled->pool, ruled->rule, floored).has_value();
        if (has_floors) bent = std::move(floored);
        const bool holds = has_floors && check_division(ruled->pool, ruled->rule, bent).has_value();
        writer.write_ruled(document, with_division(result, named, bent), holds);
    };
    for (int i = 0; i < bends; ++i) {
        Division bent = solved->division;
        bend_division(random, ruled->pool, bent);
        write(std::move(bent));
    }
    for (int i = 0; i < other_rules; ++i) {
        if (auto other = divided_otherwise(random, *ruled)) write(*std::move(other));
    }
    Value other_floor = result;
    Object& members = object(object(other_floor)["members"]);
    Object& member = object(members[named.instance.members.front().name]);
    if (member.erase("floor") == 0) member["floor"] = Value{std::int64_t{1}};
    writer.write_ruled(document, other_floor, check_solution(named, other_floor).has_value());
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

int run(std::vector<std::string_view> arguments) {
    const bool is_quiet = !arguments.empty() && arguments.front() == "--tally";
    if (is_quiet) arguments.erase(arguments.begin());
    const auto lines = arguments.empty() ? std::nullopt : whole_number(arguments.front());
    const auto seed =
        arguments.size() < 2 ? std::optional<std::uint64_t>(1) : whole_number(arguments[1]);
    if (!lines || !seed || arguments.size() > 2) {
        std::fputs("usage: certificate_cases [--tally] LINES [SEED]\n", stderr);
        return 2;
    }
    Random random(*seed);
    Writer writer(*lines, is_quiet);
    while (!writer.is_done()) {
        if (random.percent(30)) {
            write_ruled(random, writer);
        } else {
            write_instance(random, writer);
        }
    }
    return writer.finish() ? 0 : 1;
}

}  // namespace

}  // namespace comity::exchange

int main(int argc, char** argv) { return comity::exchange::run({argv + 1, argv + argc}); }
