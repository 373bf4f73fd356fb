#pragma once

#include "http/reply.hpp"
#include "http/router.hpp"

#include <lvng/crm/crm.hpp>

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>

namespace lvng::server {

/// Whether requests can be served: what the store said within the last second, and whether the
/// server is being stopped. Safe to share.
class Readiness {
public:
    /// `crm` must outlive this.
    explicit Readiness(const crm::Crm& crm) : crm_{crm} {}

    /// From now on the server is not ready: it is being stopped.
    void drain() noexcept { draining_ = true; }
    [[nodiscard]] bool draining() const noexcept { return draining_; }

    /// The state of the store, asked for at most once a second.
    [[nodiscard]] crm::StoreHealth store();

private:
    const crm::Crm& crm_;
    std::atomic<bool> draining_{false};
    std::mutex mutex_;
    std::optional<crm::StoreHealth> last_;
    std::chrono::steady_clock::time_point asked_{};
};

/// Whether the process is alive. Touches nothing.
Reply healthz(const Call& call);
/// 200 while requests can be served, else 503, with the state of each part.
Reply readyz(const Call& call, Readiness& readiness);

}  // namespace lvng::server
