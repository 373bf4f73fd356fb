#include <lvng/crm/postgresql.hpp>

#include "adapters/postgresql/conninfo.hpp"
#include "adapters/postgresql/glance_line.hpp"
#include "adapters/postgresql/joint_writes.hpp"
#include "adapters/postgresql/migrate.hpp"
#include "adapters/postgresql/migrations.hpp"
#include "adapters/postgresql/pool.hpp"
#include "adapters/sql/tenants.hpp"
#include "adapters/sql/transaction.hpp"

#include <lvng/crm/error.hpp>

#include <algorithm>
#include <thread>

namespace lvng::crm::inline v0 {
namespace {

using postgresql::Connection;
using postgresql::GlanceLine;
using postgresql::JointWrites;
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

/// One statement, which goes by the line. Nothing is open, so there is nothing to end.
class PostgresqlGlance final : public sql::SqlTransaction {
public:
    PostgresqlGlance(GlanceLine& line, const Principal& who, Deadline deadline)
        : SqlTransaction{session_, who, nullptr}, session_{line, who_, deadline} {}

    void commit() override {}
    void rollback() override {}
    void savepoint() override {}
    void release_savepoint() override {}
    void rollback_to_savepoint() override {}
    void* native_handle() override {
        throw Error{ErrorCode::internal, "a glance has no connection of its own"};
    }

private:
    postgresql::GlanceSession session_;
};

constexpr int schema_version_needed = static_cast<int>(postgresql::migration_scripts.size());

/// Fewer than there are cores: one that waits for its turn gathers more to ask for.
std::size_t askers(std::size_t pool_size) {
    const std::size_t cores = std::thread::hardware_concurrency();
    return std::max<std::size_t>(std::min(cores, pool_size) / 2, 1);
}

Deadline after(std::chrono::milliseconds time) {
    return std::chrono::steady_clock::now() + time;
}

class PostgresqlStore final : public Store {
public:
    explicit PostgresqlStore(const PostgresqlOptions& options)
        : pool_{postgresql::connection_string(options), options.pool_size},
          glances_{pool_, askers(options.pool_size),
                   std::max<std::size_t>(options.pool_size / 2, 1)},
          joint_writes_{pool_} {
        const Deadline deadline = after(options.open_timeout);
        const Pool::Lease connection = pool_.take(deadline);
        postgresql::migrate(*connection, postgresql::migration_scripts, options.migrations,
                            deadline);
        is_citus_ = connection->is_citus();
    }

    std::unique_ptr<StoreTransaction> begin(const Principal& who, Access access,
                                            Deadline deadline) override {
        if (access == Access::glance) {
            return std::make_unique<PostgresqlGlance>(glances_, who, deadline);
        }
        return std::make_unique<PostgresqlTransaction>(pool_.take(deadline), who, access, deadline,
                                                       texts_);
    }

    // On Citus a transaction of several tenants would be one of several machines.
    [[nodiscard]] bool gains_by_write_each() const noexcept override {
        return !is_citus_ && joint_writes_.are_promising();
    }

    void write_each(std::span<SharedWrite> writes, Deadline deadline) override {
        if (is_citus_) return Store::write_each(writes, deadline);
        joint_writes_.run(writes, deadline, [&](SharedWrite& one) {
            one.failure = nullptr;
            Store::write_each({&one, 1}, deadline);
        });
    }

    [[nodiscard]] bool gains_by_find_each() const noexcept override { return true; }

    void find_each(std::span<ContactRequest* const> requests, Deadline deadline) override {
        std::vector<sql::ContactById> wanted;
        wanted.reserve(requests.size());
        std::vector<postgresql::Glance> glances;
        glances.reserve(requests.size());
        for (const ContactRequest* const request : requests) {
            wanted.emplace_back(request->who, request->id);
            glances.push_back({.who = &request->who,
                               .statement = sql::ContactById::statement(),
                               .values = wanted.back().values(),
                               .deadline = deadline - request->waited});
        }
        glances_.ask_each(glances);
        for (std::size_t i = 0; i < requests.size(); ++i) {
            ContactRequest& request = *requests[i];
            request.failure = std::move(glances[i].failure);
            if (request.failure) continue;
            try {
                postgresql::ResultRows rows;
                rows.take(std::move(glances[i].answer));
                request.contact = wanted[i].read(rows);
            } catch (...) {
                request.failure = std::current_exception();
            }
        }
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
    GlanceLine glances_;
    JointWrites joint_writes_;
    bool is_citus_ = false;
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
