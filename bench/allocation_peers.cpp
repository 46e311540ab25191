// SPDX-License-Identifier: Apache-2.0

// The engine beside what else is at hand, on one instance in one run: LEMON's push-relabel for the
// largest total, and CLP for the fairest division, which no solver of Debian offers as such: one
// linear program for each level, members fixed as their level is found (iterated leximin).
//
//   allocation_peers [PROGRAMS [SECONDS]]
//
// Solves PROGRAMS (10) linear programs, and starts none after SECONDS (300) of processor time;
// what all levels would take is then extrapolated, and said to be. Ends with 1 if a largest total
// differs from the engine's, or a level from its exact fractions by more than the solver's
// tolerance. Processor time of this process; memory is the largest growth while a solver works, its
// model included and the instance not.

#include <fmt/format.h>
#include <lemon/preflow.h>
#include <lemon/static_graph.h>
#include <malloc.h>

#include <ClpSimplex.hpp>
#include <CoinPackedMatrix.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <functional>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "exchange/allocation.h"
#include "exchange/certificate.h"
#include "exchange/instance_generator.h"

namespace {

using namespace comity::exchange;

constexpr int engine_runs = 9;
constexpr int lemon_runs = 3;
constexpr double level_tolerance = 1e-6;  // relative; CLP's own is 1e-7 of a row
constexpr double fixing_dual_min = 1e-9;  // a row with a dual above this is tight in every optimum

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double memory_mib(std::string_view field) {
    std::ifstream status("/proc/self/status");
    double kib = 0;
    for (std::string word; status >> word;) {
        if (word == field) status >> kib;
    }
    return kib / 1024;
}

struct Measured {
    double seconds = 0;
    double mib = 0;
};

/// Seconds of processor time and largest growth of memory of a piece of work.
Measured measure(const std::function<void()>& work) {
    malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << "5";
    const double mib = memory_mib("VmRSS:");
    const double start = processor_seconds();
    work();
    return {.seconds = processor_seconds() - start, .mib = memory_mib("VmHWM:") - mib};
}

/// The median in time of several runs, each alone.
Measured median(int runs, const std::function<void()>& work) {
    std::vector<Measured> all;
    all.reserve(static_cast<std::size_t>(runs));
    for (int run = 0; run < runs; ++run) all.push_back(measure(work));
    std::sort(all.begin(), all.end(),
              [](const Measured& a, const Measured& b) { return a.seconds < b.seconds; });
    return all[all.size() / 2];
}

void print(std::string_view what, const Measured& measured, const Measured& engine) {
    fmt::print("{:<64} {:>9.3f} s {:>7.0f} MiB {:>9.2f} x\n", what, measured.seconds, measured.mib,
               measured.seconds / engine.seconds);
}

std::int64_t sum(const std::vector<std::int64_t>& units) {
    return std::accumulate(units.begin(), units.end(), std::int64_t{0});
}

/// LEMON's model of the largest total: source, needs, offers, sink. Members have no caps here, so
/// that they need no nodes, which is the smaller problem.
class LemonFlow {
public:
    explicit LemonFlow(const AllocationInstance& instance) {
        const auto needs = static_cast<int>(instance.needs.size());
        const auto offers = static_cast<int>(instance.offers.size());
        const int source = needs + offers;
        const int sink = source + 1;
        std::vector<std::pair<int, int>> arcs;
        std::vector<std::int64_t> capacities;
        arcs.reserve(instance.lawful_offers.size() + instance.needs.size() +
                     instance.offers.size());
        capacities.reserve(arcs.capacity());
        // StaticDigraph wants its arcs in the order of their tails.
        for (int need = 0; need < needs; ++need) {
            const auto index = static_cast<Index>(need);
            for (const Index offer : instance.lawful(index)) {
                arcs.emplace_back(need, needs + static_cast<int>(offer));
                capacities.push_back(instance.needs[index].quantity);
            }
        }
        for (int offer = 0; offer < offers; ++offer) {
            arcs.emplace_back(needs + offer, sink);
            capacities.push_back(instance.offers[static_cast<Index>(offer)].capacity);
        }
        for (int need = 0; need < needs; ++need) {
            arcs.emplace_back(source, need);
            capacities.push_back(instance.needs[static_cast<Index>(need)].quantity);
        }
        graph_.build(sink + 1, arcs.begin(), arcs.end());
        capacity_.emplace(graph_);
        for (int arc = 0; arc < graph_.arcNum(); ++arc) {
            (*capacity_)[graph_.arc(arc)] = capacities[static_cast<std::size_t>(arc)];
        }
        source_ = graph_.node(source);
        sink_ = graph_.node(sink);
    }

