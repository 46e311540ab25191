// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whether a charter holds together: ids unique, references resolve, numbers in their range.
//
// Every refusal names the place as a JSON pointer, "/roles/2/holder: …". Pure functions.

#include <functional>
#include <string>
#include <string_view>

#include "base/language.h"
#include "base/result.h"
#include "institution/charter.h"
#include "institution/statements.h"

namespace comity::institution {

/// Where a check stands, and the reason that its refusals have.
class Place {
public:
    explicit Place(std::string_view reason) : reason_(reason) {}

    Place at(std::string_view member) const;
    Place at(std::size_t element) const;
    /// invalid, with the place before the sentence.
    Error error(std::string_view sentence) const;

private:
    std::string_view reason_;  // a literal
    std::string pointer_;
};

/// At least one language; each text non-empty, at most `bytes_max`, without control characters
/// other than line feeds.
Result<> check_text(const LocalizedText& text, std::size_t bytes_max, const Place& place);
Result<> check_text(std::string_view text, std::size_t bytes_max, const Place& place);

/// A party against the charter: class, statuses and sources exist, the history goes forward.
Result<> check_member(const Charter& charter, const Member& member, const Place& place);

/// `is_party` says who may hold a role. Errors: invalid "institution/bad-charter".
Result<> check_charter(const Charter& charter,
                       const std::function<bool(const MemberId&)>& is_party);

/// Origin, name and label of a founding, and that the operator is among the founding parties.
/// Errors: invalid "institution/bad-founding".
Result<> check_identity(const std::string& origin, const LocalizedText& name,
                        const std::optional<LocalizedText>& demonstration,
                        const MemberId& operator_id, const Charter& charter);

/// The whole of a founding: identity, keys of the right algorithm and all different, a time.
/// Errors: invalid "institution/bad-founding".
Result<> check_founding(const Founding& founding, const Charter& charter);

/// The element with that id, or nullptr. The lists of a charter are short (charter_list_max), so a
/// walk is as fast as anything and keeps the order in which the members wrote them.
template <class Element, class ElementId>
const Element* find_by_id(const std::vector<Element>& list, const ElementId& id) {
    for (const Element& element : list) {
        if (element.id == id) return &element;
    }
    return nullptr;
}

}  // namespace comity::institution
