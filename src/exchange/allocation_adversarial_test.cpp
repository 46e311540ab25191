// SPDX-License-Identifier: Apache-2.0

// Pools that somebody made to be hard, or sent by mistake: staircases and long chains that lead a
// flow astray, one need beside everything, numbers at their bounds, shared lists in another order.
// Each has an answer that is known without an engine, and ends in the time of an ordinary test.

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "codec/json.h"
#include "exchange/allocation.h"
#include "exchange/certificate.h"
#include "exchange/instance_generator.h"
#include "exchange/instance_json.h"

namespace comity::exchange {

namespace {

constexpr Rounding every_rounding[] = {Rounding::adams, Rounding::sainte_lague, Rounding::dhondt,
                                       Rounding::huntington_hill};

/// A member with one need.
void add_member(AllocationInstance& instance, std::int64_t quantity,
                const std::vector<Index>& lawful) {
    const auto member = static_cast<Index>(instance.members.size());
    instance.members.push_back({.name = {}, .weight = 1, .tie_rank = member});
    instance.needs.push_back({member, quantity});
    instance.lawful_offers.insert(instance.lawful_offers.end(), lawful.begin(), lawful.end());
    instance.lawful_begin.push_back(static_cast<Index>(instance.lawful_offers.size()));
}

std::vector<Index> from_to(Index first, Index end) {
    std::vector<Index> all(end - first);
    std::iota(all.begin(), all.end(), first);
    return all;
}

Allocation proved(const AllocationInstance& instance, Rounding rounding, unsigned threads = 1) {
    Result<Allocation> allocation = allocate(instance, rounding, threads);
    if (!allocation) {
        ADD_FAILURE() << allocation.error().message;
        return {};
    }
    const Result<> checked = check_certificate(instance, rounding, *allocation);
    EXPECT_TRUE(checked) << checked.error().message;
    return std::move(allocation).value();
}

/// Why engine and exact shares refuse the pool, or "none".
std::string reason(const AllocationInstance& instance) {
    const Result<Allocation> allocation = allocate(instance, Rounding::sainte_lague);
    EXPECT_EQ(divisible_levels(instance).has_value(), allocation.has_value());
    return allocation ? "none" : std::string(allocation.error().reason);
}

}  // namespace

// The first member could take any offer, the last one only the first: whoever takes what stands
// first in its list is in the way of all that follow.
TEST(AllocationAdversarial, AStaircaseServesEveryStep) {
    constexpr Index steps = 400;
    for (const Rounding rounding : every_rounding) {
        AllocationInstance instance;
        for (Index step = 0; step < steps; ++step) {
            instance.offers.push_back({1});
            add_member(instance, 1, from_to(0, steps - step));
        }
        const Allocation allocation = proved(instance, rounding);
        EXPECT_EQ(allocation.totals, std::vector<std::int64_t>(steps, 1));
    }
}

// One chain through all offers, which only its two ends together fill: each member must move on.
TEST(AllocationAdversarial, OneChainThroughEverythingMovesOn) {
    constexpr Index links = 20'000;
    AllocationInstance instance;
    for (Index link = 0; link < links; ++link) {
        instance.offers.push_back({1});
        add_member(instance, 1, {link, link + 1});
    }
    instance.offers.push_back({1});
    add_member(instance, 1, {0});
    const Allocation allocation = proved(instance, Rounding::sainte_lague);
    EXPECT_EQ(allocation.totals, std::vector<std::int64_t>(links + 1, 1));
}

// Pairs of members share an offer of one unit, while a need of everything waits beside them.
TEST(AllocationAdversarial, ANeedOfEverythingGetsOnlyWhatIsLeft) {
    constexpr Index pairs = 2'000;
    AllocationInstance instance;
    add_member(instance, units_max - 2 * std::int64_t{pairs}, from_to(0, pairs));
    for (Index pair = 0; pair < pairs; ++pair) {
        instance.offers.push_back({5});
        add_member(instance, 1, {pair});
        add_member(instance, 1, {pair});
    }
    const Allocation allocation = proved(instance, Rounding::sainte_lague);
    std::vector<std::int64_t> expected(2 * std::size_t{pairs} + 1, 1);
    expected[0] = 3 * std::int64_t{pairs};
    EXPECT_EQ(allocation.totals, expected);
}

TEST(AllocationAdversarial, EmptyPoolsGiveNothingAndAreProved) {
    AllocationInstance instance;
    EXPECT_TRUE(proved(instance, Rounding::adams).totals.empty());
    instance.offers = {{3}, {0}};
    EXPECT_EQ(proved(instance, Rounding::adams).certificate,
              (std::vector<Index>{free_offer, free_offer}))
        << "offers without a member";
    add_member(instance, 0, {0, 1});
    add_member(instance, 7, {});
    add_member(instance, 7, {1});
    for (const Rounding rounding : every_rounding) {
        const Allocation allocation = proved(instance, rounding);
        EXPECT_TRUE(allocation.flows.empty());
        EXPECT_EQ(allocation.totals, (std::vector<std::int64_t>{0, 0, 0}));
    }
}

TEST(AllocationAdversarial, QuantitiesMayReachTheirBoundAndNotPassIt) {
    AllocationInstance whole;
    whole.offers = {{units_max}};
    add_member(whole, units_max / 2, {0});
    add_member(whole, units_max / 2, {0});
    for (const Rounding rounding : every_rounding) {
        EXPECT_EQ(proved(whole, rounding).totals,
                  (std::vector<std::int64_t>{units_max / 2, units_max / 2}));
    }
    for (const std::int64_t above : {units_max + 1, std::numeric_limits<std::int64_t>::max()}) {
        AllocationInstance bent = whole;
        bent.offers[0].capacity = above;
        EXPECT_EQ(reason(bent), "exchange/instance-too-large");
        bent = whole;
        bent.needs[0].quantity = above;
        EXPECT_EQ(reason(bent), "exchange/instance-too-large");
        bent = whole;
        bent.members[0].cap = above;
        EXPECT_EQ(reason(bent), "exchange/instance-too-large");
    }
    AllocationInstance together = whole;
    together.needs[1].quantity += 1;
    EXPECT_EQ(reason(together), "exchange/instance-too-large");
    together = whole;
    together.offers.push_back({1});
    EXPECT_EQ(reason(together), "exchange/instance-too-large");
}

TEST(AllocationAdversarial, ADocumentWithNumbersOutOfBoundsIsRefused) {
    const auto refused = [](const std::string& weight, const std::string& units) {
        const auto read = parse_instances(
            R"({"members": {"A": {"w": )" + weight + R"(}}, "offers": {"X": )" + units +
            R"(}, "needs": {"n": {"member": "A", "qty": 1, )" + R"("lawful": ["X"]}}})");
        return read ? std::string_view("none") : read.error().reason;
    };
    EXPECT_EQ(refused("1", "\"1152921504606846976\""), "none");
    EXPECT_EQ(refused("1", "\"1152921504606846977\""), "exchange/instance-too-large");
    EXPECT_EQ(refused("1", "\"9223372036854775808\""), "exchange/bad-instance");
    EXPECT_EQ(refused("0", "1"), "exchange/bad-instance");
    EXPECT_EQ(refused("1099511627776", "1"), "none");
    EXPECT_EQ(refused("1099511627777", "1"), "exchange/instance-too-large");
}

TEST(AllocationAdversarial, AnyNumberOfThreadsGivesTheSame) {
    const AllocationInstance instance =
        generate_instance({.members = 80, .offers = 500, .needs = 4'000, .kinds = 2});
    for (const Rounding rounding : every_rounding) {
        const Allocation one = proved(instance, rounding);
        for (const unsigned threads : {2U, 8U, 1'000U}) {
            EXPECT_EQ(proved(instance, rounding, threads), one) << threads;
        }
    }
}

namespace {

/// The object's members in an order of their own.
std::string shuffled(const codec::Value& object, std::mt19937& random) {
    std::vector<std::string> lines;
    for (const auto& [id, content] : std::get<codec::Object>(object.data)) {
        codec::Value entry = content;
        if (auto* list = std::get_if<codec::Array>(&entry.data)) {
            std::shuffle(list->begin(), list->end(), random);
        }
        lines.push_back(codec::write_json(codec::Value{id}) + ":" + codec::write_json(entry));
    }
    std::shuffle(lines.begin(), lines.end(), random);
    std::string text = "{";
    for (const std::string& line : lines) text.append(text.size() > 1 ? "," : "").append(line);
    return text + "}";
}

}  // namespace

// By class, as restrictions work: what is merged and divided again must not hang on the order.
TEST(AllocationAdversarial, SharedListsInAnyOrderGiveTheSameOctets) {
    NamedInstance named;
    named.instance = generate_instance(
        {.members = 25, .offers = 200, .needs = 3'000, .kinds = 3, .by_class = true});
    // Of one length, so that the order of ids is that of numbers and lists stay canonical.
    for (std::size_t j = 0; j < named.instance.needs.size(); ++j) {
        named.needs.push_back("n" + std::to_string(10'000 + j));
    }
    for (std::size_t o = 0; o < named.instance.offers.size(); ++o) {
        named.offers.push_back("o" + std::to_string(10'000 + o));
    }
    const auto read = [](const std::string& json) {
        Result<std::vector<NamedInstance>> instances = parse_instances(json);
        EXPECT_TRUE(instances) << instances.error().message;
        return std::move(instances).value().front();
    };
    const NamedInstance canonical = read(codec::write_json(to_value(named)));
    const std::string expected = codec::write_json(solution(canonical, *solve(canonical)));
    const codec::Object document = std::get<codec::Object>(to_value(canonical).data);
    const codec::Object& inner = std::get<codec::Object>(document.at("instance").data);
    ASSERT_TRUE(inner.contains("lists")) << "the document shares its lists";
    std::mt19937 random(2);
    for (const unsigned threads : {1U, 2U, 8U}) {
        std::string json = "{\"lottery\":" + codec::write_json(document.at("lottery"));
        for (const char* part : {"needs", "lists", "offers", "members"}) {
            json.append(",\"").append(part).append("\":").append(shuffled(inner.at(part), random));
        }
        const NamedInstance again = read(json + "}");
        EXPECT_EQ(codec::write_json(solution(again, *solve(again, threads))), expected) << threads;
    }
}

}  // namespace comity::exchange
