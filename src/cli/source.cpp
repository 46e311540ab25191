// SPDX-License-Identifier: Apache-2.0
#include "cli/source.h"

#include <filesystem>
#include <system_error>

#include "node/restore.h"
#include "record/note.h"

namespace comity::cli {
namespace {

/// Whatever names a scheme; Url says which it takes.
bool is_url(const std::string& text) { return text.find("://") != std::string::npos; }

/// Whether a folder is a record, whole or damaged: one that lost its checkpoint still has tiles.
bool is_meant_as_record(const std::filesystem::path& folder) {
    std::error_code ignored;
    return std::filesystem::exists(folder / "checkpoint", ignored) ||
           std::filesystem::is_directory(folder / "tile", ignored);
}

Result<Bytes> fetch(net::HttpConnection& server, std::string_view name) {
    const net::Request request{
        .method = "GET", .target = "/" + std::string(name), .headers = {}, .body = {}};
    const net::Response response = TRY(server.request(request));
    if (response.status == 404) {
        return Error{Code::not_found, "cli/no-such-file",
                     "The server has no " + std::string(name) + "."};
    }
    if (response.status != 200) {
        return Error{Code::unavailable, "cli/refused",
                     std::string(name) + ": status " + std::to_string(response.status) + "."};
    }
    const BytesView body = bytes_of(response.body);
    return Bytes(body.begin(), body.end());
}

}  // namespace

Result<Source> open_source(const std::string& from) {
    Source source;
    if (is_url(from)) {
        source.server = std::make_unique<net::HttpConnection>(TRY(net::Url::parse(from)));
        source.files = [server = source.server.get()](std::string_view name) {
            return fetch(*server, name);
        };
        const auto checkpoint = source.files("checkpoint");
        if (checkpoint || checkpoint.error().code != Code::not_found) return source;
        return no_record(from);
    }
    if (!std::filesystem::is_directory(from)) {
        return Error{Code::not_found, "cli/no-such-file",
                     from + " is neither a folder nor a URL that begins with http://."};
    }
    if (!is_meant_as_record(from)) {
        const std::filesystem::path published = std::filesystem::path(from) / "public";
        if (!is_meant_as_record(published)) return no_record(from);
        return Error{Code::invalid, "cli/no-record",
                     from + " is the folder of a node; give its published files, " +
                         published.string() + "."};
    }
    source.directory = TRY(store::open_directory_objects(from));
    source.files = node::files_of(*source.directory);
    return source;
}

Result<std::optional<crypto::PublicKey>> trusted_key(const std::string& text) {
    if (text.empty()) return std::optional<crypto::PublicKey>();
    if (text.find('+') != std::string::npos) {
        return std::optional(TRY(parsed<record::NoteVerifier>("--trust", text)).key);
    }
    return std::optional(TRY(parsed<crypto::PublicKey>("--trust", text)));
}

Result<state::AuditReport> audited(Session& session, const Source& source,
                                   const std::optional<crypto::PublicKey>& trusted) {
    auto report =
        state::audit(source.files, {.trusted = trusted, .progress = progress("Replayed")});
    if (!report) session.verification = report.error().code != Code::unavailable;
    return report;
}

void say_demonstration(const std::optional<LocalizedText>& label) {
    if (!label) return;
    for (const auto& [language, text] : *label) {
        if (language.text() == "en" || label->size() == 1) print_line("DEMONSTRATION: " + text);
    }
}

}  // namespace comity::cli
