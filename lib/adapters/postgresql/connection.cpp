#include "adapters/postgresql/connection.hpp"

#include "adapters/postgresql/wait.hpp"

#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <sys/socket.h>

namespace lvng::crm::postgresql {
namespace {

constexpr int oldest_server = 150000;
// Filters have few shapes; a caller who sends ever new ones must not fill the server's memory.
constexpr std::size_t max_kept = 200;
constexpr int binary = 1;

constexpr std::string_view begin_read = "begin isolation level repeatable read read only";
constexpr std::string_view begin_write = "begin isolation level read committed read write";
// The same where the database's defaults say so, and a dearer statement less.
constexpr std::string_view begin_by_default = "begin";
constexpr std::string_view set_owner = "select set_config('lvng.user_id', $1, true),"
                                       " set_config('lvng.tenant_id', $2, true)";
constexpr std::string_view set_user = "select set_config('lvng.user_id', $1, true)";

void ignore_notice(void*, const char*) {}

std::string error_of(const PGconn* connection) {
    std::string text = PQerrorMessage(connection);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

/// Whether an error came from the server and not from libpq.
bool has_state(const PGresult* result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE) != nullptr;
}

struct FreeMemory {
    void operator()(char* memory) const noexcept { PQfreemem(memory); }
};

}  // namespace

Connection::Connection(const std::string& connection_string, Deadline deadline)
    : session_{connection_string, deadline}, handle_{session_.handle()}, deadline_{deadline} {
    PQsetNoticeProcessor(handle_, ignore_notice, nullptr);
    if (PQserverVersion(handle_) < oldest_server) {
        throw Error{ErrorCode::incompatible,
                    fmt::format("PostgreSQL {} is older than version 15, the oldest that is served",
                                PQserverVersion(handle_) / 10000)};
    }
    look_around();
}

void Connection::look_around() {
    ResultRows rows;
    rows.take(ask("select (select count(*) from pg_extension where extname = 'citus'),"
                  " current_setting('default_transaction_isolation') = 'read committed'"
                  " and current_setting('default_transaction_read_only') = 'off'",
                  {}));
    if (!rows.next()) return;
    citus_ = rows.integer(0) > 0;
    writes_by_default_ = rows.integer(1) != 0;
    // The workers, where row-level security is checked, get to know the owner only this way.
    if (citus_) ask("set citus.propagate_set_commands = 'local'", {});
}

// ---- a transaction ------------------------------------------------------------------------------

void Connection::begin(const Principal* who, Access access, Deadline deadline) noexcept {
    who_ = who;
    access_ = access;
    deadline_ = deadline;
    savepoints_.clear();
    part_ = 0;
    lent_ = false;
    failed_part_.reset();
}

void Connection::act_for(const Principal& who) {
    const Principal* const before = std::exchange(who_, &who);
    if (in_transaction_) {
        set_pipeline(true);
        send_bundle();
        ++part_;
        send_owner(std::exchange(lent_, false) ? nullptr : before);
    } else {
        ++part_;  // its owner goes with the start
    }
}

void Connection::commit() {
    if (!in_transaction_) return;
    set_pipeline(true);
    // Not sent, it is not in doubt.
    if (std::chrono::steady_clock::now() >= deadline_) throw deadline_passed(Step::statement);
    send_bundle();
    commit_sent_ = true;
    send("commit", {}, Purpose::commit);
    exchange();
    in_transaction_ = false;
}

void Connection::leave() noexcept {
    rows_.finish();
    deferred_.clear();
    try {
        if (in_transaction_ && !broken_) {
            set_pipeline(true);
            // What was deferred and fails must not keep the rollback from running.
            send_sync(Purpose::forgiving_sync);
            send("rollback", {}, Purpose::statement);
            send_sync(Purpose::forgiving_sync);
            flush();
        }
    } catch (const std::exception&) {
        broken_ = true;
    }
    // What is on its way has nobody left to take it.
    for (Awaited& awaited : awaited_) awaited.answer = nullptr;
    in_transaction_ = false;
    commit_sent_ = false;
    who_ = nullptr;
}

// Where a deferred statement has failed, the savepoint behind it was never made and the one before
// it never released. Names differ, so that going back to the one that is missing fails, and the
// commit as well, instead of undoing what had been reported as done. There are few of them,
// because each is a statement that stays prepared.
void Connection::savepoint() {
    constexpr unsigned names = 16;
    savepoints_.push_back(next_savepoint_);
    next_savepoint_ = (next_savepoint_ + 1) % names;
    defer(fmt::format("savepoint lvng_{}", savepoints_.back()), {});
}

void Connection::release_savepoint() {
    defer(fmt::format("release savepoint lvng_{}", savepoints_.back()), {});
    savepoints_.pop_back();
}

void Connection::rollback_to_savepoint() {
    const unsigned number = savepoints_.back();
    savepoints_.pop_back();
    // The error that led here is the one to report; the commit will fail as well.
    if (broken_) return;
    set_pipeline(true);
    deferred_.clear();  // it stands behind the savepoint
    send_sync(Purpose::forgiving_sync);
    defer(fmt::format("rollback to savepoint lvng_{}", number), {});
    defer(fmt::format("release savepoint lvng_{}", number), {});
}

// ---- statements ---------------------------------------------------------------------------------

sql::Cursor& Connection::query(std::string_view text, std::span<const sql::Value> values) {
    ++changes_;
    Result answer = ask(text, values);
    if (std::string_view{PQcmdStatus(answer.get())}.starts_with("SELECT")) --changes_;
    rows_.take(std::move(answer));
    return rows_;
}

std::int64_t Connection::execute(std::string_view text, std::span<const sql::Value> values) {
    ++changes_;
    const Result result = ask(text, values);
    const std::int64_t written = std::strtoll(PQcmdTuples(result.get()), nullptr, 10);
    if (written == 0) --changes_;
    return written;
}

void Connection::defer(std::string_view text, std::span<const sql::Value> values) {
    ++changes_;
    start_if_needed();
    // On Citus each goes where its table's rows are.
    if (!citus_ && deferred_.add(text, values)) return;
    send_bundle();
    if (citus_ || !deferred_.add(text, values)) send(text, values, Purpose::statement);
}

void Connection::ask_each(std::span<Glance* const> glances, Deadline deadline) {
    bool in_block = false;
    const Principal* before = nullptr;
    for (Glance* const glance : glances) {
        begin(glance->who, Access::glance, deadline);
        start_if_needed(before);
        before = who_;
        send(glance->statement, glance->values, Purpose::statement, &glance->answer);
        if (!std::exchange(in_transaction_, false)) continue;
        send("commit", {}, Purpose::statement);
        in_block = true;
    }
    // One that fails leaves its block open.
    in_transaction_ = in_block;
    exchange();
    in_transaction_ = false;
}

void Connection::run_script(const std::string& script) {
    ++changes_;
    start_if_needed();
    send_bundle();
    exchange();
    set_pipeline(false);
    check_sent(PQsendQuery(handle_, script.c_str()));
    flush();
    std::optional<Failure> failure;
    while (const Result result = next_result()) {
        if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR && !failure) {
            failure = to_failure(result.get(), Step::statement);
        }
    }
    if (failure) throw failure->error;
}

