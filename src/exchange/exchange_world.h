// SPDX-License-Identifier: Apache-2.0
#pragma once

// A small institution and its exchange, for tests: five members, two providers, two units, and acts
// that go through check and apply as in the fold. Restrictions are a list of what is blocked.

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "codec/describe.h"
#include "exchange/exchange.h"
#include "institution/institution.h"

namespace comity::exchange {

/// The id with this text. Reads well in tests: id<NeedId>("n1").
template <class T>
T id(std::string_view text) {
    return T::parse(text).value();
}

inline institution::MemberId member(std::string_view text) {
    return id<institution::MemberId>(text);
}

inline Date day(std::string_view text) { return Date::parse(text).value(); }

inline Timestamp time(std::string_view text) { return Timestamp::parse(text).value(); }

/// A restriction of the tests: blocks (or holds for review) an item class for a destination.
struct TestRestriction {
    std::string id;
    std::string item_class;
    std::string destination;
    institution::Verdict verdict = institution::Verdict::blocked;
};

struct World {
    institution::Institution institution;
    Exchange exchange;
    std::vector<TestRestriction> restrictions;
    std::uint64_t index = 2;
    std::map<institution::Transfer, int> times_screened;

    World() {
        using namespace institution;
        Charter& charter = institution.charter;
        for (const auto* name : {"place", "access"}) {
            charter.units.push_back({id<UnitId>(name), {}});
        }
        for (const auto* name : {"course", "model", "lab"}) {
            charter.item_classes.push_back({id<ItemClassId>(name), {}});
        }
        for (const auto* name : {"education", "health"}) {
            charter.end_uses.push_back({id<EndUseId>(name), {}});
        }
        charter.classes.push_back({id<ClassId>("state"), {}, {}, true});
        charter.classes.push_back({id<ClassId>("company"), {}, {}, false});
        Group list{id<GroupId>("list"), {}, id<SourceId>("source"), {}};
        list.members.push_back({id<AreaCode>("XAA"), day("2020-01-01"), {}});
        list.members.push_back({id<AreaCode>("XAB"), day("2020-01-01"), {}});
        list.members.push_back({id<AreaCode>("XAC"), day("2020-01-01"), day("2026-01-01")});
        charter.groups.push_back(list);
        add_member("arda", "state", "XAA");
        add_member("bela", "state", "XAB");
        add_member("cira", "state", "XAC");
        add_member("dova", "state", "XAD");
        add_member("enna", "state", std::nullopt);
        add_member("maker", "company", "XAP");
        add_member("school", "company", "XAQ");
        institution.now = time("2026-08-01T00:00:00Z");
    }

    void add_member(std::string_view name, std::string_view its_class,
                    std::optional<std::string_view> area) {
        institution::MemberRecord record;
        record.member_class = id<institution::ClassId>(its_class);
        if (area) record.area = id<institution::AreaCode>(*area);
        institution.members.emplace(member(name), std::move(record));
    }

    /// Enters the statement if check accepts it.
    template <class Statement>
    Result<> act(std::string_view actor, const Statement& statement) {
        const institution::Act circumstances{index, institution.now, {member(actor), {}, {}}};
        if constexpr (std::is_same_v<Statement, Claim> || std::is_same_v<Statement, Departure>) {
            TRY(check(exchange, institution, circumstances, statement, screening()));
        } else {
            TRY(check(exchange, institution, circumstances, statement));
        }
        apply(exchange, circumstances, statement);
        ++index;
        return {};
    }

    /// Enters it, or fails the test.
    template <class Statement>
    void must(std::string_view actor, const Statement& statement) {
        const Result<> entered = act(actor, statement);
        if (!entered) ADD_FAILURE() << entered.error().reason << ": " << entered.error().message;
    }

    template <class Statement>
    std::string refusal(std::string_view actor, const Statement& statement) {
        const Bytes before = codec::to_cbor(exchange);
        const Result<> entered = act(actor, statement);
        if (entered) return "accepted";
        EXPECT_EQ(before, codec::to_cbor(exchange));
        return std::string(entered.error().reason);
    }

    template <class Effect>
    std::string adopt(const Effect& effect) {
        const Result<> checked = check_adoption(exchange, institution, effect);
        if (!checked) return std::string(checked.error().reason);
        apply_adoption(exchange, "motion-1", index++, effect);
        return "adopted";
    }

