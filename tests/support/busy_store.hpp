#pragma once

#include "support/forwarding_store.hpp"

#include <lvng/crm/error.hpp>
#include <lvng/crm/sqlite.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace lvng::crm::test {

/// A store in memory that nobody can write to while it is busy. One thread at a time.
class BusyStore final : public ForwardingStore {
public:
    std::unique_ptr<StoreTransaction> begin(const Principal& who, Access access,
                                            Deadline deadline) override {
        if (access == Access::write) refuse_if_busy(deadline);
        return ForwardingStore::begin(who, access, deadline);
    }
    void write(const Principal& who, Deadline deadline, WorkThread thread,
               const std::function<void(StoreTransaction&)>& work) override {
        refuse_if_busy(deadline);
        ForwardingStore::write(who, deadline, thread, work);
    }

    bool busy = false;
    int refused = 0;
    std::chrono::steady_clock::duration time_given{};  ///< to the last one who was refused

private:
    Store& inner() const override { return *store_; }

    void refuse_if_busy(Deadline deadline) {
        if (!busy) return;
        ++refused;
        time_given = deadline - std::chrono::steady_clock::now();
        throw Error{ErrorCode::unavailable, "others kept the store busy"};
    }

    std::unique_ptr<Store> store_ = sqlite_store({.path = ":memory:"});
};

}  // namespace lvng::crm::test
