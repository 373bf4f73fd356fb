#pragma once

#include <lvng/crm/crm.hpp>
#include <lvng/crm/ports/store.hpp>
#include <lvng/crm/testing.hpp>

#include <memory>
#include <string>
#include <vector>

/// The contract suite is one set of sources, linked into a test program for each kind of store;
/// each program defines these two functions in a `…_under_test.cpp` of its own.
namespace lvng::crm::test {

/// An empty store of the kind that this program tests.
std::unique_ptr<Store> fresh_store();

struct NamedStore {
    std::string name{};
    std::unique_ptr<Store> store{};
};

/// Empty stores that must answer alike, call for call: at least two.
std::vector<NamedStore> stores_in_lockstep();

/// A `Crm` on a fresh store, with a clock that the test holds and ids that count.
class CrmUnderTest {
public:
    explicit CrmUnderTest(std::unique_ptr<Store> store = fresh_store()) {
        auto clock = std::make_unique<testing::FixedClock>();
        clock_ = clock.get();
        crm_ = std::make_unique<Crm>(std::move(store),
                                     Options{.timeout = std::chrono::seconds{30},
                                             .clock = std::move(clock),
                                             .ids = std::make_unique<testing::CountingIds>()});
    }

    [[nodiscard]] Crm& crm() noexcept { return *crm_; }
    [[nodiscard]] testing::FixedClock& clock() noexcept { return *clock_; }

private:
    testing::FixedClock* clock_ = nullptr;  // owned by `crm_`
    std::unique_ptr<Crm> crm_;
};

}  // namespace lvng::crm::test
