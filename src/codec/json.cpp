// SPDX-License-Identifier: Apache-2.0
#include "codec/json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <optional>
#include <utility>

#include "codec/pointer.h"
#include "codec/utf8.h"

namespace comity::codec {
namespace {

namespace json = boost::json;

constexpr std::int64_t number_max = 9'007'199'254'740'991;  // 2^53 - 1, RFC 7493 section 2.2

/// Builds the Value from the events of the parser, and refuses what the parser lets pass: it would
/// take duplicate members, 1e400, and numbers that only a double holds.
class Handler {
public:
    // Names and limits that basic_parser asks for; bytes_max bounds all of them.
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    explicit Handler(std::size_t depth_max) : depth_max_(depth_max) {}

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }
    bool on_comment_part(json::string_view, json::error_code&) { return true; }
    bool on_comment(json::string_view, json::error_code&) { return true; }

    bool on_object_begin(json::error_code& code) { return open(Object{}, code); }
    bool on_array_begin(json::error_code& code) { return open(Array{}, code); }
    bool on_object_end(std::size_t, json::error_code&) { return close(); }
    bool on_array_end(std::size_t, json::error_code&) { return close(); }

    bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
        return append(part);
    }
    bool on_key(json::string_view part, std::size_t, json::error_code& code) {
        append(part);
        Level& level = levels_.back();
        level.key = std::exchange(text_, {});
        if (!std::get<Object>(level.container).contains(*level.key)) return true;
        return refuse("codec/duplicate-member", "This member comes twice.", code);
    }

    bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
        return append(part);
    }
    bool on_string(json::string_view part, std::size_t, json::error_code&) {
        append(part);
        return add(Value{std::exchange(text_, {})});
    }

    bool on_number_part(json::string_view part, json::error_code&) { return append(part); }
    bool on_int64(std::int64_t number, json::string_view part, json::error_code& code) {
        append(part);
        const std::string digits = std::exchange(text_, {});
        if (number < -number_max || number > number_max) return refuse_number(code);
        if (digits == "-0") return refuse_number(code);
        return add(Value{number});
    }
    bool on_uint64(std::uint64_t, json::string_view, json::error_code& code) {
        return refuse_number(code);  // used only above the largest std::int64_t
    }
    bool on_double(double, json::string_view, json::error_code& code) {
        return refuse_number(code);
    }

    bool on_bool(bool value, json::error_code&) { return add(Value{value}); }
    bool on_null(json::error_code& code) {
        return refuse("codec/null", "Leave out what is absent; null is not used here.", code);
    }

    /// The JSON pointer of the value or member being read.
    std::string pointer() const {
        std::string text;
        for (const Level& level : levels_) {
            if (const Array* array = std::get_if<Array>(&level.container)) {
                text += pointer_to_element(array->size());
            } else if (level.key) {
                text += pointer_to_member(*level.key);
            } else {
                break;
            }
        }
        return text;
    }

    const std::optional<Error>& refusal() const { return refusal_; }
    Value take() && { return std::move(root_); }

private:
    struct Level {
        std::variant<Array, Object> container;
        std::optional<std::string> key;  ///< of the member being read
    };

    bool append(json::string_view part) {
        text_.append(part.data(), part.size());
        return true;
    }

    bool open(std::variant<Array, Object> container, json::error_code& code) {
        if (levels_.size() == depth_max_) {
            return refuse("codec/too-deep",
                          "More than " + std::to_string(depth_max_) + " levels; flatten it.", code);
        }
        levels_.push_back({std::move(container), std::nullopt});
        return true;
    }

    bool close() {
        Level level = std::move(levels_.back());
        levels_.pop_back();
        return std::visit([&](auto& container) { return add(Value{std::move(container)}); },
                          level.container);
    }

    bool add(Value value) {
        if (levels_.empty()) {
            root_ = std::move(value);
            return true;
        }
        Level& level = levels_.back();
        if (auto* array = std::get_if<Array>(&level.container)) {
            array->push_back(std::move(value));
        } else if (level.key) {  // the parser has given the key before
            std::get<Object>(level.container).emplace(*std::move(level.key), std::move(value));
            level.key.reset();
        }
        return true;
    }

    bool refuse_number(json::error_code& code) {
        return refuse("codec/bad-number",
                      "Use a whole number within ±9007199254740991, in digits only.", code);
    }

    bool refuse(std::string_view reason, std::string_view message, json::error_code& code) {
        refusal_ = Error{Code::invalid, reason, message_at(pointer(), message)};
        code = json::error::syntax;  // stops the parser; the refusal says why
        return false;
    }

    std::size_t depth_max_;
    std::vector<Level> levels_;
    std::string text_;  ///< the parts so far of the text or number being read
    Value root_;
    std::optional<Error> refusal_;
};

Error bad_json(const Handler& handler, std::size_t octet, std::string_view what) {
    return Error{
        Code::invalid, "codec/bad-json",
        message_at(handler.pointer(), "This is not JSON at octet " + std::to_string(octet) + ": " +
                                          std::string(what) + ".")};
}

}  // namespace

Result<Value> parse_json(std::string_view text, const JsonLimits& limits) {
    if (text.size() > limits.bytes_max) {
        return Error{Code::too_large, "codec/too-large",
                     "The JSON is over " + std::to_string(limits.bytes_max) + " octets."};
    }
    if (const auto bad = first_bad_utf8(text)) {
        return Error{Code::invalid, "codec/bad-utf8",
                     "The JSON is not UTF-8 at octet " + std::to_string(*bad) + "."};
    }
    json::parse_options options;
    options.max_depth = limits.depth_max + 1;  // the handler refuses first, with the place
    options.allow_invalid_utf8 = true;         // checked above
    json::basic_parser<Handler> parser(options, limits.depth_max);
    json::error_code code;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), code);
    Handler& handler = parser.handler();
    if (const auto& refusal = handler.refusal()) return *refusal;
    if (code) return bad_json(handler, read, code.message());
    if (read != text.size()) return bad_json(handler, read, "something follows the end");
    return std::move(handler).take();
}

}  // namespace comity::codec
