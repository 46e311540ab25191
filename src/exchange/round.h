// SPDX-License-Identifier: Apache-2.0
#pragma once

// The steps of a round, each a pure function: freeze the inputs, prepare the instance, and read the
// result off an allocation. `advance` and `draw` (exchange.h) string them together.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "exchange/allocation.h"
#include "exchange/exchange.h"
#include "exchange/round_pool.h"

namespace comity::exchange {

/// Largest number of kinds of transfer (class of offers, class of needs) in one round.
inline constexpr std::size_t transfers_max = std::size_t{1} << 20;

/// Of a round that was drawn; borrowed. Errors: not_found "exchange/no-such-round"; conflict
/// "exchange/not-allocated".
Result<const Allocated*> allocated_round(const Exchange& exchange, const RoundId& id);

/// The round `id` if the statement calls it: the first one, or one of a call that repeats, with its
/// times. Under which version the rule stood when a further one opened, only replay shows: it is
/// taken as given. O(repetitions).
std::optional<Round> round_of_call(const Round& called, const RoundId& id,
                                   std::uint32_t rule_version);

/// Rival units of the lines; what is non-rival is taken from nobody.
std::int64_t rival_units(const Exchange& exchange, const std::vector<Line>& lines);

/// Rival units that the inputs divide; of the first round, where they continue others.
std::int64_t pool_units(const RoundInputs& inputs);

/// The inputs of `round` at the clock entry `index`: what is open in its unit, with units left, and
/// not ended on the day of `now`. An offer or a need that starts later takes part.
/// Errors: too_large "exchange/instance-too-large".
Result<RoundInputs> freeze(const Exchange& exchange, const institution::Institution& institution,
                           const Screen& screen, const Round& round, Timestamp now,
                           std::uint64_t index);

/// A rule with the tables that it names; a table is null if it names none. Borrowed.
struct RuleInForce {
    const AdoptedRule& rule;
    const AdoptedWeights* weights = nullptr;
    const AdoptedCosts* costs = nullptr;
};

/// Puts inputs under a rule: which members are listed, their weights, carry-over and floor group,
/// and the screenings that are not there yet. Needs, offers, cut-off and day stay.
/// Errors: too_large "exchange/instance-too-large".
Result<> put_under_rule(RoundInputs& inputs, const Exchange& exchange,
                        const institution::Institution& institution, const Screen& screen,
                        const RuleInForce& under);

/// The members' places in the lottery, in their order in the inputs.
std::vector<std::uint32_t> ranks_of(const RoundInputs& inputs, const Digest& seed,
                                    const std::vector<institution::MemberId>& withheld);

/// Gives the pool's members their rank and cap.
void set_bounds(RoundPool& pool, const std::vector<std::uint32_t>& ranks);

/// The lottery of a round.
struct Lottery {
    Digest seed;
    std::vector<institution::MemberId> withheld;  ///< by id
};

/// Errors: invalid "exchange/bad-inputs" for a reveal that is not 32 octets; those of seed_octets.
Result<Lottery> lottery_of(const RoundInputs& inputs,
                           const std::map<institution::MemberId, Digest>& commitments,
                           const std::map<institution::MemberId, Bytes>& reveals,
                           const std::optional<PublicValue>& public_value);

/// What `draw` makes of the inputs once the lottery is known. Errors: as draw.
Result<RoundResult> draw_with(const RoundInputs& inputs, const Lottery& lottery);

/// Everything that follows from a division of the pool: totals, reasons, alternatives, grants.
/// Errors: as check_division, which it should have passed.
Result<RoundResult> result_of(const RoundPool& pool, const Division& division,
                              const Lottery& lottery);

}  // namespace comity::exchange
