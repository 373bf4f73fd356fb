#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lvng::server {

/// So many requests in any stretch of time of that length.
struct Rate {
    std::size_t places = 100;                                   ///< at least 1
    std::chrono::milliseconds window{std::chrono::minutes{1}};  ///< at least 1 ms

    bool operator==(const Rate&) const = default;
};

/// The last instants at which a caller was admitted, oldest first. One thread at a time.
class AdmissionLog {
public:
    using Instant = std::chrono::steady_clock::time_point;

    /// Forgets what is `window` old.
    void forget_before(Instant now, std::chrono::milliseconds window) noexcept;
    /// `places` is how many instants are ever kept.
    void add(Instant now, std::size_t places);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// There must be one.
    [[nodiscard]] Instant oldest() const noexcept { return ring_[first_]; }
    [[nodiscard]] Instant newest() const noexcept;

private:
    void grow(std::size_t places);

    std::vector<Instant> ring_{};
    std::size_t first_ = 0;
    std::size_t size_ = 0;
};

/// Admits each caller at most `Rate::places` times in any `Rate::window`, and never fewer: a log
/// of the exact instants, no counters that only come near. 8 bytes an instant; a caller who was
/// idle for a window is forgotten. Safe to share.
class RateLimiter {
public:
    using Instant = std::chrono::steady_clock::time_point;

    struct Decision {
        bool admitted = false;
        std::size_t remaining = 0;                         ///< after this request
        std::chrono::steady_clock::duration until_free{};  ///< when the next place frees
    };

    explicit RateLimiter(Rate rate) : rate_{rate} {}

    /// Counts the request if it is admitted. An instant before the caller's last one counts as
    /// that one: threads read the clock before they queue here.
    Decision admit(std::string_view caller, Instant now);
    /// What `admit` would find, counting nothing: `remaining` is without this request, and
    /// `until_free` nothing where no place is taken.
    [[nodiscard]] Decision look(std::string_view caller, Instant now);

    [[nodiscard]] const Rate& rate() const noexcept { return rate_; }
    /// How many callers are remembered.
    [[nodiscard]] std::size_t callers() const;

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };
    struct Shard {
        mutable std::mutex mutex{};
        std::unordered_map<std::string, AdmissionLog, Hash, std::equal_to<>> logs{};
        Instant next_sweep{};
    };

    Shard& shard_of(std::string_view caller);
    void sweep(Shard& shard, Instant now) const;

    Rate rate_;
    std::array<Shard, 64> shards_{};
};

}  // namespace lvng::server
