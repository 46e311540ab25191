// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <random>
#include <string>

#include "rules/rules.h"
#include "rules/screening_index.h"
#include "rules/testing.h"

// How we trust screening: 10,000 generated transfers over 200 generated restrictions of many
// issuers, amended and withdrawn, each labelled by an evaluator of its own that keeps plain strings
// and reads docs/spec/rules.md line by line. What screen and ScreeningIndex say must be the label,
// with every citation whole. Real-looking cases by hand are in tests/cases/rules.

namespace comity::rules {
namespace {

using institution::AreaCode;
using institution::Citation;
using institution::EndUseId;
using institution::ItemClassId;
using institution::RestrictionId;
using institution::Screening;
using institution::Verdict;
using testing::act_of;
using testing::day;
using testing::id;
using testing::transfer;

constexpr std::size_t restrictions_of_world = 200;
constexpr std::size_t transfers_of_world = 10'000;

const std::vector<std::string> item_names{"compute", "model", "dataset",
                                          "course",  "tool",  "sensor"};
const std::vector<std::string> use_names{"health", "farming", "schools", "weather", "courts"};
const std::vector<std::string> issuer_names{"ata", "bes", "cyr", "host", "made-up-body"};
const std::vector<std::string> area_names{"XAA", "XAB", "XAC", "XAD", "XAE", "XAF", "XAG", "XAH"};

/// What the naive evaluator knows: empty list = not there.
struct PlainScope {
    std::vector<std::string> items, origins, destinations, uses;
};

struct PlainRestriction {
    std::string id, issuer;
    int version = 1;
    bool blocks = true;
    PlainScope scope;
    std::vector<PlainScope> exceptions;
    int from = 0;
    int until = 0;  ///< 0: without end
    std::uint64_t entry = 0;
    bool withdrawn = false;
};

struct PlainTransfer {
    std::string item, origin, destination, use;
    int day = 0;
};

bool plainly_matches(const PlainScope& scope, const PlainTransfer& transfer) {
    const auto allows = [](const std::vector<std::string>& list, const std::string& value) {
        if (list.empty()) return true;
        for (const std::string& one : list) {
            if (one == value) return true;
        }
        return false;
    };
    return allows(scope.items, transfer.item) && allows(scope.origins, transfer.origin) &&
           allows(scope.destinations, transfer.destination) && allows(scope.uses, transfer.use);
}

bool plainly_applies(const PlainRestriction& restriction, const PlainTransfer& transfer) {
    if (restriction.withdrawn) return false;
    if (transfer.day < restriction.from) return false;
    if (restriction.until != 0 && transfer.day >= restriction.until) return false;
    if (!plainly_matches(restriction.scope, transfer)) return false;
    for (const PlainScope& exception : restriction.exceptions) {
        if (plainly_matches(exception, transfer)) return false;
    }
    return true;
}

class World {
public:
    explicit World(std::uint64_t seed) : random_(seed) {
        for (std::size_t n = 0; n < restrictions_of_world; ++n) issue(n);
        for (PlainRestriction& plain : plain_) {
            if (pick(4) == 0) amend(plain);
            if (pick(8) == 0) withdraw(plain);
        }
    }