PGconn* Connection::lend_handle() noexcept {
    ++changes_;
    lent_ = true;
    try {
        if (access_ == Access::glance) access_ = Access::read;
        start_if_needed();
        send_bundle();
        exchange();
        set_pipeline(false);
        PQsetnonblocking(handle_, 0);
    } catch (const std::exception&) {
        // Outside the transaction nothing may run: neither unprotected nor committed by itself.
        broken_ = true;
        ::shutdown(PQsocket(handle_), SHUT_RDWR);
    }
    return handle_;
}

bool Connection::is_usable(Deadline deadline) noexcept {
    if (broken_) return false;
    deadline_ = deadline;
    try {
        if (!awaited_.empty()) receive();
        // Whatever comes unasked is a notice, or the server's farewell.
        while (wait_for(handle_, POLLIN, Deadline::min())) {
            if (!PQconsumeInput(handle_)) return false;
        }
    } catch (const std::exception&) {
        return false;
    }
    return PQtransactionStatus(handle_) == PQTRANS_IDLE;
}

// ---- sending ------------------------------------------------------------------------------------

void Connection::start_if_needed(const Principal* before) {
    set_pipeline(true);
    if (in_transaction_) return;
    // Not while an answer on its way points to one of them.
    if (statements_.size() >= max_kept && awaited_.empty()) {
        statements_.clear();
        send_unprepared("deallocate all");
        // A transaction of its own: nothing may stand before the next one's isolation level.
        send_sync(Purpose::sync);
    }
    // A single statement is a transaction by itself, which ends with the pipeline's sync. On
    // Citus the owner needs a block.
    const bool needs_block = access_ != Access::glance || (citus_ && who_);
    if (needs_block) {
        in_transaction_ = true;
        const std::string_view begin_writing = writes_by_default_ ? begin_by_default : begin_write;
        send(access_ == Access::write ? begin_writing : begin_read, {}, Purpose::statement);
    }
    send_owner(needs_block ? nullptr : before);
}