    institution::Screening screen(const institution::Transfer& transfer) const {
        institution::Screening said;
        for (const TestRestriction& restriction : restrictions) {
            if (restriction.item_class != transfer.item_class.text() ||
                restriction.destination != transfer.destination.text()) {
                continue;
            }
            said.verdict = std::max(said.verdict, restriction.verdict);
            said.citations.push_back({id<institution::RestrictionId>(restriction.id),
                                      1,
                                      member("maker"),
                                      day("2026-01-01"),
                                      {},
                                      1});
        }
        return said;
    }

    Screen screening() {
        return [this](const institution::Transfer& transfer, Date) {
            ++times_screened[transfer];
            return screen(transfer);
        };
    }

    void clock(std::string_view at) {
        institution.now = time(at);
        advance(exchange, institution, screening(), institution.now, index++);
    }

    const RoundRecord& round(std::string_view name) const {
        return exchange.rounds.at(id<RoundId>(name));
    }

    const Allocated& allocated(std::string_view name) const {
        const auto* found = std::get_if<Allocated>(&round(name).stage);
        COMITY_CHECK(found != nullptr);
        return *found;
    }

    const NeedResult& outcome(std::string_view round_name, std::string_view need) const {
        for (const NeedResult& row : allocated(round_name).result.needs) {
            if (row.need.text() == need) return row;
        }
        COMITY_CHECK(false);
        return allocated(round_name).result.needs.front();
    }
};

inline Offer offer_of(std::string_view name, std::int64_t quantity,
                      std::string_view item_class = "course") {
    Offer offer;
    offer.id = id<OfferId>(name);
    offer.unit = id<institution::UnitId>("place");
    offer.item_class = id<institution::ItemClassId>(item_class);
    offer.origin = id<institution::AreaCode>("XAP");
    offer.quantity = quantity;
    offer.from = day("2026-01-01");
    return offer;
}

inline Need need_of(std::string_view name, std::string_view destination, std::int64_t quantity) {
    Need need;
    need.id = id<NeedId>(name);
    need.unit = id<institution::UnitId>("place");
    need.destination = id<institution::AreaCode>(destination);
    need.end_use = id<institution::EndUseId>("education");
    need.quantity = quantity;
    need.from = day("2026-09-01");
    need.until = day("2027-09-01");
    return need;
}

inline AllocationRule equal_rule() {
    AllocationRule rule;
    rule.id = id<RuleId>("equal");
    return rule;
}

inline Round round_of(std::string_view name, std::string_view rule = "equal",
                      std::uint32_t version = 1) {
    Round round;
    round.id = id<RoundId>(name);
    round.unit = id<institution::UnitId>("place");
    round.rule = id<RuleId>(rule);
    round.rule_version = version;
    round.freezes_at = time("2026-08-02T00:00:00Z");
    round.draws_at = time("2026-08-03T00:00:00Z");
    round.answers_until = time("2026-08-10T00:00:00Z");
    return round;
}

/// Freezes and draws the round that round_of calls.
inline void freeze_and_draw(World& world) {
    world.clock("2026-08-02T00:00:00Z");
    world.clock("2026-08-03T00:00:00Z");
}

inline Bytes random_of(char fill) { return Bytes(32, static_cast<std::byte>(fill)); }

inline Commitment commitment_of(std::string_view round, const Bytes& random) {
    return {id<RoundId>(round), sha256({random})};
}

inline Acceptance acceptance_of(std::string_view round, std::string_view need,
                                std::int64_t quantity) {
    return {id<RoundId>(round), id<NeedId>(need), quantity};
}

inline Delivery delivery_of(std::string_view name, std::string_view round, std::string_view offer,
                            std::string_view need, std::int64_t quantity) {
    return {id<DeliveryId>(name), id<RoundId>(round), id<OfferId>(offer), id<NeedId>(need),
            quantity};
}

inline Confirmation confirmation_of(std::string_view delivery, std::int64_t quantity) {
    return {id<DeliveryId>(delivery),
            quantity == 0 ? DeliveryOutcome::not_delivered : DeliveryOutcome::confirmed,
            quantity,
            {}};
}

}  // namespace comity::exchange
