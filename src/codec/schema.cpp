// SPDX-License-Identifier: Apache-2.0
#include "codec/schema.h"

#include <algorithm>

namespace comity::codec::detail {
namespace {

constexpr std::int64_t json_number_max = 9'007'199'254'740'991;  // 2^53 - 1

Value text(std::string_view content) { return Value{std::string(content)}; }

}  // namespace

Value simple_schema(std::string_view type) { return Value{Object{{"type", text(type)}}}; }

Value text_schema(std::string_view pattern) {
    Object schema{{"type", text("string")}};
    if (!pattern.empty()) schema.emplace("pattern", text(pattern));
    return Value{std::move(schema)};
}

Value number_schema(std::int64_t min, std::int64_t max) {
    return Value{Object{{"type", text("integer")},
                        {"minimum", Value{std::max(min, -json_number_max)}},
                        {"maximum", Value{std::min(max, json_number_max)}}}};
}

Value octets_schema() {
    return Value{Object{{"type", text("string")},
                        {"contentEncoding", text("base64url")},
                        {"pattern", text("^[A-Za-z0-9_-]*$")}}};
}

Value enum_schema(const std::vector<std::string_view>& names) {
    Array values;
    for (const std::string_view name : names) values.push_back(text(name));
    return Value{Object{{"type", text("string")}, {"enum", Value{std::move(values)}}}};
}

Value map_schema(Value element, std::string_view key_pattern) {
    Object schema{{"type", text("object")}, {"additionalProperties", std::move(element)}};
    if (!key_pattern.empty()) {
        schema.emplace("propertyNames", Value{Object{{"pattern", text(key_pattern)}}});
    }
    return Value{std::move(schema)};
}

Value array_schema(Value element, const ArrayShape& shape) {
    Object schema{{"type", text("array")}, {"items", std::move(element)}};
    if (shape.count) {
        const Value count{static_cast<std::int64_t>(*shape.count)};
        schema.emplace("minItems", count);
        schema.emplace("maxItems", count);
    }
    if (shape.is_unique) schema.emplace("uniqueItems", Value{true});
    return Value{std::move(schema)};
}

Value struct_schema(Object properties, Array required, std::string_view kind) {
    if (!kind.empty()) {
        const bool is_new = properties.emplace("kind", Value{Object{{"const", text(kind)}}}).second;
        COMITY_CHECK(is_new);
        required.insert(required.begin(), text("kind"));
    }
    return Value{Object{{"type", text("object")},
                        {"properties", Value{std::move(properties)}},
                        {"required", Value{std::move(required)}},
                        {"additionalProperties", Value{false}}}};
}

Value one_of_schema(Array alternatives) {
    return Value{Object{{"oneOf", Value{std::move(alternatives)}}}};
}

Value root_schema(Value schema) {
    const Object* keywords = schema.as<Object>();
    if (keywords == nullptr) return schema;
    Object root = *keywords;
    root.emplace("$schema", text("https://json-schema.org/draft/2020-12/schema"));
    return Value{std::move(root)};
}

}  // namespace comity::codec::detail