    PlainTransfer any_transfer() {
        return {.item = any(item_names),
                .origin = any(area_names),
                .destination = any(area_names),
                .use = any(use_names),
                .day = 20'000 + static_cast<int>(pick(400))};
    }

    const Rules& rules() const { return rules_; }
    const std::vector<PlainRestriction>& plain() const { return plain_; }

private:
    std::uint64_t pick(std::uint64_t below) { return random_() % below; }
    std::string any(const std::vector<std::string>& names) { return names[pick(names.size())]; }

    std::vector<std::string> some(const std::vector<std::string>& names,
                                  std::uint64_t absent_in_3) {
        std::vector<std::string> chosen;
        if (pick(3) < absent_in_3) return chosen;
        for (std::uint64_t n = 1 + pick(3); n > 0; --n) {
            std::string name = any(names);
            if (std::ranges::find(chosen, name) == chosen.end()) chosen.push_back(name);
        }
        return chosen;
    }

    PlainScope any_scope() {
        return {some(item_names, 1), some(area_names, 2), some(area_names, 1), some(use_names, 1)};
    }

    void vary(PlainRestriction& plain) {
        plain.blocks = pick(2) == 0;
        plain.scope = any_scope();
        plain.exceptions.clear();
        for (std::uint64_t n = pick(3); n > 0; --n) {
            PlainScope exception = any_scope();
            if (exception.items.empty()) exception.items = {any(item_names)};
            plain.exceptions.push_back(exception);
        }
        plain.from = 20'000 + static_cast<int>(pick(300));
        plain.until = pick(3) == 0 ? 0 : plain.from + 1 + static_cast<int>(pick(200));
    }

    void issue(std::size_t n) {
        // Ids whose order is not that of their entries.
        PlainRestriction plain;
        plain.id = "r" + std::to_string((n * 7919) % 100'000);
        plain.issuer = any(issuer_names);
        vary(plain);
        enter(plain);
        plain_.push_back(plain);
    }

    void amend(PlainRestriction& plain) {
        ++plain.version;
        vary(plain);
        enter(plain);
    }

    void withdraw(PlainRestriction& plain) {
        const RestrictionWithdrawal withdrawal{.id = id<RestrictionId>(plain.id),
                                               .reason = "It has ended."};
        const auto act = act_of(plain.issuer, next_entry_++);
        ASSERT_TRUE(check(rules_, institution_, act, withdrawal));
        apply(rules_, act, withdrawal);
        plain.withdrawn = true;
    }

    template <class Value>
    static std::optional<std::set<Value>> listed(const std::vector<std::string>& names) {
        if (names.empty()) return {};
        std::set<Value> values;
        for (const std::string& name : names) values.insert(*Value::parse(name));
        return values;
    }

    static Scope real(const PlainScope& plain) {
        return {.item_classes = listed<ItemClassId>(plain.items),
                .origins = listed<AreaCode>(plain.origins),
                .destinations = listed<AreaCode>(plain.destinations),
                .end_uses = listed<EndUseId>(plain.uses)};
    }

    void enter(PlainRestriction& plain) {
        plain.entry = next_entry_++;
        Restriction restriction{.id = id<RestrictionId>(plain.id),
                                .version = static_cast<std::uint32_t>(plain.version),
                                .title = {{*LanguageTag::parse("en"), "Generated"}},
                                .treatment = plain.blocks ? Treatment::block : Treatment::review,
                                .scope = real(plain.scope),
                                .exceptions = {},
                                .from = Date{plain.from},
                                .until = {},
                                .instrument = {.title = "Generated", .clause = {}, .url = {}}};
        for (const PlainScope& exception : plain.exceptions) {
            restriction.exceptions.push_back(real(exception));
        }
        if (plain.until != 0) restriction.until = Date{plain.until};
        const auto act = act_of(plain.issuer, plain.entry);
        const auto checked = check(rules_, institution_, act, restriction);
        ASSERT_TRUE(checked) << checked.error().message;
        apply(rules_, act, restriction);
    }

    std::mt19937_64 random_;
    institution::Institution institution_ = testing::institution_knowing(item_names, use_names);
    Rules rules_;
    std::vector<PlainRestriction> plain_;
    std::uint64_t next_entry_ = 2;
};

/// The label: the restrictions that apply, by id.
std::vector<PlainRestriction> plainly_applying(const World& world, const PlainTransfer& transfer) {
    std::vector<PlainRestriction> applying;
    for (const PlainRestriction& plain : world.plain()) {
        if (plainly_applies(plain, transfer)) applying.push_back(plain);
    }
    std::ranges::sort(applying, {}, &PlainRestriction::id);
    return applying;
}

void expect_as_labelled(const Screening& screening, const std::vector<PlainRestriction>& label) {
    const bool blocked = std::ranges::any_of(label, &PlainRestriction::blocks);
    const Verdict verdict = blocked         ? Verdict::blocked
                            : label.empty() ? Verdict::allowed
                                            : Verdict::needs_review;
    ASSERT_EQ(screening.verdict, verdict);
    ASSERT_EQ(screening.citations.size(), label.size());
    for (std::size_t n = 0; n < label.size(); ++n) {
        const Citation& citation = screening.citations[n];
        ASSERT_EQ(citation.restriction.text(), label[n].id);
        ASSERT_EQ(citation.issuer.text(), label[n].issuer);
        ASSERT_EQ(citation.version, static_cast<std::uint32_t>(label[n].version));
        ASSERT_EQ(citation.from.days, label[n].from);
        ASSERT_EQ(citation.until ? citation.until->days : 0, label[n].until);
        ASSERT_EQ(citation.entry, label[n].entry);
    }
}

TEST(Screening, SaysWhatTheLabelSaysOfEveryGeneratedTransfer) {
    World world(20'260'716);
    std::map<Verdict, std::size_t> verdicts;
    for (std::size_t n = 0; n < transfers_of_world; ++n) {
        const PlainTransfer plain = world.any_transfer();
        const auto real = transfer(plain.item, plain.origin, plain.destination, plain.use);
        const Screening screening = screen(world.rules(), real, Date{plain.day});
        expect_as_labelled(screening, plainly_applying(world, plain));
        if (n % 20 == 0) {
            ASSERT_EQ(ScreeningIndex(world.rules(), Date{plain.day}).screen(real), screening);
        }
        if (::testing::Test::HasFailure()) return;
        ++verdicts[screening.verdict];
    }
    for (const auto verdict : {Verdict::allowed, Verdict::needs_review, Verdict::blocked}) {
        EXPECT_GT(verdicts[verdict], transfers_of_world / 50) << "the generator must reach each";
    }
}

TEST(Screening, TheIndexSaysTheSameWithinASecond) {
    World world(7);
    const Date on{20'200};
    std::vector<institution::Transfer> transfers;
    for (std::size_t n = 0; n < transfers_of_world; ++n) {
        const PlainTransfer plain = world.any_transfer();
        transfers.push_back(transfer(plain.item, plain.origin, plain.destination, plain.use));
    }
    const std::clock_t started = std::clock();
    const ScreeningIndex index(world.rules(), on);
    std::vector<Screening> screenings;
    for (const auto& one : transfers) screenings.push_back(index.screen(one));
    const double seconds = static_cast<double>(std::clock() - started) / CLOCKS_PER_SEC;
    EXPECT_LT(seconds, 1.0) << "of processor time, in a debug build";
    RecordProperty("milliseconds", static_cast<int>(seconds * 1'000));
    for (std::size_t n = 0; n < transfers.size(); ++n) {
        ASSERT_EQ(screenings[n], screen(world.rules(), transfers[n], on)) << n;
    }
}

TEST(Screening, AValueThatNoRestrictionListsMeetsThoseThatListNone) {
    const auto institution = testing::institution_knowing({"compute"}, {"health"});
    Rules rules;
    Restriction everywhere{.id = id<RestrictionId>("everywhere"),
                           .version = 1,
                           .title = {{*LanguageTag::parse("en"), "Everything"}},
                           .treatment = Treatment::review,
                           .scope = {},
                           .exceptions = {},
                           .from = Date{0},
                           .until = {},
                           .instrument = {.title = "An order", .clause = {}, .url = {}}};
    apply(rules, act_of("ata", 3), everywhere);
    const auto unheard_of = transfer("submarine", "QQQ", "ZZZ", "fishing");
    EXPECT_EQ(screen(rules, unheard_of, Date{1}).verdict, Verdict::needs_review);
    EXPECT_EQ(ScreeningIndex(rules, Date{1}).screen(unheard_of).verdict, Verdict::needs_review);
    EXPECT_EQ(ScreeningIndex(Rules{}, Date{1}).screen(unheard_of), Screening{});
}

TEST(Screening, APeriodHoldsItsFirstDayAndNotItsLast) {
    Rules rules;
    Restriction restriction{.id = id<RestrictionId>("r"),
                            .version = 1,
                            .title = {},
                            .treatment = Treatment::block,
                            .scope = {},
                            .exceptions = {},
                            .from = day("2026-08-01"),
                            .until = day("2026-09-01"),
                            .instrument = {}};
    apply(rules, act_of("ata", 3), restriction);
    const auto any = transfer("compute", "XAA", "XAB", "health");
    ScreeningByDay by_day(rules);
    for (const auto& [on, verdict] :
         {std::pair{"2026-07-31", Verdict::allowed}, std::pair{"2026-08-01", Verdict::blocked},
          std::pair{"2026-08-31", Verdict::blocked}, std::pair{"2026-09-01", Verdict::allowed}}) {
        EXPECT_EQ(screen(rules, any, day(on)).verdict, verdict) << on;
        EXPECT_EQ(ScreeningIndex(rules, day(on)).screen(any).verdict, verdict) << on;
        EXPECT_EQ(by_day(any, day(on)).verdict, verdict) << on << ", after other days";
    }
}

}  // namespace
}  // namespace comity::rules
