// SPDX-License-Identifier: Apache-2.0
#pragma once

// Catalogue: every sentence that a page says, by id, in the languages that pages are offered in.
//
// Source is one file of ICU MessageFormat per language (messages/en.json, a flat object). The
// pseudo-language `qps` is computed from English: accented, longer and in brackets, so that text
// which is not in the catalogue, or a page which breaks with longer words, shows at a glance.
//
// Arguments are numbers, which ICU writes and counts, or markup, which ICU never sees: a name with
// a quote or a brace in it can neither change the sentence nor the page. Thread-safe.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/language.h"
#include "base/result.h"
#include "server/html.h"

namespace comity::server {

using Argument = std::variant<std::int64_t, Html>;
using Arguments = std::vector<std::pair<std::string_view, Argument>>;

class Catalogue {
public:
    /// Reads and compiles the messages of English. Errors: those of codec::parse_json; invalid
    /// "server/bad-message", naming the id and what is wrong.
    static Result<Catalogue> parse(std::string_view english_json);

    ~Catalogue();
    Catalogue(Catalogue&&) noexcept;
    Catalogue& operator=(Catalogue&&) noexcept;

    /// The languages that pages are offered in: en, qps.
    const std::vector<LanguageTag>& languages() const;

    /// Whether there is a message `id`.
    bool contains(std::string_view id) const;

    /// The message in `language`, one of languages(). An id that is not in the catalogue is a bug,
    /// as is a missing argument.
    Html message(const LanguageTag& language, std::string_view id,
                 const Arguments& arguments = {}) const;

    /// All ids, in order.
    std::vector<std::string> ids() const;

private:
    struct Impl;
    explicit Catalogue(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// `text` as the pseudo-language shows it. Characters of the private use area, which stand for
/// arguments, stay.
std::string pseudo(std::string_view utf8);

}  // namespace comity::server
