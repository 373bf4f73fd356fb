#include "front_options.hpp"

#include <algorithm>
#include <thread>

namespace lvng::server {
namespace {

Crew::Size crew_size(const Settings& settings) {
    Crew::Size size;
    size.active = std::max(std::thread::hardware_concurrency(), 2U);
    // Reads wait there too, and each connection of the pool can have one.
    if (!settings.postgresql_url.empty())
        size.active = std::max(size.active, settings.postgres_pool);
    if (settings.workers > 0) size.active = settings.workers;
    return size;
}

/// Each has a connection of the pool. Fewer than there are cores: one that waits for its turn
/// gathers more to ask for. And where all are stuck, others need connections as well.
ReadLine::Leaders readers(const Settings& settings) {
    const std::size_t most = std::max<std::size_t>(settings.postgres_pool / 4, 2);
    const std::size_t half = std::thread::hardware_concurrency() / 2;
    return {.usual = std::clamp<std::size_t>(half, 1, most), .most = most};
}

}  // namespace

Front::Options front_options(const Settings& settings) {
    return {.crew = crew_size(settings),
            .max_connections = settings.max_connections,
            .max_connections_per_address = settings.max_connections_per_address,
            .proxies = settings.trusted_proxies,
            .readers = readers(settings),
            .timeouts = {.head = settings.header_timeout,
                         .body = settings.body_timeout,
                         .write = settings.write_timeout,
                         .idle = settings.idle_timeout}};
}

Front::Options metrics_front_options(const Settings& settings) {
    constexpr std::size_t scrapers = 64;
    Front::Options options = front_options(settings);
    options.crew = {.active = 1, .reserve = 1};
    options.max_connections = scrapers;
    return options;
}

}  // namespace lvng::server
