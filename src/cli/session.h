// SPDX-License-Identifier: Apache-2.0
#pragma once

// What every command shares: where the node is, who signs, how to print.
//
// Data goes to standard output, messages to standard error. Secrets are never arguments: a key is a
// file. The CLI trusts no server: it signs here, and what it verifies, it verifies itself.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/reports.h"
#include "codec/value.h"
#include "crypto/key.h"
#include "state/payload.h"

namespace comity::cli {

inline constexpr std::size_t input_bytes_max = 64U << 20U;  ///< of a file that a command reads
inline constexpr std::int64_t list_pages_max = 1'000;       ///< that a list asks the node for

struct Session {
    std::string url = "http://127.0.0.1:8080";  ///< of the node
    std::string key_file;                       ///< PEM, PKCS #8
    std::string member;                         ///< whose key it is
    std::string language;                       ///< of texts, given and read; empty: not chosen
    std::string locale;                         ///< of the terminal: "de_AT.UTF-8"
    bool json = false;                          ///< print JSON
    bool dry_run = false;                       ///< print what would be signed, and stop

    /// What the chosen command does; set by its parser callback, run by main.
    std::function<Result<>()> action;
    /// A failure of the action that is one of verification (exit code 6).
    bool verification = false;
};

/// Signs the payload for the node's record and enters it; prints the index and what to do next.
/// Errors: usage when key or member are missing; those of the node, with its own sentence.
Result<> submit(const Session& session, const state::Payload& payload);

/// As submit, with the payload of a file of JSON ("-": standard input).
Result<> submit_file(const Session& session, std::string_view type, const std::string& file);

/// GET path from the node; prints the JSON, or the facts of it.
Result<> show(const Session& session, const std::string& path, std::string (*facts)(const Answer&));

/// GETs a collection; prints a row for each thing on all of its pages, or the JSON of the first
/// page. `query`: "as_of=2026-07-20", or "".
Result<> list(const Session& session, const Report& report, const std::string& query = {});

/// The octets that the node answers to GET path. Errors: by its status;
/// unavailable "cli/no-state-root-yet" for a receipt that cannot be made yet.
Result<Bytes> get(const Session& session, const std::string& path);

/// The name of the record that the node serves: the first line of its checkpoint.
/// Errors: those of get; invalid "cli/no-record".
Result<std::string> origin_of(const Session& session);

/// Errors: invalid "cli/no-key" without a file or with one that is not there; those of from_pem.
Result<crypto::PrivateKey> read_key(const std::string& file);
/// "-" reads standard input. Errors: not_found "cli/no-such-file", too_large "cli/file-too-large".
Result<std::string> read_file(const std::string& file);
/// Writes through a temporary file, readable to the owner only when `secret`.
/// Errors: invalid "cli/cannot-write".
Result<> write_file(const std::string& file, std::string_view text, bool secret = false);

/// The error for what is no record: `where` has no checkpoint.
Error no_record(const std::string& where);

/// Prints a JSON value: canonical and indented with `json`, else one "name: value" a line.
void print(const codec::Value& value, bool json);
void print_line(std::string_view line);
/// To standard error.
void note(std::string_view line);

/// Reports the progress of long work on standard error: at most one line in ten percent.
std::function<void(std::uint64_t, std::uint64_t)> progress(std::string what);

LocalizedText text_in(const Session& session, const std::string& text);

/// Percent-encodes a query value or path segment.
std::string encoded(std::string_view text);

template <class T>
Result<T> parsed(std::string_view what, std::string_view text) {
    auto value = T::parse(text);
    if (value) return value;
    Error error = std::move(value).error();
    error.message = std::string(what) + ": " + error.message;
    return error;
}

}  // namespace comity::cli
