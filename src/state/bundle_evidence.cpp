// SPDX-License-Identifier: Apache-2.0
#include "state/bundle_evidence.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/hex.h"
#include "decide/evaluate.h"
#include "exchange/lottery.h"
#include "exchange/round.h"
#include "state/described.h"
#include "state/effects.h"

namespace comity::state {
namespace {

Error evidence_failed(const std::string& what) {
    return Error{Code::invalid, "state/bundle-evidence", what};
}

/// The record of a decided motion against what members signed.
class MotionProof {
public:
    MotionProof(const ProvenEntries& proven, decide::MotionRecord motion)
        : proven_(proven), motion_(std::move(motion)) {}

    Result<DecidedMotion> run(const Digest& digest) && {
        const std::string id = motion_.motion.id.text();
        const auto* moved = proven_.payload_at<decide::Motion>(motion_.entry);
        if (moved == nullptr || codec::to_cbor(*moved) != codec::to_cbor(motion_.motion)) {
            return entry_failed(motion_.entry, "it is not the motion " + id + ".");
        }
        // Who holds the record's keys must not be able to move what others then seem to support.
        const std::string& mover = proven_.issuer_at(motion_.entry);
        if (mover != motion_.mover.text() || mover == proven_.operator_id) {
            return entry_failed(motion_.entry, "the motion was not moved by its mover.");
        }
        const bool published =
            std::any_of(proven_.payloads.begin(), proven_.payloads.end(), [&](const auto& p) {
                const auto* notice = std::get_if<decide::OutcomeNotice>(&p.second);
                return notice != nullptr && notice->motion == motion_.motion.id &&
                       notice->outcome == digest;
            });
        if (!published) {
            return evidence_failed("Motion " + id + ": no entry has the digest of this outcome.");
        }
        const auto* decided = std::get_if<decide::Decided>(&motion_.stage);
        if (decided == nullptr) return evidence_failed("Motion " + id + " is not decided.");
        TRY(check_outcome(*decided));
        const auto same_position = [](const decide::RecordedPosition& recorded,
                                      const decide::Position& as_signed) {
            return recorded.position == as_signed.position && recorded.reason == as_signed.reason;
        };
        TRY(check_said<decide::Position>(motion_.positions, decided->decided_at, same_position));
        const auto same_vote = [](const decide::RecordedChoice& recorded,
                                  const decide::Vote& as_signed) {
            return recorded.choice == as_signed.choice &&
                   recorded.explanation == as_signed.explanation;
        };
        TRY(check_said<decide::Vote>(motion_.votes, decided->decided_at, same_vote));
        std::string said =
            "Motion " + id + (decided->adopted ? " was adopted" : " was not adopted") + " under " +
            decided->procedure.clause + "; every position and vote in it is signed by its member.";
        const bool adopted = decided->adopted;
        return DecidedMotion{std::move(motion_.motion), adopted, std::move(said)};
    }

private:
    /// What the motion's record says that members said is what they signed in these entries, in
    /// this order, since the motion was made and until it was decided.
    template <class Statement, class Recorded, class Same>
    Result<> check_said(const std::map<institution::MemberId, std::vector<Recorded>>& recorded,
                        std::uint64_t decided_at, const Same& is_same) const {
        for (const auto& [member, all] : recorded) {
            std::uint64_t before = motion_.entry;
            for (const Recorded& one : all) {
                const bool in_order = one.entry > std::exchange(before, one.entry);
                const auto* signed_by = proven_.payload_at<Statement>(one.entry);
                if (!in_order || one.entry > decided_at || signed_by == nullptr ||
                    signed_by->motion != motion_.motion.id || !is_same(one, *signed_by) ||
                    proven_.issuer_at(one.entry) != member.text()) {
                    return entry_failed(one.entry, "it is not what " + member.text() +
                                                       " said on motion " +
                                                       motion_.motion.id.text() + ".");
                }
            }
        }
        return {};
    }

