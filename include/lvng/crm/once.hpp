#pragma once

#include <cstddef>
#include <string>

namespace lvng::crm::inline v0 {

/// A request that its sender may repeat, not knowing whether it arrived.
struct RepeatableRequest {
    static constexpr std::size_t longest_key = 255;

    std::string key{};  ///< the sender's name for it: 1 to 255 visible ASCII characters
    /// What tells it from others, a digest of all that it says: 1 to 255 bytes of ASCII.
    std::string fingerprint{};
};

/// What `Crm::once` came to.
struct OnceAnswer {
    std::string answer{};
    bool replayed = false;  ///< it is the answer of an earlier call

    bool operator==(const OnceAnswer&) const = default;
};

}  // namespace lvng::crm::inline v0
