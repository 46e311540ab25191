// SPDX-License-Identifier: Apache-2.0
#include "exchange/lottery.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>
#include <utility>

#include "base/check.h"

namespace comity::exchange {
namespace {

/// Most significant octet first.
std::array<std::byte, 4> four_octets(std::uint32_t number) {
    return {static_cast<std::byte>(number >> 24U), static_cast<std::byte>(number >> 16U),
            static_cast<std::byte>(number >> 8U), static_cast<std::byte>(number)};
}

}  // namespace

Digest lottery_commitment(const Digest& value) { return sha256({value.octets}); }

Result<Digest> lottery_seed(const Digest& frozen_root, std::span<const LotteryReveal> reveals,
                            BytesView public_value) {
    std::vector<LotteryReveal> sorted(reveals.begin(), reveals.end());
    std::sort(sorted.begin(), sorted.end(),
              [](const LotteryReveal& a, const LotteryReveal& b) { return a.member < b.member; });
    Bytes input;
    const auto append = [&input](BytesView octets) {
        input.insert(input.end(), octets.begin(), octets.end());
    };
    append(bytes_of("comity/allocation lottery\n"));
    append(frozen_root.octets);
    append(four_octets(static_cast<std::uint32_t>(sorted.size())));
    const std::string* before = nullptr;
    for (const LotteryReveal& reveal : sorted) {
        const std::size_t length = reveal.member.size();
        if (length > 0xffff) {
            return Error{Code::invalid, "exchange/bad-reveal", "A member id is too long."};
        }
        if (before != nullptr && *before == reveal.member) {
            return Error{Code::invalid, "exchange/bad-reveal",
                         "Member " + reveal.member + " reveals twice."};
        }
        before = &reveal.member;
        append(std::array{static_cast<std::byte>(length >> 8), static_cast<std::byte>(length)});
        append(bytes_of(reveal.member));
        append(reveal.value.octets);
    }
    append(public_value);
    return sha256({input});
}

Digest redraw_seed(const Digest& seed, std::uint32_t k) {
    COMITY_CHECK(k >= 1);
    return sha256({bytes_of("comity/allocation redraw\n"), seed.octets, four_octets(k)});
}

LotteryBasis lottery_basis(bool has_public_value, std::size_t reveals) {
    if (has_public_value) return LotteryBasis::public_value;
    return reveals > 0 ? LotteryBasis::reveals : LotteryBasis::inputs_alone;
}

std::vector<std::uint32_t> lottery_ranks(const Digest& seed, std::span<const std::string> members,
                                         const std::set<std::string>& withheld) {
    using Draw = std::tuple<bool, Digest, std::string_view, std::size_t>;
    std::vector<Draw> draws;
    draws.reserve(members.size());
    for (std::size_t m = 0; m < members.size(); ++m) {
        draws.emplace_back(withheld.contains(members[m]),
                           sha256({seed.octets, bytes_of(members[m])}), members[m], m);
    }
    std::sort(draws.begin(), draws.end());
    std::vector<std::uint32_t> ranks(members.size());
    for (std::size_t place = 0; place < draws.size(); ++place) {
        COMITY_CHECK(place == 0 || std::get<2>(draws[place - 1]) != std::get<2>(draws[place]));
        ranks[std::get<3>(draws[place])] = static_cast<std::uint32_t>(place);
    }
    return ranks;
}

}  // namespace comity::exchange
