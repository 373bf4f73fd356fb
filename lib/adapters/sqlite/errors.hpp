#pragma once

#include <lvng/crm/error.hpp>

#include <string_view>

struct sqlite3;

namespace lvng::crm::sqlite {

/// What was being done: a failed commit may have been done all the same.
enum class Step { statement, commit };

/// The one place where a result code of SQLite becomes an `Error`. `db` may be null.
Error to_error(int code, sqlite3* db, std::string_view doing, Step step = Step::statement);

}  // namespace lvng::crm::sqlite
