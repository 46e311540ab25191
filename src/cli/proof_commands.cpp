// SPDX-License-Identifier: Apache-2.0
//
// comity receipt, verify, audit, backup, restore: checking without trust, and moving the seat.

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <thread>

#include "cli/commands.h"
#include "cli/source.h"
#include "codec/describe.h"
#include "net/http_client.h"
#include "node/restore.h"
#include "record/note.h"
#include "state/audit.h"
#include "state/bundle.h"
#include "store/objects.h"

namespace comity::cli {
namespace {

struct ProofArguments {
    std::string from;
    std::string to;
    std::string trust;
    std::string entry;
    std::string keys;
    unsigned wait_seconds = 0;
};

constexpr unsigned wait_seconds_max = 3'600;
constexpr unsigned poll_seconds = 1;

/// Whether a file is a bundle, whole or damaged, and not another file altogether: it has at least
/// half of the members that every bundle has, so that a few bent octets do not hide them all.
bool is_meant_as_bundle(const std::string& json) {
    constexpr std::array<std::string_view, 8> members = {
        "\"about\"",  "\"checkpoint\"", "\"checksum\"", "\"entries\"",
        "\"format\"", "\"keys\"",       "\"parts\"",    "\"state_root\""};
    const auto found = std::count_if(members.begin(), members.end(), [&](std::string_view member) {
        return json.find(member) != std::string::npos;
    });
    return 2 * static_cast<std::size_t>(found) >= members.size();
}

void advise_trust(const std::string& origin, const crypto::PublicKey& key, bool trusted) {
    if (trusted) return;
    note("The record's key came with it: " + key.text());
    note("The same as pages show it:      " + record::verifier_key(origin, key));
    note("Compare it with the one you know from elsewhere, or give that one with --trust.");
}

codec::Value report_value(const state::BundleReport& report) {
    codec::Array about;
    for (const state::VerifiedEntry& entry : report.about) {
        about.push_back({codec::Object{{"entry", {static_cast<std::int64_t>(entry.index)}},
                                       {"type", {entry.type}},
                                       {"issuer", {entry.issuer}},
                                       {"subject", {entry.subject}},
                                       {"payload", {entry.json}}}});
    }
    codec::Array steps;
    for (const std::string& step : report.steps) steps.push_back({step});
    codec::Object value{{"verified", {true}},
                        {"origin", {report.checkpoint.origin}},
                        {"size", {static_cast<std::int64_t>(report.checkpoint.size)}},
                        {"checkpoint_key", {report.checkpoint_key.text()}},
                        {"about", {std::move(about)}},
                        {"steps", {std::move(steps)}}};
    if (report.demonstration) {
        value.emplace("demonstration", codec::to_value(*report.demonstration));
    }
    return {std::move(value)};
}

Result<> verify_file(Session& session, const ProofArguments& a) {
    const std::string json = TRY(read_file(a.from));
    const auto trusted = TRY(trusted_key(a.trust));
    if (!is_meant_as_bundle(json)) {
        return Error{Code::invalid, "cli/no-bundle",
                     a.from +
                         " is no receipt bundle; get one with comity receipt get ENTRY --out "
                         "FILE."};
    }
    session.verification = true;
    const state::Bundle bundle = TRY(state::parse_bundle(json));
    const state::BundleReport report = TRY(state::verify_bundle(bundle, trusted));
    if (session.json) {
        print(report_value(report), true);
        return {};
    }
    say_demonstration(report.demonstration);
    for (const state::VerifiedEntry& entry : report.about) {
        print_line("Entry " + std::to_string(entry.index) + ": " + entry.type + " by " +
                   entry.issuer + " about " + entry.subject);
        print_line("  " + entry.json);
    }
    for (const std::string& step : report.steps) print_line("ok  " + step);
    print_line("Verified.");
    advise_trust(report.checkpoint.origin, report.checkpoint_key, trusted.has_value());
    return {};
}

Result<> audit_record(Session& session, const ProofArguments& a) {
    const auto trusted = TRY(trusted_key(a.trust));
    const Source source = TRY(open_source(a.from));
    const state::AuditReport report = TRY(audited(session, source, trusted));
    const std::string root = state::state_root(report.state).text();
    if (session.json) {
        print({codec::Object{{"verified", {true}},
                             {"origin", {report.checkpoint.origin}},
                             {"size", {static_cast<std::int64_t>(report.checkpoint.size)}},
                             {"checkpoint_key", {report.checkpoint_key.text()}},
                             {"state_root", {root}},
                             {"signatures", {static_cast<std::int64_t>(report.signatures)}},
                             {"state_roots", {static_cast<std::int64_t>(report.state_roots)}},
                             {"outcomes", {static_cast<std::int64_t>(report.outcomes)}},
                             {"allocations", {static_cast<std::int64_t>(report.allocations)}}}},
              true);
        return {};
    }
    say_demonstration(report.state.institution.founding.demonstration);
    print_line("The record " + report.checkpoint.origin +
               " holds: " + std::to_string(report.checkpoint.size) + " entries, " +
               std::to_string(report.signatures) + " signatures, " +
               std::to_string(report.state_roots) + " state roots, " +
               std::to_string(report.outcomes) + " outcomes of motions and " +
               std::to_string(report.allocations) + " allocations recomputed.");
    print_line("State root " + root);
    advise_trust(report.checkpoint.origin, report.checkpoint_key, trusted.has_value());
    return {};
}

Result<> back_up_record(const Session& session, const ProofArguments& a) {
    const Source source = TRY(open_source(a.from));
    const auto to = TRY(store::open_directory_objects(a.to));
    const std::uint64_t size = TRY(node::back_up(source.files, *to, progress("Copied files")));
    if (session.json) {
        print({codec::Object{{"size", {static_cast<std::int64_t>(size)}}}}, true);
        return {};
    }
    print_line("The record's first " + std::to_string(size) + " entries are in " + a.to +
               ". Check it with: comity audit " + a.to);
    print_line("Keys are not in a backup: keep the node's keys folder apart from it.");
    return {};
}

Result<node::NodeKeys> read_keys(const std::filesystem::path& folder) {
    return node::NodeKeys{.operator_key = TRY(read_key((folder / "operator.pem").string())),
                          .checkpoint_key = TRY(read_key((folder / "checkpoint.pem").string())),
                          .receipt_key = TRY(read_key((folder / "receipt.pem").string()))};
}

Result<> restore_record(const ProofArguments& a) {
    const Source source = TRY(open_source(a.from));
    const node::NodeKeys keys = TRY(read_keys(a.keys));
    const std::filesystem::path data(a.to);
    const auto log = TRY(store::open_sqlite_log(data / "record.sqlite"));
    TRY(node::restore(*log, source.files, keys, progress("Restored")));
    const auto objects = TRY(store::open_directory_objects(data / "public"));
    const auto node = TRY(node::Node::open(*log, objects.get(), keys));
    const Digest root = node->read([](const auto& state) { return state::state_root(state); });
    std::error_code failed;
    std::filesystem::create_directories(data / "keys", failed);
    TRY(write_file((data / "keys" / "operator.pem").string(), keys.operator_key.pem(), true));
    TRY(write_file((data / "keys" / "checkpoint.pem").string(), keys.checkpoint_key.pem(), true));
    TRY(write_file((data / "keys" / "receipt.pem").string(), keys.receipt_key.pem(), true));
    print_line("Restored " + std::to_string(node->log().head().size) + " entries to " + a.to +
               "; every one was folded again.");
    print_line("State root " + root.text());
    print_line("Go on there with: comityd serve --data " + a.to);
    return {};
}

/// Asks until a state root stands after the entry, or the time to wait is over.
Result<Bytes> receipt_of(const Session& session, const ProofArguments& a) {
    for (unsigned waited = 0;; waited += poll_seconds) {
        auto bundle = get(session, "/api/v1/proofs/" + encoded(a.entry));
        if (bundle || bundle.error().reason != "cli/no-state-root-yet") return bundle;
        if (waited >= a.wait_seconds) {
            const std::string advice =
                a.wait_seconds == 0 ? "wait for it with --wait 90"
                                    : "wait longer, or ask the operator whether its clock runs";
            return Error{Code::unavailable, "cli/no-state-root-yet",
                         "No state root stands after entry " + a.entry +
                             " yet, and a receipt needs one; " + advice + "."};
        }
        std::this_thread::sleep_for(std::chrono::seconds(poll_seconds));
    }
}

Result<> get_receipt(const Session& session, const ProofArguments& a) {
    const Bytes bundle = TRY(receipt_of(session, a));
    const std::string_view text(reinterpret_cast<const char*>(bundle.data()), bundle.size());
    if (a.to.empty()) {
        print_line(text);
        return {};
    }
    TRY(write_file(a.to, text));
    note("Written to " + a.to + ". Check it anywhere, without a network: comity verify " + a.to);
    return {};
}

}  // namespace

void add_proof_commands(CLI::App& app, Session& session) {
    const auto a = std::make_shared<ProofArguments>();
    auto* receipt = app.add_subcommand("receipt", "Receipts of entries");
    receipt->require_subcommand(1);
    auto* get_one = receipt->add_subcommand("get", "Get the receipt bundle of an entry");
    get_one->add_option("entry", a->entry, "Index of the entry")->required();
    get_one->add_option("--out", a->to, "File; absent: standard output");
    get_one
        ->add_option("--wait", a->wait_seconds,
                     "Seconds to wait for the state root that a new entry's receipt needs")
        ->check(CLI::Range(0U, wait_seconds_max));
    get_one->callback(
        [&session, a] { session.action = [&session, a] { return get_receipt(session, *a); }; });

    auto* verify = app.add_subcommand(
        "verify", "Check a receipt bundle, without a network (exit code 6: it does not hold)");
    verify->add_option("file", a->from, "The bundle")->required();
    verify->add_option("--trust", a->trust,
                       "The record's checkpoint key as you know it: ed25519:…");
    verify->callback(
        [&session, a] { session.action = [&session, a] { return verify_file(session, *a); }; });

    auto* audit = app.add_subcommand(
        "audit", "Replay a whole record and recompute everything (exit code 6: it does not hold)");
    audit->add_option("from", a->from, "http://host:port of a node, or a folder of published files")
        ->required();
    audit->add_option("--trust", a->trust, "The record's checkpoint key as you know it: ed25519:…");
    audit->callback(
        [&session, a] { session.action = [&session, a] { return audit_record(session, *a); }; });

    auto* backup = app.add_subcommand("backup", "Copy a record's published files to a folder");
    backup->add_option("from", a->from, "http://host:port, or a folder of published files")
        ->required();
    backup->add_option("--to", a->to, "Folder; what it has already is compared")->required();
    backup->callback(
        [&session, a] { session.action = [&session, a] { return back_up_record(session, *a); }; });

    auto* restore = app.add_subcommand("restore", "Make a node's data from a backup");
    restore->add_option("from", a->from, "The backup")->required();
    restore->add_option("--data", a->to, "Empty folder for the node's data")->required();
    restore->add_option("--keys", a->keys, "Folder with operator.pem, checkpoint.pem, receipt.pem")
        ->required();
    restore->callback([&session, a] { session.action = [a] { return restore_record(*a); }; });
}

}  // namespace comity::cli
