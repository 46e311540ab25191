// SPDX-License-Identifier: Apache-2.0

// A change of rules on a round of the reference size: 200 members, 5,000 offers of 12 item classes
// from 40 origins, 20,000 needs for 200 destinations and 3 end uses, 120 restrictions in force. So
// 480 classes of offers meet 600 of needs: 288,000 kinds of transfer.
//
// A new restriction screens every kind of transfer again and draws again; a new allocation rule
// keeps the screenings and draws again. All ids are synthetic.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <random>
#include <string>

#include "base/check.h"
#include "exchange/exchange.h"
#include "exchange/round.h"
#include "institution/institution.h"
#include "rules/screening_index.h"

namespace {

using namespace comity;
using namespace comity::exchange;

constexpr unsigned members = 200;
constexpr unsigned offers = 5'000;
constexpr unsigned needs = 20'000;
constexpr unsigned item_classes = 12;
constexpr unsigned origins = 40;
constexpr unsigned end_uses = 3;
constexpr unsigned restrictions = 120;

template <class T>
T numbered(std::string_view name, unsigned number) {
    return T::parse(fmt::format("{}-{:05}", name, number)).value();
}

/// Codes that ISO 3166-1 leaves to users.
institution::AreaCode area(unsigned number) {
    constexpr unsigned letters = 26;
    std::string code = "X";
    code.push_back(static_cast<char>('A' + number / letters % letters));
    code.push_back(static_cast<char>('A' + number % letters));
    return institution::AreaCode::parse(code).value();
}

Date day(std::string_view text) { return Date::parse(text).value(); }

/// Every third with an exception.
rules::Rules rule_book(std::mt19937& random) {
    rules::Rules book;
    for (unsigned r = 0; r < restrictions; ++r) {
        rules::Restriction restriction;
        restriction.id = numbered<institution::RestrictionId>("restriction", r);
        restriction.treatment = r % 4 == 0 ? rules::Treatment::review : rules::Treatment::block;
        restriction.from = day("2026-01-01");
        rules::Scope& scope = restriction.scope;
        scope.item_classes.emplace();
        scope.origins.emplace();
        scope.destinations.emplace();
        for (unsigned i = 0; i < 3; ++i) {
            scope.item_classes->insert(
                numbered<institution::ItemClassId>("kind", random() % item_classes));
            scope.origins->insert(area(random() % origins));
        }
        for (unsigned i = 0; i < members / 5; ++i)
            scope.destinations->insert(area(random() % members));
        if (r % 3 == 0) {
            rules::Scope& exception = restriction.exceptions.emplace_back();
            exception.end_uses.emplace();
            exception.end_uses->insert(numbered<institution::EndUseId>("use", random() % end_uses));
        }
        rules::RestrictionRecord record;
        record.issuer = numbered<institution::MemberId>("member", r);
        record.versions.push_back({.restriction = restriction, .entry = r});
        book.restrictions.emplace(restriction.id, std::move(record));
    }
    return book;
}

Exchange pool(std::mt19937& random) {
    Exchange exchange;
    for (unsigned o = 0; o < offers; ++o) {
        OfferRecord record;
        record.offer.id = numbered<OfferId>("offer", o);
        record.offer.unit = institution::UnitId::parse("hour").value();
        record.offer.item_class =
            numbered<institution::ItemClassId>("kind", random() % item_classes);
        record.offer.origin = area(random() % origins);
        record.offer.quantity = 1 + random() % 900;
        record.offer.from = day(random() % 2 == 0 ? "2026-01-01" : "2027-03-01");
        record.provider = numbered<institution::MemberId>("provider", random() % 60);
        exchange.offers.emplace(record.offer.id, std::move(record));
    }
    for (unsigned n = 0; n < needs; ++n) {
        NeedRecord record;
        const unsigned owner = random() % members;
        record.need.id = numbered<NeedId>("need", n);
        record.need.unit = institution::UnitId::parse("hour").value();
        record.need.item_classes.emplace();
        record.need.item_classes->insert(
            numbered<institution::ItemClassId>("kind", random() % item_classes));
        record.need.destination = area(owner);
        record.need.end_use = numbered<institution::EndUseId>("use", random() % end_uses);
        record.need.quantity = 1 + random() % 400;
        record.need.from = day("2026-09-01");
        record.need.until = day(random() % 2 == 0 ? "2026-12-01" : "2027-09-01");
        record.member = numbered<institution::MemberId>("member", owner);
        exchange.needs.emplace(record.need.id, std::move(record));
    }
    return exchange;
}

AdoptedRule rule(Rounding rounding) {
    AdoptedRule adopted;
    adopted.rule.id = RuleId::parse("equal").value();
    adopted.rule.rounding = rounding;
    adopted.rule.member_cap = Rational::make(1, 20).value();
    return adopted;
}

/// What a round has when its call closes.
struct Call {
    rules::Rules book;
    Exchange exchange;
    institution::Institution institution;
    RoundInputs inputs;

    Call() {
        std::mt19937 random(2026);
        book = rule_book(random);
        exchange = pool(random);
        exchange.rules[rule({}).rule.id] = {rule(Rounding::sainte_lague)};
        Round round;
        round.id = RoundId::parse("round").value();
        round.unit = institution::UnitId::parse("hour").value();
        round.rule = rule({}).rule.id;
        round.rule_version = 1;
        auto frozen = freeze(exchange, institution, screen(), round,
                             Timestamp::parse("2026-08-01T00:00:00Z").value(), 1);
        COMITY_CHECK(frozen.has_value());
        inputs = std::move(frozen).value();
    }

    Screen screen() const {
        return [index = rules::ScreeningIndex(book, day("2026-08-01"))](
                   const institution::Transfer& transfer, Date) { return index.screen(transfer); };
    }
};

const Call& call() {
    static const Call made;
    return made;
}

void draw_again(benchmark::State& state, RoundInputs& inputs, const AdoptedRule& adopted) {
    const auto put = put_under_rule(inputs, call().exchange, call().institution, call().screen(),
                                    {adopted, nullptr});
    COMITY_CHECK(put.has_value());
    const auto drawn = draw_with(inputs, {});
    COMITY_CHECK(drawn.has_value());
    state.counters["transfers"] = static_cast<double>(inputs.screenings.size());
    state.counters["lines"] = static_cast<double>(drawn->lines.size());
}

void new_restriction(benchmark::State& state) {
    for (auto _ : state) {
        state.PauseTiming();
        RoundInputs inputs = call().inputs;
        inputs.screenings.clear();
        state.ResumeTiming();
        draw_again(state, inputs, rule(Rounding::sainte_lague));
    }
}
BENCHMARK(new_restriction)->Unit(benchmark::kMillisecond);

void new_allocation_rule(benchmark::State& state) {
    for (auto _ : state) {
        state.PauseTiming();
        RoundInputs inputs = call().inputs;
        state.ResumeTiming();
        draw_again(state, inputs, rule(Rounding::adams));
    }
}
BENCHMARK(new_allocation_rule)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
