#include <lvng/crm/sqlite.hpp>

#include "adapters/sql/tenants.hpp"
#include "adapters/sql/transaction.hpp"
#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/file_claim.hpp"
#include "adapters/sqlite/group_commit.hpp"
#include "adapters/sqlite/migrate.hpp"
#include "adapters/sqlite/migrations.hpp"
#include "adapters/sqlite/reader_pool.hpp"
#include "adapters/sqlite/wal_moments.hpp"

#include <lvng/crm/error.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace lvng::crm::inline v0 {
namespace {

using sqlite::Connection;
using sqlite::ConnectionOptions;
using sqlite::FileClaim;
using sqlite::GroupCommit;
using sqlite::ReaderPool;
using sqlite::WalMoments;

constexpr std::string_view in_memory = ":memory:";
constexpr std::size_t max_group = 128;

/// What reading and writing have in common: a connection that somebody lends.
class SqliteTransaction : public sql::SqlTransaction {
public:
    SqliteTransaction(Connection& connection, const Principal& who,
                      sql::BookTextCache* texts = nullptr)
        : SqliteTransaction{connection, connection, who, texts} {}

    void savepoint() override {
        // Where SQLite has ended the transaction, a savepoint would begin one of its own, and
        // releasing it would commit.
        if (!connection_->in_transaction()) {
            throw Error{ErrorCode::unavailable, "the store gave the transaction up"};
        }
        connection_->run("savepoint lvng");
    }
    void release_savepoint() override {
        const sqlite::WithoutDeadline whole{*connection_};
        connection_->run("release lvng");
    }
    void rollback_to_savepoint() override {
        if (!connection_->in_transaction()) return;
        const sqlite::WithoutDeadline whole{*connection_};
        connection_->run("rollback to lvng");
        connection_->run("release lvng");
    }

    void* native_handle() override { return connection_->handle(); }

protected:
    /// Whose statements go to the connection by `session`.
    SqliteTransaction(Connection& connection, sql::Session& session, const Principal& who,
                      sql::BookTextCache* texts = nullptr)
        : SqlTransaction{session, who, texts}, connection_{&connection} {}

private:
    Connection* connection_;
};

class ReadTransaction final : public SqliteTransaction {
public:
    ReadTransaction(ReaderPool::Lease reader, Access access, const Principal& who,
                    sql::BookTextCache& texts)
        : SqliteTransaction{*reader, who, access == Access::read ? &texts : nullptr},
          reader_{std::move(reader)} {
        if (access != Access::glance) reader_->run("begin");
    }
    ~ReadTransaction() override { reader_->rollback(); }

    void commit() override { rollback(); }
    void rollback() override { reader_->rollback(); }

private:
    ReaderPool::Lease reader_;
};

class WriteTransaction final : public SqliteTransaction {
public:
    WriteTransaction(std::unique_ptr<GroupCommit::Member> member, Connection& connection,
                     const Principal& who)
        : SqliteTransaction{connection, who}, member_{std::move(member)} {}

    void commit() override { member_->commit(); }
    void rollback() override { member_->rollback(); }

private:
    std::unique_ptr<GroupCommit::Member> member_;
};

/// The writing connection for a part that takes its place in the group with its first statement.
class PartSession : public sql::Session {
public:
    PartSession(Connection& connection, GroupCommit::Hold& hold)
        : connection_{&connection}, hold_{&hold} {}

    sql::Cursor& query(std::string_view statement, std::span<const sql::Value> values) override {
        hold_->take();
        return connection_->query(statement, values);
    }
    std::int64_t execute(std::string_view statement, std::span<const sql::Value> values) override {
        hold_->take();
        return connection_->execute(statement, values);
    }
    void defer(std::string_view statement, std::span<const sql::Value> values) override {
        execute(statement, values);
    }
    [[nodiscard]] std::string_view for_update() const noexcept override {
        return connection_->for_update();
    }

private:
    Connection* connection_;
    GroupCommit::Hold* hold_;
};

/// A part of a group, which ends by itself. Its first savepoint is the one that it has in the
/// group anyway.
class PartTransaction final : private PartSession, public SqliteTransaction {
public:
    PartTransaction(Connection& connection, GroupCommit::Hold& hold, const Principal& who)
        : PartSession{connection, hold}, SqliteTransaction{connection, *this, who}, hold_{&hold} {}

    void commit() override { refuse_to_end(); }
    void rollback() override { refuse_to_end(); }

    void savepoint() override {
        if (hold_->take()) return;
        SqliteTransaction::savepoint();
        ++nested_;
    }
    void release_savepoint() override {
        if (nested_ == 0) return;
        SqliteTransaction::release_savepoint();
        --nested_;
    }
    void rollback_to_savepoint() override {
        if (nested_ == 0) return hold_->undo();
        SqliteTransaction::rollback_to_savepoint();
        --nested_;
    }

