// SPDX-License-Identifier: Apache-2.0
#include "store/object_checks.h"

#include <algorithm>

namespace comity::store {
namespace {

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool is_segment(std::string_view segment) {
    return !segment.empty() && segment.front() != '.' &&
           std::all_of(segment.begin(), segment.end(), is_name_character);
}

Error bad_name(std::string_view name) {
    // The name may hold anything; only its length is repeated.
    return Error{Code::invalid, "store/bad-name",
                 "The object name of " + std::to_string(name.size()) +
                     " octets is not a relative path of a-z, 0-9, '.', '_' and '-', without parts "
                     "that are empty or begin with '.', of at most " +
                     std::to_string(object_name_bytes_max) + " octets."};
}

}  // namespace

Result<> check_object_name(std::string_view name) {
    if (name.size() > object_name_bytes_max) return bad_name(name);
    std::string_view rest = name;
    for (auto slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
        if (!is_segment(rest.substr(0, slash))) return bad_name(name);
        rest.remove_prefix(slash + 1);
    }
    if (!is_segment(rest)) return bad_name(name);
    return {};
}

Result<> check_object_prefix(std::string_view prefix) {
    if (prefix.empty()) return {};
    // One that ends in '/' is completed to a name before it is judged.
    return check_object_name(std::string(prefix) + (prefix.back() == '/' ? "a" : ""));
}

Result<> check_object_size(std::size_t size) {
    if (size <= object_bytes_max) return {};
    return Error{Code::too_large, "store/object-too-large",
                 "The object has " + std::to_string(size) + " octets; at most " +
                     std::to_string(object_bytes_max) + " can be kept."};
}

Error object_differs(std::string_view name) {
    return Error{Code::conflict, "store/object-differs",
                 "Other bytes are kept under " + std::string(name) +
                     "; an object never changes, so find out what wrote it."};
}

Error name_taken(std::string_view name) {
    return Error{Code::conflict, "store/name-taken",
                 std::string(name) +
                     " cannot be an object: a part of it is one, or it is a directory of others."};
}

Error no_such_object(std::string_view name) {
    return Error{Code::not_found, "store/no-such-object",
                 "There is no object " + std::string(name) + "."};
}

}  // namespace comity::store
