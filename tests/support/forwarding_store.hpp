#pragma once

#include <lvng/crm/ports/store.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace lvng::crm::test {

/// A store that is another one, to add something to.
class ForwardingStore : public Store {
public:
    std::unique_ptr<StoreTransaction> begin(const Principal& who, Access access,
                                            Deadline deadline) override {
        return inner().begin(who, access, deadline);
    }
    void write(const Principal& who, Deadline deadline, WorkThread thread,
               const std::function<void(StoreTransaction&)>& work) override {
        inner().write(who, deadline, thread, work);
    }
    void write_each(std::span<SharedWrite> writes, Deadline deadline) override {
        inner().write_each(writes, deadline);
    }
    [[nodiscard]] bool gains_by_write_each() const noexcept override {
        return inner().gains_by_write_each();
    }
    void find_each(std::span<ContactRequest* const> requests, Deadline deadline) override {
        inner().find_each(requests, deadline);
    }
    [[nodiscard]] bool gains_by_find_each() const noexcept override {
        return inner().gains_by_find_each();
    }
    std::vector<TenantId> tenants(Deadline deadline) override { return inner().tenants(deadline); }
    StoreHealth health(Deadline deadline) override { return inner().health(deadline); }
    std::optional<StoreMoment> moment() const noexcept override { return inner().moment(); }

private:
    virtual Store& inner() const = 0;
};

}  // namespace lvng::crm::test
