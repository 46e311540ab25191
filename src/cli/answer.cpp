// SPDX-License-Identifier: Apache-2.0
#include "cli/answer.h"

#include <algorithm>

#include "base/language.h"

namespace comity::cli {
namespace {

constexpr std::string_view nothing = "-";
constexpr std::string_view gap = "  ";

/// Control characters become spaces: U+0000 to U+001F, and U+007F to U+009F, of which UTF-8 writes
/// those from U+0080 as C2 80 to C2 9F.
std::string without_controls(std::string_view text, bool keep_lines) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto octet = static_cast<unsigned char>(text[i]);
        const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : ' ');
        if (octet == 0xc2 && next >= 0x80 && next < 0xa0) {
            out += ' ';
            ++i;
        } else {
            const bool is_kept = keep_lines && text[i] == '\n';
            out += !is_kept && (octet < 0x20 || octet == 0x7f) ? ' ' : text[i];
        }
    }
    return out;
}

std::string harmless(std::string_view text) { return without_controls(text, false); }

/// Characters, as most scripts show one in each column: octets that do not continue another.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
    }));
}

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Null if there is none.
const codec::Value* member_of(const codec::Value& value, const std::string& name) {
    const auto* object = value.as<codec::Object>();
    if (object == nullptr) return nullptr;
    const auto found = object->find(name);
    return found == object->end() ? nullptr : &found->second;
}

std::string padding(std::size_t wanted, std::string_view text) {
    const std::size_t taken = width(text);
    return std::string(wanted > taken ? wanted - taken : 0, ' ');
}

}  // namespace

std::string printable(std::string_view lines) { return without_controls(lines, true); }

Languages languages_of(std::string_view chosen, std::string_view locale) {
    std::string tag(chosen);
    if (tag.empty()) {
        tag = locale.substr(0, locale.find_first_of(".@"));
        std::replace(tag.begin(), tag.end(), '_', '-');
    }
    Languages languages;
    if (LanguageTag::parse(tag)) {
        languages.push_back(tag);
        if (const auto end = tag.find('-'); end != std::string::npos) {
            languages.push_back(tag.substr(0, end));
        }
    }
    languages.emplace_back("en");
    return languages;
}

std::string in_language(const codec::Value& texts, const Languages& languages) {
    const auto* by_language = texts.as<codec::Object>();
    if (by_language == nullptr || by_language->empty()) return {};
    const codec::Value* chosen = &by_language->begin()->second;
    for (const std::string& language : languages) {
        const auto found = by_language->find(language);
        if (found == by_language->end()) continue;
        chosen = &found->second;
        break;
    }
    const auto* text = chosen->as<std::string>();
    return text == nullptr ? std::string() : harmless(*text);
}

Answer Answer::part(std::string_view path) const {
    const codec::Value* at = value_;
    while (at != nullptr && !path.empty()) {
        const std::size_t end = path.find('.');
        at = member_of(*at, std::string(path.substr(0, end)));
        path = end == std::string_view::npos ? std::string_view() : path.substr(end + 1);
    }
    return {at, languages_};
}

std::string Answer::text() const {
    std::string text;
    if (value_ == nullptr) return std::string(nothing);
    if (const auto* words = value_->as<std::string>()) {
        text = harmless(*words);
    } else if (const auto* count = value_->as<std::int64_t>()) {
        text = std::to_string(*count);
    } else if (const auto* fact = value_->as<bool>()) {
        text = *fact ? "yes" : "no";
    } else if (value_->as<codec::Array>() != nullptr) {
        for (const Answer& element : elements("")) {
            text += (text.empty() ? "" : ", ") + element.text();
        }
    } else {
        text = in_language(*value_, *languages_);
    }
    return text.empty() ? std::string(nothing) : text;
}

std::string Answer::word(std::string_view path) const {
    std::string word = at(path);
    std::replace(word.begin(), word.end(), '_', ' ');
    return word;
}

std::int64_t Answer::number(std::string_view path) const {
    const codec::Value* value = part(path).value_;
    const auto* count = value == nullptr ? nullptr : value->as<std::int64_t>();
    return count == nullptr ? 0 : *count;
}

bool Answer::is_true(std::string_view path) const {
    const codec::Value* value = part(path).value_;
    const auto* fact = value == nullptr ? nullptr : value->as<bool>();
    return fact != nullptr && *fact;
}

std::vector<Answer> Answer::elements(std::string_view path) const {
    std::vector<Answer> elements;
    const codec::Value* value = part(path).value_;
    const auto* array = value == nullptr ? nullptr : value->as<codec::Array>();
    if (array == nullptr) return elements;
    for (const codec::Value& element : *array) elements.emplace_back(element, *languages_);
    return elements;
}

std::vector<std::pair<std::string, Answer>> Answer::members(std::string_view path) const {
    std::vector<std::pair<std::string, Answer>> members;
    const codec::Value* value = part(path).value_;
    const auto* object = value == nullptr ? nullptr : value->as<codec::Object>();
    if (object == nullptr) return members;
    for (const auto& [name, member] : *object) {
        members.emplace_back(harmless(name), Answer(member, *languages_));
    }
    return members;
}

std::string units(std::int64_t count) {
    return std::to_string(count) + (count == 1 ? " unit" : " units");
}

std::string Table::text() const {
    std::vector<std::size_t> widths;
    std::vector<bool> stands_right;
    for (std::size_t column = 0; column < headings.size(); ++column) {
        std::size_t widest = width(headings[column]);
        bool has_numbers = false;
        bool has_words = false;
        for (const auto& row : rows) {
            widest = std::max(widest, width(row[column]));
            has_numbers = has_numbers || is_number(row[column]);
            has_words = has_words || (!is_number(row[column]) && row[column] != nothing);
        }
        widths.push_back(widest);
        stands_right.push_back(has_numbers && !has_words);
    }
    const auto line = [&](const std::vector<std::string>& cells) {
        std::string text;
        for (std::size_t column = 0; column < cells.size(); ++column) {
            if (column > 0) text += gap;
            const std::string space = padding(widths[column], cells[column]);
            const bool is_last = column + 1 == cells.size();
            if (stands_right[column]) {
                text += space + cells[column];
            } else {
                text += cells[column] + (is_last ? "" : space);
            }
        }
        return text + "\n";
    };
    std::string text = line(headings);
    for (const auto& row : rows) text += line(row);
    return text;
}

std::string text_of(const Facts& facts) {
    std::size_t widest = 0;
    for (const auto& [label, fact] : facts) widest = std::max(widest, width(label));
    std::string text;
    for (const auto& [label, fact] : facts) {
        text.append(label).append(padding(widest, label)).append(gap).append(fact).append("\n");
    }
    return text;
}

std::string below(const Table& table) {
    return table.rows.empty() ? std::string() : "\n" + table.text();
}

}  // namespace comity::cli
