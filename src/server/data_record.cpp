// SPDX-License-Identifier: Apache-2.0
//
// The data of entries and of their schemas; docs/use/api.md.

#include "codec/json.h"
#include "record/statement.h"
#include "server/views.h"
#include "state/described.h"
#include "state/effects.h"
#include "state/payload.h"
#include "state/signing.h"

namespace comity::server {
namespace {

std::string_view text_of(const Bytes& octets) {
    return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

EntryRow row_of(std::uint64_t index, const record::StatementHeader& header) {
    return {.index = index,
            .type = state::type_of(header),
            .issuer = header.issuer,
            .subject = header.subject,
            .issued_at = header.issued_at};
}

}  // namespace

Result<std::vector<EntryRow>> entries_view(const Ask& ask, std::uint64_t first,
                                           std::uint64_t last) {
    std::vector<EntryRow> rows;
    const auto entries = TRY(ask.log.read(first, last - first));
    for (std::size_t i = entries.size(); i > 0; --i) {
        const auto statement = TRY(record::parse_statement(entries[i - 1]));
        rows.push_back(row_of(first + i - 1, statement.header));
    }
    return rows;
}

/// Pages are counted from the newest entry. Counted with the state, not the log, which may be
/// ahead of what the rest of the page says.
Result<codec::Value> entries_data(const Ask& ask) {
    const Slice part = TRY(slice(ask, ask.state.size));
    const auto rows =
        TRY(entries_view(ask, ask.state.size - part.last, ask.state.size - part.first));
    codec::Array items;
    for (const EntryRow& row : rows) items.push_back(codec::to_value(row));
    return listing(std::move(items), ask.state.size, part);
}

Result<EntryView> entry_view(const Ask& ask) {
    const std::uint64_t index = TRY(ask.number("n"));
    if (index >= ask.state.size) {
        return Error{Code::not_found, "server/no-such-entry",
                     "The record has " + std::to_string(ask.state.size) + " entries, from 0 to " +
                         std::to_string(ask.state.size - 1) + "."};
    }
    const auto entries = TRY(ask.log.read(index, 1));
    const auto statement = TRY(record::parse_statement(entries[0]));
    const auto& header = statement.header;
    return EntryView{.header = row_of(index, header),
                     .statement_id = record::statement_id(statement),
                     .leaf = TRY(ask.log.leaf(index)),
                     .key_id = header.key_id,
                     .algorithm = header.algorithm,
                     .content_type = header.content_type.text(),
                     .audience = header.audience,
                     .payload = TRY(codec::parse_json(text_of(statement.cose.payload))),
                     .entry = entries[0]};
}

Result<codec::Value> entry_data(const Ask& ask) { return codec::to_value(TRY(entry_view(ask))); }

Result<std::vector<std::uint64_t>> entry_proof(const Ask& ask) {
    return std::vector<std::uint64_t>{TRY(entry_view(ask)).header.index};
}

Result<codec::Value> schema_data(const Ask& ask) {
    auto schema = state::payload_schema(ask.parameters.at("type"));
    if (!schema) schema = state::effect_schema(ask.parameters.at("type"));
    if (schema) return schema;
    std::string known;
    for (const auto& names : {state::statement_types(), state::effect_kinds()}) {
        for (const std::string_view name : names) {
            known += (known.empty() ? "" : ", ") + std::string(name);
        }
    }
    return Error{Code::not_found, "state/unknown-type",
                 "No statement and no effect is called that; known are " + known + "."};
}

}  // namespace comity::server
