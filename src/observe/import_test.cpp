// SPDX-License-Identifier: Apache-2.0
//
// We trust the import because a synthetic file in which every row fails another condition comes out
// as computed by hand, because the order of rows changes nothing, and because two public files give
// the figures that were computed for them with another program in exact fractions.

#include "observe/import.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace comity::observe {
namespace {

std::string read_text(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

const std::filesystem::path source_dir = COMITY_SOURCE_DIR;

std::string synthetic() {
    return read_text(source_dir / "tests/cases/observe/synthetic-models.csv");
}

Dataset models() { return shipped_dataset("epoch-models").value(); }
Dataset clusters() { return shipped_dataset("epoch-clusters").value(); }

std::vector<std::string> lines_of(const Concentration& found) {
    std::vector<std::string> lines;
    for (const HolderShare& share : found.shares) {
        lines.push_back(share.holder + " " + share.amount + " " + share.share + " " +
                        std::to_string(share.per_thousand));
    }
    return lines;
}

TEST(Import, EveryRowOfTheSyntheticFileIsAccountedFor) {
    const auto found = measure(synthetic(), models(), "country");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->rows, 14U);
    EXPECT_EQ(found->steps,
              (std::vector<Step>{
                  {"'Publication date' is 2023-01-01 or later", 3, 11},
                  {"'Country (of organization)' names a holder", 1, 10},
                  {"'Training compute (FLOP)' is an amount: digits, not negative", 3, 7}}));
    EXPECT_EQ(found->unreadable, 2U);
    EXPECT_EQ(found->used, 7U);
    EXPECT_EQ(found->holders_listed, 8U);
    ASSERT_TRUE(found->newest);
    EXPECT_EQ(found->newest->text(), "2025-03-04");
}

TEST(Import, SharesOfTheSyntheticFileByHand) {
    const auto found = measure(synthetic(), models(), "country");
    ASSERT_TRUE(found) << found.error().message;
    const Concentration& all = found->concentration;
    EXPECT_EQ(all.total, "2.6e21");
    EXPECT_EQ(all.holders, 5U);
    EXPECT_EQ(all.with_amount, 4U);
    EXPECT_EQ(lines_of(all), (std::vector<std::string>{"Arda 4000000000000000000000/3 20/39 513",
                                                       "Cira 1750000000000000000000/3 35/156 224",
                                                       "Bela 1450000000000000000000/3 29/156 186",
                                                       "Multinational 2e20 1/13 77"}));
    EXPECT_EQ(all.hhi_exact, "1435/4056");
    EXPECT_EQ(all.hhi, 3'538);
    EXPECT_EQ(all.top,
              (std::vector<PartialShare>{{1, "20/39", 513}, {3, "12/13", 923}, {5, "1", 1'000}}));
    std::vector<std::string> lorenz;
    for (const PartialShare& point : all.lorenz) lorenz.push_back(point.share);
    EXPECT_EQ(lorenz, (std::vector<std::string>{"0", "0", "1/13", "41/156", "19/39", "1"}));
}

TEST(Import, WithoutTheLargestRow) {
    const auto found = measure(synthetic(), models(), "country");
    ASSERT_TRUE(found && found->without_largest);
    const WithoutLargest& rest = *found->without_largest;
    EXPECT_EQ(rest.row, "Birch");
    EXPECT_EQ(rest.amount, "1e21");
    EXPECT_EQ(rest.holders, (std::vector<std::string>{"Arda"}));
    EXPECT_EQ(rest.hhi, 2'832);
    EXPECT_EQ(rest.remaining_holders, 4U);
    EXPECT_EQ(rest.top.front(), (PartialShare{1, "35/96", 365}));
}

TEST(Import, AnotherGroupingOfTheSameRows) {
    const auto found = measure(synthetic(), models(), "organization");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->concentration.hhi_exact, "115/338");
    EXPECT_EQ(found->concentration.hhi, 3'402);
    EXPECT_EQ(found->concentration.shares[2].holder, "Bela Lab");
    EXPECT_EQ(measure(synthetic(), models(), "planet").error().reason, "observe/no-such-grouping");
}

TEST(Import, ConditionsOnTextAndOnPresence) {
    Dataset dataset = clusters();
    dataset.filters.push_back(Present{"Note"});
    const auto found = measure(
        "Name,Status,H100 equivalents,Country,Owner,Note\n"
        "one,Existing,0.1,Arda,,n\n"
        "two,Planned,9,Bela,,n\n"
        "three,existing,9,Bela,,n\n"
        "four,Existing,9,Bela,,\n"
        "five,Existing,0.2,\"Bela, of Cira\",,n\n",
        dataset, "country");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->steps[0], (Step{"'Status' is 'Existing'", 2, 3}));
    EXPECT_EQ(found->steps[1], (Step{"'Note' is not empty", 1, 2}));
    EXPECT_EQ(found->used, 2U);
    EXPECT_EQ(found->concentration.total, "0.3");
    EXPECT_FALSE(found->newest) << "no column must hold a day";
    EXPECT_EQ(found->concentration.shares[0], (HolderShare{"Bela, of Cira", "0.2", "2/3", 667}))
        << "a field without separator is one name";
}

TEST(Import, TheOrderOfRowsChangesNothing) {
    const std::string text =
        "Name,Status,H100 equivalents,Country,Owner\n"
        "x,Existing,5,B,\nx,Existing,5,A,\ny,Existing,5,C,\nz,Existing,1,C,\n";
    const std::string other =
        "Name,Status,H100 equivalents,Country,Owner\n"
        "z,Existing,1,C,\ny,Existing,5,C,\nx,Existing,5,A,\nx,Existing,5,B,\n";
    const auto a = measure(text, clusters(), "country");
    const auto b = measure(other, clusters(), "country");
    ASSERT_TRUE(a && b && a->without_largest && b->without_largest);
    EXPECT_EQ(a->concentration, b->concentration);
    EXPECT_EQ(a->without_largest->holders, (std::vector<std::string>{"A"}));
    EXPECT_EQ(b->without_largest->holders, (std::vector<std::string>{"A"}));
    EXPECT_NE(a->file, b->file);
}

TEST(Import, RefusesRowsAndFilesByName) {
    EXPECT_EQ(measure("a,b\n", clusters(), "country").error().reason, "observe/no-such-column");
    std::string row =
        "Model,Organization,Publication date,Training compute (FLOP),Country (of "
        "organization)\nm,o,2024-01-01,1,\"h0";
    for (std::uint32_t i = 1; i <= parts_max; ++i) row += ",h" + std::to_string(i);
    EXPECT_EQ(measure(row + "\"\n", models(), "country").error().reason,
              "observe/too-many-holders");
    EXPECT_EQ(measure(row + "\"\n", models(), "organization")->used, 1U);
}

TEST(Import, AReviewedTableShowsItsEffectAndChangesNoFigureOfTheFile) {
    const auto table = parse_entities(R"({"title": "Synthetic table", "source": "Made up",
        "date": "2026-01-01", "rows": [{"name": "Arda", "type": "member state"},
        {"name": "Bela", "type": "area", "counted_with": "Arda"},
        {"name": "Cira", "type": "member state"}]})");
    ASSERT_TRUE(table) << table.error().message;
    const auto plain = measure(synthetic(), models(), "country");
    const auto found = measure(synthetic(), models(), "country", *table);
    ASSERT_TRUE(plain && found && found->entities);
    EXPECT_EQ(found->concentration, plain->concentration);
    const EntityEffect& effect = *found->entities;
    EXPECT_EQ(effect.not_in_table, (std::vector<std::string>{"Maro", "Multinational"}));
    ASSERT_EQ(effect.by_type.size(), 3U);
    EXPECT_EQ(effect.by_type[0].holder, "member state");
    EXPECT_EQ(effect.by_type[0].share, "115/156");  // 4000 + 1750 over 7800
    EXPECT_EQ(effect.by_type[1], (HolderShare{"area", "1450000000000000000000/3", "29/156", 186}));
    EXPECT_EQ(effect.by_type[2], (HolderShare{"", "2e20", "1/13", 77}));
    ASSERT_EQ(effect.shares.size(), 3U);
    EXPECT_EQ(effect.shares[0].share, "109/156");  // 4000 + 1450 over 7800
    EXPECT_EQ(effect.hhi, 5'445);  // (109^2 + 35^2 + 12^2) / 156^2 = 13250/24336 = 0.54446...
}

TEST(Import, ATableThatContradictsItselfIsRefused) {
    const auto reason = [](const std::string& rows) {
        const auto table = parse_entities(
            R"({"title": "t", "source": "s", "date": "2026-01-01", "rows": [)" + rows + "]}");
        return table ? "read" : std::string(table.error().reason);
    };
    EXPECT_EQ(reason(R"({"name": "a", "type": "t"})"), "read");
    EXPECT_EQ(reason(R"({"name": "a", "type": "t"}, {"name": "a", "type": "u"})"),
              "observe/bad-entities");
    EXPECT_EQ(reason(R"({"name": "a", "type": "t", "counted_with": "b"})"), "observe/bad-entities");
    EXPECT_EQ(reason(R"({"name": "a", "type": "t", "counted_with": "b"},
                        {"name": "b", "type": "t", "counted_with": "a"})"),
              "observe/bad-entities");
}

TEST(Datasets, TheShippedOnesHold) {
    EXPECT_EQ(shipped_datasets(),
              (std::vector<std::string_view>{"epoch-clusters", "epoch-models"}));
    for (const std::string_view name : shipped_datasets()) {
        const auto dataset = shipped_dataset(name);
        ASSERT_TRUE(dataset) << name << ": " << dataset.error().message;
        EXPECT_EQ(dataset->id, name);
        EXPECT_FALSE(dataset->origin.attribution.empty());
        EXPECT_FALSE(dataset->caveats.empty());
    }
    EXPECT_EQ(shipped_dataset("none").error().reason, "observe/no-such-dataset");
}

TEST(Datasets, RefusesADescriptionThatDoesNotHold) {
    const std::string json = read_text(source_dir / "data/datasets/epoch-models.json");
    const auto reason_with = [&](const std::string& part, const std::string& bent) {
        std::string text = json;
        text.replace(text.find(part), part.size(), bent);
        const auto read = parse_dataset(text);
        return read ? "read" : std::string(read.error().reason);
    };
    EXPECT_EQ(reason_with("\"separator\": \",\"", "\"separator\": \"\""), "observe/bad-dataset");
    EXPECT_EQ(reason_with("\"organization\"", "\"country\""), "observe/bad-dataset");
    EXPECT_EQ(reason_with("\"Model\"", "\"\""), "observe/bad-dataset");
    EXPECT_EQ(reason_with("date_from", "date_until"), "codec/out-of-range");
    EXPECT_EQ(reason_with("\"title\"", "\"titel\""), "codec/unknown-member");
}

/// A public file that the repository does not contain, for its licence; absent on most machines.
/// COMITY_SHARED_DATA names the folder with it.
std::optional<std::string> public_file(const std::string& name) {
    // No thread is running.
    const char* const folder = std::getenv("COMITY_SHARED_DATA");  // NOLINT(concurrency-mt-unsafe)
    const std::filesystem::path file =
        (folder != nullptr ? std::filesystem::path(folder) : source_dir / "../shared/data") / name;
    if (!std::filesystem::exists(file)) return {};
    return read_text(file);
}

std::vector<std::int64_t> first_five(const Concentration& found) {
    std::vector<std::int64_t> shares;
    for (std::size_t i = 0; i < 5; ++i) shares.push_back(found.shares.at(i).per_thousand);
    return shares;
}

std::vector<std::string> first_five_names(const Concentration& found) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < 5; ++i) names.push_back(found.shares.at(i).holder);
    return names;
}

TEST(PublicFiles, ComputeOfModelsByCountry) {
    const auto file = public_file("notable_ai_models.csv");
    if (!file) GTEST_SKIP() << "skipped: notable_ai_models.csv is not on this machine";
    const auto found = measure(*file, models(), "country");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->rows, 942U);
    EXPECT_EQ(found->steps.front().remaining, 276U);
    EXPECT_EQ(found->used, 140U);
    EXPECT_EQ(found->concentration.hhi, 7'614);
    EXPECT_EQ(found->concentration.with_amount, 18U);
    EXPECT_EQ(found->holders_listed, 20U);
    EXPECT_EQ(first_five(found->concentration), (std::vector<std::int64_t>{868, 83, 20, 15, 7}));
    EXPECT_EQ(first_five_names(found->concentration),
              (std::vector<std::string>{"United States of America", "China", "France",
                                        "United Kingdom of Great Britain and Northern Ireland",
                                        "Saudi Arabia"}));
    ASSERT_TRUE(found->without_largest);
    EXPECT_EQ(found->without_largest->hhi, 6'770);
}

TEST(PublicFiles, ComputeOfModelsByOrganization) {
    const auto file = public_file("notable_ai_models.csv");
    if (!file) GTEST_SKIP() << "skipped: notable_ai_models.csv is not on this machine";
    const auto found = measure(*file, models(), "organization");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->concentration.hhi, 3'092);
    EXPECT_EQ(found->concentration.top.at(2),
              (PartialShare{5, found->concentration.top.at(2).share, 832}));
    EXPECT_EQ(found->without_largest->hhi, 1'830);
}

TEST(PublicFiles, CapacityOfClustersByCountry) {
    const auto file = public_file("gpu_clusters.csv");
    if (!file) GTEST_SKIP() << "skipped: gpu_clusters.csv is not on this machine";
    const auto found = measure(*file, clusters(), "country");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->rows, 786U);
    EXPECT_EQ(found->steps.front().remaining, 609U);
    EXPECT_EQ(found->used, 507U);
    EXPECT_EQ(found->concentration.hhi, 6'088);
    EXPECT_EQ(found->concentration.with_amount, 33U);
    EXPECT_EQ(found->holders_listed, 37U);
    EXPECT_EQ(first_five(found->concentration), (std::vector<std::int64_t>{769, 128, 14, 11, 10}));
    EXPECT_EQ(first_five_names(found->concentration),
              (std::vector<std::string>{"United States of America", "China", "Germany", "Norway",
                                        "Japan"}));
    EXPECT_EQ(found->without_largest->hhi, 5'535);
}

}  // namespace
}  // namespace comity::observe
