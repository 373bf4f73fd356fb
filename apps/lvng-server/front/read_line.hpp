#pragma once

#include "front/client.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace lvng::server {

/// The clients whose requests read what the store finds many of at once, in the order they came.
/// The first to join answers all who have come meanwhile, so that nobody's thread waits for the
/// database but one. Nobody waits for company. Safe to share.
class ReadLine {
public:
    using Clock = std::chrono::steady_clock;

    /// So many lead at once.
    explicit ReadLine(std::size_t most_leaders, std::function<Clock::time_point()> now = Clock::now)
        : most_leaders_{most_leaders}, now_{std::move(now)} {}

    /// True: the caller is to lead, which is to answer what `next` gives until that is nothing.
    [[nodiscard]] bool join(Client& client);
    static constexpr std::size_t most_at_once = 64;
    using Places = std::array<Client*, most_at_once>;

    /// Those who have joined, in `places`. Where there is nobody the caller leads no more.
    [[nodiscard]] std::span<Client* const> next(Places& places) noexcept;
    /// To be called again and again. Where those who lead have been away for much longer than
    /// reading takes, by a lock or a dead connection: the first in line, which then stands in it no
    /// more and leads when it joins again. Else null.
    [[nodiscard]] Client* overdue() noexcept;

private:
    std::size_t most_leaders_;
    std::function<Clock::time_point()> now_;
    std::mutex mutex_;
    std::vector<Client*> joined_;
    std::size_t leaders_ = 0;
    std::size_t beside_ = 0;  // so many more may lead while others are away
    Clock::time_point taken_{};
};

}  // namespace lvng::server
