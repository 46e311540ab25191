// SPDX-License-Identifier: Apache-2.0
#include "store/objects.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <random>
#include <thread>

#include "store/test_directory.h"
#include "store/test_entries.h"

// How we trust objects: one suite over every implementation, with each way of bending a name, and
// random histories compared with a map.

namespace comity::store {
namespace {

struct Implementation {
    std::string name;
    std::function<std::unique_ptr<Objects>(const std::filesystem::path&)> make;
};

class ObjectsContract : public testing::TestWithParam<Implementation> {
protected:
    TestDirectory directory_;
    std::unique_ptr<Objects> objects_ = GetParam().make(directory_.path());
};

using Names = std::vector<std::string>;

TEST_P(ObjectsContract, WhatIsPutIsThereBeforeAndAfterTheFlush) {
    EXPECT_FALSE(*objects_->contains("tile/0/x001/234.p/112"));
    EXPECT_EQ(objects_->get("tile/0/x001/234.p/112").error().reason, "store/no-such-object");
    EXPECT_TRUE(*objects_->put_if_absent("tile/0/x001/234.p/112", bytes_of("abc")));
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(*objects_->contains("tile/0/x001/234.p/112"));
        EXPECT_EQ(*objects_->get("tile/0/x001/234.p/112"), bytes_from("abc"));
        EXPECT_EQ(*objects_->list(""), Names{"tile/0/x001/234.p/112"});
        ASSERT_TRUE(objects_->flush());
    }
}

TEST_P(ObjectsContract, AnObjectNeverChanges) {
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(*objects_->put_if_absent("a/b", bytes_of("one")), i == 0);
        EXPECT_FALSE(*objects_->put_if_absent("a/b", bytes_of("one")));
        for (const std::string_view other : {"", "on", "ona", "ones", "One"}) {
            const auto refused = objects_->put_if_absent("a/b", bytes_of(other));
            ASSERT_FALSE(refused) << other;
            EXPECT_EQ(refused.error().code, Code::conflict);
            EXPECT_EQ(refused.error().reason, "store/object-differs");
        }
        EXPECT_EQ(*objects_->get("a/b"), bytes_from("one"));
        ASSERT_TRUE(objects_->flush());
    }
}

TEST_P(ObjectsContract, ReplaceMovesANameToOtherBytes) {
    ASSERT_TRUE(objects_->replace("checkpoint", bytes_of("1")));
    ASSERT_TRUE(objects_->replace("checkpoint", bytes_of("22")));
    EXPECT_EQ(*objects_->get("checkpoint"), bytes_from("22"));
    ASSERT_TRUE(objects_->put_if_absent("pending", bytes_of("3")));
    ASSERT_TRUE(objects_->replace("pending", bytes_of("4")));
    EXPECT_EQ(*objects_->get("pending"), bytes_from("4"));
    ASSERT_TRUE(objects_->replace("deep/er/checkpoint", bytes_of("5")));
    EXPECT_EQ(*objects_->list("d"), Names{"deep/er/checkpoint"});
}

TEST_P(ObjectsContract, AnEmptyObjectIsAnObject) {
    EXPECT_TRUE(*objects_->put_if_absent("empty", {}));
    ASSERT_TRUE(objects_->flush());
    EXPECT_EQ(*objects_->get("empty"), Bytes());
    EXPECT_FALSE(*objects_->put_if_absent("empty", {}));
}

TEST_P(ObjectsContract, ANameThatIsNoRelativePathIsRefusedEverywhere) {
    using namespace std::string_literals;
    const std::vector<std::string> bad = {
        "",     "/",      "/a",    "a/",       "a//b",    ".",    "..",  "../a",
        "a/..", "a/../b", "a/./b", ".tmp/x",   ".hidden", "a/.b", "A",   "a b",
        "a\\b", "a\nb",   "a\0b"s, "\xc3\xa9", "a%2fb",   "~",    "a:b", std::string(256, 'a'),
    };
    for (const std::string& name : bad) {
        EXPECT_EQ(objects_->put_if_absent(name, {}).error().reason, "store/bad-name") << name;
        EXPECT_EQ(objects_->replace(name, {}).error().reason, "store/bad-name") << name;
        EXPECT_EQ(objects_->get(name).error().reason, "store/bad-name") << name;
        EXPECT_EQ(objects_->contains(name).error().reason, "store/bad-name") << name;
    }
    EXPECT_TRUE(objects_->list("")->empty());
    EXPECT_EQ(objects_->list("../").error().reason, "store/bad-name");
    EXPECT_EQ(objects_->list("/").error().reason, "store/bad-name");
    const std::string longest = std::string(127, 'a') + "/" + std::string(127, 'b');
    EXPECT_TRUE(objects_->put_if_absent(longest, {}));
    EXPECT_TRUE(objects_->put_if_absent("0-a_b.c..d/-/_", {}));
}