    void* native_handle() override {
        hold_->take();
        hold_->note_change();
        return SqliteTransaction::native_handle();
    }

private:
    GroupCommit::Hold* hold_;
    std::size_t nested_ = 0;
};

class SqliteStore final : public Store {
public:
    explicit SqliteStore(const SqliteOptions& options)
        : writer_{writer_options(options), std::chrono::steady_clock::now() + options.open_timeout},
          // In memory a commit costs nothing, so nobody waits for mates.
          writers_{writer_, options.path == in_memory ? 1U : max_group} {
        if (options.path != in_memory) {
            claim_.emplace(options.path, options.exclusive);
            readers_.emplace(ConnectionOptions{.path = claim_->path(), .read_only = true});
        }
        migrate(writer_, sqlite::migration_scripts, options.migrations);
        // A file that cannot be written is refused now, not at the first contact.
        writers_.begin(std::chrono::steady_clock::now() + options.open_timeout)->rollback();
        // Nobody has the writer yet, and it has read and is there as long as the store.
        if (readers_) moments_.emplace(writer_);
    }

    std::unique_ptr<StoreTransaction> begin(const Principal& who, Access access,
                                            Deadline deadline) override {
        if (access != Access::write && readers_) {
            return std::make_unique<ReadTransaction>(readers_->take(deadline), access, who, texts_);
        }
        if (access == Access::write) check_is_there();
        // A database in memory has one connection, so its readers take turns with its writers.
        return std::make_unique<WriteTransaction>(writers_.begin(deadline), writer_, who);
    }

    void write(const Principal& who, Deadline deadline, WorkThread thread,
               const std::function<void(StoreTransaction&)>& work) override {
        if (thread == WorkThread::own) return Store::write(who, deadline, thread, work);
        check_is_there();
        const auto part = [&](GroupCommit::Hold& hold) {
            PartTransaction tx{writer_, hold, who};
            work(tx);
        };
        writers_.run(deadline, std::ref(part));  // by reference, it takes no memory
    }

    // In memory nobody waits for a commit.
    [[nodiscard]] bool gains_by_write_each() const noexcept override { return claim_.has_value(); }

    void write_each(std::span<SharedWrite> writes, Deadline deadline) override {
        check_is_there();
        std::vector<GroupCommit::Job> jobs;
        jobs.reserve(writes.size());
        for (const SharedWrite& write : writes) {
            jobs.push_back({.part = [this, &write](GroupCommit::Hold& hold) {
                PartTransaction tx{writer_, hold, *write.who};
                write.work(tx);
            }});
        }
        writers_.run_each(deadline, jobs);
        for (std::size_t i = 0; i < writes.size(); ++i) writes[i].failure = jobs[i].failure;
    }

    std::vector<TenantId> tenants(Deadline deadline) override {
        if (readers_) return sql::all_tenants(*readers_->take(deadline));
        const auto turn = writers_.begin(deadline);
        return sql::all_tenants(writer_);
    }

    StoreHealth health(Deadline deadline) override {
        StoreHealth health{.kind = "sqlite"};
        try {
            check_is_there();
            health.schema_version = read_version(deadline);
            // A newer one was made by the next release, which may be taking over node by node.
            health.serving =
                health.schema_version >= static_cast<int>(sqlite::migration_scripts.size());
            if (!health.serving) health.problem = "a newer schema version is needed";
        } catch (const Error& error) {
            health.problem = error.message();
        }
        return health;
    }

    [[nodiscard]] std::optional<StoreMoment> moment() const noexcept override {
        return moments_ ? moments_->now() : std::nullopt;
    }

private:
    static ConnectionOptions writer_options(const SqliteOptions& options) {
        if (options.path.empty()) throw invalid_fields({{"path", "is required"}});
        return {.path = options.path, .full_sync = options.synchronous == SqliteSynchronous::full};
    }

    void check_is_there() const {
        if (!claim_ || claim_->holds()) return;
        throw Error{ErrorCode::unavailable, "the database file was deleted or moved away"};
    }

    int read_version(Deadline deadline) {
        if (readers_) return sqlite::schema_version(*readers_->take(deadline));
        const auto turn = writers_.begin(deadline);
        return sqlite::schema_version(writer_);
    }

    std::optional<FileClaim> claim_;
    Connection writer_;
    std::optional<WalMoments> moments_;
    std::optional<ReaderPool> readers_;
    sql::BookTextCache texts_;
    GroupCommit writers_;
};

}  // namespace

void stop_counting_sqlite_memory() noexcept {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

std::unique_ptr<Store> sqlite_store(const SqliteOptions& options) {
    return std::make_unique<SqliteStore>(options);
}

}  // namespace lvng::crm::inline v0
