#pragma once

#include "http/reply.hpp"
#include "http/router.hpp"

#include <lvng/crm/crm.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

namespace lvng::server {

/// Whether requests can be served: what the store said within the last second, and whether the
/// server is being stopped. Safe to share.
class Readiness {
public:
    using SteadyNow = std::function<std::chrono::steady_clock::time_point()>;

    /// `crm` must outlive this.
    explicit Readiness(const crm::Crm& crm, SteadyNow steady_now = std::chrono::steady_clock::now)
        : crm_{crm}, steady_now_{std::move(steady_now)} {}

    /// From now on the server is not ready: it is being stopped.
    void drain() noexcept { draining_ = true; }
    [[nodiscard]] bool draining() const noexcept { return draining_; }

    /// The state of the store, asked for at most once a second and by one caller at a time.
    /// While that one waits, the others have the last answer, unless it is too old.
    [[nodiscard]] crm::StoreHealth store();
    /// The last answer of the store, however old; nothing where it was never asked.
    [[nodiscard]] std::optional<crm::StoreHealth> last_known() const;

private:
    /// Whether there is an answer that is no older than that.
    [[nodiscard]] bool knows(std::chrono::seconds age) const;

    const crm::Crm& crm_;
    SteadyNow steady_now_;
    std::atomic<bool> draining_{false};
    mutable std::mutex mutex_;
    std::condition_variable answered_;
    bool asking_ = false;
    std::optional<crm::StoreHealth> last_;
    std::chrono::steady_clock::time_point answered_at_{};
};

/// Whether the process is alive. Touches nothing.
Reply healthz(const Call& call);
/// 200 while requests can be served, else 503, with the state of each part.
Reply readyz(const Call& call, Readiness& readiness);

}  // namespace lvng::server
