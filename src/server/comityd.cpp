// SPDX-License-Identifier: Apache-2.0
#include "server/comityd.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <vector>

#include "codec/value.h"
#include "institution/template.h"
#include "net/http_server.h"
#include "server/events.h"
#include "server/operator_clock.h"
#include "server/site.h"

namespace comity::server {
namespace {

namespace fs = std::filesystem;

constexpr mode_t owner_only = 0600;

struct KeyFiles {
    fs::path operator_key, checkpoint_key, receipt_key;
};

KeyFiles key_files(const fs::path& data) {
    const fs::path keys = data / "keys";
    return {.operator_key = keys / "operator.pem",
            .checkpoint_key = keys / "checkpoint.pem",
            .receipt_key = keys / "receipt.pem"};
}

fs::path log_file(const fs::path& data) { return data / "record.sqlite"; }

Result<std::string> read_text(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        return Error{Code::not_found, "server/no-such-file", "Cannot read " + file.string() + "."};
    }
    return std::string(std::istreambuf_iterator<char>(in), {});
}

/// Makes a new file that only its owner can read.
Result<> write_secret(const fs::path& file, const std::string& text) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, owner_only);
    if (fd < 0 && errno == EEXIST) {
        return Error{Code::conflict, "server/already-there",
                     file.string() + " is there already; give an empty folder."};
    }
    const bool is_written =
        fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    if (!is_written) {
        return Error{Code::unavailable, "server/cannot-write",
                     "Cannot write " + file.string() + "."};
    }
    return {};
}

Result<crypto::PrivateKey> read_key(const fs::path& file) {
    const std::string pem = TRY(read_text(file));
    return crypto::PrivateKey::from_pem(pem);
}

/// New seals of the holders of the roles that register keys: nobody could register a first key
/// without one. The operator's key is a seal already.
Result<std::vector<institution::KeyRegistration>> make_seals(const institution::Template& from,
                                                             const std::string& origin,
                                                             const fs::path& keys) {
    std::set<institution::MemberId> holders;
    for (const institution::Role& role : from.charter.roles) {
        if (role.statements.contains("institution.key")) holders.insert(role.holder);
    }
    holders.erase(from.founding.operator_id);
    std::vector<institution::KeyRegistration> seals;
    for (const institution::MemberId& holder : holders) {
        const auto key = crypto::PrivateKey::generate(crypto::Algorithm::ed25519);
        TRY(write_secret(keys / ("seal-" + holder.text() + ".pem"), key.pem()));
        institution::KeyRegistration seal{
            .member = holder, .delegate = {}, .public_key = key.public_key(), .proof = {}};
        seal.proof = key.sign(institution::key_proof_message(origin, seal));
        seals.push_back(std::move(seal));
    }
    return seals;
}

std::int64_t milliseconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 start)
        .count();
}

/// The path without the query, which could hold anything.
net::Response answer_and_log(const Site& site, const net::Request& request) {
    const auto start = std::chrono::steady_clock::now();
    net::Response response = site.answer(request);
    log_event(response.status < 500 ? Level::info : Level::warning, "request.answered",
              {{"method", codec::Value{request.method}},
               {"path", codec::Value{request.target.substr(0, request.target.find('?'))}},
               {"status", codec::Value{std::int64_t{response.status}}},
               {"octets", codec::Value{static_cast<std::int64_t>(response.body.size())}},
               {"milliseconds", codec::Value{milliseconds_since(start)}}});
    return response;
}

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

void tell(int step, const std::string& line) {
    std::cout << "Step " << (step < 10 ? " " : "") << step << "  " << line << '\n' << std::flush;
}

}  // namespace

std::string_view version() { return COMITY_VERSION; }

fs::path share_folder(const std::optional<fs::path>& given) {
    if (given) return *given;
    // Read once, before any thread starts.
    const char* const named = std::getenv("COMITY_SHARE");  // NOLINT(concurrency-mt-unsafe)
    return named != nullptr && *named != '\0' ? fs::path(named) : fs::path(COMITY_SHARE);
}

