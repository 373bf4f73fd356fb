#pragma once

#include <lvng/crm/principal.hpp>

#include <mutex>
#include <string>
#include <unordered_map>

namespace lvng::crm::inline v0 {

/// Whom this process has already noted in the directory, so that a repeat needs no store.
/// Forgets everybody when it has grown too large; that costs a look-up each. Safe to share.
class KnownUsers {
public:
    [[nodiscard]] bool knows(const Principal& who) const {
        const std::scoped_lock lock{mutex_};
        const auto found = known_.find(owner_key(who));
        return found != known_.end() && found->second == value(who);
    }

    void note(const Principal& who) {
        const std::scoped_lock lock{mutex_};
        if (known_.size() >= max_known) known_.clear();
        known_.insert_or_assign(owner_key(who), value(who));
    }

private:
    static constexpr std::size_t max_known = 100'000;

    // No token's name holds the separator.
    static std::string value(const Principal& who) { return who.name + '\n' + who.email; }

    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::string> known_;
};

}  // namespace lvng::crm::inline v0
