#include "adapters/postgresql/joint_writes.hpp"

#include "adapters/sql/transaction.hpp"

#include <lvng/crm/error.hpp>

#include <exception>

namespace lvng::crm::postgresql {
namespace {

// Longer than a group takes that is about to commit, and too short to be noticed.
constexpr std::string_view wait_briefly = "set local lock_timeout = 50";
constexpr std::chrono::seconds time_alone{5};

/// One write's part in the transaction on a connection. It is undone with all others, or stays.
class Part final : public sql::SqlTransaction {
public:
    Part(Connection& connection, const SharedWrite& write)
        : SqlTransaction{connection, *write.who, nullptr}, connection_{&connection} {
        connection.act_for(*write.who);
        changes_before_ = connection.changes();
    }

    /// Whether something of it is there that must not stay.
    [[nodiscard]] bool is_spoiled() const noexcept { return spoiled_; }
    void fail() noexcept { spoil_behind(changes_before_); }

    void commit() override { refuse_to_end(); }
    void rollback() override { refuse_to_end(); }

    void savepoint() override { savepoints_.push_back(connection_->changes()); }
    void release_savepoint() override { savepoints_.pop_back(); }
    void rollback_to_savepoint() override {
        spoil_behind(savepoints_.back());
        savepoints_.pop_back();
    }

    void* native_handle() override { return connection_->lend_handle(); }

private:
    void spoil_behind(std::size_t changes) noexcept {
        spoiled_ = spoiled_ || connection_->changes() != changes;
    }

    Connection* connection_;
    std::size_t changes_before_ = 0;
    std::vector<std::size_t> savepoints_;  // how much was changed before each
    bool spoiled_ = false;
};

/// Whether another transaction stood in the way.
bool is_about_lock(const std::exception_ptr& failure) {
    if (!failure) return false;
    try {
        std::rethrow_exception(failure);
    } catch (const sql::TimedOut&) {
        return true;
    } catch (const Error& error) {
        return error.retryable();  // they had locked each other out
    } catch (...) {
        return false;
    }
}

/// Whether it is too late to send anything, which is their outcome then.
bool fail_if_late(std::span<SharedWrite* const> writes, Deadline deadline) {
    if (std::chrono::steady_clock::now() < deadline) return false;
    for (SharedWrite* const write : writes) {
        write->failure = std::make_exception_ptr(deadline_passed(Step::statement));
    }
    return true;
}

}  // namespace

bool JointWrites::are_promising() const noexcept {
    return std::chrono::steady_clock::now() >= promising_from_.load(std::memory_order_relaxed);
}

void JointWrites::run(std::span<SharedWrite> writes, Deadline deadline, const Alone& alone) {
    std::vector<SharedWrite*> together;
    together.reserve(writes.size());
    for (SharedWrite& write : writes) together.push_back(&write);
    const auto each_alone = [&](Writes some) {
        for (SharedWrite* const write : some) {
            // One that is sent too late would cost a connection for nothing.
            if (!fail_if_late({&write, 1}, deadline)) alone(*write);
        }
    };

    std::vector<SharedWrite*> late;
    Writes left = together;
    while (!left.empty()) {
        const std::optional<Obstacle> obstacle = try_together(left, deadline);
        if (!obstacle) break;
        if (!obstacle->at) {
            each_alone(left);
            break;
        }
        const std::size_t at = *obstacle->at;
        if (obstacle->is_lock) {
            late.push_back(left[at]);
            together.erase(together.begin() + (left.data() - together.data()) +
                           static_cast<std::ptrdiff_t>(at));
            left = Writes{together}.last(left.size() - 1);
            continue;
        }
        const Writes before = left.first(at);
        if (!before.empty() && try_together(before, deadline)) each_alone(before);
        each_alone(left.subspan(at, 1));
        left = left.subspan(at + 1);
    }
    if (late.empty()) return;
    each_alone(late);
    promising_from_.store(std::chrono::steady_clock::now() + time_alone, std::memory_order_relaxed);
}

/// Commits the writes, each with its outcome, or undoes them and says why.
std::optional<JointWrites::Obstacle> JointWrites::try_together(Writes writes, Deadline deadline) {
    if (fail_if_late(writes, deadline)) return std::nullopt;
    try {
        return attempt(writes, deadline);
    } catch (...) {
        // None was done, or nobody knows of any.
        for (SharedWrite* const write : writes) write->failure = std::current_exception();
        return std::nullopt;
    }
}

std::optional<JointWrites::Obstacle> JointWrites::attempt(Writes writes, Deadline deadline) {
    const Pool::Lease connection = pool_->take(deadline);
    const auto obstacle = [&](std::optional<std::size_t> at, const std::exception_ptr& failure) {
        // What was deferred has failed before it was noticed.
        if (const auto part = connection->failed_part()) at = *part - 1;
        return Obstacle{.at = at, .is_lock = !connection->is_broken() && is_about_lock(failure)};
    };
    connection->begin(writes.front()->who, Access::write, deadline);
    if (writes.size() > 1) connection->defer(wait_briefly, {});
    for (std::size_t i = 0; i < writes.size(); ++i) {
        SharedWrite& write = *writes[i];
        write.failure = nullptr;
        Part part{*connection, write};
        try {
            write.work(part);
        } catch (...) {
            write.failure = std::current_exception();
            part.fail();
        }
        if (part.is_spoiled()) return obstacle(i, write.failure);
    }
    try {
        connection->commit();
    } catch (const Error& error) {
        if (error.outcome_unknown()) throw;
        return obstacle(std::nullopt, std::current_exception());
    }
    return std::nullopt;
}

}  // namespace lvng::crm::postgresql
