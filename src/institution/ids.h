// SPDX-License-Identifier: Apache-2.0
#pragma once

// The names that the charter and the members give to things. Each kind of thing has an id type of
// its own, so that a motion is never looked up as a member. All are slugs (base/id.h).

#include <string>
#include <string_view>

#include "base/id.h"
#include "base/result.h"

namespace comity::institution {

using MemberId = Id<struct MemberTag>;  ///< a party of the register: member, observer or office
using ClassId = Id<struct ClassTag>;    ///< membership class: state, company, research, office
using StatusId = Id<struct StatusTag>;  ///< signatory, observer, invitee
using OrganId = Id<struct OrganTag>;
using RoleId = Id<struct RoleTag>;
using DelegateId = Id<struct DelegateTag>;
using MandateId = Id<struct MandateTag>;
using ProcedureId = Id<struct ProcedureTag>;
using GroupId = Id<struct GroupTag>;  ///< a dated list: ldc, lldc, sids, income group
using UnitId = Id<struct UnitTag>;    ///< what a pool is counted in: training-place, gpu-hour
using ItemClassId = Id<struct ItemClassTag>;
using EndUseId = Id<struct EndUseTag>;
using SourceId = Id<struct SourceTag>;
using RestrictionId = Id<struct RestrictionTag>;

/// Three capital letters: an ISO 3166-1 alpha-3 code or a user-assigned one (XAA to XZZ). A label
/// for screening and for dated groups, never a statement about status. A text scalar.
class AreaCode {
public:
    AreaCode() = default;

    /// Errors: invalid "institution/bad-area".
    static Result<AreaCode> parse(std::string_view text);

    const std::string& text() const { return text_; }

    friend auto operator<=>(const AreaCode&, const AreaCode&) = default;

private:
    explicit AreaCode(std::string_view text) : text_(text) {}
    std::string text_;
};

}  // namespace comity::institution
