// SPDX-License-Identifier: Apache-2.0
//
// How we trust the reports: their figures are those of the structs that --json prints, and no
// number stands without how it was computed and from where.

#include "cli/reports_observe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/describe.h"
#include "state/testing.h"

namespace comity::cli {
namespace {

using ::testing::HasSubstr;

TEST(ObserveReport, PercentsHaveOneDecimal) {
    EXPECT_EQ(percent(868, "217/250"), "86.8 %");
    EXPECT_EQ(percent(5, "1/200"), "0.5 %");
    EXPECT_EQ(percent(1'000, "1"), "100.0 %");
    EXPECT_EQ(percent(0, "0"), "0.0 %");
    EXPECT_EQ(percent(1'000, "9999/10000"), "over 99.9 %");
    EXPECT_EQ(percent(0, "1/10000"), "under 0.1 %");
}

TEST(ObserveReport, OfAFileEndsWithItsSource) {
    const auto dataset = observe::shipped_dataset("epoch-clusters").value();
    const auto table = observe::parse_entities(
        R"({"title": "Synthetic table", "source": "Made up.", "date": "2026-01-01",
            "rows": [{"name": "Arda", "type": "area"}]})");
    ASSERT_TRUE(table);
    const auto found = observe::measure(
        "Name,Status,H100 equivalents,Country,Owner\n"
        "one,Existing,3,Arda,\n"
        "two,Existing,1,Bela,\n"
        "three,Existing,many,Cira,\n"
        "four,Planned,1,Dova,\n",
        dataset, "country", *table);
    ASSERT_TRUE(found) << found.error().message;
    const std::string report = concentration_report(*found);
    EXPECT_THAT(report, HasSubstr("Herfindahl-Hirschman index  6250 of 10000\n"));
    EXPECT_THAT(report, HasSubstr("75.0 %  Arda\n25.0 %  Bela\n"));
    EXPECT_THAT(report, HasSubstr("2 with an amount, of 3 that rows name\n"));
    EXPECT_THAT(report, HasSubstr("2 of 4\n"));
    EXPECT_THAT(report, HasSubstr("one, 3 H100 equivalents, of Arda\n"));
    EXPECT_THAT(report, HasSubstr("1 of the rows without an amount hold something that is none."));
    EXPECT_THAT(report, HasSubstr("25.0 %  (not in the table)\n"));
    EXPECT_THAT(report, HasSubstr(found->file.text()));
    EXPECT_THAT(report, HasSubstr(dataset.origin.attribution));
    for (const auto& how : found->how) EXPECT_THAT(report, HasSubstr(how.of + ": " + how.text));
    for (const auto& caveat : dataset.caveats) EXPECT_THAT(report, HasSubstr(caveat));
}

TEST(ObserveReport, OfTheRecordShowsUnitsBenefitAndMotions) {
    const auto world = state::testing::full_world();
    const auto unit = state::observe_unit(
        world.state,
        {.unit = state::testing::id<institution::UnitId>("place"), .member_class = {}});
    ASSERT_TRUE(unit);
    const RecordObservation found{.origin = "test.example/record",
                                  .size = world.state.size,
                                  .units = {*unit},
                                  .influence = state::influence(world.state),
                                  .how = state::observation_explained()};
    const std::string report = observation_report(found);
    EXPECT_THAT(report, HasSubstr("Unit place\n"));
    EXPECT_THAT(report, HasSubstr("10000  100.0 %"));
    EXPECT_THAT(report, HasSubstr("Influence: 1 motion\n"));
    EXPECT_THAT(report, HasSubstr("anor\n"));
    EXPECT_THAT(report, HasSubstr("0.500  0.750"));
    EXPECT_THAT(report, ::testing::Not(HasSubstr("Nothing is offered")));
    for (const auto& how : found.how) EXPECT_THAT(report, HasSubstr(how.of + ": " + how.text));
    EXPECT_EQ(codec::from_json<RecordObservation>(codec::to_json(found)).has_value(), true);
}

}  // namespace
}  // namespace comity::cli
