// SPDX-License-Identifier: Apache-2.0
#include "state/described.h"

namespace comity {
COMITY_EXCHANGE_FORMS(/* defined here */);
}  // namespace comity
