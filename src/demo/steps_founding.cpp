// SPDX-License-Identifier: Apache-2.0
//
// Steps 1 to 3: the institution and its parties, the offers, the needs.

#include "demo/stage.h"

namespace comity::demo {
namespace {

constexpr const char* mandates_until = "2028-09-01T00:00:00Z";
constexpr const char* acts_from = "2026-09-01";
constexpr const char* acts_until = "2027-09-01";
constexpr const char* made_up_provider_area = "XAA";
constexpr const char* made_up_receiver_area = "XAB";

Date date(std::string_view text) { return Date::parse(text).value(); }

institution::AreaCode area(std::string_view text) {
    return institution::AreaCode::parse(text).value();
}

institution::Member made_up(std::string_view member, std::string_view member_class,
                            std::string_view status, std::string name, std::string_view seat) {
    return {.id = id<institution::MemberId>(member),
            .member_class = id<institution::ClassId>(member_class),
            .name = english(std::move(name)),
            .area = area(seat),
            .history = {{.status = id<institution::StatusId>(status),
                         .from = date(acts_from),
                         .sources = {},
                         .confidence = institution::Confidence::high,
                         .note = "Made up for the demonstration."}}};
}

Result<> register_made_up_parties(Stage& stage) {
    std::vector<institution::Member> parties;
    for (int i = 1; i <= provider_count; ++i) {
        parties.push_back(made_up(provider(i), "company", "registered",
                                  "Example Provider " + std::to_string(i) + " (synthetic)",
                                  made_up_provider_area));
    }
    parties.push_back(made_up(issuing_body, "issuing-body", "registered",
                              "Example Issuing Body (synthetic)", made_up_provider_area));
    parties.push_back(made_up(research_network, "research", "registered",
                              "Example Research Network (synthetic)", made_up_receiver_area));
    parties.push_back(
        made_up(delegation_a, "state", "signatory", "Example Delegation A (synthetic)", "XAC"));
    parties.push_back(
        made_up(delegation_b, "state", "signatory", "Example Delegation B (synthetic)", "XAD"));
    for (const institution::Member& party : parties) {
        TRY(stage.cast.seal("secretariat", party));
        TRY(stage.cast.register_seal(party.id.text()));
    }
    return {};
}

std::size_t signatories_on(const Stage& stage, std::string_view day_text) {
    return stage.record.node->read([&](const state::State& state) {
        return institution::members_with_status(state.institution,
                                                {id<institution::StatusId>("founding-signatory"),
                                                 id<institution::StatusId>("signatory")},
                                                date(day_text))
            .size();
    });
}

exchange::Offer offer(const std::string& name, std::string title, std::string_view unit,
                      std::string_view item_class, std::int64_t quantity) {
    return {.id = id<exchange::OfferId>(name),
            .title = english(std::move(title)),
            .unit = id<institution::UnitId>(unit),
            .item_class = id<institution::ItemClassId>(item_class),
            .origin = area(made_up_provider_area),
            .rivalry = exchange::Rivalry::rival,
            .quantity = quantity,
            .from = date(acts_from),
            .until = date(acts_until),
            .terms = {}};
}

exchange::Need need(const std::string& name, std::string title, std::string_view unit,
                    std::string_view member_area, std::string_view end_use, std::int64_t quantity) {
    return {.id = id<exchange::NeedId>(name),
            .title = english(std::move(title)),
            .unit = id<institution::UnitId>(unit),
            .item_classes = {},
            .destination = area(member_area),
            .end_use = id<institution::EndUseId>(end_use),
            .quantity = quantity,
            .from = date(acts_from),
            .until = date(acts_until)};
}

std::string capitals(std::string_view member) {
    std::string text(member);
    for (char& c : text) c = static_cast<char>(c - 'a' + 'A');
    return text;
}

}  // namespace

std::vector<std::string> signatories(const Stage& stage) {
    return stage.record.node->read([&](const state::State& state) {
        std::vector<std::string> names;
        for (const auto& member : institution::entitled(
                 state.institution, id<institution::OrganId>("council"), date_of(stage.now))) {
            names.push_back(member.text());
        }
        return names;
    });
}

/// The registrar's first key is registered by the operator's office, which the founding entry
/// names.
Result<std::string> found_institution(Stage& stage) {
    TRY(stage.pass(hour));
    TRY(register_made_up_parties(stage));
    for (const std::string& member : signatories(stage)) {
        if (member != delegation_a && member != delegation_b) {
            TRY(stage.cast.register_seal(member));
        }
        TRY(stage.cast.give_mandate(member, "council", Timestamp::parse(mandates_until).value()));
    }
    const std::size_t july = signatories_on(stage, "2026-07-20");
    const std::size_t august = signatories_on(stage, "2026-08-01");
    if (july != 29 || august != 37) {
        return proof_failed("The register gives " + std::to_string(july) + " and " +
                            std::to_string(august) + " signatories, not 29 and 37.");
    }
    return std::string(
        "The institution is founded from public facts: 29 signatories as of 2026-07-20, 37 as "
        "of "
        "2026-08-01; delegates hold mandates with an end.");
}

Result<std::string> publish_offers(Stage& stage) {
    TRY(stage.pass(hour));
    int count = 0;
    const auto publish = [&](int by, exchange::Offer what) -> Result<> {
        TRY(stage.cast.seal(provider(by), what));
        ++count;
        return {};
    };
    TRY(publish(1,
                offer(std::string(pool_offer),
                      "1,000 training places in a year (size of the publicly pledged pool: 5,000 "
                      "in five years; provider made up)",
                      "training-place", "training", 1'000)));
    for (int i = 1; i <= provider_count; ++i) {
        for (int part = 1; part <= 2; ++part) {
            TRY(publish(
                i, offer("hosted-compute-" + std::to_string(i) + "-" + std::to_string(part),
                         "Hosted compute", "gpu-hour", "compute-hosted", 1'000 + 250 * i * part)));
        }
        exchange::Offer model =
            offer("model-" + std::to_string(i), "Open model, all who may use it", "model-licence",
                  "model-weights", 1);
        model.rivalry = exchange::Rivalry::non_rival;
        TRY(publish(i, std::move(model)));
    }
    for (int i = 1; i <= 3; ++i) {
        TRY(publish(
            i, offer("equipment-" + std::to_string(i), "Compute equipment on loan, by the hour",
                     "gpu-hour", "compute-equipment", 4'000)));
    }
    return std::to_string(provider_count) + " made-up providers put in " + std::to_string(count) +
           " signed offers, one of them a pool of 1,000 training places.";
}

Result<std::string> file_needs(Stage& stage) {
    TRY(stage.pass(hour));
    std::int64_t asked = 0;
    for (std::size_t i = 0; i < receivers.size(); ++i) {
        const std::string member(receivers[i]);
        // Simulated amounts: from 20 to 158 places.
        const auto places = static_cast<std::int64_t>(20 + 6 * ((i * 7) % receivers.size()));
        TRY(stage.cast.delegate(member,
                                need(member + "-training", "Training places", "training-place",
                                     capitals(member), "education", places)));
        asked += places;
        if (i % 2 == 0) {
            TRY(stage.cast.delegate(
                member, need(member + "-compute", "Hosted compute for early warning", "gpu-hour",
                             capitals(member), "weather-early-warning",
                             3'000 + static_cast<std::int64_t>(i) * 250)));
        }
    }
    TRY(stage.cast.delegate(delegation_b,
                            need(std::string(delegation_b) + "-training", "Training places",
                                 "training-place", "XAD", "education", 60)));
    asked += 60;
    exchange::Need equipment = need(std::string(research_network) + "-equipment",
                                    "Compute equipment for language technology", "gpu-hour",
                                    made_up_receiver_area, "language-technology", 2'000);
    equipment.item_classes = {id<institution::ItemClassId>("compute-equipment")};
    TRY(stage.cast.seal(research_network, equipment));
    return "Lesotho, Senegal, Lao PDR, Uzbekistan and twenty more state what they can absorb: " +
           std::to_string(asked) + " training places for a pool of 1,000.";
}

}  // namespace comity::demo
