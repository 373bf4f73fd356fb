#pragma once

#include "front/client.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace lvng::server {

/// The clients whose requests read what the store finds many of at once, in the order they came.
/// Who leads answers all who have come meanwhile, so that nobody's thread waits for the database
/// but its own. Nobody waits for company. Safe to share.
class ReadLine {
public:
    using Clock = std::chrono::steady_clock;

    /// So many lead at once; where those are stuck, by a lock or a dead connection, more do.
    struct Leaders {
        std::size_t usual = 1;
        std::size_t most = 1;
    };
    explicit ReadLine(const Leaders& leaders, std::function<Clock::time_point()> now = Clock::now)
        : allowed_{leaders}, now_{std::move(now)} {}

    /// What makes its holder a leader, who is to answer what `next` gives until that is nothing.
    class Lead {
        friend class ReadLine;
        explicit Lead(std::size_t call) : call_{call} {}
        std::size_t call_;  // how often others had been called when it was here last
    };
    [[nodiscard]] std::optional<Lead> join(Client& client);
    static constexpr std::size_t most_at_once = 64;
    using Places = std::array<Client*, most_at_once>;

    /// Those who have joined, in `places`. Where there is nobody the caller leads no more.
    [[nodiscard]] std::span<Client* const> next(Lead& lead, Places& places) noexcept;
    /// To be called again and again. Where those who lead have been away for much longer than
    /// reading takes: the first in line, which stands in it no more, and leads when it joins again.
    /// Else null.
    [[nodiscard]] Client* overdue() noexcept;

private:
    Leaders allowed_;
    std::function<Clock::time_point()> now_;
    std::mutex mutex_;
    std::vector<Client*> joined_;
    std::size_t leaders_ = 0;
    std::size_t stuck_ = 0;  // of them: those who were away when somebody was called
    std::size_t calls_ = 0;
    Clock::time_point taken_{};
};

}  // namespace lvng::server
