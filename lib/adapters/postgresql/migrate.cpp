#include "adapters/postgresql/migrate.hpp"

#include "adapters/postgresql/migrations.hpp"

#include <lvng/crm/error.hpp>

#include <array>
#include <fmt/format.h>

namespace lvng::crm::postgresql {
namespace {

/// Runs `work` in a transaction that nobody else's migration or distribution overlaps.
template <class Work>
void alone(Connection& connection, Deadline deadline, Work work) {
    connection.begin(nullptr, Access::write, deadline);
    try {
        // A large table takes its time, and so does the other process that is at it.
        connection.defer("set local statement_timeout = 0", {});
        connection.defer("set local lock_timeout = 0", {});
        // The key is "lvng" in ASCII. It ends with the transaction, also when we are killed.
        connection.execute("select pg_advisory_xact_lock(1819700839)", {});
        work();
        connection.commit();
    } catch (...) {
        connection.leave();
        throw;
    }
    connection.leave();
}

/// One step, or none where another process was faster.
void step(Connection& connection, int version, const char* script, Deadline deadline) {
    alone(connection, deadline, [&] {
        if (schema_version(connection) >= version) return;
        connection.run_script(script);
        connection.execute("insert into lvng_migrations (version) values ($1::bigint)",
                           std::array<sql::Value, 1>{std::int64_t{version}});
    });
}

}  // namespace

int schema_version(Connection& connection) {
    {
        sql::Rows rows{connection.query(
            "select count(*) from pg_class where oid = to_regclass('lvng_migrations')", {})};
        if (!rows.next() || rows.integer(0) == 0) return 0;
    }
    sql::Rows rows{connection.query("select max(version) from lvng_migrations", {})};
    return rows.next() && !rows.is_null(0) ? static_cast<int>(rows.integer(0)) : 0;
}

void migrate(Connection& connection, sql::MigrationScripts scripts, Migrations migrations,
             Deadline deadline) {
    connection.begin(nullptr, Access::glance, deadline);
    const int found = schema_version(connection);
    const int known = static_cast<int>(scripts.size());
    sql::check_version(found, known, migrations);
    for (int version = found + 1; version <= known; ++version) {
        step(connection, version, scripts[static_cast<std::size_t>(version - 1)], deadline);
    }
}

void distribute(Connection& connection, Deadline deadline) {
    if (!connection.is_citus()) {
        throw Error{ErrorCode::incompatible,
                    "the database does not have the extension Citus, which distributes tables"};
    }
    const auto by = [&](const char* column, const char* table, const char* beside) {
        const std::array<sql::Value, 1> values{std::string_view{table}};
        connection.execute(
            fmt::format("select create_distributed_table(c.oid::regclass, '{}',"
                        " colocate_with => '{}') from pg_class c"
                        " where c.oid = to_regclass($1) and not exists"
                        " (select 1 from pg_dist_partition p where p.logicalrelid = c.oid)",
                        column, beside),
            values);
    };
    alone(connection, deadline, [&] {
        for (const char* table : tenant_tables)
            by("tenant_id", table, table == tenant_tables.front() ? "none" : tenant_tables.front());
        by("key_id", key_directory, "none");
    });
}

}  // namespace lvng::crm::postgresql
