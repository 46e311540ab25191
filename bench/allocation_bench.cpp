// SPDX-License-Identifier: Apache-2.0

// The allocation engine on its reference instance: 200 members, 5,000 offers, 20,000 needs, about
// 1.24 million lawful pairs, supply 60% of what is asked. Engine and certificate together, the
// check alone, pairs of least cost, and the exact fractions. `pairs` and `memory_kib` (of the whole
// process, at its largest) stand beside the times.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <ctime>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"
#include "exchange/allocation.h"
#include "exchange/certificate.h"
#include "exchange/instance_generator.h"
#include "exchange/least_cost.h"

namespace {

using namespace comity::exchange;

const AllocationInstance& reference() {
    static const AllocationInstance instance = generate_instance({});
    return instance;
}

void report(benchmark::State& state) {
    std::ifstream status("/proc/self/status");
    double largest_kib = 0;
    for (std::string word; status >> word;) {
        if (word == "VmHWM:") status >> largest_kib;
    }
    state.counters["pairs"] = static_cast<double>(reference().lawful_offers.size());
    state.counters["memory_kib"] = largest_kib;
}

void allocate_reference(benchmark::State& state) {
    const auto rounding = static_cast<Rounding>(state.range(0));
    const auto threads = static_cast<unsigned>(state.range(1));
    for (auto _ : state) {
        const auto allocation = allocate(reference(), rounding, threads);
        COMITY_CHECK(allocation.has_value());
        benchmark::DoNotOptimize(allocation->totals.data());
    }
    report(state);
}
BENCHMARK(allocate_reference)
    ->ArgNames({"rounding", "threads"})
    ->ArgsProduct({{0, 1, 2, 3}, {1, 2}})
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void check_reference(benchmark::State& state) {
    const auto allocation = allocate(reference(), Rounding::sainte_lague);
    COMITY_CHECK(allocation.has_value());
    for (auto _ : state) {
        const auto checked = check_certificate(reference(), Rounding::sainte_lague, *allocation);
        COMITY_CHECK(checked.has_value());
    }
    report(state);
}
BENCHMARK(check_reference)->Unit(benchmark::kMillisecond);

/// Random costs from 0 to 999,999, of each pair its own.
PairCosts random_costs(const AllocationInstance& instance) {
    constexpr std::uint64_t dearest = 1'000'000;
    std::uint64_t state = 88'172'645'463'325'252U;  // xorshift64
    PairCosts costs;
    costs.row_begin.assign(instance.lawful_begin.begin(), instance.lawful_begin.end());
    costs.units.reserve(instance.lawful_offers.size());
    for (std::size_t i = 0; i < instance.lawful_offers.size(); ++i) {
        state ^= state << 13U;
        state ^= state >> 7U;
        state ^= state << 17U;
        costs.units.push_back(static_cast<std::int64_t>(state % dearest));
    }
    for (Index need = 0; need < instance.needs.size(); ++need) {
        costs.row_of.push_back(instance.list_of(need));
    }
    return costs;
}

/// Pairs of least cost, where members keep their totals (0) or needs their units (1); the division
/// itself is not in the time.
void least_cost_reference(benchmark::State& state) {
    const auto allocation = allocate(reference(), Rounding::sainte_lague);
    COMITY_CHECK(allocation.has_value());
    const PairCosts costs = random_costs(reference());
    PricedPool pool{
        .instance = reference(), .costs = costs, .parts = {}, .by_need = state.range(0) != 0};
    for (Index need = 0; need < reference().needs.size(); ++need) {
        pool.parts.push_back({need, reference().list_of(need)});
    }
    Allocation cheapest;
    std::optional<Prices> prices;
    for (auto _ : state) {
        cheapest = *allocation;
        prices = choose_pairs(pool, cheapest).value();
    }
    const std::clock_t start = std::clock();
    COMITY_CHECK(prices && !price_fault(pool, cheapest, *prices));
    state.counters["check_ms"] =
        1'000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    report(state);
}
BENCHMARK(least_cost_reference)
    ->ArgName("by_need")
    ->Arg(0)
    ->Arg(1)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

void exact_fractions_reference(benchmark::State& state) {
    for (auto _ : state) {
        const auto exact = divisible_levels(reference());
        COMITY_CHECK(exact.has_value());
        benchmark::DoNotOptimize(exact->data());
    }
    report(state);
}
BENCHMARK(exact_fractions_reference)->Unit(benchmark::kMillisecond);

/// From here on memory_kib is the largest size since, not since the start of the program.
void forget_largest_size() {
    malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << "5";
}

/// A million needs: by class, as restrictions work, and with a list of their own each.
AllocationInstance large(Index needs, Index offers, bool by_class) {
    return generate_instance(
        {.offers = offers, .needs = needs, .pairs_kept_per_mille = 267, .by_class = by_class});
}

void allocate_large(benchmark::State& state) {
    const AllocationInstance instance =
        large(static_cast<Index>(state.range(0)), static_cast<Index>(state.range(1)),
              state.range(2) != 0);
    const auto threads = static_cast<unsigned>(state.range(3));
    forget_largest_size();
    std::optional<Allocation> made;
    for (auto _ : state) {
        auto allocation = allocate(instance, Rounding::sainte_lague, threads);
        COMITY_CHECK(allocation.has_value());
        made = std::move(allocation).value();
    }
    const std::clock_t start = std::clock();
    COMITY_CHECK(check_certificate(instance, Rounding::sainte_lague, *made).has_value());
    state.counters["check_ms"] =
        1'000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    report(state);
    state.counters["pairs"] = static_cast<double>(instance.lawful_offers.size());
    state.counters["flows"] = static_cast<double>(made->flows.size());
}
BENCHMARK(allocate_large)
    ->ArgNames({"needs", "offers", "by_class", "threads"})
    ->Args({1'000'000, 5'000, 1, 1})
    ->Args({5'000'000, 200'000, 1, 1})
    ->Args({1'000'000, 5'000, 0, 1})
    ->Args({1'000'000, 5'000, 0, 2})
    ->Iterations(1)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
