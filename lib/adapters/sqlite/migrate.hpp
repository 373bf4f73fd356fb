#pragma once

#include "adapters/sql/schema_version.hpp"
#include "adapters/sqlite/connection.hpp"

namespace lvng::crm::sqlite {

/// The version of an open database: 0 where no migration ever ran.
int schema_version(Connection& connection);

/// Brings the database to the last version of `scripts`, a transaction each: a kill leaves it
/// between two of them, where the next start goes on. Two processes take turns. Throws
/// `incompatible` (newer than known, or another version and `never`), naming both versions.
void migrate(Connection& connection, sql::MigrationScripts scripts, Migrations migrations);

}  // namespace lvng::crm::sqlite
