#include "api/app.hpp"

#include "api/routes.hpp"

#include <utility>

namespace lvng::server {
namespace {

Boundary::Parts boundary_parts(const App::Parts& parts) {
    return {.crm = parts.crm, .verifier = parts.verifier, .clock = parts.clock, .log = parts.log};
}

std::vector<Route> routes_beside(std::vector<Route> all, const Metrics& metrics,
                                 const App::Options& options) {
    // Figures tell much of an installation, so on the port for everybody they have a token.
    if (!options.metrics_apart && !options.metrics_token.empty())
        all.push_back(metrics_route(metrics, options.metrics_token));
    return all;
}

}  // namespace

App::App(const Parts& parts, Options options)
    : readiness_{parts.crm, options.boundary.steady_now}, pages_{[&crm = parts.crm] {
          return crm.moment();
      }},
      boundary_{Router{routes_beside(routes(parts.crm, readiness_, pages_), metrics_, options)},
                boundary_parts(parts), options.boundary} {
    if (options.metrics_apart)
        metrics_boundary_.emplace(Router{{metrics_route(metrics_, options.metrics_token)}},
                                  boundary_parts(parts), std::move(options.boundary));
    metrics_.add([this](MetricsText& out) { write_state(out, readiness_); });
    metrics_.add([&crm = parts.crm](MetricsText& out) { write_subscriptions(out, crm); });
    metrics_.add([this](MetricsText& out) { boundary_.write_metrics(out); });
    metrics_.add([this](MetricsText& out) { pages_.write_metrics(out); });
}

}  // namespace lvng::server