    /// What was said is of members on the roll, and the outcome follows from the counts of it.
    Result<> check_outcome(const decide::Decided& decided) const {
        const std::string name = "Motion " + motion_.motion.id.text();
        const auto on_the_roll = [&](const auto& said) {
            return std::all_of(said.begin(), said.end(), [&](const auto& one) {
                return !one.second.empty() &&
                       std::binary_search(motion_.roll.begin(), motion_.roll.end(), one.first);
            });
        };
        const bool is_ascending = std::adjacent_find(motion_.roll.begin(), motion_.roll.end(),
                                                     std::greater_equal<>()) == motion_.roll.end();
        if (!is_ascending || !on_the_roll(motion_.positions) || !on_the_roll(motion_.votes)) {
            return evidence_failed(name + ": its roll does not fit what was said.");
        }
        if (codec::to_cbor(decide::count(motion_)) != codec::to_cbor(decided.counts)) {
            return evidence_failed(name + ": its counts are not those of its positions.");
        }
        const auto is_decisive = [&](const institution::Procedure& procedure) {
            return codec::to_cbor(procedure) == codec::to_cbor(decided.procedure);
        };
        TRY(check_procedures());
        const bool is_its_own =
            is_decisive(motion_.procedure) && motion_.procedure.id == motion_.motion.procedure;
        const bool is_fallback =
            motion_.fallback && is_decisive(*motion_.fallback) && decided.counts.object > 0;
        const auto* vote = std::get_if<institution::RecordedVote>(&decided.procedure.rule);
        const decide::Basis by_silence =
            decided.counts.object > 0 ? decide::Basis::silence_broken : decide::Basis::silence_kept;
        const decide::Basis follows =
            vote != nullptr ? decide::outcome(decide::ballot_of(decided.counts), *vote)
                            : by_silence;
        // A withdrawal is no outcome of counts; a receipt does not carry it.
        const bool adopts = decided.basis == decide::Basis::silence_kept ||
                            decided.basis == decide::Basis::majority_reached;
        if (!(is_its_own || is_fallback) || decided.adopted != adopts || decided.basis != follows) {
            return evidence_failed(name + ": its outcome does not follow from its counts.");
        }
        return {};
    }

    /// Under the founding charter the procedures are those that it has.
    Result<> check_procedures() const {
        if (motion_.charter_version != 1) return {};
        const std::string name = "Motion " + motion_.motion.id.text();
        if (!proven_.charter) return entry_failed(1, "the bundle lacks the charter.");
        const auto is_in_charter = [&](const institution::Procedure& procedure) {
            return std::any_of(proven_.charter->procedures.begin(),
                               proven_.charter->procedures.end(), [&](const auto& known) {
                                   return codec::to_cbor(known) == codec::to_cbor(procedure);
                               });
        };
        if (is_in_charter(motion_.procedure) &&
            (!motion_.fallback || is_in_charter(*motion_.fallback))) {
            return {};
        }
        return evidence_failed(name + ": its procedure is not the one of the charter.");
    }

    const ProvenEntries& proven_;
    decide::MotionRecord motion_;
};

/// A round's result against its inputs, and these against what members signed.
class RoundProof {
public:
    RoundProof(const ProvenEntries& proven, const DecidedMotion* motion)
        : proven_(proven), motion_(motion) {}

    Result<std::vector<std::string>> run(const RoundEvidence& evidence) const {
        auto inputs = codec::from_cbor<exchange::RoundInputs>(evidence.inputs);
        if (!inputs) return evidence_failed("The round's inputs: " + inputs.error().message);
        auto result = codec::from_cbor<exchange::RoundResult>(evidence.result);
        if (!result) return evidence_failed("The round's result: " + result.error().message);
        const std::string id = inputs->round.text();

        const Digest digest = sha256({evidence.result});
        const auto published =
            std::find_if(proven_.payloads.begin(), proven_.payloads.end(), [&](const auto& p) {
                const auto* notice = std::get_if<exchange::ResultNotice>(&p.second);
                return notice != nullptr && notice->round == inputs->round &&
                       notice->result == digest;
            });
        if (published == proven_.payloads.end()) {
            return evidence_failed("Round " + id + ": no entry has the digest of this result.");
        }
        const exchange::Round called = TRY(call_of(*inputs));
        TRY(check_rule(*inputs));
        TRY(check_frozen(*inputs));
        TRY(check_listed(*inputs));
        const LotteryActs acts = TRY(lottery_acts(*inputs, called, published->first));
        const auto right = exchange::check_result(*inputs, acts.commitments, acts.reveals,
                                                  acts.public_value, *result);
        if (!right) return evidence_failed("Round " + id + ": " + right.error().message);
        return std::vector<std::string>{
            "The allocation of round " + id + " follows from its inputs under rule " +
                inputs->rule.id.text() + " version " + std::to_string(inputs->rule.version) +
                "; its certificate of optimality holds.",
            "Its lottery follows from " + std::to_string(acts.commitments.size()) +
                " commitments made before the freeze and " + std::to_string(acts.reveals.size()) +
                " reveals after it." + basis_sentence(acts)};
    }

private:
    struct LotteryActs {
        std::map<institution::MemberId, Digest> commitments;
        std::map<institution::MemberId, Bytes> reveals;
        std::optional<exchange::PublicValue> public_value;
    };

