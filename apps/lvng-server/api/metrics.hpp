#pragma once

#include "http/metrics_text.hpp"
#include "http/reply.hpp"
#include "http/router.hpp"

#include <lvng/crm/crm.hpp>

#include <functional>
#include <string>
#include <vector>

namespace lvng::server {

class Readiness;

/// Everything that has figures to show, in the order in which it was added. All must be added
/// before the first request; then safe to share if the sources are.
class Metrics {
public:
    using Source = std::function<void(MetricsText&)>;

    void add(Source source) { sources_.push_back(std::move(source)); }
    [[nodiscard]] std::string text() const;

private:
    std::vector<Source> sources_;
};

/// `GET /metrics`, which asks for `token` where one is given. The metrics must outlive the route.
Route metrics_route(const Metrics& metrics, std::string token);

/// Version and state of what is behind the routes.
void write_state(MetricsText& out, Readiness& readiness);
/// How many listen to events, and how often one of them missed some.
void write_subscriptions(MetricsText& out, const crm::Crm& crm);

}  // namespace lvng::server
