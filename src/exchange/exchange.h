// SPDX-License-Identifier: Apache-2.0
#pragma once

// Needs, offers, rounds, allocations, deliveries and confirmations as the record has made them.
//
// Pure values and functions. Screening comes in as a function, so that the exchange does not know
// how restrictions are kept. Everything moves at entries: inputs freeze, draws happen and answers
// close at the first logged clock entry that reaches their time (`advance`).

#include <boost/describe.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/sha256.h"
#include "exchange/rule.h"
#include "exchange/statements.h"
#include "institution/institution.h"
#include "institution/transfer.h"

namespace comity::exchange {

/// How a quantity is counted that was stated in another unit than that of the round.
struct Converted {
    institution::UnitId stated_in;
    std::uint32_t version = 0;  ///< of the table in force when the statement was entered
    std::int64_t factor = 1;    ///< units of the round for each one stated

    friend bool operator==(const Converted&, const Converted&) = default;
};
BOOST_DESCRIBE_STRUCT(Converted, (), (stated_in, version, factor))

/// Counts units of the rounds in which it takes part, as all that follows from an offer does.
struct OfferRecord {
    Offer offer;
    institution::MemberId provider;
    std::uint64_t entry = 0;
    std::optional<std::uint64_t> withdrawn_at;
    std::int64_t promised = 0;     ///< units allocated in rounds and not refused; rival offers only
    std::int64_t unavailable = 0;  ///< units that it cannot provide after all; rival offers only
    std::optional<Converted> converted = {};

    /// Of the rounds in which it takes part.
    const institution::UnitId& unit() const {
        return offer.counts_in ? *offer.counts_in : offer.unit;
    }
    std::int64_t quantity() const { return offer.quantity * (converted ? converted->factor : 1); }
};
BOOST_DESCRIBE_STRUCT(OfferRecord, (),
                      (offer, provider, entry, withdrawn_at, promised, unavailable, converted))

struct NeedRecord {
    Need need;
    institution::MemberId member;
    std::uint64_t entry = 0;
    std::optional<std::uint64_t> withdrawn_at;
    std::int64_t promised = 0;    ///< units allocated in rounds and not refused
    std::int64_t given_back = 0;  ///< given up or returned: not wanted any more
    std::optional<Converted> converted = {};

