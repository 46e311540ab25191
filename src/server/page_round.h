// SPDX-License-Identifier: Apache-2.0
#pragma once

// The parts of the page of a drawn round, in the order in which a delegate asks: what was divided
// and how, who got what, why another got more, what was not met, what each condition costs.

#include "exchange/exchange.h"
#include "server/html.h"
#include "server/reader.h"
#include "server/resource.h"
#include "server/views.h"

namespace comity::server {

/// What was divided and by which rule, in two sentences, and the rule's parameters in words.
Html what_was_divided(const Reader& reader, const RoundDetail& detail,
                      const exchange::RoundInputs& inputs);

/// Every member of the round in order of level, the smallest first; those without a weight last.
Html who_got_what(const Reader& reader, const RoundDetail& detail, const Slice& part);

/// Needs that lack units, by reason: what law keeps apart from what others' turns took.
Html what_was_not_met(const Reader& reader, const RoundDetail& detail, const Slice& part);

/// How many rows the longest of its lists has.
std::size_t rows_of(const RoundDetail& detail);

/// A form to choose two members, and why one of them got more.
Html two_members(const Reader& reader, const RoundDetail& detail,
                 const exchange::RoundInputs& inputs);

/// What the round would give without each condition, for every issuer alike.
Html what_conditions_cost(const Reader& reader, const RoundDetail& detail);

/// What left the way that the result gave it: author, reason and effect. Empty if nothing did.
Html what_departed(const Reader& reader, const RoundDetail& detail);

/// Whether there was enough for all, what nobody wanted, and who claimed of it.
Html what_was_left_over(const Reader& reader, const RoundDetail& detail,
                        const exchange::RoundInputs& inputs);

/// The round's place in a call that repeats. Empty if it is one round.
Html repetition(const Reader& reader, const exchange::RoundView& view);

}  // namespace comity::server
