#include "support/forwarding_store.hpp"
#include "support/store_under_test.hpp"
#include "support/temporary_folder.hpp"

#include <lvng/crm/sqlite.hpp>

namespace lvng::crm::test {
namespace {

/// A file that goes with its store.
class FileStore final : public ForwardingStore {
private:
    Store& inner() const override { return *store_; }

    TemporaryFolder folder_;
    std::unique_ptr<Store> store_ =
        sqlite_store({.path = folder_.file("desk.db"), .synchronous = SqliteSynchronous::normal});
};

}  // namespace

std::unique_ptr<Store> fresh_store() {
    return std::make_unique<FileStore>();
}

std::vector<NamedStore> stores_in_lockstep() {
    std::vector<NamedStore> stores;
    stores.push_back({"memory", sqlite_store({.path = ":memory:"})});
    stores.push_back({"file", fresh_store()});
    return stores;
}

}  // namespace lvng::crm::test
