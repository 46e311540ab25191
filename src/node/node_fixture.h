// SPDX-License-Identifier: Apache-2.0
#pragma once

// For tests only: a node over memory on the small institution of state/testing.h.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "node/node.h"
#include "state/testing.h"

namespace comity::node {

inline NodeKeys test_keys() {
    return {.operator_key = state::testing::key_of("operator-office"),
            .checkpoint_key = state::testing::key_of("checkpoint"),
            .receipt_key = state::testing::receipt_key()};
}

/// A node over memory, founded, with everybody's keys and as many needs as asked.
struct Fixture {
    std::unique_ptr<store::Log> log = store::make_memory_log();
    std::unique_ptr<store::Objects> objects = store::make_memory_objects();
    std::unique_ptr<Node> node;

    Fixture() {
        EXPECT_TRUE(found(*log, state::testing::test_founding(), state::testing::test_charter(),
                          test_keys()));
        open();
    }

    void open() {
        node.reset();
        auto opened = Node::open(*log, objects.get(), test_keys(), {.snapshot_every_entries = 50});
        ASSERT_TRUE(opened) << opened.error().message;
        node = std::move(opened).value();
    }

    /// Enters the acts of a whole path, which were signed for this very record.
    void enter_all(const state::testing::World& world) {
        for (std::size_t i = 2; i < world.entries.size(); ++i) {
            const auto accepted = node->submit(world.entries[i]);
            ASSERT_TRUE(accepted) << i << ": " << accepted.error().message;
        }
    }

    Digest root() const {
        return node->read([](const state::State& state) { return state::state_root(state); });
    }
};

inline Bytes need_entry(std::string_view name) {
    return state::testing::signed_entry(
        "exchange.need", "anor", "need/" + std::string(name),
        state::payload_json(state::testing::test_need(name, "XAA", 1)),
        state::testing::key_of("anor"));
}

/// A record of about a thousand entries with a whole path in it, as it is published.
class Published : public ::testing::Test {
public:
    static Fixture& fixture() {
        static Fixture* const made = [] {
            auto* f = new Fixture;  // lives as long as the test program
            f->enter_all(state::testing::full_world());
            for (int i = 0; i < 980; ++i) {
                const auto entered = f->node->submit(need_entry("filler-" + std::to_string(i)));
                EXPECT_TRUE(entered);
            }
            EXPECT_TRUE(f->node->log_state_root());
            return f;
        }();
        return *made;
    }

    static std::uint64_t confirmation() {
        return fixture().node->read([](const state::State& state) {
            return state.exchange.deliveries
                .at(state::testing::id<exchange::DeliveryId>("delivery"))
                .arrivals.back()
                .entry;
        });
    }
};

}  // namespace comity::node
