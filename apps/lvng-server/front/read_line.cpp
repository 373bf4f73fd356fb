#include "front/read_line.hpp"

#include <algorithm>

namespace lvng::server {
namespace {

constexpr std::chrono::milliseconds patience{20};
// Each of them has a connection to the database, which others need as well.
constexpr std::size_t most_beside = 4;

}  // namespace

bool ReadLine::join(Client& client) {
    const std::lock_guard lock{mutex_};
    joined_.push_back(&client);  // where it throws, nothing has happened
    if (leaders_ >= most_leaders_ + beside_) return false;
    ++leaders_;
    taken_ = now_();
    return true;
}

std::span<Client* const> ReadLine::next(Places& places) noexcept {
    const std::lock_guard lock{mutex_};
    const std::size_t count = std::min(joined_.size(), places.size());
    const auto end = joined_.begin() + static_cast<std::ptrdiff_t>(count);
    std::copy(joined_.begin(), end, places.begin());
    joined_.erase(joined_.begin(), end);
    taken_ = now_();
    if (count == 0) {
        --leaders_;
        if (beside_ > 0) --beside_;
    }
    return {places.data(), count};
}

Client* ReadLine::overdue() noexcept {
    const std::lock_guard lock{mutex_};
    if (joined_.empty() || beside_ == most_beside || now_() - taken_ < patience) return nullptr;
    ++beside_;
    taken_ = now_();
    Client* const first = joined_.front();
    joined_.erase(joined_.begin());
    return first;
}

}  // namespace lvng::server
