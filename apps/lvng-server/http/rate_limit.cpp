#include "http/rate_limit.hpp"

#include <algorithm>

namespace lvng::server {

void AdmissionLog::forget_before(Instant now, std::chrono::milliseconds window) noexcept {
    while (size_ > 0 && oldest() + window <= now) {
        first_ = (first_ + 1) % ring_.size();
        --size_;
    }
}

void AdmissionLog::add(Instant now, std::size_t places) {
    if (size_ == ring_.size()) grow(places);
    ring_[(first_ + size_) % ring_.size()] = now;
    ++size_;
}

AdmissionLog::Instant AdmissionLog::newest() const noexcept {
    return ring_[(first_ + size_ - 1) % ring_.size()];
}

// Most callers never come near their limit, so the ring doubles instead of starting full-sized.
void AdmissionLog::grow(std::size_t places) {
    std::rotate(ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(first_), ring_.end());
    first_ = 0;
    ring_.resize(std::min(places, std::max<std::size_t>(4, ring_.size() * 2)));
}

RateLimiter::Shard& RateLimiter::shard_of(std::string_view caller) {
    return shards_[Hash{}(caller) % shards_.size()];
}

RateLimiter::Decision RateLimiter::admit(std::string_view caller, Instant now) {
    Shard& shard = shard_of(caller);
    const std::lock_guard lock{shard.mutex};
    if (now >= shard.next_sweep) sweep(shard, now);
    auto found = shard.logs.find(caller);
    if (found == shard.logs.end()) found = shard.logs.try_emplace(std::string{caller}).first;
    AdmissionLog& log = found->second;
    if (log.size() > 0) now = std::max(now, log.newest());
    log.forget_before(now, rate_.window);
    const bool admitted = log.size() < rate_.places;
    if (admitted) log.add(now, rate_.places);
    return {.admitted = admitted,
            .remaining = rate_.places - log.size(),
            .until_free = log.oldest() + rate_.window - now};
}

RateLimiter::Decision RateLimiter::look(std::string_view caller, Instant now) {
    Shard& shard = shard_of(caller);
    const std::lock_guard lock{shard.mutex};
    const auto found = shard.logs.find(caller);
    if (found == shard.logs.end()) return {.admitted = true, .remaining = rate_.places};
    AdmissionLog& log = found->second;
    log.forget_before(now, rate_.window);
    if (log.size() == 0) return {.admitted = true, .remaining = rate_.places};
    return {.admitted = log.size() < rate_.places,
            .remaining = rate_.places - log.size(),
            .until_free = log.oldest() + rate_.window - std::max(now, log.newest())};
}

void RateLimiter::sweep(Shard& shard, Instant now) const {
    std::erase_if(shard.logs, [&](const auto& entry) {
        const AdmissionLog& log = entry.second;
        return log.size() == 0 || log.newest() + rate_.window <= now;
    });
    shard.next_sweep = now + rate_.window;
}

std::size_t RateLimiter::callers() const {
    std::size_t total = 0;
    for (const Shard& shard : shards_) {
        const std::lock_guard lock{shard.mutex};
        total += shard.logs.size();
    }
    return total;
}

}  // namespace lvng::server
