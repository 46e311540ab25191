// SPDX-License-Identifier: Apache-2.0

// Objects as a map under a lock: what the directory is compared with.

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "store/object_checks.h"
#include "store/objects.h"

namespace comity::store {
namespace {

class MemoryObjects final : public Objects {
public:
    Result<bool> put_if_absent(std::string_view name, BytesView octets) override {
        TRY(check_object_name(name));
        TRY(check_object_size(octets.size()));
        const std::unique_lock lock(mutex_);
        const auto found = objects_.find(name);
        if (found == objects_.end()) {
            if (clashes_with(objects_, name)) return name_taken(name);
            objects_.emplace(name, Bytes(octets.begin(), octets.end()));
            return true;
        }
        const Bytes& present = found->second;
        if (!std::equal(present.begin(), present.end(), octets.begin(), octets.end())) {
            return object_differs(name);
        }
        return false;
    }

    Result<> replace(std::string_view name, BytesView octets) override {
        TRY(check_object_name(name));
        TRY(check_object_size(octets.size()));
        const std::unique_lock lock(mutex_);
        if (clashes_with(objects_, name)) return name_taken(name);
        objects_.insert_or_assign(std::string(name), Bytes(octets.begin(), octets.end()));
        return {};
    }

    Result<Bytes> get(std::string_view name) const override {
        TRY(check_object_name(name));
        const std::shared_lock lock(mutex_);
        const auto found = objects_.find(name);
        if (found == objects_.end()) return no_such_object(name);
        return found->second;
    }

    Result<bool> contains(std::string_view name) const override {
        TRY(check_object_name(name));
        const std::shared_lock lock(mutex_);
        return objects_.contains(name);
    }

    Result<std::vector<std::string>> list(std::string_view prefix) const override {
        TRY(check_object_prefix(prefix));
        const std::shared_lock lock(mutex_);
        std::vector<std::string> names;
        for (auto at = objects_.lower_bound(prefix);
             at != objects_.end() && at->first.starts_with(prefix); ++at) {
            names.push_back(at->first);
        }
        return names;
    }

    Result<> flush() override { return {}; }

private:
    mutable std::shared_mutex mutex_;
    std::map<std::string, Bytes, std::less<>> objects_;
};

}  // namespace

std::unique_ptr<Objects> make_memory_objects() { return std::make_unique<MemoryObjects>(); }

}  // namespace comity::store
