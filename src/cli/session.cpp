// SPDX-License-Identifier: Apache-2.0
#include "cli/session.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "codec/cbor.h"
#include "codec/json.h"
#include "net/http_client.h"
#include "record/checkpoint.h"
#include "record/note.h"
#include "state/signing.h"

namespace comity::cli {
namespace {

constexpr const char* statement_media_type = "application/cose";

Timestamp system_time() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::seconds>(now).count()};
}

Code code_of_status(int status) {
    switch (status) {
        case 401:
            return Code::unauthenticated;
        case 403:
            return Code::forbidden;
        case 404:
            return Code::not_found;
        case 409:
            return Code::conflict;
        case 413:
            return Code::too_large;
        case 429:
        case 503:
            return Code::unavailable;
        default:
            return status >= 500 ? Code::unavailable : Code::invalid;
    }
}

std::string text_at(const codec::Value& value, const std::string& name) {
    const auto* object = value.as<codec::Object>();
    if (object == nullptr) return {};
    const auto found = object->find(name);
    const auto* text = found == object->end() ? nullptr : found->second.as<std::string>();
    return text == nullptr ? std::string() : *text;
}

/// A member of a problem body in JSON (RFC 9457); empty if it is none.
std::string problem_member(const net::Response& response, const std::string& name) {
    const auto json = codec::parse_json(response.body);
    return json ? text_at(*json, name) : std::string();
}

/// The sentence of a problem body, JSON (RFC 9457) or CBOR (RFC 9290), or the status.
std::string sentence_of(const net::Response& response) {
    if (auto text = problem_member(response, "detail"); !text.empty()) return text;
    codec::CborReader reader(bytes_of(response.body));
    if (const auto members = reader.map()) {
        std::string detail;
        for (std::size_t i = 0; i < *members; ++i) {
            const auto key = reader.integer();
            const auto text = key ? reader.text() : Result<std::string>(key.error());
            if (!text) break;
            if (*key == -2 || detail.empty()) detail = *text;
        }
        if (!detail.empty()) return detail;
    }
    return "The node answered with status " + std::to_string(response.status) + ".";
}

Result<net::Response> request(const Session& session, const std::string& method,
                              const std::string& path, std::string body) {
    // People copy the address of a page, which ends with a slash.
    const std::string node = session.url.substr(0, session.url.find_last_not_of('/') + 1);
    net::Url url = TRY(parsed<net::Url>("--url", node + path));
    net::Request request{
        .method = method, .target = url.target, .headers = {}, .body = std::move(body)};
    if (method == "POST") request.headers["content-type"] = statement_media_type;
    net::Response response = TRY(net::http_request(url, std::move(request)));
    if (response.status < 400) return response;
    if (problem_member(response, "type") == "node/no-state-root-yet") {
        return Error{Code::unavailable, "cli/no-state-root-yet", sentence_of(response)};
    }
    return Error{code_of_status(response.status), "cli/refused", sentence_of(response)};
}

Result<codec::Value> get_json(const Session& session, const std::string& path) {
    const net::Response response = TRY(request(session, "GET", path, {}));
    auto value = codec::parse_json(response.body, {.bytes_max = input_bytes_max, .depth_max = 32});
    if (value) return value;
    return Error{
        Code::corrupt, "cli/bad-answer",
        "The node's answer is no JSON; look whether " + session.url + " is a Comity node."};
}

void note_demonstration(const codec::Value& answer, const Languages& languages) {
    const Answer label = Answer(answer, languages).part("demonstration");
    if (label.has("")) note("DEMONSTRATION: " + label.text());
}

std::string index_of(const net::Response& response) {
    const auto location = response.headers.find("location");
    if (location == response.headers.end()) return "?";
    return location->second.substr(location->second.rfind('/') + 1);
}

