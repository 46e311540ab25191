// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where a record is read from: the published files of a folder or of a server.

#include <memory>
#include <optional>
#include <string>

#include "base/language.h"
#include "base/result.h"
#include "cli/session.h"
#include "crypto/key.h"
#include "net/http_client.h"
#include "state/audit.h"
#include "store/objects.h"

namespace comity::cli {

/// The published files of a directory or of a server. Owns what it reads from.
struct Source {
    std::unique_ptr<store::Objects> directory;
    std::unique_ptr<net::HttpConnection> server;
    state::RecordFiles files;
};

/// `from` is a folder or an address. Errors: not_found "cli/no-such-file", invalid "cli/no-record"
/// for what is no record, and those of the network.
Result<Source> open_source(const std::string& from);

/// The key as `comity verify` prints it, or as pages and C2SP tools do ("name+id+base64"); nothing
/// for an empty text. Errors: those of the key's parse, with "--trust".
Result<std::optional<crypto::PublicKey>> trusted_key(const std::string& text);

/// Replays the record and checks all of it, with progress on a long one. A record that does not
/// hold ends the program with the exit code of a failed verification; a source that cannot be
/// reached has shown nothing, neither good nor bad. Errors: those of state::audit.
Result<state::AuditReport> audited(Session& session, const Source& source,
                                   const std::optional<crypto::PublicKey>& trusted);

/// Prints the label of a demonstration, if the record is one.
void say_demonstration(const std::optional<LocalizedText>& label);

}  // namespace comity::cli
