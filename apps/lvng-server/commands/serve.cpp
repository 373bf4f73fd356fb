#include "commands/commands.hpp"

#include "front/front.hpp"
#include "front_options.hpp"
#include "stop_signals.hpp"
#include "upkeep_thread.hpp"
#include "wiring.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>

namespace lvng::server {
namespace {

int serve(const Invocation& invocation) {
    const auto [settings, warnings] =
        read_settings(invocation.environment, invocation.setting_flags);
    StopSignals stop;
    const Poco::Net::ServerSocket socket = bound_socket(settings.listen.host, settings.listen.port);
    std::optional<Poco::Net::ServerSocket> metrics_socket;
    if (settings.metrics_listen)
        metrics_socket = bound_socket(settings.metrics_listen->host, settings.metrics_listen->port,
                                      "LVNG_METRICS_LISTEN");
    Wiring wiring{settings};
    for (const std::string& warning : warnings) wiring.log().warning(warning);
    if (wiring.app().readiness().store().row_security == "bypassed")
        wiring.log().warning("the login of LVNG_STORE bypasses row-level security: tenants are "
                             "kept apart by the statements alone");

    Front server{wiring.app().boundary(), socket, front_options(settings)};
    wiring.app().metrics().add([&](MetricsText& out) { server.write_metrics(out); });
    std::optional<Front> metrics_server;
    if (metrics_socket) {
        metrics_server.emplace(*wiring.app().metrics_boundary(), *metrics_socket,
                               metrics_front_options(settings));
        metrics_server->start();
        wiring.log().info("metrics are served apart", {"url", metrics_server->url() + "/metrics"});
    }
    server.start();
    UpkeepThread upkeep{[&] { return wiring.crm().tidy(); }, wiring.log()};
    fmt::print("lvng-server listening on {}\n", server.url());
    std::fflush(stdout);

    stop.wait();
    wiring.log().info("stopping");
    wiring.app().readiness().drain();
    const auto deadline = std::chrono::steady_clock::now() + settings.drain_timeout;
    upkeep.stop();
    // A thread that would not end still uses what would be destroyed here. What was committed is
    // committed, so the process may go without it.
    if (!server.drain(settings.drain_timeout) || !upkeep.ends_by(deadline) ||
        (metrics_server && !metrics_server->drain(std::chrono::milliseconds{100})))
        std::_Exit(EXIT_SUCCESS);
    return 0;
}

}  // namespace

Command serve_command() {
    return {.name = "serve", .summary = "runs the server until SIGTERM or SIGINT", .run = serve};
}

}  // namespace lvng::server
