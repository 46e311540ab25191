// SPDX-License-Identifier: Apache-2.0
#include "state/bundle.h"

#include <algorithm>
#include <functional>

#include "decide/evaluate.h"
#include "record/merkle.h"
#include "record/statement.h"
#include "record/tree.h"
#include "state/described.h"
#include "state/effects.h"
#include "state/fold.h"
#include "state/signing.h"

namespace comity::state {
namespace {

Error failed(std::string_view reason, std::string message) {
    return Error{Code::invalid, reason, std::move(message)};
}

Error entry_failed(std::uint64_t index, const std::string& what) {
    return failed("state/bundle-entry", "Entry " + std::to_string(index) + ": " + what);
}

Error evidence_failed(const std::string& what) { return failed("state/bundle-evidence", what); }

std::string text_of(const Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct ReadEntry {
    const BundleEntry* in_bundle = nullptr;
    record::Statement statement;
    std::string type;
};

/// A bundle as it is checked, step by step. Each step may use what those before it have proved.
class Verification {
public:
    Verification(const Bundle& bundle, const std::optional<crypto::PublicKey>& trusted)
        : bundle_(bundle), trusted_(trusted) {}

    Result<BundleReport> run() {
        TRY(read_entries());
        TRY(check_founding());
        TRY(check_checkpoint());
        TRY(check_inclusion());
        TRY(check_keys());
        TRY(check_signatures());
        TRY(check_motion());
        TRY(check_round());
        TRY(check_checksum());
        TRY(report_entries());
        return std::move(report_);
    }

private:
    Result<> read_entries() {
        if (bundle_.format != bundle_format) {
            return failed("state/bad-bundle", "This is not a " + std::string(bundle_format) +
                                                  " file; found " + bundle_.format + ".");
        }
        if (bundle_.entries.empty() || bundle_.entries.size() > bundle_entries_max) {
            return failed("state/bad-bundle",
                          "A bundle has 1 to " + std::to_string(bundle_entries_max) + " entries.");
        }
        for (const BundleEntry& item : bundle_.entries) {
            auto statement = record::parse_statement(item.entry);
            if (!statement) return entry_failed(item.index, statement.error().message);
            std::string type = type_of(statement->header);
            const bool added = entries_
                                   .emplace(item.index, ReadEntry{.in_bundle = &item,
                                                                  .statement = *statement,
                                                                  .type = std::move(type)})
                                   .second;
            if (!added) return entry_failed(item.index, "it is in the bundle twice.");
        }
        return {};
    }

    /// Last, so that what is wrong is named as precisely as it can be.
    Result<> check_checksum() const {
        if (bundle_.checksum == bundle_checksum(bundle_)) return {};
        return failed("state/bundle-checksum",
                      "The file was changed on its way: its checksum is not that of the rest.");
    }

    Result<> check_founding() {
        const auto first = entries_.find(0);
        if (first == entries_.end() || first->second.type != founding_type) {
            return entry_failed(0, "the bundle lacks the founding entry.");
        }
        auto founding =
            codec::from_json<institution::Founding>(text_of(first->second.statement.cose.payload));
        if (!founding) return entry_failed(0, founding.error().message);
        founding_ = std::move(founding).value();
        if (trusted_ && *trusted_ != founding_.checkpoint_key) {
            return failed("state/bundle-untrusted", "Entry 0: the record's key is " +
                                                        founding_.checkpoint_key.text() +
                                                        ", not the one you trust.");
        }
        if (bundle_.demonstration != founding_.demonstration) {
            return entry_failed(0, "its label of a demonstration is not the bundle's.");
        }
        report_.checkpoint_key = founding_.checkpoint_key;
        report_.institution = founding_.name;
        report_.demonstration = founding_.demonstration;
        return {};
    }

    Result<> check_checkpoint() {
        auto opened =
            record::open_checkpoint(bundle_.checkpoint, founding_.origin, founding_.checkpoint_key);
        if (!opened) {
            return failed("state/bundle-checkpoint", "The checkpoint: " + opened.error().message);
        }
        report_.checkpoint = std::move(opened).value();
        said("The checkpoint of " + founding_.origin + ", " +
             std::to_string(report_.checkpoint.size) + " entries, is signed by the record's key.");
        return {};
    }

    Result<> check_inclusion() {
        for (const auto& [index, entry] : entries_) {
            const record::InclusionProof proof{.leaf_index = index,
                                               .tree_size = report_.checkpoint.size,
                                               .path = entry.in_bundle->path};
            const auto included = record::verify_inclusion(
                proof, record::leaf_hash(entry.in_bundle->entry), report_.checkpoint.root);
            if (!included) {
                return entry_failed(
                    index, "it is not in the tree of the checkpoint. " + included.error().message);
            }
            if (entry.statement.header.audience != founding_.origin) {
                return entry_failed(index, "it was signed for another record.");
            }
        }
        said(std::to_string(entries_.size()) + " entries are in the tree of that checkpoint.");
        return {};
    }

    /// The key register is under a state root that stands after every other entry of the bundle.
    Result<> check_keys() {
        const auto root = entries_.find(bundle_.state_root);
        if (root == entries_.end() || root->second.type != "institution.state_root") {
            return entry_failed(bundle_.state_root, "the bundle lacks its state root.");
        }
        if (root->first != entries_.rbegin()->first) {
            return entry_failed(root->first, "the state root stands before other entries.");
        }
        const auto logged =
            codec::from_json<institution::StateRoot>(text_of(root->second.statement.cose.payload));
        if (!logged) return entry_failed(root->first, logged.error().message);
        if (logged->size != root->first || root_of(bundle_.parts, logged->size) != logged->root) {
            return entry_failed(root->first, "the parts in the bundle do not give its state root.");
        }
        const auto part = bundle_.parts.find("keys");
        if (part == bundle_.parts.end() || part->second != sha256({bundle_.keys})) {
            return entry_failed(root->first, "the keys in the bundle are not those of its root.");
        }
        auto keys = codec::from_cbor<institution::KeyRegister>(bundle_.keys);
        if (!keys) return entry_failed(root->first, keys.error().message);
        keys_ = std::move(keys).value();
        if (const auto actor = signer(root->second, root->first); !actor) return actor.error();
        said("The register of keys is the one under the state root of entry " +
             std::to_string(root->first) + ".");
        return {};
    }

    /// Verifies one entry's signature with the key that was valid at its index.
    Result<institution::Actor> signer(const ReadEntry& entry, std::uint64_t index) const {
        const auto& header = entry.statement.header;
        if (entry.type == founding_type || entry.type == charter_type) {
            if (index != (entry.type == founding_type ? 0U : 1U) ||
                header.issuer != founding_.operator_id.text() ||
                header.subject != founding_.origin) {
                return entry_failed(index, "it is not a founding entry of this record.");
            }
            auto verified = verify(entry.statement, founding_.operator_key);
            if (!verified) return entry_failed(index, verified.error().message);
            return institution::Actor{
                .member = founding_.operator_id, .delegate = {}, .key = header.key_id};
        }
        auto actor = institution::actor_of(keys_, header.key_id, index);
        if (!actor) return entry_failed(index, actor.error().message);
        const auto key = keys_.keys.find(header.key_id);
        auto verified = verify(entry.statement, key->second.public_key);
        if (!verified) return entry_failed(index, verified.error().message);
        if (actor->member.text() != header.issuer) {
            return entry_failed(index, "its key is not its issuer's.");
        }
        return actor;
    }

    Result<> check_signatures() {
        for (const auto& [index, entry] : entries_) {
            if (const auto actor = signer(entry, index); !actor) return actor.error();
            if (entry.type == founding_type || entry.type == charter_type) continue;
            auto payload = parse_payload(entry.type, entry.statement.cose.payload);
            if (!payload) return entry_failed(index, payload.error().message);
            if (entry.statement.header.subject != subject_of(*payload)) {
                return entry_failed(index, "its header is about another thing than its payload.");
            }
            payloads_.emplace(index, std::move(payload).value());
        }
        said("Each is signed by its issuer with a key that was valid at its place.");
        return {};
    }

    template <class T>
    const T* payload_at(std::uint64_t index) const {
        const auto found = payloads_.find(index);
        return found == payloads_.end() ? nullptr : std::get_if<T>(&found->second);
    }

    Result<> check_motion() {
        if (!bundle_.motion) return {};
        auto read = codec::from_cbor<decide::MotionRecord>(bundle_.motion->record);
        if (!read) return evidence_failed("The motion's record: " + read.error().message);
        motion_ = std::move(read).value();
        const std::string id = motion_->motion.id.text();

        const auto* moved = payload_at<decide::Motion>(motion_->entry);
        if (moved == nullptr || codec::to_cbor(*moved) != codec::to_cbor(motion_->motion)) {
            return entry_failed(motion_->entry, "it is not the motion " + id + ".");
        }
        const Digest digest = sha256({bundle_.motion->record});
        const bool published = std::any_of(payloads_.begin(), payloads_.end(), [&](const auto& p) {
            const auto* notice = std::get_if<decide::OutcomeNotice>(&p.second);
            return notice != nullptr && notice->motion == motion_->motion.id &&
                   notice->outcome == digest;
        });
        if (!published) {
            return evidence_failed("Motion " + id + ": no entry has the digest of this outcome.");
        }
        const auto* decided = std::get_if<decide::Decided>(&motion_->stage);
        if (decided == nullptr) return evidence_failed("Motion " + id + " is not decided.");
        TRY(check_outcome(*decided));
        said("Motion " + id + (decided->adopted ? " was adopted" : " was not adopted") + " under " +
             decided->procedure.clause + ".");
        return {};
    }

    /// What was said is of members on the roll, and the outcome follows from the counts of it.
    Result<> check_outcome(const decide::Decided& decided) const {
        const std::string name = "Motion " + motion_->motion.id.text();
        const auto on_the_roll = [&](const auto& said) {
            return std::all_of(said.begin(), said.end(), [&](const auto& one) {
                return !one.second.empty() &&
                       std::binary_search(motion_->roll.begin(), motion_->roll.end(), one.first);
            });
        };
        const bool is_ascending = std::adjacent_find(motion_->roll.begin(), motion_->roll.end(),
                                                     std::greater_equal<>()) == motion_->roll.end();
        if (!is_ascending || !on_the_roll(motion_->positions) || !on_the_roll(motion_->votes)) {
            return evidence_failed(name + ": its roll does not fit what was said.");
        }
        if (codec::to_cbor(decide::count(*motion_)) != codec::to_cbor(decided.counts)) {
            return evidence_failed(name + ": its counts are not those of its positions.");
        }
        const auto is_decisive = [&](const institution::Procedure& procedure) {
            return codec::to_cbor(procedure) == codec::to_cbor(decided.procedure);
        };
        const bool is_its_own =
            is_decisive(motion_->procedure) && motion_->procedure.id == motion_->motion.procedure;
        const bool is_fallback = motion_->fallback && is_decisive(*motion_->fallback);
        const auto* vote = std::get_if<institution::RecordedVote>(&decided.procedure.rule);
        const decide::Basis by_silence =
            decided.counts.object > 0 ? decide::Basis::silence_broken : decide::Basis::silence_kept;
        const decide::Basis follows =
            vote != nullptr ? decide::outcome(decide::ballot_of(decided.counts), *vote)
                            : by_silence;
        const bool adopts = decided.basis == decide::Basis::silence_kept ||
                            decided.basis == decide::Basis::majority_reached;
        if (!(is_its_own || is_fallback) || decided.adopted != adopts ||
            (decided.basis != decide::Basis::withdrawn && decided.basis != follows)) {
            return evidence_failed(name + ": its outcome does not follow from its counts.");
        }
        return {};
    }

    Result<> check_round() {
        if (!bundle_.round) return {};
        auto inputs = codec::from_cbor<exchange::RoundInputs>(bundle_.round->inputs);
        if (!inputs) return evidence_failed("The round's inputs: " + inputs.error().message);
        auto result = codec::from_cbor<exchange::RoundResult>(bundle_.round->result);
        if (!result) return evidence_failed("The round's result: " + result.error().message);
        const std::string id = inputs->round.text();

        const Digest digest = sha256({bundle_.round->result});
        const bool published = std::any_of(payloads_.begin(), payloads_.end(), [&](const auto& p) {
            const auto* notice = std::get_if<exchange::ResultNotice>(&p.second);
            return notice != nullptr && notice->round == inputs->round && notice->result == digest;
        });
        if (!published) {
            return evidence_failed("Round " + id + ": no entry has the digest of this result.");
        }
        TRY(check_call(*inputs));
        TRY(check_rule(*inputs));
        TRY(check_frozen(*inputs));
        if (const auto right = exchange::check_result(*inputs, *result); !right) {
            return evidence_failed("Round " + id + ": " + right.error().message);
        }
        said("The allocation of round " + id + " follows from its inputs under rule " +
             inputs->rule.id.text() + " version " + std::to_string(inputs->rule.version) +
             "; its certificate of optimality holds.");
        return {};
    }

    /// The round was called under this rule and unit, and its inputs use no more than the rule has.
    Result<> check_call(const exchange::RoundInputs& inputs) const {
        const auto& rule = inputs.rule;
        const bool is_called = std::any_of(payloads_.begin(), payloads_.end(), [&](const auto& p) {
            const auto* round = std::get_if<exchange::Round>(&p.second);
            return round != nullptr && round->id == inputs.round && round->unit == inputs.unit &&
                   round->rule == rule.id && round->rule_version == rule.version &&
                   p.first < inputs.cut_off;
        });
        if (!is_called) {
            return evidence_failed("Round " + inputs.round.text() +
                                   " was not called under this rule and unit.");
        }
        const bool same_table = rule.weights.has_value() == inputs.weights.has_value() &&
                                (!rule.weights || *rule.weights == inputs.weights->id);
        const bool is_plain =
            std::all_of(inputs.members.begin(), inputs.members.end(), [&](const auto& member) {
                return (rule.weights || member.weight == 1) &&
                       (rule.carry_over || member.carry_over == 0) &&
                       (rule.floor || !member.in_floor_group);
            });
        const bool all_listed =
            rule.weights || (inputs.unlisted.empty() && inputs.unlisted_needs.empty());
        if (!same_table || !is_plain || !all_listed) {
            return evidence_failed("Round " + inputs.round.text() +
                                   ": its inputs hold weights, carry-over or floors that the rule "
                                   "does not have.");
        }
        return {};
    }

    /// The round's rule is, to the letter, an effect of the adopted motion.
    Result<> check_rule(const exchange::RoundInputs& inputs) const {
        const auto* decided = motion_ ? std::get_if<decide::Decided>(&motion_->stage) : nullptr;
        if (decided == nullptr || !decided->adopted || motion_->motion.id.text() != inputs.motion) {
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

    /// Whether the need at `index` is what was frozen under its id.
    bool is_frozen(std::uint64_t index, const exchange::Need& need,
                   const exchange::RoundInputs& inputs, const exchange::FrozenNeed& frozen) const {
        return frozen.entry == index && need.unit == inputs.unit &&
               need.item_classes == frozen.item_classes && need.destination == frozen.destination &&
               need.end_use == frozen.end_use && need.from == frozen.from &&
               need.until == frozen.until && frozen.quantity <= need.quantity &&
               entries_.at(index).statement.header.issuer == frozen.member.text();
    }

    bool is_frozen(std::uint64_t index, const exchange::Offer& offer,
                   const exchange::RoundInputs& inputs, const exchange::FrozenOffer& frozen) const {
        return frozen.entry == index && offer.unit == inputs.unit &&
               offer.item_class == frozen.item_class && offer.origin == frozen.origin &&
               offer.rivalry == frozen.rivalry && offer.from == frozen.from &&
               offer.until == frozen.until && frozen.quantity <= offer.quantity &&
               entries_.at(index).statement.header.issuer == frozen.provider.text();
    }

    /// Every frozen need and offer whose statement is in the bundle is as it was stated.
    Result<> check_frozen(const exchange::RoundInputs& inputs) const {
        for (const auto& [index, payload] : payloads_) {
            if (const auto* need = std::get_if<exchange::Need>(&payload)) {
                for (const auto* list : {&inputs.needs, &inputs.unlisted_needs}) {
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

    Result<> report_entries() {
        report_.entries = entries_.size();
        if (bundle_.about.empty())
            return failed("state/bad-bundle", "The bundle is about nothing.");
        for (const std::uint64_t index : bundle_.about) {
            const auto found = entries_.find(index);
            if (found == entries_.end()) return entry_failed(index, "the bundle lacks it.");
            const auto& header = found->second.statement.header;
            report_.about.push_back({.index = index,
                                     .type = found->second.type,
                                     .issuer = header.issuer,
                                     .subject = header.subject,
                                     .issued_at = header.issued_at,
                                     .json = text_of(found->second.statement.cose.payload)});
        }
        return {};
    }

    void said(std::string sentence) { report_.steps.push_back(std::move(sentence)); }

    const Bundle& bundle_;
    const std::optional<crypto::PublicKey>& trusted_;
    std::map<std::uint64_t, ReadEntry> entries_;
    std::map<std::uint64_t, Payload> payloads_;
    institution::Founding founding_;
    institution::KeyRegister keys_;
    std::optional<decide::MotionRecord> motion_;
    BundleReport report_;
};

}  // namespace

Result<Bundle> parse_bundle(std::string_view json) {
    return codec::from_json<Bundle>(json, {.bytes_max = bundle_bytes_max, .depth_max = 32});
}

Digest bundle_checksum(Bundle bundle) {
    bundle.checksum = {};
    return sha256({bytes_of(codec::to_json(bundle))});
}

std::string write_bundle(Bundle bundle) {
    bundle.checksum = bundle_checksum(bundle);
    return codec::write_json_pretty(codec::to_value(bundle)) + "\n";
}

Result<BundleReport> verify_bundle(const Bundle& bundle,
                                   const std::optional<crypto::PublicKey>& trusted) {
    return Verification(bundle, trusted).run();
}

}  // namespace comity::state
