#include "support/store_under_test.hpp"

#include <lvng/crm/sqlite.hpp>

namespace lvng::crm::test {

std::unique_ptr<Store> fresh_store() {
    return sqlite_store({.path = ":memory:"});
}

std::vector<NamedStore> stores_in_lockstep() {
    std::vector<NamedStore> stores;
    stores.push_back({"one", fresh_store()});
    stores.push_back({"other", fresh_store()});
    return stores;
}

}  // namespace lvng::crm::test