    /// As of an offer.
    const institution::UnitId& unit() const { return need.counts_in ? *need.counts_in : need.unit; }
    std::int64_t quantity() const { return need.quantity * (converted ? converted->factor : 1); }
    std::int64_t minimum() const {
        return need.minimum.value_or(0) * (converted ? converted->factor : 1);
    }
};
BOOST_DESCRIBE_STRUCT(NeedRecord, (),
                      (need, member, entry, withdrawn_at, promised, given_back, converted))

struct AdoptedRule {
    AllocationRule rule;
    std::string motion;       ///< id of the motion that adopted it
    std::uint64_t entry = 0;  ///< index of the entry at which it was adopted
};
BOOST_DESCRIBE_STRUCT(AdoptedRule, (), (rule, motion, entry))

struct AdoptedWeights {
    WeightTable table;
    std::string motion;
    std::uint64_t entry = 0;
};
BOOST_DESCRIBE_STRUCT(AdoptedWeights, (), (table, motion, entry))

struct AdoptedCosts {
    CostTable table;
    std::string motion;
    std::uint64_t entry = 0;
};
BOOST_DESCRIBE_STRUCT(AdoptedCosts, (), (table, motion, entry))

struct AdoptedUnits {
    UnitTable table;
    std::string motion;
    std::uint64_t entry = 0;
};
BOOST_DESCRIBE_STRUCT(AdoptedUnits, (), (table, motion, entry))

/// An offer or a need as it enters a round.
struct FrozenOffer {
    OfferId id;
    institution::MemberId provider;
    institution::ItemClassId item_class;
    institution::AreaCode origin;
    Rivalry rivalry = Rivalry::rival;
    std::int64_t quantity = 0;  ///< units still free
    Date from;
    std::optional<Date> until;
    std::uint64_t entry = 0;
    std::optional<Converted> converted = {};
};
BOOST_DESCRIBE_STRUCT(FrozenOffer, (),
                      (id, provider, item_class, origin, rivalry, quantity, from, until, entry,
                       converted))

struct FrozenNeed {
    NeedId id;
    institution::MemberId member;
    std::optional<std::set<institution::ItemClassId>> item_classes;
    institution::AreaCode destination;
    institution::EndUseId end_use;
    std::int64_t quantity = 0;  ///< units still unmet
    Date from;
    Date until;
    std::uint64_t entry = 0;
    std::optional<std::int64_t> minimum = {};  ///< of the units still unmet
    std::optional<std::uint32_t> rank = {};
    std::optional<std::vector<institution::ItemClassId>> choices = {};
    std::optional<Converted> converted = {};
};
BOOST_DESCRIBE_STRUCT(FrozenNeed, (),
                      (id, member, item_classes, destination, end_use, quantity, from, until, entry,
                       minimum, rank, choices, converted))

/// What a member brings into a round: everything that its level depends on.
struct FrozenMember {
    institution::MemberId id;
    std::int64_t weight = 1;
    std::int64_t carry_over = 0;
    bool in_floor_group = false;
    std::int64_t held = 0;  ///< rival units that it kept in the rounds that this one continues
    /// By id: of whom something promised in earlier rounds of the unit is in force; present under a
    /// rule by which a new provider costs more.
    std::optional<std::vector<institution::MemberId>> providers = {};
};
BOOST_DESCRIBE_STRUCT(FrozenMember, (), (id, weight, carry_over, in_floor_group, held, providers))

/// Rounds that may continue one.
inline constexpr std::uint32_t redraws_max = 16;

/// What a round takes over from the one that it continues. The first round is that of the row.
struct Continued {
    RoundId round;
    Digest seed;               ///< of the first round
    std::uint32_t redraw = 1;  ///< place in the row; its seed is redraw_seed(seed, redraw)
    std::vector<institution::MemberId> withheld;  ///< in the first round
    std::int64_t pool = 0;                        ///< rival units that the first round divided
};
BOOST_DESCRIBE_STRUCT(Continued, (), (round, seed, redraw, withheld, pool))

/// What one kind of transfer met in the rules, as of the cut-off. Needs and offers of one class are
/// screened once.
struct ScreenedTransfer {
    institution::Transfer transfer;
    institution::Screening screening;
};
BOOST_DESCRIBE_STRUCT(ScreenedTransfer, (), (transfer, screening))

/// Which version of a weight table gave the members their weights.
struct FrozenWeights {
    WeightTableId id;
    std::uint32_t version = 0;
    std::string motion;       ///< that adopted it
    std::uint64_t entry = 0;  ///< at which it was adopted
};
BOOST_DESCRIBE_STRUCT(FrozenWeights, (), (id, version, motion, entry))

/// What a unit costs between two areas of the round.
struct FrozenCost {
    institution::AreaCode origin;
    institution::AreaCode destination;
    std::int64_t cost = 0;
};
BOOST_DESCRIBE_STRUCT(FrozenCost, (), (origin, destination, cost))

/// Which version of a cost table says what pairs cost, and what it says.
struct FrozenCosts {
    CostTableId id;
    std::uint32_t version = 0;
    std::string motion;             ///< that adopted it
    std::uint64_t entry = 0;        ///< at which it was adopted
    std::vector<FrozenCost> costs;  ///< of every origin among the offers and every destination
                                    ///< among the needs, in this order
};
BOOST_DESCRIBE_STRUCT(FrozenCosts, (), (id, version, motion, entry, costs))

/// Everything the allocation is a function of. Its digest is fixed before any reveal.
struct RoundInputs {
    RoundId round;
    institution::UnitId unit;
    std::uint64_t cut_off = 0;  ///< entries before this one count
    Date day;                   ///< on which restrictions, groups and windows are read
    AllocationRule rule;
    std::string motion;  ///< that adopted the rule
    std::uint64_t rule_entry = 0;
    std::optional<FrozenWeights> weights;  ///< absent: every member weighs 1
    std::vector<FrozenMember> members;     ///< with a need in the round, by id
    std::vector<institution::MemberId>
        unlisted;                              ///< with a need, but without a weight in the table
    std::vector<FrozenOffer> offers;           ///< by id
    std::vector<FrozenNeed> needs;             ///< by id; none of an unlisted member
    std::vector<FrozenNeed> unlisted_needs;    ///< by id; they get nothing, and a reason
    std::vector<FrozenNeed> declined_needs;    ///< by id; of members that gave something back in
                                               ///< the round that this one continues; likewise
    std::vector<ScreenedTransfer> screenings;  ///< by transfer; every (item class, origin) among
                                               ///< the offers with every (destination, end use)
                                               ///< among the needs
    std::optional<Continued> continued = std::nullopt;
    std::optional<FrozenCosts> costs = std::nullopt;  ///< absent: the rule names no cost table
};
BOOST_DESCRIBE_STRUCT(RoundInputs, (),
                      (round, unit, cut_off, day, rule, motion, rule_entry, weights, members,
                       unlisted, offers, needs, unlisted_needs, declined_needs, screenings,
                       continued, costs))

struct Line {
    NeedId need;
    OfferId offer;
    std::int64_t units = 0;

