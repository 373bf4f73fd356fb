#include "adapters/sqlite/connection.hpp"

#include "adapters/sqlite/errors.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <thread>

namespace lvng::crm::sqlite {
namespace {

// Filters have few shapes; a caller who sends ever new ones must not fill the memory.
constexpr std::size_t max_kept = 200;
// A page that is not here costs a system call each time it is looked at.
constexpr int cache_kib = 64 * 1024;
constexpr int steps_between_deadline_checks = 2000;

std::string_view as_text(sqlite3_value* value) {
    // As a blob: as a text SQLite would copy it to put a zero behind.
    const auto* text = static_cast<const char*>(sqlite3_value_blob(value));
    return {text, text ? static_cast<std::size_t>(sqlite3_value_bytes(value)) : 0};
}

/// `strpos` of PostgreSQL, for "is part of": 1 where it is and 0 where it is not. `instr`
/// compares byte by byte; memmem makes a table for each call, which short texts do not repay.
void strpos(sqlite3_context* context, int, sqlite3_value** values) {
    const std::string_view text = as_text(values[0]);
    const std::string_view part = as_text(values[1]);
    const bool found = text.find(part) != std::string_view::npos;
    sqlite3_result_int(context, found ? 1 : 0);
}

sqlite3* open(const ConnectionOptions& options, const char* vfs) {
    sqlite3* db = nullptr;
    // A reader that made a file would find an empty one where the store's has been moved away.
    const int create = options.read_only ? 0 : SQLITE_OPEN_CREATE;
    const int flags = SQLITE_OPEN_READWRITE | create | SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(options.path.c_str(), &db, flags, vfs);
    if (code == SQLITE_OK) return db;
    const std::unique_ptr<sqlite3, CloseDatabase> failed{db};
    throw to_error(code, db, fmt::format("opening {}", options.path));
}

}  // namespace

void CloseDatabase::operator()(sqlite3* db) const noexcept {
    sqlite3_close_v2(db);
}
void FinalizeStatement::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

Statement::Statement(sqlite3* db, std::string_view text) : db_{db} {
    sqlite3_stmt* handle = nullptr;
    const int code = sqlite3_prepare_v3(db, text.data(), static_cast<int>(text.size()),
                                        SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
    if (code != SQLITE_OK) throw to_error(code, db, "preparing a statement");
    handle_.reset(handle);
    const int count = sqlite3_bind_parameter_count(handle);
    for (int number = 1; number <= count; ++number) {
        index_.push_back(sqlite3_bind_parameter_index(handle, fmt::format("${}", number).c_str()));
    }
}

void Statement::bind(std::span<const sql::Value> values) {
    sqlite3_stmt* handle = handle_.get();
    for (std::size_t at = 0; at < index_.size(); ++at) {
        const int index = index_[at];
        const sql::Value& value = values[at];
        int code = SQLITE_OK;
        if (const auto* text = std::get_if<std::string_view>(&value)) {
            // Static: what is bound outlives the run of the statement.
            code = sqlite3_bind_text64(handle, index, text->data() ? text->data() : "",
                                       text->size(), SQLITE_STATIC, SQLITE_UTF8);
        } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
            code = sqlite3_bind_int64(handle, index, *integer);
        } else if (const auto* uuid = std::get_if<Uuid>(&value)) {
            code = sqlite3_bind_blob(handle, index, uuid->bytes().data(), 16, SQLITE_TRANSIENT);
        } else {
            code = sqlite3_bind_null(handle, index);
        }
        if (code != SQLITE_OK) throw to_error(code, db_, "binding a value");
    }
}

bool Statement::next() {
    const int code = sqlite3_step(handle_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    throw to_error(code, db_, "running a statement");
}

bool Statement::is_running() const noexcept {
    return sqlite3_stmt_busy(handle_.get()) != 0;
}

void Statement::finish() noexcept {
    // Its result repeats what the last step said.
    sqlite3_reset(handle_.get());
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(handle_.get(), column);
}

std::string_view Statement::text(int column) const {
    // As `as_text` says.
    const auto* text = static_cast<const char*>(sqlite3_column_blob(handle_.get(), column));
    return {text, text ? static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column)) : 0};
}

Uuid Statement::uuid(int column) const {
    Uuid::Bytes bytes{};
    const void* blob = sqlite3_column_blob(handle_.get(), column);
    if (!blob || sqlite3_column_bytes(handle_.get(), column) != 16) {
        throw Error{ErrorCode::corrupt, "an id in the store is not 16 bytes long"};
    }
    std::memcpy(bytes.data(), blob, bytes.size());
    return Uuid{bytes};
}