    std::int64_t largest_total(bool with_flow) const {
        lemon::Preflow<Graph, Graph::ArcMap<std::int64_t>> flow(graph_, *capacity_, source_, sink_);
        with_flow ? flow.run() : flow.runMinCut();
        return flow.flowValue();
    }

private:
    using Graph = lemon::StaticDigraph;
    Graph graph_;
    std::optional<Graph::ArcMap<std::int64_t>> capacity_;
    Graph::Node source_;
    Graph::Node sink_;
};

/// Iterated leximin over one linear program: variables are the lawful pairs and the level t; rows
/// are offers, needs and members, of whom each not yet fixed has at least t times its weight.
class ClpLeximin {
public:
    explicit ClpLeximin(const AllocationInstance& instance)
        : members_(static_cast<int>(instance.members.size())),
          level_(static_cast<int>(instance.lawful_offers.size())),
          is_fixed_(instance.members.size()) {
        const auto offers = static_cast<int>(instance.offers.size());
        const auto needs = static_cast<int>(instance.needs.size());
        first_member_ = offers + needs;
        std::vector<CoinBigIndex> starts;
        std::vector<int> rows;
        std::vector<double> elements;
        starts.reserve(instance.lawful_offers.size() + 2);
        rows.reserve(3 * instance.lawful_offers.size() + instance.members.size());
        for (Index need = 0; need < instance.needs.size(); ++need) {
            for (const Index offer : instance.lawful(need)) {
                starts.push_back(static_cast<CoinBigIndex>(rows.size()));
                rows.push_back(static_cast<int>(offer));
                rows.push_back(offers + static_cast<int>(need));
                rows.push_back(first_member_ + static_cast<int>(instance.needs[need].owner));
            }
        }
        elements.assign(rows.size(), 1);
        starts.push_back(static_cast<CoinBigIndex>(rows.size()));
        for (int m = 0; m < members_; ++m) {
            rows.push_back(first_member_ + m);
            elements.push_back(
                -static_cast<double>(instance.members[static_cast<Index>(m)].weight));
        }
        starts.push_back(static_cast<CoinBigIndex>(rows.size()));
        const int columns = level_ + 1;
        std::vector<double> row_lower(static_cast<std::size_t>(first_member_ + members_), 0);
        std::vector<double> row_upper(row_lower.size(), COIN_DBL_MAX);
        for (int o = 0; o < offers; ++o) {
            row_upper[static_cast<std::size_t>(o)] =
                static_cast<double>(instance.offers[static_cast<Index>(o)].capacity);
        }
        for (int j = 0; j < needs; ++j) {
            row_upper[static_cast<std::size_t>(offers + j)] =
                static_cast<double>(instance.needs[static_cast<Index>(j)].quantity);
        }
        std::vector<double> objective(static_cast<std::size_t>(columns), 0);
        objective.back() = 1;
        clp_.setLogLevel(0);
        clp_.loadProblem(columns, first_member_ + members_, starts.data(), rows.data(),
                         elements.data(), nullptr, nullptr, objective.data(), row_lower.data(),
                         row_upper.data());
        clp_.setOptimizationDirection(-1);
        leave_out_unreachable(instance);
    }

