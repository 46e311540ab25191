// SPDX-License-Identifier: Apache-2.0
//
// The data of the observation: the meters turned on the institution itself; docs/use/api.md.

#include <algorithm>

#include "codec/describe.h"
#include "server/observe_view.h"

namespace comity::server {
namespace {

/// The first unit of the charter in which something is offered, else its first.
Result<institution::UnitId> unit_to_show(const Ask& ask) {
    const auto given = TRY(ask.query.value<institution::UnitId>("unit"));
    if (given) return *given;
    const auto& units = ask.state.institution.charter.units;
    if (units.empty()) {
        return Error{Code::not_found, "server/no-unit", "The charter has no unit to measure in."};
    }
    const auto is_offered = [&](const institution::Unit& unit) {
        const auto& offers = ask.state.exchange.offers;
        return std::any_of(offers.begin(), offers.end(),
                           [&](const auto& offer) { return offer.second.unit() == unit.id; });
    };
    const auto found = std::find_if(units.begin(), units.end(), is_offered);
    return found == units.end() ? units.front().id : found->id;
}

}  // namespace

Result<ObserveView> observe_view(const Ask& ask) {
    state::UnitQuestion question;
    question.unit = TRY(unit_to_show(ask));
    question.member_class = TRY(ask.query.value<institution::ClassId>("class"));
    ObserveView view;
    view.unit = TRY(state::observe_unit(ask.state, question));
    view.influence = state::influence(ask.state);
    view.how = state::observation_explained();
    return view;
}

Result<codec::Value> observe_data(const Ask& ask) {
    const ObserveView view = TRY(observe_view(ask));
    return codec::to_value(view);
}

}  // namespace comity::server
