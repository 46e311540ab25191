// SPDX-License-Identifier: Apache-2.0
#include "server/reader.h"

#include <unicode/coll.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "institution/names.h"

namespace comity::server {
namespace {

const LanguageTag& english() {
    static const LanguageTag tag = LanguageTag::parse("en").value();
    return tag;
}

/// The language in which the record is read for a page: the pseudo-language has no texts.
const LanguageTag& record_language(const LanguageTag& page) {
    return page.text() == "qps" ? english() : page;
}

/// The element of a list of the charter with this id, or null.
template <class T, class Id>
const T* find_in(const std::vector<T>& list, const Id& id) {
    const auto found =
        std::find_if(list.begin(), list.end(), [&](const T& item) { return item.id == id; });
    return found == list.end() ? nullptr : &*found;
}

/// 0.667 for 2/3, 0.00982 for 15/1528: three figures, rounded half up. For the eye; nothing is
/// decided by it.
std::string decimal(const Rational& value) {
    using Wide = exchange::Int128;
    constexpr int decimals_max = 9;
    const Wide num = value.num < 0 ? -Wide{value.num} : Wide{value.num};
    const Wide den = value.den;
    int decimals = 3;
    Wide scale = 1'000;
    while (decimals < decimals_max && num * scale < 100 * den) {
        ++decimals;
        scale *= 10;
    }
    const Wide rounded = (2 * num * scale + den) / (2 * den);
    std::string fraction = std::to_string(static_cast<std::int64_t>(rounded % scale));
    fraction.insert(0, static_cast<std::size_t>(decimals) - fraction.size(), '0');
    return (value.num < 0 ? "-" : "") + std::to_string(static_cast<std::int64_t>(rounded / scale)) +
           "." + fraction;
}

}  // namespace

Reader::Reader(const state::State& state, const Catalogue& catalogue, LanguageTag language)
    : state_(state), catalogue_(catalogue), language_(std::move(language)) {}

Html Reader::say(std::string_view id, const Arguments& arguments) const {
    return catalogue_.message(language_, id, arguments);
}

std::string Reader::path(std::string_view rest) const {
    return "/" + language_.text() + "/" + std::string(rest);
}

Html Reader::text(const LocalizedText& text) const {
    const auto found = institution::text_in(text, record_language(language_));
    if (!found) return {};
    Attributes attributes;
    if (*found->language != language_) attributes.emplace_back("lang", found->language->text());
    if (attributes.empty()) return this->text(found->text);
    return element("bdi", attributes, Html::text(found->text));
}

Html Reader::text(std::string_view text) const { return element("bdi", Html::text(text)); }

Html Reader::member_name(const institution::MemberId& member) const {
    const auto* record = institution::find_member(state_.institution, member);
    return record == nullptr ? code(member.text()) : text(record->name);
}

Html Reader::member(const institution::MemberId& member) const {
    if (institution::find_member(state_.institution, member) == nullptr) return code(member.text());
    return to("members/" + member.text(), member_name(member));
}

void Reader::sort_by_name(std::vector<institution::MemberId>& members) const {
    UErrorCode status = U_ZERO_ERROR;
    const LanguageTag& language = record_language(language_);
    const std::unique_ptr<icu::Collator> collator(
        icu::Collator::createInstance(icu::Locale(language.text().c_str()), status));
    if (U_FAILURE(status) != 0) return;  // by id: an order, if not the best one
    std::vector<std::pair<icu::UnicodeString, institution::MemberId>> named;
    for (const institution::MemberId& member : members) {
        const auto name = institution::name_of(state_.institution, member, language);
        const std::string shown =
            name ? std::string(institution::sort_text(name->text, *name->language)) : member.text();
        named.emplace_back(icu::UnicodeString::fromUTF8(shown), member);
    }
    std::stable_sort(named.begin(), named.end(), [&](const auto& a, const auto& b) {
        UErrorCode ignored = U_ZERO_ERROR;
        return collator->compare(a.first, b.first, ignored) == UCOL_LESS;
    });
    for (std::size_t i = 0; i < named.size(); ++i) members[i] = named[i].second;
}

Html Reader::members(std::vector<institution::MemberId> members) const {
    sort_by_name(members);
    Html names;
    for (const institution::MemberId& id : members) {
        if (!names.empty()) names += Html::text(", ");
        names += member(id);
    }
    return names;
}

Html Reader::entry(std::uint64_t index) const {
    const std::string number = std::to_string(index);
    return to("record/" + number, Html::text("#" + number));
}

Html Reader::offer(const exchange::OfferId& id) const {
    return to("offers/" + id.text(), code(id.text()));
}

Html Reader::need(const exchange::NeedId& id) const {
    return to("needs/" + id.text(), code(id.text()));
}

Html Reader::round(const exchange::RoundId& id) const {
    const auto found = state_.exchange.rounds.find(id);
    return to("rounds/" + id.text(), found == state_.exchange.rounds.end()
                                         ? code(id.text())
                                         : text(found->second.round.title));
}

Html Reader::motion(const std::string& id) const {
    const auto parsed = decide::MotionId::parse(id);
    if (!parsed) return code(id);
    const auto found = state_.decide.motions.find(*parsed);
    if (found == state_.decide.motions.end()) return code(id);
    return to("motions/" + id, text(found->second.motion.title));
}

Html Reader::restriction(const institution::RestrictionId& id) const {
    return to("restrictions/" + id.text(), code(id.text()));
}

Html Reader::unit(const institution::UnitId& id) const {
    const auto* unit = institution::find_unit(state_.institution, id);
    return unit == nullptr ? code(id.text()) : text(unit->name);
}

Html Reader::item_class(const institution::ItemClassId& id) const {
    const auto* item = institution::find_item_class(state_.institution, id);
    return item == nullptr ? code(id.text()) : text(item->name);
}

Html Reader::end_use(const institution::EndUseId& id) const {
    const auto* use = institution::find_end_use(state_.institution, id);
    return use == nullptr ? code(id.text()) : text(use->name);
}

Html Reader::member_class(const institution::ClassId& id) const {
    const auto* found = institution::find_class(state_.institution, id);
    return found == nullptr ? code(id.text()) : text(found->name);
}

Html Reader::status(const institution::StatusId& id) const {
    const auto* found = find_in(state_.institution.charter.statuses, id);
    return found == nullptr ? code(id.text()) : text(found->name);
}

Html Reader::group(const institution::GroupId& id) const {
    const auto* found = find_in(state_.institution.charter.groups, id);
    return found == nullptr ? code(id.text()) : text(found->name);
}

Html Reader::organ(const institution::OrganId& id) const {
    const auto* found = institution::find_organ(state_.institution, id);
    return found == nullptr ? code(id.text()) : text(found->name);
}

Html Reader::code(std::string_view id) const {
    return element("code", {{"dir", "ltr"}, {"translate", "no"}}, Html::text(id));
}

Html Reader::time(Timestamp time) const {
    const std::string text = time.text();  // 2026-09-01T08:00:00Z
    const std::string shown =
        text.size() == 20 ? text.substr(0, 10) + " " + text.substr(11, 5) + " UTC" : text;
    return element("bdi", element("time", {{"datetime", text}}, Html::text(shown)));
}

Html Reader::date(Date date) const {
    return element("bdi", element("time", {{"datetime", date.text()}}, Html::text(date.text())));
}

Html Reader::period(Date from, const std::optional<Date>& until) const {
    if (!until) return say("period.open", {{"from", date(from)}});
    return say("period", {{"from", date(from)}, {"until", date(*until)}});
}

Html Reader::number(std::int64_t number) const {
    return element("bdi", catalogue_.message(english(), "number", {{"n", number}}));
}

Html Reader::share(const Rational& value) const {
    if (value.den == 1) return number(value.num);
    return element("bdi", Html::text(value.text() + " (" + decimal(value) + ")"));
}

}  // namespace comity::server
