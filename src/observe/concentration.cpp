// SPDX-License-Identifier: Apache-2.0
#include "observe/concentration.h"

#include <algorithm>
#include <array>
#include <boost/multiprecision/cpp_int.hpp>
#include <map>
#include <numeric>
#include <utility>

#include "base/check.h"

namespace comity::observe {
namespace {

using BigInt = boost::multiprecision::cpp_int;

constexpr std::int64_t thousand = 1'000;
constexpr std::int64_t ten_thousand = 10'000;
constexpr std::array<std::uint32_t, 4> top_sizes = {1, 3, 5, 10};

BigInt power_of_ten(std::int32_t exponent) {
    COMITY_CHECK(exponent >= 0);
    return boost::multiprecision::pow(BigInt(10), static_cast<unsigned>(exponent));
}

/// num / den in lowest terms.
std::string fraction_text(const BigInt& num, const BigInt& den) {
    const BigInt divisor = boost::multiprecision::gcd(num, den);
    const BigInt whole = den / divisor;
    const std::string over = BigInt(num / divisor).str();
    return whole == 1 ? over : over + "/" + whole.str();
}

/// scale * num / den to the nearest whole number, halves up.
std::int64_t rounded(std::int64_t scale, const BigInt& num, const BigInt& den) {
    return static_cast<std::int64_t>(BigInt((2 * scale * num + den) / (2 * den)));
}

/// What all amounts are counted in: 10^exponent / parts.
struct Scale {
    std::int32_t exponent = 0;
    BigInt parts = 1;

    explicit Scale(std::span<const Holding> holdings) {
        for (const Holding& holding : holdings) {
            COMITY_CHECK(holding.parts >= 1 && holding.parts <= parts_max);
            exponent = std::min(exponent, holding.amount.exponent);
            parts = boost::multiprecision::lcm(parts, BigInt(holding.parts));
        }
    }

    BigInt count(const Holding& holding) const {
        return BigInt(holding.amount.digits) * power_of_ten(holding.amount.exponent - exponent) *
               (parts / holding.parts);
    }

    std::string text(const BigInt& counted) const {
        if (counted % parts == 0) {
            return Decimal::canonical(BigInt(counted / parts).str(), exponent).text();
        }
        return fraction_text(counted, parts * power_of_ten(-exponent));
    }
};

struct Held {
    std::string holder;
    BigInt amount;
};

/// Of each holder, largest first, then by name.
std::vector<Held> held_by_all(std::span<const Holding> holdings, const Scale& scale) {
    std::map<std::string, BigInt> sums;
    for (const Holding& holding : holdings) sums[holding.holder] += scale.count(holding);
    std::vector<Held> held;
    held.reserve(sums.size());
    for (auto& [holder, amount] : sums) held.push_back({holder, std::move(amount)});
    std::stable_sort(held.begin(), held.end(),
                     [](const Held& a, const Held& b) { return a.amount > b.amount; });
    return held;
}

PartialShare partial(std::size_t holders, const BigInt& amount, const BigInt& total) {
    return {.holders = static_cast<std::uint32_t>(holders),
            .share = fraction_text(amount, total),
            .per_thousand = rounded(thousand, amount, total)};
}

std::vector<PartialShare> top_of(const std::vector<Held>& held, const BigInt& total) {
    std::vector<PartialShare> top;
    BigInt sum = 0;
    for (std::size_t i = 0; i < held.size(); ++i) {
        sum += held[i].amount;
        if (std::find(top_sizes.begin(), top_sizes.end(), i + 1) != top_sizes.end()) {
            top.push_back(partial(i + 1, sum, total));
        }
    }
    return top;
}

std::vector<PartialShare> lorenz_of(const std::vector<Held>& held, const BigInt& total) {
    std::vector<PartialShare> points = {partial(0, 0, total)};
    points.reserve(held.size() + 1);
    BigInt sum = 0;
    for (auto each = held.rbegin(); each != held.rend(); ++each) {
        sum += each->amount;
        points.push_back(partial(points.size(), sum, total));
    }
    return points;
}

}  // namespace

Concentration concentration(std::span<const Holding> holdings) {
    const Scale scale(holdings);
    const std::vector<Held> held = held_by_all(holdings, scale);
    BigInt total = 0;
    BigInt squares = 0;
    for (const Held& each : held) {
        total += each.amount;
        squares += each.amount * each.amount;
    }
    Concentration found;
    found.holders = static_cast<std::uint32_t>(held.size());
    if (total == 0) return found;
    found.total = scale.text(total);
    found.hhi = rounded(ten_thousand, squares, total * total);
    found.hhi_exact = fraction_text(squares, total * total);
    found.top = top_of(held, total);
    found.lorenz = lorenz_of(held, total);
    found.shares.reserve(held.size());
    for (const Held& each : held) {
        if (each.amount == 0) break;  // the rest is zero too
        found.shares.push_back({.holder = each.holder,
                                .amount = scale.text(each.amount),
                                .share = fraction_text(each.amount, total),
                                .per_thousand = rounded(thousand, each.amount, total)});
    }
    found.with_amount = static_cast<std::uint32_t>(found.shares.size());
    return found;
}

}  // namespace comity::observe
