// SPDX-License-Identifier: Apache-2.0

// The log in one SQLite file. One connection writes, a few others read; WAL lets them go on
// together. The file's own checks (row count, form of the head) are made at opening; whether the
// entries are the right ones is for record/log.h to say, which knows the tree.

#include <sqlite3.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/check.h"
#include "base/guarded.h"
#include "store/durable_file.h"
#include "store/log.h"
#include "store/log_checks.h"
#include "store/sqlite.h"

namespace comity::store {
namespace {

constexpr std::uint64_t application_id = 0x434d5459;  // "CMTY"
constexpr std::uint64_t schema_version = 1;
constexpr std::size_t readers_max = 4;
constexpr std::uint64_t snapshots_kept = 2;
// Pages that the write-ahead log grows by before they are copied into the file: 32 MiB. Fewer
// copies cost less, a longer log makes recovery after a crash slower.
constexpr std::uint64_t wal_pages_max = 8'192;

constexpr const char* schema_sql = R"sql(
BEGIN IMMEDIATE;
CREATE TABLE entries (
    "index" INTEGER PRIMARY KEY CHECK ("index" >= 0),
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    entry BLOB NOT NULL
) STRICT;
CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL CHECK (size >= 0),
    root BLOB NOT NULL CHECK (length(root) = 32),
    checkpoint TEXT NOT NULL
) STRICT;
CREATE TABLE snapshots (
    size INTEGER PRIMARY KEY CHECK (size >= 0),
    root BLOB NOT NULL CHECK (length(root) = 32),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    state BLOB NOT NULL
) STRICT;
INSERT INTO head VALUES (1, 0, x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', '');
PRAGMA application_id = 1129141337;
PRAGMA user_version = 1;
COMMIT;
)sql";
static_assert(application_id == 1'129'141'337);

Error damaged(const std::filesystem::path& file, const std::string& what) {
    return Error{Code::corrupt, "store/log-damaged",
                 file.string() + " is damaged: " + what + ". Restore it from a copy."};
}

Result<Head> read_head(Statement& select, const std::filesystem::path& file) {
    const ResetAtEnd reset_at_end(select);
    const bool found = TRY(select.step());
    if (!found) return damaged(file, "it has no head");
    const auto size = select.number(0);
    const auto root = select.digest(1);
    if (!size || !root) return damaged(file, "its head is malformed");
    return Head{.size = *size, .root = *root};
}

/// A connection for reading, with its statements prepared. For one thread at a time.
struct Reader {
    Connection connection;
    Statement select_head;
    Statement select_checkpoint;
    Statement select_entries;
    Statement select_index;
    Statement select_snapshot;

    static Result<std::unique_ptr<Reader>> open(const std::filesystem::path& file) {
        Connection connection = TRY(Connection::open(file));
        TRY(connection.execute("PRAGMA query_only = ON"));
        Statement head = TRY(connection.prepare("SELECT size, root FROM head"));
        Statement checkpoint = TRY(connection.prepare("SELECT checkpoint FROM head"));
        Statement entries = TRY(connection.prepare(
            R"(SELECT "index", entry FROM entries WHERE "index" >= ?1 AND "index" < ?2 ORDER BY "index")"));
        Statement index = TRY(connection.prepare(R"(SELECT "index" FROM entries WHERE id = ?1)"));
        Statement snapshot = TRY(connection.prepare(
            "SELECT size, root, digest, state FROM snapshots ORDER BY size DESC LIMIT 1"));
        return std::make_unique<Reader>(Reader{std::move(connection), std::move(head),
                                               std::move(checkpoint), std::move(entries),
                                               std::move(index), std::move(snapshot)});
    }
};

/// At most readers_max readers, opened when first needed and then kept.
class ReaderPool {
public:
    explicit ReaderPool(std::filesystem::path file) : file_(std::move(file)) {}

    /// Calls `use` with a reader of its own, and returns what it returns.
    template <class T, class F>
    Result<T> with(F&& use) const {
        std::unique_ptr<Reader> reader = TRY(take());
        Result<T> result = use(*reader);
        give(std::move(reader));
        return result;
    }

private:
    Result<std::unique_ptr<Reader>> take() const {
        std::unique_lock lock(mutex_);
        returned_.wait(lock, [&] { return !idle_.empty() || opened_ < readers_max; });
        if (!idle_.empty()) {
            std::unique_ptr<Reader> reader = std::move(idle_.back());
            idle_.pop_back();
            return reader;
        }
        ++opened_;
        lock.unlock();
        auto opened = Reader::open(file_);
        if (!opened) {
            lock.lock();
            --opened_;
            returned_.notify_one();
        }
        return opened;
    }

    void give(std::unique_ptr<Reader> reader) const {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(reader));
        returned_.notify_one();
    }

    std::filesystem::path file_;
    mutable std::mutex mutex_;
    mutable std::condition_variable returned_;
    mutable std::vector<std::unique_ptr<Reader>> idle_;
    mutable std::size_t opened_ = 0;
};

/// The connection that writes. Used under its lock alone.
class Writer {
public:
    static Result<std::unique_ptr<Writer>> open(const std::filesystem::path& file);

