#include "commands/commands.hpp"

#include "wiring.hpp"

#include <lvng/crm/ports/store.hpp>

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

namespace lvng::server {
namespace {

int migrate(const Invocation& invocation) {
    Settings settings = read_settings(invocation.environment, invocation.setting_flags).settings;
    settings.migrations = crm::Migrations::automatic;  // what was asked for, whatever `serve` may
    const auto store = open_store(settings, false);
    const crm::StoreHealth health =
        store->health(std::chrono::steady_clock::now() + std::chrono::seconds{5});
    if (!health.serving) throw std::runtime_error{health.problem};
    fmt::print("{} is at schema version {}\n", settings.sqlite_path, health.schema_version);
    return 0;
}

}  // namespace

Command migrate_command() {
    return {.name = "migrate",
            .summary = "brings the store to the schema of this version",
            .run = migrate};
}

}  // namespace lvng::server
