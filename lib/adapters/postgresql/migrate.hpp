#pragma once

#include "adapters/postgresql/connection.hpp"

#include <lvng/crm/migrations.hpp>

#include <span>

namespace lvng::crm::postgresql {

/// The newest schema this library knows, and the only one it uses.
int known_schema_version() noexcept;

/// The version of the database: 0 where no migration ever ran. The connection acts for nobody.
int schema_version(Connection& connection);

/// Brings the database to the version that `scripts` make, by the deadline: a transaction each
/// step, so that a kill leaves it between two steps, where the next start goes on. Of two
/// processes one waits for the other. Throws `incompatible` (newer than known, or not equal to
/// it and `never`), naming both versions.
void migrate(Connection& connection, Migrations migrations, Deadline deadline,
             std::span<const char* const> scripts);

/// The same to the known version.
void migrate(Connection& connection, Migrations migrations, Deadline deadline);

/// Distributes the tables by tenant, those that are not yet. Throws `incompatible` without Citus.
void distribute(Connection& connection, Deadline deadline);

}  // namespace lvng::crm::postgresql
