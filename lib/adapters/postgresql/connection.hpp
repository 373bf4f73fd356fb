#pragma once

#include "adapters/postgresql/bundle.hpp"
#include "adapters/postgresql/errors.hpp"
#include "adapters/postgresql/parameters.hpp"
#include "adapters/postgresql/poco_session.hpp"
#include "adapters/postgresql/result_rows.hpp"
#include "adapters/sql/session.hpp"

#include <lvng/crm/ports/store.hpp>
#include <lvng/crm/principal.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lvng::crm::postgresql {

/// A reading statement that is a transaction by itself, and its outcome. What it refers to must
/// outlive the call it is for.
struct Glance {
    const Principal* who;
    std::string_view statement;
    std::span<const sql::Value> values;
    Deadline deadline{};
    Result answer{};
    std::exception_ptr failure{};
};

/// One connection with its prepared statements, and the transaction on it. One thread at a time.
///
/// Statements travel in a pipeline. Nothing is sent before somebody waits for an answer: the
/// transaction's start and owner go with its first statement, deferred statements with the next
/// one or with the commit, those that fit together as one. The end of a transaction that nobody
/// waits for is sent and its answer read when the connection is used again.
class Connection final : public sql::Session {
public:
    /// Throws `unavailable`, `incompatible` (a server older than version 15).
    Connection(const std::string& connection_string, Deadline deadline);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() override = default;

    // ---- a transaction ----
    /// Sends nothing. `who` must outlive the transaction; whoever acts for nobody (migrations,
    /// health) leaves it out.
    void begin(const Principal* who, Access access, Deadline deadline) noexcept;
    /// What follows in the transaction is its next part, for `who`, who must outlive it.
    void act_for(const Principal& who);
    /// The part, counted from 1, of which a statement has failed: mostly it is noticed later.
    [[nodiscard]] std::optional<std::size_t> failed_part() const noexcept { return failed_part_; }
    /// Another number after every statement that may have changed something in the transaction,
    /// and after every failure.
    [[nodiscard]] std::size_t changes() const noexcept { return changes_; }
    /// Ends a writing transaction. Throws with `outcome_unknown` where the answer was lost.
    void commit();
    /// Ends any transaction without waiting. Whatever failed, none is open afterwards, or the
    /// connection is broken.
    void leave() noexcept;

    void savepoint();
    void release_savepoint();
    void rollback_to_savepoint();

    // ---- statements ----
    sql::Cursor& query(std::string_view statement, std::span<const sql::Value> values) override;
    std::int64_t execute(std::string_view statement, std::span<const sql::Value> values) override;
    void defer(std::string_view statement, std::span<const sql::Value> values) override;
    /// Asks all of them at once, outside of a transaction. Each sees what was committed before, and
    /// no more than its principal may. Throws why the first that has no answer then has none; those
    /// behind it have none either, and are free to be asked again.
    void ask_each(std::span<Glance* const> glances, Deadline deadline);
    /// Nothing in a reading transaction, where the server refuses it.
    [[nodiscard]] std::string_view for_update() const noexcept override {
        return access_ == Access::write ? " for update" : "";
    }
    /// Runs a script of statements without values, inside the open transaction.
    void run_script(const std::string& script);
    /// The handle inside the open transaction, for synchronous calls of somebody else. Where the
    /// transaction cannot be started, every call on it fails.
    pg_conn* lend_handle() noexcept;

    // ---- its state ----
    /// Whether it can be lent again: reads what is still under way, by the deadline at the
    /// latest, and notices a server that has hung up.
    [[nodiscard]] bool is_usable(Deadline deadline) noexcept;
    /// It must not be used any more.
    [[nodiscard]] bool is_broken() const noexcept { return broken_; }
    /// What is prepared on it, and on connections of its age, does not fit the schema any more.
    [[nodiscard]] bool is_outdated() const noexcept { return outdated_; }
    [[nodiscard]] bool is_citus() const noexcept { return citus_; }

private:
    struct Prepared {
        std::string name;
        bool known = false;  // to the server, or on its way there
    };
    /// What an answer on its way is for.
    enum class Purpose { preparation, statement, commit, sync, forgiving_sync };
    struct Awaited {
        Purpose purpose;
        Prepared* prepared = nullptr;
        Result* answer = nullptr;  // where somebody waits for it
        std::size_t part = 0;
    };
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };
    using Statements = std::unordered_map<std::string, Prepared, TextHash, std::equal_to<>>;

    // What the server is, once.
    void look_around();
    // Sending, into libpq's buffer.
    // `before`: for whom the last statement of the same transaction was.
    void start_if_needed(const Principal* before = nullptr);
    void send_owner(const Principal* before);
    void send_bundle();
    void send(std::string_view text, std::span<const sql::Value> values, Purpose purpose,
              Result* answer = nullptr);
    void send_unprepared(const std::string& text);
    void send_sync(Purpose purpose);
    void check_sent(int result);
    Statements::value_type& statement(std::string_view text);
    // Getting answers.
    Result ask(std::string_view text, std::span<const sql::Value> values);
    void exchange();
    void receive();
    void receive_answers(std::optional<Failure>& failure);
    void take_answer(const Awaited& awaited, std::optional<Failure>& failure);
    void flush();
    Result next_result();
    void set_pipeline(bool on);
    [[nodiscard]] Step step() const noexcept;
    [[noreturn]] void fail(const Error& error);

    PocoSession session_;
    pg_conn* handle_;
    Statements statements_;
    std::uint64_t names_ = 0;
    std::vector<Awaited> awaited_;
    Parameters parameters_;
    Bundle deferred_;  // in the open transaction, and not sent yet
    ResultRows rows_;
    const Principal* who_ = nullptr;
    Access access_ = Access::glance;
    Deadline deadline_;
    std::vector<unsigned> savepoints_;  // the open ones, by number
    unsigned next_savepoint_ = 0;
    std::size_t changes_ = 0;
    std::size_t part_ = 0;
    bool lent_ = false;  // who has had the handle may have set what they liked
    std::optional<std::size_t> failed_part_;
    bool in_transaction_ = false;  // a transaction block is open, or will be by what was sent
    bool pipeline_ = false;
    bool commit_sent_ = false;
    bool broken_ = false;
    bool outdated_ = false;
    bool citus_ = false;
    bool writes_by_default_ = false;  // `begin` alone is read committed and read write
};

}  // namespace lvng::crm::postgresql
