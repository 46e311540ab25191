// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>

#include "base/base64.h"
#include "codec/json.h"

namespace comity::codec {
namespace {

/// Orders well-formed UTF-8 as RFC 8785 section 3.2.3 wants it, by UTF-16 code units. That is the
/// order of the octets, save that characters of four octets (surrogate pairs, from D800) come
/// before those that start with EE or EF (E000 to FFFF).
bool is_before_in_utf16(std::string_view a, std::string_view b) {
    const auto rank = [](char c) -> unsigned {
        const auto octet = static_cast<std::uint8_t>(c);
        const bool is_above_surrogates = octet == 0xee || octet == 0xef;
        return is_above_surrogates ? octet + 0x10U : octet;
    };
    return std::ranges::lexicographical_compare(a, b, {}, rank, rank);
}

void write_text(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto octet = static_cast<std::uint8_t>(c);
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\t':
                out += "\\t";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\f':
                out += "\\f";
                break;
            case '\r':
                out += "\\r";
                break;
            default:
                if (octet >= 0x20) {
                    out += c;
                } else {
                    out += "\\u00";
                    out += digits[octet >> 4U];
                    out += digits[octet & 0x0fU];
                }
        }
    }
    out += '"';
}

class Writer {
public:
    explicit Writer(bool is_pretty) : is_pretty_(is_pretty) {}

    void operator()(bool value) { out_ += value ? "true" : "false"; }
    void operator()(std::int64_t number) { out_ += std::to_string(number); }
    void operator()(const std::string& text) { write_text(out_, text); }
    void operator()(const Bytes& octets) { write_text(out_, to_base64url(octets)); }

    void operator()(const Array& array) {
        open('[');
        for (std::size_t i = 0; i < array.size(); ++i) {
            next(i == 0);
            write(array[i]);
        }
        close(']', array.empty());
    }

    void operator()(const Object& object) {
        std::vector<const Object::value_type*> members;
        members.reserve(object.size());
        for (const auto& member : object) members.push_back(&member);
        std::ranges::sort(members, is_before_in_utf16,
                          [](const auto* member) -> std::string_view { return member->first; });
        open('{');
        for (std::size_t i = 0; i < members.size(); ++i) {
            next(i == 0);
            write_text(out_, members[i]->first);
            out_ += is_pretty_ ? ": " : ":";
            write(members[i]->second);
        }
        close('}', members.empty());
    }

    void write(const Value& value) { std::visit(*this, value.data); }
    std::string take() && { return std::move(out_); }

private:
    void open(char bracket) {
        out_ += bracket;
        ++level_;
    }

    void next(bool is_first) {
        if (!is_first) out_ += ',';
        break_line();
    }

    void close(char bracket, bool is_empty) {
        --level_;
        if (!is_empty) break_line();
        out_ += bracket;
    }

    void break_line() {
        if (!is_pretty_) return;
        out_ += '\n';
        out_.append(level_ * 2, ' ');
    }

    bool is_pretty_;
    std::size_t level_ = 0;
    std::string out_;
};

std::string written(const Value& value, bool is_pretty) {
    Writer writer(is_pretty);
    writer.write(value);
    return std::move(writer).take();
}

}  // namespace

std::string write_json(const Value& value) { return written(value, false); }

std::string write_json_pretty(const Value& value) { return written(value, true); }

}  // namespace comity::codec
