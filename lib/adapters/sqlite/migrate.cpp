#include "adapters/sqlite/migrate.hpp"

#include "adapters/sqlite/migrations.hpp"

#include <lvng/crm/error.hpp>

#include <fmt/format.h>

#include <array>

namespace lvng::crm::sqlite {
namespace {

Error wrong_version(int found) {
    const int known = known_schema_version();
    return {ErrorCode::incompatible,
            fmt::format("the store has schema version {}, {} than version {} that this library "
                        "uses{}",
                        found, found > known ? "newer" : "older", known,
                        found > known ? "" : ", and migrating is switched off")};
}

/// One step, or none where another process was faster.
void step(Connection& connection, int version, const char* script) {
    connection.run("begin immediate");
    try {
        if (schema_version(connection) < version) {
            connection.run_script(script);
            connection.execute("insert into lvng_migrations (version) values ($1)",
                               std::array<sql::Value, 1>{std::int64_t{version}});
        }
        connection.commit();
    } catch (...) {
        connection.rollback();
        throw;
    }
}

}  // namespace

int known_schema_version() noexcept {
    return static_cast<int>(migration_scripts.size());
}

int schema_version(Connection& connection) {
    {
        sql::Rows rows{connection.query(
            "select 1 from sqlite_schema where type = 'table' and name = 'lvng_migrations'", {})};
        if (!rows.next()) return 0;
    }
    sql::Rows rows{connection.query("select max(version) from lvng_migrations", {})};
    return rows.next() && !rows.is_null(0) ? static_cast<int>(rows.integer(0)) : 0;
}

void migrate(Connection& connection, Migrations migrations) {
    const int found = schema_version(connection);
    const int known = known_schema_version();
    if (found > known) throw wrong_version(found);
    if (found == known) return;
    if (migrations == Migrations::never) throw wrong_version(found);
    for (int version = found + 1; version <= known; ++version) {
        step(connection, version, migration_scripts[static_cast<std::size_t>(version - 1)]);
    }
}

}  // namespace lvng::crm::sqlite