Connection::Connection(const ConnectionOptions& options, Deadline deadline) : deadline_{deadline} {
    if (options.full_sync && !options.read_only) log_buffering_.emplace();
    db_.reset(open(options, log_buffering_ ? log_buffering_->name() : nullptr));
    sqlite3_extended_result_codes(db_.get(), 1);
    sqlite3_busy_handler(db_.get(), &Connection::on_busy, this);
    sqlite3_progress_handler(db_.get(), steps_between_deadline_checks, &Connection::on_progress,
                             this);
    sqlite3_create_function_v2(db_.get(), "strpos", 2,
                               SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, nullptr,
                               &strpos, nullptr, nullptr, nullptr);
    // No mmap: an I/O error would become a signal instead of an error code.
    run_script(fmt::format("pragma synchronous = {}; pragma foreign_keys = on;"
                           "pragma trusted_schema = off; pragma temp_store = memory;"
                           "pragma cache_size = -{}; pragma journal_size_limit = 67108864;"
                           // Pages that are written again and again are folded back once for many.
                           "pragma wal_autocheckpoint = 8000;",
                           options.full_sync ? "full" : "normal", cache_kib));
    refuse_utf16();
    switch_to_wal();
    if (options.read_only) run_script("pragma query_only = on");
}

sql::Cursor& Connection::query(std::string_view statement, std::span<const sql::Value> values) {
    Statement& prepared_statement = prepared(statement);
    prepared_statement.bind(values);
    return prepared_statement;
}

std::int64_t Connection::execute(std::string_view statement, std::span<const sql::Value> values) {
    sql::Cursor& cursor = query(statement, values);
    const sql::Rows rows{cursor};
    while (cursor.next()) {
    }
    return sqlite3_changes64(db_.get());
}

/// Texts are read as the bytes that lie there.
void Connection::refuse_utf16() {
    sql::Rows rows{query("pragma encoding", {})};
    if (rows.next() && rows.text(0) == "UTF-8") return;
    throw Error{ErrorCode::incompatible, "the database file keeps its texts in UTF-16, not UTF-8"};
}

/// SQLite does not ask the busy handler where two processes switch a new file at once.
void Connection::switch_to_wal() {
    for (int attempt = 0;; ++attempt) {
        try {
            return run_script("pragma journal_mode = wal");
        } catch (const Error& error) {
            if (!error.retryable() || on_busy(this, attempt) == 0) throw;
        }
    }
}

void Connection::run_script(const std::string& script) {
    const int code = sqlite3_exec(db_.get(), script.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) throw to_error(code, db_.get(), "setting up the database");
}

void Connection::commit() {
    try {
        sql::Cursor& cursor = query("commit", {});
        const sql::Rows rows{cursor};
        cursor.next();
    } catch (const Error&) {
        const int code = sqlite3_extended_errcode(db_.get());
        Error error = to_error(code, db_.get(), "committing", Step::commit);
        rollback();
        throw error;
    }
}

void Connection::rollback() noexcept {
    if (!in_transaction()) return;
    // A deadline that has passed must not keep the rollback from running.
    deadline_ = Deadline::max();
    sqlite3_exec(db_.get(), "rollback", nullptr, nullptr, nullptr);
}

bool Connection::in_transaction() const noexcept {
    return sqlite3_get_autocommit(db_.get()) == 0;
}

std::int64_t Connection::changes() const noexcept {
    return sqlite3_total_changes64(db_.get());
}

Statement& Connection::prepared(std::string_view statement) {
    const auto found = kept_.find(statement);
    if (found != kept_.end()) return *found->second;
    if (kept_.size() >= max_kept) {
        std::erase_if(kept_, [](const auto& kept) { return !kept.second->is_running(); });
    }
    auto made = std::make_unique<Statement>(db_.get(), statement);
    return *kept_.emplace(statement, std::move(made)).first->second;
}

int Connection::on_busy(void* self, int attempt) noexcept {
    const Deadline now = std::chrono::steady_clock::now();
    const Deadline deadline = static_cast<Connection*>(self)->deadline_;
    if (now >= deadline) return 0;
    const auto pause = std::min<Deadline::duration>(std::chrono::milliseconds{1 + attempt},
                                                    std::chrono::milliseconds{20});
    std::this_thread::sleep_for(std::min(pause, deadline - now));
    return 1;
}

int Connection::on_progress(void* self) noexcept {
    return std::chrono::steady_clock::now() >= static_cast<Connection*>(self)->deadline_ ? 1 : 0;
}

}  // namespace lvng::crm::sqlite
