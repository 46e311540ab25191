// SPDX-License-Identifier: Apache-2.0
#include "state/payload.h"

#include <algorithm>
#include <array>
#include <boost/mp11/algorithm.hpp>
#include <utility>

#include "codec/schema.h"
#include "record/statement.h"
#include "state/described.h"
#include "state/effects.h"

/// Texts with a type of their own that codec does not know.
template <>
struct comity::codec::TextForm<comity::institution::AreaCode> {
    static constexpr std::string_view pattern = "^[A-Z]{3}$";
};
template <>
struct comity::codec::TextForm<comity::Digest> {
    static constexpr std::string_view pattern = "^sha256:[0-9a-f]{64}$";
};
template <>
struct comity::codec::TextForm<comity::crypto::PublicKey> {
    static constexpr std::string_view pattern = "^(ed25519|es256):[A-Za-z0-9_-]+$";
};

namespace comity::state {
namespace {

// In the order of Payload; the static_assert below holds the two together.
constexpr std::array<std::string_view, std::variant_size_v<Payload>> types = {
    "institution.member",
    "institution.status",
    "institution.key",
    "institution.key_revocation",
    "institution.mandate",
    "institution.mandate_end",
    "institution.clock",
    "institution.state_root",
    "decide.motion",
    "decide.position",
    "decide.vote",
    "decide.withdrawal",
    "decide.outcome",
    "rules.restriction",
    "rules.restriction_withdrawal",
    "exchange.offer",
    "exchange.offer_withdrawal",
    "exchange.need",
    "exchange.need_withdrawal",
    "exchange.round",
    "exchange.commitment",
    "exchange.reveal",
    "exchange.repetition_end",
    "exchange.beacon",
    "exchange.result",
    "exchange.acceptance",
    "exchange.claim",
    "exchange.delivery",
    "exchange.confirmation",
    "exchange.departure",
    "exchange.dispute",
    "exchange.dispute_withdrawal"};
static_assert(!types.back().empty());

std::string text_of(BytesView json) {
    return {reinterpret_cast<const char*>(json.data()), json.size()};
}

Error unknown_type(std::string_view type) {
    std::string known;
    for (const std::string_view name : types)
        known += (known.empty() ? "" : ", ") + std::string(name);
    return Error{Code::invalid, "state/unknown-type",
                 "No statement is called " + std::string(type) + "; known: " + known + "."};
}

/// Calls `use.template operator()<T>()` for the payload type that stands at `index` of the list.
template <class Use, std::size_t... Is>
void with_type_at(std::size_t index, Use&& use, std::index_sequence<Is...>) {
    (void)((index == Is &&
            (use.template operator()<std::variant_alternative_t<Is, Payload>>(), true)) ||
           ...);
}

template <class Use>
bool with_type(std::string_view type, Use&& use) {
    for (std::size_t i = 0; i < types.size(); ++i) {
        if (types[i] != type) continue;
        with_type_at(i, std::forward<Use>(use), std::make_index_sequence<types.size()>());
        return true;
    }
    return false;
}

std::string about(std::string_view kind, const std::string& id) {
    return std::string(kind) + "/" + id;
}

struct SubjectOf {
    std::string operator()(const institution::Member& p) const {
        return about("member", p.id.text());
    }
    std::string operator()(const institution::StatusNotice& p) const {
        return about("member", p.member.text());
    }
    std::string operator()(const institution::KeyRegistration& p) const {
        return about("key", crypto::thumbprint(p.public_key).text());
    }
    std::string operator()(const institution::KeyRevocation& p) const {
        return about("key", p.key.text());
    }
    std::string operator()(const institution::Mandate& p) const {
        return about("mandate", p.id.text());
    }
    std::string operator()(const institution::MandateEnd& p) const {
        return about("mandate", p.id.text());
    }
    std::string operator()(const institution::ClockTick&) const { return "clock"; }
    std::string operator()(const institution::StateRoot&) const { return "state"; }
    std::string operator()(const decide::Motion& p) const { return about("motion", p.id.text()); }
    std::string operator()(const decide::Position& p) const {
        return about("motion", p.motion.text());
    }
    std::string operator()(const decide::Vote& p) const { return about("motion", p.motion.text()); }
    std::string operator()(const decide::Withdrawal& p) const {
        return about("motion", p.motion.text());
    }
    std::string operator()(const decide::OutcomeNotice& p) const {
        return about("motion", p.motion.text());
    }
    std::string operator()(const rules::Restriction& p) const {
        return about("restriction", p.id.text());
    }
    std::string operator()(const rules::RestrictionWithdrawal& p) const {
        return about("restriction", p.id.text());
    }
    std::string operator()(const exchange::Offer& p) const { return about("offer", p.id.text()); }
    std::string operator()(const exchange::OfferWithdrawal& p) const {
        return about("offer", p.id.text());
    }
    std::string operator()(const exchange::Need& p) const { return about("need", p.id.text()); }
    std::string operator()(const exchange::NeedWithdrawal& p) const {
        return about("need", p.id.text());
    }
    std::string operator()(const exchange::Round& p) const { return about("round", p.id.text()); }
    std::string operator()(const exchange::Commitment& p) const {
        return about("round", p.round.text());
    }
    std::string operator()(const exchange::Reveal& p) const {
        return about("round", p.round.text());
    }
    std::string operator()(const exchange::Beacon& p) const {
        return about("round", p.round.text());
    }
    std::string operator()(const exchange::ResultNotice& p) const {
        return about("round", p.round.text());
    }
    std::string operator()(const exchange::Acceptance& p) const {
        return about("need", p.need.text());
    }
    std::string operator()(const exchange::Delivery& p) const {
        return about("delivery", p.id.text());
    }
    std::string operator()(const exchange::Confirmation& p) const {
        return about("delivery", p.delivery.text());
    }
    std::string operator()(const exchange::RepetitionEnd& p) const {
        return about("round", p.round.text());
    }
    std::string operator()(const exchange::Claim& p) const { return about("need", p.need.text()); }
    std::string operator()(const exchange::Departure& p) const {
        return about("need", p.need.text());
    }
    std::string operator()(const exchange::Dispute& p) const {
        return about("delivery", p.delivery.text());
    }
    std::string operator()(const exchange::DisputeWithdrawal& p) const {
        return about("delivery", p.delivery.text());
    }
};

}  // namespace

std::string_view type_of(const Payload& payload) { return types[payload.index()]; }

std::string subject_of(const Payload& payload) { return std::visit(SubjectOf{}, payload); }

Result<Payload> parse_payload(std::string_view type, BytesView json) {
    const codec::JsonLimits limits{.bytes_max = record::entry_bytes_max, .depth_max = 32};
    Result<Payload> parsed = unknown_type(type);
    with_type(type, [&]<class T>() {
        auto payload = codec::from_json<T>(text_of(json), limits);
        parsed = payload ? Result<Payload>(Payload(std::move(payload).value()))
                         : Result<Payload>(std::move(payload).error());
    });
    return parsed;
}

std::string payload_json(const Payload& payload) {
    return std::visit([](const auto& value) { return codec::to_json(value); }, payload);
}

std::vector<std::string_view> statement_types() {
    std::vector<std::string_view> all{founding_type, charter_type};
    all.insert(all.end(), types.begin(), types.end());
    return all;
}

Result<codec::Value> payload_schema(std::string_view type) {
    if (type == founding_type) return codec::json_schema<institution::Founding>();
    if (type == charter_type) return codec::json_schema<institution::Charter>();
    std::optional<codec::Value> schema;
    with_type(type, [&]<class T>() { schema = codec::json_schema<T>(); });
    if (!schema) {
        Error error = unknown_type(type);
        error.code = Code::not_found;
        return error;
    }
    return *std::move(schema);
}

Result<codec::Value> effect_schema(std::string_view kind) {
    const std::vector<std::string_view> kinds = effect_kinds();
    const auto found = std::find(kinds.begin(), kinds.end(), kind);
    std::optional<codec::Value> schema;
    boost::mp11::mp_for_each<boost::mp11::mp_iota_c<std::variant_size_v<EffectValue>>>(
        [&](auto index) {
            if (found - kinds.begin() != std::ptrdiff_t{index}) return;
            schema = codec::json_schema<std::variant_alternative_t<index, EffectValue>>();
        });
    if (schema) return *std::move(schema);
    return Error{Code::not_found, "state/unknown-effect",
                 "No effect is called " + std::string(kind) + "."};
}

}  // namespace comity::state
