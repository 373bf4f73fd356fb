#pragma once

#include "api/health.hpp"
#include "http/exchange.hpp"
#include "http/log.hpp"

#include <lvng/crm/crm.hpp>
#include <lvng/crm/ports/environment.hpp>

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

    /// The parts must outlive the app.
    explicit App(const Parts& parts, Boundary::Options options = {});
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    [[nodiscard]] Boundary& boundary() noexcept { return boundary_; }
    [[nodiscard]] Readiness& readiness() noexcept { return readiness_; }

private:
    Readiness readiness_;
    Boundary boundary_;
};

}  // namespace lvng::server
