#pragma once

#include <lvng/crm/ports/environment.hpp>
#include <lvng/crm/timestamp.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace lvng::crm::auth {

/// When a token holds, in milliseconds since 1970 and with the clock skew already allowed.
struct Validity {
    std::int64_t from_ms = std::numeric_limits<std::int64_t>::min();
    std::int64_t until_ms = 0;  ///< the first instant when it no longer holds

    [[nodiscard]] bool holds(Timestamp now) const {
        return from_ms <= now.milliseconds() && now.milliseconds() < until_ms;
    }
};

/// A token whose signature and claims were found good.
struct CheckedToken {
    VerifiedToken token{};
    Validity validity{};
};

/// Remembers tokens that were found good, so that the next request need not check them again.
///
/// At most `shards * per_shard` tokens, the oldest of a shard leaves first; each for at most the
/// lifetime and never beyond its own validity. Whole tokens are compared. Safe to share.
class TokenCache {
public:
    static constexpr std::size_t shards = 16;
    static constexpr std::size_t per_shard = 256;
    static constexpr std::chrono::milliseconds longest{60'000};

    explicit TokenCache(std::chrono::milliseconds lifetime = longest) : lifetime_{lifetime} {}

    /// What was put for `token`, if it may still be relied on at `now`.
    [[nodiscard]] std::optional<VerifiedToken> find(std::string_view token, Timestamp now);
    void put(std::string_view token, const CheckedToken& checked, Timestamp now);

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view token) const noexcept;
    };
    struct Equal {
        using is_transparent = void;
        bool operator()(std::string_view a, std::string_view b) const noexcept;
    };
    struct Shard {
        std::mutex mutex{};
        std::unordered_map<std::string, CheckedToken, Hash, Equal> tokens{};
        std::array<const std::string*, per_shard> by_age{};  // a ring of the keys of `tokens`
        std::size_t oldest = 0;
    };

    Shard& shard_of(std::string_view token) noexcept;

    std::chrono::milliseconds lifetime_;
    std::array<Shard, shards> shards_{};
};

}  // namespace lvng::crm::auth
