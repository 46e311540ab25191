// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <thread>

#include "store/log.h"
#include "store/test_directory.h"
#include "store/test_entries.h"

// How we trust the SQLite file beyond the contract: it is closed, killed, locked, damaged and
// exchanged in every way that we could think of, and opened again.

namespace comity::store {
namespace {

class SqliteLog : public testing::Test {
protected:
    std::unique_ptr<Log> open() const {
        auto log = open_sqlite_log(file_);
        EXPECT_TRUE(log) << log.error().message;
        return log ? std::move(log).value() : nullptr;
    }

    Error refusal() const {
        const auto log = open_sqlite_log(file_);
        EXPECT_FALSE(log);
        return log ? Error{Code::invalid, "", ""} : log.error();
    }

    /// Changes the file behind the back of the log.
    void tamper(const std::string& sql) const {
        sqlite3* connection = nullptr;
        ASSERT_EQ(sqlite3_open(file_.c_str(), &connection), SQLITE_OK);
        char* message = nullptr;
        ASSERT_EQ(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK)
            << message;
        sqlite3_close(connection);
    }

    void make_log_of(std::uint64_t size) const {
        const auto log = open();
        ASSERT_TRUE(log->append(batch_from(0, size)));
        ASSERT_TRUE(log->put_snapshot(
            {.size = size, .root = head_of_size(size).root, .state = bytes_from("state")}));
    }

