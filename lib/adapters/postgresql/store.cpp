#include <lvng/crm/postgresql.hpp>

#include "adapters/postgresql/conninfo.hpp"
#include "adapters/postgresql/migrate.hpp"
#include "adapters/postgresql/migrations.hpp"
#include "adapters/postgresql/pool.hpp"
#include "adapters/sql/tenants.hpp"
#include "adapters/sql/transaction.hpp"

#include <lvng/crm/error.hpp>

namespace lvng::crm::inline v0 {
namespace {

using postgresql::Connection;
using postgresql::Pool;

class PostgresqlTransaction final : public sql::SqlTransaction {
public:
    PostgresqlTransaction(Pool::Lease connection, const Principal& who, Access access,
                          Deadline deadline, sql::BookTextCache& texts)
        : SqlTransaction{*connection, who, access == Access::read ? &texts : nullptr},
          connection_{std::move(connection)}, access_{access} {
        connection_->begin(&who_, access, deadline);
    }

    void commit() override {
        if (access_ == Access::write) {
            connection_->commit();
        } else {
            connection_->leave();
        }
    }
    // Others' rows are seen only when they are durable, so a refusal need not wait for any.
    void rollback() override { connection_->leave(); }

    void savepoint() override { connection_->savepoint(); }
    void release_savepoint() override { connection_->release_savepoint(); }
    void rollback_to_savepoint() override { connection_->rollback_to_savepoint(); }

    void* native_handle() override { return connection_->lend_handle(); }

private:
    Pool::Lease connection_;
    Access access_;
};

constexpr int schema_version_needed = static_cast<int>(postgresql::migration_scripts.size());

Deadline after(std::chrono::milliseconds time) {
    return std::chrono::steady_clock::now() + time;
}

class PostgresqlStore final : public Store {
public:
    explicit PostgresqlStore(const PostgresqlOptions& options)
        : pool_{postgresql::connection_string(options), options.pool_size} {
        const Deadline deadline = after(options.open_timeout);
        postgresql::migrate(*pool_.take(deadline), postgresql::migration_scripts,
                            options.migrations, deadline);
    }

    std::unique_ptr<StoreTransaction> begin(const Principal& who, Access access,
                                            Deadline deadline) override {
        return std::make_unique<PostgresqlTransaction>(pool_.take(deadline), who, access, deadline,
                                                       texts_);
    }

    std::vector<TenantId> tenants(Deadline deadline) override {
        const Pool::Lease connection = pool_.take(deadline);
        connection->begin(nullptr, Access::glance, deadline);
        return sql::all_tenants(*connection);
    }

    StoreHealth health(Deadline deadline) override {
        StoreHealth health{.kind = "postgresql", .pool = pool_.use()};
        try {
            const Pool::Lease connection = pool_.take(deadline);
            connection->begin(nullptr, Access::glance, deadline);
            health.schema_version = postgresql::schema_version(*connection);
            // A newer one was made by the next release, which may be taking over node by node.
            health.serving = health.schema_version >= schema_version_needed;
            if (!health.serving) health.problem = "a newer schema version is needed";
            health.row_security = row_security(*connection);
        } catch (const Error& error) {
            health.serving = false;
            health.problem = error.message();
        }
        return health;
    }

private:
    /// A superuser and a login with BYPASSRLS see all rows; so does everybody where somebody
    /// has switched it off for a table.
    static std::string row_security(Connection& connection) {
        sql::Rows rows{connection.query(
            "select (select count(*) from pg_roles where rolname = current_user"
            " and (rolsuper or rolbypassrls))"
            " + (select count(*) from pg_class where relkind in ('r', 'p')"
            " and relnamespace = (select relnamespace from pg_class"
            " where oid = to_regclass('lvng_migrations'))"
            " and relname like 'lvng\\_%' and relname not in ('lvng_migrations', 'lvng_tenants',"
            " 'lvng_api_key_tenants')"
            " and not (relrowsecurity and relforcerowsecurity))",
            {})};
        return rows.next() && rows.integer(0) == 0 ? "forced" : "bypassed";
    }

    Pool pool_;
    sql::BookTextCache texts_;
};

}  // namespace

std::unique_ptr<Store> postgresql_store(const PostgresqlOptions& options) {
    return std::make_unique<PostgresqlStore>(options);
}

void distribute_postgresql_store(const PostgresqlOptions& options) {
    const Deadline deadline = after(options.open_timeout);
    Connection connection{postgresql::connection_string(options), deadline};
    postgresql::migrate(connection, postgresql::migration_scripts, options.migrations, deadline);
    postgresql::distribute(connection, deadline);
}

}  // namespace lvng::crm::inline v0
