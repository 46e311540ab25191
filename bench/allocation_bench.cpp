// SPDX-License-Identifier: Apache-2.0

// The allocation engine on its reference instance: 200 members, 5,000 offers, 20,000 needs, about
// 1.24 million lawful pairs, supply 60% of what is asked. Engine and certificate together, the
// check alone, and the exact fractions. `pairs` and `memory_kib` (of the whole process, at its
// largest) stand beside the times.

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include "base/check.h"
#include "exchange/allocation.h"
#include "exchange/certificate.h"
#include "exchange/instance_generator.h"

namespace {

using namespace comity::exchange;

const AllocationInstance& reference() {
    static const AllocationInstance instance = generate_instance({});
    return instance;
}

void report(benchmark::State& state) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    state.counters["pairs"] = static_cast<double>(reference().lawful_offers.size());
    state.counters["memory_kib"] = static_cast<double>(usage.ru_maxrss);
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

void exact_fractions_reference(benchmark::State& state) {
    for (auto _ : state) {
        const auto exact = divisible_levels(reference());
        COMITY_CHECK(exact.has_value());
        benchmark::DoNotOptimize(exact->data());
    }
    report(state);
}
BENCHMARK(exact_fractions_reference)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
