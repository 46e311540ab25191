// SPDX-License-Identifier: Apache-2.0
//
// comity lottery: draws that anyone repeats without a node.

#include "base/hex.h"
#include "cli/answer.h"
#include "cli/commands.h"
#include "exchange/rfc3797.h"

namespace comity::cli {
namespace {

struct LotteryArguments {
    std::uint32_t pool = 0;
    std::uint32_t draws = 0;
    std::vector<std::string> sources;
};

codec::Value to_value(const exchange::Rfc3797Draw& draw) {
    codec::Array steps;
    steps.reserve(draw.steps.size());
    for (const exchange::Rfc3797Step& step : draw.steps) {
        steps.push_back(codec::Value{codec::Object{
            {"md5", {to_hex(step.digest)}},
            {"remaining", {static_cast<std::int64_t>(step.remaining)}},
            {"picked", {static_cast<std::int64_t>(step.picked)}},
        }});
    }
    return codec::Value{
        codec::Object{{"key_string", {draw.key_string}}, {"steps", {std::move(steps)}}}};
}

Result<> draw_rfc3797(const Session& session, const LotteryArguments& a) {
    const exchange::Rfc3797Draw draw = TRY(exchange::rfc3797_draw(a.pool, a.draws, a.sources));
    if (session.json) {
        print(to_value(draw), true);
        return {};
    }
    print_line("Key string: " + draw.key_string);
    Table table{.headings = {"step", "picked", "of", "MD5"}, .rows = {}};
    table.rows.reserve(draw.steps.size());
    for (const exchange::Rfc3797Step& step : draw.steps) {
        table.rows.push_back({std::to_string(table.rows.size() + 1), std::to_string(step.picked),
                              std::to_string(step.remaining), to_hex(step.digest)});
    }
    print_line(table.text());
    return {};
}

}  // namespace

void add_lottery_commands(CLI::App& app, Session& session) {
    const auto a = std::make_shared<LotteryArguments>();
    auto* noun = app.add_subcommand("lottery", "Repeat a draw of lots from what was published");
    noun->require_subcommand(1);
    auto* rfc3797 = noun->add_subcommand(
        "rfc3797", "Draw from a numbered pool with published numbers, as RFC 3797 does");
    rfc3797->add_option("--pool", a->pool, "How many stand in the pool, numbered from 1")
        ->required();
    rfc3797->add_option("--draw", a->draws, "How many to draw")->required();
    rfc3797
        ->add_option("sources", a->sources,
                     "The numbers of each source as one word: 9319 \"2 5 12 8 10\"")
        ->required();
    rfc3797->callback(
        [&session, a] { session.action = [&session, a] { return draw_rfc3797(session, *a); }; });
}

}  // namespace comity::cli
