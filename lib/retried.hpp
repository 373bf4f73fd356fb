#pragma once

#include <lvng/crm/error.hpp>
#include <lvng/crm/ports/store.hpp>

#include <chrono>
#include <thread>

namespace lvng::crm::inline v0 {

/// `work(StoreTransaction&)` in a transaction of its own, with its result. A deadlock or a
/// connection lost before the commit starts it again until `timeout`.
///
/// For what no caller asks for: a principal without user is upkeep, one without tenant nobody.
template <class Work>
auto retried(Store& store, const Principal& who, Access access, std::chrono::milliseconds timeout,
             Work work) {
    using std::chrono::steady_clock;
    constexpr int max_attempts = 6;
    const Deadline deadline = steady_clock::now() + timeout;
    std::chrono::milliseconds pause{1};
    for (int attempt = 1;; ++attempt) {
        try {
            const auto tx = store.begin(who, access, deadline);
            auto result = work(*tx);
            tx->commit();
            return result;
        } catch (const Error& error) {
            const bool time_left = steady_clock::now() + pause < deadline;
            if (!error.retryable() || attempt == max_attempts || !time_left) throw;
        }
        std::this_thread::sleep_for(pause);
        pause *= 2;
    }
}

}  // namespace lvng::crm::inline v0