    /// What made the order of ties unforeseeable, or that nothing did.
    static std::string basis_sentence(const LotteryActs& acts) {
        switch (exchange::lottery_basis(acts.public_value.has_value(), acts.reveals.size())) {
            case exchange::LotteryBasis::public_value:
                if (const auto& value = acts.public_value;
                    value && std::holds_alternative<exchange::DrandValue>(*value)) {
                    const auto* drand = std::get_if<exchange::DrandValue>(&*value);
                    const std::string number = std::to_string(drand->number);
                    return " It also follows from round " + number +
                           " of drand's network quicknet, which the round named in advance. That "
                           "the network signed it is not checked here: node "
                           "web/dist/check_beacon.js " +
                           number + " " + to_hex(drand->signature);
                }
                return " It also follows from the published numbers that the round named in "
                       "advance; look them up with their issuers.";
            case exchange::LotteryBasis::reveals:
                return " The round named no public source: the order of ties is as unforeseeable "
                       "as the values that were revealed.";
            case exchange::LotteryBasis::inputs_alone:
                break;
        }
        return " Nobody revealed and the round named no public source: the order of ties was fixed "
               "by the frozen inputs, and whoever entered the last of them could foresee it.";
    }

    /// The value of the public source that the round named, if it named one: entered after the last
    /// reveal and before the result.
    Result<std::optional<exchange::PublicValue>> public_value(const exchange::Round& called,
                                                              std::uint64_t after,
                                                              std::uint64_t published) const {
        if (called.public_source) {
            const auto may_be_named = exchange::check_public_source(
                *called.public_source, called.draws_at, called.answers_until);
            if (!may_be_named) return evidence_failed(may_be_named.error().message);
        }
        std::optional<exchange::PublicValue> value;
        for (const auto& [index, payload] : proven_.payloads) {
            const auto* beacon = std::get_if<exchange::Beacon>(&payload);
            if (beacon == nullptr || beacon->round != called.id) continue;
            if (!called.public_source || value || index <= after || index >= published) {
                return entry_failed(index, "it is not the public value of the round's lottery.");
            }
            const auto right =
                exchange::check_public_value(*called.public_source, called.draws_at, beacon->value);
            if (!right) return entry_failed(index, right.error().message);
            value = beacon->value;
        }
        if (called.public_source && !value) {
            return evidence_failed("Round " + called.id.text() +
                                   ": the bundle lacks the value of its public source.");
        }
        return value;
    }

    /// What went into the round's lottery: commitments before the cut-off, of which the last of a
    /// member counts, reveals between it and the result, each of a commitment, and the public
    /// value.
    Result<LotteryActs> lottery_acts(const exchange::RoundInputs& inputs,
                                     const exchange::Round& called, std::uint64_t published) const {
        LotteryActs acts;
        std::uint64_t last = inputs.cut_off;
        for (const auto& [index, payload] : proven_.payloads) {
            const auto member = institution::MemberId::parse(proven_.issuer_at(index));
            if (!member) continue;
            if (const auto* made = std::get_if<exchange::Commitment>(&payload)) {
                if (made->round != inputs.round) continue;
                if (index >= inputs.cut_off) {
                    return entry_failed(index, "it commits to a lot after the freeze.");
                }
                acts.commitments[*member] = made->commitment;
            }
            const auto* reveal = std::get_if<exchange::Reveal>(&payload);
            if (reveal == nullptr || reveal->round != inputs.round) continue;
            const auto commitment = acts.commitments.find(*member);
            if (index <= inputs.cut_off || index >= published ||
                commitment == acts.commitments.end() ||
                commitment->second != sha256({reveal->random}) ||
                !acts.reveals.emplace(*member, reveal->random).second) {
                return entry_failed(index, "it reveals no lot that was committed to in time.");
            }
            last = index;
        }
        acts.public_value = TRY(public_value(called, last, published));
        return acts;
    }

