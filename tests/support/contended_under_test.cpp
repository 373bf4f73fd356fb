#include "support/contended_store.hpp"
#include "support/store_under_test.hpp"

#include <lvng/crm/sqlite.hpp>

namespace lvng::crm::test {

std::unique_ptr<Store> fresh_store() {
    return contended_store();
}

std::vector<NamedStore> stores_in_lockstep() {
    std::vector<NamedStore> stores;
    stores.push_back({"memory", sqlite_store({.path = ":memory:"})});
    stores.push_back({"contended file", contended_store()});
    return stores;
}

}  // namespace lvng::crm::test
