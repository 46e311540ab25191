// SPDX-License-Identifier: Apache-2.0
#pragma once

// Costs of pairs and prices in JSON documents of allocations. Private to instance_json.h.

#include "base/result.h"
#include "codec/value.h"
#include "exchange/instance_json.h"
#include "exchange/json_places.h"

namespace comity::exchange::detail {

/// Largest cost of a unit that a need may state: that of a table and of a new provider. What a
/// change costs is at most cost_max.
inline constexpr std::int64_t stated_cost_max = 2 * cost_max;

/// Reads "cost" and "before" of the needs, and "change"; the instance has its needs and lists.
/// Errors: the place's reason; too_large "exchange/instance-too-large".
Result<> read_costs(const Object& pool, NamedInstance& named, const Place& place);

/// Adds them to the fields of a need, and to the pool.
void add_costs(const NamedInstance& named, Index need, Object& fields);
void add_change(const NamedInstance& named, Object& pool);

/// Prices and values above 0, and what the pairs cost together.
Value prices_value(const NamedInstance& named, const PricedPool& pool, const Division& division);

/// What a document claims of prices. Errors: the place's reason.
Result<Prices> read_prices(const Value& value, const NamedInstance& named, bool by_need,
                           const Place& place);

}  // namespace comity::exchange::detail
