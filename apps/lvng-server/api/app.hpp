#pragma once

#include "api/health.hpp"
#include "api/metrics.hpp"
#include "api/page_cache.hpp"
#include "http/exchange.hpp"
#include "http/log.hpp"

#include <lvng/crm/crm.hpp>
#include <lvng/crm/ports/environment.hpp>

#include <optional>
#include <string>

namespace lvng::server {

/// All routes over one `Crm`: what a front serves, and what a host mounts in its own server.
/// Safe to share.
class App {
public:
    struct Parts {
        crm::Crm& crm;
        const crm::TokenVerifier& verifier;
        const crm::Clock& clock;
        Log& log;
    };

    struct Options {
        Boundary::Options boundary{};
        std::string metrics_token{};  ///< `/metrics` asks for it
        bool metrics_apart = false;   ///< `/metrics` has a port of its own
    };

    /// The parts must outlive the app.
    explicit App(const Parts& parts) : App{parts, Options{}} {}
    App(const Parts& parts, Options options);
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    [[nodiscard]] Boundary& boundary() noexcept { return boundary_; }
    [[nodiscard]] Readiness& readiness() noexcept { return readiness_; }
    /// The figures of all this. A front adds its own.
    [[nodiscard]] Metrics& metrics() noexcept { return metrics_; }
    /// `/metrics` and nothing else, where it has a port of its own, else null.
    [[nodiscard]] Boundary* metrics_boundary() noexcept {
        return metrics_boundary_ ? &*metrics_boundary_ : nullptr;
    }

private:
    Metrics metrics_;
    Readiness readiness_;
    PageCache pages_;
    Boundary boundary_;
    std::optional<Boundary> metrics_boundary_;
};

}  // namespace lvng::server
