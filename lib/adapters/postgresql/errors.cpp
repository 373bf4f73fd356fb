#include "adapters/postgresql/errors.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <string>

namespace lvng::crm::postgresql {
namespace {

/// What a SQLSTATE, or a class of them, comes to.
enum class Meaning {
    repeat,       // undone by the server, and may succeed at once
    waited,       // the same, after a lock timeout
    timed_out,    // a statement timeout
    ended,        // the server ends the connection
    unavailable,  // not now
    outdated,     // prepared against a schema that is no more
    corrupt,
    internal,
};

struct Row {
    std::string_view prefix;
    Meaning meaning;
};

// The first row that the state starts with decides.
constexpr std::array rows{
    Row{"40001", Meaning::repeat},       // serialization failure
    Row{"40P01", Meaning::repeat},       // deadlock
    Row{"55P03", Meaning::waited},       // lock timeout
    Row{"57014", Meaning::timed_out},    // statement timeout
    Row{"08", Meaning::ended},           // connection exception
    Row{"57P01", Meaning::ended},        // terminated, or the server shuts down
    Row{"57P02", Meaning::ended},        // another backend crashed
    Row{"57P03", Meaning::ended},        // cannot connect now
    Row{"57P05", Meaning::ended},        // idle session timeout
    Row{"25P03", Meaning::ended},        // idle in transaction timeout
    Row{"57", Meaning::unavailable},     // database dropped
    Row{"53", Meaning::unavailable},     // disk full, out of memory, too many connections
    Row{"58", Meaning::unavailable},     // I/O error
    Row{"25006", Meaning::unavailable},  // a standby, or a server set to read only
    Row{"25P02", Meaning::unavailable},  // an earlier statement of the transaction failed
    Row{"3B001", Meaning::unavailable},  // the savepoint was not made, as something had failed
    Row{"28", Meaning::unavailable},     // login refused
    Row{"3D", Meaning::unavailable},     // no such database
    Row{"0A000", Meaning::outdated},     // cached plan must not change result type
    Row{"26000", Meaning::outdated},     // the prepared statement is gone
    Row{"XX001", Meaning::corrupt},      // data corrupted
    Row{"XX002", Meaning::corrupt},      // index corrupted
};

Meaning meaning_of(std::string_view state) {
    const auto* found = std::find_if(rows.begin(), rows.end(),
                                     [&](const Row& row) { return state.starts_with(row.prefix); });
    return found == rows.end() ? Meaning::internal : found->meaning;
}

std::string_view field(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text ? text : "";
}

// Without the detail, which may quote what a user wrote.
std::string message_of(const PGresult* result, std::string_view state) {
    return fmt::format("PostgreSQL {}: {}", state, field(result, PG_DIAG_MESSAGE_PRIMARY));
}

}  // namespace

Failure to_failure(const PGresult* result, Step step) {
    const std::string_view state = field(result, PG_DIAG_SQLSTATE);
    std::string message = message_of(result, state);
    switch (meaning_of(state)) {
    case Meaning::repeat:
        return {{ErrorCode::unavailable, std::move(message), {.retryable = true}}};
    case Meaning::waited:
        return {.error = {ErrorCode::unavailable, std::move(message), {.retryable = true}},
                .timed_out = true};
    case Meaning::timed_out:
        return {.error = {ErrorCode::unavailable, std::move(message)}, .timed_out = true};
    case Meaning::ended:
        return {.error = lost_connection(message, step), .drop_connection = true};
    case Meaning::unavailable:
        return {{ErrorCode::unavailable, std::move(message)}};
    case Meaning::outdated:
        return {.error = {ErrorCode::unavailable, std::move(message), {.retryable = true}},
                .drop_connection = true,
                .outdated = true};
    case Meaning::corrupt:
        return {{ErrorCode::corrupt, std::move(message)}};
    case Meaning::internal:
        break;
    }
    return {{ErrorCode::internal, std::move(message)}};
}

Error lost_connection(std::string_view why, Step step) {
    const bool in_doubt = step == Step::commit;
    return {ErrorCode::unavailable,
            fmt::format("the connection to PostgreSQL ended{}: {}",
                        in_doubt ? " before it answered the commit" : "", why),
            {.retryable = !in_doubt, .outcome_unknown = in_doubt}};
}

Error deadline_passed(Step step) {
    return {ErrorCode::unavailable,
            "PostgreSQL did not answer by the deadline",
            {.outcome_unknown = step == Step::commit}};
}

}  // namespace lvng::crm::postgresql
