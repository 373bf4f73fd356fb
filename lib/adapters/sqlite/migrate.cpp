#include "adapters/sqlite/migrate.hpp"

#include <array>

namespace lvng::crm::sqlite {
namespace {

/// One script, or none where another process was faster.
void step(Connection& connection, int version, const char* script) {
    connection.run("begin immediate");
    // The deadline is for waiting: a script that it ended would begin anew with every start.
    const WithoutDeadline whole{connection};
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

int schema_version(Connection& connection) {
    {
        sql::Rows rows{connection.query(
            "select 1 from sqlite_schema where type = 'table' and name = 'lvng_migrations'", {})};
        if (!rows.next()) return 0;
    }
    sql::Rows rows{connection.query("select max(version) from lvng_migrations", {})};
    return rows.next() && !rows.is_null(0) ? static_cast<int>(rows.integer(0)) : 0;
}

void migrate(Connection& connection, sql::MigrationScripts scripts, Migrations migrations) {
    const int found = schema_version(connection);
    const int known = static_cast<int>(scripts.size());
    sql::check_version(found, known, migrations);
    for (int version = found + 1; version <= known; ++version) {
        step(connection, version, scripts[static_cast<std::size_t>(version - 1)]);
    }
}

}  // namespace lvng::crm::sqlite
