// SPDX-License-Identifier: Apache-2.0
#pragma once

// What issuers sign when they restrict. Any party may be an issuer, the host included. Content
// type: application/vnd.comity.rules.<name>+json with the name in the comment.

#include <boost/describe.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/language.h"
#include "base/time.h"
#include "institution/ids.h"

namespace comity::rules {

inline constexpr std::size_t exceptions_max = 64;  ///< of one restriction

enum class Treatment { block, review };
BOOST_DESCRIBE_ENUM(Treatment, block, review)

/// A set of transfers: those that match every list that is there. An absent list matches anything;
/// an empty one, which would match nothing, is refused.
struct Scope {
    std::optional<std::set<institution::ItemClassId>> item_classes;
    std::optional<std::set<institution::AreaCode>> origins;
    std::optional<std::set<institution::AreaCode>> destinations;
    std::optional<std::set<institution::EndUseId>> end_uses;
};
BOOST_DESCRIBE_STRUCT(Scope, (), (item_classes, origins, destinations, end_uses))

/// The instrument that the issuer cites.
struct Instrument {
    std::string title;
    std::optional<std::string> clause;
    std::optional<std::string> url;
};
BOOST_DESCRIBE_STRUCT(Instrument, (), (title, clause, url))

/// `restriction`: version 1 creates it; the same issuer amends it with the next version.
struct Restriction {
    institution::RestrictionId id;
    std::uint32_t version = 1;
    LocalizedText title;
    Treatment treatment = Treatment::block;
    Scope scope;
    std::vector<Scope> exceptions;  ///< what is in scope and not restricted; each has a list
    Date from;
    std::optional<Date> until;  ///< first day on which it does not apply
    Instrument instrument;
};
BOOST_DESCRIBE_STRUCT(Restriction, (),
                      (id, version, title, treatment, scope, exceptions, from, until, instrument))

/// `restriction_withdrawal`: by the issuer; it does not apply from this entry on.
struct RestrictionWithdrawal {
    institution::RestrictionId id;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(RestrictionWithdrawal, (), (id, reason))

}  // namespace comity::rules
