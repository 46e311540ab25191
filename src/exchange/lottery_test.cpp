// SPDX-License-Identifier: Apache-2.0

// Why we trust the draw: the bytes that are hashed are spelled out once by hand, every input
// changes the result, and withholding a value leads to the end of the list.

#include "exchange/lottery.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace comity::exchange {

namespace {

Digest filled(int octet) {
    Digest digest;
    digest.octets.fill(static_cast<std::byte>(octet));
    return digest;
}

const std::vector<std::string> members = {"lao", "lso", "sen", "uzb", "vut"};

}  // namespace

TEST(Lottery, TheSeedHashesRootAndRevealsInOrderOfTheIdAndThePublicValue) {
    const Digest root = filled(7);
    const BytesView domain = bytes_of("comity/allocation lottery\n");
    const BytesView value = bytes_of("public");
    const std::vector<LotteryReveal> reveals = {{"sen", filled(2)}, {"lso", filled(1)}};
    const Digest expected =
        sha256({domain, root.octets, bytes_of(std::string_view("\0\0\0\2", 4)),
                bytes_of(std::string_view("\0\3lso", 5)), filled(1).octets,
                bytes_of(std::string_view("\0\3sen", 5)), filled(2).octets, value});
    EXPECT_EQ(*lottery_seed(root, reveals, value), expected);
    EXPECT_EQ(*lottery_seed(root, std::vector<LotteryReveal>{reveals[1], reveals[0]}, value),
              expected);
    EXPECT_EQ(*lottery_seed(root, {}, {}),
              sha256({domain, root.octets, bytes_of(std::string_view("\0\0\0\0", 4))}));
}

TEST(Lottery, RedrawsAreLinksThatTheSeedFixes) {
    const Digest seed = filled(9);
    EXPECT_EQ(redraw_seed(seed, 258), sha256({bytes_of("comity/allocation redraw\n"), seed.octets,
                                              bytes_of(std::string_view("\0\0\1\2", 4))}));
    EXPECT_NE(redraw_seed(seed, 1), redraw_seed(seed, 2));
    EXPECT_NE(redraw_seed(seed, 1), redraw_seed(filled(8), 1));
}

TEST(Lottery, EveryInputChangesTheSeed) {
    const std::vector<LotteryReveal> reveals = {{"lso", filled(1)}, {"sen", filled(2)}};
    const Digest seed = *lottery_seed(filled(7), reveals, {});
    EXPECT_NE(*lottery_seed(filled(8), reveals, {}), seed);
    EXPECT_NE(*lottery_seed(filled(7), std::span(reveals).first(1), {}), seed);
    EXPECT_NE(*lottery_seed(filled(7), reveals, bytes_of("1")), seed);
    for (std::size_t r = 0; r < reveals.size(); ++r) {
        std::vector<LotteryReveal> bent = reveals;
        bent[r].value = filled(3);
        EXPECT_NE(*lottery_seed(filled(7), bent, {}), seed);
        bent = reveals;
        bent[r].member += "x";
        EXPECT_NE(*lottery_seed(filled(7), bent, {}), seed);
    }
}

TEST(Lottery, RanksFollowTheHashOfSeedAndId) {
    const Digest seed = filled(9);
    const std::vector<std::uint32_t> ranks = lottery_ranks(seed, members);
    std::vector<std::uint32_t> sorted = ranks;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(sorted, (std::vector<std::uint32_t>{0, 1, 2, 3, 4}));
    for (std::size_t a = 0; a < members.size(); ++a) {
        for (std::size_t b = 0; b < members.size(); ++b) {
            EXPECT_EQ(ranks[a] < ranks[b], sha256({seed.octets, bytes_of(members[a])}) <
                                               sha256({seed.octets, bytes_of(members[b])}));
        }
    }
    std::vector<std::string> reversed(members.rbegin(), members.rend());
    const std::vector<std::uint32_t> same = lottery_ranks(seed, reversed);
    EXPECT_TRUE(std::equal(ranks.begin(), ranks.end(), same.rbegin()));
}

TEST(Lottery, WhoeverWithholdsComesAfterAllOthers) {
    for (int octet = 0; octet < 50; ++octet) {
        const std::vector<std::uint32_t> open = lottery_ranks(filled(octet), members);
        const std::vector<std::uint32_t> ranks =
            lottery_ranks(filled(octet), members, {"lao", "uzb", "not-in-the-round"});
        EXPECT_GE(ranks[0], 3U);
        EXPECT_GE(ranks[3], 3U);
        EXPECT_EQ(ranks[0] < ranks[3], open[0] < open[3]);
        EXPECT_EQ(ranks[1] < ranks[2], open[1] < open[2]);
    }
}

TEST(Lottery, EveryMemberCanWin) {
    std::set<std::size_t> winners;
    for (int octet = 0; octet < 100; ++octet) {
        const std::vector<std::uint32_t> ranks = lottery_ranks(filled(octet), members);
        winners.insert(
            static_cast<std::size_t>(std::find(ranks.begin(), ranks.end(), 0U) - ranks.begin()));
    }
    EXPECT_EQ(winners.size(), members.size());
}

TEST(Lottery, NobodyRevealsTwice) {
    const std::vector<LotteryReveal> twice = {{"lso", filled(1)}, {"lso", filled(2)}};
    EXPECT_EQ(lottery_seed(filled(7), twice, {}).error().reason, "exchange/bad-reveal");
    const std::vector<LotteryReveal> long_id = {{std::string(70'000, 'a'), filled(1)}};
    EXPECT_EQ(lottery_seed(filled(7), long_id, {}).error().reason, "exchange/bad-reveal");
}

TEST(Lottery, ACommitmentIsTheHashOfTheValue) {
    EXPECT_EQ(lottery_commitment(filled(1)), sha256({filled(1).octets}));
    EXPECT_NE(lottery_commitment(filled(1)), lottery_commitment(filled(2)));
}

}  // namespace comity::exchange