void Connection::send_owner(const Principal* before) {
    if (!who_) return;
    const std::string& tenant = who_->tenant.to_string();
    // A blank is nobody's id: it is how the policies know upkeep.
    const std::string user = who_->user.empty() ? " " : who_->user.to_string();
    if (!citus_) {
        const std::array<sql::Value, 2> owner{std::string_view{user}, std::string_view{tenant}};
        if (!before || before->tenant != who_->tenant) {
            send(set_owner, owner, Purpose::statement);
        } else if (before->user != who_->user) {
            send(set_user, std::span{owner}.first(1), Purpose::statement);
        }
        return;
    }
    // Citus passes on SET LOCAL, which takes no parameter, and not set_config.
    for (const auto& [name, value] :
         {std::pair{"lvng.tenant_id", &tenant}, {"lvng.user_id", &user}}) {
        const std::unique_ptr<char, FreeMemory> literal{
            PQescapeLiteral(handle_, value->data(), value->size())};
        if (!literal) fail(lost_connection(error_of(handle_), Step::statement));
        send_unprepared(fmt::format("set local {} = {}", name, literal.get()));
    }
}

void Connection::send_bundle() {
    if (deferred_.is_empty()) return;
    send(deferred_.text(), deferred_.values(), Purpose::statement);
    deferred_.clear();
}

void Connection::send(std::string_view text, std::span<const sql::Value> values, Purpose purpose,
                      Result* answer) {
    auto& [full_text, prepared] = statement(text);
    if (!prepared.known) {
        check_sent(PQsendPrepare(handle_, prepared.name.c_str(), full_text.c_str(), 0, nullptr));
        awaited_.push_back({.purpose = Purpose::preparation, .prepared = &prepared, .part = part_});
        prepared.known = true;
    }
    parameters_.assign(values);
    check_sent(PQsendQueryPrepared(handle_, prepared.name.c_str(), parameters_.count(),
                                   parameters_.pointers(), parameters_.lengths(),
                                   parameters_.formats(), binary));
    awaited_.push_back({.purpose = purpose, .answer = answer, .part = part_});
}

void Connection::send_unprepared(const std::string& text) {
    check_sent(
        PQsendQueryParams(handle_, text.c_str(), 0, nullptr, nullptr, nullptr, nullptr, binary));
    awaited_.push_back({Purpose::statement});
}

void Connection::send_sync(Purpose purpose) {
    check_sent(PQpipelineSync(handle_));
    awaited_.push_back({purpose});
}

void Connection::check_sent(int result) {
    if (result != 1) fail(lost_connection(error_of(handle_), step()));
}

Connection::Statements::value_type& Connection::statement(std::string_view text) {
    const auto found = statements_.find(text);
    if (found != statements_.end()) return *found;
    return *statements_.emplace(text, Prepared{.name = fmt::format("lvng{}", ++names_)}).first;
}

// ---- getting answers ----------------------------------------------------------------------------

