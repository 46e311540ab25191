// SPDX-License-Identifier: Apache-2.0
//
// How we trust the exchange under whatever comes: random acts, valid, invalid, late and repeated,
// with the clock moving between them. A refused act changes nothing; after every act the books
// balance; nothing blocked is ever matched; every result passes its check.

#include <gtest/gtest.h>

#include <random>

#include "exchange/benefit.h"
#include "exchange/exchange_world.h"
#include "exchange/queries.h"

namespace comity::exchange {
namespace {

class RandomActs {
public:
    explicit RandomActs(unsigned seed) : random_(seed) {
        AllocationRule rule = equal_rule();
        if (below(2) == 0)
            rule.carry_over =
                CarryOver{1 + static_cast<std::uint32_t>(below(3)), *Rational::make(below(4), 3)};
        if (below(2) == 0) rule.floor = GroupFloor{id<institution::GroupId>("list"), {1, 3}};
        if (below(3) == 0) rule.member_cap = Rational{1, 2};
        rule.rounding = static_cast<Rounding>(below(5));
        rule.one_each = below(3) == 0;
        rule.by_choice = below(2) == 0;
        rule.minimums = below(2) == 0;
        rule.by_claims = below(5) == 0;
        rule.first_come = below(2) == 0;
        if (below(3) == 0) rule.tiers = {{id<institution::EndUseId>("health")}};
        EXPECT_EQ(world.adopt(rule), "adopted");
        for (const auto* item_class : {"course", "lab", "model"}) {
            for (const auto* area : {"XAA", "XAB", "XAC", "XAD"}) {
                if (below(4) != 0) continue;
                const auto verdict = below(3) == 0 ? institution::Verdict::needs_review
                                                   : institution::Verdict::blocked;
                world.restrictions.push_back(
                    {std::string(item_class) + "-ban", item_class, area, verdict});
            }
        }
        laws_at_first = world.restrictions;
    }

    void step() {
        switch (below(20)) {
            case 0:
            case 1:
                return clock();
            case 2:
            case 3:
                return enter(random_offer());
            case 4:
            case 5:
                return enter(random_need());
            case 6:
                return withdraw();
            case 7:
                return enter(random_round());
            case 8:
                return enter(commitment_of(round_name(), random_of(letter())));
            case 9:
                return enter(Reveal{id<RoundId>(round_name()), random_of(letter())});
            case 10:
                return enter(random_notice());
            case 11:
            case 12:
                return enter(random_answer());
            case 13:
                return enter(random_delivery());
            case 14:
                return enter(random_departure());
            case 15:
                return enter(random_claim());
            case 16:
                return dispute();
            case 17:
                return enter(RepetitionEnd{id<RoundId>(round_name())});
            default:
                return enter(random_confirmation());
        }
    }

    World world;
    std::vector<TestRestriction> laws_at_first;  ///< more may come in force
    int accepted = 0;
    int refused = 0;
    int settled = 0;

private:
    int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
    std::string name(std::string_view prefix) {
        return std::string(prefix) + std::to_string(below(prefix == "r" ? 6 : 24));
    }
    /// Mostly the newest round, because little is left to do in the others.
    std::string round_name() {
        const RoundRecord* newest = nullptr;
        for (const auto& [round, record] : world.exchange.rounds) {
            if (newest == nullptr || record.entry > newest->entry) newest = &record;
        }
        return newest == nullptr || below(8) == 0 ? name("r") : newest->round.id.text();
    }
    char letter() { return static_cast<char>('a' + below(2)); }
    std::string actor() {
        static const std::vector<std::string> actors = {"arda", "bela",  "cira",  "dova",
                                                        "enna", "maker", "school"};
        return actors[static_cast<std::size_t>(below(7))];
    }

    void withdraw() {
        if (below(2) == 0) return enter(OfferWithdrawal{id<OfferId>(name("o"))});
        enter(NeedWithdrawal{id<NeedId>(name("n"))});
    }

    /// Of a delivery that is known, mostly; sometimes a motion settles it.
    void dispute() {
        const DeliveryId delivery = random_confirmation().delivery;
        const DisputeSettlement settlement{delivery, below(4)};
        switch (below(5)) {
            case 0:
                return enter(DisputeWithdrawal{delivery});
            case 1:
            case 2:
                if (check_settlement(world.exchange, settlement)) {
                    apply_settlement(world.exchange, "motion-2", world.index++, settlement);
                    ++settled;
                }
                return;
            default:
                return enter(Dispute{delivery, "It is not so."});
        }
    }