void print_readable(const codec::Value& value, const std::string& name, int indent) {
    const std::string pad(static_cast<std::size_t>(indent) * 2, ' ');
    if (const auto* object = std::get_if<codec::Object>(&value.data)) {
        if (!name.empty()) std::cout << pad << name << ":\n";
        for (const auto& [key, member] : *object) {
            print_readable(member, key, name.empty() ? indent : indent + 1);
        }
    } else if (const auto* array = std::get_if<codec::Array>(&value.data)) {
        if (!name.empty()) {
            std::cout << pad << name << ": " << array->size() << (array->empty() ? "\n" : ":\n");
        }
        for (const codec::Value& element : *array) {
            const bool nested = std::holds_alternative<codec::Object>(element.data) ||
                                std::holds_alternative<codec::Array>(element.data);
            if (nested) {
                std::cout << pad << "  -\n";
                print_readable(element, "", indent + 2);
            } else {
                print_readable(element, "-", indent + 1);
            }
        }
    } else {
        std::string text;
        if (const auto* words = std::get_if<std::string>(&value.data)) {
            text = *words;
        } else {
            text = codec::write_json(value);
        }
        std::cout << pad << printable(name) << (name == "-" ? " " : ": ") << printable(text)
                  << "\n";
    }
}

}  // namespace

Result<> submit(const Session& session, const state::Payload& payload) {
    const std::string json = state::payload_json(payload);
    if (session.dry_run) {
        note("Would sign, as " + std::string(state::type_of(payload)) + " about " +
             state::subject_of(payload) + ":");
        print_line(json);
        return {};
    }
    if (session.key_file.empty() || session.member.empty()) {
        return Error{
            Code::invalid, "cli/no-signer",
            "Say who signs: --key FILE and --as MEMBER (or COMITY_KEY and COMITY_MEMBER)."};
    }
    const crypto::PrivateKey key = TRY(read_key(session.key_file));
    const std::string origin = TRY(origin_of(session));
    const Bytes entry = state::sign(
        payload,
        {.issuer = session.member, .audience = origin, .issued_at = system_time(), .key = key});
    const net::Response response =
        TRY(request(session, "POST", "/entries",
                    std::string(reinterpret_cast<const char*>(entry.data()), entry.size())));
    const std::string index = index_of(response);
    if (session.json) {
        print(codec::Value{codec::Object{{"entry", codec::Value{index}}}}, true);
    } else {
        print_line("Entered as entry " + index + ". A receipt: comity receipt get " + index +
                   " --wait 90 --out receipt.json");
    }
    return {};
}

Result<> submit_file(const Session& session, std::string_view type, const std::string& file) {
    const std::string json = TRY(read_file(file));
    const state::Payload payload = TRY(state::parse_payload(type, bytes_of(json)));
    return submit(session, payload);
}

Result<> show(const Session& session, const std::string& path,
              std::string (*facts)(const Answer&)) {
    const codec::Value value = TRY(get_json(session, path));
    if (session.json) {
        print(value, true);
        return {};
    }
    const Languages languages = languages_of(session.language, session.locale);
    note_demonstration(value, languages);
    std::cout << facts(Answer(value, languages));
    return {};
}

Result<> list(const Session& session, const Report& report, const std::string& query) {
    const std::string path = "/api/v1/" + std::string(report.collection) + "?" + query +
                             (query.empty() ? "page=" : "&page=");
    const Languages languages = languages_of(session.language, session.locale);
    Table table;
    std::int64_t pages = 1;
    for (std::int64_t page = 1; page <= std::min(pages, list_pages_max); ++page) {
        const codec::Value value = TRY(get_json(session, path + std::to_string(page)));
        if (session.json) {
            print(value, true);
            return {};
        }
        const Answer answer(value, languages);
        if (page == 1) note_demonstration(value, languages);
        Table part = report.table(answer.elements("items"));
        table.headings = std::move(part.headings);
        std::move(part.rows.begin(), part.rows.end(), std::back_inserter(table.rows));
        pages = answer.number("pages");
    }
    if (table.rows.empty()) {
        note("The record has none.");
        return {};
    }
    std::cout << table.text();
    if (pages > list_pages_max) {
        note("The first " + std::to_string(table.rows.size()) + " of them; the rest is on pages.");
    }
    return {};
}

Result<Bytes> get(const Session& session, const std::string& path) {
    const net::Response response = TRY(request(session, "GET", path, {}));
    const BytesView body = bytes_of(response.body);
    return Bytes(body.begin(), body.end());
}