Result Connection::ask(std::string_view text, std::span<const sql::Value> values) {
    if (access_ == Access::glance && !in_transaction_) {
        Glance glance{.who = who_, .statement = text, .values = values};
        ask_each(std::array{&glance}, deadline_);
        return std::move(glance.answer);
    }
    Result answer;
    start_if_needed();
    send_bundle();
    send(text, values, Purpose::statement, &answer);
    exchange();
    return answer;
}

void Connection::exchange() {
    send_sync(Purpose::sync);
    receive();
}

void Connection::receive() {
    std::optional<Failure> failure;
    try {
        flush();
        receive_answers(failure);
    } catch (const Error& lost) {
        awaited_.clear();
        // A statement that failed before says for certain that nothing was done.
        if (failure) throw failure->error;
        throw;
    }
    awaited_.clear();
    if (!failure) return;
    broken_ = broken_ || failure->drop_connection;
    outdated_ = outdated_ || failure->outdated;
    if (failure->timed_out) throw sql::TimedOut{failure->error};
    throw failure->error;
}

void Connection::receive_answers(std::optional<Failure>& failure) {
    for (const Awaited& awaited : awaited_) {
        if (awaited.purpose == Purpose::sync || awaited.purpose == Purpose::forgiving_sync) {
            next_result();
            // What failed before it is being rolled back.
            if (awaited.purpose == Purpose::forgiving_sync) failure.reset();
        } else {
            take_answer(awaited, failure);
        }
    }
}

void Connection::take_answer(const Awaited& awaited, std::optional<Failure>& failure) {
    Result result = next_result();
    const ExecStatusType status = PQresultStatus(result.get());
    const bool done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (awaited.prepared) awaited.prepared->known = done;
    if (status == PGRES_FATAL_ERROR && !failure) {
        failure = to_failure(result.get(),
                             awaited.purpose == Purpose::commit ? Step::commit : Step::statement);
        if (awaited.part > 0 && !failed_part_) failed_part_ = awaited.part;
    }
    if (awaited.purpose == Purpose::commit && done &&
        std::string_view{PQcmdStatus(result.get())} != "COMMIT") {
        failure = Failure{{ErrorCode::unavailable, "the transaction had failed before its commit"}};
    }
    if (awaited.answer && done) *awaited.answer = std::move(result);
    next_result();  // the nothing that ends an answer
}

void Connection::flush() {
    int left = 0;
    while ((left = PQflush(handle_)) > 0) {
        const short ready = wait_for(handle_, POLLIN | POLLOUT, deadline_);
        if (!ready) fail(deadline_passed(step()));
        // A server that waits for us to read would never take the rest.
        if ((ready & POLLIN) != 0 && !PQconsumeInput(handle_)) break;
    }
    if (left != 0) fail(lost_connection(error_of(handle_), step()));
}

Result Connection::next_result() {
    while (PQisBusy(handle_)) {
        if (!wait_for(handle_, POLLIN, deadline_)) fail(deadline_passed(step()));
        if (!PQconsumeInput(handle_)) fail(lost_connection(error_of(handle_), step()));
    }
    Result result{PQgetResult(handle_)};
    if (PQstatus(handle_) != CONNECTION_OK && !has_state(result.get())) {
        fail(lost_connection(error_of(handle_), step()));
    }
    return result;
}

void Connection::set_pipeline(bool on) {
    if (broken_) throw lost_connection("it has failed before", Step::statement);
    if (on == pipeline_) return;
    if (on && in_transaction_ && PQtransactionStatus(handle_) == PQTRANS_IDLE) {
        fail({ErrorCode::conflict, "the transaction was ended through its native handle"});
    }
    if (on) PQsetnonblocking(handle_, 1);
    if ((on ? PQenterPipelineMode(handle_) : PQexitPipelineMode(handle_)) != 1) {
        fail(lost_connection(error_of(handle_), step()));
    }
    pipeline_ = on;
}

Step Connection::step() const noexcept {
    return commit_sent_ ? Step::commit : Step::statement;
}

void Connection::fail(const Error& error) {
    broken_ = true;
    throw error;
}

}  // namespace lvng::crm::postgresql
