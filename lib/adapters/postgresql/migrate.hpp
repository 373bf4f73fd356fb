#pragma once

#include "adapters/postgresql/connection.hpp"
#include "adapters/sql/schema_version.hpp"

namespace lvng::crm::postgresql {

/// The version of the database: 0 where no migration ever ran. The connection acts for nobody.
int schema_version(Connection& connection);

/// Brings the database to the last version of `scripts`, by the deadline: a transaction each, so
/// that a kill leaves it between two of them, where the next start goes on. Of two processes one
/// waits for the other. Throws `incompatible` (newer than known, or another version and `never`),
/// naming both versions.
void migrate(Connection& connection, sql::MigrationScripts scripts, Migrations migrations,
             Deadline deadline);

/// Distributes the tables by tenant, those that are not yet. Throws `incompatible` without Citus.
void distribute(Connection& connection, Deadline deadline);

}  // namespace lvng::crm::postgresql