    static bool continues_as_called(const exchange::RoundInputs& inputs,
                                    const exchange::Round& round) {
        if (!inputs.continued || !round.continues) return !inputs.continued && !round.continues;
        return inputs.continued->round == *round.continues;
    }

    /// The round was called under this rule and unit, and its inputs use no more than the rule has.
    Result<exchange::Round> call_of(const exchange::RoundInputs& inputs) const {
        const auto& rule = inputs.rule;
        std::optional<exchange::Round> called;
        for (const auto& [index, payload] : proven_.payloads) {
            const auto* signed_call = std::get_if<exchange::Round>(&payload);
            if (signed_call == nullptr || index >= inputs.cut_off) continue;
            auto round = exchange::round_of_call(*signed_call, inputs.round, rule.version);
            if (round && round->unit == inputs.unit && round->rule == rule.id &&
                round->rule_version == rule.version && continues_as_called(inputs, *round) &&
                (round->continues || exchange::is_source_as_asked(rule, *round))) {
                called = std::move(round);
            }
        }
        if (!called) {
            return evidence_failed("Round " + inputs.round.text() +
                                   " was not called under this rule and unit.");
        }
        const bool same_table = rule.weights.has_value() == inputs.weights.has_value() &&
                                (!rule.weights || *rule.weights == inputs.weights->id);
        const bool is_plain =
            std::all_of(inputs.members.begin(), inputs.members.end(), [&](const auto& member) {
                return (rule.weights || member.weight == 1) &&
                       (inputs.continued || member.held == 0) &&
                       (rule.carry_over || member.carry_over == 0) &&
                       (rule.floor || !member.in_floor_group);
            });
        const bool all_listed =
            rule.weights || (inputs.unlisted.empty() && inputs.unlisted_needs.empty());
        const auto table = rule.least_cost ? rule.least_cost->table : std::nullopt;
        const bool same_costs =
            table.has_value() == inputs.costs.has_value() && (!table || *table == inputs.costs->id);
        if (!same_table || !same_costs || !is_plain || !all_listed) {
            return evidence_failed("Round " + inputs.round.text() +
                                   ": its inputs hold weights, costs, carry-over or floors that "
                                   "the rule does not have.");
        }
        return *std::move(called);
    }

    /// The round's rule is, to the letter, an effect of the adopted motion.
    Result<> check_rule(const exchange::RoundInputs& inputs) const {
        if (motion_ == nullptr || !motion_->adopted || motion_->motion.id.text() != inputs.motion) {
            return evidence_failed("The bundle does not show the adoption of the rule by motion " +
                                   inputs.motion + ".");
        }
        const decide::Effect wanted = make_effect(inputs.rule);
        for (const decide::Effect& effect : motion_->motion.effects) {
            if (effect.kind == wanted.kind && effect.value == wanted.value) return {};
        }
        return evidence_failed("Motion " + inputs.motion +
                               " adopted another rule than the round's.");
    }

    /// What a need's least quantity is once all but `unmet` of its units were promised.
    static std::optional<std::int64_t> minimum_left(const exchange::Need& need, std::int64_t factor,
                                                    std::int64_t unmet) {
        if (!need.minimum) return {};
        const std::int64_t left = *need.minimum * factor - (need.quantity * factor - unmet);
        return left > 0 ? std::optional(left) : std::nullopt;
    }

    /// Whether what was stated counts in the unit of the round: in its own, or converted as its
    /// author asked. By how much, the adopted table says, which replay shows.
    template <class Stated>
    static bool is_counted(const Stated& stated, const exchange::RoundInputs& inputs,
                           const std::optional<exchange::Converted>& converted) {
        const std::int64_t factor = converted ? converted->factor : 1;
        if (factor < 1 || factor > exchange::unit_factor_max || stated.quantity < 1 ||
            stated.quantity > exchange::quantity_max / factor) {
            return false;
        }
        if (!converted) return !stated.counts_in && stated.unit == inputs.unit;
        return stated.counts_in == inputs.unit && converted->stated_in == stated.unit;
    }

    /// Whether the need at `index` is what was frozen under its id.
    bool is_frozen(std::uint64_t index, const exchange::Need& need,
                   const exchange::RoundInputs& inputs, const exchange::FrozenNeed& frozen) const {
        const std::int64_t factor = frozen.converted ? frozen.converted->factor : 1;
        const std::int64_t least = need.minimum.value_or(1);
        return frozen.entry == index && is_counted(need, inputs, frozen.converted) && least >= 1 &&
               least <= need.quantity && need.item_classes == frozen.item_classes &&
               need.destination == frozen.destination && need.end_use == frozen.end_use &&
               need.from == frozen.from && need.until == frozen.until &&
               frozen.quantity <= need.quantity * factor && need.rank == frozen.rank &&
               need.choices == frozen.choices &&
               frozen.minimum == minimum_left(need, factor, frozen.quantity) &&
               proven_.issuer_at(index) == frozen.member.text();
    }