Result<std::string> origin_of(const Session& session) {
    const net::Response response = TRY(request(session, "GET", "/checkpoint", {}));
    const auto signed_note = record::parse_note(response.body);
    const auto checkpoint = signed_note ? record::parse_checkpoint_text(signed_note->text)
                                        : Result<record::Checkpoint>(signed_note.error());
    if (!checkpoint) return no_record(session.url);
    return checkpoint->origin;
}

Result<crypto::PrivateKey> read_key(const std::string& file) {
    if (file.empty()) {
        return Error{Code::invalid, "cli/no-key",
                     "Say which key: --key FILE (or COMITY_KEY); make one with comity key new."};
    }
    const auto pem = read_file(file);
    if (!pem && pem.error().code == Code::not_found) {
        return Error{Code::invalid, "cli/no-key",
                     "Cannot read the key file " + file + "; give a PEM file that you may read."};
    }
    if (!pem) return pem.error();
    auto key = crypto::PrivateKey::from_pem(*pem);
    if (key) return key;
    Error error = std::move(key).error();
    error.message = file + ": " + error.message;
    return error;
}

Error no_record(const std::string& where) {
    return {Code::invalid, "cli/no-record",
            where +
                " holds no record, since it has no checkpoint; give the address of a node or a "
                "folder of published files."};
}

Result<std::string> read_file(const std::string& file) {
    std::string text;
    if (file == "-") {
        text.assign(std::istreambuf_iterator<char>(std::cin), {});
    } else {
        std::ifstream in(file, std::ios::binary);
        if (!in) {
            return Error{Code::not_found, "cli/no-such-file", "Cannot read " + file + "."};
        }
        text.assign(std::istreambuf_iterator<char>(in), {});
    }
    if (text.size() > input_bytes_max) {
        return Error{Code::too_large, "cli/file-too-large",
                     file + " has more than " + std::to_string(input_bytes_max) + " octets."};
    }
    return text;
}

Result<> write_file(const std::string& file, std::string_view text, bool secret) {
    const std::string part = file + ".part";
    const int mode = secret ? 0600 : 0644;
    const int descriptor = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    const bool written =
        descriptor >= 0 &&
        ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(descriptor) == 0;
    if (descriptor >= 0) (void)::close(descriptor);
    std::error_code failed;
    if (written) std::filesystem::rename(part, file, failed);
    if (!written || failed) {
        return Error{Code::invalid, "cli/cannot-write",
                     "Cannot write " + file + "; give a file in a folder that you may write to."};
    }
    return {};
}

void print(const codec::Value& value, bool json) {
    if (json) {
        std::cout << codec::write_json_pretty(value) << "\n";
    } else {
        print_readable(value, "", 0);
    }
}

void print_line(std::string_view line) { std::cout << printable(line) << "\n"; }
void note(std::string_view line) { std::cerr << printable(line) << "\n"; }

std::function<void(std::uint64_t, std::uint64_t)> progress(std::string what) {
    return [what = std::move(what), last = std::uint64_t{0}](std::uint64_t finished,
                                                             std::uint64_t total) mutable {
        const std::uint64_t tenth = total == 0 ? 10 : finished * 10 / total;
        if (tenth == last || total < 1'000) return;
        last = tenth;
        note(what + " " + std::to_string(finished) + " of " + std::to_string(total));
    };
}

LocalizedText text_in(const Session& session, const std::string& text) {
    const auto language = LanguageTag::parse(session.language);  // main has checked it
    return {{language ? *language : LanguageTag::parse("en").value(), text}};
}

std::string encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        const bool plain = (octet >= '0' && octet <= '9') || (octet >= 'a' && octet <= 'z') ||
                           (octet >= 'A' && octet <= 'Z') || c == '-' || c == '_' || c == '.' ||
                           c == '~';
        if (plain) {
            out += c;
        } else {
            out += '%';
            out += digits[octet >> 4U];
            out += digits[octet & 0x0fU];
        }
    }
    return out;
}

}  // namespace comity::cli
