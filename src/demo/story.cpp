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
    TRY(write_text(places.data / "receipt-key.pem", keys.receipt_key.pem()));
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

Result<crypto::PrivateKey> kept_receipt_key(const StoryPlaces& places) {
    return crypto::PrivateKey::from_pem(TRY(read_text(places.data / "receipt-key.pem")));
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
    TRY(write_text(places.data / played_mark, ""));
    return record;
}

Result<OpenRecord> reopen(const StoryPlaces& places) {
    node::NodeKeys keys = demonstration_keys();
    keys.receipt_key = TRY(kept_receipt_key(places));
    return opened(places, std::move(keys), TRY(store::open_sqlite_log(log_file(places))));
}

}  // namespace comity::demo
