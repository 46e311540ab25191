// SPDX-License-Identifier: Apache-2.0

// certificate_cases [--tally] LINES [SEED]
//
// Writes cases for another checker of allocations (web/exchange) to agree with, one JSON object a
// line: {"instance": …, "solution": …, "holds": true}, or "holds": false with the number of a
// "condition" that fails. The instances are small and hold what is easy to get wrong: all
// roundings, equal weights and keys, quantities of zero and near 2^60, floors, caps, carry-over,
// lotteries in every form, ids whose order in UTF-8 and UTF-16 differs. Of each comes the engine's
// own allocation, allocations bent in every field, and every bottleneck that one offer could be
// given. The verdict is that of src/exchange/certificate.h. The same seed gives the same lines on
// every machine.
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

/// An instance document. Its floors may not be feasible.
Value random_document(Random& random) {
    constexpr std::array<const char*, 5> roundings = {"adams", "sainte_lague", "dhondt",
                                                      "huntington_hill", "serial"};
    // Eight needs, offers or members with this much each stay below 2^60 together.
    const std::int64_t scale = random.percent(15) ? units_max / 8 : 1 + random.upto(7);
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

Object& object(Value& value) { return std::get<Object>(value.data); }

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
    Object certificate;
    for (std::size_t o = 0; o < named.offers.size(); ++o) {
        const Index bottleneck = allocation.certificate[o];
        if (bottleneck == free_offer) continue;
        certificate[named.offers[o]] = Value{named.instance.members[bottleneck].name};
    }
    parts["certificate"] = Value{std::move(certificate)};
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
        const std::string text = codec::write_json(Value{std::move(line)}) + "\n";
        is_broken_ |= std::fwrite(text.data(), 1, text.size(), stdout) != text.size();
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
    const Value document = random_document(random);
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
    solved.division.stages.push_back({0, 0, {}, allocation});
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
    while (!writer.is_done()) write_instance(random, writer);
    return writer.finish() ? 0 : 1;
}

}  // namespace

}  // namespace comity::exchange

int main(int argc, char** argv) { return comity::exchange::run({argv + 1, argv + argc}); }
