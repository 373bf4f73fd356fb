#include "support/store_under_test.hpp"

#include "support/postgresql_store.hpp"

#include <lvng/crm/sqlite.hpp>

namespace lvng::crm::test {

std::unique_ptr<Store> fresh_store() {
    return fresh_citus_store();
}

std::vector<NamedStore> stores_in_lockstep() {
    std::vector<NamedStore> stores;
    stores.push_back({"sqlite", sqlite_store({.path = ":memory:"})});
    stores.push_back({"citus", fresh_store()});
    return stores;
}

}  // namespace lvng::crm::test
