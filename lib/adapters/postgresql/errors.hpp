#pragma once

#include <lvng/crm/error.hpp>

#include <string_view>

struct pg_result;

namespace lvng::crm::postgresql {

/// What was being done: a commit that was sent may have been done, whatever went wrong after.
enum class Step { statement, commit };

/// What a failed result of the server means.
struct Failure {
    Error error;
    /// The connection is of no use any more: it is gone, or what is prepared on it is outdated.
    bool drop_connection = false;
    /// Every connection's prepared statements are outdated, not only this one's.
    bool outdated = false;
    /// The server ended the statement at its lock timeout or its statement timeout.
    bool timed_out = false;
};

/// The one place where a SQLSTATE becomes an `Error`.
/// Source: PostgreSQL, appendix A, Error Codes.
Failure to_failure(const pg_result* result, Step step);

/// The connection ended without an answer; `why` says how.
Error lost_connection(std::string_view why, Step step);

/// The caller's deadline passed without an answer.
Error deadline_passed(Step step);

}  // namespace lvng::crm::postgresql
