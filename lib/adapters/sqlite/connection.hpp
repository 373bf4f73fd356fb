#pragma once

#include "adapters/sql/session.hpp"
#include "adapters/sqlite/log_buffering.hpp"

#include <lvng/crm/ports/store.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace lvng::crm::sqlite {

struct ConnectionOptions {
    std::string path{};
    bool read_only = false;
    bool full_sync = true;
};

struct CloseDatabase {
    void operator()(sqlite3* db) const noexcept;
};
struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const noexcept;
};

/// A prepared statement that is kept with its connection.
class Statement final : public sql::Cursor {
public:
    Statement(sqlite3* db, std::string_view text);

    void bind(std::span<const sql::Value> values);
    /// Whether it is between its first row and its end.
    [[nodiscard]] bool is_running() const noexcept;

    bool next() override;
    void finish() noexcept override;
    [[nodiscard]] bool is_null(int column) const override;
    [[nodiscard]] std::int64_t integer(int column) const override;
    [[nodiscard]] std::string_view text(int column) const override;
    [[nodiscard]] Uuid uuid(int column) const override;

private:
    sqlite3* db_;
    std::unique_ptr<sqlite3_stmt, FinalizeStatement> handle_;
    // `$n` is a name to SQLite, numbered by where it first stands: index_[n - 1] is its number.
    std::vector<int> index_;
};

/// One open database handle with its prepared statements. One thread at a time.
class Connection final : public sql::Session {
public:
    /// Throws `unavailable`, `corrupt`.
    Connection(const ConnectionOptions& options, Deadline deadline);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() override = default;

    sql::Cursor& query(std::string_view statement, std::span<const sql::Value> values) override;
    std::int64_t execute(std::string_view statement, std::span<const sql::Value> values) override;
    void defer(std::string_view statement, std::span<const sql::Value> values) override {
        execute(statement, values);
    }
    /// Nothing: the writer is alone.
    [[nodiscard]] std::string_view for_update() const noexcept override { return {}; }
    /// Runs a statement without values and without rows.
    void run(std::string_view statement) { execute(statement, {}); }
    /// Runs a script of statements that are not kept.
    void run_script(const std::string& script);

    /// Makes what was executed durable. Whatever failed, no transaction is open afterwards.
    void commit();
    /// Never throws: what cannot be rolled back has been by SQLite itself.
    void rollback() noexcept;
    [[nodiscard]] bool in_transaction() const noexcept;
    /// Grows with each row that is written.
    [[nodiscard]] std::int64_t changes() const noexcept;

    /// From now on statements end by then, with `unavailable`.
    void set_deadline(Deadline deadline) noexcept { deadline_ = deadline; }
    [[nodiscard]] Deadline deadline() const noexcept { return deadline_; }
    [[nodiscard]] sqlite3* handle() const noexcept { return db_.get(); }

private:
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };

    void switch_to_wal();
    void refuse_utf16();
    Statement& prepared(std::string_view statement);
    static int on_busy(void* self, int attempt) noexcept;
    static int on_progress(void* self) noexcept;

    std::optional<LogBuffering> log_buffering_;
    std::unique_ptr<sqlite3, CloseDatabase> db_;
    Deadline deadline_;
    std::unordered_map<std::string, std::unique_ptr<Statement>, TextHash, std::equal_to<>> kept_;
};

/// Lets the statements of a connection, which must outlive it, run to their end while it lives.
class WithoutDeadline {
public:
    explicit WithoutDeadline(Connection& connection)
        : connection_{&connection}, before_{connection.deadline()} {
        connection.set_deadline(Deadline::max());
    }
    WithoutDeadline(const WithoutDeadline&) = delete;
    WithoutDeadline& operator=(const WithoutDeadline&) = delete;
    ~WithoutDeadline() { connection_->set_deadline(before_); }

private:
    Connection* connection_;
    Deadline before_;
};

}  // namespace lvng::crm::sqlite
