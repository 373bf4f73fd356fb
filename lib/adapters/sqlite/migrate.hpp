#pragma once

#include "adapters/sqlite/connection.hpp"

#include <lvng/crm/migrations.hpp>

namespace lvng::crm::sqlite {

/// The newest schema this library knows, and the only one it uses.
int known_schema_version() noexcept;

/// The version of an open database: 0 where no migration ever ran.
int schema_version(Connection& connection);

/// Brings the database to the known version, a transaction each step: a kill leaves it between
/// two steps, where the next start goes on. Two processes take turns. Throws `incompatible`
/// (newer than known, or not equal to it and `never`), naming both versions.
void migrate(Connection& connection, Migrations migrations);

}  // namespace lvng::crm::sqlite
