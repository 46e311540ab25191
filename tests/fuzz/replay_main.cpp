// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over its corpus without libFuzzer, so that every build of every compiler
// replays what fuzzing has found.
//
// Each seed is given as it is, then cut at every length and bent in every octet, up to a bound: a
// parser meets near misses of valid input in every test run. The same corpus gives the same inputs.
// A target reports a broken property by aborting. An empty or missing corpus fails: it would prove
// nothing.

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size);

namespace {

constexpr std::size_t near_misses_max = 2000;  // of each kind, for each seed

void run(const std::string& input) {
    // A copy of exactly this size on the heap, so that AddressSanitizer sees a read past the end.
    const std::vector<unsigned char> octets(input.begin(), input.end());
    LLVMFuzzerTestOneInput(octets.data(), octets.size());
}

std::size_t run_with_near_misses(const std::string& seed) {
    const std::size_t step = std::max<std::size_t>(1, seed.size() / near_misses_max);
    std::size_t runs = 1;
    run(seed);
    for (std::size_t at = 0; at < seed.size(); at += step) {
        run(seed.substr(0, at));
        std::string bent = seed;
        bent[at] = static_cast<char>(bent[at] ^ (1 << (at % 8)));
        run(bent);
        runs += 2;
    }
    return runs;
}

std::vector<std::filesystem::path> seeds_in(const std::filesystem::path& corpus) {
    std::vector<std::filesystem::path> seeds;
    for (const auto& file : std::filesystem::directory_iterator(corpus)) {
        if (file.is_regular_file()) {
            seeds.push_back(file.path());
        }
    }
    std::sort(seeds.begin(), seeds.end());
    return seeds;
}

int replay(const std::filesystem::path& corpus) {
    const auto seeds = seeds_in(corpus);
    std::size_t runs = 0;
    for (const auto& path : seeds) {
        std::ifstream file(path, std::ios::binary);
        const std::string seed{std::istreambuf_iterator<char>(file), {}};
        std::printf("%s\n", path.filename().c_str());
        std::fflush(stdout);  // the last name printed is the seed that aborted
        runs += run_with_near_misses(seed);
    }
    std::printf("%zu seeds, %zu inputs\n", seeds.size(), runs);
    return seeds.empty() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return 2;
    }
    try {
        return replay(argv[1]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
