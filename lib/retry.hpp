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

}  // namespace lvng::crm::inline v0
