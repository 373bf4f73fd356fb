#include "commands/commands.hpp"

#include "wiring.hpp"

#include <lvng/crm/ports/store.hpp>

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <stdexcept>

namespace lvng::server {
namespace {

int migrate(const Invocation& invocation) {
    Settings settings = read_settings(invocation.environment, invocation.setting_flags).settings;
    settings.migrations = crm::Migrations::automatic;  // what was asked for, whatever `serve` may
    const bool on_postgresql = !settings.postgresql_url.empty();
    if (invocation.is_on("distributed")) {
        if (!on_postgresql)
            throw UsageError{"--distributed is for PostgreSQL with the extension Citus, and "
                             "LVNG_STORE names a SQLite store"};
        with_usable_url([&] { crm::distribute_postgresql_store(postgresql_options(settings)); });
    }
    const auto store = open_store(settings, false);
    const crm::StoreHealth health =
        store->health(std::chrono::steady_clock::now() + std::chrono::seconds{5});
    if (!health.serving) throw std::runtime_error{health.problem};
    fmt::print("{} is at schema version {}\n",
               on_postgresql ? "the PostgreSQL store" : settings.sqlite_path,
               health.schema_version);
    return 0;
}

constexpr std::array<CommandOption, 1> options{
    CommandOption{"distributed", "", "on a Citus coordinator: distributes the tables by tenant"},
};

}  // namespace

Command migrate_command() {
    return {.name = "migrate",
            .summary = "brings the store to the schema of this version",
            .options = options,
            .run = migrate};
}

}  // namespace lvng::server
