#include "upkeep_thread.hpp"

#include <exception>
#include <utility>

namespace lvng::server {

UpkeepThread::UpkeepThread(Tidy tidy, Log& log, std::chrono::milliseconds pause)
    : tidy_{std::move(tidy)}, log_{log}, pause_{pause}, thread_{[this] { run(); }} {}

UpkeepThread::~UpkeepThread() {
    stop();
    thread_.join();
}

void UpkeepThread::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_all();
}

bool UpkeepThread::ends_by(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock{mutex_};
    return changed_.wait_until(lock, deadline, [this] { return ended_; });
}

void UpkeepThread::run() {
    while (rest(round() ? std::chrono::milliseconds{0} : pause_)) {
    }
    {
        const std::lock_guard lock{mutex_};
        ended_ = true;
    }
    changed_.notify_all();
}

bool UpkeepThread::round() try { return tidy_().more; } catch (const std::exception& error) {
    log_.error("the store could not be tidied", {"reason", error.what()});
    return false;
}

bool UpkeepThread::rest(std::chrono::milliseconds duration) {
    std::unique_lock lock{mutex_};
    return !changed_.wait_for(lock, duration, [this] { return stopping_; });
}

}  // namespace lvng::server
