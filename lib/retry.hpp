#pragma once

#include <lvng/crm/error.hpp>
#include <lvng/crm/ports/store.hpp>

#include <chrono>
#include <thread>

namespace lvng::crm::inline v0 {

/// `attempt()` with its result, again from the start where it threw what is `retryable`: a few
/// times, with growing pauses, and only while the deadline leaves time for it.
template <class Attempt>
auto retrying(Deadline deadline, Attempt attempt) {
    constexpr int max_attempts = 6;
    std::chrono::milliseconds pause{1};
    for (int count = 1;; ++count) {
        try {
            return attempt();
        } catch (const Error& error) {
            const bool time_left = std::chrono::steady_clock::now() + pause < deadline;
            if (!error.retryable() || count == max_attempts || !time_left) throw;
        }
        std::this_thread::sleep_for(pause);
        pause *= 2;
    }
}

/// `work(StoreTransaction&)` in a transaction of its own, with its result. A deadlock or a
/// connection lost before the commit starts it again until `timeout`.
///
/// For what no caller asks for: a principal without user is upkeep, one without tenant nobody.
template <class Work>
auto transact(Store& store, const Principal& who, Access access, std::chrono::milliseconds timeout,
              Work work) {
    const Deadline deadline = std::chrono::steady_clock::now() + timeout;
    return retrying(deadline, [&] {
        const auto tx = store.begin(who, access, deadline);
        auto result = work(*tx);
        tx->commit();
        return result;
    });
}

}  // namespace lvng::crm::inline v0
