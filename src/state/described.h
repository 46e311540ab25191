// SPDX-License-Identifier: Apache-2.0
#pragma once

// The forms (codec/describe.h) of the large types of the parts, compiled once.
//
// Every file that writes or reads one of these types includes this instead of codec/describe.h:
// what stands below is compiled in described_*.cpp and not again. It changes build time only.

#include "codec/describe.h"
#include "decide/decide.h"
#include "exchange/exchange.h"
#include "institution/institution.h"
#include "rules/rules.h"
#include "state/state.h"

// A macro, because a template cannot name an explicit instantiation. `extern` takes no parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define COMITY_FORMS(keyword, T)                                                    \
    keyword template Result<T> codec::detail::read<T>(const codec::Value&,          \
                                                      const codec::detail::Place&); \
    keyword template codec::Value codec::to_value<T>(const T&)
// NOLINTEND(bugprone-macro-parentheses)

#define COMITY_INSTITUTION_FORMS(keyword)                 \
    COMITY_FORMS(keyword, institution::Member);           \
    COMITY_FORMS(keyword, institution::StatusNotice);     \
    COMITY_FORMS(keyword, institution::KeyRegistration);  \
    COMITY_FORMS(keyword, institution::KeyRevocation);    \
    COMITY_FORMS(keyword, institution::Mandate);          \
    COMITY_FORMS(keyword, institution::MandateEnd);       \
    COMITY_FORMS(keyword, institution::ClockTick);        \
    COMITY_FORMS(keyword, institution::StateRoot);        \
    COMITY_FORMS(keyword, institution::Procedure);        \
    COMITY_FORMS(keyword, institution::Founding);         \
    COMITY_FORMS(keyword, institution::Charter);          \
    COMITY_FORMS(keyword, institution::CharterAmendment); \
    COMITY_FORMS(keyword, institution::KeyRegister);      \
    COMITY_FORMS(keyword, institution::Institution)

#define COMITY_DECIDE_FORMS(keyword)                     \
    COMITY_FORMS(keyword, decide::Motion);               \
    COMITY_FORMS(keyword, decide::Position);             \
    COMITY_FORMS(keyword, decide::Vote);                 \
    COMITY_FORMS(keyword, decide::Withdrawal);           \
    COMITY_FORMS(keyword, decide::OutcomeNotice);        \
    COMITY_FORMS(keyword, decide::MotionRecord);         \
    COMITY_FORMS(keyword, decide::Decide);               \
    COMITY_FORMS(keyword, rules::Restriction);           \
    COMITY_FORMS(keyword, rules::RestrictionWithdrawal); \
    COMITY_FORMS(keyword, rules::Rules);                 \
    COMITY_FORMS(keyword, state::Ledger)

#define COMITY_EXCHANGE_STATEMENT_FORMS(keyword)        \
    COMITY_FORMS(keyword, exchange::Offer);             \
    COMITY_FORMS(keyword, exchange::OfferWithdrawal);   \
    COMITY_FORMS(keyword, exchange::Need);              \
    COMITY_FORMS(keyword, exchange::NeedWithdrawal);    \
    COMITY_FORMS(keyword, exchange::Round);             \
    COMITY_FORMS(keyword, exchange::Commitment);        \
    COMITY_FORMS(keyword, exchange::Reveal);            \
    COMITY_FORMS(keyword, exchange::Beacon);            \
    COMITY_FORMS(keyword, exchange::ResultNotice);      \
    COMITY_FORMS(keyword, exchange::Acceptance);        \
    COMITY_FORMS(keyword, exchange::Delivery);          \
    COMITY_FORMS(keyword, exchange::Confirmation);      \
    COMITY_FORMS(keyword, exchange::RepetitionEnd);     \
    COMITY_FORMS(keyword, exchange::Claim);             \
    COMITY_FORMS(keyword, exchange::Departure);         \
    COMITY_FORMS(keyword, exchange::Dispute);           \
    COMITY_FORMS(keyword, exchange::DisputeWithdrawal); \
    COMITY_FORMS(keyword, exchange::DisputeSettlement); \
    COMITY_FORMS(keyword, exchange::AllocationRule);    \
    COMITY_FORMS(keyword, exchange::WeightTable);       \
    COMITY_FORMS(keyword, exchange::CostTable);         \
    COMITY_FORMS(keyword, exchange::UnitTable)

#define COMITY_EXCHANGE_FORMS(keyword)            \
    COMITY_FORMS(keyword, exchange::RoundInputs); \
    COMITY_FORMS(keyword, exchange::RoundResult); \
    COMITY_FORMS(keyword, exchange::Exchange)

namespace comity {
COMITY_INSTITUTION_FORMS(extern);
COMITY_DECIDE_FORMS(extern);
COMITY_EXCHANGE_STATEMENT_FORMS(extern);
COMITY_EXCHANGE_FORMS(extern);
}  // namespace comity
