// SPDX-License-Identifier: Apache-2.0

// What a round computes once for many needs is what each need alone would get: alternatives and
// screenings, on random calls; and the digests, which are written straight, are those of the CBOR.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "crypto/sha256.h"
#include "exchange/exchange_world.h"
#include "exchange/round.h"

namespace comity::exchange {

namespace {

/// Offers of three item classes, some by members with needs, and needs with windows of their own.
World random_call(std::mt19937& random) {
    World world;
    EXPECT_EQ(world.adopt(equal_rule()), "adopted");
    const auto one_of = [&](const std::vector<const char*>& texts) {
        return texts[random() % texts.size()];
    };
    for (int r = 0; r < 3; ++r) {
        world.restrictions.push_back({"rule" + std::to_string(r),
                                      one_of({"course", "model", "lab"}),
                                      one_of({"XAA", "XAB", "XAD"}),
                                      random() % 3 == 0 ? institution::Verdict::needs_review
                                                        : institution::Verdict::blocked});
    }
    for (int o = 0; o < 9; ++o) {
        Offer offer = offer_of("o" + std::to_string(o), 1 + static_cast<std::int64_t>(random() % 9),
                               one_of({"course", "model", "lab"}));
        offer.from = day(one_of({"2026-01-01", "2026-12-15"}));
        if (random() % 4 == 0)
            offer.until = offer.from < day("2026-06-01") ? day("2026-10-15") : day("2027-02-01");
        if (random() % 5 == 0) offer.rivalry = Rivalry::non_rival;
        world.must(one_of({"maker", "school", "dova"}), offer);
    }
    const std::vector<std::pair<const char*, const char*>> homes = {
        {"arda", "XAA"}, {"bela", "XAB"}, {"dova", "XAD"}};
    for (int n = 0; n < 12; ++n) {
        const auto& [member, area] = homes[random() % homes.size()];
        Need need =
            need_of("n" + std::to_string(n), area, 1 + static_cast<std::int64_t>(random() % 9));
        need.end_use = id<institution::EndUseId>(one_of({"education", "health"}));
        need.from = day(one_of({"2026-09-01", "2026-11-01"}));
        need.until = day(one_of({"2026-12-01", "2027-09-01"}));
        if (random() % 2 == 0) {
            need.item_classes = {id<institution::ItemClassId>(one_of({"course", "model", "lab"}))};
        }
        world.must(member, need);
    }
    world.must("maker", round_of("r1"));
    return world;
}

/// By definition: every offer that the member does not provide, whose window meets the need's and
/// which is lawful for its destination and end use; most units left first.
std::vector<OfferId> alternatives_of(const World& world, const RoundInputs& inputs,
                                     const FrozenNeed& need, const RoundResult& result) {
    std::vector<std::pair<std::int64_t, OfferId>> lawful;
    for (const FrozenOffer& offer : inputs.offers) {
        const institution::Screening said =
            world.screen({offer.item_class, offer.origin, need.destination, need.end_use});
        const bool apart = need.until <= offer.from || (offer.until && *offer.until <= need.from);
        if (said.verdict != institution::Verdict::allowed || apart ||
            offer.provider == need.member) {
            continue;
        }
        std::int64_t left = offer.quantity;
        for (const Line& line : result.lines) left -= line.offer == offer.id ? line.units : 0;
        lawful.emplace_back(-left, offer.id);
    }
    std::sort(lawful.begin(), lawful.end());
    std::vector<OfferId> best;
    for (const auto& [left, offer] : lawful) {
        if (best.size() < alternatives_max) best.push_back(offer);
    }
    return best;
}

}  // namespace

TEST(RoundScale, AlternativesAreThoseThatEachNeedAloneWouldFind) {
    std::mt19937 random(41);
    int named = 0;
    for (int trial = 0; trial < 150; ++trial) {
        World world = random_call(random);
        freeze_and_draw(world);
        const Allocated& allocated = world.allocated("r1");
        for (std::size_t n = 0; n < allocated.inputs.needs.size(); ++n) {
            const NeedResult& row = allocated.result.needs[n];
            ASSERT_EQ(row.need, allocated.inputs.needs[n].id);
            const std::vector<OfferId> expected =
                row.blocked_by.empty()
                    ? std::vector<OfferId>()
                    : alternatives_of(world, allocated.inputs, allocated.inputs.needs[n],
                                      allocated.result);
            ASSERT_EQ(row.lawful_alternatives, expected) << "trial " << trial << " need " << n;
            named += expected.size() == alternatives_max ? 1 : 0;
        }
    }
    EXPECT_GT(named, 200);
}

TEST(RoundScale, ARuleChangeKeepsWhatIsScreenedAndScreensTheRestOnce) {
    std::mt19937 random(42);
    for (int trial = 0; trial < 50; ++trial) {
        World world = random_call(random);
        freeze_and_draw(world);
        const RoundInputs frozen = world.allocated("r1").inputs;
        const AdoptedRule& adopted = world.exchange.rules.at(equal_rule().id).front();
        // Some known, some not, and some that the round no longer has.
        RoundInputs inputs = frozen;
        std::set<institution::Transfer> missing;
        std::erase_if(inputs.screenings, [&](const ScreenedTransfer& screened) {
            const bool is_dropped = random() % 3 == 0;
            if (is_dropped) missing.insert(screened.transfer);
            return is_dropped;
        });
        world.times_screened.clear();
        ASSERT_TRUE(put_under_rule(inputs, world.exchange, world.institution, world.screening(),
                                   {adopted, nullptr}));
        EXPECT_EQ(codec::to_cbor(inputs), codec::to_cbor(frozen)) << "trial " << trial;
        EXPECT_EQ(world.times_screened.size(), missing.size());
        for (const auto& [transfer, times] : world.times_screened) {
            EXPECT_EQ(times, 1);
            EXPECT_TRUE(missing.contains(transfer));
        }
    }
}

TEST(RoundScale, DigestsAreThoseOfTheCbor) {
    std::mt19937 random(43);
    for (int trial = 0; trial < 20; ++trial) {
        World world = random_call(random);
        AllocationRule& rule = world.exchange.rules.at(equal_rule().id).front().rule;
        rule.title = {{LanguageTag::parse("en").value(), "Equal"},
                      {LanguageTag::parse("zh-Hans").value(), "Equal"},
                      {LanguageTag::parse("fr").value(), "Égal"}};
        rule.member_cap = Rational::make(1, 2).value();
        freeze_and_draw(world);
        const Allocated& allocated = world.allocated("r1");
        EXPECT_EQ(digest_of(allocated.inputs), sha256({codec::to_cbor(allocated.inputs)}));
        EXPECT_EQ(digest_of(allocated.result), sha256({codec::to_cbor(allocated.result)}));
    }
}

}  // namespace comity::exchange
