#pragma once

#include "http/log.hpp"

#include <lvng/crm/upkeep.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace lvng::server {

/// Tidies the store while the server runs: at once, then every `pause`, and without a pause while
/// there is more to do. What fails is logged and tried again after the pause. Safe to share.
class UpkeepThread {
public:
    using Tidy = std::function<crm::TidyReport()>;

    /// `log` must outlive this.
    UpkeepThread(Tidy tidy, Log& log, std::chrono::milliseconds pause = std::chrono::minutes{1});
    UpkeepThread(const UpkeepThread&) = delete;
    UpkeepThread& operator=(const UpkeepThread&) = delete;
    /// Waits for the round that runs.
    ~UpkeepThread();

    /// Begins no other round.
    void stop();
    /// Whether the last round has ended, waiting for it until then. Stop it first.
    [[nodiscard]] bool ends_by(std::chrono::steady_clock::time_point deadline);

private:
    void run();
    /// True where the next round should begin at once.
    bool round();
    /// False where it was stopped.
    bool rest(std::chrono::milliseconds duration);

    Tidy tidy_;
    Log& log_;
    std::chrono::milliseconds pause_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    bool ended_ = false;
    std::thread thread_;  // last: it uses all the others
};

}  // namespace lvng::server
