// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "store/objects.h"
#include "store/test_directory.h"
#include "store/test_entries.h"

// How we trust the directory beyond the contract: another process looks at it, writers are killed
// in the middle, and what they leave is looked at file by file.

namespace comity::store {
namespace {

namespace fs = std::filesystem;

class DirectoryObjects : public testing::Test {
protected:
    std::unique_ptr<Objects> open() const {
        auto objects = open_directory_objects(root_);
        EXPECT_TRUE(objects) << objects.error().message;
        return objects ? std::move(objects).value() : nullptr;
    }

    std::size_t temporaries() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(root_ / ".tmp"), fs::directory_iterator()));
    }

    TestDirectory directory_;
    fs::path root_ = directory_.path() / "objects";
};

TEST_F(DirectoryObjects, OthersSeeAnObjectAfterTheFlushAndNotBefore) {
    const auto objects = open();
    ASSERT_TRUE(objects->put_if_absent("a/b", bytes_of("1")));
    const auto other = open();
    EXPECT_FALSE(fs::exists(root_ / "a"));
    EXPECT_FALSE(*other->contains("a/b"));
    ASSERT_TRUE(objects->flush());
    EXPECT_EQ(*other->get("a/b"), bytes_from("1"));
    EXPECT_EQ(fs::file_size(root_ / "a" / "b"), 1U);
    EXPECT_EQ(temporaries(), 0U);
}

TEST_F(DirectoryObjects, ReplaceFlushesWhatWasPutBefore) {
    const auto objects = open();
    ASSERT_TRUE(objects->put_if_absent("tile", bytes_of("1")));
    ASSERT_TRUE(objects->replace("checkpoint", bytes_of("2")));
    EXPECT_TRUE(fs::exists(root_ / "tile"));
    EXPECT_TRUE(fs::exists(root_ / "checkpoint"));
}

TEST_F(DirectoryObjects, WhatIsPutInGreatNumberIsFlushedInBetween) {
    const auto objects = open();
    for (int i = 0; i < 300; ++i) {
        ASSERT_TRUE(objects->put_if_absent("t/" + std::to_string(i), bytes_of("x")));
    }
    EXPECT_TRUE(fs::exists(root_ / "t" / "0"));
    EXPECT_FALSE(fs::exists(root_ / "t" / "299"));
    EXPECT_EQ(objects->list("t/")->size(), 300U);
}

TEST_F(DirectoryObjects, WhatIsNotFlushedIsForgottenWhole) {
    ASSERT_TRUE(open()->put_if_absent("a", bytes_of("1")));
    const auto objects = open();
    EXPECT_FALSE(*objects->contains("a"));
    EXPECT_EQ(temporaries(), 0U);
    EXPECT_TRUE(*objects->put_if_absent("a", bytes_of("2")));
}

TEST_F(DirectoryObjects, LeftoversOfACrashAreCleanedUnlessSomeoneElseWrites) {
    {
        const auto objects = open();
    }
    std::ofstream(root_ / ".tmp" / "leftover") << "x";
    {
        const auto objects = open();
        EXPECT_EQ(temporaries(), 0U);
        std::ofstream(root_ / ".tmp" / "in-use") << "x";
        const auto other = open();
        EXPECT_EQ(temporaries(), 1U);
    }
    const auto objects = open();
    EXPECT_EQ(temporaries(), 0U);
    EXPECT_TRUE(objects->list("")->empty());
}

TEST_F(DirectoryObjects, TwoWritersOfOneNameMeetAtTheFlush) {
    const auto one = open();
    const auto two = open();
    ASSERT_TRUE(*one->put_if_absent("same", bytes_of("1")));
    ASSERT_TRUE(*two->put_if_absent("same", bytes_of("1")));
    ASSERT_TRUE(*one->put_if_absent("tile", bytes_of("1")));
    ASSERT_TRUE(*two->put_if_absent("tile", bytes_of("2")));
    EXPECT_TRUE(one->flush());
    EXPECT_EQ(two->flush().error().reason, "store/object-differs");
    EXPECT_EQ(*one->get("tile"), bytes_from("1"));
}

