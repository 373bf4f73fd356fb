#include "commands/commands.hpp"

#include <lvng/crm/sqlite.hpp>

#include <fmt/format.h>

namespace lvng::server {
namespace {

int backup(const Invocation& invocation) {
    const Settings settings =
        read_settings(invocation.environment, invocation.setting_flags).settings;
    if (!settings.postgresql_url.empty())
        throw UsageError{"backup copies a SQLite store; for PostgreSQL use its own tools, as "
                         "pg_dump or pg_basebackup"};
    if (settings.sqlite_path == ":memory:")
        throw UsageError{"backup copies a file; a store in memory has none"};
    crm::back_up_sqlite({.path = settings.sqlite_path, .copy = invocation.operand});
    fmt::print("{} is a copy of {}\n", invocation.operand, settings.sqlite_path);
    return 0;
}

}  // namespace

Command backup_command() {
    return {.name = "backup",
            .summary = "writes a consistent copy of a SQLite store, also while it serves",
            .operand = "PATH",
            .run = backup};
}

}  // namespace lvng::server
