// SPDX-License-Identifier: Apache-2.0
#pragma once

// The meters turned on the institution itself, as data and as a page.

#include <boost/describe.hpp>
#include <vector>

#include "base/result.h"
#include "codec/value.h"
#include "server/resource.h"
#include "state/observation.h"

namespace comity::server {

struct ObserveView {
    state::UnitObservation unit;
    state::Influence influence;
    std::vector<observe::Explanation> how;
};
BOOST_DESCRIBE_STRUCT(ObserveView, (), (unit, influence, how))

/// Without parameters: the first unit of the charter in which something is offered, all classes.
/// Errors: not_found "server/no-unit"; those of state::observe_unit.
Result<ObserveView> observe_view(const Ask&);

Result<codec::Value> observe_data(const Ask&);
Result<Page> observe_page(const Ask&, const Reader&);

}  // namespace comity::server
