// SPDX-License-Identifier: Apache-2.0
#include "exchange/beacon.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "exchange/rfc3797.h"

namespace comity::exchange {
namespace {

/// A day begins up to 14 hours before it does in UTC, and ends up to 12 hours after.
constexpr std::int64_t earliest_zone_seconds = 14 * std::int64_t{3'600};
constexpr std::int64_t latest_zone_seconds = 12 * std::int64_t{3'600};
constexpr std::size_t name_bytes_max = 200;

Error bad_source(const char* message) {
    return Error{Code::invalid, "exchange/bad-public-source", message};
}

void append(Bytes& octets, BytesView more) {
    octets.insert(octets.end(), more.begin(), more.end());
}

void append_number(Bytes& octets, std::uint64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8) {
        octets.push_back(static_cast<std::byte>(number >> static_cast<unsigned>(shift)));
    }
}

Date last_date(const PublishedDraws& published) {
    Date last = published.draws.front().date;
    for (const NamedDraw& draw : published.draws) last = std::max(last, draw.date);
    return last;
}

Timestamp with_margin(Timestamp draws_at) { return {draws_at.seconds + reveal_margin_seconds}; }

Timestamp begins_anywhere(Date day) { return {start_of(day).seconds - earliest_zone_seconds}; }

Timestamp ends_everywhere(Date day) {
    return {start_of({day.days + 1}).seconds + latest_zone_seconds};
}

Result<> check_named_draws(const PublishedDraws& published, Timestamp draws_at,
                           Timestamp enter_until) {
    if (published.draws.empty() || published.draws.size() > named_draws_max) {
        return bad_source("Name from 1 to 16 published draws.");
    }
    for (const NamedDraw& draw : published.draws) {
        if (draw.issuer.empty() || draw.name.empty() || draw.issuer.size() > name_bytes_max ||
            draw.name.size() > name_bytes_max) {
            return bad_source("Each draw has an issuer and a name of at most 200 octets.");
        }
        if (begins_anywhere(draw.date) < with_margin(draws_at)) {
            return bad_source(
                "A named draw must be on a day that begins nowhere on earth before five minutes "
                "after draws_at, so that its numbers are unknown when reveals close.");
        }
    }
    if (enter_until < ends_everywhere(last_date(published))) {
        return bad_source(
            "The time to enter the numbers must not end before the day of the last draw has ended "
            "everywhere on earth.");
    }
    return {};
}

Result<> check_drand(const DrandValue& value, Timestamp draws_at) {
    if (value.number != quicknet_number_for(draws_at)) {
        return Error{Code::invalid, "exchange/wrong-beacon-round",
                     "The round of quicknet that counts is number " +
                         std::to_string(quicknet_number_for(draws_at)) + "; enter that one."};
    }
    if (value.signature.size() != quicknet_signature_bytes ||
        sha256({value.signature}) != value.randomness) {
        return Error{Code::invalid, "exchange/bad-beacon",
                     "A value of quicknet has a signature of 48 octets, whose SHA-256 is the "
                     "randomness."};
    }
    return {};
}

}  // namespace

std::uint64_t quicknet_round_at(Timestamp moment) {
    if (moment <= quicknet_genesis) return 1;
    const std::int64_t since = moment.seconds - quicknet_genesis.seconds;
    return static_cast<std::uint64_t>((since + quicknet_period - 1) / quicknet_period) + 1;
}

Timestamp quicknet_time_of(std::uint64_t number) {
    COMITY_CHECK(number >= 1);
    return {quicknet_genesis.seconds + static_cast<std::int64_t>(number - 1) * quicknet_period};
}

std::uint64_t quicknet_number_for(Timestamp draws_at) {
    return quicknet_round_at(with_margin(draws_at));
}

PublicSourceKind kind_of(const PublicSource& source) {
    return std::holds_alternative<DrandQuicknet>(source.source) ? PublicSourceKind::drand_quicknet
                                                                : PublicSourceKind::published_draws;
}

Timestamp known_from(const PublicSource& source, Timestamp draws_at) {
    const auto* published = std::get_if<PublishedDraws>(&source.source);
    if (published == nullptr) return quicknet_time_of(quicknet_number_for(draws_at));
    COMITY_CHECK(!published->draws.empty());
    return begins_anywhere(last_date(*published));
}

Result<> check_public_source(const PublicSource& source, Timestamp draws_at,
                             Timestamp answers_until) {
    if (const auto* published = std::get_if<PublishedDraws>(&source.source)) {
        TRY(check_named_draws(*published, draws_at, source.enter_until));
    }
    if (source.enter_until <= known_from(source, draws_at) || source.enter_until >= answers_until) {
        return bad_source(
            "The time to enter the public value must end after the value exists and before answers "
            "close.");
    }
    return {};
}

Result<> check_public_value(const PublicSource& source, Timestamp draws_at,
                            const PublicValue& value) {
    if (source.source.index() != value.index()) {
        return Error{Code::invalid, "exchange/wrong-source",
                     "The round named another kind of public source; enter the value of that one."};
    }
    if (const auto* drand = std::get_if<DrandValue>(&value)) return check_drand(*drand, draws_at);
    const auto& numbers = std::get<PublishedNumbers>(value).numbers;
    if (numbers.size() != std::get<PublishedDraws>(source.source).draws.size()) {
        return Error{Code::invalid, "exchange/bad-beacon",
                     "Enter one text of numbers for each draw that the round named."};
    }
    TRY(rfc3797_key_string(numbers));
    return {};
}

Result<Bytes> seed_octets(const PublicValue& value) {
    Bytes octets;
    if (const auto* drand = std::get_if<DrandValue>(&value)) {
        append(octets, bytes_of("drand\n"));
        const Result<Digest> chain = Digest::parse(quicknet_chain_hash);
        COMITY_CHECK(chain.has_value());
        append(octets, chain->octets);
        append_number(octets, drand->number);
        append(octets, drand->randomness.octets);
        return octets;
    }
    const std::string key_string =
        TRY(rfc3797_key_string(std::get<PublishedNumbers>(value).numbers));
    append(octets, bytes_of("published\n"));
    append(octets, bytes_of(key_string));
    return octets;
}

}  // namespace comity::exchange
