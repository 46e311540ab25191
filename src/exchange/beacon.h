// SPDX-License-Identifier: Apache-2.0
#pragma once

// Public values for the lottery of a round: a source that everybody can look up, named when the
// round is called, whose value comes into being after reveals close.
//
// So nobody knows the seed while it can still be influenced, even if no member reveals. Two kinds:
// a round of drand's network quicknet, and numbers that issuers of lotteries publish (RFC 3797).
// Pure. Format: docs/spec/allocation.md section 7.

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/sha256.h"

namespace comity::exchange {

/// drand's network "quicknet": chain hash, first round, seconds a round. Source: the chain's own
/// description, https://api.drand.sh/52db9ba7…/info, as quoted by github.com/drand/drand-client,
/// lib/defaults.ts. Its public key is where signatures are verified: web/exchange/beacon.ts.
inline constexpr std::string_view quicknet_chain_hash =
    "sha256:52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";
inline constexpr Timestamp quicknet_genesis{1'692'803'367};
inline constexpr std::int64_t quicknet_period = 3;
/// No value may exist earlier than this after draws_at. Reveals close at the first logged clock
/// entry at or after draws_at, and the log follows the world's clock with a delay.
inline constexpr std::int64_t reveal_margin_seconds = 300;
/// A point of the curve's group G1, compressed.
inline constexpr std::size_t quicknet_signature_bytes = 48;

/// Number of the first round of quicknet at or after `moment`; the round with number n is published
/// at genesis + (n - 1) * period.
std::uint64_t quicknet_round_at(Timestamp moment);
Timestamp quicknet_time_of(std::uint64_t number);

/// The round of quicknet that counts for a draw: the first at or after draws_at and the margin.
std::uint64_t quicknet_number_for(Timestamp draws_at);

/// The round of quicknet whose number follows from draws_at.
struct DrandQuicknet {
    static constexpr std::string_view kind = "drand_quicknet";
    friend bool operator==(const DrandQuicknet&, const DrandQuicknet&) = default;
};
BOOST_DESCRIBE_STRUCT(DrandQuicknet, (), ())

/// One draw that somebody else will hold and publish.
struct NamedDraw {
    std::string issuer;  ///< who draws
    std::string name;    ///< which draw, and which of its numbers: "Lotto 6aus49, six numbers"
    Date date;           ///< on which it is drawn, in the issuer's time
    friend bool operator==(const NamedDraw&, const NamedDraw&) = default;
};
BOOST_DESCRIBE_STRUCT(NamedDraw, (), (issuer, name, date))

inline constexpr std::size_t named_draws_max = 16;

struct PublishedDraws {
    static constexpr std::string_view kind = "published_draws";
    std::vector<NamedDraw> draws;
    friend bool operator==(const PublishedDraws&, const PublishedDraws&) = default;
};
BOOST_DESCRIBE_STRUCT(PublishedDraws, (), (draws))

/// What a round names in advance. Without its value at `enter_until` the round fails: whoever could
/// choose between two outcomes, with and without the value, would choose the order of ties.
struct PublicSource {
    std::variant<DrandQuicknet, PublishedDraws> source;
    Timestamp enter_until;
    friend bool operator==(const PublicSource&, const PublicSource&) = default;
};
BOOST_DESCRIBE_STRUCT(PublicSource, (), (source, enter_until))

/// A kind of source that a rule may ask of its rounds.
enum class PublicSourceKind { drand_quicknet, published_draws };
BOOST_DESCRIBE_ENUM(PublicSourceKind, drand_quicknet, published_draws)

PublicSourceKind kind_of(const PublicSource& source);

/// What drand published for a round.
struct DrandValue {
    static constexpr std::string_view kind = "drand_quicknet";
    std::uint64_t number = 0;
    Bytes signature;    ///< of the number, by the network
    Digest randomness;  ///< SHA-256 of the signature
    friend bool operator==(const DrandValue&, const DrandValue&) = default;
};
BOOST_DESCRIBE_STRUCT(DrandValue, (), (number, signature, randomness))

/// What issuers published, one text of numbers for each named draw, in their order.
struct PublishedNumbers {
    static constexpr std::string_view kind = "published_draws";
    std::vector<std::string> numbers;
    friend bool operator==(const PublishedNumbers&, const PublishedNumbers&) = default;
};
BOOST_DESCRIBE_STRUCT(PublishedNumbers, (), (numbers))

using PublicValue = std::variant<DrandValue, PublishedNumbers>;

/// The first moment at which the value can exist anywhere: the time of drand's round; or when the
/// day of the last named draw has begun in the earliest time zone.
Timestamp known_from(const PublicSource& source, Timestamp draws_at);

/// Whether a round may name the source: no value of it can exist within reveal_margin_seconds after
/// draws_at, and its time to be entered ends after it exists and before answers_until.
/// Errors: invalid "exchange/bad-public-source".
Result<> check_public_source(const PublicSource& source, Timestamp draws_at,
                             Timestamp answers_until);

/// Whether `value` is one of the source: its kind and number; a signature of 48 octets, whose
/// SHA-256 is the randomness; as many texts of numbers as named draws. It does not verify drand's
/// signature: no library that Debian 12 carries has the curve; web/exchange/beacon.ts does.
/// Errors: invalid "exchange/wrong-source", "exchange/wrong-beacon-round", "exchange/bad-beacon",
/// "exchange/bad-numbers".
Result<> check_public_value(const PublicSource& source, Timestamp draws_at,
                            const PublicValue& value);

/// The octets of the value that go into the seed. Errors: invalid "exchange/bad-numbers".
Result<Bytes> seed_octets(const PublicValue& value);

}  // namespace comity::exchange
