// SPDX-License-Identifier: Apache-2.0
#include "demo/story.h"

#include <array>
#include <fstream>
#include <iterator>

#include "demo/stage.h"
#include "institution/template.h"
#include "state/described.h"

namespace comity::demo {
namespace {

constexpr const char* founded_at = "2026-09-01T08:00:00Z";
constexpr const char* played_mark = "played";    // there when the story was played to its end
constexpr const char* playing_mark = "playing";  // there from the first step on
constexpr const char* about_keys =
    "These are keys of a demonstration. Anyone may have them: they follow from public names and\n"
    "protect nothing. Never use them for anything else.\n"
    "\n"
    "PARTY.pem       what the party acts with: its delegate's key, or its seal if it has none\n"
    "seal-PARTY.pem  its seal: registers keys, gives mandates\n"
    "operator.pem, checkpoint.pem, receipt.pem  the node's own\n"
    "\n"
    "comity need file --help says the rest. PARTY is what --as takes.\n";

std::filesystem::path log_file(const StoryPlaces& places) { return places.data / "record.sqlite"; }

Result<std::string> read_text(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        return Error{Code::not_found, "demo/no-such-file",
                     "Cannot read " + file.string() + "; give the folder with templates and data."};
    }
    return std::string(std::istreambuf_iterator<char>(in), {});
}

Result<> write_text(const std::filesystem::path& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out) {
        return Error{Code::unavailable, "demo/cannot-write", "Cannot write " + file.string() + "."};
    }
    return {};
}

/// Readable to its owner only, as every key file.
Result<> write_key(const std::filesystem::path& file, const crypto::PrivateKey& key) {
    TRY(write_text(file, key.pem()));
    std::error_code failed;
    std::filesystem::permissions(
        file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, failed);
    if (!failed) return {};
    return Error{Code::unavailable, "demo/cannot-write",
                 "Cannot make " + file.string() + " readable to its owner only."};
}

Result<> write_node_keys(const StoryPlaces& places, const node::NodeKeys& keys) {
    const std::filesystem::path folder = keys_folder(places);
    std::error_code ignored;
    std::filesystem::create_directories(folder, ignored);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, ignored);
    TRY(write_key(folder / "operator.pem", keys.operator_key));
    TRY(write_key(folder / "checkpoint.pem", keys.checkpoint_key));
    TRY(write_key(folder / "receipt.pem", keys.receipt_key));
    return write_text(folder / "README", about_keys);
}

Result<> write_keys_of_parties(const StoryPlaces& places, const node::Node& node) {
    const auto keys = node.read(
        [](const state::State& state) { return keys_of_parties(state.institution.key_register); });
    for (const auto& [name, key] : keys) {
        TRY(write_key(keys_folder(places) / (name + ".pem"), key));
    }
    return {};
}

Result<> empty_the_place(const StoryPlaces& places) {
    std::error_code ignored;
    if (std::filesystem::exists(places.data / playing_mark)) {
        std::filesystem::remove_all(places.data, ignored);
    } else if (std::filesystem::exists(places.data) && !std::filesystem::is_empty(places.data)) {
        return Error{
            Code::conflict, "demo/not-empty",
            places.data.string() + " holds other files; give an empty folder with --data."};
    }
    std::filesystem::create_directories(places.data, ignored);
    return write_text(places.data / playing_mark, "");
}

Result<OpenRecord> opened(const StoryPlaces& places, node::NodeKeys keys,
                          std::unique_ptr<store::Log> log) {
    OpenRecord record;
    record.log = std::move(log);
    record.objects = TRY(store::open_directory_objects(places.data / "public"));
    record.node = TRY(node::Node::open(*record.log, record.objects.get(), std::move(keys)));
    return record;
}

Result<OpenRecord> founded(const StoryPlaces& places) {
    const std::string text = TRY(read_text(places.share / "templates" / "waico.json"));
    institution::Template from = TRY(institution::parse_template(text));
    const node::NodeKeys keys = demonstration_keys();
    TRY(write_node_keys(places, keys));
    const institution::Founding founding{.origin = from.founding.origin,
                                         .name = from.founding.name,
                                         .demonstration = from.founding.demonstration,
                                         .checkpoint_key = keys.checkpoint_key.public_key(),
                                         .receipt_key = keys.receipt_key.public_key(),
                                         .operator_id = from.founding.operator_id,
                                         .operator_key = keys.operator_key.public_key(),
                                         .seals = {sealed("secretariat", from.founding.origin)},
                                         .founded_at = Timestamp::parse(founded_at).value()};
    std::unique_ptr<store::Log> log = TRY(store::open_sqlite_log(log_file(places)));
    TRY(node::found(*log, founding, from.charter, keys));
    return opened(places, keys, std::move(log));
}

using Step = Result<std::string> (*)(Stage&);
constexpr std::array<Step, 10> steps = {
    found_institution,    publish_offers, file_needs,          decide_motions,
    publish_restriction,  run_rounds,     deliver_and_confirm, measure_benefit,
    audit_without_server, move_the_seat};

}  // namespace

Result<> Stage::pass(std::int64_t seconds) {
    now.seconds += seconds;
    return cast.advance_to(now);
}

Error proof_failed(const std::string& what) {
    return Error{Code::corrupt, "demo/proof-failed", what};
}

std::string provider(int number) {
    return "example-provider-" + std::string(number < 10 ? "0" : "") + std::to_string(number);
}

std::filesystem::path keys_folder(const StoryPlaces& places) { return places.data / "keys"; }

Result<crypto::PrivateKey> kept_receipt_key(const StoryPlaces& places) {
    const std::filesystem::path file = keys_folder(places) / "receipt.pem";
    const auto pem = read_text(file);
    if (pem) return crypto::PrivateKey::from_pem(*pem);
    return Error{Code::not_found, "demo/no-receipt-key",
                 "Cannot read " + file.string() +
                     ", without which this demonstration cannot go on; give an empty folder with "
                     "--data."};
}

bool is_played(const StoryPlaces& places) {
    return std::filesystem::exists(places.data / played_mark);
}

Result<OpenRecord> play(const StoryPlaces& places, const Tell& tell) {
    TRY(empty_the_place(places));
    OpenRecord record = TRY(founded(places));
    Cast cast(*record.node);
    Stage stage{.places = places,
                .record = record,
                .cast = cast,
                .now = Timestamp::parse(founded_at).value()};
    int number = 0;
    for (const Step step : steps) {
        ++number;
        tell(number, TRY(step(stage)));
    }
    TRY(write_keys_of_parties(places, *record.node));
    TRY(write_text(places.data / played_mark, ""));
    return record;
}

Result<OpenRecord> reopen(const StoryPlaces& places) {
    node::NodeKeys keys = demonstration_keys();
    keys.receipt_key = TRY(kept_receipt_key(places));
    return opened(places, std::move(keys), TRY(store::open_sqlite_log(log_file(places))));
}

}  // namespace comity::demo
