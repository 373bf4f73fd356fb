#pragma once

#include <lvng/crm/error.hpp>
#include <lvng/crm/id.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

/// SQL that runs on both databases, on the little of a database that it needs.
namespace lvng::crm::sql {

/// The database ended a statement that had waited for too long, for a lock if it is a short one.
class TimedOut : public Error {
public:
    explicit TimedOut(const Error& error) : Error{error} {}
};

/// What a `$n` stands for. The texts behind values must live until the rows are read.
using Value = std::variant<std::monostate, std::int64_t, std::string_view, Uuid>;

/// The rows of a running statement. Columns count from 0; a text lives until the next row.
class Cursor {
public:
    virtual ~Cursor() = default;
    virtual bool next() = 0;
    virtual void finish() noexcept = 0;

    [[nodiscard]] virtual bool is_null(int column) const = 0;
    [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
    [[nodiscard]] virtual std::string_view text(int column) const = 0;
    [[nodiscard]] virtual Uuid uuid(int column) const = 0;
};

/// Ends the statement when the reader is done with it, or has thrown.
class Rows {
public:
    explicit Rows(Cursor& cursor) : cursor_{&cursor} {}
    ~Rows() { cursor_->finish(); }
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;

    bool next() { return cursor_->next(); }
    [[nodiscard]] bool is_null(int column) const { return cursor_->is_null(column); }
    [[nodiscard]] std::int64_t integer(int column) const { return cursor_->integer(column); }
    [[nodiscard]] std::string_view text(int column) const { return cursor_->text(column); }
    [[nodiscard]] Uuid uuid(int column) const { return cursor_->uuid(column); }

private:
    Cursor* cursor_;
};

/// One connection inside a transaction. Statements are written with `$1`, `$2`, … in the order
/// of `values`, prepared once per connection and found again by their text.
///
/// Every call throws `Error` as the store's contract says, `TimedOut` where that is why. One thread
/// at a time.
class Session {
public:
    virtual ~Session() = default;
    /// Starts a statement that gives rows.
    virtual Cursor& query(std::string_view statement, std::span<const Value> values) = 0;
    /// Runs a statement to its end. Returns how many rows it wrote.
    virtual std::int64_t execute(std::string_view statement, std::span<const Value> values) = 0;
    /// Runs a statement whose answer nobody waits for: it may travel with the next one, and what
    /// it throws may come from there, at the latest from the commit.
    virtual void defer(std::string_view statement, std::span<const Value> values) = 0;
    /// What ends a select whose rows this transaction will write.
    [[nodiscard]] virtual std::string_view for_update() const noexcept = 0;
};

}  // namespace lvng::crm::sql
