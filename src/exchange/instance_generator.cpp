// SPDX-License-Identifier: Apache-2.0
#include "exchange/instance_generator.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/check.h"

namespace comity::exchange {

namespace {

/// SplitMix64 (Steele, Lea, Flood 2014). The standard's distributions differ between libraries.
std::uint64_t mixed(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58'476d'1ce4'e5b9;
    x = (x ^ (x >> 27)) * 0x94d0'49bb'1331'11eb;
    return x ^ (x >> 31);
}

class Random {
public:
    explicit Random(std::uint64_t seed) : state_(mixed(seed)) {}

    /// From 0 to below `bound`; the bias of the remainder does not matter here.
    std::uint64_t below(std::uint64_t bound) {
        state_ += 0x9e37'79b9'7f4a'7c15;
        return mixed(state_) % bound;
    }

private:
    std::uint64_t state_;
};

/// Spread over four orders of magnitude, small ones most often.
std::int64_t weight(Random& random) {
    const auto doublings = random.below(4) + random.below(4) + random.below(4) + random.below(4);
    return static_cast<std::int64_t>((100 + random.below(100)) << doublings) / 100;
}

/// Which origins each member may lawfully receive from.
std::vector<std::vector<bool>> reach_of_members(const InstanceShape& shape, Random& random) {
    std::vector<std::vector<bool>> reach(shape.members, std::vector<bool>(shape.origins));
    for (std::vector<bool>& origins : reach) {
        const std::uint64_t draw = random.below(100);
        const std::uint64_t percent = draw < 15 ? 4 : draw < 40 ? 35 : 100;
        for (Index origin = 0; origin < shape.origins; ++origin) {
            origins[origin] = random.below(100) < percent;
        }
    }
    return reach;
}

constexpr Index no_list = 0xffff'ffff;

/// What decides which offers a need may use.
struct Pool {
    std::vector<std::vector<bool>> reach;            ///< of each member: of each origin
    std::vector<std::vector<Index>> offers_of_kind;  ///< ascending
    std::vector<Index> origin_of;                    ///< of each offer
};

void add_members(AllocationInstance& instance, const InstanceShape& shape, Random& random) {
    for (Index m = 0; m < shape.members; ++m) {
        instance.members.push_back(
            {.name = "m" + std::to_string(m), .weight = weight(random), .tie_rank = m});
    }
    for (Index m = shape.members - 1; m > 0; --m) {
        std::swap(instance.members[m].tie_rank, instance.members[random.below(m + 1)].tie_rank);
    }
}

Pool make_pool(const InstanceShape& shape, Random& random) {
    Pool pool{.reach = reach_of_members(shape, random), .offers_of_kind = {}, .origin_of = {}};
    pool.offers_of_kind.resize(shape.kinds);
    for (Index o = 0; o < shape.offers; ++o) {
        pool.offers_of_kind[random.below(shape.kinds)].push_back(o);
        pool.origin_of.push_back(static_cast<Index>(random.below(shape.origins)));
    }
    return pool;
}

/// A list of the offers of the kind that the owner may reach and that are kept.
void add_list(AllocationInstance& instance, const Pool& pool, Index owner, Index kind,
              const auto& is_kept) {
    for (const Index o : pool.offers_of_kind[kind]) {
        if (pool.reach[owner][pool.origin_of[o]] && is_kept(o)) instance.lawful_offers.push_back(o);
    }
    instance.lawful_begin.push_back(static_cast<Index>(instance.lawful_offers.size()));
}

/// Returns what all needs ask.
std::int64_t add_needs(AllocationInstance& instance, const InstanceShape& shape, const Pool& pool,
                       Random& random) {
    std::vector<Index> list_of(std::size_t{shape.members} * shape.kinds, no_list);
    std::int64_t asked = 0;
    for (Index j = 0; j < shape.needs; ++j) {
        const auto owner = static_cast<Index>(random.below(shape.members));
        const auto quantity = static_cast<std::int64_t>(1 + random.below(1 + random.below(800)));
        const auto kind = static_cast<Index>(random.below(shape.kinds));
        instance.needs.push_back({.owner = owner, .quantity = quantity});
        asked += quantity;
        if (!shape.by_class) {
            add_list(instance, pool, owner, kind, [&](Index o) {
                const std::uint64_t pair = (std::uint64_t{j} << 32 | o) + shape.seed;
                return mixed(pair * 0x9e37'79b9'7f4a'7c15) % 1000 < shape.pairs_kept_per_mille;
            });
            continue;
        }
        Index& list = list_of[std::size_t{owner} * shape.kinds + kind];
        if (list == no_list) {
            list = instance.list_count();
            add_list(instance, pool, owner, kind, [](Index) { return true; });
        }
        instance.lawful_list.push_back(list);
    }
    return asked;
}

}  // namespace

AllocationInstance generate_instance(const InstanceShape& shape) {
    COMITY_CHECK(shape.members > 0 && shape.offers > 0 && shape.needs > 0 && shape.kinds > 0 &&
                 shape.origins > 0);
    Random random(shape.seed);
    AllocationInstance instance;
    add_members(instance, shape, random);
    const Pool pool = make_pool(shape, random);
    const std::int64_t supply =
        add_needs(instance, shape, pool, random) * shape.supply_percent / 100;
    instance.lawful_offers.shrink_to_fit();
    const std::int64_t mean = std::max<std::int64_t>(supply / shape.offers, 1);
    for (Index o = 0; o < shape.offers; ++o) {
        instance.offers.push_back({static_cast<std::int64_t>(
            1 + random.below(static_cast<std::uint64_t>(2 * mean - 1)))});
    }
    return instance;
}

}  // namespace comity::exchange
