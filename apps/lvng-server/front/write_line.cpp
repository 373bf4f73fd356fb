#include "front/write_line.hpp"

#include <algorithm>
#include <utility>

namespace lvng::server {
namespace {

// A commit that took longer says nothing of when its clients come back.
constexpr std::chrono::milliseconds longest_wait{50};

}  // namespace

bool WriteLine::join(Client& client) {
    bool complete = false;
    bool leads = false;
    {
        const std::lock_guard lock{mutex_};
        joined_.push_back(&client);  // where it throws, nothing has happened
        leads = !std::exchange(led_, true);
        complete = joined_.size() == wanted_;
    }
    if (complete) complete_.notify_one();
    return leads;
}

std::span<Client* const> WriteLine::next(Places& places) noexcept {
    std::unique_lock lock{mutex_};
    wait_for_company(lock);
    led_ = !joined_.empty();
    answered_ = std::min(joined_.size(), most_at_once);
    const auto end = joined_.begin() + static_cast<std::ptrdiff_t>(answered_);
    std::copy(joined_.begin(), end, places.begin());
    joined_.erase(joined_.begin(), end);
    others_ = 0;
    taken_ = now_();
    return {places.data(), answered_};
}

void WriteLine::committed() noexcept {
    const std::lock_guard lock{mutex_};
    others_ = joined_.size();
}

// Clients that ask again as soon as they are answered fall into two halves, each of which waits
// for the commit of the other. One larger commit for both costs the disk once, and writes a page
// that both changed once.
void WriteLine::wait_for_company(std::unique_lock<std::mutex>& lock) {
    if (answered_ == 0 || answered_ + others_ < 2) return;
    wanted_ = std::min(answered_ + others_, most_at_once);
    complete_.wait_for(lock, std::min<Clock::duration>((now_() - taken_) / 2, longest_wait),
                       [this] { return joined_.size() >= wanted_; });
    wanted_ = 0;
}

}  // namespace lvng::server
