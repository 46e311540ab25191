// SPDX-License-Identifier: Apache-2.0
//
// Steps 6 to 8: the rounds, what came of them, and how equal it was.

#include "demo/stage.h"
#include "exchange/benefit.h"
#include "exchange/lottery.h"

namespace comity::demo {
namespace {

constexpr std::array<std::string_view, 3> who_draws = {"lso", "lao", "zaf"};

Digest lot_of(std::string_view member, std::string_view round) {
    return sha256({bytes_of("comity demonstration lot\n"), bytes_of(member), bytes_of(round)});
}

exchange::Round round_of(const Stage& stage, std::string_view name, std::string title,
                         std::string_view unit, std::string_view rule) {
    return {.id = id<exchange::RoundId>(name),
            .title = english(std::move(title)),
            .unit = id<institution::UnitId>(unit),
            .rule = id<exchange::RuleId>(rule),
            .rule_version = 1,
            .freezes_at = {stage.now.seconds + day},
            .draws_at = {stage.now.seconds + 2 * day},
            .answers_until = {stage.now.seconds + 20 * day}};
}

Result<> commit(Stage& stage, std::string_view round) {
    for (const std::string_view member : who_draws) {
        TRY(stage.cast.delegate(
            member, exchange::Commitment{
                        .round = id<exchange::RoundId>(round),
                        .commitment = exchange::lottery_commitment(lot_of(member, round))}));
    }
    return {};
}

Result<> reveal(Stage& stage, std::string_view round) {
    for (const std::string_view member : who_draws) {
        const Digest lot = lot_of(member, round);
        TRY(stage.cast.delegate(
            member, exchange::Reveal{.round = id<exchange::RoundId>(round),
                                     .random = Bytes(lot.octets.begin(), lot.octets.end())}));
    }
    return {};
}

const exchange::Allocated* allocated(const state::State& state, std::string_view round) {
    const auto found = state.exchange.rounds.find(id<exchange::RoundId>(round));
    return found == state.exchange.rounds.end()
               ? nullptr
               : std::get_if<exchange::Allocated>(&found->second.stage);
}

const exchange::NeedResult* result_of(const exchange::Allocated& round, std::string_view need) {
    for (const auto& result : round.result.needs) {
        if (result.need.text() == need) return &result;
    }
    return nullptr;
}

Result<std::string> what_the_rounds_show(const state::State& state) {
    const auto* training = allocated(state, training_round);
    const auto* compute = allocated(state, compute_round);
    if (training == nullptr || compute == nullptr) {
        return proof_failed("A round did not allocate.");
    }
    std::int64_t given = 0;
    std::size_t zero = 0;
    for (const auto& member : training->result.members) {
        given += member.allocated;
        zero += member.allocated == 0 ? 1 : 0;
    }
    const auto* blocked = result_of(*compute, std::string(research_network) + "-equipment");
    if (given != 1'000 || blocked == nullptr || blocked->reason != exchange::Reason::none_lawful ||
        blocked->blocked_by.size() != 1 || blocked->lawful_alternatives.size() != 2) {
        return proof_failed("The rounds did not give what their inputs ask for.");
    }
    for (const auto* round : {training, compute}) {
        TRY(exchange::check_result(round->inputs, round->result));
    }
    const auto* lesotho = result_of(*training, "lso-training");
    return "Two rounds allocate and their certificates hold: 1,000 places, Lesotho " +
           std::to_string(lesotho->allocated) + " of " + std::to_string(lesotho->asked) + ", " +
           (zero == 0 ? "nobody" : std::to_string(zero) + " members") +
           " with zero; the blocked need cites its restriction and two lawful alternatives, " +
           blocked->lawful_alternatives[0].text() + " and " +
           blocked->lawful_alternatives[1].text() + ".";
}

/// Everybody takes what it was allocated.
Result<> accept_all(Stage& stage, std::string_view round) {
    const auto needs = stage.record.node->read(
        [&](const state::State& state) { return allocated(state, round)->result.needs; });
    for (const auto& need : needs) {
        if (need.allocated == 0) continue;
        TRY(stage.cast.seal(need.member.text(),
                            exchange::Acceptance{.round = id<exchange::RoundId>(round),
                                                 .need = need.need,
                                                 .quantity = need.allocated}));
    }
    return {};
}

struct Delivered {
    exchange::Delivery delivery;
    std::string receiver;
};

Result<std::vector<Delivered>> deliver_training(Stage& stage) {
    const auto lines = stage.record.node->read(
        [&](const state::State& state) { return allocated(state, training_round)->result.lines; });
    std::vector<Delivered> deliveries;
    for (const auto& line : lines) {
        const std::string receiver =
            line.need.text().substr(0, line.need.text().size() - std::string("-training").size());
        const exchange::Delivery delivery{.id = id<exchange::DeliveryId>(receiver + "-training-1"),
                                          .round = id<exchange::RoundId>(training_round),
                                          .offer = line.offer,
                                          .need = line.need,
                                          .quantity = line.units};
        TRY(stage.cast.seal(provider(1), delivery));
        deliveries.push_back({.delivery = delivery, .receiver = receiver});
    }
    return deliveries;
}

exchange::BenefitQuestion training_benefit() {
    return {.unit = id<institution::UnitId>("training-place"),
            .member_class = id<institution::ClassId>("state"),
            .group = {},
            .without = {},
            .weights = {}};
}

}  // namespace

Result<std::string> run_rounds(Stage& stage) {
    TRY(stage.pass(hour));
    TRY(stage.cast.seal("secretariat", round_of(stage, training_round, "Training places 2026",
                                                "training-place", "training-places")));
    TRY(stage.cast.seal("secretariat", round_of(stage, compute_round, "Compute hours 2026",
                                                "gpu-hour", "compute-hours")));
    TRY(commit(stage, training_round));
    TRY(commit(stage, compute_round));
    TRY(stage.pass(day));
    TRY(reveal(stage, training_round));
    TRY(reveal(stage, compute_round));
    TRY(stage.pass(day));
    return stage.record.node->read(what_the_rounds_show);
}

Result<std::string> deliver_and_confirm(Stage& stage) {
    TRY(stage.pass(day));
    TRY(accept_all(stage, training_round));
    TRY(accept_all(stage, compute_round));
    TRY(stage.pass(5 * day));
    const std::vector<Delivered> deliveries = TRY(deliver_training(stage));
    std::int64_t confirmed = 0;
    for (const Delivered& item : deliveries) {
        const bool arrived = item.receiver != delegation_b;
        TRY(stage.cast.seal(
            item.receiver,
            exchange::Confirmation{.delivery = item.delivery.id,
                                   .outcome = arrived ? exchange::DeliveryOutcome::confirmed
                                                      : exchange::DeliveryOutcome::not_delivered,
                                   .quantity = arrived ? item.delivery.quantity : 0,
                                   .note = {}}));
        confirmed += arrived ? item.delivery.quantity : 0;
    }
    TRY(stage.pass(day));
    return "Lesotho and " + std::to_string(deliveries.size() - 2) + " others confirm " +
           std::to_string(confirmed) +
           " places; a made-up delegation marks its delivery as not delivered, and it stays "
           "visible.";
}

Result<std::string> measure_benefit(Stage& stage) {
    return stage.record.node->read([](const state::State& state) -> Result<std::string> {
        exchange::BenefitQuestion before = training_benefit();
        before.without = id<exchange::RoundId>(training_round);
        const auto then = TRY(exchange::benefit(state.exchange, state.institution, before));
        const auto now =
            TRY(exchange::benefit(state.exchange, state.institution, training_benefit()));
        if (!then.among_askers || !now.among_askers || then.among_askers->total != 0 ||
            now.zero_receivers.size() != 1) {
            return proof_failed("The benefit ledger does not reconcile with the confirmations.");
        }
        return "Benefit of states in training places: " + std::to_string(then.among_askers->total) +
               " confirmed before, " + std::to_string(now.among_askers->total) +
               " after; smallest " + std::to_string(now.among_askers->min) + ", median " +
               now.among_askers->median.text() + ", Gini " + now.among_askers->gini.text() +
               "; one asked and has nothing, with the reason.";
    });
}

}  // namespace comity::demo
