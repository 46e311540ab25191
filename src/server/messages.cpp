// SPDX-License-Identifier: Apache-2.0
#include "server/messages.h"

#include <unicode/fmtable.h>
#include <unicode/msgfmt.h>
#include <unicode/unistr.h>
#include <unicode/utf16.h>

#include <map>
#include <mutex>
#include <optional>

#include "base/check.h"
#include "codec/json.h"

namespace comity::server {
namespace {

constexpr std::size_t catalogue_bytes_max = 1'048'576;
constexpr char16_t first_stand_in = 0xE000;  // private use: stands for markup while ICU formats
constexpr std::size_t stand_ins_max = 64;

std::string utf8_of(const icu::UnicodeString& text) {
    std::string utf8;
    text.toUTF8String(utf8);
    return utf8;
}

struct Message {
    std::unique_ptr<icu::MessageFormat> format;
    std::optional<std::string> plain;  // of a message without arguments
};

Result<Message> compiled(const std::string& id, const std::string& pattern) {
    UErrorCode status = U_ZERO_ERROR;
    UParseError where;
    Message message;
    message.format = std::make_unique<icu::MessageFormat>(icu::UnicodeString::fromUTF8(pattern),
                                                          icu::Locale::getEnglish(), where, status);
    if (U_FAILURE(status) != 0) {
        return Error{Code::invalid, "server/bad-message",
                     "The message " + id + " is not ICU MessageFormat; see character " +
                         std::to_string(where.offset) + " of it."};
    }
    if (message.format->usesNamedArguments() == 0) {
        icu::UnicodeString text;
        message.format->format(nullptr, nullptr, 0, text, status);
        message.plain = utf8_of(text);
    }
    return message;
}

/// The text with every stand-in replaced by its markup, and the rest escaped.
Html with_markup(const icu::UnicodeString& text, const std::vector<const Html*>& markup) {
    Html html;
    std::int32_t start = 0;
    for (std::int32_t i = 0; i <= text.length(); ++i) {
        const bool ends = i == text.length();
        const auto number =
            ends ? std::size_t{0} : static_cast<std::size_t>(text.charAt(i)) - first_stand_in;
        if (!ends && number >= markup.size()) continue;
        html += Html::text(utf8_of(text.tempSubStringBetween(start, i)));
        if (!ends) html += *markup[number];
        start = i + 1;
    }
    return html;
}

/// Accented forms of a to z, and of A to Z.
constexpr std::u16string_view accented_small = u"áƀçđéƒĝĥíĵķĺɱñóƥɋŕšţúṽŵẋýž";
constexpr std::u16string_view accented_large = u"ÁƁÇĐÉƑĜĤÍĴĶĹṀÑÓƤɊŔŠŢÚṼŴẊÝŽ";
static_assert(accented_small.size() == 26 && accented_large.size() == 26);

icu::UnicodeString pseudo_of(const icu::UnicodeString& text) {
    icu::UnicodeString pseudo(u"[");
    std::int32_t letters = 0;
    for (std::int32_t i = 0; i < text.length(); ++i) {
        const char16_t c = text.charAt(i);
        if (c >= u'a' && c <= u'z') {
            pseudo.append(accented_small[c - u'a']);
        } else if (c >= u'A' && c <= u'Z') {
            pseudo.append(accented_large[c - u'A']);
        } else {
            pseudo.append(c);
            continue;
        }
        ++letters;
    }
    pseudo.append(u' ');
    for (std::int32_t i = 0; i < letters * 2 / 5; ++i) pseudo.append(u'·');
    return pseudo.append(u']');
}

}  // namespace

struct Catalogue::Impl {
    std::vector<LanguageTag> languages = {LanguageTag::parse("en").value(),
                                          LanguageTag::parse("qps").value()};
    std::map<std::string, Message, std::less<>> messages;
    mutable std::mutex mutex;  // ICU's formats keep caches that are not for several threads

    bool is_pseudo(const LanguageTag& language) const { return language == languages[1]; }

    icu::UnicodeString formatted(const Message& message, std::string_view id,
                                 const Arguments& arguments) const {
        std::vector<icu::UnicodeString> names;
        std::vector<icu::Formattable> values;
        std::size_t markup = 0;
        for (const auto& [name, value] : arguments) {
            names.push_back(icu::UnicodeString::fromUTF8(std::string(name)));
            if (const auto* number = std::get_if<std::int64_t>(&value)) {
                values.emplace_back(*number);
            } else {
                values.emplace_back(icu::UnicodeString(
                    static_cast<UChar32>(first_stand_in + static_cast<char16_t>(markup++))));
            }
        }
        COMITY_CHECK(markup <= stand_ins_max);
        icu::UnicodeString text;
        UErrorCode status = U_ZERO_ERROR;
        {
            const std::lock_guard lock(mutex);
            message.format->format(names.data(), values.data(),
                                   static_cast<std::int32_t>(names.size()), text, status);
        }
        (void)id;
        COMITY_CHECK(U_SUCCESS(status) != 0);
        return text;
    }
};

Catalogue::Catalogue(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Catalogue::~Catalogue() = default;
Catalogue::Catalogue(Catalogue&&) noexcept = default;
Catalogue& Catalogue::operator=(Catalogue&&) noexcept = default;

Result<Catalogue> Catalogue::parse(std::string_view english_json) {
    const codec::Value file =
        TRY(codec::parse_json(english_json, {.bytes_max = catalogue_bytes_max, .depth_max = 2}));
    const auto* messages = file.as<codec::Object>();
    if (messages == nullptr) {
        return Error{Code::invalid, "server/bad-message",
                     "The catalogue is one object of ids and messages."};
    }
    auto impl = std::make_unique<Impl>();
    for (const auto& [id, value] : *messages) {
        const auto* pattern = value.as<std::string>();
        if (pattern == nullptr) {
            return Error{Code::invalid, "server/bad-message", "The message " + id + " is no text."};
        }
        impl->messages.emplace(id, TRY(compiled(id, *pattern)));
    }
    return Catalogue(std::move(impl));
}

const std::vector<LanguageTag>& Catalogue::languages() const { return impl_->languages; }

bool Catalogue::contains(std::string_view id) const { return impl_->messages.contains(id); }

Html Catalogue::message(const LanguageTag& language, std::string_view id,
                        const Arguments& arguments) const {
    const auto found = impl_->messages.find(id);
    if (found == impl_->messages.end()) {
        // Shown instead of aborting: a page with one id in it serves its reader better than none.
        return element("code", Html::text(id));
    }
    const Message& message = found->second;
    const bool is_pseudo = impl_->is_pseudo(language);
    if (message.plain) {
        return Html::text(is_pseudo ? pseudo(*message.plain) : *message.plain);
    }
    icu::UnicodeString text = impl_->formatted(message, id, arguments);
    if (is_pseudo) text = pseudo_of(text);
    std::vector<const Html*> markup;
    for (const auto& [name, value] : arguments) {
        if (const auto* html = std::get_if<Html>(&value)) markup.push_back(html);
    }
    return with_markup(text, markup);
}

std::vector<std::string> Catalogue::ids() const {
    std::vector<std::string> ids;
    ids.reserve(impl_->messages.size());
    for (const auto& [id, message] : impl_->messages) ids.push_back(id);
    return ids;
}

std::string pseudo(std::string_view utf8) {
    return utf8_of(pseudo_of(icu::UnicodeString::fromUTF8(std::string(utf8))));
}

}  // namespace comity::server
