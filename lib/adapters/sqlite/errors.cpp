#include "adapters/sqlite/errors.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace lvng::crm::sqlite {

Error to_error(int code, sqlite3* db, std::string_view doing, Step step) {
    std::string message =
        fmt::format("{}: {}", doing, db ? sqlite3_errmsg(db) : sqlite3_errstr(code));
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:  // too many others at the log's locks
        return {ErrorCode::unavailable, std::move(message), {.retryable = true}};
    case SQLITE_INTERRUPT:
        return {ErrorCode::unavailable, fmt::format("{}: the deadline has passed", doing)};
    case SQLITE_IOERR:
        // The sync may have failed after the commit record was written: another process, or the
        // next start, may find it.
        return {
            ErrorCode::unavailable, std::move(message), {.outcome_unknown = step == Step::commit}};
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return {ErrorCode::unavailable, std::move(message)};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return {ErrorCode::corrupt, std::move(message)};
    default:
        return {ErrorCode::internal, std::move(message)};
    }
}

}  // namespace lvng::crm::sqlite
