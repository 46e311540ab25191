// SPDX-License-Identifier: Apache-2.0
#pragma once

// The little of SQLite's interface that sqlite_log.cpp needs, with owned handles and Results.
// Private to store. A Connection and its Statements belong to one thread at a time.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/sha256.h"

struct sqlite3;
struct sqlite3_stmt;

namespace comity::store {

class Statement {
public:
    explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}

    /// Parameters count from 1. What is bound is borrowed until reset().
    void bind(int parameter, std::uint64_t number);
    void bind(int parameter, BytesView octets);
    void bind(int parameter, std::string_view text);

    /// True while there is a row.
    Result<bool> step();

    /// Steps once, expects no row, and resets.
    Result<> run();

    void reset();

    // Columns of the present row, counted from 0.
    std::optional<std::uint64_t> number(int column) const;  ///< none for negative or not a number
    BytesView octets(int column) const;                     ///< valid until the next step
    std::string text(int column) const;
    std::optional<Digest> digest(int column) const;  ///< none unless 32 octets

private:
    struct Finalize {
        void operator()(sqlite3_stmt* handle) const;
    };
    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

/// Puts a statement back to its start at the end of a scope, so that it holds no read transaction.
class ResetAtEnd {
public:
    explicit ResetAtEnd(Statement& statement) : statement_(statement) {}
    ~ResetAtEnd() { statement_.reset(); }
    ResetAtEnd(const ResetAtEnd&) = delete;
    ResetAtEnd& operator=(const ResetAtEnd&) = delete;

private:
    Statement& statement_;
};

class Connection {
public:
    /// Errors: unavailable "store/cannot-open".
    static Result<Connection> open(const std::filesystem::path& file);

    Result<Statement> prepare(std::string_view sql);

    /// Runs statements that return nothing of interest.
    Result<> execute(const char* sql);

    /// The one number that `sql` answers, such as a pragma.
    Result<std::uint64_t> ask(std::string_view sql);

    /// True if the last call failed at a UNIQUE constraint. Ask before any other call.
    bool failed_unique() const;

    sqlite3* handle() const { return handle_.get(); }

private:
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    explicit Connection(sqlite3* handle) : handle_(handle) {}
    std::unique_ptr<sqlite3, Close> handle_;
};

/// The error for the last failed call on `connection`: "store/disk-full", "store/io-error",
/// "store/busy", "store/log-damaged", "store/not-a-log".
Error sqlite_error(sqlite3* connection);

}  // namespace comity::store
