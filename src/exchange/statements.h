// SPDX-License-Identifier: Apache-2.0
#pragma once

// What members sign in the exchange, from a need to a confirmed benefit. Content type of each:
// application/vnd.comity.exchange.<name>+json with the name in the comment.

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/language.h"
#include "base/time.h"
#include "crypto/sha256.h"
#include "exchange/beacon.h"
#include "institution/ids.h"

namespace comity::exchange {

using OfferId = Id<struct OfferTag>;
using NeedId = Id<struct NeedTag>;
using RoundId = Id<struct RoundTag>;
using DeliveryId = Id<struct DeliveryTag>;
using RuleId = Id<struct AllocationRuleTag>;
using WeightTableId = Id<struct WeightTableTag>;
using CostTableId = Id<struct CostTableTag>;

/// Largest quantity that one statement may name, in units; the smallest is 1.
inline constexpr std::int64_t quantity_max = std::int64_t{1} << 40;

/// Rival: what one gets, another does not (places, hours). Non-rival: everyone lawful gets it.
enum class Rivalry { rival, non_rival };
BOOST_DESCRIBE_ENUM(Rivalry, rival, non_rival)

/// `offer`: open to rounds in its unit until withdrawn or until it ends.
struct Offer {
    OfferId id;
    LocalizedText title;
    institution::UnitId unit;
    institution::ItemClassId item_class;
    institution::AreaCode origin;  ///< from where it would come, for screening
    Rivalry rivalry = Rivalry::rival;
    std::int64_t quantity = 0;  ///< units; for non-rival: units that one receiver may get
    Date from;
    std::optional<Date> until;
    std::optional<std::string> terms;
    /// Takes part in rounds of this unit instead, converted by the adopted table of it.
    std::optional<institution::UnitId> counts_in = {};
};
BOOST_DESCRIBE_STRUCT(Offer, (),
                      (id, title, unit, item_class, origin, rivalry, quantity, from, until, terms,
                       counts_in))

/// `offer_withdrawal`: by its provider, and not while a round that froze it is open.
struct OfferWithdrawal {
    OfferId id;
};
BOOST_DESCRIBE_STRUCT(OfferWithdrawal, (), (id))

/// `need`: what a member can absorb, and for what.
struct Need {
    NeedId id;
    LocalizedText title;
    institution::UnitId unit;
    std::optional<std::set<institution::ItemClassId>> item_classes;  ///< acceptable; absent: any
    institution::AreaCode destination;
    institution::EndUseId end_use;
    std::int64_t quantity = 0;  ///< units
    Date from;                  ///< first day of use
    Date until;                 ///< first day on which it is of no use
    /// Fewer units are of no use; absent: each one is.
    std::optional<std::int64_t> minimum = {};
    /// Among its member's needs: lower comes first; absent: last.
    std::optional<std::uint32_t> rank = {};
    /// First choice first; what is acceptable and not named comes last.
    std::optional<std::vector<institution::ItemClassId>> choices = {};
    std::optional<institution::UnitId> counts_in = {};  ///< as of an offer
};
BOOST_DESCRIBE_STRUCT(Need, (),
                      (id, title, unit, item_classes, destination, end_use, quantity, from, until,
                       minimum, rank, choices, counts_in))

/// `need_withdrawal`: by its member, and not while a round that froze it is open.
struct NeedWithdrawal {
    NeedId id;
};
BOOST_DESCRIBE_STRUCT(NeedWithdrawal, (), (id))

/// A call that stands: each time a round of it closes, the next one opens by itself.
struct Repetition {
    std::uint32_t days = 0;   ///< from one round to the next, 1 to repetition_days_max
    std::uint32_t times = 0;  ///< rounds after the first, 1 to repetitions_max
    friend bool operator==(const Repetition&, const Repetition&) = default;
};
BOOST_DESCRIBE_STRUCT(Repetition, (), (days, times))

inline constexpr std::uint32_t repetition_days_max = 1'000;
inline constexpr std::uint32_t repetitions_max = 1'000;

/// `round`: allocates all open offers of a unit among all open needs of it, under exactly this
/// version of an adopted rule. At the first clock entry at or after freezes_at the inputs are
/// frozen; commitments close there too; reveals close, and the allocation is computed, at the first
/// clock entry at or after draws_at. With a public source, reveals close at draws_at all the same,
/// and the draw waits for the source's value, which can only exist after it; without the value the
/// round fails at public_source->enter_until.
struct Round {
    RoundId id;
    LocalizedText title;
    institution::UnitId unit;
    RuleId rule;
    std::uint32_t rule_version = 0;
    Timestamp freezes_at;
    Timestamp draws_at;
    Timestamp answers_until;  ///< acceptance or refusal; silence after it is neither
    std::optional<PublicSource> public_source =
        std::nullopt;  ///< absent: ties follow from reveals alone
    /// Offers again what was given back in a finished round of the unit, under its rule, to those
    /// who gave nothing back; what others accepted stays and counts in their levels.
    std::optional<RoundId> continues = std::nullopt;
    /// Absent: the call is for one round. Otherwise each further one has the times of the one
    /// before it, so many days later, and the version of the rule that is the newest when it opens.
    std::optional<Repetition> repeats = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(Round, (),
                      (id, title, unit, rule, rule_version, freezes_at, draws_at, answers_until,
                       public_source, continues, repeats))

/// `repetition_end`: no round opens any more after the one of this call that runs.
struct RepetitionEnd {
    RoundId round;  ///< the first of the call
};
BOOST_DESCRIBE_STRUCT(RepetitionEnd, (), (round))

/// `commitment`: SHA-256 of 32 random octets (exchange/lottery.h), before the inputs are frozen.
struct Commitment {
    RoundId round;
    Digest commitment;
};
BOOST_DESCRIBE_STRUCT(Commitment, (), (round, commitment))

/// `reveal`: the 32 octets, after the inputs are frozen and before the draw.
struct Reveal {
    RoundId round;
    Bytes random;
};
BOOST_DESCRIBE_STRUCT(Reveal, (), (round, random))

/// `beacon`: the value of the public source that the round named, once it exists.
struct Beacon {
    RoundId round;
    PublicValue value;
};
BOOST_DESCRIBE_STRUCT(Beacon, (), (round, value))

/// `result`: the digest of the computed result. Only the digest of what the fold computed is
/// accepted; it puts the result under the record's proofs.
struct ResultNotice {
    RoundId round;
    Digest result;  ///< SHA-256 of the deterministic CBOR of RoundResult
};
BOOST_DESCRIBE_STRUCT(ResultNotice, (), (round, result))

/// `acceptance`: how much of what a need was allocated its member takes; 0 refuses. Not more.
struct Acceptance {
    RoundId round;
    NeedId need;
    std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(Acceptance, (), (round, need, quantity))

/// `delivery`: the provider says that it delivered part or all of an accepted allocation.
struct Delivery {
    DeliveryId id;
    RoundId round;
    OfferId offer;
    NeedId need;
    std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(Delivery, (), (id, round, offer, need, quantity))

/// `claim`: under a rule with first_come, takes lawful units that a closed round left over, until
/// the next round of the unit freezes. Only of offers that nobody in the round still wanted.
struct Claim {
    RoundId round;
    NeedId need;
    OfferId offer;
    std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(Claim, (), (round, need, offer, quantity))

/// Why units leave the way that the result gave them. Nobody can send them to somebody else: they
/// are nobody's until a round gives them.
enum class DepartureKind {
    not_available,  ///< by the provider: undelivered units that it cannot provide any more
    restricted,     ///< by the provider: undelivered units that a restriction in force now stops
    given_up,       ///< by the receiver: undelivered units that it does not want any more
    returned        ///< by the receiver: confirmed units that it does not use
};
BOOST_DESCRIBE_ENUM(DepartureKind, not_available, restricted, given_up, returned)

inline constexpr std::size_t reason_bytes_max = 2'000;

/// `departure` from the result of a round, with its author's reason. Undelivered units are those of
/// a line that no delivery has brought, and those of deliveries that did not arrive.
struct Departure {
    RoundId round;
    OfferId offer;
    NeedId need;
    std::int64_t quantity = 0;
    DepartureKind kind = DepartureKind::not_available;
    std::string reason;  ///< in words; 1 to reason_bytes_max octets
    std::optional<institution::RestrictionId> restriction = {};  ///< for `restricted`, only there
};
BOOST_DESCRIBE_STRUCT(Departure, (), (round, offer, need, quantity, kind, reason, restriction))

enum class DeliveryOutcome { confirmed, not_delivered };
BOOST_DESCRIBE_ENUM(DeliveryOutcome, confirmed, not_delivered)

/// `confirmation`: the receiver says what arrived. Only confirmed units count as benefit.
/// not_delivered has quantity 0; a confirmed quantity may be below the delivered one. Said once;
/// while a dispute over the delivery is open it may be said again, which settles the dispute. What
/// was said before stays on record beside it.
struct Confirmation {
    DeliveryId delivery;
    DeliveryOutcome outcome = DeliveryOutcome::confirmed;
    std::int64_t quantity = 0;
    std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(Confirmation, (), (delivery, outcome, quantity, note))

/// `dispute`: the provider or the receiver says that what stands on record of a delivery is wrong.
/// It ends when the receiver confirms anew, whoever raised it withdraws it, or a motion settles it.
struct Dispute {
    DeliveryId delivery;
    std::string reason;  ///< in words; 1 to reason_bytes_max octets
};
BOOST_DESCRIBE_STRUCT(Dispute, (), (delivery, reason))

/// `dispute_withdrawal`: by whoever raised the dispute.
struct DisputeWithdrawal {
    DeliveryId delivery;
};
BOOST_DESCRIBE_STRUCT(DisputeWithdrawal, (), (delivery))

/// What a motion says arrived, where a dispute is open: effect `exchange.settle_dispute`. It counts
/// as the receiver's confirmation does, and stands beside what the receiver said.
struct DisputeSettlement {
    DeliveryId delivery;
    std::int64_t quantity = 0;  ///< units that arrived; 0: none
};
BOOST_DESCRIBE_STRUCT(DisputeSettlement, (), (delivery, quantity))

}  // namespace comity::exchange
