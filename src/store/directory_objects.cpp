// SPDX-License-Identifier: Apache-2.0

// Objects as files. What is put is written to `.tmp` first, and takes its name only after its
// octets are on the disk, so no name ever leads to a part. Flushing is done for many at once: the
// kernel is asked to begin writing all of them, and then waited for one by one, which costs about a
// tenth of a millisecond a file instead of several.

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "store/durable_file.h"
#include "store/object_checks.h"
#include "store/objects.h"

namespace comity::store {
namespace {

namespace fs = std::filesystem;

// Accepted but not yet flushed; each keeps a descriptor, of which a process has about a thousand.
constexpr std::size_t pending_objects_max = 256;

/// A file in `.tmp`, removed with the object unless it was given its name.
class Temporary {
public:
    Temporary(fs::path path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}
    Temporary(Temporary&& other) noexcept
        : path_(std::exchange(other.path_, {})), file_(std::move(other.file_)) {}
    Temporary& operator=(Temporary&&) = delete;
    ~Temporary() {
        if (!path_.empty()) (void)::unlink(path_.c_str());  // else cleaned at the next opening
    }

    /// Errors: "store/disk-full", "store/io-error".
    static Result<Temporary> write(const fs::path& directory, BytesView octets) {
        std::string path = (directory / "XXXXXX").string();
        Descriptor file(::mkostemp(path.data(), O_CLOEXEC));
        if (!file.is_open()) return system_error(errno, "create a file in", directory);
        Temporary temporary(path, std::move(file));
        if (::fchmod(temporary.file_.number(), 0644) != 0) {
            return system_error(errno, "set the permissions of", path);
        }
        TRY(write_all(temporary.file_, octets, path));
        return temporary;
    }

    const fs::path& path() const { return path_; }
    const Descriptor& file() const { return file_; }
    void was_renamed() { path_.clear(); }

private:
    fs::path path_;
    Descriptor file_;
};

/// The octets of a regular file, or none if there is no such file. Links are not followed: they
/// could lead out of the directory.
Result<std::optional<Bytes>> load(const fs::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file.is_open()) {
        if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return std::optional<Bytes>();
        return system_error(errno, "open", path);
    }
    struct stat status{};
    if (::fstat(file.number(), &status) != 0) return system_error(errno, "read", path);
    if (!S_ISREG(status.st_mode)) return std::optional<Bytes>();
    return std::optional(TRY(read_all(file, object_bytes_max, path)));
}

bool same_octets(const Bytes& present, BytesView octets) {
    return std::equal(present.begin(), present.end(), octets.begin(), octets.end());
}

class DirectoryObjects final : public Objects {
public:
    DirectoryObjects(fs::path root, fs::path temporaries, Descriptor lock)
        : root_(std::move(root)), temporaries_(std::move(temporaries)), lock_(std::move(lock)) {}

    Result<bool> put_if_absent(std::string_view name, BytesView octets) override {
        TRY(check_object_name(name));
        TRY(check_object_size(octets.size()));
        const std::lock_guard lock(mutex_);
        TRY(check_not_broken());
        const std::optional<Bytes> present = TRY(load_locked(name));
        if (present) {
            if (same_octets(*present, octets)) return false;
            return object_differs(name);
        }
        TRY(check_free(name));
        Temporary temporary = TRY(Temporary::write(temporaries_, octets));
        pending_.emplace(std::string(name), std::move(temporary));
        if (pending_.size() >= pending_objects_max) TRY(flush_locked());
        return true;
    }

    Result<> replace(std::string_view name, BytesView octets) override {
        TRY(check_object_name(name));
        TRY(check_object_size(octets.size()));
        const std::lock_guard lock(mutex_);
        TRY(flush_locked());
        TRY(check_free(name));
        Temporary temporary = TRY(Temporary::write(temporaries_, octets));
        TRY(sync_file(temporary));
        TRY(create_parents(name));
        const fs::path path = root_ / name;
        if (::rename(temporary.path().c_str(), path.c_str()) != 0) {
            return system_error(errno, "write", path);
        }
        temporary.was_renamed();
        return sync_directories();
    }