    bool is_frozen(std::uint64_t index, const exchange::Offer& offer,
                   const exchange::RoundInputs& inputs, const exchange::FrozenOffer& frozen) const {
        const std::int64_t factor = frozen.converted ? frozen.converted->factor : 1;
        return frozen.entry == index && is_counted(offer, inputs, frozen.converted) &&
               offer.item_class == frozen.item_class && offer.origin == frozen.origin &&
               offer.rivalry == frozen.rivalry && offer.from == frozen.from &&
               offer.until == frozen.until && frozen.quantity <= offer.quantity * factor &&
               proven_.issuer_at(index) == frozen.provider.text();
    }

    /// Every frozen need and offer whose statement is in the bundle is as it was stated.
    Result<> check_frozen(const exchange::RoundInputs& inputs) const {
        for (const auto& [index, payload] : proven_.payloads) {
            if (const auto* need = std::get_if<exchange::Need>(&payload)) {
                for (const auto* list :
                     {&inputs.needs, &inputs.unlisted_needs, &inputs.declined_needs}) {
                    for (const exchange::FrozenNeed& frozen : *list) {
                        if (frozen.id == need->id && !is_frozen(index, *need, inputs, frozen)) {
                            return entry_failed(index, "it is not the need that the round froze.");
                        }
                    }
                }
            }
            const auto* offer = std::get_if<exchange::Offer>(&payload);
            if (offer == nullptr) continue;
            for (const exchange::FrozenOffer& frozen : inputs.offers) {
                if (frozen.id == offer->id && !is_frozen(index, *offer, inputs, frozen)) {
                    return entry_failed(index, "it is not the offer that the round froze.");
                }
            }
        }
        return {};
    }

    /// What the receipt is about, and what was accepted and delivered, took part in the round.
    Result<> check_listed(const exchange::RoundInputs& inputs) const {
        const auto has = [](const auto& list, const auto& id) {
            return std::any_of(list.begin(), list.end(),
                               [&](const auto& frozen) { return frozen.id == id; });
        };
        const auto has_need = [&](const exchange::NeedId& id) {
            return has(inputs.needs, id) || has(inputs.unlisted_needs, id) ||
                   has(inputs.declined_needs, id);
        };
        for (const auto& [index, payload] : proven_.payloads) {
            bool is_listed = true;
            if (const auto* need = std::get_if<exchange::Need>(&payload)) {
                // A receipt for several entries shows one of their rounds.
                const bool is_for_it = proven_.about.size() == 1 && proven_.about.contains(index);
                is_listed = !is_for_it || has_need(need->id);
            } else if (const auto* answer = std::get_if<exchange::Acceptance>(&payload)) {
                is_listed = answer->round != inputs.round || has_need(answer->need);
            } else if (const auto* delivery = std::get_if<exchange::Delivery>(&payload)) {
                is_listed = delivery->round != inputs.round ||
                            (has_need(delivery->need) && has(inputs.offers, delivery->offer));
            }
            if (!is_listed) return entry_failed(index, "the round's inputs leave it out.");
        }
        return {};
    }

    const ProvenEntries& proven_;
    const DecidedMotion* motion_;
};

}  // namespace

Error entry_failed(std::uint64_t index, const std::string& what) {
    return Error{Code::invalid, "state/bundle-entry",
                 "Entry " + std::to_string(index) + ": " + what};
}

Result<DecidedMotion> check_motion(const ProvenEntries& proven, const MotionEvidence& evidence) {
    auto read = codec::from_cbor<decide::MotionRecord>(evidence.record);
    if (!read) return evidence_failed("The motion's record: " + read.error().message);
    return MotionProof(proven, std::move(read).value()).run(sha256({evidence.record}));
}

Result<std::vector<std::string>> check_round(const ProvenEntries& proven,
                                             const DecidedMotion* motion,
                                             const RoundEvidence& evidence) {
    return RoundProof(proven, motion).run(evidence);
}

}  // namespace comity::state
