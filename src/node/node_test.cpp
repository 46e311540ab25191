// SPDX-License-Identifier: Apache-2.0
//
// How we trust the node: what it acknowledges is there after a restart and after a kill at any
// moment; what it refuses leaves nothing; the published files hold, and stop holding when any one
// bit of them is changed.

#include "node/node.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <random>
#include <thread>

#include "base/base64.h"
#include "codec/json.h"
#include "node/node_fixture.h"
#include "node/restore.h"
#include "record/tile.h"
#include "state/audit.h"

namespace comity::node {
namespace {

using namespace comity::state::testing;

void register_anor(Node& node) {
    const state::Payload key = registration("anor", "anor");
    const auto entered =
        node.submit(signed_entry("institution.key", "secretariat", state::subject_of(key),
                                 state::payload_json(key), key_of("secretariat")));
    ASSERT_TRUE(entered) << entered.error().message;
}

TEST(Node, KeepsWhatItAcknowledgedAcrossARestart) {
    Fixture fixture;
    fixture.enter_all(full_world());
    const Digest root = fixture.root();
    const auto head = fixture.node->log().head();
    fixture.open();
    EXPECT_EQ(fixture.root(), root);
    EXPECT_EQ(fixture.node->log().head(), head);
}

TEST(Node, TheSameStatementStandsOnce) {
    Fixture fixture;
    register_anor(*fixture.node);
    const auto first = fixture.node->submit(need_entry("n"));
    const auto again = fixture.node->submit(need_entry("n"));
    ASSERT_TRUE(first && again);
    EXPECT_EQ(first->index, again->index);
    EXPECT_TRUE(again->already);
    EXPECT_EQ(fixture.node->log().head().size, first->index + 1);
}

TEST(Node, ARefusalAppendsNothing) {
    Fixture fixture;
    const auto head = fixture.node->log().head();
    EXPECT_EQ(fixture.node->submit(need_entry("n")).error().reason, "institution/unknown-key");
    EXPECT_EQ(fixture.node->submit(Bytes(70'000)).error().reason, "record/entry-too-large");
    EXPECT_EQ(fixture.node->submit(Bytes(3)).error().code, Code::invalid);
    EXPECT_EQ(fixture.node->log().head(), head);
}

TEST(Node, ManyThreadsGetEachItsOwnPlace) {
    Fixture fixture;
    register_anor(*fixture.node);
    constexpr int threads = 4;
    constexpr int each = 25;
    std::vector<std::jthread> crowd;
    std::vector<std::vector<std::uint64_t>> places(threads);
    for (int t = 0; t < threads; ++t) {
        crowd.emplace_back([&, t] {
            for (int i = 0; i < each; ++i) {
                const auto accepted = fixture.node->submit(
                    need_entry("n" + std::to_string(t) + "-" + std::to_string(i)));
                if (accepted) places[static_cast<std::size_t>(t)].push_back(accepted->index);
            }
        });
    }
    crowd.clear();
    std::set<std::uint64_t> all;
    for (const auto& of_one : places) all.insert(of_one.begin(), of_one.end());
    EXPECT_EQ(all.size(), std::size_t{threads * each});
}

TEST(Node, TickLogsTimeOutcomesResultsAndARoot) {
    Fixture fixture;
    fixture.enter_all(full_world());
    const auto now = fixture.node->read([](const auto& s) { return s.institution.now; });
    const auto entries = fixture.node->tick({now.seconds + 60});
    ASSERT_TRUE(entries) << entries.error().message;
    EXPECT_EQ(entries->size(), 2U) << "a clock entry and a state root";
    ASSERT_NE(fixture.node->newest_root(), nullptr);
    EXPECT_EQ(fixture.node->newest_root()->entry, entries->back().index);
    EXPECT_TRUE(fixture.node->log_state_root());
    EXPECT_FALSE(*fixture.node->log_state_root()) << "nothing followed the last one";
}

TEST(Node, KeysOfAnotherRecordAreRefused) {
    Fixture fixture;
    fixture.node.reset();
    NodeKeys keys = test_keys();
    keys.operator_key = key_of("somebody");
    EXPECT_EQ(Node::open(*fixture.log, nullptr, keys).error().reason, "node/keys-differ");
    EXPECT_EQ(found(*fixture.log, test_founding(), test_charter(), test_keys()).error().reason,
              "node/already-founded");
}

TEST(Node, ReceiptsVerifyWithTheKeyOfTheFoundingEntry) {
    Fixture fixture;
    fixture.enter_all(full_world());
    const auto receipt = fixture.node->receipt(5);
    ASSERT_TRUE(receipt);
    const auto entry = fixture.node->log().read(5, 1);
    const auto proven = record::verify_receipt(*receipt, record::leaf_hash((*entry)[0]),
                                               receipt_key().public_key());
    ASSERT_TRUE(proven) << proven.error().message;
    EXPECT_EQ(proven->root, fixture.node->log().head().root);
}

// Moving the seat --------------------------------------------------------------------------------

TEST(Seat, ABackupRestoredElsewhereHasTheSameStateAndGoesOn) {
    Fixture fixture;
    fixture.enter_all(full_world());
    const auto backup = store::make_memory_objects();
    const auto size = back_up(files_of(*fixture.objects), *backup, {});
    ASSERT_TRUE(size) << size.error().message;
    const auto elsewhere = store::make_memory_log();
    const auto filled = restore(*elsewhere, files_of(*backup), test_keys(), {});
    ASSERT_TRUE(filled) << filled.error().message;
    const auto moved = Node::open(*elsewhere, nullptr, test_keys());
    ASSERT_TRUE(moved) << moved.error().message;
    EXPECT_EQ((*moved)->read([](const auto& s) { return state::state_root(s); }), fixture.root());
    EXPECT_TRUE((*moved)->submit(need_entry("after-the-move")));
}

TEST(Seat, ABackupThatDoesNotGiveItsRootIsRefusedBeforeAnythingIsWritten) {
    Fixture fixture;
    fixture.enter_all(full_world());
    const std::uint64_t size = fixture.node->log().head().size;
    const std::string file = record::entries_path(0, static_cast<std::uint32_t>(size));
    const state::RecordFiles bent = [&](std::string_view name) -> Result<Bytes> {
        Bytes octets = TRY(fixture.objects->get(name));
        if (name == file) octets.back() ^= std::byte{1};
        return octets;
    };
    const auto elsewhere = store::make_memory_log();
    EXPECT_EQ(restore(*elsewhere, bent, test_keys(), {}).error().reason, "node/restore-differs");
    EXPECT_EQ(elsewhere->head()->size, 0U);
}

TEST(Seat, ABackupIsNotMixedWithAnotherNorShortened) {
    Fixture fixture;
    const auto shorter = store::make_memory_objects();
    ASSERT_TRUE(back_up(files_of(*fixture.objects), *shorter, {}));
    fixture.enter_all(full_world());
    const auto backup = store::make_memory_objects();
    ASSERT_TRUE(back_up(files_of(*fixture.objects), *backup, {}));
    const auto back = back_up(files_of(*shorter), *backup, {});
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().reason, "node/backup-goes-back");
    EXPECT_TRUE(back_up(files_of(*fixture.objects), *shorter, {})) << "a backup goes on";

    const std::string note = "other.example/record\n1\n" + to_base64(sha256({}).octets) +
                             "\n\n— other.example/record " + to_base64(Bytes(68)) + "\n";
    ASSERT_TRUE(shorter->replace("checkpoint", octets(note)));
    const auto mixed = back_up(files_of(*fixture.objects), *shorter, {});
    ASSERT_FALSE(mixed);
    EXPECT_EQ(mixed.error().reason, "node/backup-of-another-record") << mixed.error().message;
}

TEST(Seat, ABackupKeepsTheProofThatItsSourceShowsAnotherHistory) {
    Fixture first;
    register_anor(*first.node);
    ASSERT_TRUE(first.node->submit(need_entry("told-at-first")));
    const auto backup = store::make_memory_objects();
    ASSERT_TRUE(back_up(files_of(*first.objects), *backup, {}));
    const Bytes kept = backup->get("checkpoint").value();

    Fixture second;
    register_anor(*second.node);
    for (const char* name : {"told-later", "and-more"}) {
        ASSERT_TRUE(second.node->submit(need_entry(name)));
    }
    const auto forked = back_up(files_of(*second.objects), *backup, {});
    ASSERT_FALSE(forked);
    EXPECT_EQ(forked.error().reason, "node/backup-forks") << forked.error().message;
    EXPECT_EQ(backup->get("checkpoint").value(), kept);
}

TEST(Seat, ABackupIsNotRestoredWithOtherKeys) {
    Fixture fixture;
    NodeKeys keys = test_keys();
    keys.checkpoint_key = key_of("another");
    const auto elsewhere = store::make_memory_log();
    EXPECT_FALSE(restore(*elsewhere, files_of(*fixture.objects), keys, {}));
}

// Any one bit ------------------------------------------------------------------------------------

/// Why the record does not hold when one bit of one file is changed; empty when it does.
std::string audit_with_flip(const std::string& file, std::size_t bit) {
    const state::RecordFiles files = [&](std::string_view name) -> Result<Bytes> {
        Bytes octets = TRY(Published::fixture().objects->get(name));
        if (name == file) octets[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
        return octets;
    };
    const auto audited = state::audit(files, {});
    return audited ? "" : audited.error().message;
}

TEST_F(Published, TheRecordHoldsAsItIs) {
    const auto audited = state::audit(files_of(*fixture().objects), {});
    ASSERT_TRUE(audited) << audited.error().message;
    EXPECT_GE(audited->checkpoint.size, 1'000U);
    EXPECT_EQ(audited->outcomes, 1U);
    EXPECT_EQ(audited->allocations, 1U);
    EXPECT_EQ(state::state_root(audited->state), fixture().root());
    EXPECT_EQ(state::audit(files_of(*fixture().objects),
                           {.trusted = key_of("x").public_key(), .progress = {}})
                  .error()
                  .reason,
              "state/audit-untrusted");
}

TEST_F(Published, AFlippedBitOfAnyEntryIsNamed) {
    std::mt19937 random(1);
    const std::uint64_t size = fixture().node->log().head().size;
    for (std::uint64_t tile = 0; tile * record::tile_width < size; ++tile) {
        const auto width = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(record::tile_width, size - tile * record::tile_width));
        const std::string file = record::entries_path(tile, width);
        std::size_t position = 0;
        for (std::uint32_t i = 0; i < width; ++i) {
            const std::uint64_t index = tile * record::tile_width + i;
            const auto entry = fixture().node->log().read(index, 1);
            const std::size_t octets = (*entry)[0].size();
            const std::size_t bit = (position + 2) * 8 + random() % (octets * 8);
            const std::string said = audit_with_flip(file, bit);
            const std::string name = "Entry " + std::to_string(index) + ":";
            // The charter's entry is read together with the first.
            ASSERT_TRUE(said.find(name) == 0 || (index == 1 && said.find("Entry 0:") == 0))
                << index << " bit " << bit << ": " << said;
            position += 2 + octets;
        }
    }
}

TEST_F(Published, AFlippedBitOfAnyHashTileOrCheckpointIsFound) {
    std::mt19937 random(2);
    const std::uint64_t size = fixture().node->log().head().size;
    for (const auto& tile : record::new_tiles(0, size)) {
        const std::string file = record::tile_path(tile.level, tile.index, tile.width);
        for (std::uint32_t hash = 0; hash < tile.width; ++hash) {
            const std::size_t bit = hash * 256 + random() % 256;
            EXPECT_NE(audit_with_flip(file, bit).find(file), std::string::npos)
                << file << " " << bit;
        }
    }
    const auto checkpoint = fixture().objects->get("checkpoint");
    for (std::size_t bit = 0; bit < checkpoint->size() * 8; ++bit) {
        EXPECT_NE(audit_with_flip("checkpoint", bit), "") << bit;
    }
}

TEST(Audit, AStatementThatStandsTwiceIsNamed) {
    // The fold alone would take it: a later position replaces an earlier one. A host that writes an
    // old statement again could so undo what its member said since.
    World world;
    world.admit_everybody();
    World::must(world.act_by_delegate("anor", test_motion(world.state, "m", {})));
    const auto position = [](decide::PositionKind kind) {
        return decide::Position{
            .motion = id<decide::MotionId>("m"), .position = kind, .reason = {}};
    };
    World::must(world.act_by_delegate("bree", position(decide::PositionKind::support)));
    const Bytes first = world.entries.back();
    World::must(world.act_by_delegate("bree", position(decide::PositionKind::stand_aside)));
    World::must(world.enter(first));

    const auto log = store::make_memory_log();
    const auto objects = store::make_memory_objects();
    const auto record = record::RecordLog::open(
        *log, objects.get(),
        {.origin = std::string(test_origin), .checkpoint_key = key_of("checkpoint")});
    ASSERT_TRUE(record);
    std::vector<record::PreparedEntry> prepared;
    for (std::size_t i = 0; i < world.entries.size(); ++i) {
        // Ids as a dishonest host would give them, all different.
        prepared.push_back(
            {.entry = world.entries[i], .id = sha256({bytes_of(std::to_string(i))})});
    }
    ASSERT_TRUE((*record)->append(std::move(prepared)));
    const auto audited = state::audit(files_of(*objects), {});
    ASSERT_FALSE(audited);
    EXPECT_EQ(audited.error().message, "Entry " + std::to_string(world.entries.size() - 1) +
                                           ": the record holds this statement already.");
}

// Kill at any moment -----------------------------------------------------------------------------

/// Opens the record in `folder`, enters needs one after another, and writes the number of each to
/// the pipe once it was acknowledged. Never returns.
[[noreturn]] void load_until_killed(const std::filesystem::path& folder, int pipe, int first) {
    const auto log = store::open_sqlite_log(folder / "record.sqlite");
    const auto objects = store::open_directory_objects(folder / "public");
    if (!log || !objects) _exit(2);
    const auto node = Node::open(**log, objects->get(), test_keys(), {.snapshot_every_entries = 7});
    if (!node) _exit(3);
    for (std::uint32_t i = static_cast<std::uint32_t>(first);; ++i) {
        if (!(*node)->submit(need_entry("k" + std::to_string(i)))) _exit(4);
        if (i % 5 == 0 && !(*node)->log_state_root()) _exit(5);
        if (::write(pipe, &i, sizeof i) != sizeof i) _exit(6);
    }
}

TEST(Kill, EveryAcknowledgedEntryIsThereAfterAKillAtAnyMoment) {
    const auto folder =
        std::filesystem::temp_directory_path() / ("comity-node-kill-" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder);
    {
        const auto log = store::open_sqlite_log(folder / "record.sqlite");
        ASSERT_TRUE(log) << log.error().message;
        ASSERT_TRUE(found(**log, test_founding(), test_charter(), test_keys()));
        const auto node = Node::open(**log, nullptr, test_keys());
        ASSERT_TRUE(node);
        register_anor(**node);
    }
    constexpr int kills = 100;
    std::mt19937 random(4);
    std::uint32_t last = 0;
    std::vector<std::uint32_t> acknowledged;
    for (int round = 0; round < kills; ++round) {
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) load_until_killed(folder, ends[1], static_cast<int>(last + 1));
        (void)::close(ends[1]);
        // Kill it some moments after a random number of acknowledgements, so never at a fixed
        // place.
        const auto wanted = 1 + random() % 4;
        std::uint32_t number = 0;
        for (std::uint32_t seen = 0; seen < wanted; ++seen) {
            ASSERT_EQ(::read(ends[0], &number, sizeof number), static_cast<ssize_t>(sizeof number))
                << "the node did not start in round " << round;
            last = number;
            acknowledged.push_back(number);
        }
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 4'000));
        ASSERT_EQ(::kill(child, SIGKILL), 0);
        while (::read(ends[0], &number, sizeof number) == static_cast<ssize_t>(sizeof number)) {
            last = number;
            acknowledged.push_back(number);
        }
        (void)::close(ends[0]);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status)) << "exit " << WEXITSTATUS(status);
        ++last;  // it may be on the record, unacknowledged: do not use its number again
    }
    const auto log = store::open_sqlite_log(folder / "record.sqlite");
    ASSERT_TRUE(log) << log.error().message;
    const auto objects = store::open_directory_objects(folder / "public");
    const auto node = Node::open(**log, objects->get(), test_keys());
    ASSERT_TRUE(node) << node.error().message;
    (*node)->read([&](const state::State& state) {
        for (const std::uint32_t i : acknowledged) {
            EXPECT_TRUE(
                state.exchange.needs.contains(id<exchange::NeedId>("k" + std::to_string(i))))
                << i;
        }
    });
    EXPECT_TRUE(state::audit(files_of(**objects), {}));
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace comity::node