    TestDirectory directory_;
    std::filesystem::path file_ = directory_.path() / "log.sqlite";
};

TEST_F(SqliteLog, IsTheSameAfterReopening) {
    for (std::uint64_t size = 0; size < 40; size += 4) {
        const auto log = open();
        EXPECT_EQ(log->head()->size, size);
        EXPECT_EQ(fault_of(*log), "");
        ASSERT_TRUE(log->append(batch_from(size, 4)));
        ASSERT_TRUE(log->put_snapshot(
            {.size = size, .root = head_of_size(size).root, .state = entry_numbered(size)}));
    }
    EXPECT_EQ((*open()->newest_snapshot())->state, entry_numbered(36));
}

TEST_F(SqliteLog, CreatesTheDirectoriesAboveIt) {
    file_ = directory_.path() / "a" / "b" / "log.sqlite";
    EXPECT_EQ(open()->head()->size, 0U);
    EXPECT_TRUE(std::filesystem::exists(file_));
}

TEST_F(SqliteLog, KeepsTwoSnapshots) {
    {
        const auto log = open();
        ASSERT_TRUE(log->append(batch_from(0, 9)));
        for (std::uint64_t size = 1; size <= 9; ++size) {
            ASSERT_TRUE(log->put_snapshot({.size = size, .root = {}, .state = {}}));
        }
    }
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open(file_.c_str(), &connection), SQLITE_OK);
    int rows = 0;
    const auto count = [](void* to, int, char** values, char**) {
        *static_cast<int*>(to) = std::stoi(values[0]);
        return 0;
    };
    sqlite3_exec(connection, "SELECT count(*) FROM snapshots WHERE size >= 8", count, &rows,
                 nullptr);
    EXPECT_EQ(rows, 2);
    sqlite3_exec(connection, "SELECT count(*) FROM snapshots", count, &rows, nullptr);
    EXPECT_EQ(rows, 2);
    sqlite3_close(connection);
}

TEST_F(SqliteLog, ASecondWriterIsRefusedByTheNameOfTheFile) {
    const auto log = open();
    const Error refused = refusal();
    EXPECT_EQ(refused.code, Code::unavailable);
    EXPECT_EQ(refused.reason, "store/locked");
    EXPECT_NE(refused.message.find("log.sqlite.lock"), std::string::npos) << refused.message;

    const auto link = directory_.path() / "other-name";
    std::filesystem::create_symlink(file_, link);
    file_ = link;
    EXPECT_EQ(refusal().reason, "store/locked") << "by another name";
}

TEST_F(SqliteLog, ReadersDoNotWaitForAWriter) {
    make_log_of(5);
    const auto log = open();
    sqlite3* writer = nullptr;
    ASSERT_EQ(sqlite3_open(file_.c_str(), &writer), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(writer, "BEGIN IMMEDIATE; DELETE FROM entries; DELETE FROM head;",
                           nullptr, nullptr, nullptr),
              SQLITE_OK);
    EXPECT_EQ(log->head()->size, 5U);
    EXPECT_EQ(fault_of(*log), "");
    sqlite3_exec(writer, "ROLLBACK", nullptr, nullptr, nullptr);
    sqlite3_close(writer);
    EXPECT_TRUE(log->append(batch_from(5, 1)));
}

TEST_F(SqliteLog, RefusesTheDatabaseOfAnotherProgram) {
    tamper("CREATE TABLE songs (title TEXT)");
    EXPECT_EQ(refusal().code, Code::invalid);
    EXPECT_EQ(refusal().reason, "store/not-a-log");
    tamper("DROP TABLE songs; PRAGMA application_id = 77");
    EXPECT_EQ(refusal().reason, "store/not-a-log");
}

TEST_F(SqliteLog, RefusesAFileThatIsNoDatabase) {
    std::ofstream(file_) << std::string(5'000, 'x');
    EXPECT_EQ(refusal().reason, "store/not-a-log");
    std::ifstream in(file_);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), std::string(5'000, 'x'));
}

TEST_F(SqliteLog, AnEmptyFileBecomesALog) {
    std::ofstream{file_};
    EXPECT_EQ(open()->head()->size, 0U);
}

TEST_F(SqliteLog, RefusesAnotherVersionOfTheFormat) {
    make_log_of(2);
    tamper("PRAGMA user_version = 2");
    EXPECT_EQ(refusal().reason, "store/unknown-version");
    tamper("PRAGMA user_version = 0");
    EXPECT_EQ(refusal().reason, "store/unknown-version");
}

TEST_F(SqliteLog, RefusesADirectoryAndAnImpossiblePath) {
    const auto of_directory = open_sqlite_log(directory_.path());
    EXPECT_EQ(of_directory.error().reason, "store/cannot-open");
    std::ofstream(file_) << "x";
    EXPECT_EQ(open_sqlite_log(file_ / "below").error().reason, "store/cannot-open");
    EXPECT_EQ(open_sqlite_log("").error().reason, "store/cannot-open");
    EXPECT_EQ(open_sqlite_log(directory_.path() / "").error().reason, "store/cannot-open");
}

TEST_F(SqliteLog, EveryMissingEntryIsNamedAtOpening) {
    for (std::uint64_t missing = 0; missing < 6; ++missing) {
        file_ = directory_.path() / std::to_string(missing);
        make_log_of(6);
        tamper("DELETE FROM entries WHERE \"index\" = " + std::to_string(missing));
        const Error refused = refusal();
        EXPECT_EQ(refused.code, Code::corrupt);
        EXPECT_EQ(refused.reason, "store/log-damaged");
        EXPECT_NE(refused.message.find("entry " + std::to_string(missing) + " is missing"),
                  std::string::npos)
            << refused.message;
        EXPECT_NE(refused.message.find(file_.string()), std::string::npos) << refused.message;
    }
}

TEST_F(SqliteLog, AHeadThatDoesNotFitTheEntriesIsDamage) {
    const auto refused_after = [&](const std::string& sql) {
        file_ = directory_.path() / std::to_string(std::hash<std::string>()(sql));
        make_log_of(4);
        tamper(sql);
        const Error refused = refusal();
        EXPECT_EQ(refused.code, Code::corrupt) << sql;
        EXPECT_EQ(refused.reason, "store/log-damaged") << sql;
    };
    refused_after("UPDATE head SET size = 3");
    refused_after("UPDATE head SET size = 5");
    refused_after("UPDATE head SET size = 0");
    refused_after("DELETE FROM head");
    refused_after("PRAGMA ignore_check_constraints = 1; UPDATE head SET root = x'00'");
    refused_after("PRAGMA ignore_check_constraints = 1; UPDATE head SET size = -1");
    refused_after("INSERT INTO entries VALUES (9, zeroblob(32), x'00')");
    refused_after("DELETE FROM entries");
}

TEST_F(SqliteLog, AnEntryThatVanishesFromARunningLogIsDamage) {
    make_log_of(6);
    const auto log = open();
    tamper("DELETE FROM entries WHERE \"index\" = 3");
    const auto read = log->read(1, 4);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Code::corrupt);
    EXPECT_NE(read.error().message.find("entry 3 is missing"), std::string::npos);
    EXPECT_TRUE(log->read(0, 3));
}

TEST_F(SqliteLog, ADamagedSnapshotIsNotHandedOut) {
    make_log_of(6);
    tamper("UPDATE snapshots SET state = x'00'");
    const auto log = open();
    const auto snapshot = log->newest_snapshot();
    ASSERT_FALSE(snapshot);
    EXPECT_EQ(snapshot.error().code, Code::corrupt);
    EXPECT_EQ(snapshot.error().reason, "store/snapshot-damaged");
    EXPECT_EQ(fault_of(*log), "");
}

TEST_F(SqliteLog, OverwrittenPagesAreDamageAndNotAnAnswer) {
    make_log_of(500);
    std::fstream out(file_, std::ios::in | std::ios::out | std::ios::binary);
    out.seekp(4'096);
    out << std::string(40'960, '\xee');
    out.close();
    const auto log = open_sqlite_log(file_);
    const Error refused = log ? (*log)->read(0, 500).error() : log.error();
    EXPECT_EQ(refused.code, Code::corrupt);
    EXPECT_EQ(refused.reason, "store/log-damaged");
}

/// The life of the process that is killed: appends batches of every size, and writes the size of
/// the log to `acknowledgements` after each.
[[noreturn]] void append_for_ever(const std::filesystem::path& file, int acknowledgements,
                                  std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const auto log = open_sqlite_log(file);
    if (!log) ::_exit(1);
    for (std::uint64_t size = (*log)->head()->size;;) {
        const std::uint64_t count = 1 + random() % 60;
        if (!(*log)->append(batch_from(size, count))) ::_exit(2);
        size += count;
        if (::write(acknowledgements, &size, sizeof size) != sizeof size) ::_exit(3);
    }
}

/// Starts the process, kills it within a few appends, and returns the last acknowledged size.
std::uint64_t kill_while_appending(const std::filesystem::path& file, std::uint64_t seed) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) append_for_ever(file, ends[1], seed);
    ::close(ends[1]);
    std::mt19937_64 random(seed);
    std::uint64_t acknowledged = 0;
    std::uint64_t size = 0;
    for (std::uint64_t left = random() % 12; left > 0; --left) {
        if (::read(ends[0], &size, sizeof size) != sizeof size) break;
        acknowledged = size;
    }
    ::usleep(static_cast<useconds_t>(random() % 3'000));  // anywhere within an append
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it stopped by itself: " << WEXITSTATUS(status);
    while (::read(ends[0], &size, sizeof size) == sizeof size) acknowledged = size;
    ::close(ends[0]);
    return acknowledged;
}

TEST_F(SqliteLog, AProcessKilledAtAnyMomentLeavesEveryAcknowledgedEntryAndNoLock) {
    std::uint64_t largest = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const std::uint64_t acknowledged = kill_while_appending(file_, seed);
        const auto log = open();
        ASSERT_NE(log, nullptr);
        ASSERT_GE(log->head()->size, acknowledged);
        ASSERT_EQ(fault_of(*log), "");
        largest = std::max(largest, acknowledged);
    }
    EXPECT_GT(largest, 100U);
}

}  // namespace
}  // namespace comity::store
