// SPDX-License-Identifier: Apache-2.0
#include "exchange/instance_json.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <limits>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

#include "base/check.h"
#include "codec/describe.h"
#include "codec/json.h"
#include "codec/pointer.h"
#include "exchange/allocation_explanation.h"
#include "exchange/certificate.h"
#include "exchange/lottery.h"
#include "exchange/rule.h"

namespace comity::exchange {

namespace {

using codec::Array;
using codec::Object;
using codec::Value;

/// Greatest whole number that every JSON reader keeps exactly; larger ones are written as text.
constexpr std::int64_t json_number_max = (std::int64_t{1} << 53) - 1;

/// Where in a document we are, for messages, and with which reason to refuse.
struct Place {
    std::string_view reason;
    std::string pointer;

    Place at(std::string_view member) const {
        return {reason, pointer + codec::pointer_to_member(member)};
    }
    Error error(std::string_view what) const {
        return Error{Code::invalid, reason, codec::message_at(pointer, what)};
    }
};

Result<const Object*> object_at(const Value& value, const Place& place) {
    const Object* object = value.as<Object>();
    if (object == nullptr) return place.error("Expected an object.");
    return object;
}

Result<std::string> text_at(const Value& value, const Place& place) {
    const std::string* text = value.as<std::string>();
    if (text == nullptr) return place.error("Expected a text.");
    return *text;
}

/// A whole number, or its decimal digits as a text.
Result<std::int64_t> number_at(const Value& value, const Place& place) {
    if (const std::int64_t* number = value.as<std::int64_t>()) return *number;
    std::int64_t number = 0;
    if (const std::string* text = value.as<std::string>()) {
        const char* end = text->data() + text->size();
        const auto [rest, error] = std::from_chars(text->data(), end, number);
        const bool is_plain = text->size() == 1 || (text->front() != '0' && text->front() != '-');
        if (error == std::errc() && rest == end && is_plain) return number;
    }
    return place.error("Expected a whole number, or its digits as a text.");
}

const Value* find(const Object& object, const std::string& member) {
    const auto found = object.find(member);
    return found == object.end() ? nullptr : &found->second;
}

Result<const Value*> require(const Object& object, const std::string& member, const Place& place) {
    const Value* value = find(object, member);
    if (value == nullptr) return place.error("The member \"" + member + "\" is missing.");
    return value;
}

Result<> allow_only(const Object& object, std::initializer_list<std::string_view> members,
                    const Place& place) {
    for (const auto& [member, value] : object) {
        if (std::find(members.begin(), members.end(), member) == members.end()) {
            return place.at(member).error("No member of this name is known here.");
        }
    }
    return {};
}

Result<std::int64_t> optional_number(const Object& object, const std::string& member,
                                     std::int64_t otherwise, const Place& place) {
    const Value* value = find(object, member);
    return value == nullptr ? Result<std::int64_t>(otherwise) : number_at(*value, place.at(member));
}

std::optional<Index> position(const std::vector<std::string>& sorted, const std::string& id) {
    const auto found = std::lower_bound(sorted.begin(), sorted.end(), id);
    if (found == sorted.end() || *found != id) return std::nullopt;
    return static_cast<Index>(found - sorted.begin());
}

std::vector<std::string> member_ids(const AllocationInstance& instance) {
    std::vector<std::string> ids;
    ids.reserve(instance.members.size());
    for (const AllocationMember& member : instance.members) ids.push_back(member.name);
    return ids;
}

Result<> read_members(const Value& value, AllocationInstance& instance, const Place& place) {
    for (const auto& [id, fields] : *TRY(object_at(value, place))) {
        const Place here = place.at(id);
        const Object& member = *TRY(object_at(fields, here));
        TRY(allow_only(member, {"w", "min", "max", "carry"}, here));
        const Value* weight_value = TRY(require(member, "w", here));
        AllocationMember read;
        read.name = id;
        read.weight = TRY(number_at(*weight_value, here.at("w")));
        read.floor = TRY(optional_number(member, "min", 0, here));
        read.cap = TRY(optional_number(member, "max", units_max, here));
        read.carry_over = TRY(optional_number(member, "carry", 0, here));
        read.tie_rank = static_cast<std::uint32_t>(instance.members.size());
        instance.members.push_back(std::move(read));
    }
    return {};
}

Result<> read_offers(const Value& value, NamedInstance& named, const Place& place) {
    for (const auto& [id, capacity] : *TRY(object_at(value, place))) {
        const std::int64_t units = TRY(number_at(capacity, place.at(id)));
        named.offers.push_back(id);
        named.instance.offers.push_back({units});
    }
    return {};
}

/// Adds a list of offers, given by their ids, to the instance.
Result<> read_list(const Value& value, NamedInstance& named, const Place& place) {
    const Array* lawful = value.as<Array>();
    if (lawful == nullptr) return place.error("Expected an array of offers.");
    std::vector<Index> offers;
    offers.reserve(lawful->size());
    for (const Value& element : *lawful) {
        const std::string id = TRY(text_at(element, place));
        const std::optional<Index> offer = position(named.offers, id);
        if (!offer) return place.error("There is no offer \"" + codec::excerpt(id) + "\".");
        offers.push_back(*offer);
    }
    std::sort(offers.begin(), offers.end());
    if (std::adjacent_find(offers.begin(), offers.end()) != offers.end()) {
        return place.error("An offer is listed twice.");
    }
    std::vector<Index>& all = named.instance.lawful_offers;
    all.insert(all.end(), offers.begin(), offers.end());
    if (all.size() > pairs_max) return place.error("There are over 2^32 lawful pairs.");
    named.instance.lawful_begin.push_back(static_cast<Index>(all.size()));
    return {};
}

/// The lists that needs may share; returns their ids, ascending.
Result<std::vector<std::string>> read_lists(const Object& inner, NamedInstance& named,
                                            const Place& place) {
    std::vector<std::string> ids;
    const Value* lists = find(inner, "lists");
    if (lists == nullptr) return ids;
    for (const auto& [id, offers] : *TRY(object_at(*lists, place.at("lists")))) {
        ids.push_back(id);
        TRY(read_list(offers, named, place.at("lists").at(id)));
    }
    return ids;
}

/// The list of a need: one of its own, or the id of one that it shares.
Result<Index> read_lawful(const Value& value, NamedInstance& named,
                          const std::vector<std::string>& lists, const Place& place) {
    if (const auto* id = value.as<std::string>()) {
        const std::optional<Index> list = position(lists, *id);
        if (!list) return place.error("There is no list \"" + codec::excerpt(*id) + "\".");
        return *list;
    }
    TRY(read_list(value, named, place));
    return named.instance.list_count() - 1;
}

Result<> read_needs(const Value& value, NamedInstance& named, const std::vector<std::string>& lists,
                    const Place& place) {
    const std::vector<std::string> members = member_ids(named.instance);
    for (const auto& [id, fields] : *TRY(object_at(value, place))) {
        const Place here = place.at(id);
        const Object& need = *TRY(object_at(fields, here));
        TRY(allow_only(need, {"member", "qty", "lawful"}, here));
        const Value* owner_value = TRY(require(need, "member", here));
        const std::string owner = TRY(text_at(*owner_value, here.at("member")));
        const std::optional<Index> member = position(members, owner);
        if (!member) {
            return here.at("member").error("There is no member \"" + codec::excerpt(owner) + "\".");
        }
        const Value* quantity_value = TRY(require(need, "qty", here));
        const std::int64_t quantity = TRY(number_at(*quantity_value, here.at("qty")));
        named.needs.push_back(id);
        named.instance.needs.push_back({.owner = *member, .quantity = quantity});
        const Value* lawful = TRY(require(need, "lawful", here));
        named.instance.lawful_list.push_back(
            TRY(read_lawful(*lawful, named, lists, here.at("lawful"))));
    }
    return {};
}

Result<std::vector<std::string>> read_member_ids(const Value& value,
                                                 const AllocationInstance& instance,
                                                 const Place& place) {
    const Array* array = value.as<Array>();
    if (array == nullptr) return place.error("Expected an array of members.");
    const std::vector<std::string> members = member_ids(instance);
    std::vector<std::string> ids;
    std::set<std::string> seen;
    for (const Value& element : *array) {
        const std::string id = TRY(text_at(element, place));
        if (!position(members, id)) {
            return place.error("There is no member \"" + codec::excerpt(id) + "\".");
        }
        if (!seen.insert(id).second) {
            return place.error("Member \"" + codec::excerpt(id) + "\" is listed twice.");
        }
        ids.push_back(id);
    }
    return ids;
}

/// A digest is the seed of a draw; any other text or number is hashed to one.
Result<Digest> read_seed(const Value& value, const Place& place) {
    if (const std::int64_t* number = value.as<std::int64_t>()) {
        return sha256({bytes_of(std::to_string(*number))});
    }
    const std::string text = TRY(text_at(value, place));
    const Result<Digest> digest = Digest::parse(text);
    return digest ? *digest : sha256({bytes_of(text)});
}

/// The members in the order of the lottery, all of them.
Result<> read_lottery(const Value& value, AllocationInstance& instance, const Place& place) {
    const std::vector<std::string> order = TRY(read_member_ids(value, instance, place));
    if (order.size() != instance.members.size()) {
        return place.error("A lottery order must list every member once.");
    }
    const std::vector<std::string> members = member_ids(instance);
    for (Index rank = 0; rank < order.size(); ++rank) {
        const std::optional<Index> member = position(members, order[rank]);
        COMITY_CHECK(member.has_value());
        instance.members[*member].tie_rank = rank;
    }
    return {};
}

Result<> read_draw(const Value& seed_value, const Value* withheld_value,
                   AllocationInstance& instance, const Place& place) {
    const Digest seed = TRY(read_seed(seed_value, place.at("seed")));
    std::set<std::string> withheld;
    if (withheld_value != nullptr) {
        const std::vector<std::string> ids =
            TRY(read_member_ids(*withheld_value, instance, place.at("withheld")));
        withheld.insert(ids.begin(), ids.end());
    }
    const std::vector<std::uint32_t> ranks = lottery_ranks(seed, member_ids(instance), withheld);
    for (std::size_t m = 0; m < ranks.size(); ++m) instance.members[m].tie_rank = ranks[m];
    return {};
}

/// "rounding", and "lottery" or "seed" with "withheld", which may stand beside or inside the
/// instance.
Result<> read_options(const Object& object, NamedInstance& named, const Place& place) {
    if (const Value* rounding = find(object, "rounding")) {
        const Result<Rounding> read = codec::from_value<Rounding>(*rounding);
        if (!read) {
            return place.at("rounding")
                .error("Expected adams, sainte_lague, dhondt or huntington_hill.");
        }
        named.rounding = *read;
    }
    const Value* lottery = find(object, "lottery");
    const Value* seed = find(object, "seed");
    const Value* withheld = find(object, "withheld");
    if (lottery != nullptr && (seed != nullptr || withheld != nullptr)) {
        return place.at("lottery").error("Give either the order or the seed of the draw.");
    }
    if (lottery != nullptr) return read_lottery(*lottery, named.instance, place.at("lottery"));
    if (seed != nullptr) return read_draw(*seed, withheld, named.instance, place);
    if (withheld != nullptr)
        return place.at("withheld").error("Only a draw from a seed knows this.");
    return {};
}

Result<> read_expected(const Object& object, NamedInstance& named, const Place& place) {
    if (const Value* exact = find(object, "r")) {
        for (const auto& [id, total] : *TRY(object_at(*exact, place.at("r")))) {
            named.expected[id] = TRY(text_at(total, place.at("r").at(id)));
        }
    }
    if (const Value* units = find(object, "units")) {
        for (const auto& [id, total] : *TRY(object_at(*units, place.at("units")))) {
            named.expected_units[id] = TRY(number_at(total, place.at("units").at(id)));
        }
    }
    return {};
}

Result<NamedInstance> read_instance(const Value& value, const Place& place) {
    NamedInstance named;
    const Object& outer = *TRY(object_at(value, place));
    const Value* wrapped = find(outer, "instance");
    const Place here = wrapped == nullptr ? place : place.at("instance");
    const Object& inner = wrapped == nullptr ? outer : *TRY(object_at(*wrapped, here));
    if (wrapped != nullptr) {
        TRY(allow_only(
            outer,
            {"name", "instance", "rounding", "lottery", "seed", "withheld", "r", "units", "note"},
            place));
        TRY(allow_only(
            inner,
            {"members", "offers", "lists", "needs", "rounding", "lottery", "seed", "withheld"},
            here));
    } else {
        TRY(allow_only(inner,
                       {"name", "members", "offers", "lists", "needs", "rounding", "lottery",
                        "seed", "withheld", "r", "units", "note"},
                       here));
    }
    if (const Value* name = find(outer, "name")) {
        named.name = TRY(text_at(*name, place.at("name")));
    }
    const Value* members = TRY(require(inner, "members", here));
    TRY(read_members(*members, named.instance, here.at("members")));
    const Value* offers = TRY(require(inner, "offers", here));
    TRY(read_offers(*offers, named, here.at("offers")));
    const Value* needs = TRY(require(inner, "needs", here));
    const std::vector<std::string> lists = TRY(read_lists(inner, named, here));
    TRY(read_needs(*needs, named, lists, here.at("needs")));
    TRY(read_options(inner, named, here));
    if (wrapped != nullptr) TRY(read_options(outer, named, place));
    TRY(read_expected(outer, named, place));
    const Result<> checked = check_instance(named.instance);
    if (!checked) {
        return Error{checked.error().code, checked.error().reason,
                     codec::message_at(place.pointer, checked.error().message)};
    }
    return named;
}

Value number(std::int64_t units) {
    if (units > json_number_max) return {std::to_string(units)};
    return {units};
}

Value text(std::string_view words) { return {std::string(words)}; }

/// Members in the order of the draw.
Value lottery_order(const AllocationInstance& instance) {
    std::vector<const AllocationMember*> members;
    members.reserve(instance.members.size());
    for (const AllocationMember& member : instance.members) members.push_back(&member);
    std::sort(members.begin(), members.end(),
              [](const auto* a, const auto* b) { return a->tie_rank < b->tie_rank; });
    Array order;
    for (const AllocationMember* member : members) order.push_back({member->name});
    return {std::move(order)};
}

/// An id for each list that several needs have, in the order of their first needs; none for others.
std::vector<std::string> ids_of_shared_lists(const AllocationInstance& instance) {
    std::vector<std::size_t> users(instance.list_count());
    for (Index need = 0; need < instance.needs.size(); ++need) ++users[instance.list_of(need)];
    std::vector<std::string> ids(instance.list_count());
    std::size_t named = 0;
    for (Index need = 0; need < instance.needs.size(); ++need) {
        const Index list = instance.list_of(need);
        if (users[list] < 2 || !ids[list].empty()) continue;
        const std::string digits = std::to_string(++named);
        ids[list] = "l" + std::string(digits.size() < 9 ? 9 - digits.size() : 0, '0') + digits;
    }
    return ids;
}

Value list_value(const NamedInstance& named, Index list) {
    Array offers;
    for (const Index offer : named.instance.list(list)) offers.push_back({named.offers[offer]});
    return {std::move(offers)};
}

Value totals_value(const AllocationInstance& instance, const Allocation& allocation) {
    std::int64_t offered = 0;
    std::int64_t asked = 0;
    for (const AllocationOffer& offer : instance.offers) offered += offer.capacity;
    for (const AllocationNeed& need : instance.needs) asked += need.quantity;
    const std::int64_t given =
        std::accumulate(allocation.totals.begin(), allocation.totals.end(), std::int64_t{0});
    return {
        Object{{"offered", number(offered)}, {"asked", number(asked)}, {"given", number(given)}}};
}

Object needs_value(const NamedInstance& named, const Allocation& allocation) {
    const AllocationInstance& instance = named.instance;
    const std::vector<NeedExplanation> reasons = explain(instance, named.rounding, allocation);
    Object needs;
    auto flow = allocation.flows.begin();
    for (Index j = 0; j < instance.needs.size(); ++j) {
        const NeedExplanation& reason = reasons[j];
        Object from;
        for (; flow != allocation.flows.end() && flow->need == j; ++flow) {
            from[named.offers[flow->offer]] = number(flow->units);
        }
        Object need{{"units", number(reason.given)},
                    {"from", {std::move(from)}},
                    {"outcome", codec::to_value(reason.outcome)}};
        if (reason.holder) need["holder"] = text(instance.members[*reason.holder].name);
        if (reason.bottleneck) need["bottleneck"] = text(instance.members[*reason.bottleneck].name);
        needs[named.needs[j]] = {std::move(need)};
    }
    return needs;
}

/// What a document claims; nothing in it is believed yet.
Result<Allocation> read_allocation(const NamedInstance& named, const Value& document) {
    const Place place{"exchange/bad-solution", ""};
    const Object& object = *TRY(object_at(document, place));
    Allocation allocation;
    const Value* members_value = TRY(require(object, "members", place));
    const Object& members = *TRY(object_at(*members_value, place.at("members")));
    for (const AllocationMember& member : named.instance.members) {
        const Place here = place.at("members").at(member.name);
        const Value* line_value = TRY(require(members, member.name, place.at("members")));
        const Object& line = *TRY(object_at(*line_value, here));
        const Value* units = TRY(require(line, "units", here));
        allocation.totals.push_back(TRY(number_at(*units, here.at("units"))));
    }
    const Value* needs_value = TRY(require(object, "needs", place));
    const Object& needs = *TRY(object_at(*needs_value, place.at("needs")));
    for (Index j = 0; j < named.needs.size(); ++j) {
        const Place here = place.at("needs").at(named.needs[j]);
        const Value* line_value = TRY(require(needs, named.needs[j], place.at("needs")));
        const Object& line = *TRY(object_at(*line_value, here));
        const Value* from = TRY(require(line, "from", here));
        for (const auto& [id, units] : *TRY(object_at(*from, here.at("from")))) {
            const std::optional<Index> offer = position(named.offers, id);
            if (!offer) return here.at("from").at(id).error("There is no such offer.");
            const std::int64_t carried = TRY(number_at(units, here.at("from").at(id)));
            allocation.flows.push_back({.need = j, .offer = *offer, .units = carried});
        }
    }
    const Value* certificate_value = TRY(require(object, "certificate", place));
    const Place here = place.at("certificate");
    allocation.certificate.assign(named.offers.size(), free_offer);
    const std::vector<std::string> ids = member_ids(named.instance);
    for (const auto& [id, bottleneck] : *TRY(object_at(*certificate_value, here))) {
        const std::optional<Index> offer = position(named.offers, id);
        if (!offer) return here.at(id).error("There is no such offer.");
        const std::string bottleneck_id = TRY(text_at(bottleneck, here.at(id)));
        const std::optional<Index> member = position(ids, bottleneck_id);
        if (!member) return here.at(id).error("There is no such member.");
        allocation.certificate[*offer] = *member;
    }
    return allocation;
}

/// The place of the first difference; the two are not equal.
std::string first_difference(const Value& claimed, const Value& right) {
    const Object* a = claimed.as<Object>();
    const Object* b = right.as<Object>();
    if (a == nullptr || b == nullptr) return "";
    for (const auto& [member, value] : *b) {
        const Value* other = find(*a, member);
        if (other == nullptr) return codec::pointer_to_member(member);
        if (!(*other == value)) {
            return codec::pointer_to_member(member) + first_difference(*other, value);
        }
    }
    for (const auto& [member, value] : *a) {
        if (!b->contains(member)) return codec::pointer_to_member(member);
    }
    return "";
}

Error certificate_error(const NamedInstance& named, const CertificateFault& fault) {
    std::string where;
    if (fault.member) where += ", member " + named.instance.members[*fault.member].name;
    if (fault.need) where += ", need " + named.needs[*fault.need];
    if (fault.offer) where += ", offer " + named.offers[*fault.offer];
    return Error{Code::invalid, "exchange/bad-certificate",
                 "The certificate fails at C" + std::to_string(fault.condition) + where + ": it " +
                     fault.what + "."};
}

}  // namespace

Result<std::vector<NamedInstance>> parse_instances(std::string_view json) {
    const Value document =
        TRY(codec::parse_json(json, {.bytes_max = instances_bytes_max, .depth_max = 8}));
    const Place place{"exchange/bad-instance", ""};
    std::vector<NamedInstance> instances;
    if (const Array* array = document.as<Array>()) {
        for (std::size_t i = 0; i < array->size(); ++i) {
            instances.push_back(TRY(read_instance((*array)[i], place.at(std::to_string(i)))));
        }
    } else {
        instances.push_back(TRY(read_instance(document, place)));
    }
    return instances;
}

codec::Value to_value(const NamedInstance& named) {
    const AllocationInstance& instance = named.instance;
    Object members;
    for (const AllocationMember& member : instance.members) {
        Object fields{{"w", number(member.weight)}};
        if (member.floor != 0) fields["min"] = number(member.floor);
        if (member.cap != units_max) fields["max"] = number(member.cap);
        if (member.carry_over != 0) fields["carry"] = number(member.carry_over);
        members[member.name] = {std::move(fields)};
    }
    Object offers;
    for (Index o = 0; o < named.offers.size(); ++o) {
        offers[named.offers[o]] = number(instance.offers[o].capacity);
    }
    const std::vector<std::string> shared = ids_of_shared_lists(instance);
    Object lists;
    for (Index l = 0; l < shared.size(); ++l) {
        if (!shared[l].empty()) lists[shared[l]] = list_value(named, l);
    }
    Object needs;
    for (Index j = 0; j < named.needs.size(); ++j) {
        const Index list = instance.list_of(j);
        needs[named.needs[j]] = {Object{
            {"member", text(instance.members[instance.needs[j].owner].name)},
            {"qty", number(instance.needs[j].quantity)},
            {"lawful", shared[list].empty() ? list_value(named, list) : text(shared[list])}}};
    }
    Object pool{{"members", {std::move(members)}},
                {"offers", {std::move(offers)}},
                {"needs", {std::move(needs)}}};
    if (!lists.empty()) pool["lists"] = {std::move(lists)};
    Object document{{"instance", {std::move(pool)}},
                    {"lottery", lottery_order(instance)},
                    {"rounding", codec::to_value(named.rounding)}};
    if (!named.name.empty()) document["name"] = text(named.name);
    return {std::move(document)};
}

Result<Solution> solve(const NamedInstance& named, unsigned threads) {
    Allocation allocation = TRY(allocate(named.instance, named.rounding, threads));
    std::vector<Fraction> exact = TRY(divisible_levels(named.instance));
    return Solution{.allocation = std::move(allocation), .exact = std::move(exact)};
}

codec::Value solution(const NamedInstance& named, const Solution& solved) {
    const AllocationInstance& instance = named.instance;
    const Allocation& allocation = solved.allocation;
    Object members;
    for (Index m = 0; m < instance.members.size(); ++m) {
        members[instance.members[m].name] = {
            Object{{"r", text(solved.exact[m].text())}, {"units", number(allocation.totals[m])}}};
    }
    Object certificate;
    for (Index o = 0; o < named.offers.size(); ++o) {
        const Index bottleneck = allocation.certificate[o];
        if (bottleneck == free_offer) continue;
        certificate[named.offers[o]] = text(instance.members[bottleneck].name);
    }
    Object document{
        {"rounding", codec::to_value(named.rounding)},  {"lottery", lottery_order(instance)},
        {"totals", totals_value(instance, allocation)}, {"members", {std::move(members)}},
        {"needs", {needs_value(named, allocation)}},    {"certificate", {std::move(certificate)}}};
    if (!named.name.empty()) document["name"] = text(named.name);
    return {std::move(document)};
}

Result<> check_solution(const NamedInstance& named, const codec::Value& document) {
    Solution claimed;
    claimed.allocation = TRY(read_allocation(named, document));
    TRY(check_instance(named.instance));
    const std::optional<CertificateFault> fault =
        certificate_fault(named.instance, named.rounding, claimed.allocation);
    if (fault) return certificate_error(named, *fault);
    claimed.exact = TRY(divisible_levels(named.instance));
    // What is proved says what the document must be, to the last word.
    const Value right = solution(named, claimed);
    if (document == right) return {};
    const Place place{"exchange/bad-solution", first_difference(document, right)};
    return place.error(
        "This is not what follows from the instance and the pairs, which are right.");
}

}  // namespace comity::exchange
