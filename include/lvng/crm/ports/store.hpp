#pragma once

#include <lvng/crm/export.hpp>
#include <lvng/crm/ports/conversation_repositories.hpp>
#include <lvng/crm/ports/replays.hpp>
#include <lvng/crm/ports/repositories.hpp>
#include <lvng/crm/principal.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lvng::crm::inline v0 {

/// The instant by which a call must have ended, on the clock that nobody sets.
using Deadline = std::chrono::steady_clock::time_point;

/// What a transaction is for.
enum class Access {
    glance,  ///< one reading call that is over soon: its statement sees one moment by itself
    read,    ///< reading calls that together see one moment
    write,
};

/// One transaction on a store, for one principal. Destroying it without `commit` rolls it back.
/// One thread at a time.
///
/// Every member throws `unavailable` where the store fails or the deadline passes, with
/// `Error::retryable` where nothing was done and a repeat may succeed.
class LVNG_CRM_EXPORT StoreTransaction {
public:
    virtual ~StoreTransaction();

    virtual ContactRepository& contacts() = 0;
    virtual ConversationRepository& conversations() = 0;
    virtual MessageRepository& messages() = 0;
    virtual EventLog& events() = 0;
    virtual UserRepository& users() = 0;
    virtual ApiKeyRepository& api_keys() = 0;
    virtual ReplayRepository& replays() = 0;
    virtual UpkeepRepository& upkeep() = 0;
    /// Notes that the principal's tenant has something in the store: see `Store::tenants`.
    virtual void note_tenant() = 0;

    /// Returns when what was written is as durable as the store was asked to make it. Throws
    /// with `Error::outcome_unknown` where the commit was sent and its answer lost.
    virtual void commit() = 0;
    /// Undoes what was written, and returns when what the transaction saw is durable: a refusal
    /// may rest on a row that another transaction is just committing with this one. Throws
    /// `unavailable` (retryable) where that row was not to be.
    virtual void rollback() = 0;

    /// A point to come back to, for a use case that joins a larger transaction. They nest;
    /// each is ended by one of the other two.
    virtual void savepoint() = 0;
    virtual void release_savepoint() = 0;
    virtual void rollback_to_savepoint() = 0;

    /// The database's own handle (`sqlite3*`, `PGconn*`), valid while the transaction lives. Not
    /// for a glance.
    virtual void* native_handle() = 0;
};

/// How the connections of a store are used.
struct PoolUse {
    std::size_t size = 0;  ///< at most so many
    std::size_t used = 0;
    std::size_t idle = 0;
    std::size_t waiting = 0;  ///< transactions that wait for one

    bool operator==(const PoolUse&) const = default;
};

/// What a store says of itself.
struct StoreHealth {
    bool serving = false;    ///< answers, and has the schema this library needs
    std::string kind{};      ///< `sqlite`, `postgresql`
    int schema_version = 0;  ///< 0 where it could not be read
    std::string problem{};   ///< empty while serving
    /// `forced` where the database itself keeps tenants and users apart, `bypassed` where this
    /// login may see all rows; empty where the database has no such thing.
    std::string row_security{};
    std::optional<PoolUse> pool{};  ///< just before it was asked; absent where there is no pool
};

/// Stands for all that is committed in a store: as long as the moment of a store is the same,
/// nothing has been committed there, by whatever thread or process. Opaque, only to be compared
/// with others of the same object, and to be forgotten with it. A default one is no store's.
struct StoreMoment {
    std::array<std::uint64_t, 6> words{};

    bool operator==(const StoreMoment&) const = default;
};

/// On which thread a store may run what it is given.
enum class WorkThread {
    own,  ///< that of the call
    any,  ///< also that of another call, while this one waits
};

/// One of several works that are written together.
struct SharedWrite {
    const Principal* who = nullptr;
    std::function<void(StoreTransaction&)> work{};
    std::exception_ptr failure{};  ///< what `Store::write` would throw
};

/// Where everything is recorded. Safe to share.
class LVNG_CRM_EXPORT Store {
public:
    virtual ~Store();
    /// A principal without user stands for the whole tenant: that is for upkeep alone. One without
    /// tenant is nobody, and sees what belongs to no tenant.
    virtual std::unique_ptr<StoreTransaction> begin(const Principal& who, Access access,
                                                    Deadline deadline) = 0;
    /// Runs `work` in a writing transaction, which it must not end, and returns when that is
    /// committed. What it throws undoes what it wrote, and is thrown as `rollback` allows it. A
    /// store that gains by it runs the work of many callers together.
    virtual void write(const Principal& who, Deadline deadline, WorkThread thread,
                       const std::function<void(StoreTransaction&)>& work);
    /// Runs each work as `write` does, one after the other on any thread, and returns when all have
    /// an outcome. One may run again because another failed, and last because it waits for a lock.
    /// What concerns them all may be thrown instead; then nothing was done.
    virtual void write_each(std::span<SharedWrite> writes, Deadline deadline);
    /// Whether many writes cost less together in one call than side by side on threads.
    [[nodiscard]] virtual bool gains_by_write_each() const noexcept { return false; }
    /// Finds each contact as a glance of its own would, by the deadline less what the request has
    /// waited, and returns when all have an outcome. A contact that is not there is neither found
    /// nor a failure.
    virtual void find_each(std::span<ContactRequest* const> requests, Deadline deadline);
    /// Whether many contacts cost less in one call than side by side on threads.
    [[nodiscard]] virtual bool gains_by_find_each() const noexcept { return false; }
    /// Every tenant that has ever been noted.
    virtual std::vector<TenantId> tenants(Deadline deadline) = 0;
    /// Never throws for a store that is down: that is what it reports.
    virtual StoreHealth health(Deadline deadline) = 0;
    /// The moment of the store. What is read afterwards is of that moment or a later one. Waits for
    /// nobody; absent where a database would have to be asked, and while the store cannot tell.
    /// Unless overridden it is always absent.
    [[nodiscard]] virtual std::optional<StoreMoment> moment() const noexcept;
};

}  // namespace lvng::crm::inline v0
