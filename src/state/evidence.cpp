// SPDX-License-Identifier: Apache-2.0
//
// Which entries belong to one: the path from a need to a confirmed benefit, walked backwards.

#include "state/bundle.h"

namespace comity::state {
namespace {

class Walk {
public:
    explicit Walk(const State& state) : state_(state) {}

    Evidence from(std::uint64_t index, const Payload& payload) {
        evidence_.entries = {0, index};
        std::visit([this](const auto& p) { visit(p); }, payload);
        return std::move(evidence_);
    }

private:
    template <class T>
    void visit(const T&) {}

    void visit(const decide::Motion& p) { motion(p.id); }
    void visit(const decide::Position& p) { motion(p.motion); }
    void visit(const decide::Vote& p) { motion(p.motion); }
    void visit(const decide::OutcomeNotice& p) { motion(p.motion); }
    void visit(const exchange::Round& p) { round(p.id); }
    void visit(const exchange::Commitment& p) { round(p.round); }
    void visit(const exchange::Reveal& p) { round(p.round); }
    void visit(const exchange::Beacon& p) { round(p.round); }
    void visit(const exchange::ResultNotice& p) { round(p.round); }
    void visit(const exchange::Need& p) { need(p.id); }
    void visit(const exchange::Offer& p) { offer(p.id); }
    void visit(const exchange::Acceptance& p) {
        need(p.need);
        round(p.round);
    }
    void visit(const exchange::Delivery& p) { delivery(p.id); }
    void visit(const exchange::Confirmation& p) { delivery(p.delivery); }
    void visit(const exchange::RepetitionEnd& p) { round(p.round); }
    void visit(const exchange::Claim& p) {
        need(p.need);
        offer(p.offer);
        round(p.round);
    }
    void visit(const exchange::Departure& p) {
        need(p.need);
        offer(p.offer);
        round(p.round);
    }
    void visit(const exchange::Dispute& p) { delivery(p.delivery); }
    void visit(const exchange::DisputeWithdrawal& p) { delivery(p.delivery); }

    /// A decided motion whose outcome is on the record: with it, the reader sees why.
    void motion(const decide::MotionId& id) {
        const auto found = state_.decide.motions.find(id);
        const auto published = state_.decide.published.find(id);
        if (found == state_.decide.motions.end() || published == state_.decide.published.end()) {
            return;
        }
        // A withdrawal follows from no counts: the entries say all there is to say.
        const auto* decided = std::get_if<decide::Decided>(&found->second.stage);
        if (decided == nullptr || decided->basis == decide::Basis::withdrawn) return;
        evidence_.entries.insert({1, found->second.entry, published->second});
        insert_entries(found->second.positions);
        insert_entries(found->second.votes);
        evidence_.motion = id;
    }

    template <class Recorded>
    void insert_entries(const std::map<institution::MemberId, std::vector<Recorded>>& said) {
        for (const auto& [member, all] : said) {
            for (const Recorded& one : all) evidence_.entries.insert(one.entry);
        }
    }

    void round(const exchange::RoundId& id) {
        const auto found = state_.exchange.rounds.find(id);
        if (found == state_.exchange.rounds.end()) return;
        const auto& repeated = found->second.repeated;
        evidence_.entries.insert(repeated ? state_.exchange.rounds.at(repeated->call).entry
                                          : found->second.entry);
        const auto* allocated = std::get_if<exchange::Allocated>(&found->second.stage);
        if (allocated == nullptr || !allocated->published_at) return;
        const auto moved = decide::MotionId::parse(allocated->inputs.motion);
        if (!moved || !state_.decide.published.contains(*moved)) return;
        evidence_.entries.insert(*allocated->published_at);
        for (const auto* lottery : {&found->second.committed_at, &found->second.revealed_at}) {
            for (const auto& [member, entry] : *lottery) evidence_.entries.insert(entry);
        }
        if (const auto& value_at = found->second.public_value_at) {
            evidence_.entries.insert(*value_at);
        }
        evidence_.round = id;
        motion(*moved);
    }

    void need(const exchange::NeedId& id) {
        const auto found = state_.exchange.needs.find(id);
        if (found != state_.exchange.needs.end()) evidence_.entries.insert(found->second.entry);
        for (const auto& [round_id, record] : state_.exchange.rounds) {
            const auto* allocated = std::get_if<exchange::Allocated>(&record.stage);
            if (allocated == nullptr) continue;
            for (const auto& result : allocated->result.needs) {
                if (result.need == id) round(round_id);
            }
        }
    }

    void offer(const exchange::OfferId& id) {
        const auto found = state_.exchange.offers.find(id);
        if (found != state_.exchange.offers.end()) evidence_.entries.insert(found->second.entry);
    }

    void delivery(const exchange::DeliveryId& id) {
        const auto found = state_.exchange.deliveries.find(id);
        if (found == state_.exchange.deliveries.end()) return;
        const auto& record = found->second;
        evidence_.entries.insert(record.entry);
        for (const exchange::Arrival& said : record.arrivals) {
            // What a motion said stands in the motion, which is a receipt of its own.
            if (!said.motion) evidence_.entries.insert(said.entry);
        }
        for (const exchange::DisputeRecord& dispute : record.disputes) {
            evidence_.entries.insert(dispute.entry);
        }
        need(record.delivery.need);
        offer(record.delivery.offer);
        round(record.delivery.round);
    }

    const State& state_;
    Evidence evidence_;
};

}  // namespace

Evidence evidence_for(const State& state, std::uint64_t index, const Payload& payload) {
    return Walk(state).from(index, payload);
}

}  // namespace comity::state
