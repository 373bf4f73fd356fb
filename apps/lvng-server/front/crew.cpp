#include "front/crew.hpp"

#include <algorithm>
#include <utility>

namespace lvng::server {

Crew::Crew(Poller& poller, const Size& size, Serve serve)
    : poller_{poller}, size_{size}, serve_{std::move(serve)}, places_{size.active} {}

Crew::~Crew() {
    (void)stop(std::chrono::steady_clock::now());
    for (std::thread& thread : threads_) thread.join();
}

void Crew::start() {
    const std::size_t all = size_.active + size_.reserve;
    running_ = all;  // those who find no place go into the reserve
    threads_.reserve(all);
    for (std::size_t i = 0; i < all; ++i) threads_.emplace_back([this] { run(); });
}

bool Crew::stop(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock{mutex_};
    stopping_ = true;
    change_.notify_all();
    poller_.stop();
    return change_.wait_until(lock, deadline, [&] { return ended_ == threads_.size(); });
}

void Crew::run() {
    Desk desk;
    desk.before_waiting = [this] { step_aside(); };
    desk.after_waiting = [this] { come_back(); };
    while (may_go_on()) {
        ++waiting_;
        Client* client = poller_.wait();
        --waiting_;
        if (client == nullptr) break;
        turns_.fetch_add(1, std::memory_order_relaxed);
        serve_(*client, desk);
    }
    const std::lock_guard lock{mutex_};
    ++ended_;
    change_.notify_all();
}

bool Crew::may_go_on() {
    if (running_ <= places_) return true;
    std::unique_lock lock{mutex_};
    ++parked_;
    // Somebody may have stepped aside meanwhile, and have seen nobody in reserve.
    if (running_.fetch_sub(1) <= places_) {
        ++running_;
        --parked_;
        return true;
    }
    change_.wait(lock, [&] { return called_ > 0 || stopping_; });
    --parked_;
    if (stopping_) return false;
    --called_;
    ++running_;
    return true;
}

void Crew::step_aside() {
    --running_;
    if (waiting_ == 0 && parked_ > 0) call(1);
}

void Crew::come_back() noexcept {
    ++running_;
}

void Crew::call(std::size_t count) {
    const std::lock_guard lock{mutex_};
    for (; count > 0 && called_ < parked_; --count) {
        ++called_;
        change_.notify_one();
    }
}

Crew::Doing Crew::doing() const noexcept {
    const std::size_t all = size_.active + size_.reserve;
    Doing doing{.idle = waiting_, .reserve = parked_};
    const std::size_t running = running_;
    doing.serving = running - std::min(running, doing.idle);
    doing.aside = all - std::min(all, running + doing.reserve);
    return doing;
}

void Crew::relieve() {
    const std::size_t turns = turns_.load(std::memory_order_relaxed);
    const bool stuck = waiting_ == 0 && turns == std::exchange(turns_seen_, turns);
    if (!stuck) {
        if (waiting_ > 0) places_ = size_.active;
        return;
    }
    const std::size_t more = 1 + places_ / 4;
    places_ = std::min(places_ + more, size_.active + size_.reserve);
    call(more);
}

}  // namespace lvng::server