    friend auto operator<=>(const Line&, const Line&) = default;
};
BOOST_DESCRIBE_STRUCT(Line, (), (need, offer, units))

/// How many lawful alternatives a page shows where something was blocked.
inline constexpr std::size_t alternatives_max = 2;

/// Why a need got what it got (docs/spec/allocation.md).
enum class Reason {
    met_in_full,
    no_offer,        ///< E1: nothing of this unit that it accepts
    none_lawful,     ///< E2: offers exist; restrictions block or hold each of them
    no_better_off,   ///< E3: every lawful offer went to members no better off
    member_cap,      ///< E4
    floor_first,     ///< E6: a floor of a group took precedence
    below_minimum,   ///< E5: what it could have is less than is of use to it
    earlier_stage,   ///< an earlier tier of needs, or an earlier choice of one, took precedence
    not_listed,      ///< the member has no weight in the adopted table
    outside_window,  ///< E7: lawful offers of what it accepts exist, at other times
    declined         ///< E8: the member gave something back in the round that this one continues
};
BOOST_DESCRIBE_ENUM(Reason, met_in_full, no_offer, none_lawful, no_better_off, member_cap,
                    floor_first, below_minimum, earlier_stage, not_listed, outside_window, declined)

struct NeedResult {
    NeedId need;
    institution::MemberId member;
    std::int64_t asked = 0;
    std::int64_t allocated = 0;  ///< of lines and of grants; grants alone may exceed what was asked
    Reason reason = Reason::met_in_full;
    std::optional<institution::MemberId>
        bottleneck;  ///< E3, E6: the worst-off member that could still use what it could reach
    std::optional<institution::MemberId>
        holder;  ///< E3, E6: the best-off of the members that hold what it could lawfully use
    std::vector<institution::Citation>
        blocked_by;  ///< restrictions met by any offer it could otherwise use
    std::vector<OfferId> lawful_alternatives;  ///< where something was blocked: lawful offers of
                                               ///< the unit, most free units first
    friend bool operator==(const NeedResult&, const NeedResult&) = default;
};
BOOST_DESCRIBE_STRUCT(NeedResult, (),
                      (need, member, asked, allocated, reason, bottleneck, holder, blocked_by,
                       lawful_alternatives))

struct MemberResult {
    institution::MemberId member;
    std::int64_t weight = 0;
    std::int64_t carry_over = 0;
    std::int64_t floor = 0;
    std::int64_t cap = 0;  ///< units at most; the whole pool under a rule without a cap
    std::uint32_t lottery_rank = 0;
    std::int64_t asked = 0;      ///< of the rival pool: what grants leave of its needs
    std::int64_t allocated = 0;  ///< of the rival pool; with carry_over and weight, its level
    std::optional<std::int64_t> value = {};  ///< where pairs of least cost leave needs open
    friend bool operator==(const MemberResult&, const MemberResult&) = default;
};
BOOST_DESCRIBE_STRUCT(MemberResult, (),
                      (member, weight, carry_over, floor, cap, lottery_rank, asked, allocated,
                       value))

struct OfferResult {
    OfferId offer;
    std::int64_t allocated = 0;
    std::optional<institution::MemberId> bottleneck;  ///< the certificate; absent: free
    std::optional<std::int64_t> price = {};  ///< what one more unit would save, if costs count
    friend bool operator==(const OfferResult&, const OfferResult&) = default;
};
BOOST_DESCRIBE_STRUCT(OfferResult, (), (offer, allocated, bottleneck, price))

/// A stage before the last one of a rule with tiers or choices: what was given when it ended.
struct StageResult {
    std::uint32_t tier = 0;
    std::uint32_t choice = 0;
    std::vector<Line> lines;          ///< of this stage and those before, by need, then offer
    std::vector<OfferResult> offers;  ///< with the certificate of this stage
    friend bool operator==(const StageResult&, const StageResult&) = default;
};
BOOST_DESCRIBE_STRUCT(StageResult, (), (tier, choice, lines, offers))

struct RoundResult {
    Digest inputs;  ///< SHA-256 of the deterministic CBOR of RoundInputs
    Digest seed;    ///< of the lottery
    std::vector<institution::MemberId>
        withheld;  ///< committed and did not reveal: last in every tie
    std::vector<MemberResult> members;
    std::vector<NeedResult> needs;
    std::vector<OfferResult> offers;  ///< rival ones
    std::vector<Line> lines;          ///< rival, by need, then offer
    std::vector<Line> grants;         ///< non-rival: every lawful pair, by need, then offer
    std::vector<StageResult> stages;  ///< all but the last, in order
    std::vector<NeedId> dropped;      ///< set aside for their least quantity, by id
    friend bool operator==(const RoundResult&, const RoundResult&) = default;
};
BOOST_DESCRIBE_STRUCT(RoundResult, (),
                      (inputs, seed, withheld, members, needs, offers, lines, grants, stages,
                       dropped))

struct CallOpen {
    static constexpr std::string_view kind = "call_open";
};
BOOST_DESCRIBE_STRUCT(CallOpen, (), ())

struct InputsFrozen {
    static constexpr std::string_view kind = "inputs_frozen";
    RoundInputs inputs;
    Digest digest;
};
BOOST_DESCRIBE_STRUCT(InputsFrozen, (), (inputs, digest))

/// Disputes over one delivery.
inline constexpr std::size_t disputes_max = 16;

/// Units taken from what a round left over.
struct ClaimRecord {
    Line line;
    std::uint64_t entry = 0;
};
BOOST_DESCRIBE_STRUCT(ClaimRecord, (), (line, entry))

struct DepartureRecord {
    Departure departure;
    institution::MemberId author;
    std::uint64_t entry = 0;
};
BOOST_DESCRIBE_STRUCT(DepartureRecord, (), (departure, author, entry))

struct Allocated {
    static constexpr std::string_view kind = "allocated";
    RoundInputs inputs;
    RoundResult result;
    Digest digest;                              ///< of the result
    std::uint64_t entry = 0;                    ///< the clock entry that drew
    std::optional<std::uint64_t> published_at;  ///< entry of the operator's `result`
    std::map<NeedId, std::int64_t> accepted;    ///< by need; 0 is a refusal; absent: no answer
    bool answers_closed = false;
    std::vector<ClaimRecord> claims = {};          ///< by entry
    std::vector<DepartureRecord> departures = {};  ///< by entry
};
BOOST_DESCRIBE_STRUCT(Allocated, (),
                      (inputs, result, digest, entry, published_at, accepted, answers_closed,
                       claims, departures))

/// A round that could not be allocated: says why and takes nothing from anybody.
struct Failed {
    static constexpr std::string_view kind = "failed";
    std::string reason;
    std::uint64_t entry = 0;
};
BOOST_DESCRIBE_STRUCT(Failed, (), (reason, entry))

/// A round's place among those of a call that repeats.
struct Repeated {
    RoundId call;              ///< the first round
    std::uint32_t number = 0;  ///< 0 is the first round itself
    bool is_ended = false;     ///< none opens after it
};
BOOST_DESCRIBE_STRUCT(Repeated, (), (call, number, is_ended))

struct RoundRecord {
    Round round;
    std::uint64_t entry = 0;  ///< of the call; of a further round, the clock entry that opened it
    std::map<institution::MemberId, Digest> commitments;
    std::map<institution::MemberId, Bytes> reveals;
    std::map<institution::MemberId, std::uint64_t> committed_at;  ///< entry of the one in force
    std::map<institution::MemberId, std::uint64_t> revealed_at;   ///< entry
    std::optional<PublicValue> public_value;       ///< of the source that the round named
    std::optional<std::uint64_t> public_value_at;  ///< entry
    std::variant<CallOpen, InputsFrozen, Allocated, Failed> stage;
    std::optional<Repeated> repeated = {};
};
BOOST_DESCRIBE_STRUCT(RoundRecord, (),
                      (round, entry, commitments, reveals, committed_at, revealed_at, public_value,
                       public_value_at, stage, repeated))

/// What was said to have arrived.
struct Arrival {
    Confirmation confirmation;
    std::uint64_t entry = 0;            ///< of the statement; of a motion, at which it was decided
    std::optional<std::string> motion;  ///< that said so; absent: the receiver itself
};
BOOST_DESCRIBE_STRUCT(Arrival, (), (confirmation, entry, motion))

struct DisputeRecord {
    institution::MemberId by;
    std::string reason;
    std::uint64_t entry = 0;
    std::optional<std::uint64_t> ended_at;  ///< entry
};
BOOST_DESCRIBE_STRUCT(DisputeRecord, (), (by, reason, entry, ended_at))

struct DeliveryRecord {
    Delivery delivery;
    std::uint64_t entry = 0;
    std::vector<Arrival> arrivals;        ///< by entry; the last one counts
    std::vector<DisputeRecord> disputes;  ///< by entry; only the last may be open