    /// The next level, or none if CLP does not solve the program. Fixes the members that cannot
    /// rise above it.
    std::optional<double> next_level(const AllocationInstance& instance) {
        // The first program from nothing; each later one starts where the last one ended, which
        // stays feasible when members are fixed.
        const int status = programs_ == 0 ? clp_.initialSolve() : clp_.primal();
        if (status != 0 || clp_.status() != 0) return std::nullopt;
        ++programs_;
        const double level = clp_.primalColumnSolution()[level_];
        const double* duals = clp_.dualRowSolution();
        std::vector<int> fixed;
        for (int m = 0; m < members_; ++m) {
            if (is_fixed_[static_cast<std::size_t>(m)]) continue;
            const double weight =
                static_cast<double>(instance.members[static_cast<Index>(m)].weight);
            if (std::abs(duals[first_member_ + m]) * weight > fixing_dual_min) fixed.push_back(m);
        }
        for (const int m : fixed) {
            const double weight =
                static_cast<double>(instance.members[static_cast<Index>(m)].weight);
            fix(m, level * weight);
        }
        return fixed.empty() ? std::nullopt : std::optional(level);
    }

    int programs() const { return programs_; }
    int fixed() const { return fixed_count_; }

private:
    /// Whom nothing may reach needs no program.
    void leave_out_unreachable(const AllocationInstance& instance) {
        std::vector<bool> is_reached(instance.members.size());
        for (Index need = 0; need < instance.needs.size(); ++need) {
            if (!instance.lawful(need).empty()) is_reached[instance.needs[need].owner] = true;
        }
        for (int m = 0; m < members_; ++m) {
            if (!is_reached[static_cast<std::size_t>(m)]) fix(m, 0);
        }
    }

    void fix(int member, double total) {
        is_fixed_[static_cast<std::size_t>(member)] = true;
        ++fixed_count_;
        clp_.modifyCoefficient(first_member_ + member, level_, 0, true);
        clp_.setRowLower(first_member_ + member, total);
    }

    ClpSimplex clp_;
    int members_;
    int level_;  ///< the column of t
    int first_member_ = 0;
    std::vector<bool> is_fixed_;
    int programs_ = 0;
    int fixed_count_ = 0;
};

/// The exact levels r / w, ascending, each once.
std::vector<double> exact_levels(const AllocationInstance& instance) {
    const auto totals = divisible_levels(instance);
    COMITY_CHECK(totals.has_value());
    std::set<std::pair<std::string, double>> levels;
    for (std::size_t m = 0; m < totals->size(); ++m) {
        const Fraction& total = (*totals)[m];
        const Fraction level =
            lowest_terms(total.numerator, total.denominator * instance.members[m].weight);
        levels.emplace(level.text(), static_cast<double>(level.numerator) /
                                         static_cast<double>(level.denominator));
    }
    std::vector<double> values;
    values.reserve(levels.size());
    for (const auto& [text, value] : levels) values.push_back(value);
    std::sort(values.begin(), values.end());
    return values;
}

/// Whether every level that CLP found is the next of the exact ones; it may find one twice, where
/// a dual vector does not name all members that are tight.
bool levels_agree(const std::vector<double>& found, const std::vector<double>& exact) {
    std::size_t at = 0;
    if (exact.front() == 0 && found.front() > level_tolerance) ++at;  // of whom nothing may reach
    for (const double level : found) {
        const auto is_near = [&](double other) {
            return std::abs(level - other) <= level_tolerance * std::max(1.0, std::abs(other));
        };
        if (is_near(exact[at])) continue;
        if (at + 1 == exact.size() || !is_near(exact[++at])) {
            fmt::print("CLP found the level {}, where the exact one is {}.\n", level, exact[at]);
            return false;
        }
    }
    return true;
}

struct Limits {
    int programs = 10;
    double seconds = 300;
};

/// What `programs` programs would take, if those after the first that were solved are typical.
Measured extrapolated(Measured measured, const Measured& later, std::size_t solved,
                      double programs) {
    const double mean = later.seconds / static_cast<double>(solved - 1);
    measured.seconds += (programs - static_cast<double>(solved)) * mean;
    return measured;
}

bool compare_leximin(const AllocationInstance& instance, const Measured& engine,
                     const Limits& limits) {
    const std::vector<double> exact = exact_levels(instance);
    std::vector<double> found;
    std::optional<ClpLeximin> leximin;
    int unreachable = 0;
    Measured first;
    Measured later;
    const Measured all = measure([&] {
        leximin.emplace(instance);
        unreachable = leximin->fixed();
        const double start = processor_seconds();
        while (leximin->programs() < limits.programs &&
               leximin->fixed() < static_cast<int>(instance.members.size()) &&
               processor_seconds() - start < limits.seconds) {
            const double begin = processor_seconds();
            const std::optional<double> level = leximin->next_level(instance);
            const double seconds = processor_seconds() - begin;
            if (!level) break;
            found.push_back(*level);
            fmt::print("  program {:>3}: {:>7.2f} s, level {:.9g}, {} members fixed\n",
                       found.size(), seconds, *level, leximin->fixed());
            (found.size() == 1 ? first : later).seconds += seconds;
        }
    });
    if (found.empty()) {
        fmt::print("CLP solved no program; nothing to compare.\n");
        return false;
    }
    first.mib = all.mib;
    print("CLP, the lowest level alone: one linear program, measured", first, engine);
    print(fmt::format("CLP, iterated leximin: {} programs, {} of {} members, measured",
                      found.size(), leximin->fixed(), instance.members.size()),
          all, engine);
    if (found.size() > 1 && leximin->fixed() < static_cast<int>(instance.members.size())) {
        const auto levels = static_cast<double>(exact.size() - (unreachable > 0 ? 1 : 0));
        print(fmt::format("  EXTRAPOLATED to {:.0f} levels, one program each, the fewest", levels),
              extrapolated(all, later, found.size(), levels), engine);
        const double members =
            static_cast<double>(found.size()) *
            static_cast<double>(instance.members.size() - static_cast<std::size_t>(unreachable)) /
            (leximin->fixed() - unreachable);
        print(fmt::format("  EXTRAPOLATED to all members at that pace, {:.0f} programs", members),
              extrapolated(all, later, found.size(), members), engine);
    }
    return levels_agree(found, exact);
}

bool compare_largest_total(const AllocationInstance& instance, std::int64_t expected,
                           const Measured& engine) {
    std::optional<LemonFlow> lemon;
    const Measured built = measure([&] { lemon.emplace(instance); });
    std::int64_t total = 0;
    std::int64_t cut = 0;
    const Measured flow = median(lemon_runs, [&] { total = lemon->largest_total(true); });
    const Measured value = median(lemon_runs, [&] { cut = lemon->largest_total(false); });
    print("LEMON, building its graph", built, engine);
    print("LEMON Preflow, largest total with a flow", flow, engine);
    print("LEMON Preflow, largest total alone (first phase)", value, engine);
    if (total == expected && cut == expected) {
        fmt::print("Largest total: {} units, by both.\n", expected);
        return true;
    }
    fmt::print("The largest totals differ: {} by the engine, {} and {} by LEMON.\n", expected,
               total, cut);
    return false;
}

template <class Number>
bool read(const char* text, Number& number) {
    const std::string_view view(text);
    const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), number);
    return error == std::errc() && end == view.data() + view.size();
}

