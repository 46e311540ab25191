// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace comity::store {
namespace {

// A reader waits for nobody in WAL mode but during recovery and the reset of the log, which are
// short; the writer has the lock file.
constexpr int busy_timeout_ms = 5'000;

/// The kind of the last failure; the detail, such as which call of the disk, is in the upper bits.
int primary_code(sqlite3* connection) { return sqlite3_errcode(connection) & 0xff; }

}  // namespace

Error sqlite_error(sqlite3* connection) {
    const char* name = sqlite3_db_filename(connection, "main");
    const std::string file = name == nullptr ? "the log" : name;
    const std::string detail = std::string(" (SQLite: ") + sqlite3_errmsg(connection) + ", code " +
                               std::to_string(sqlite3_extended_errcode(connection)) + ").";
    switch (primary_code(connection)) {
        case SQLITE_FULL:
            return Error{Code::unavailable, "store/disk-full",
                         "The disk of " + file + " is full; make room, then try again" + detail};
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return Error{Code::unavailable, "store/busy",
                         file + " is in use by another program; try again" + detail};
        case SQLITE_CORRUPT:
            return Error{Code::corrupt, "store/log-damaged",
                         file + " is damaged; restore it from a copy" + detail};
        case SQLITE_NOTADB:
            return Error{Code::invalid, "store/not-a-log",
                         file + " is not a Comity log, or its first page is damaged" + detail};
        default:
            return Error{Code::unavailable, "store/io-error",
                         "Cannot read or write " + file + "; check the disk" + detail};
    }
}

void Statement::Finalize::operator()(sqlite3_stmt* handle) const {
    (void)sqlite3_finalize(handle);  // repeats the error of the last step, which was reported
}

void Statement::bind(int parameter, std::uint64_t number) {
    COMITY_CHECK(number <= std::numeric_limits<std::int64_t>::max());
    COMITY_CHECK(sqlite3_bind_int64(handle_.get(), parameter, static_cast<sqlite3_int64>(number)) ==
                 SQLITE_OK);
}

void Statement::bind(int parameter, BytesView octets) {
    // A null pointer would bind NULL; an empty blob needs an address.
    const void* start = octets.empty() ? "" : static_cast<const void*>(octets.data());
    COMITY_CHECK(sqlite3_bind_blob64(handle_.get(), parameter, start, octets.size(),
                                     SQLITE_STATIC) == SQLITE_OK);
}

void Statement::bind(int parameter, std::string_view text) {
    const char* start = text.empty() ? "" : text.data();
    COMITY_CHECK(sqlite3_bind_text64(handle_.get(), parameter, start, text.size(), SQLITE_STATIC,
                                     SQLITE_UTF8) == SQLITE_OK);
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(handle_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return sqlite_error(sqlite3_db_handle(handle_.get()));
}

Result<> Statement::run() {
    const ResetAtEnd reset_at_end(*this);
    const bool row = TRY(step());
    COMITY_CHECK(!row);
    return {};
}

void Statement::reset() {
    (void)sqlite3_reset(handle_.get());  // repeats the error of the last step, which was reported
}

std::optional<std::uint64_t> Statement::number(int column) const {
    if (sqlite3_column_type(handle_.get(), column) != SQLITE_INTEGER) return std::nullopt;
    const sqlite3_int64 value = sqlite3_column_int64(handle_.get(), column);
    if (value < 0) return std::nullopt;
    return static_cast<std::uint64_t>(value);
}

BytesView Statement::octets(int column) const {
    const void* start = sqlite3_column_blob(handle_.get(), column);
    const int size = sqlite3_column_bytes(handle_.get(), column);
    return {static_cast<const std::byte*>(start), static_cast<std::size_t>(size)};
}

std::string Statement::text(int column) const {
    const BytesView read = octets(column);
    std::string text(read.size(), '\0');
    std::transform(read.begin(), read.end(), text.begin(),
                   [](std::byte octet) { return static_cast<char>(octet); });
    return text;
}

std::optional<Digest> Statement::digest(int column) const {
    const BytesView read = octets(column);
    Digest digest;
    if (read.size() != digest.octets.size()) return std::nullopt;
    std::copy(read.begin(), read.end(), digest.octets.begin());
    return digest;
}

void Connection::Close::operator()(sqlite3* handle) const {
    // v2: the handle lives on until the statements that the owner destroys after it are gone.
    (void)sqlite3_close_v2(handle);
}

Result<Connection> Connection::open(const std::filesystem::path& file) {
    sqlite3* handle = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                      SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
    Connection connection(handle);
    if (code != SQLITE_OK) {
        return Error{Code::unavailable, "store/cannot-open",
                     "Cannot open " + file.string() +
                         "; check the path and its permissions (SQLite: " + sqlite3_errstr(code) +
                         ")."};
    }
    (void)sqlite3_busy_timeout(handle, busy_timeout_ms);
    // A file from elsewhere must not run code of its own (views, triggers) or be written through
    // its schema table.
    (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    return connection;
}

Result<Statement> Connection::prepare(std::string_view sql) {
    sqlite3_stmt* prepared = nullptr;
    const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
    if (code != SQLITE_OK) return sqlite_error(handle_.get());
    return Statement(prepared);
}

Result<> Connection::execute(const char* sql) {
    if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        return sqlite_error(handle_.get());
    }
    return {};
}

Result<std::uint64_t> Connection::ask(std::string_view sql) {
    Statement statement = TRY(prepare(sql));
    const bool row = TRY(statement.step());
    return row ? statement.number(0).value_or(0) : 0;
}

bool Connection::failed_unique() const {
    return sqlite3_extended_errcode(handle_.get()) == SQLITE_CONSTRAINT_UNIQUE;
}

}  // namespace comity::store
