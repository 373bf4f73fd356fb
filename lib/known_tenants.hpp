#pragma once

#include <lvng/crm/id.hpp>

#include <cstddef>
#include <mutex>
#include <new>
#include <unordered_set>

namespace lvng::crm::inline v0 {

/// Which tenants this process has already noted in its store. Forgets all of them when they have
/// grown too many; that costs a statement each. Safe to share.
class KnownTenants {
public:
    [[nodiscard]] bool knows(const TenantId& tenant) const {
        const std::scoped_lock lock{mutex_};
        return known_.contains(tenant);
    }

    // What is called after a commit must not fail: short of memory, it is not remembered.
    void note(const TenantId& tenant) noexcept {
        try {
            const std::scoped_lock lock{mutex_};
            if (known_.size() >= max_known) known_.clear();
            known_.insert(tenant);
        } catch (const std::bad_alloc&) {
        }
    }

private:
    static constexpr std::size_t max_known = 100'000;

    mutable std::mutex mutex_;
    std::unordered_set<TenantId> known_;
};

}  // namespace lvng::crm::inline v0