    template <class Statement>
    void enter(const Statement& statement) {
        const bool is_compared = below(8) == 0;  // the octets of the whole state take time
        const Bytes before = is_compared ? codec::to_cbor(world.exchange) : Bytes{};
        if (world.act(likely_actor(statement), statement)) {
            ++accepted;
            return;
        }
        ++refused;
        if (is_compared) {
            EXPECT_EQ(codec::to_cbor(world.exchange), before) << "a refused act left a trace";
        }
    }

    /// Mostly whoever has the right, so that stories get far; sometimes anybody.
    std::string likely_actor(const Need& need) {
        static const std::map<std::string, std::string> seats = {
            {"XAA", "arda"}, {"XAB", "bela"}, {"XAC", "cira"}, {"XAD", "dova"}};
        return below(8) == 0 ? actor() : seats.at(need.destination.text());
    }
    std::string likely_actor(const Reveal& reveal) {
        const auto found = world.exchange.rounds.find(reveal.round);
        if (found == world.exchange.rounds.end() || found->second.commitments.empty()) {
            return actor();
        }
        return found->second.commitments.begin()->first.text();
    }
    std::string likely_actor(const Acceptance& answer) { return owner(answer.need); }
    std::string likely_actor(const NeedWithdrawal& withdrawal) { return owner(withdrawal.id); }
    std::string likely_actor(const Delivery& delivery) { return provider(delivery.offer); }
    std::string likely_actor(const OfferWithdrawal& withdrawal) { return provider(withdrawal.id); }
    std::string likely_actor(const Confirmation& confirmation) {
        const auto found = world.exchange.deliveries.find(confirmation.delivery);
        return found == world.exchange.deliveries.end() ? actor()
                                                        : owner(found->second.delivery.need);
    }
    std::string likely_actor(const Claim& claim) { return owner(claim.need); }
    std::string likely_actor(const Departure& departure) {
        return is_by_receiver(departure.kind) ? owner(departure.need) : provider(departure.offer);
    }
    std::string likely_actor(const Dispute& dispute) {
        const auto found = world.exchange.deliveries.find(dispute.delivery);
        if (found == world.exchange.deliveries.end()) return actor();
        const Delivery& delivery = found->second.delivery;
        return below(2) == 0 ? owner(delivery.need) : provider(delivery.offer);
    }
    template <class Statement>
    std::string likely_actor(const Statement&) {
        return actor();
    }
    std::string owner(const NeedId& need) {
        const auto found = world.exchange.needs.find(need);
        if (found == world.exchange.needs.end() || below(8) == 0) return actor();
        return found->second.member.text();
    }
    std::string provider(const OfferId& offer) {
        const auto found = world.exchange.offers.find(offer);
        if (found == world.exchange.offers.end() || below(8) == 0) return actor();
        return found->second.provider.text();
    }

    std::string item_class() {
        static const std::vector<std::string> classes = {"course", "lab", "model"};
        return classes[static_cast<std::size_t>(below(3))];
    }

    Offer random_offer() {
        Offer offer = offer_of(name("o"), below(9), item_class());
        if (below(4) == 0) offer.rivalry = Rivalry::non_rival;
        if (below(4) == 0) offer.until = day("2026-10-01");
        return offer;
    }

    Need random_need() {
        static const std::vector<std::string> areas = {"XAA", "XAB", "XAC", "XAD"};
        Need need = need_of(name("n"), areas[static_cast<std::size_t>(below(4))], below(9));
        if (below(2) == 0) need.item_classes = {id<institution::ItemClassId>(item_class())};
        if (below(4) == 0) need.until = day("2026-09-02");
        if (below(3) == 0) need.end_use = id<institution::EndUseId>("health");
        if (below(3) == 0) need.minimum = below(5);
        if (below(3) == 0) need.rank = static_cast<std::uint32_t>(below(3));
        if (below(3) == 0) need.choices = {{id<institution::ItemClassId>(item_class())}};
        return need;
    }