    Result<> append(const Batch& batch);
    Result<> put_snapshot(const Snapshot& snapshot);

private:
    struct Statements {
        Statement select_head;
        Statement insert_entry;
        Statement update_head;
        Statement insert_snapshot;
        Statement delete_snapshots;
    };

    Writer(std::filesystem::path file, Connection connection, Statements statements)
        : file_(std::move(file)),
          connection_(std::move(connection)),
          statements_(std::move(statements)) {
        sqlite3_wal_hook(connection_.handle(), &Writer::committed, this);
    }

    static int committed(void* self, sqlite3*, const char*, int pages) {
        static_cast<Writer*>(self)->wal_pages_ = static_cast<std::uint64_t>(pages);
        return SQLITE_OK;
    }

    template <class F>
    Result<> transact(F&& change);
    Result<> insert(std::uint64_t index, const NewEntry& entry);
    void copy_wal_if_due();

    std::filesystem::path file_;
    Connection connection_;
    Statements statements_;
    std::uint64_t wal_pages_ = 0;  // in the write-ahead log after the last commit
    std::uint64_t wal_pages_copied_ = 0;
    bool broken_ = false;
};

/// True if `connection` is to a log; false for a file that has nothing in it yet.
Result<bool> recognise(Connection& connection, const std::filesystem::path& file) {
    const std::uint64_t application = TRY(connection.ask("PRAGMA application_id"));
    const std::uint64_t version = TRY(connection.ask("PRAGMA user_version"));
    const std::uint64_t tables = TRY(connection.ask("SELECT count(*) FROM sqlite_schema"));
    if (application == 0 && version == 0 && tables == 0) return false;
    if (application != application_id) {
        return Error{Code::invalid, "store/not-a-log",
                     file.string() +
                         " is a database of another program, not a Comity log; name another file."};
    }
    if (version != schema_version) {
        return Error{Code::invalid, "store/unknown-version",
                     file.string() + " has version " + std::to_string(version) +
                         " of the log's format, this program reads version " +
                         std::to_string(schema_version) + "; use the Comity that wrote it."};
    }
    return true;
}

/// Checks that the rows are exactly 0 .. size - 1.
Result<> check_rows(Connection& connection, const std::filesystem::path& file) {
    Statement select_head = TRY(connection.prepare("SELECT size, root FROM head"));
    const Head head = TRY(read_head(select_head, file));
    const std::uint64_t rows = TRY(connection.ask("SELECT count(*) FROM entries"));
    const std::uint64_t end =
        TRY(connection.ask(R"(SELECT coalesce(max("index") + 1, 0) FROM entries)"));
    if (rows == head.size && end == head.size) return {};

    const std::string says = "its head says " + std::to_string(head.size) + " entries, ";
    if (end > head.size) {
        return damaged(file, says + "but there is an entry " + std::to_string(end - 1));
    }
    Statement indexes = TRY(connection.prepare(R"(SELECT "index" FROM entries ORDER BY "index")"));
    std::uint64_t expected = 0;
    for (bool found = TRY(indexes.step()); found; found = TRY(indexes.step())) {
        if (indexes.number(0) != expected) break;
        ++expected;
    }
    return damaged(file, says + "but entry " + std::to_string(expected) + " is missing");
}

Result<std::unique_ptr<Writer>> Writer::open(const std::filesystem::path& file) {
    Connection connection = TRY(Connection::open(file));
    const bool present = TRY(recognise(connection, file));
    Statement wal = TRY(connection.prepare("PRAGMA journal_mode = WAL"));
    TRY(wal.step());
    if (wal.text(0) != "wal") {
        return Error{Code::unavailable, "store/cannot-open",
                     "The disk of " + file.string() +
                         " does not support write-ahead logging; use a local disk."};
    }
    wal.reset();
    TRY(connection.execute("PRAGMA synchronous = FULL"));
    if (!present) TRY(connection.execute(schema_sql));
    TRY(sync_directory(file.parent_path()));
    // Recovery reads the log of a crashed writer, whose last flush may have failed, from the
    // kernel's cache. Copying it into the file and flushing that makes it durable beyond doubt
    // before anyone builds on it.
    TRY(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
    TRY(check_rows(connection, file));

    Statement head = TRY(connection.prepare("SELECT size, root FROM head"));
    Statement insert = TRY(connection.prepare("INSERT INTO entries VALUES (?1, ?2, ?3)"));
    Statement update =
        TRY(connection.prepare("UPDATE head SET size = ?1, root = ?2, checkpoint = ?3"));
    Statement snapshot =
        TRY(connection.prepare("INSERT OR REPLACE INTO snapshots VALUES (?1, ?2, ?3, ?4)"));
    Statement prune =
        TRY(connection.prepare("DELETE FROM snapshots WHERE size NOT IN "
                               "(SELECT size FROM snapshots ORDER BY size DESC LIMIT ?1)"));
    return std::unique_ptr<Writer>(
        new Writer(file, std::move(connection),
                   Statements{std::move(head), std::move(insert), std::move(update),
                              std::move(snapshot), std::move(prune)}));
}

/// Runs `change` in one transaction. A failure of the disk, whose effect nobody can know, ends all
/// writing until the log is opened again.
template <class F>
Result<> Writer::transact(F&& change) {
    if (broken_) {
        return Error{Code::unavailable, "store/broken",
                     "Writing to " + file_.string() +
                         " has failed before; check the disk and restart the program."};
    }
    TRY(connection_.execute("BEGIN IMMEDIATE"));
    Result<> done = change();
    if (done) done = connection_.execute("COMMIT");
    if (done) {
        copy_wal_if_due();
        return done;
    }
    broken_ = done.error().reason == "store/io-error" || done.error().code == Code::corrupt;
    // Fails when SQLite has rolled back by itself; nothing is left to do then.
    (void)connection_.execute("ROLLBACK");
    return done;
}

/// Copies the write-ahead log into the file when it has grown enough. The commit before is durable
/// whatever happens here, so a failure is told to the next writer.
void Writer::copy_wal_if_due() {
    if (wal_pages_ < wal_pages_copied_) wal_pages_copied_ = 0;  // SQLite has begun it anew
    if (wal_pages_ - wal_pages_copied_ < wal_pages_max) return;
    const int code = sqlite3_wal_checkpoint_v2(connection_.handle(), "main",
                                               SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    broken_ = code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY && (code & 0xff) != SQLITE_FULL;
    wal_pages_copied_ = wal_pages_;
}

Result<> Writer::insert(std::uint64_t index, const NewEntry& entry) {
    Statement& insert = statements_.insert_entry;
    const ResetAtEnd reset_at_end(insert);
    insert.bind(1, index);
    insert.bind(2, BytesView(entry.id.octets));
    insert.bind(3, BytesView(entry.entry));
    auto stepped = insert.step();
    if (stepped) return {};
    if (connection_.failed_unique()) return duplicate_entry(index);
    return std::move(stepped).error();
}

Result<> Writer::append(const Batch& batch) {
    TRY(check_batch(batch));
    return transact([&]() -> Result<> {
        const Head present = TRY(read_head(statements_.select_head, file_));
        if (present != batch.expected) return head_moved(batch.expected, present);
        std::uint64_t index = present.size;
        for (const NewEntry& entry : batch.entries) TRY(insert(index++, entry));
        Statement& update = statements_.update_head;
        update.bind(1, batch.next.size);
        update.bind(2, BytesView(batch.next.root.octets));
        update.bind(3, std::string_view(batch.checkpoint));
        return update.run();
    });
}

Result<> Writer::put_snapshot(const Snapshot& snapshot) {
    TRY(check_snapshot(snapshot));
    const Digest digest = sha256({snapshot.state});
    return transact([&]() -> Result<> {
        const Head present = TRY(read_head(statements_.select_head, file_));
        if (snapshot.size > present.size) return snapshot_ahead(snapshot.size, present.size);
        Statement& insert = statements_.insert_snapshot;
        insert.bind(1, snapshot.size);
        insert.bind(2, BytesView(snapshot.root.octets));
        insert.bind(3, BytesView(digest.octets));
        insert.bind(4, BytesView(snapshot.state));
        TRY(insert.run());
        Statement& prune = statements_.delete_snapshots;
        prune.bind(1, snapshots_kept);
        return prune.run();
    });
}

class SqliteLog final : public Log {
public:
    SqliteLog(std::filesystem::path file, Descriptor lock, std::unique_ptr<Writer> writer)
        : file_(std::move(file)),
          lock_(std::move(lock)),
          readers_(file_),
          writer_(std::move(writer)) {}

    Result<> append(const Batch& batch) override {
        return writer_.with([&](auto& writer) { return writer->append(batch); });
    }

    Result<> put_snapshot(const Snapshot& snapshot) override {
        return writer_.with([&](auto& writer) { return writer->put_snapshot(snapshot); });
    }

    Result<std::vector<Bytes>> read(std::uint64_t first, std::uint64_t count) const override {
        return readers_.with<std::vector<Bytes>>(
            [&](Reader& reader) { return read_with(reader, first, count); });
    }

    Result<std::optional<std::uint64_t>> index_of(const Digest& id) const override {
        return readers_.with<std::optional<std::uint64_t>>(
            [&](Reader& reader) -> Result<std::optional<std::uint64_t>> {
                const ResetAtEnd reset_at_end(reader.select_index);
                reader.select_index.bind(1, BytesView(id.octets));
                const bool found = TRY(reader.select_index.step());
                return found ? reader.select_index.number(0) : std::nullopt;
            });
    }

    Result<Head> head() const override {
        return readers_.with<Head>(
            [&](Reader& reader) { return read_head(reader.select_head, file_); });
    }

    Result<std::string> checkpoint() const override {
        return readers_.with<std::string>([&](Reader& reader) -> Result<std::string> {
            const ResetAtEnd reset_at_end(reader.select_checkpoint);
            const bool found = TRY(reader.select_checkpoint.step());
            if (!found) return damaged(file_, "it has no head");
            return reader.select_checkpoint.text(0);
        });
    }

    Result<std::optional<Snapshot>> newest_snapshot() const override {
        return readers_.with<std::optional<Snapshot>>(
            [&](Reader& reader) { return read_snapshot(reader); });
    }

private:
    // The head first, the rows after: what the head speaks of can then only be missing by damage.
    Result<std::vector<Bytes>> read_with(Reader& reader, std::uint64_t first,
                                         std::uint64_t count) const {
        const Head head = TRY(read_head(reader.select_head, file_));
        TRY(check_range(first, count, head.size));
        const ResetAtEnd reset_at_end(reader.select_entries);
        reader.select_entries.bind(1, first);
        reader.select_entries.bind(2, first + count);
        std::vector<Bytes> entries;
        entries.reserve(count);
        while (entries.size() < count) {
            const std::uint64_t expected = first + entries.size();
            const bool found = TRY(reader.select_entries.step());
            if (!found || reader.select_entries.number(0) != expected) {
                return damaged(file_, "entry " + std::to_string(expected) + " is missing");
            }
            const BytesView entry = reader.select_entries.octets(1);
            entries.emplace_back(entry.begin(), entry.end());
        }
        return entries;
    }

    Result<std::optional<Snapshot>> read_snapshot(Reader& reader) const {
        Statement& select = reader.select_snapshot;
        const ResetAtEnd reset_at_end(select);
        const bool found = TRY(select.step());
        if (!found) return std::optional<Snapshot>();
        const auto size = select.number(0);
        const auto root = select.digest(1);
        const auto digest = select.digest(2);
        const BytesView state = select.octets(3);
        if (!size || !root || digest != sha256({state})) {
            return Error{Code::corrupt, "store/snapshot-damaged",
                         "The newest snapshot in " + file_.string() +
                             " is damaged; start without snapshots, from the entries."};
        }
        return std::optional(
            Snapshot{.size = *size, .root = *root, .state = Bytes(state.begin(), state.end())});
    }

    std::filesystem::path file_;
    Descriptor lock_;  // before the connections, so that it is let go after them
    ReaderPool readers_;
    Guarded<std::unique_ptr<Writer>> writer_;
};

}  // namespace

Result<std::unique_ptr<Log>> open_sqlite_log(const std::filesystem::path& file) {
    std::error_code failed;
    std::filesystem::path absolute = std::filesystem::absolute(file, failed);
    if (failed || !absolute.has_filename()) {
        return Error{Code::unavailable, "store/cannot-open",
                     "Cannot open " + file.string() + ": it is not the name of a file."};
    }
    TRY(create_directories_durably(absolute.parent_path()));
    // Two names of one file must meet at one lock.
    absolute = std::filesystem::weakly_canonical(absolute, failed);
    std::filesystem::path lock_file = absolute;
    lock_file += ".lock";
    Descriptor lock = TRY(lock_exclusively(lock_file));
    std::unique_ptr<Writer> writer = TRY(Writer::open(absolute));
    return std::unique_ptr<Log>(
        std::make_unique<SqliteLog>(absolute, std::move(lock), std::move(writer)));
}

}  // namespace comity::store
