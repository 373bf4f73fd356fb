#include <lvng/crm/sqlite.hpp>

#include "adapters/sql/contacts.hpp"
#include "adapters/sql/users.hpp"
#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/file_claim.hpp"
#include "adapters/sqlite/migrate.hpp"
#include "adapters/sqlite/reader_pool.hpp"
#include "adapters/sqlite/write_turn.hpp"

#include <lvng/crm/error.hpp>

#include <optional>

namespace lvng::crm::inline v0 {
namespace {

using sqlite::Connection;
using sqlite::ConnectionOptions;
using sqlite::FileClaim;
using sqlite::ReaderPool;
using sqlite::WriteTurn;

constexpr int writer_cache_kib = 64 * 1024;

/// A transaction on a connection that somebody lends it.
class SqliteTransaction : public StoreTransaction {
public:
    SqliteTransaction(Connection& connection, const Principal& who)
        : connection_{&connection}, who_{who}, contacts_{connection, who_}, users_{connection,
                                                                                   who_} {}

    ContactRepository& contacts() override { return contacts_; }
    UserRepository& users() override { return users_; }

    void commit() override {
        // SQLite ends a transaction by itself where going on could damage the file.
        if (!connection_->in_transaction()) {
            throw Error{ErrorCode::unavailable, "the store gave the transaction up"};
        }
        connection_->commit();
    }

    void savepoint() override { connection_->run("savepoint lvng"); }
    void release_savepoint() override { connection_->run("release lvng"); }
    void rollback_to_savepoint() override {
        if (!connection_->in_transaction()) return;
        connection_->run("rollback to lvng");
        connection_->run("release lvng");
    }

    void* native_handle() noexcept override { return connection_->handle(); }

protected:
    void roll_back() noexcept { connection_->rollback(); }

private:
    Connection* connection_;
    Principal who_;
    sql::SqlContacts contacts_;
    sql::SqlUsers users_;
};

/// A transaction that ends with what it has on loan: a reader, or the write turn.
template <class Lease>
class LeasedTransaction final : public SqliteTransaction {
public:
    LeasedTransaction(Lease lease, Connection& connection, const Principal& who)
        : SqliteTransaction{connection, who}, lease_{std::move(lease)} {}
    ~LeasedTransaction() override { roll_back(); }

private:
    Lease lease_;
};

class SqliteStore final : public Store {
public:
    explicit SqliteStore(const SqliteOptions& options)
        : writer_{writer_options(options),
                  std::chrono::steady_clock::now() + options.open_timeout} {
        if (options.path != ":memory:") {
            claim_.emplace(options.path, options.exclusive);
            readers_.emplace(reader_options(options));
        }
        migrate(writer_, options.migrations);
    }

    std::unique_ptr<StoreTransaction> begin(const Principal& who, Access access,
                                            Deadline deadline) override {
        if (access == Access::read && readers_) {
            ReaderPool::Lease reader = readers_->take(deadline);
            Connection& connection = *reader;
            return begin(std::move(reader), connection, who, "begin");
        }
        // A database in memory has one connection, so its readers take turns with its writers.
        WriteTurn::Lease turn = turn_.take(deadline);
        writer_.set_deadline(deadline);
        // Immediate: a transaction that becomes a writer later could find that it is too late.
        return begin(std::move(turn), writer_, who,
                     access == Access::write ? "begin immediate" : "begin");
    }

    StoreHealth health(Deadline deadline) override {
        StoreHealth health{.kind = "sqlite"};
        try {
            health.schema_version = read_version(deadline);
            health.serving = health.schema_version == sqlite::known_schema_version();
            if (!health.serving) health.problem = "another schema version is needed";
        } catch (const Error& error) {
            health.problem = error.message();
        }
        return health;
    }

private:
    static ConnectionOptions writer_options(const SqliteOptions& options) {
        if (options.path.empty()) throw invalid_fields({{"path", "is required"}});
        return {.path = options.path,
                .full_sync = options.synchronous == SqliteSynchronous::full,
                .cache_kib = writer_cache_kib};
    }

    static ConnectionOptions reader_options(const SqliteOptions& options) {
        return {.path = options.path, .read_only = true};
    }

    template <class Lease>
    static std::unique_ptr<StoreTransaction> begin(Lease lease, Connection& connection,
                                                   const Principal& who, std::string_view begin) {
        auto transaction =
            std::make_unique<LeasedTransaction<Lease>>(std::move(lease), connection, who);
        connection.run(begin);
        return transaction;
    }

    int read_version(Deadline deadline) {
        if (readers_) return sqlite::schema_version(*readers_->take(deadline));
        const WriteTurn::Lease turn = turn_.take(deadline);
        writer_.set_deadline(deadline);
        return sqlite::schema_version(writer_);
    }

    std::optional<FileClaim> claim_;
    Connection writer_;
    std::optional<ReaderPool> readers_;
    WriteTurn turn_;
};

}  // namespace

std::unique_ptr<Store> sqlite_store(const SqliteOptions& options) {
    return std::make_unique<SqliteStore>(options);
}

}  // namespace lvng::crm::inline v0