Result<> init(const fs::path& template_file, const fs::path& data,
              const std::optional<std::string>& origin) {
    const std::string text = TRY(read_text(template_file));
    const institution::Template from = TRY(institution::parse_template(text));
    const node::NodeKeys keys{
        .operator_key = crypto::PrivateKey::generate(crypto::Algorithm::ed25519),
        .checkpoint_key = crypto::PrivateKey::generate(crypto::Algorithm::ed25519),
        .receipt_key = crypto::PrivateKey::generate(crypto::Algorithm::es256)};
    const KeyFiles files = key_files(data);
    std::error_code problem;
    fs::create_directories(files.operator_key.parent_path(), problem);
    TRY(write_secret(files.operator_key, keys.operator_key.pem()));
    TRY(write_secret(files.checkpoint_key, keys.checkpoint_key.pem()));
    TRY(write_secret(files.receipt_key, keys.receipt_key.pem()));

    const std::string name = origin.value_or(from.founding.origin);
    auto seals = TRY(make_seals(from, name, files.operator_key.parent_path()));
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const institution::Founding founding{
        .origin = name,
        .name = from.founding.name,
        .demonstration = from.founding.demonstration,
        .checkpoint_key = keys.checkpoint_key.public_key(),
        .receipt_key = keys.receipt_key.public_key(),
        .operator_id = from.founding.operator_id,
        .operator_key = keys.operator_key.public_key(),
        .seals = std::move(seals),
        .founded_at = Timestamp{.seconds = now.time_since_epoch().count()}};
    const auto log = TRY(store::open_sqlite_log(log_file(data)));
    return node::found(*log, founding, from.charter, keys);
}

Result<demo::OpenRecord> open_record(const fs::path& data) {
    const KeyFiles files = key_files(data);
    crypto::PrivateKey operator_key = TRY(read_key(files.operator_key));
    crypto::PrivateKey checkpoint_key = TRY(read_key(files.checkpoint_key));
    crypto::PrivateKey receipt_key = TRY(read_key(files.receipt_key));
    demo::OpenRecord record;
    record.log = TRY(store::open_sqlite_log(log_file(data)));
    record.objects = TRY(store::open_directory_objects(data / "public"));
    record.node = TRY(node::Node::open(*record.log, record.objects.get(),
                                       {.operator_key = std::move(operator_key),
                                        .checkpoint_key = std::move(checkpoint_key),
                                        .receipt_key = std::move(receipt_key)}));
    return record;
}

void block_stop_signals() {
    const sigset_t set = stop_signals();
    (void)pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Result<> serve(const demo::OpenRecord& record, const fs::path& share, const ServeOptions& options) {
    const std::string messages = TRY(read_text(share / "messages" / "en.json"));
    const Site site(*record.node, *record.objects, TRY(Catalogue::parse(messages)));
    const OperatorClock clock(*record.node, options.clock_every_seconds);
    net::HttpServer server = TRY(net::HttpServer::start(
        {.address = options.address,
         .port = options.port,
         .workers = options.workers,
         .body_bytes_max = 256U << 10U},
        [&site](const net::Request& request) { return answer_and_log(site, request); }));
    const std::string url = "http://" + options.address + ":" + std::to_string(server.port()) + "/";
    std::cout << "Comity answers at " << url << '\n' << std::flush;
    log_event(
        Level::info, "server.started",
        {{"url", codec::Value{url}},
         {"entries", codec::Value{static_cast<std::int64_t>(record.node->log().head().size)}}});
    const sigset_t set = stop_signals();
    int signal = 0;
    (void)sigwait(&set, &signal);
    server.stop();
    log_event(Level::info, "server.stopped", {{"signal", codec::Value{std::int64_t{signal}}}});
    return {};
}

Result<> play_once(const fs::path& share, const std::optional<fs::path>& data) {
    if (data) {
        TRY(demo::play({.share = share, .data = *data}, tell));
        return {};
    }
    std::string name = (fs::temp_directory_path() / "comity-demonstration-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        return Error{Code::unavailable, "server/cannot-write",
                     "Cannot make a folder in " + fs::temp_directory_path().string() + "."};
    }
    const auto played = [&]() -> Result<> {
        TRY(demo::play({.share = share, .data = fs::path(name)}, tell));
        return {};
    }();
    std::error_code ignored;
    fs::remove_all(name, ignored);
    return played;
}

Result<demo::OpenRecord> open_demonstration(const fs::path& share, const fs::path& data) {
    const demo::StoryPlaces places{.share = share, .data = data};
    if (demo::is_played(places)) return demo::reopen(places);
    return demo::play(places, tell);
}

fs::path default_demonstration_folder() {
    const char* const state = std::getenv("XDG_STATE_HOME");  // NOLINT(concurrency-mt-unsafe)
    const char* const home = std::getenv("HOME");             // NOLINT(concurrency-mt-unsafe)
    fs::path base = fs::temp_directory_path();
    if (state != nullptr && *state == '/') {
        base = state;
    } else if (home != nullptr && *home == '/') {
        base = fs::path(home) / ".local" / "state";
    }
    return base / "comity" / "demonstration";
}

}  // namespace comity::server
