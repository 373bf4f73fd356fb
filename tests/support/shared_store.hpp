#pragma once

#include <lvng/crm/ports/store.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace lvng::crm::test {

/// A store as each of several processes has it.
class SharedStore final : public Store {
public:
    explicit SharedStore(std::shared_ptr<Store> store) : store_{std::move(store)} {}

    std::unique_ptr<StoreTransaction> begin(const Principal& who, Access access,
                                            Deadline deadline) override {
        return store_->begin(who, access, deadline);
    }
    void write(const Principal& who, Deadline deadline, WorkThread thread,
               const std::function<void(StoreTransaction&)>& work) override {
        store_->write(who, deadline, thread, work);
    }
    std::vector<TenantId> tenants(Deadline deadline) override { return store_->tenants(deadline); }
    StoreHealth health(Deadline deadline) override { return store_->health(deadline); }

private:
    std::shared_ptr<Store> store_;
};

}  // namespace lvng::crm::test