    Result<Bytes> get(std::string_view name) const override {
        TRY(check_object_name(name));
        std::optional<Bytes> octets = TRY(load_pending(name));
        if (!octets) octets = TRY(load(root_ / name));
        if (!octets) return no_such_object(name);
        return *std::move(octets);
    }

    Result<bool> contains(std::string_view name) const override {
        TRY(check_object_name(name));
        {
            const std::lock_guard lock(mutex_);
            if (pending_.contains(name)) return true;
        }
        return is_object(root_ / name);
    }

    Result<std::vector<std::string>> list(std::string_view prefix) const override {
        TRY(check_object_prefix(prefix));
        std::set<std::string> names;
        {
            const std::lock_guard lock(mutex_);
            for (const auto& [name, temporary] : pending_) {
                if (name.starts_with(prefix)) names.insert(name);
            }
        }
        const auto slash = prefix.rfind('/');
        const std::string_view directory =
            slash == std::string_view::npos ? "" : prefix.substr(0, slash);
        TRY(add_names(directory, prefix, names));
        return std::vector<std::string>(names.begin(), names.end());
    }

    Result<> flush() override {
        const std::lock_guard lock(mutex_);
        return flush_locked();
    }

private:
    Result<> check_not_broken() const {
        if (!broken_) return {};
        return Error{Code::unavailable, "store/broken",
                     "Writing to " + root_.string() +
                         " has failed before; check the disk and restart the program."};
    }

    Result<std::optional<Bytes>> load_locked(std::string_view name) const {
        const auto found = pending_.find(name);
        return load(found == pending_.end() ? root_ / name : found->second.path());
    }

    /// None if `name` is not pending.
    Result<std::optional<Bytes>> load_pending(std::string_view name) const {
        const std::lock_guard lock(mutex_);
        if (!pending_.contains(name)) return std::optional<Bytes>();
        return load_locked(name);
    }

    static bool is_object(const fs::path& path) {
        struct stat status{};
        return ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
    }

    /// Checks that `name` can become an object: no part of it is one, and it is no directory.
    Result<> check_free(std::string_view name) const {
        if (clashes_with(pending_, name)) return name_taken(name);
        for (auto slash = name.find('/'); slash != std::string_view::npos;
             slash = name.find('/', slash + 1)) {
            struct stat status{};
            const fs::path part = root_ / name.substr(0, slash);
            if (::stat(part.c_str(), &status) != 0) return {};  // nothing there, nor below
            if (!S_ISDIR(status.st_mode)) return name_taken(name);
        }
        struct stat status{};
        const fs::path path = root_ / name;
        if (::lstat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
            return name_taken(name);
        }
        return {};
    }

    /// After a failed flush the kernel may have dropped the octets: no more writing.
    Result<> sync_file(const Temporary& temporary) {
        if (::fsync(temporary.file().number()) == 0) return {};
        broken_ = true;
        return system_error(errno, "flush", temporary.path());
    }

    Result<> create_parents(std::string_view name) {
        fs::path parent = root_;
        for (auto slash = name.find('/'); slash != std::string_view::npos;
             slash = name.find('/', slash + 1)) {
            const fs::path part = root_ / name.substr(0, slash);
            if (::mkdir(part.c_str(), 0755) == 0) {
                unsynced_directories_.insert(parent);
            } else if (errno == ENOTDIR) {
                return name_taken(name);
            } else if (errno != EEXIST) {
                return system_error(errno, "create the directory", part);
            }
            parent = part;
        }
        unsynced_directories_.insert(parent);
        return {};
    }