    Round random_round() {
        Round round = round_of(name("r"));
        round.freezes_at = Timestamp{world.institution.now.seconds + below(5) * 43'200};
        round.draws_at = Timestamp{round.freezes_at.seconds + below(5) * 43'200};
        round.answers_until = Timestamp{round.draws_at.seconds + below(9) * 86'400};
        if (below(3) == 0) {
            round.repeats = Repetition{static_cast<std::uint32_t>(6 + below(6)),
                                       static_cast<std::uint32_t>(1 + below(2))};
        } else if (below(3) == 0) {
            round.continues = id<RoundId>(round_name());
        }
        return round;
    }

    ResultNotice random_notice() {
        const RoundId round = id<RoundId>(round_name());
        const auto found = world.exchange.rounds.find(round);
        if (found != world.exchange.rounds.end()) {
            if (const auto* drawn = std::get_if<Allocated>(&found->second.stage)) {
                return {round, drawn->digest};
            }
        }
        return {round, {}};
    }

    // Answers, deliveries and confirmations are mostly for what exists: a random one almost never
    // does.

    Acceptance random_answer() {
        std::vector<std::pair<RoundId, NeedId>> open;
        for (const auto& [round, record] : world.exchange.rounds) {
            const auto* drawn = std::get_if<Allocated>(&record.stage);
            if (drawn == nullptr || drawn->answers_closed) continue;
            for (const NeedResult& need : drawn->result.needs) {
                if (need.allocated > 0) open.emplace_back(round, need.need);
            }
        }
        if (open.empty() || below(8) == 0) {
            return acceptance_of(name("r"), name("n"), below(7));
        }
        const auto& [round, need] = one_of(open);
        return {round, need, below(7)};
    }

    Confirmation random_confirmation() {
        std::vector<DeliveryId> known;
        for (const auto& [delivery, record] : world.exchange.deliveries) known.push_back(delivery);
        if (known.empty() || below(8) == 0) return confirmation_of(name("d"), below(4));
        return confirmation_of(one_of(known).text(), below(4));
    }

    template <class T>
    const T& one_of(const std::vector<T>& list) {
        return list[static_cast<std::size_t>(below(static_cast<int>(list.size())))];
    }

    /// Lines of all rounds, whether accepted or not.
    std::vector<std::pair<RoundId, Line>> all_lines() const {
        std::vector<std::pair<RoundId, Line>> lines;
        for (const auto& [round, record] : world.exchange.rounds) {
            const auto* drawn = std::get_if<Allocated>(&record.stage);
            if (drawn == nullptr) continue;
            for (const Line& line : drawn->result.lines) lines.emplace_back(round, line);
            for (const Line& line : drawn->result.grants) lines.emplace_back(round, line);
            for (const ClaimRecord& claim : drawn->claims) lines.emplace_back(round, claim.line);
        }
        return lines;
    }

    /// A restriction that stops the transfer, mostly; it came after the draw.
    void come_in_force(Departure& gone) {
        gone.restriction = id<institution::RestrictionId>("new-ban");
        const auto offer = world.exchange.offers.find(gone.offer);
        const auto need = world.exchange.needs.find(gone.need);
        if (offer == world.exchange.offers.end() || need == world.exchange.needs.end()) return;
        if (below(4) == 0) return;
        world.restrictions.push_back({"new-ban", offer->second.offer.item_class.text(),
                                      need->second.need.destination.text(),
                                      institution::Verdict::blocked});
    }

    Departure random_departure() {
        const auto lines = all_lines();
        Departure gone;
        gone.round = id<RoundId>(round_name());
        gone.offer = id<OfferId>(name("o"));
        gone.need = id<NeedId>(name("n"));
        if (!lines.empty() && below(8) != 0) {
            const auto& [round, line] = one_of(lines);
            gone.round = round;
            gone.offer = line.offer;
            gone.need = line.need;
        }
        gone.quantity = below(4);
        gone.kind = static_cast<DepartureKind>(below(4));
        gone.reason = "So it is.";
        if (gone.kind == DepartureKind::restricted) come_in_force(gone);
        return gone;
    }

    Claim random_claim() {
        Claim claim{id<RoundId>(round_name()), id<NeedId>(name("n")), id<OfferId>(name("o")),
                    below(4)};
        std::vector<OfferId> offers;
        for (const auto& [offer, record] : world.exchange.offers) {
            if (free_units(record) > 0) offers.push_back(offer);
        }
        std::vector<NeedId> needs;
        for (const auto& [need, record] : world.exchange.needs) {
            if (unmet_units(record) > 0) needs.push_back(need);
        }
        if (!offers.empty()) claim.offer = one_of(offers);
        if (!needs.empty()) claim.need = one_of(needs);
        return claim;
    }

    Delivery random_delivery() {
        const auto lines = all_lines();
        if (lines.empty() || below(8) == 0) {
            return delivery_of(name("d"), name("r"), name("o"), name("n"), below(4));
        }
        const auto& [round, line] = one_of(lines);
        return {id<DeliveryId>(name("d")), round, line.offer, line.need, below(4)};
    }

    void clock() {
        const Timestamp at{world.institution.now.seconds + 1 + below(2 * 86'400)};
        world.clock(at.text());
    }

    std::mt19937 random_;
};

/// Units that rounds promise to each need and each rival offer, counted anew.
struct Promised {
    std::map<NeedId, std::int64_t> needs;
    std::map<OfferId, std::int64_t> offers;

    explicit Promised(const Exchange& exchange) {
        for (const auto& [id, record] : exchange.rounds) {
            const auto* drawn = std::get_if<Allocated>(&record.stage);
            if (drawn == nullptr) continue;
            for (const auto& [need, stated] : exchange.needs) {
                for (const Line& line : promised_lines(*drawn, need)) {
                    needs[line.need] += line.units;
                    offers[line.offer] += line.units;
                }
            }
        }
    }
};

void check_books(const World& world) {
    const Exchange& exchange = world.exchange;
    Promised promised(exchange);
    for (const auto& [id, record] : exchange.needs) {
        ASSERT_EQ(record.promised, promised.needs[id]) << id.text();
    }
    for (const auto& [id, record] : exchange.offers) {
        if (record.offer.rivalry == Rivalry::non_rival) continue;
        ASSERT_EQ(record.promised, promised.offers[id]) << id.text();
        ASSERT_GE(free_units(record), 0) << id.text();
    }
    std::set<std::tuple<RoundId, NeedId, OfferId>> touched;
    for (const auto& [id, record] : exchange.deliveries) {
        const Delivery& delivery = record.delivery;
        touched.emplace(delivery.round, delivery.need, delivery.offer);
        if (const Arrival* arrival = record.arrival()) {
            ASSERT_LE(arrival->confirmation.quantity, delivery.quantity);
        }
    }
    for (const auto& [round, need, offer] : touched) {
        const LineState line = line_state(exchange, round, need, offer);
        ASSERT_GE(line.undelivered(), 0);
        ASSERT_GE(line.confirmed, line.returned);
    }
}

void check_draws(const World& world, const std::vector<TestRestriction>& laws_at_first) {
    World at_first;
    at_first.restrictions = laws_at_first;
    for (const auto& [id, record] : world.exchange.rounds) {
        const auto* drawn = std::get_if<Allocated>(&record.stage);
        if (drawn == nullptr) continue;
        const Result<> checked = check_result(drawn->inputs, record.commitments, record.reveals,
                                              record.public_value, drawn->result);
        ASSERT_TRUE(checked) << checked.error().message;
        for (const auto* list : {&drawn->result.lines, &drawn->result.grants}) {
            for (const Line& line : *list) {
                const Need& need = world.exchange.needs.at(line.need).need;
                const OfferRecord& offer = world.exchange.offers.at(line.offer);
                ASSERT_EQ(at_first
                              .screen({offer.offer.item_class, offer.offer.origin, need.destination,
                                       need.end_use})
                              .verdict,
                          institution::Verdict::allowed);
                ASSERT_NE(offer.provider, world.exchange.needs.at(line.need).member);
                ASSERT_TRUE(!need.item_classes ||
                            need.item_classes->contains(offer.offer.item_class));
            }
        }
        for (const NeedResult& need : drawn->result.needs) {
            const auto answer = drawn->accepted.find(need.need);
            ASSERT_TRUE(answer == drawn->accepted.end() || answer->second <= need.allocated);
            ASSERT_EQ(need.reason == Reason::met_in_full, need.allocated >= need.asked);
        }
    }
}

/// The rows of the unmet list have each need's unmet units, no more and no less, and the statistics
/// of barriers and restrictions are sums of these rows.
void check_unmet(const World& world, const institution::UnitId& unit) {
    const UnmetList unmet = unmet_in(world.exchange, unit);
    std::map<NeedId, std::int64_t> of_need;
    std::map<Barrier, std::pair<std::uint32_t, std::int64_t>> of_barrier;
    std::map<institution::RestrictionId, std::int64_t> of_restriction;
    std::int64_t total = 0;
    for (const UnmetUnits& row : unmet.rows) {
        ASSERT_GT(row.units, 0);
        ASSERT_EQ(row.restrictions.empty(),
                  row.barrier != Barrier::none_lawful && row.barrier != Barrier::restricted);
        of_need[row.need] += row.units;
        ++of_barrier[row.barrier].first;
        of_barrier[row.barrier].second += row.units;
        for (const auto& restriction : row.restrictions) of_restriction[restriction] += row.units;
        total += row.units;
    }
    std::map<NeedId, std::int64_t> expected;
    for (const auto& [id, record] : world.exchange.needs) {
        if (record.need.unit != unit || record.withdrawn_at) continue;
        if (const std::int64_t left = unmet_units(record); left > 0) expected[id] = left;
    }
    ASSERT_EQ(of_need, expected);
    ASSERT_EQ(unmet.total, total);
    ASSERT_EQ(unmet.restrictions, of_restriction);
    std::map<Barrier, std::pair<std::uint32_t, std::int64_t>> counted;
    for (const BarrierCount& count : unmet.barriers) {
        ASSERT_TRUE(counted.emplace(count.barrier, std::pair(count.needs, count.units)).second);
    }
    ASSERT_EQ(counted, of_barrier);
}

void check_views(const World& world) {
    const auto unit = id<institution::UnitId>("place");
    check_unmet(world, unit);
    const auto ledger = benefit(world.exchange, world.institution,
                                {unit, id<institution::ClassId>("state"), {}, {}, {}});
    ASSERT_TRUE(ledger);
    for (const MemberBenefit& row : ledger->members) {
        ASSERT_GE(row.confirmed, 0);
        ASSERT_LE(row.confirmed + row.returned + row.not_delivered, row.delivered);
        ASSERT_LE(row.confirmed + row.returned + row.fell_away, row.accepted + row.claimed);
        ASSERT_LE(row.accepted, row.allocated);
    }
}

TEST(ExchangeProperty, WhateverComesTheBooksBalance) {
    int accepted = 0;
    int refused = 0;
    int drawn = 0;
    int confirmed = 0;
    int settled = 0;
    std::size_t claims = 0;
    std::map<DepartureKind, int> departures;
    for (unsigned seed = 1; seed <= 100; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomActs acts(seed);
        for (int step = 0; step < 320; ++step) {
            acts.step();
            if (step % 5 == 0) check_books(acts.world);
            if (step % 50 == 0) check_views(acts.world);
            if (testing::Test::HasFailure()) return;
        }
        check_draws(acts.world, acts.laws_at_first);
        check_views(acts.world);
        if (testing::Test::HasFailure()) return;
        accepted += acts.accepted;
        refused += acts.refused;
        settled += acts.settled;
        for (const auto& [id, round] : acts.world.exchange.rounds) {
            const auto* allocated = std::get_if<Allocated>(&round.stage);
            drawn += allocated != nullptr;
            ASSERT_FALSE(std::holds_alternative<Failed>(round.stage));
            if (allocated == nullptr) continue;
            claims += allocated->claims.size();
            for (const auto& gone : allocated->departures) ++departures[gone.departure.kind];
        }
        for (const auto& [id, record] : acts.world.exchange.deliveries) {
            confirmed += !record.arrivals.empty();
        }
    }
    // The acts must have reached every part of the story for the above to mean anything.
    EXPECT_GT(accepted, 3'000);
    EXPECT_GT(refused, 3'000);
    EXPECT_GT(drawn, 150);
    EXPECT_GT(confirmed, 30);
    EXPECT_GT(settled, 1);
    EXPECT_GT(claims, 2U);
    EXPECT_EQ(departures.size(), 4U);
    RecordProperty("accepted", accepted);
    RecordProperty("refused", refused);
    RecordProperty("drawn", drawn);
    RecordProperty("confirmed", confirmed);
}

}  // namespace
}  // namespace comity::exchange
