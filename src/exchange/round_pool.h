// SPDX-License-Identifier: Apache-2.0
#pragma once

// A round's inputs as the engine sees them, and as it does not: which offers each need could use,
// which of those are lawful, and which restrictions stand between.
//
// What always holds: a pair is lawful if the need accepts the item class, the two windows overlap,
// the provider is another member, and the restrictions allow the transfer. "Needs review" is not
// allowed. Restrictions are looked up for classes of offers and needs, never for pairs. Pure.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/rational.h"
#include "base/result.h"
#include "exchange/division.h"
#include "exchange/exchange.h"

namespace comity::exchange {

/// Largest number of pairs in one round: of a list of alike needs and a lawful offer, and of a need
/// and a non-rival offer that it is granted.
inline constexpr std::size_t round_pairs_max = std::size_t{1} << 27;

/// The offers that are alike to every restriction.
struct OfferClass {
    institution::ItemClassId item_class;
    institution::AreaCode origin;
    std::vector<Index> offers;  ///< in RoundInputs::offers, ascending
};

/// What a need meets in its round, beside the engine.
struct NeedReach {
    std::vector<Line> grants;                       ///< its lawful non-rival offers, ascending
    std::int64_t granted = 0;                       ///< units of all grants
    std::vector<institution::Citation> blocked_by;  ///< by restriction id, each once
    bool is_out_of_window = false;                  ///< an offer is lawful for it but for the days
};

/// Borrows the inputs, which must outlive it.
struct RoundPool {
    const RoundInputs* inputs = nullptr;
    Pool rival;  ///< members without cap and lottery rank
    DivisionRule rule;
    std::vector<Index> rival_offers;   ///< of the instance: their places in RoundInputs::offers
    std::int64_t units = 0;            ///< of the rival offers
    std::vector<NeedReach> reaches;    ///< of each need
    std::vector<OfferClass> classes;   ///< by item class and origin
    std::vector<Index> screening_row;  ///< of each need: row of its destination and end use
    std::vector<const institution::Screening*> screenings;  ///< row by row, one for each class

    const institution::Screening& screening(Index need, std::size_t offer_class) const {
        return *screenings[screening_row[need] * classes.size() + offer_class];
    }
};

/// The pool of the inputs. O(needs * log + kinds of need * offers), where needs are of one kind if
/// they reach the same offers; and one look-up for each class of offers and class of needs.
/// Errors: invalid "exchange/bad-inputs" for inputs that no freeze makes: out of order, without a
/// screening, with an unknown member, a quantity or a share outside its bounds; too_large
/// "exchange/instance-too-large" for more than round_pairs_max pairs.
Result<RoundPool> pool_of(const RoundInputs& inputs);

/// What the pairs of the pool cost, if the rule asks for those of least cost.
/// Errors: invalid "exchange/bad-inputs" for costs or providers that no freeze makes; too_large
/// "exchange/instance-too-large" for more than pair_costs_max.
Result<std::optional<PairCosts>> costs_of(const RoundPool& pool);

/// floor(share * units).
std::int64_t share_of(const Rational& share, std::int64_t units);

/// Whether a need and an offer have a day in common, as stated or as frozen.
template <class NeedLike, class OfferLike>
bool windows_overlap(const NeedLike& need, const OfferLike& offer) {
    return offer.from < need.until && (!offer.until || need.from < *offer.until);
}

}  // namespace comity::exchange
