// SPDX-License-Identifier: Apache-2.0
//
// We trust the site because a crawler has followed every link of every page of a played
// demonstration, in both languages, and because each kind of bad request is refused in its form and
// leaves the record as it was.

#include "server/site.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "codec/cbor.h"
#include "codec/json.h"
#include "demo/cast.h"
#include "demo/story.h"
#include "record/statement.h"
#include "server/answer.h"
#include "server/routes.h"
#include "state/bundle.h"

namespace comity::server {
namespace {

constexpr std::size_t page_bytes_max = 200'000;  // well above 20 KB gz of such markup
constexpr const char* label = "nobody has endorsed it";

std::string read_text(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The demonstration, played once for all tests of this file.
class Played {
public:
    Played() {
        const std::string source = COMITY_SOURCE_DIR;
        std::string name =
            (std::filesystem::temp_directory_path() / "comity-site-test-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
        auto record = demo::play({.share = source, .data = folder_}, [](int, const auto&) {});
        EXPECT_TRUE(record) << record.error().message;
        record_ = std::move(record).value();
        auto catalogue = Catalogue::parse(read_text(source + "/messages/en.json"));
        EXPECT_TRUE(catalogue) << catalogue.error().message;
        site_ =
            std::make_unique<Site>(*record_.node, *record_.objects, std::move(catalogue).value());
    }
    ~Played() {
        site_.reset();
        record_.node.reset();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    Played(const Played&) = delete;
    Played& operator=(const Played&) = delete;

    net::Response get(const std::string& target) const {
        return site_->answer({.method = "GET", .target = target, .headers = {}, .body = {}});
    }
    net::Response post(const std::string& body,
                       const std::string& type = "application/cose") const {
        return site_->answer({.method = "POST",
                              .target = "/entries",
                              .headers = {{"content-type", type}},
                              .body = body});
    }
    const Site& site() const { return *site_; }
    node::Node& node() const { return *record_.node; }

private:
    std::filesystem::path folder_;
    demo::OpenRecord record_;
    std::unique_ptr<Site> site_;
};

const Played& played() {
    static const Played record;
    return record;
}

std::string octets_text(BytesView octets) {
    return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

std::string unescaped(std::string text) {
    for (std::size_t at = 0; (at = text.find("&amp;", at)) != std::string::npos; ++at) {
        text.replace(at, 5, "&");
    }
    return text;
}

std::vector<std::string> links_of(const std::string& html) {
    std::vector<std::string> links;
    for (const std::string start : {"href=\"", "action=\""}) {
        for (std::size_t at = 0; (at = html.find(start, at)) != std::string::npos;) {
            at += start.size();
            const std::string whole = unescaped(html.substr(at, html.find('"', at) - at));
            links.push_back(whole.substr(0, whole.find('#')));  // a browser sends no fragment
        }
    }
    return links;
}

/// Elements that are open where the page ends, or closed where they are not open.
std::string unbalanced(const std::string& html) {
    const std::set<std::string> empty = {"meta", "link", "input", "!doctype"};
    std::vector<std::string> open;
    for (std::size_t at = 0; (at = html.find('<', at)) != std::string::npos; ++at) {
        const bool closes = html[at + 1] == '/';
        const std::size_t start = at + (closes ? 2 : 1);
        const std::string name = html.substr(start, html.find_first_of(" >", start) - start);
        if (empty.contains(name)) continue;
        if (!closes) {
            open.push_back(name);
        } else if (open.empty() || open.back() != name) {
            return "</" + name + "> where " + (open.empty() ? "nothing" : open.back()) + " is open";
        } else {
            open.pop_back();
        }
    }
    return open.empty() ? "" : open.back() + " is not closed";
}

/// What a reader sees: without elements, head, and what the record itself says (bdi, code,
/// pre, and most options of a list, in which no element can mark it).
std::string own_words(const std::string& html) {
    std::string words;
    int quoted = 0;
    for (std::size_t at = html.find("<body"); at < html.size(); ++at) {
        if (html[at] != '<') {
            if (quoted == 0) words += html[at];
            continue;
        }
        for (const std::string name : {"bdi", "code", "pre", "option"}) {
            if (html.compare(at + 1, name.size(), name) == 0) ++quoted;
            if (html.compare(at + 1, name.size() + 1, "/" + name) == 0) --quoted;
        }
        at = html.find('>', at);
        words += ' ';
    }
    return words;
}

TEST(Site, EveryPageLeadsOnlyToPagesThatAreThere) {
    std::deque<std::string> waiting = {"/", "/en/", "/qps/"};
    std::set<std::string> seen(waiting.begin(), waiting.end());
    std::size_t pages = 0;
    while (!waiting.empty()) {
        const std::string target = waiting.front();
        waiting.pop_front();
        const net::Response response = played().get(target);
        if (response.status == 302) {
            const std::string to = response.headers.at("location");
            if (seen.insert(to).second) waiting.push_back(to);
            continue;
        }
        ASSERT_EQ(response.status, 200) << target << "\n" << response.body.substr(0, 400);
        const std::string type = response.headers.at("content-type");
        if (type == json_type) {
            EXPECT_NE(response.body.find(label), std::string::npos) << target;
            const auto read = codec::parse_json(
                response.body, {.bytes_max = state::bundle_bytes_max, .depth_max = 32});
            ASSERT_TRUE(read) << target << ": " << read.error().message;
            // The label is a member of the object itself, whatever else holds it too.
            const auto* object = read->as<codec::Object>();
            EXPECT_TRUE(object != nullptr && object->contains("demonstration")) << target;
        }
        if (type != html_type) continue;
        ++pages;
        EXPECT_NE(response.body.find(label), std::string::npos) << target;
        EXPECT_LT(response.body.size(), page_bytes_max) << target;
        EXPECT_EQ(unbalanced(response.body), "") << target;
        // An id that is not in the catalogue is shown in a bare <code>.
        EXPECT_EQ(response.body.find("<code>"), std::string::npos)
            << target << response.body.substr(response.body.find("<code>"), 80);
        for (const std::string& link : links_of(response.body)) {
            if (!link.starts_with('/')) continue;
            // Every kind of page in both languages; the record's many entries in one.
            if (link.starts_with("/qps/record/") || link.starts_with("/qps/members/")) continue;
            const bool is_entry = link.starts_with("/en/record/") || link.starts_with("/entries/");
            if (is_entry && seen.size() > 600) continue;
            if (seen.insert(link).second) waiting.push_back(link);
        }
    }
    EXPECT_GT(pages, 150U);
}

TEST(Site, ThePseudoLanguageLeavesNoEnglishOnAPage) {
    for (const std::string path : {"",
                                   "members",
                                   "members/lso",
                                   "motions",
                                   "motions/adopt-allocation-rules",
                                   "restrictions",
                                   "offers",
                                   "offers/training-pool-2026",
                                   "needs",
                                   "needs/lso-training",
                                   "rounds",
                                   "rounds/training-2026",
                                   "rounds/compute-2026",
                                   "rounds/training-2026?compare=kgz&with=idn",
                                   "rounds/compute-2026?compare=lso&with=example-research-network",
                                   "benefit",
                                   "observe",
                                   "record",
                                   "record/1",
                                   "none-such"}) {
        const std::string words = own_words(played().get("/qps/" + path).body);
        std::string run;
        for (const char c : words + " ") {
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
                run += c;
                continue;
            }
            // What stays: entities, JSON, a link's own name, and the sentence of an Error.
            const std::set<std::string> kept = {"amp", "lt", "gt", "quot", "JSON", "UTC"};
            if (path != "none-such") {
                EXPECT_TRUE(run.size() < 2 || kept.contains(run)) << path << ": " << run;
            }
            run.clear();
        }
    }
}

TEST(Site, APageItsJsonAndTheApiSayTheSame) {
    const auto body = [](const std::string& target) { return played().get(target).body; };
    EXPECT_EQ(body("/en/needs/lso-training.json"), body("/api/v1/needs/lso-training"));
    EXPECT_EQ(body("/en/index.json"), body("/api/v1/institution"));
    EXPECT_EQ(body("/en/record.json?page=2"), body("/api/v1/entries?page=2"));
    EXPECT_NE(body("/api/v1/members?as_of=2026-07-20&status=signatory").find("\"total\""),
              std::string::npos);
}

TEST(Site, TheProofOfAPageVerifiesOffline) {
    const net::Response response = played().get("/en/needs/lso-training.proof");
    ASSERT_EQ(response.status, 200) << response.body;
    const auto bundle = state::parse_bundle(response.body);
    ASSERT_TRUE(bundle) << bundle.error().message;
    const auto report = state::verify_bundle(*bundle, {});
    EXPECT_TRUE(report) << report.error().message;
}

TEST(Site, TheSameStateIsNotSentTwice) {
    const net::Response first = played().get("/en/rounds");
    const net::Response again =
        played().site().answer({.method = "GET",
                                .target = "/en/rounds",
                                .headers = {{"if-none-match", first.headers.at("etag")}},
                                .body = {}});
    EXPECT_EQ(again.status, 304);
    EXPECT_TRUE(again.body.empty());
}

struct BadGet {
    std::string target;
    int status;
    std::string reason;
};

TEST(Site, ABadRequestIsToldWhatIsWrong) {
    const std::vector<BadGet> bad = {
        {"/api/v1/members?asof=2026-07-20", 400, "server/unknown-parameter"},
        {"/api/v1/members?status=a&status=b", 400, "server/repeated-parameter"},
        {"/api/v1/members?as_of=20.7.2026", 400, "base/bad-time"},
        {"/api/v1/members?as_of_index=-1", 400, "server/bad-parameter"},
        {"/api/v1/members?page=999", 404, "server/no-such-page"},
        {"/api/v1/members/nobody", 404, "server/no-such-member"},
        {"/api/v1/members/NOBODY", 404, "server/no-such-id"},
        {"/api/v1/needs?unit=hours", 404, "server/unknown-unit"},
        {"/api/v1/screen?item_class=training", 400, "server/missing-parameter"},
        {"/api/v1/screen?item_class=none&origin=XAA&destination=LSO&end_use=education", 400,
         "server/unknown-item-class"},
        {"/api/v1/entries/01", 404, "server/no-such-id"},
        {"/api/v1/entries/999999", 404, "server/no-such-entry"},
        {"/api/v1/schemas/exchange.gift", 404, "state/unknown-type"},
        {"/api/v1/nothing", 404, "server/no-such-page"},
        {"/api/v1/%ff", 400, "net/bad-target"},
        {"/en/members/nobody.json", 404, "server/no-such-member"},
        {"/en/members.proof", 404, "server/no-such-page"},
        {"/tile/0/../../keys", 400, "net/bad-target"},
        {"/tile/9/000", 404, "record/bad-tile-path"},
    };
    for (const BadGet& request : bad) {
        const net::Response response = played().get(request.target);
        EXPECT_EQ(response.status, request.status) << request.target << response.body;
        EXPECT_EQ(response.headers.at("content-type"), problem_type) << request.target;
        EXPECT_NE(response.body.find("\"" + request.reason + "\""), std::string::npos)
            << request.target << response.body;
        EXPECT_NE(response.body.find(label), std::string::npos) << request.target;
    }
}

TEST(Site, APageThatIsNotThereSaysSoInItsLanguage) {
    const net::Response response = played().get("/qps/needs/nothing");
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.headers.at("content-type"), html_type);
    EXPECT_EQ(unbalanced(response.body), "");
    EXPECT_NE(response.body.find(label), std::string::npos);
}

TEST(Site, ABrowserIsToldOnAPageThatNothingIsThere) {
    const auto browse = [](const std::string& target) {
        return played().site().answer({.method = "GET",
                                       .target = target,
                                       .headers = {{"accept", "text/html,*/*;q=0.8"}},
                                       .body = {}});
    };
    for (const std::string target :
         {"/fr/", "/favicon.ico", "/%ff", "/entries/999999", "/tile/9/000", "/en/members.proof"}) {
        const net::Response response = browse(target);
        EXPECT_GE(response.status, 400) << target;
        EXPECT_EQ(response.headers.at("content-type"), html_type) << target;
        EXPECT_NE(response.body.find("href=\"/en/\""), std::string::npos) << target;
        EXPECT_NE(response.body.find(label), std::string::npos) << target;
    }
    for (const std::string target : {"/api/v1/nothing", "/en/needs/nothing.json"}) {
        EXPECT_EQ(browse(target).headers.at("content-type"), problem_type) << target;
    }
    EXPECT_EQ(played().get("/fr/").headers.at("content-type"), problem_type);
}

TEST(Site, TheHomePageNamesTheInstitutionOnceInItsTitle) {
    const auto title = [](const std::string& target) {
        const std::string html = played().get(target).body;
        const std::size_t start = html.find("<title>") + 7;
        return html.substr(start, html.find("</title>") - start);
    };
    EXPECT_EQ(title("/en/"), "World AI Cooperation Organization (WAICO)");
    EXPECT_EQ(title("/en/needs"), "Needs · World AI Cooperation Organization (WAICO)");
}

TEST(Site, TheBenefitOfMembersIsNotMixedWithThatOfObservers) {
    const auto ledger = [](const std::string& query) {
        const auto read =
            codec::parse_json(played().get("/api/v1/benefit" + query).body,
                              {.bytes_max = state::bundle_bytes_max, .depth_max = 32});
        EXPECT_TRUE(read);
        const auto& all = *read->as<codec::Object>();
        return *all.at("after").as<codec::Object>();
    };
    const auto count = [](const codec::Object& of, const std::string& name) {
        return of.at(name).as<codec::Array>()->size();
    };
    EXPECT_EQ(count(ledger(""), "members"), 39U);
    EXPECT_EQ(count(ledger(""), "others"), 2U) << "an observer and an invitee";
    EXPECT_EQ(count(ledger("?status=observer"), "members"), 1U);
    const std::string page = played().get("/en/benefit").body;
    EXPECT_NE(page.find("(nothing confirmed yet)"), std::string::npos) << "no Gini of nothing";
    EXPECT_NE(page.find("Observer"), std::string::npos);
}

TEST(Site, TheObservationSaysWhatTheLedgerSays) {
    const auto object = [](const std::string& target) {
        const auto read = codec::parse_json(
            played().get(target).body, {.bytes_max = state::bundle_bytes_max, .depth_max = 32});
        EXPECT_TRUE(read) << target;
        return *read->as<codec::Object>();
    };
    const auto ledger = object("/api/v1/benefit?unit=training-place&class=state");
    const auto& after = *ledger.at("after").as<codec::Object>();
    const auto& among_all = *after.at("among_all").as<codec::Object>();
    const auto observed = object("/api/v1/observe?unit=training-place&class=state");
    const auto& unit = *observed.at("unit").as<codec::Object>();
    const auto& received = *unit.at("spreads").as<codec::Array>()->back().as<codec::Object>();
    EXPECT_EQ(*received.at("measured").as<std::string>(), "received");
    const auto& spread = *received.at("spread").as<codec::Object>();
    const auto& found = *spread.at("concentration").as<codec::Object>();
    const std::int64_t total = *among_all.at("total").as<std::int64_t>();
    EXPECT_GT(total, 0);
    EXPECT_EQ(*found.at("total").as<std::string>(), std::to_string(total));
    EXPECT_EQ(found.at("lorenz").as<codec::Array>()->size(),
              after.at("members").as<codec::Array>()->size() + 1);

    const std::string page = played().get("/en/observe?unit=training-place").body;
    EXPECT_NE(page.find("<svg viewBox"), std::string::npos);
    EXPECT_NE(page.find("How was this computed?"), std::string::npos);
    EXPECT_EQ(played().get("/api/v1/observe?unit=nothing").status, 404);
}

TEST(Site, NoSentenceSetsOneMemberAgainstAnotherByName) {
    const std::string page = played().get("/en/needs/sen-training").body;
    const std::size_t start = page.find("Other turns came first");
    ASSERT_NE(start, std::string::npos);
    const std::string sentence = page.substr(start, page.find("</p>", start) - start);
    EXPECT_EQ(sentence.find("/members/"), std::string::npos) << sentence;
}

TEST(Site, ARoundSaysWhyOneOfTwoMembersGotMore) {
    const std::string page = "/en/rounds/training-2026?compare=kgz&with=idn";
    const std::string body = played().get(page).body;
    const std::string said = body.substr(body.find("id=\"compare\""));
    EXPECT_NE(said.find(" weighs more: "), std::string::npos);
    EXPECT_NE(said.find("The last unit took "), std::string::npos);
    EXPECT_NE(body.find("<mark id=\"member-kgz\">"), std::string::npos);
    const std::string json =
        played().get("/en/rounds/training-2026.json?compare=kgz&with=idn").body;
    EXPECT_NE(json.find("\"larger_weight\"", json.find("\"reasons\"")), std::string::npos);
    const auto status = [](const std::string& query) {
        return played().get("/en/rounds/training-2026.json?" + query).status;
    };
    EXPECT_EQ(status("compare=kgz"), 400);
    EXPECT_EQ(status("compare=kgz&with=kgz"), 400);
    EXPECT_EQ(status("compare=kgz&with=nobody"), 404);
}

TEST(Site, ARoundTellsApartWhatRestrictionsKeptAndWhatTurnsTook) {
    const std::string compute = played().get("/en/rounds/compute-2026").body;
    const std::string unmet = compute.substr(compute.find("id=\"unmet\""));
    const std::size_t kept = unmet.find("<h3>Restrictions stood between</h3>");
    ASSERT_NE(kept, std::string::npos);
    EXPECT_LT(kept, unmet.find("example-research-network-equipment"));
    EXPECT_EQ(unmet.find("<h3>Other turns came first</h3>"), std::string::npos);
    const std::string training = played().get("/en/rounds/training-2026").body;
    EXPECT_EQ(training.find("<h3>Restrictions stood between</h3>"), std::string::npos);
    EXPECT_NE(training.find("<h3>Other turns came first</h3>"), std::string::npos);
    const std::string why = played()
                                .get(
                                    "/en/rounds/compute-2026?compare=lso&with="
                                    "example-research-network")
                                .body;
    EXPECT_NE(why.find("Restrictions that the open needs of"), std::string::npos);
}

TEST(Site, ARoundSaysWhatEachConditionCosts) {
    const std::string json = played().get("/en/rounds/compute-2026.json").body;
    const std::size_t prices = json.find("\"prices\": {");
    ASSERT_NE(prices, std::string::npos);
    EXPECT_NE(json.find("\"restriction\": \"example-equipment-order\"", prices), std::string::npos);
    EXPECT_NE(json.find("\"without\": 2000", prices), std::string::npos);
    const std::string page = played().get("/en/rounds/compute-2026").body;
    const std::string cost = page.substr(page.find("id=\"price\""));
    EXPECT_NE(cost.find("example-equipment-order"), std::string::npos);
    EXPECT_NE(cost.find("How was this computed?"), std::string::npos);
    EXPECT_NE(played()
                  .get("/en/rounds/training-2026")
                  .body.find("No restriction and no days of an offer stood between"),
              std::string::npos);
}

TEST(Site, AnotherMethodIsAnsweredWithThoseThatThereAre) {
    const auto ask = [](const std::string& method, const std::string& target) {
        return played().site().answer(
            {.method = method, .target = target, .headers = {}, .body = {}});
    };
    EXPECT_EQ(ask("DELETE", "/entries/1").status, 405);
    EXPECT_EQ(ask("DELETE", "/entries/1").headers.at("allow"), "GET, HEAD");
    EXPECT_EQ(ask("PUT", "/en/needs").headers.at("allow"), "GET, HEAD");
    EXPECT_EQ(ask("GET", "/entries").headers.at("allow"), "POST");
}

/// A statement by a party of the demonstration, for any record.
Bytes statement_for(const std::string& audience, const crypto::PrivateKey& key,
                    const std::string& payload) {
    return record::sign_statement(
        {.content_type =
             record::ContentType::parse("application/vnd.comity.exchange.need_withdrawal+json")
                 .value(),
         .issuer = "lso",
         .subject = "need/lso-training",
         .audience = audience,
         .issued_at = Timestamp::parse("2026-12-01T00:00:00Z").value(),
         .payload = Bytes(bytes_of(payload).begin(), bytes_of(payload).end())},
        key);
}

TEST(Site, ABadStatementIsRefusedInTheFormOfScittAndChangesNothing) {
    const std::string origin = played().node().read(
        [](const state::State& state) { return state.institution.founding.origin; });
    const auto lesotho = demo::seal_of(demo::id<institution::MemberId>("lso"));
    const auto stranger = crypto::PrivateKey::generate(crypto::Algorithm::ed25519);
    const std::string good = R"({"id":"lso-training"})";
    const auto text = [](const Bytes& octets) { return octets_text(octets); };
    std::string bent = text(statement_for(origin, lesotho, good));
    bent.back() = static_cast<char>(bent.back() ^ 1);

    struct Bad {
        std::string body;
        std::string type;
        int status;
        std::string reason;
    };
    const std::vector<Bad> bad = {
        {"not CBOR", "application/cose", 400, "record/bad-statement"},
        {"", "application/cose", 400, "record/bad-statement"},
        {text(statement_for(origin, lesotho, good)), "application/json", 415,
         "server/wrong-content-type"},
        {text(statement_for("another.record.example", lesotho, good)), "application/cose", 403,
         "state/wrong-audience"},
        {text(statement_for(origin, stranger, good)), "application/cose", 401,
         "institution/unknown-key"},
        {bent, "application/cose", 400, "crypto/bad-signature"},
        {text(statement_for(origin, lesotho, "{")), "application/cose", 400, "codec/bad-json"},
        {text(statement_for(origin, lesotho, R"({"id":"lso-training","x":1})")), "application/cose",
         400, "codec/unknown-member"},
    };
    const std::uint64_t size = played().node().log().head().size;
    for (const Bad& request : bad) {
        const net::Response response = played().post(request.body, request.type);
        EXPECT_EQ(response.status, request.status) << request.reason;
        EXPECT_EQ(response.headers.at("content-type"), cbor_problem_type) << request.reason;
        codec::CborReader reader(bytes_of(response.body));
        EXPECT_EQ(reader.map().value(), 2U);
        EXPECT_EQ(reader.integer().value(), -1);
        EXPECT_FALSE(reader.text().value().empty());
        EXPECT_EQ(reader.integer().value(), -2);
        EXPECT_NE(reader.text().value().find("(" + request.reason + ")"), std::string::npos)
            << request.reason << " " << response.body;
        EXPECT_TRUE(reader.end());
    }
    EXPECT_EQ(played().node().log().head().size, size);
}

TEST(Site, ReceiptsStatementsKeysAndTilesAreServed) {
    const net::Response statement = played().get("/entries/5/statement");
    ASSERT_EQ(statement.status, 200);
    const auto parsed = record::parse_statement(bytes_of(statement.body));
    ASSERT_TRUE(parsed);
    const std::string id = record::statement_id(*parsed).text().substr(7);
    EXPECT_EQ(played().get("/entries/" + id).headers.at("location"), "/entries/5");
    EXPECT_EQ(played().get("/entries/5").headers.at("content-type"), cose_type);
    EXPECT_EQ(played().get("/.well-known/scitt-keys").status, 200);
    EXPECT_EQ(played().get("/.well-known/scitt-keys/none").status, 404);
    EXPECT_EQ(played().get("/checkpoint").headers.at("cache-control"), "no-store");
    const net::Response tile = played().get("/tile/entries/000");
    EXPECT_EQ(tile.status, 200);
    EXPECT_NE(tile.headers.at("cache-control").find("immutable"), std::string::npos);
}

TEST(Site, EveryResponseCarriesTheSecurityHeaders) {
    for (const std::string target : {"/", "/en/", "/api/v1/nothing", "/entries/9999999"}) {
        const auto headers = played().get(target).headers;
        EXPECT_EQ(headers.at("x-content-type-options"), "nosniff") << target;
        EXPECT_TRUE(headers.at("content-security-policy").starts_with("default-src 'self'"));
    }
}

}  // namespace
}  // namespace comity::server
