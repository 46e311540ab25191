// SPDX-License-Identifier: Apache-2.0
#include "exchange/instance_json.h"

#include <algorithm>
#include <limits>
#include <set>
#include <span>
#include <utility>

#include "base/check.h"
#include "codec/describe.h"
#include "codec/json.h"
#include "exchange/instance_costs.h"
#include "exchange/json_places.h"
#include "exchange/lottery.h"

namespace comity::exchange {

namespace {

using detail::allow_only;
using detail::Array;
using detail::find;
using detail::lottery_order;
using detail::member_ids;
using detail::number;
using detail::number_at;
using detail::Object;
using detail::object_at;
using detail::optional_number;
using detail::Place;
using detail::position;
using detail::require;
using detail::text;
using detail::text_at;
using detail::Value;

/// One number, or one for each earlier round, the last round first.
Result<std::vector<std::int64_t>> read_carry(const Object& member, const Place& place) {
    std::vector<std::int64_t> confirmed;
    const Value* carry = find(member, "carry");
    if (carry == nullptr) return confirmed;
    const Array* rounds = carry->as<Array>();
    if (rounds == nullptr) {
        confirmed.push_back(TRY(number_at(*carry, place)));
        return confirmed;
    }
    if (rounds->size() > carried_rounds_max) return place.error("There are too many rounds.");
    confirmed.reserve(rounds->size());
    for (const Value& units : *rounds) confirmed.push_back(TRY(number_at(units, place)));
    return confirmed;
}

Result<> read_members(const Value& value, NamedInstance& named, const Place& place) {
    AllocationInstance& instance = named.instance;
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
        named.confirmed.push_back(TRY(read_carry(member, here.at("carry"))));
        for (const std::int64_t units : named.confirmed.back()) {
            if (units < 0 || units > units_max - read.carry_over) {
                return here.at("carry").error("Expected 0 to 2^60 units in all.");
            }
            read.carry_over += units;
        }
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

/// The order of a need to which its member gave none: after all others.
constexpr std::uint32_t no_order = std::numeric_limits<std::uint32_t>::max();

/// The choices of a need, each a list of its own or one of `lists`; returns all their offers as one
/// list.
Result<Index> read_choices(const Value& value, NamedInstance& named,
                           const std::vector<std::string>& lists, std::vector<Index>& choices,
                           const Place& place) {
    const Array* array = value.as<Array>();
    if (array == nullptr) return place.error("Expected an array of choices.");
    if (array->size() > choices_max) return place.error("There are too many choices.");
    AllocationInstance& instance = named.instance;
    std::vector<Index> all;
    for (const Value& choice : *array) {
        const Index list = TRY(read_lawful(choice, named, lists, place));
        const std::span<const Index> offers = instance.list(list);
        all.insert(all.end(), offers.begin(), offers.end());
        choices.push_back(list);
    }
    std::sort(all.begin(), all.end());
    if (std::adjacent_find(all.begin(), all.end()) != all.end()) {
        return place.error("An offer stands in two choices.");
    }
    instance.lawful_offers.insert(instance.lawful_offers.end(), all.begin(), all.end());
    if (instance.lawful_offers.size() > pairs_max) {
        return place.error("There are over 2^32 lawful pairs.");
    }
    instance.lawful_begin.push_back(static_cast<Index>(instance.lawful_offers.size()));
    return instance.list_count() - 1;
}

/// What a need asks beside its quantity, and its lawful list.
Result<NeedTerms> read_terms(const Object& need, NamedInstance& named,
                             const std::vector<std::string>& lists, const Place& place) {
    NeedTerms terms;
    terms.minimum = TRY(optional_number(need, "min", 0, place));
    const std::int64_t rank = TRY(optional_number(need, "rank", no_order, place));
    if (rank < 0 || rank > no_order) return place.at("rank").error("Expected 0 to 2^32 - 1.");
    terms.own_order = static_cast<std::uint32_t>(rank);
    const Value* choices = find(need, "choices");
    if (choices != nullptr && find(need, "lawful") != nullptr) {
        return place.at("choices").error("Give either the lawful offers or the choices.");
    }
    Index list = 0;
    if (choices != nullptr) {
        list = TRY(read_choices(*choices, named, lists, terms.choices, place.at("choices")));
    } else {
        const Value* lawful = TRY(require(need, "lawful", place));
        list = TRY(read_lawful(*lawful, named, lists, place.at("lawful")));
    }
    named.instance.lawful_list.push_back(list);
    if (terms.minimum < 0 || terms.minimum > named.instance.needs.back().quantity) {
        return place.at("min").error("Expected a number from 0 to what the need asks.");
    }
    return terms;
}

Result<> read_needs(const Value& value, NamedInstance& named, const std::vector<std::string>& lists,
                    const Place& place) {
    const std::vector<std::string> members = member_ids(named.instance);
    for (const auto& [id, fields] : *TRY(object_at(value, place))) {
        const Place here = place.at(id);
        const Object& need = *TRY(object_at(fields, here));
        TRY(allow_only(
            need,
            {"member", "qty", "lawful", "choices", "min", "rank", "end_use", "cost", "before"},
            here));
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
        named.terms.push_back(TRY(read_terms(need, named, lists, here)));
        const Value* end_use = find(need, "end_use");
        named.end_uses.push_back(end_use == nullptr ? ""
                                                    : TRY(text_at(*end_use, here.at("end_use"))));
        if (end_use != nullptr && !institution::EndUseId::parse(named.end_uses.back())) {
            return here.at("end_use").error("Expected an id.");
        }
    }
    const bool has_terms = std::any_of(named.terms.begin(), named.terms.end(), [](const auto& t) {
        return t.minimum != 0 || t.own_order != no_order || !t.choices.empty();
    });
    if (!has_terms) named.terms.clear();
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
                .error("Expected adams, sainte_lague, dhondt, huntington_hill or serial.");
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

/// Groups of members and tables of weights, which rules name.
Result<> read_groups_and_weights(const Object& inner, NamedInstance& named, const Place& place) {
    const std::vector<std::string> members = member_ids(named.instance);
    if (const Value* groups = find(inner, "groups")) {
        for (const auto& [id, listed] : *TRY(object_at(*groups, place.at("groups")))) {
            std::vector<bool>& group = named.groups[id];
            group.resize(members.size());
            for (const std::string& member :
                 TRY(read_member_ids(listed, named.instance, place.at("groups").at(id)))) {
                group[position(members, member).value_or(0)] = true;
            }
        }
    }
    if (const Value* tables = find(inner, "weights")) {
        for (const auto& [id, table] : *TRY(object_at(*tables, place.at("weights")))) {
            const Place here = place.at("weights").at(id);
            std::vector<std::int64_t>& weights = named.weights[id];
            weights.resize(members.size());
            for (const auto& [name, weight] : *TRY(object_at(table, here))) {
                const std::optional<Index> member = position(members, name);
                if (!member) return here.at(name).error("There is no such member.");
                weights[*member] = TRY(number_at(weight, here.at(name)));
                if (weights[*member] < 1 || weights[*member] > weight_max) {
                    return here.at(name).error("Expected a weight from 1 to 2^40.");
                }
            }
        }
    }
    return {};
}

/// "rule", which may stand beside or inside the instance, as what stands beside "rounding" may.
Result<> read_rule_of(const Object& object, NamedInstance& named, const Place& place) {
    const Value* value = find(object, "rule");
    if (value == nullptr) return {};
    Result<AllocationRule> rule = read_rule(*value);
    if (!rule) return place.at("rule").error(rule.error().message);
    named.rule = std::move(rule).value();
    return {};
}

Result<NamedInstance> read_instance(const Value& value, const Place& place) {
    NamedInstance named;
    const Object& outer = *TRY(object_at(value, place));
    const Value* wrapped = find(outer, "instance");
    const Place here = wrapped == nullptr ? place : place.at("instance");
    const Object& inner = wrapped == nullptr ? outer : *TRY(object_at(*wrapped, here));
    if (wrapped != nullptr) {
        TRY(allow_only(outer,
                       {"name", "instance", "rounding", "rule", "lottery", "seed", "withheld", "r",
                        "units", "note"},
                       place));
        TRY(allow_only(inner,
                       {"members", "offers", "lists", "needs", "groups", "weights", "change",
                        "rounding", "rule", "lottery", "seed", "withheld"},
                       here));
    } else {
        TRY(allow_only(
            inner,
            {"name", "members", "offers", "lists", "needs", "groups", "weights", "change",
             "rounding", "rule", "lottery", "seed", "withheld", "r", "units", "note"},
            here));
    }
    if (const Value* name = find(outer, "name")) {
        named.name = TRY(text_at(*name, place.at("name")));
    }
    const Value* members = TRY(require(inner, "members", here));
    TRY(read_members(*members, named, here.at("members")));
    const Value* offers = TRY(require(inner, "offers", here));
    TRY(read_offers(*offers, named, here.at("offers")));
    const Value* needs = TRY(require(inner, "needs", here));
    const std::vector<std::string> lists = TRY(read_lists(inner, named, here));
    TRY(read_needs(*needs, named, lists, here.at("needs")));
    TRY(detail::read_costs(inner, named, here));
    TRY(read_groups_and_weights(inner, named, here));
    TRY(read_rule_of(inner, named, here));
    if (wrapped != nullptr) TRY(read_rule_of(outer, named, place));
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

Value carry_value(const NamedInstance& named, Index member) {
    const bool by_round = !named.confirmed.empty() && named.confirmed[member].size() > 1;
    if (!by_round) return number(named.instance.members[member].carry_over);
    Array rounds;
    for (const std::int64_t units : named.confirmed[member]) rounds.push_back(number(units));
    return {std::move(rounds)};
}

void add_terms(const NamedInstance& named, Index need, Object& fields) {
    if (!named.end_uses.empty() && !named.end_uses[need].empty()) {
        fields["end_use"] = text(named.end_uses[need]);
    }
    if (named.terms.empty()) return;
    const NeedTerms& terms = named.terms[need];
    if (terms.minimum != 0) fields["min"] = number(terms.minimum);
    if (terms.own_order != no_order) fields["rank"] = number(terms.own_order);
    if (terms.choices.empty()) return;
    Array choices;
    for (const Index list : terms.choices) choices.push_back(list_value(named, list));
    fields["choices"] = {std::move(choices)};
}

void add_groups_and_weights(const NamedInstance& named, Object& pool) {
    Object groups;
    for (const auto& [id, in_group] : named.groups) {
        Array members;
        for (std::size_t m = 0; m < in_group.size(); ++m) {
            if (in_group[m]) members.push_back(text(named.instance.members[m].name));
        }
        groups[id] = {std::move(members)};
    }
    Object tables;
    for (const auto& [id, weights] : named.weights) {
        Object table;
        for (std::size_t m = 0; m < weights.size(); ++m) {
            if (weights[m] != 0) table[named.instance.members[m].name] = number(weights[m]);
        }
        tables[id] = {std::move(table)};
    }
    if (!groups.empty()) pool["groups"] = {std::move(groups)};
    if (!tables.empty()) pool["weights"] = {std::move(tables)};
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
    for (Index m = 0; m < instance.members.size(); ++m) {
        const AllocationMember& member = instance.members[m];
        Object fields{{"w", number(member.weight)}};
        if (member.floor != 0) fields["min"] = number(member.floor);
        if (member.cap != units_max) fields["max"] = number(member.cap);
        if (const Value carry = carry_value(named, m); !(carry == number(0))) {
            fields["carry"] = carry;
        }
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
        Object need{{"member", text(instance.members[instance.needs[j].owner].name)},
                    {"qty", number(instance.needs[j].quantity)}};
        if (named.terms.empty() || named.terms[j].choices.empty()) {
            need["lawful"] = shared[list].empty() ? list_value(named, list) : text(shared[list]);
        }
        add_terms(named, j, need);
        detail::add_costs(named, j, need);
        needs[named.needs[j]] = {std::move(need)};
    }
    Object pool{{"members", {std::move(members)}},
                {"offers", {std::move(offers)}},
                {"needs", {std::move(needs)}}};
    if (!lists.empty()) pool["lists"] = {std::move(lists)};
    add_groups_and_weights(named, pool);
    detail::add_change(named, pool);
    Object document{{"instance", {std::move(pool)}},
                    {"lottery", lottery_order(instance)},
                    {"rounding", codec::to_value(named.rounding)}};
    if (!named.name.empty()) document["name"] = text(named.name);
    if (named.rule) document["rule"] = codec::to_value(*named.rule);
    return {std::move(document)};
}

}  // namespace comity::exchange
