// SPDX-License-Identifier: Apache-2.0
#pragma once

// Reader: whoever reads a page, in one language. It turns the values of a page into what that
// reader sees: sentences of the catalogue, names in that language and in its order, times, links.
//
// A text of the record that is in another language than the page is marked with its own. Borrows
// the state; lives as long as one page is written.

#include <boost/describe/enum_to_string.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/language.h"
#include "base/rational.h"
#include "base/time.h"
#include "crypto/sha256.h"
#include "institution/transfer.h"
#include "server/html.h"
#include "server/messages.h"
#include "state/state.h"

namespace comity::server {

class Reader {
public:
    /// `language` is one of catalogue.languages().
    Reader(const state::State& state, const Catalogue& catalogue, LanguageTag language);

    const LanguageTag& language() const { return language_; }
    const Catalogue& catalogue() const { return catalogue_; }

    /// A message of the catalogue.
    Html say(std::string_view id, const Arguments& arguments = {}) const;

    /// The message "<group>.<enumerator>".
    template <class Enum>
    Html word(std::string_view group, Enum value) const {
        return say(std::string(group) + "." + boost::describe::enum_to_string(value, ""));
    }

    /// "/en/needs/lso-training" for "needs/lso-training".
    std::string path(std::string_view rest) const;
    Html to(std::string_view rest, const Html& content) const { return link(path(rest), content); }

    /// A text of the record, isolated from the direction of what stands around it.
    Html text(const LocalizedText& text) const;
    Html text(std::string_view text) const;

    /// The name of a party, with a link to its page. Its id if it is not in the register.
    Html member(const institution::MemberId& member) const;
    Html member_name(const institution::MemberId& member) const;
    /// Names with commas between them, in the order of the language.
    Html members(std::vector<institution::MemberId> members) const;
    /// In the order of their names in the reader's language.
    void sort_by_name(std::vector<institution::MemberId>& members) const;

    Html entry(std::uint64_t index) const;  ///< "#18", with a link
    Html offer(const exchange::OfferId& id) const;
    Html need(const exchange::NeedId& id) const;
    Html round(const exchange::RoundId& id) const;
    Html motion(const std::string& id) const;  ///< title if there is such a motion
    Html restriction(const institution::RestrictionId& id) const;
    Html unit(const institution::UnitId& id) const;
    Html item_class(const institution::ItemClassId& id) const;
    Html end_use(const institution::EndUseId& id) const;
    Html member_class(const institution::ClassId& id) const;
    Html status(const institution::StatusId& id) const;
    Html group(const institution::GroupId& id) const;
    Html organ(const institution::OrganId& id) const;
    Html code(std::string_view id) const;  ///< an id, a digest, a key: as it is, in one direction

    Html time(Timestamp time) const;
    Html date(Date date) const;
    Html period(Date from, const std::optional<Date>& until) const;
    Html number(std::int64_t number) const;
    Html share(const Rational& value) const;  ///< "2/3 (0.667)"; the decimal is for the eye only
    Html count(std::uint64_t number) const {
        return this->number(static_cast<std::int64_t>(number));
    }

    const state::State& state() const { return state_; }

private:
    const state::State& state_;
    const Catalogue& catalogue_;
    LanguageTag language_;
};

}  // namespace comity::server
