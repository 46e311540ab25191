// SPDX-License-Identifier: Apache-2.0
#pragma once

// Every statement that may stand on a record after its two founding ones: its type and its payload.
//
// One list, `Payload`; the name of each is in `type_of`. A new statement is added here, and the
// compiler then asks for its check, its apply and its subject.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/value.h"
#include "decide/statements.h"
#include "exchange/statements.h"
#include "institution/statements.h"
#include "rules/statements.h"

namespace comity::state {

using Payload =
    std::variant<institution::Member, institution::StatusNotice, institution::KeyRegistration,
                 institution::KeyRevocation, institution::Mandate, institution::MandateEnd,
                 institution::ClockTick, institution::StateRoot,  //
                 decide::Motion, decide::Position, decide::Vote, decide::Withdrawal,
                 decide::OutcomeNotice, rules::Restriction, rules::RestrictionWithdrawal,  //
                 exchange::Offer, exchange::OfferWithdrawal, exchange::Need,
                 exchange::NeedWithdrawal, exchange::Round, exchange::Commitment, exchange::Reveal,
                 exchange::RepetitionEnd, exchange::Beacon, exchange::ResultNotice,
                 exchange::Acceptance, exchange::Claim, exchange::Delivery, exchange::Confirmation,
                 exchange::Departure, exchange::Dispute, exchange::DisputeWithdrawal>;

inline constexpr std::string_view founding_type = "institution.founding";
inline constexpr std::string_view charter_type = "institution.charter";

/// "<part>.<type>" as in the content type: "exchange.need".
std::string_view type_of(const Payload& payload);

/// What the statement is about, as its header must say: "need/<id>", "motion/<id>", "clock".
std::string subject_of(const Payload& payload);

/// The payload of a statement of `type`. Errors: invalid "state/unknown-type", naming the known
/// ones, and those of codec::from_json.
Result<Payload> parse_payload(std::string_view type, BytesView json);

/// Canonical JSON of the payload, as clients sign it.
std::string payload_json(const Payload& payload);

/// All types, founding ones included, in the order of Payload.
std::vector<std::string_view> statement_types();

/// JSON Schema of the payload of `type`. Errors: not_found "state/unknown-type".
Result<codec::Value> payload_schema(std::string_view type);

}  // namespace comity::state
