#pragma once

#include "front/client.hpp"

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace lvng::server {

/// The clients whose requests write, in the order they came. The first to join makes the writes of
/// all who have come meanwhile, so that they share a commit and nobody's thread waits for it. Safe
/// to share.
class WriteLine {
public:
    using Clock = std::chrono::steady_clock;

    explicit WriteLine(std::function<Clock::time_point()> now = Clock::now)
        : now_{std::move(now)} {}

    /// True: the caller is to lead, which is to answer what `next` gives until that is nothing.
    [[nodiscard]] bool join(Client& client);
    /// As many as share a commit.
    static constexpr std::size_t most_at_once = 128;
    using Places = std::array<Client*, most_at_once>;

    /// Those who have joined, in `places`; where there is nobody, the next to join leads. Waits a
    /// little for those who were answered just now, where it is likely that they come back with
    /// more.
    [[nodiscard]] std::span<Client* const> next(Places& places) noexcept;
    /// To be called when those are committed, and before the first of them is answered: who joins
    /// from now on may be one of them.
    void committed() noexcept;

private:
    void wait_for_company(std::unique_lock<std::mutex>& lock);

    std::function<Clock::time_point()> now_;
    std::mutex mutex_;
    std::condition_variable complete_;
    std::vector<Client*> joined_;
    bool led_ = false;
    std::size_t wanted_ = 0;    // so many are waited for; 0: nobody waits
    std::size_t answered_ = 0;  // by this leader, the last time
    std::size_t others_ = 0;    // who had joined when those were committed
    Clock::time_point taken_{};
};

}  // namespace lvng::server
