#pragma once

#include "adapters/sqlite/connection.hpp"

#include <lvng/crm/migrations.hpp>

#include <span>

namespace lvng::crm::sqlite {

/// The n-th script makes schema version n of version n - 1.
using MigrationScripts = std::span<const char* const>;

/// The version of an open database: 0 where no migration ever ran.
int schema_version(Connection& connection);

/// Brings the database to the last version of `scripts`, a transaction each: a kill leaves it
/// between two of them, where the next start goes on. Two processes take turns. Throws
/// `incompatible` (newer than known, or another version and `never`), naming both versions.
void migrate(Connection& connection, MigrationScripts scripts, Migrations migrations);

}  // namespace lvng::crm::sqlite