TEST_F(DirectoryObjects, LinksAreNotFollowed) {
    std::ofstream(directory_.path() / "secret") << "s";
    const auto objects = open();
    fs::create_symlink(directory_.path() / "secret", root_ / "link");
    EXPECT_EQ(objects->get("link").error().reason, "store/no-such-object");
    EXPECT_FALSE(*objects->contains("link"));
    EXPECT_TRUE(objects->list("")->empty());
    EXPECT_EQ(objects->put_if_absent("link", bytes_of("s")).error().reason, "store/name-taken");
    EXPECT_EQ(objects->replace("link", bytes_of("s")).error().reason, "store/name-taken");
}

TEST_F(DirectoryObjects, APathThatCannotBeADirectoryIsRefused) {
    std::ofstream(directory_.path() / "file") << "x";
    root_ = directory_.path() / "file";
    EXPECT_EQ(open_directory_objects(root_).error().reason, "store/cannot-open");
    EXPECT_EQ(open_directory_objects(root_ / "below").error().reason, "store/cannot-open");
}

std::string octets_of_tile(std::uint64_t number) {
    return std::string(1'000 + number % 500, static_cast<char>('a' + number % 26));
}

[[noreturn]] void publish_for_ever(const fs::path& root, int acknowledgements) {
    const auto objects = open_directory_objects(root);
    if (!objects) ::_exit(1);
    for (std::uint64_t next = 0;; ++next) {
        const std::string name = "tile/" + std::to_string(next % 7) + "/" + std::to_string(next);
        if (!(*objects)->put_if_absent(name, bytes_of(octets_of_tile(next)))) ::_exit(2);
        if (next % 20 != 19) continue;
        if (!(*objects)->replace("checkpoint", bytes_of(std::to_string(next)))) ::_exit(3);
        if (::write(acknowledgements, &next, sizeof next) != sizeof next) ::_exit(4);
    }
}

/// Every tile up to the checkpoint is there, and every tile that is there is whole.
void expect_whole(const Objects& objects, std::uint64_t acknowledged) {
    const auto checkpoint = objects.get("checkpoint");
    std::uint64_t published = 0;
    if (checkpoint) {
        std::string text;
        for (const std::byte octet : *checkpoint) text += static_cast<char>(octet);
        published = std::stoull(text) + 1;
    }
    EXPECT_GE(published, acknowledged);
    std::uint64_t found = 0;
    for (const std::string& name : *objects.list("tile/")) {
        const std::uint64_t number = std::stoull(name.substr(name.rfind('/') + 1));
        EXPECT_EQ(*objects.get(name), bytes_from(octets_of_tile(number)));
        if (number < published) ++found;
    }
    EXPECT_EQ(found, published);
}

TEST_F(DirectoryObjects, AWriterKilledAtAnyMomentLeavesWholeObjectsAndATrueCheckpoint) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 10; ++round) {
        std::array<int, 2> ends{};
        ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
        const pid_t child = ::fork();
        if (child == 0) publish_for_ever(root_, ends[1]);
        ::close(ends[1]);
        std::uint64_t last = 0;
        std::uint64_t acknowledged = 0;
        const auto read_one = [&] {
            const bool read = ::read(ends[0], &last, sizeof last) == sizeof last;
            if (read) acknowledged = last + 1;
            return read;
        };
        for (std::uint64_t left = random() % 5; left > 0 && read_one();) --left;
        ::usleep(static_cast<useconds_t>(random() % 5'000));
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
        while (read_one()) continue;
        ::close(ends[0]);
        expect_whole(*open(), acknowledged);
        EXPECT_EQ(temporaries(), 0U);
    }
}

}  // namespace
}  // namespace comity::store
