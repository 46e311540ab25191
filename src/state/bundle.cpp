// SPDX-License-Identifier: Apache-2.0
#include "state/bundle.h"

#include <algorithm>
#include <set>
#include <utility>

#include "record/merkle.h"
#include "record/statement.h"
#include "record/tree.h"
#include "state/bundle_evidence.h"
#include "state/described.h"
#include "state/fold.h"
#include "state/signing.h"

namespace comity::state {
namespace {

Error failed(std::string_view reason, std::string message) {
    return Error{Code::invalid, reason, std::move(message)};
}

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
        TRY(check_registrations());
        TRY(check_evidence());
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
        std::set<Digest> statements;
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
            if (!statements.insert(record::statement_id(*statement)).second) {
                return entry_failed(item.index, "its statement stands at another entry too.");
            }
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
            proven_.payloads.emplace(index, std::move(payload).value());
            proven_.issuers.emplace(index, entry.statement.header.issuer);
        }
        said("Each is signed by its issuer with a key that was valid at its place.");
        return {};
    }

    /// Every key that signed is one of the founding entry, or its registration is in the bundle,
    /// and so on to the founding entry: the register alone is the operator's word.
    Result<> check_registrations() {
        std::set<std::string> registrars;
        for (const auto& [index, entry] : entries_) {
            if (entry.type == founding_type || entry.type == charter_type) continue;
            const institution::KeyRecord& key = keys_.keys.at(entry.statement.header.key_id);
            if (is_founding_key(key)) continue;
            const auto* made = proven_.payload_at<institution::KeyRegistration>(key.registered_at);
            const bool is_shown =
                made != nullptr && key.registered_at < index && made->member == key.member &&
                made->delegate == key.delegate && made->public_key == key.public_key &&
                crypto::verify(made->public_key,
                               institution::key_proof_message(founding_.origin, *made),
                               made->proof);
            if (!is_shown) {
                return entry_failed(index, "the bundle does not show that its key was registered.");
            }
            const std::string& registrar = proven_.issuer_at(key.registered_at);
            if (registrar != key.member.text()) registrars.insert(registrar);
        }
        std::string names;
        for (const std::string& name : registrars) names += (names.empty() ? "" : ", ") + name;
        said("Every key was registered by its own party" +
             (names.empty() ? "" : " or by " + names) + ", from the founding entry on.");
        return {};
    }

    bool is_founding_key(const institution::KeyRecord& key) const {
        if (key.registered_at != 0 || key.delegate) return false;
        if (key.member == founding_.operator_id && key.public_key == founding_.operator_key) {
            return true;
        }
        return std::any_of(founding_.seals.begin(), founding_.seals.end(), [&](const auto& seal) {
            return seal.member == key.member && seal.public_key == key.public_key;
        });
    }

    /// The charter with which the record was founded, if the bundle has it.
    Result<std::optional<institution::Charter>> founding_charter() const {
        std::optional<institution::Charter> charter;
        const auto second = entries_.find(1);
        if (second == entries_.end() || second->second.type != charter_type) return charter;
        auto read =
            codec::from_json<institution::Charter>(text_of(second->second.statement.cose.payload));
        if (!read) return entry_failed(1, read.error().message);
        charter = std::move(read).value();
        return charter;
    }

    Result<> check_evidence() {
        proven_.operator_id = founding_.operator_id.text();
        proven_.about.insert(bundle_.about.begin(), bundle_.about.end());
        proven_.charter = TRY(founding_charter());
        std::optional<DecidedMotion> motion;
        if (bundle_.motion) {
            motion = TRY(check_motion(proven_, *bundle_.motion));
            said(motion->said);
        }
        if (bundle_.round) {
            const DecidedMotion* adopting = motion ? &*motion : nullptr;
            for (auto& step : TRY(check_round(proven_, adopting, *bundle_.round))) {
                said(std::move(step));
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
    ProvenEntries proven_;
    institution::Founding founding_;
    institution::KeyRegister keys_;
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
