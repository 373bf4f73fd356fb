#include "front/read_line.hpp"

#include <algorithm>
#include <utility>

namespace lvng::server {
namespace {

constexpr std::chrono::milliseconds patience{20};

}  // namespace

std::optional<ReadLine::Lead> ReadLine::join(Client& client) {
    const std::lock_guard lock{mutex_};
    joined_.push_back(&client);  // where it throws, nothing has happened
    if (leaders_ >= allowed_.most || leaders_ - stuck_ >= allowed_.usual) return std::nullopt;
    ++leaders_;
    taken_ = now_();
    return Lead{calls_};
}

std::span<Client* const> ReadLine::next(Lead& lead, Places& places) noexcept {
    const std::lock_guard lock{mutex_};
    if (std::exchange(lead.call_, calls_) != calls_) --stuck_;
    const std::size_t count = std::min(joined_.size(), places.size());
    const auto end = joined_.begin() + static_cast<std::ptrdiff_t>(count);
    std::copy(joined_.begin(), end, places.begin());
    joined_.erase(joined_.begin(), end);
    taken_ = now_();
    if (count == 0) --leaders_;
    return {places.data(), count};
}

Client* ReadLine::overdue() noexcept {
    const std::lock_guard lock{mutex_};
    if (joined_.empty() || leaders_ >= allowed_.most || now_() - taken_ < patience) return nullptr;
    stuck_ = leaders_;
    ++calls_;
    taken_ = now_();
    Client* const first = joined_.front();
    joined_.erase(joined_.begin());
    return first;
}

}  // namespace lvng::server
