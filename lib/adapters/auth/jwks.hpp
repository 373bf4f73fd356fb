#pragma once

#include "adapters/auth/jws.hpp"
#include "adapters/auth/key_set.hpp"

#include <lvng/crm/auth.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace lvng::crm::auth {

/// The key set of a source, as new as `JwksOptions` says. One thread of its own fetches it; nobody
/// waits for that thread but who comes with a `kid` that is not in the set. What cannot be fetched
/// or read leaves the set that is there in force. Safe to share.
class Jwks {
public:
    /// Returns when the first fetch has ended, well or not. Throws `invalid` for options that
    /// cannot be meant and for a file that is not to be read or holds no key.
    explicit Jwks(JwksOptions options);
    ~Jwks();
    Jwks(const Jwks&) = delete;
    Jwks& operator=(const Jwks&) = delete;

    /// Whether a key of the set has signed this. Throws `unavailable` while there has never been
    /// a set, and where too many wait for a newer one: then nobody knows.
    [[nodiscard]] bool is_signed(const Jws& jws);

private:
    using Instant = std::chrono::steady_clock::time_point;
    struct Loaded {
        KeySet set{};
        std::chrono::milliseconds holds{};  ///< until it should be fetched again
    };

    [[nodiscard]] bool is_url() const;
    [[nodiscard]] std::string_view shown_source() const;
    [[nodiscard]] Loaded load(const std::stop_token& stop) const;
    void keep_fresh(const std::stop_token& stop);
    void load_and_note(const std::stop_token& stop);
    void report(const std::string& problem) const;
    [[nodiscard]] std::shared_ptr<const KeySet> set() const;
    void wait_for_newer_set();

    const JwksOptions options_;

    mutable std::mutex mutex_;
    std::condition_variable_any wanted_now_;
    std::condition_variable ended_;
    std::shared_ptr<const KeySet> set_{};  // never changes, only gives way to another
    std::uint64_t loads_ = 0;              // that have ended
    std::chrono::milliseconds next_pause_;
    Instant next_load_{};
    Instant next_wish_{};
    bool running_ = false;
    int waiting_ = 0;  // callers whose kid is not in the set

    std::jthread thread_;  // the last member: it uses all others
};

}  // namespace lvng::crm::auth
