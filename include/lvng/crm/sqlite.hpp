#pragma once

#include <lvng/crm/export.hpp>
#include <lvng/crm/migrations.hpp>
#include <lvng/crm/ports/store.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace lvng::crm::inline v0 {

/// When a commit returns. Source: SQLite, PRAGMA synchronous.
enum class SqliteSynchronous {
    full,    ///< on the disk: no acknowledged write is lost, not even at power loss
    normal,  ///< in the file: a killed process loses nothing, power loss may lose the last commits
};

struct SqliteOptions {
    /// The database file, made where it is missing (its folder is not); `:memory:` keeps
    /// everything in this process until the store is destroyed.
    std::string path{};
    SqliteSynchronous synchronous = SqliteSynchronous::full;
    Migrations migrations = Migrations::automatic;
    /// No second store with this flag opens the same file, in this process or another, while
    /// this one lives. Stores without it may come and go beside it in other processes.
    bool exclusive = false;
    /// How long opening waits for another process that is migrating.
    std::chrono::milliseconds open_timeout{30'000};
};

/// Opens a store on one SQLite file, in WAL mode, and migrates it. The host's own tables may
/// stand beside the library's, whose names all start with `lvng_`.
///
/// Throws `invalid` (no path), `conflict` (this process has the file open already, or another
/// holds it exclusively), `incompatible` (another schema version, named, or texts in UTF-16),
/// `corrupt` (no SQLite database), `unavailable` (cannot be opened or written).
LVNG_CRM_EXPORT std::unique_ptr<Store> sqlite_store(const SqliteOptions& options);

/// Stops SQLite from counting the memory it takes, in the whole process: it does so under one
/// lock for all threads, and without it a read costs about a tenth less. What SQLite offers on
/// top of the count (`sqlite3_memory_used`, heap limits) does nothing then.
///
/// To be called before anything in the process uses SQLite; later it changes nothing.
/// Source: SQLite, SQLITE_CONFIG_MEMSTATUS.
LVNG_CRM_EXPORT void stop_counting_sqlite_memory() noexcept;

struct SqliteBackup {
    std::string path{};  ///< a database file, in use or not
    std::string copy{};  ///< where its copy goes; must not exist
};

/// Writes a consistent copy of a database, of one moment, while others read and write it. The
/// copy appears under its name when it is whole and on the disk, never before.
///
/// Throws `invalid` (no path), `already_exists` (the copy is there), `corrupt`, `unavailable`
/// (cannot be read or written, the disk is full).
LVNG_CRM_EXPORT void back_up_sqlite(const SqliteBackup& backup);

}  // namespace lvng::crm::inline v0
