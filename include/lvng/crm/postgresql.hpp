#pragma once

#include <lvng/crm/export.hpp>
#include <lvng/crm/migrations.hpp>
#include <lvng/crm/ports/store.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace lvng::crm::inline v0 {

/// Where a PostgreSQL store is and how it is used.
struct PostgresqlOptions {
    /// `postgresql://user:password@host:port/database?sslmode=verify-full`, or `key=value` pairs;
    /// what it leaves out comes from libpq's environment variables and password file. No value
    /// may hold a blank (a password with one goes into the password file), and `client_encoding`
    /// must be UTF8. Source: PostgreSQL, Connection Strings.
    std::string url{};
    /// Connections at most, 1 to 1,000; opened when they are first needed, then kept.
    std::size_t pool_size = 8;
    /// The server ends a statement by then, and one that waits for a lock by `lock_timeout`.
    std::chrono::milliseconds statement_timeout{5000};
    std::chrono::milliseconds lock_timeout{4000};
    Migrations migrations = Migrations::automatic;
    /// How long opening waits for the server, and for another process that is migrating.
    std::chrono::milliseconds open_timeout{30'000};
};

/// Opens a store in a PostgreSQL database, version 15 or newer, and migrates it. The host's own
/// tables may stand beside the library's, whose names all start with `lvng_`; they are found and
/// made in the first schema of the connection's `search_path`.
///
/// The rows of each tenant and user are closed to the others by row-level security as well,
/// unless the login may bypass it: `StoreHealth::row_security`. On a Citus coordinator the owner
/// is passed on to the workers.
///
/// Throws `invalid` (an option out of its range, or a part of `url`, named, that cannot be passed
/// on), `incompatible` (another schema version, or an older server), `unavailable` (the server
/// cannot be reached, or refuses the login).
LVNG_CRM_EXPORT std::unique_ptr<Store> postgresql_store(const PostgresqlOptions& options);

/// Migrates the store on a Citus coordinator and distributes its tables by tenant; those that
/// are distributed already stay as they are. Throws as `postgresql_store` does, and
/// `incompatible` where the database does not have the extension Citus.
LVNG_CRM_EXPORT void distribute_postgresql_store(const PostgresqlOptions& options);

}  // namespace lvng::crm::inline v0
