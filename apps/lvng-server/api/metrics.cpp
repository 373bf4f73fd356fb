#include "api/metrics.hpp"

#include "api/health.hpp"

#include <lvng/crm/version.hpp>

#include <utility>

namespace lvng::server {

std::string Metrics::text() const {
    MetricsText out;
    for (const Source& source : sources_) source(out);
    return out.text();
}

Route metrics_route(const Metrics& metrics, std::string token) {
    Route route{"GET", "/metrics", [&metrics](const Call&) {
                    Reply reply{200};
                    reply.set_body(MetricsText::content_type, metrics.text());
                    return reply;
                }};
    route.token = std::move(token);
    return route;
}

void write_state(MetricsText& out, Readiness& readiness) {
    out.begin("lvng_build_info", MetricType::gauge, "The version, as a label.");
    out.add(1, {{"version", crm::version()}});
    out.begin("lvng_draining", MetricType::gauge, "1 while the server is being stopped.");
    out.add(readiness.draining() ? 1 : 0);
    const crm::StoreHealth store = readiness.store();
    out.begin("lvng_store_up", MetricType::gauge,
              "1 while the store answers and has the schema that is needed, of the last second.");
    out.add(store.serving ? 1 : 0, {{"kind", store.kind}});
    out.begin("lvng_store_schema_version", MetricType::gauge,
              "The schema version of the store, 0 where it could not be read.");
    out.add(static_cast<std::uint64_t>(store.schema_version));
    if (!store.pool) return;
    out.begin("lvng_store_pool_size", MetricType::gauge, "Connections to the database at most.");
    out.add(store.pool->size);
    out.begin("lvng_store_pool_connections", MetricType::gauge,
              "Connections to the database: used by requests, or idle.");
    out.add(store.pool->used, {{"state", "used"}});
    out.add(store.pool->idle, {{"state", "idle"}});
    out.begin("lvng_store_pool_waiting", MetricType::gauge,
              "Requests that wait for a connection to the database.");
    out.add(store.pool->waiting);
}

void write_subscriptions(MetricsText& out, const crm::Crm& crm) {
    const crm::SubscriptionCounts counts = crm.subscription_counts();
    out.begin("lvng_event_subscriptions", MetricType::gauge, "Subscriptions to events.");
    out.add(counts.open);
    out.begin("lvng_event_losses_total", MetricType::counter,
              "How often a subscription was told that it missed events.");
    out.add(counts.losses);
}

}  // namespace lvng::server