    const Arrival* arrival() const { return arrivals.empty() ? nullptr : &arrivals.back(); }
    bool is_disputed() const { return !disputes.empty() && !disputes.back().ended_at; }
};
BOOST_DESCRIBE_STRUCT(DeliveryRecord, (), (delivery, entry, arrivals, disputes))

struct Exchange {
    std::map<OfferId, OfferRecord> offers;
    std::map<NeedId, NeedRecord> needs;
    std::map<RuleId, std::vector<AdoptedRule>> rules;              ///< versions, oldest first
    std::map<WeightTableId, std::vector<AdoptedWeights>> weights;  ///< likewise
    std::map<RoundId, RoundRecord> rounds;
    std::map<DeliveryId, DeliveryRecord> deliveries;
    std::map<CostTableId, std::vector<AdoptedCosts>> costs;          ///< likewise
    std::map<institution::UnitId, std::vector<AdoptedUnits>> units;  ///< likewise
};
BOOST_DESCRIBE_STRUCT(Exchange, (),
                      (offers, needs, rules, weights, rounds, deliveries, costs, units))

/// Units that an offer can still give: for a non-rival one always its quantity.
std::int64_t free_units(const OfferRecord&);

/// Units that no round has promised to the need; 0 if grants promised more than it asked.
std::int64_t unmet_units(const NeedRecord&);

/// Whether units leave because their receiver says so, and are not wanted any more.
bool is_by_receiver(DepartureKind);

/// Open on `day`: not withdrawn, not ended, and with units left. It may start later.
bool is_open(const OfferRecord&, Date day);
bool is_open(const NeedRecord&, Date day);

/// Whether answers of the round are closed, or it failed: it holds nothing back any more.
bool is_finished(const RoundRecord&);

/// The lines of `need` in `result` that remain when its member takes `accepted` units: grants
/// first, because giving one back helps nobody, then rival lines; each in order of offer.
std::vector<Line> kept_lines(const RoundResult& result, const NeedId& need, std::int64_t accepted);

/// What the round gave to `need`: all of its lines before an answer, what was accepted after it,
/// nothing if answers closed without one; and what it claimed. Departures change nothing here.
/// Grants, then rival lines, then claims; a line that was claimed of stands in one piece.
std::vector<Line> accepted_lines(const Allocated&, const NeedId& need);

/// The same less departures: what is promised to `need` in the round as it stands. No line has 0
/// units.
std::vector<Line> promised_lines(const Allocated&, const NeedId& need);

/// Units of a line as deliveries and departures have left it.
struct LineState {
    std::int64_t accepted = 0;
    std::int64_t on_the_way = 0;  ///< delivered as the provider says, and nothing said yet
    std::int64_t confirmed = 0;
    std::int64_t returned = 0;   ///< of the confirmed
    std::int64_t fell_away = 0;  ///< not available, restricted or given up
    std::int64_t undelivered() const { return accepted - on_the_way - confirmed - fell_away; }
};

/// All 0 if there is no such line. O(lines of the need + deliveries).
LineState line_state(const Exchange&, const RoundId& round, const NeedId& need,
                     const OfferId& offer);

/// SHA-256 of the deterministic CBOR.
Digest digest_of(const RoundInputs&);
Digest digest_of(const RoundResult&);

/// What the rules in force on a day say of a transfer.
using Screen = std::function<institution::Screening(const institution::Transfer&, Date)>;

/// Every refusal has a reason "exchange/…", listed in docs/spec/exchange.md. Cost: a look-up,
/// except a withdrawal and a round, O(rounds), and a delivery, O(deliveries).
Result<> check(const Exchange&, const institution::Institution&, const institution::Act&,
               const Offer&);
Result<> check(const Exchange&, const institution::Institution&, const institution::Act&,
               const OfferWithdrawal&);
Result<> check(const Exchange&, const institution::Institution&, const institution::Act&,
               const Need&);
Result<> check(const Exchange&, const institution::Institution&, const institution::Act&,
               const NeedWithdrawal&);
Result<> check(const Exchange&, const institution::Institution&, const institution::Act&,
               const Round&);
Result<> check(const Exchange&, const institution::Institution&, const institution::Act&,
               const Commitment&);
Result<> check(const Exchange&, const institution::Institution&, const institution::Act&,
               const Reveal&);
Result<> check(const Exchange&, const institution::Institution&, const institution::Act&,
               const Beacon&);
Result<> check(const Exchange&, const institution::Institution&, const institution::Act&,
               const ResultNotice&);
Result<> check(const Exchange&, const institution::Institution&, const institution::Act&,
               const Acceptance&);
Result<> check(const Exchange&, const institution::Institution&, const institution::Act&,
               const Delivery&);
Result<> check(const Exchange&, const institution::Institution&, const institution::Act&,
               const Confirmation&);
Result<> check(const Exchange&, const institution::Institution&, const institution::Act&,
               const RepetitionEnd&);
Result<> check(const Exchange&, const institution::Institution&, const institution::Act&,
               const Dispute&);
Result<> check(const Exchange&, const institution::Institution&, const institution::Act&,
               const DisputeWithdrawal&);
// What the law says on the day of the act decides these.
Result<> check(const Exchange&, const institution::Institution&, const institution::Act&,
               const Claim&, const Screen&);
Result<> check(const Exchange&, const institution::Institution&, const institution::Act&,
               const Departure&, const Screen&);
/// Of an effect that settles a dispute.
Result<> check_settlement(const Exchange&, const DisputeSettlement&);
Result<> check_adoption(const Exchange&, const institution::Institution&, const AllocationRule&);
Result<> check_adoption(const Exchange&, const institution::Institution&, const WeightTable&);
Result<> check_adoption(const Exchange&, const institution::Institution&, const CostTable&);
Result<> check_adoption(const Exchange&, const institution::Institution&, const UnitTable&);

void apply(Exchange&, const institution::Act&, const Offer&);
void apply(Exchange&, const institution::Act&, const OfferWithdrawal&);
void apply(Exchange&, const institution::Act&, const Need&);
void apply(Exchange&, const institution::Act&, const NeedWithdrawal&);
void apply(Exchange&, const institution::Act&, const Round&);
void apply(Exchange&, const institution::Act&, const Commitment&);
void apply(Exchange&, const institution::Act&, const Reveal&);
void apply(Exchange&, const institution::Act&, const Beacon&);
void apply(Exchange&, const institution::Act&, const ResultNotice&);
void apply(Exchange&, const institution::Act&, const Acceptance&);
void apply(Exchange&, const institution::Act&, const Delivery&);
void apply(Exchange&, const institution::Act&, const Confirmation&);
void apply(Exchange&, const institution::Act&, const RepetitionEnd&);
void apply(Exchange&, const institution::Act&, const Claim&);
void apply(Exchange&, const institution::Act&, const Departure&);
void apply(Exchange&, const institution::Act&, const Dispute&);
void apply(Exchange&, const institution::Act&, const DisputeWithdrawal&);
void apply_settlement(Exchange&, const std::string& motion, std::uint64_t entry,
                      const DisputeSettlement&);
void apply_adoption(Exchange&, const std::string& motion, std::uint64_t entry,
                    const AllocationRule&);
void apply_adoption(Exchange&, const std::string& motion, std::uint64_t entry, const WeightTable&);
void apply_adoption(Exchange&, const std::string& motion, std::uint64_t entry, const CostTable&);
void apply_adoption(Exchange&, const std::string& motion, std::uint64_t entry, const UnitTable&);

/// Freezes, draws and closes answers that are due at the clock entry `index`, by time, then id. A
/// round takes one step an entry, however late the clock is: whoever committed can reveal between
/// the freeze and the draw, and whoever was allocated can answer between the draw and the close.
/// Where a call repeats, the next round opens at the entry at which one finishes.
void advance(Exchange&, const institution::Institution&, const Screen&, Timestamp now,
             std::uint64_t index);

/// The id of the `number`-th round after the first of a call, before ids that are taken.
/// Errors: those of RoundId::parse.
Result<RoundId> repeated_id(const RoundId& call, std::uint32_t number);

/// The `number`-th round after the first of a call that repeats: its times; the id and the version
/// of the rule are those of the first.
Round repeated_round(const Round& first, std::uint32_t number);

/// Whether the round names a public source of the kind that the rule asks for, if it asks.
bool is_source_as_asked(const AllocationRule&, const Round&);

/// Whether a clock entry at `now`, after one at `logged`, would move the round or change what it
/// accepts: reveals close, its public value can be entered.
bool is_due(const RoundRecord&, Timestamp logged, Timestamp now);

/// The result as a pure function of the frozen inputs, the reveals and the public value; what
/// `advance` uses and what a verifier calls. Errors: those of allocation.h and of seed_octets;
/// invalid "exchange/bad-inputs" for inputs that no freeze makes.
Result<RoundResult> draw(const RoundInputs&,
                         const std::map<institution::MemberId, Digest>& commitments,
                         const std::map<institution::MemberId, Bytes>& reveals,
                         const std::optional<PublicValue>& public_value);

/// Whether `result` is right for `inputs` and its own seed, without running the engine on it:
/// lawful pairs, totals, ranks, reasons and the certificate (certificate.h). The engine runs for
/// the floors alone, which are part of what the certificate is checked against. It accepts every
/// allocation that the rule allows; among those that give each member the same total, only draw
/// tells which one it makes. Errors: invalid "exchange/bad-result", "exchange/bad-certificate", and
/// those of draw.
Result<> check_result(const RoundInputs&, const RoundResult&);

/// The same, and whether seed and withheld follow from the commitments, reveals and public value.
Result<> check_result(const RoundInputs&,
                      const std::map<institution::MemberId, Digest>& commitments,
                      const std::map<institution::MemberId, Bytes>& reveals,
                      const std::optional<PublicValue>& public_value, const RoundResult&);

}  // namespace comity::exchange