TEST_P(ObjectsContract, ANameIsNotADirectoryAsWell) {
    ASSERT_TRUE(objects_->put_if_absent("file", {}));
    ASSERT_TRUE(objects_->put_if_absent("dir/below/it", {}));
    for (int i = 0; i < 2; ++i) {
        for (const std::string_view name : {"file/a", "file/a/b", "dir", "dir/below"}) {
            EXPECT_EQ(objects_->put_if_absent(name, {}).error().reason, "store/name-taken") << name;
            EXPECT_EQ(objects_->get(name).error().reason, "store/no-such-object") << name;
            EXPECT_FALSE(*objects_->contains(name)) << name;
        }
        ASSERT_TRUE(objects_->flush());
    }
    EXPECT_EQ(objects_->replace("dir/below", {}).error().reason, "store/name-taken");
    EXPECT_EQ(objects_->replace("file/a", {}).error().reason, "store/name-taken");
    EXPECT_EQ(*objects_->list(""), (Names{"dir/below/it", "file"}));
}

TEST_P(ObjectsContract, AnObjectOverTheBoundIsRefused) {
    const Bytes large(object_bytes_max + 1);
    EXPECT_EQ(objects_->put_if_absent("a", large).error().reason, "store/object-too-large");
    EXPECT_EQ(objects_->replace("a", large).error().code, Code::too_large);
    EXPECT_FALSE(*objects_->contains("a"));
}

TEST_P(ObjectsContract, AListIsSortedAndOfThePrefixAlone) {
    for (const std::string_view name : {"b/2", "b/10", "a", "b.x", "c/d/e", "b/1/z", "bb"}) {
        ASSERT_TRUE(objects_->put_if_absent(name, bytes_of(name)));
    }
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(*objects_->list(""), (Names{"a", "b.x", "b/1/z", "b/10", "b/2", "bb", "c/d/e"}));
        EXPECT_EQ(*objects_->list("b/"), (Names{"b/1/z", "b/10", "b/2"}));
        EXPECT_EQ(*objects_->list("b/1"), (Names{"b/1/z", "b/10"}));
        EXPECT_EQ(*objects_->list("b"), (Names{"b.x", "b/1/z", "b/10", "b/2", "bb"}));
        EXPECT_TRUE(objects_->list("nothing/here/")->empty());
        ASSERT_TRUE(objects_->flush());
    }
}

TEST_P(ObjectsContract, RandomHistoriesAreThoseOfAMap) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        TestDirectory directory;
        const auto objects = GetParam().make(directory.path());
        std::mt19937_64 random(seed);
        std::map<std::string, Bytes> model;
        for (int step = 0; step < 200; ++step) {
            SCOPED_TRACE("seed " + std::to_string(seed) + " step " + std::to_string(step));
            const std::string name =
                "d" + std::to_string(random() % 3) + "/" + std::to_string(random() % 9);
            const Bytes octets = bytes_from(std::to_string(random() % 3));
            const auto known = model.find(name);
            switch (random() % 8) {
                case 0:
                    ASSERT_TRUE(objects->flush());
                    break;
                case 1:
                    ASSERT_TRUE(objects->replace(name, octets));
                    model[name] = octets;
                    break;
                default: {
                    const auto put = objects->put_if_absent(name, octets);
                    ASSERT_EQ(put.has_value(), known == model.end() || known->second == octets);
                    if (put) {
                        ASSERT_EQ(*put, known == model.end());
                        model.emplace(name, octets);
                    }
                }
            }
            Names names;
            for (const auto& [present, value] : model) {
                names.push_back(present);
                ASSERT_EQ(*objects->get(present), value);
            }
            ASSERT_EQ(*objects->list(""), names);
        }
    }
}

TEST_P(ObjectsContract, RacingWritersOfOneNameLeaveOneWinner) {
    constexpr int rounds = 20;
    std::vector<std::atomic<int>> wins(rounds);
    std::atomic<bool> failed = false;
    const auto write = [&](const std::string& octets) {
        for (std::size_t i = 0; i < rounds; ++i) {
            const auto name = "race/" + std::to_string(i);
            const auto put = objects_->put_if_absent(name, bytes_of(octets));
            if (put && *put) ++wins[i];
            if (!put && put.error().reason != "store/object-differs") failed = true;
            if (!objects_->get(name) || !objects_->flush()) failed = true;
        }
    };
    {
        const std::jthread one(write, "1");
        const std::jthread two(write, "2");
        const std::jthread three(write, "1");
    }
    EXPECT_FALSE(failed);
    for (const auto& won : wins) EXPECT_EQ(won, 1);
}

std::unique_ptr<Objects> directory_in(const std::filesystem::path& directory) {
    auto objects = open_directory_objects(directory / "objects");
    return objects ? std::move(objects).value() : nullptr;
}

INSTANTIATE_TEST_SUITE_P(
    AllObjects, ObjectsContract,
    testing::Values(Implementation{"memory", [](const auto&) { return make_memory_objects(); }},
                    Implementation{"directory", directory_in}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace comity::store
