// SPDX-License-Identifier: Apache-2.0
#pragma once

// The refusals of the exchange, and the checks that several statements share. Private to the
// module.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "exchange/exchange.h"

namespace comity::exchange {

inline Error invalid(std::string_view reason, std::string message) {
    return Error{Code::invalid, reason, std::move(message)};
}

inline Error conflict(std::string_view reason, std::string message) {
    return Error{Code::conflict, reason, std::move(message)};
}

inline Error forbidden(std::string_view reason, std::string message) {
    return Error{Code::forbidden, reason, std::move(message)};
}

inline Error not_found(std::string_view reason, std::string message) {
    return Error{Code::not_found, reason, std::move(message)};
}

/// For inputs of a round that no freeze makes.
inline Error bad_inputs(std::string message) {
    return invalid("exchange/bad-inputs", std::move(message));
}

inline Result<> check_quantity(std::int64_t quantity, std::int64_t min, std::int64_t max) {
    if (quantity >= min && quantity <= max) return {};
    return invalid("exchange/bad-quantity", "The quantity must be from " + std::to_string(min) +
                                                " to " + std::to_string(max) + " units.");
}

}  // namespace comity::exchange
