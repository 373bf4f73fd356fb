#pragma once

#include "support/forwarding_store.hpp"

#include <memory>
#include <utility>

namespace lvng::crm::test {

/// A store as each of several processes has it.
class SharedStore final : public ForwardingStore {
public:
    explicit SharedStore(std::shared_ptr<Store> store) : store_{std::move(store)} {}

private:
    Store& inner() const override { return *store_; }

    std::shared_ptr<Store> store_;
};

}  // namespace lvng::crm::test