    Result<> give_name(const std::string& name, Temporary& temporary) {
        TRY(create_parents(name));
        const fs::path path = root_ / name;
        if (::renameat2(AT_FDCWD, temporary.path().c_str(), AT_FDCWD, path.c_str(),
                        RENAME_NOREPLACE) == 0) {
            temporary.was_renamed();
            return {};
        }
        if (errno == ENOTDIR) return name_taken(name);
        if (errno != EEXIST) return system_error(errno, "write", path);
        // Another process was faster.
        const std::optional<Bytes> theirs = TRY(load(path));
        const std::optional<Bytes> ours = TRY(load(temporary.path()));
        if (!theirs) return name_taken(name);
        if (theirs != ours) return object_differs(name);
        return {};
    }

    Result<> flush_locked() {
        TRY(check_not_broken());
        for (const auto& [name, temporary] : pending_) {
            // A start, no promise: whether it succeeds is for fsync to say.
            (void)::sync_file_range(temporary.file().number(), 0, 0, SYNC_FILE_RANGE_WRITE);
        }
        for (const auto& [name, temporary] : pending_) TRY(sync_file(temporary));
        for (auto next = pending_.begin(); next != pending_.end(); next = pending_.erase(next)) {
            TRY(give_name(next->first, next->second));
        }
        return sync_directories();
    }

    Result<> sync_directories() {
        while (!unsynced_directories_.empty()) {
            const Result<> synced = sync_directory(*unsynced_directories_.begin());
            broken_ = broken_ || !synced;
            if (!synced) return synced;
            unsynced_directories_.erase(unsynced_directories_.begin());
        }
        return {};
    }

    Result<> add_names(std::string_view directory, std::string_view prefix,
                       std::set<std::string>& names) const {
        std::error_code failed;
        fs::recursive_directory_iterator at(root_ / directory, failed);
        const fs::recursive_directory_iterator end;
        for (; !failed && at != end; at.increment(failed)) {
            if (at->path().filename().string().starts_with('.')) {
                at.disable_recursion_pending();
                continue;
            }
            std::error_code gone;
            if (at->symlink_status(gone).type() != fs::file_type::regular) continue;
            const std::string name = at->path().lexically_relative(root_).string();
            if (name.starts_with(prefix)) names.insert(name);
        }
        if (failed && failed != std::errc::no_such_file_or_directory &&
            failed != std::errc::not_a_directory) {
            return system_error(failed.value(), "list", root_ / directory);
        }
        return {};
    }

    fs::path root_;
    fs::path temporaries_;
    Descriptor lock_;  // shared: while it is held, nobody cleans `.tmp`
    mutable std::mutex mutex_;
    std::map<std::string, Temporary, std::less<>> pending_;
    std::set<fs::path> unsynced_directories_;
    bool broken_ = false;
};

/// Removes what a crashed writer left, if nobody else has `directory` open.
Result<Descriptor> open_temporaries(const fs::path& directory) {
    Descriptor lock(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!lock.is_open()) return system_error(errno, "open the directory", directory);
    if (::flock(lock.number(), LOCK_EX | LOCK_NB) == 0) {
        std::error_code failed;
        fs::directory_iterator leftover(directory, failed);
        for (; !failed && leftover != fs::directory_iterator(); leftover.increment(failed)) {
            (void)::unlink(leftover->path().c_str());  // what cannot go does no harm
        }
        if (failed) return system_error(failed.value(), "clean", directory);
    }
    if (::flock(lock.number(), LOCK_SH) != 0) return system_error(errno, "lock", directory);
    return lock;
}

}  // namespace

Result<std::unique_ptr<Objects>> open_directory_objects(const std::filesystem::path& directory) {
    std::error_code failed;
    const fs::path root = fs::absolute(directory, failed).lexically_normal();
    const fs::path temporaries = root / ".tmp";
    TRY(create_directories_durably(temporaries));
    Descriptor lock = TRY(open_temporaries(temporaries));
    return std::unique_ptr<Objects>(
        std::make_unique<DirectoryObjects>(root, temporaries, std::move(lock)));
}

}  // namespace comity::store
