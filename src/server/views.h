// SPDX-License-Identifier: Apache-2.0
#pragma once

// Views: what a resource says, as values, where no module below has the struct already. Its JSON
// is the value written out; its page shows the same value. docs/use/api.md describes them.

#include <boost/describe.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "codec/value.h"
#include "decide/explain.h"
#include "exchange/benefit.h"
#include "exchange/comparison.h"
#include "exchange/condition_price.h"
#include "exchange/queries.h"
#include "institution/institution.h"
#include "rules/rules.h"
#include "server/resource.h"
#include "state/state.h"

namespace comity::server {

struct MemberRow {
    institution::MemberId id;
    institution::ClassId member_class;
    LocalizedText name;
    std::optional<institution::AreaCode> area;
    institution::StatusId status;
};
BOOST_DESCRIBE_STRUCT(MemberRow, (), (id, member_class, name, area, status))

/// Which parties a list shows.
struct MemberQuestion {
    Date day;
    std::optional<std::uint64_t> known_before;
    std::optional<institution::StatusId> status;
    std::optional<institution::ClassId> member_class;
};

struct KeyView {
    Digest id;
    institution::KeyRecord key;
};
BOOST_DESCRIBE_STRUCT(KeyView, (), (id, key))

struct MemberView {
    institution::MemberId id;
    institution::MemberRecord record;
    std::optional<institution::StatusId> status;  ///< today, by the logged clock
    std::vector<institution::GroupId> groups;     ///< dated lists with its area, today
    std::vector<KeyView> keys;                    ///< by id
    std::vector<institution::MandateRecord> mandates;
};
BOOST_DESCRIBE_STRUCT(MemberView, (), (id, record, status, groups, keys, mandates))

struct MotionRow {
    decide::MotionId id;
    LocalizedText title;
    institution::OrganId organ;
    institution::MemberId mover;
    std::uint64_t entry = 0;
    std::optional<Timestamp> closes_at;    ///< absent once decided
    std::optional<decide::Ruling> ruling;  ///< once decided
};
BOOST_DESCRIBE_STRUCT(MotionRow, (), (id, title, organ, mover, entry, closes_at, ruling))

struct MotionView {
    decide::MotionRecord record;
    decide::Explanation explanation;
    decide::Missing missing;
    std::optional<state::EffectsOutcome> effects;  ///< once adopted
    std::optional<std::uint64_t> published_at;     ///< entry of the operator's `outcome`
};
BOOST_DESCRIBE_STRUCT(MotionView, (), (record, explanation, missing, effects, published_at))

struct RestrictionView {
    institution::RestrictionId id;
    bool in_force = false;  ///< today, by the logged clock
    rules::RestrictionRecord record;
};
BOOST_DESCRIBE_STRUCT(RestrictionView, (), (id, in_force, record))

struct ScreenView {
    institution::Transfer transfer;
    Date day;
    institution::Screening screening;
};
BOOST_DESCRIBE_STRUCT(ScreenView, (), (transfer, day, screening))

/// Units of an offer that a round gave to a need.
struct OfferUse {
    exchange::RoundId round;
    exchange::NeedId need;
    institution::MemberId member;
    std::int64_t units = 0;
};
BOOST_DESCRIBE_STRUCT(OfferUse, (), (round, need, member, units))

struct OfferView {
    exchange::OfferRecord record;
    std::int64_t free = 0;
    bool is_open = false;
    std::vector<OfferUse> uses;  ///< as promised now, by round, then need
};
BOOST_DESCRIBE_STRUCT(OfferView, (), (record, free, is_open, uses))

struct OfferRow {
    exchange::OfferRecord record;
    std::int64_t free = 0;
    bool is_open = false;
};
BOOST_DESCRIBE_STRUCT(OfferRow, (), (record, free, is_open))

struct NeedRow {
    exchange::NeedRecord record;
    std::int64_t unmet = 0;
    bool is_open = false;
};
BOOST_DESCRIBE_STRUCT(NeedRow, (), (record, unmet, is_open))

struct NeedView {
    exchange::NeedJourney journey;
    exchange::NeedScreening screening;  ///< today, by the logged clock
};
BOOST_DESCRIBE_STRUCT(NeedView, (), (journey, screening))

struct RoundRow {
    exchange::Round round;
    std::uint64_t entry = 0;
    exchange::RoundStage stage = exchange::RoundStage::call_open;
};
BOOST_DESCRIBE_STRUCT(RoundRow, (), (round, entry, stage))

struct RoundDetail {
    exchange::RoundView view;
    std::vector<exchange::OfferResult> offers;  ///< with the certificate; once drawn, as the rest
    std::vector<exchange::Line> lines;
    std::vector<exchange::Line> grants;
    std::map<institution::MemberId, Digest> commitments;
    std::map<institution::MemberId, Bytes> reveals;
    std::optional<exchange::Comparison> comparison;  ///< of two members, if they are asked for
    std::optional<exchange::PriceList> prices;  ///< once drawn; absent past round_price_work_max
};
BOOST_DESCRIBE_STRUCT(RoundDetail, (),
                      (view, offers, lines, grants, commitments, reveals, comparison, prices))

/// Largest number of draws, times needs, members, offers and screenings in each, for one request.
/// Whoever has the record computes larger ones: `comity allocation price`.
inline constexpr std::size_t round_price_work_max = 200'000;

struct BenefitView {
    std::optional<exchange::RoundId> round;  ///< the one that makes the difference
    std::optional<exchange::BenefitLedger> before;
    exchange::BenefitLedger after;
};
BOOST_DESCRIBE_STRUCT(BenefitView, (), (round, before, after))

struct EntryRow {
    std::uint64_t index = 0;
    std::string type;  ///< "exchange.need"
    std::string issuer;
    std::string subject;
    Timestamp issued_at;
};
BOOST_DESCRIBE_STRUCT(EntryRow, (), (index, type, issuer, subject, issued_at))

struct EntryView {
    EntryRow header;
    Digest statement_id;
    Digest leaf;
    Digest key_id;
    std::int64_t algorithm = 0;
    std::string content_type;
    std::string audience;
    codec::Value payload;  ///< as it was signed
    Bytes entry;           ///< every octet of it
};
BOOST_DESCRIBE_STRUCT(EntryView, (),
                      (header, statement_id, leaf, key_id, algorithm, content_type, audience,
                       payload, entry))

Result<MemberQuestion> member_question(const Ask&);
std::vector<MemberRow> members_view(const Ask&, const MemberQuestion&);
Result<MemberView> member_view(const Ask&);
std::vector<MotionRow> motions_view(const Ask&);  ///< newest first
Result<MotionView> motion_view(const Ask&);
Result<RestrictionView> restriction_view(const Ask&);
Result<std::vector<OfferRow>> offers_view(const Ask&);  ///< newest first; as needs and rounds
Result<OfferView> offer_view(const Ask&);
Result<std::vector<NeedRow>> needs_view(const Ask&);
Result<NeedView> need_view(const Ask&);
std::vector<RoundRow> rounds_view(const Ask&);
Result<RoundDetail> round_view(const Ask&);
/// With the comparison that is asked for, and prices. Errors: invalid "server/missing-parameter"
/// for one member without another; those of compare and price_conditions.
Result<RoundDetail> full_round_view(const Ask&);
/// Before and after a round. Without parameters: the newest with a confirmed delivery, else the
/// newest that drew, with its unit and weights, over the first class that is measured, with the
/// statuses that decide in it.
Result<BenefitView> benefit_view(const Ask&);
/// Entries [first, last), newest first. Errors: those of RecordLog::read.
Result<std::vector<EntryRow>> entries_view(const Ask&, std::uint64_t first, std::uint64_t last);
Result<EntryView> entry_view(const Ask&);

/// The day of the logged clock.
Date today(const Ask&);

}  // namespace comity::server
