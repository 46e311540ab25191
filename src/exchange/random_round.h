// SPDX-License-Identifier: Apache-2.0
#pragma once

// Random small rounds, for tests: every member, provider, restriction, window, weight, floor and
// cap that the tests' world has may or may not be in them.

#include <random>
#include <string>

#include "exchange/exchange_world.h"

namespace comity::exchange {

class RandomRound {
public:
    explicit RandomRound(unsigned seed) : random_(seed) {
        AllocationRule rule = equal_rule();
        rule.rounding = static_cast<Rounding>(below(5));
        if (below(2) == 0) rule.carry_over = CarryOver{1, {1, 1}};
        if (below(3) == 0) rule.floor = GroupFloor{id<institution::GroupId>("list"), {1, 2}};
        if (below(4) == 0) rule.member_cap = Rational{1, 3};
        if (below(2) == 0) {
            rule.weights = id<WeightTableId>("people");
            EXPECT_EQ(world.adopt(table()), "adopted");
        }
        EXPECT_EQ(world.adopt(rule), "adopted");
        restrict_transfers();
        const int offers = 1 + below(5);
        for (int i = 0; i < offers; ++i) world.must(provider(), offer("o" + std::to_string(i)));
        const int needs = 1 + below(8);
        for (int i = 0; i < needs; ++i) enter_need("n" + std::to_string(i));
        world.must("maker", round_of("r1"));
        world.clock("2026-08-02T00:00:00Z");
        carry_over();
        world.clock("2026-08-03T00:00:00Z");
    }

    const Allocated& allocated() const { return world.allocated("r1"); }

    World world;

private:
    int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }

    template <class T>
    const T& one_of(const std::vector<T>& list) {
        return list[static_cast<std::size_t>(below(static_cast<int>(list.size())))];
    }

    /// Mostly everybody; whoever is missing is not listed.
    WeightTable table() {
        WeightTable people;
        people.id = id<WeightTableId>("people");
        people.weights[member("arda")] = 1 + below(4);
        for (const auto* name : {"bela", "cira", "dova", "enna"}) {
            if (below(6) != 0) people.weights[member(name)] = 1 + below(4);
        }
        return people;
    }

    void restrict_transfers() {
        int count = 0;
        for (const auto* item_class : {"course", "lab", "model"}) {
            for (const auto* area : {"XAA", "XAB", "XAC", "XAD"}) {
                // Some transfers meet two restrictions.
                for (int i = below(3) == 0 ? 1 + below(2) : 0; i > 0; --i) {
                    world.restrictions.push_back({"r" + std::to_string(count++), item_class, area,
                                                  below(3) == 0 ? institution::Verdict::needs_review
                                                                : institution::Verdict::blocked});
                }
            }
        }
    }

    std::string provider() {
        static const std::vector<std::string> providers = {"maker", "maker", "school", "arda",
                                                           "bela"};
        return one_of(providers);
    }

    std::string item_class() {
        static const std::vector<std::string> classes = {"course", "lab", "model"};
        return one_of(classes);
    }

    Offer offer(const std::string& name) {
        Offer offered = offer_of(name, 1 + below(12), item_class());
        if (below(4) == 0) offered.rivalry = Rivalry::non_rival;
        if (below(4) == 0) offered.until = day("2026-10-01");
        if (below(6) == 0) offered.from = day("2027-01-01");
        if (offered.until && *offered.until <= offered.from) offered.until.reset();
        return offered;
    }

    void enter_need(const std::string& name) {
        static const std::vector<std::pair<std::string, std::string>> seats = {
            {"arda", "XAA"}, {"bela", "XAB"}, {"cira", "XAC"}, {"dova", "XAD"}, {"enna", "XAE"}};
        const auto& [owner, area] = one_of(seats);
        Need need = need_of(name, area, 1 + below(9));
        if (below(3) == 0) need.item_classes = {id<institution::ItemClassId>(item_class())};
        if (below(4) == 0) need.until = day("2026-11-01");
        if (below(4) == 0) need.from = day("2026-10-15");
        world.must(owner, need);
    }

    /// As if some members had confirmed units before.
    void carry_over() {
        auto& record = world.exchange.rounds.at(id<RoundId>("r1"));
        auto& frozen = std::get<InputsFrozen>(record.stage);
        if (!frozen.inputs.rule.carry_over) return;
        for (FrozenMember& entry : frozen.inputs.members) entry.carry_over = below(4);
        frozen.digest = digest_of(frozen.inputs);
    }

    std::mt19937 random_;
};

}  // namespace comity::exchange
