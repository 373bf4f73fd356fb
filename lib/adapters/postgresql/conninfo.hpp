#pragma once

#include <lvng/crm/postgresql.hpp>

#include <string>

namespace lvng::crm::postgresql {

/// The connection string for Poco's connector, which libpq then reads in its turn: the options'
/// own values, and ours where they have none.
///
/// Poco cuts the string at every blank, even inside quotes, so no value of it holds one. Throws
/// `invalid` for `url`, with the name of the part that cannot be passed on, and for numbers out
/// of their range.
std::string connection_string(const PostgresqlOptions& options);

}  // namespace lvng::crm::postgresql