int compare(const Limits& limits) {
    const AllocationInstance instance = generate_instance({});
    fmt::print("{} members, {} offers, {} needs, {} lawful pairs\n\n", instance.members.size(),
               instance.offers.size(), instance.needs.size(), instance.lawful_offers.size());
    std::optional<Allocation> allocation;
    const Measured engine = median(engine_runs, [&] {
        auto made = allocate(instance, Rounding::sainte_lague);
        COMITY_CHECK(made.has_value());
        allocation = std::move(made).value();
    });
    const Measured exact =
        median(engine_runs, [&] { COMITY_CHECK(divisible_levels(instance).has_value()); });
    const Measured check = median(engine_runs, [&] {
        COMITY_CHECK(check_certificate(instance, Rounding::sainte_lague, *allocation).has_value());
    });
    print("Comity, fairest division in whole units, with certificate", engine, engine);
    print("Comity, the same in exact fractions", exact, engine);
    print("Comity, check of the certificate", check, engine);
    const bool totals = compare_largest_total(instance, sum(allocation->totals), engine);
    const bool levels = compare_leximin(instance, engine, limits);
    return totals && levels ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    Limits limits;
    if (argc > 3 || (argc > 1 && !read(argv[1], limits.programs)) ||
        (argc > 2 && !read(argv[2], limits.seconds))) {
        fmt::print(stderr, "usage: allocation_peers [PROGRAMS [SECONDS]]\n");
        return 2;
    }
    return compare(limits);
}
