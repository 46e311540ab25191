// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the steps of the story share: the open record, the cast, the time, and the made-up parties.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "demo/cast.h"
#include "demo/story.h"

namespace comity::demo {

struct Stage {
    const StoryPlaces& places;
    OpenRecord& record;
    Cast& cast;
    Timestamp now;

    /// Moves the logged clock on.
    Result<> pass(std::int64_t seconds);
};

inline constexpr std::int64_t hour = 3'600;
inline constexpr std::int64_t day = 24 * hour;

inline constexpr int provider_count = 12;
inline constexpr std::string_view issuing_body = "example-issuing-body";
inline constexpr std::string_view research_network = "example-research-network";
inline constexpr std::string_view delegation_a = "example-delegation-a";  // files a reservation
inline constexpr std::string_view delegation_b =
    "example-delegation-b";  // objects, reports a failure
inline constexpr std::string_view training_round = "training-2026";
inline constexpr std::string_view compute_round = "compute-2026";
inline constexpr std::string_view rule_motion = "adopt-allocation-rules";
inline constexpr std::string_view unit_motion = "add-unit-mentoring-hour";
inline constexpr std::string_view pool_offer = "training-pool-2026";

/// States that ask for training places.
inline constexpr std::array<std::string_view, 24> receivers = {
    "lso", "sen", "lao", "uzb", "cmr", "cog", "dma", "eth", "geo", "idn", "kaz", "ken",
    "kgz", "khm", "moz", "nic", "pak", "sdn", "tgo", "tjk", "tza", "vnm", "zaf", "zmb"};

std::string provider(int number);  ///< "example-provider-01"

/// The parties that answer, deliver and confirm, by id.
std::vector<std::string> signatories(const Stage& stage);

Error proof_failed(const std::string& what);

/// The receipt key that the record was founded with; it is kept beside it.
Result<crypto::PrivateKey> kept_receipt_key(const StoryPlaces& places);

// The steps. Each returns what it proved.
Result<std::string> found_institution(Stage& stage);
Result<std::string> publish_offers(Stage& stage);
Result<std::string> file_needs(Stage& stage);
Result<std::string> decide_motions(Stage& stage);
Result<std::string> publish_restriction(Stage& stage);
Result<std::string> run_rounds(Stage& stage);
Result<std::string> deliver_and_confirm(Stage& stage);
Result<std::string> measure_benefit(Stage& stage);
Result<std::string> audit_without_server(Stage& stage);
Result<std::string> move_the_seat(Stage& stage);

}  // namespace comity::demo
