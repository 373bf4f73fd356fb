#include "adapters/sqlite/group_commit.hpp"

#include <condition_variable>
#include <exception>
#include <utility>

namespace lvng::crm::sqlite {
namespace {

Error given_up() {
    // SQLite ends the whole transaction by itself where going on could damage the file.
    return {ErrorCode::unavailable, "the store gave the transaction up", {.retryable = true}};
}

}  // namespace

/// A writer's place in the queue, then in its group. It has a lock of its own, so that those who
/// are woken disturb nobody who passes the turn on; others may still tell it what nobody waits
/// for any more.
class GroupCommit::Ticket {
public:
    enum class State {
        waits,
        has_turn,  ///< on its own thread
        ran,       ///< its part is over, on whatever thread, and does not run again
        ended,     ///< its group is over too, and the outcome known
    };

    /// `part` is null where the turn itself is wanted. It must live until the ticket is told `ran`
    /// or `ended`.
    explicit Ticket(Deadline deadline, const Part* part = nullptr)
        : deadline_{deadline}, part_{part} {}

    [[nodiscard]] Deadline deadline() const noexcept { return deadline_; }
    [[nodiscard]] const Part* part() const noexcept { return part_; }

    /// Whoever tells holds the ticket too: the one that waits may drop it at once.
    void tell(State state, std::optional<Error> failure = std::nullopt) {
        bool awaited = false;
        {
            const std::scoped_lock lock{mutex_};
            state_ = state;
            failure_ = std::move(failure);
            awaited = state != State::ran || impatient_;
        }
        // Without the lock, which the woken thread would only wait for.
        if (awaited) told_.notify_one();
    }
    void refuse(std::exception_ptr refusal) {
        const std::scoped_lock lock{mutex_};
        refusal_ = std::move(refusal);
    }

    /// False where neither turn nor end has come by the deadline.
    bool wait_for_turn() {
        std::unique_lock lock{mutex_};
        return told_.wait_until(
            lock, deadline_, [&] { return state_ == State::has_turn || state_ == State::ended; });
    }
    /// For somebody who is out of time and whose part may be running on another thread.
    void wait_past_turn() {
        std::unique_lock lock{mutex_};
        impatient_ = true;
        told_.wait(lock, [&] { return state_ != State::waits; });
    }
    [[nodiscard]] bool has_turn() const {
        const std::scoped_lock lock{mutex_};
        return state_ == State::has_turn;
    }

    /// Returns where the group's commit was well and the part refused nothing.
    void wait_for_outcome() {
        std::unique_lock lock{mutex_};
        if (!told_.wait_until(lock, deadline_, [&] { return state_ == State::ended; })) {
            failure_ = Error{ErrorCode::unavailable,
                             "the commit did not end by the deadline",
                             {.outcome_unknown = true}};
        }
        // Taken along: what is thrown here must not be let go of by a mate, who holds the ticket
        // a little longer.
        const std::exception_ptr refusal = std::exchange(refusal_, nullptr);
        if (!failure_ && refusal) std::rethrow_exception(refusal);
        if (!failure_) return;
        if (!refusal) throw *failure_;
        // It has done nothing, and what it rests on was not to be.
        throw Error{ErrorCode::unavailable, failure_->message(), {.retryable = true}};
    }

private:
    const Deadline deadline_;
    const Part* const part_;
    mutable std::mutex mutex_;
    std::condition_variable told_;
    State state_ = State::waits;
    bool impatient_ = false;
    std::exception_ptr refusal_;    // what the part threw
    std::optional<Error> failure_;  // why the group is not committed
};

std::unique_ptr<GroupCommit::Member> GroupCommit::begin(Deadline deadline) {
    const auto ticket = std::make_shared<Ticket>(deadline);
    std::unique_ptr<Member> member{new Member{*this, ticket}};
    line_up({&ticket, 1});
    wait_for_turn(ticket);
    try {
        member->first_ = start(deadline, true);
    } catch (...) {
        end_turn();
        throw;
    }
    member->ended_ = false;
    return member;
}

void GroupCommit::run(Deadline deadline, const Part& part) {
    const auto ticket = std::make_shared<Ticket>(deadline, &part);
    line_up({&ticket, 1});
    wait_and_run(ticket);
    ticket->wait_for_outcome();
}

void GroupCommit::run_each(Deadline deadline, std::span<Job> jobs) {
    std::vector<std::shared_ptr<Ticket>> tickets;
    tickets.reserve(jobs.size());
    for (const Job& job : jobs) tickets.push_back(std::make_shared<Ticket>(deadline, &job.part));
    line_up(tickets);
    const auto each = [&](const auto& act) {
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            if (jobs[i].failure) continue;
            try {
                act(tickets[i]);
            } catch (...) {
                jobs[i].failure = std::current_exception();
            }
        }
    };
    // The first to have the turn mostly runs all that follow.
    each([this](const std::shared_ptr<Ticket>& ticket) { wait_and_run(ticket); });
    each([](const std::shared_ptr<Ticket>& ticket) { ticket->wait_for_outcome(); });
}

std::size_t GroupCommit::waiting() const {
    const std::scoped_lock lock{mutex_};
    return waiting_.size();
}

void GroupCommit::line_up(std::span<const std::shared_ptr<Ticket>> tickets) {
    // Before anything has happened: there may be no memory.
    std::list<std::shared_ptr<Ticket>> line{tickets.begin(), tickets.end()};
    if (line.empty()) return;
    const std::scoped_lock lock{mutex_};
    if (!std::exchange(taken_, true)) {
        line.front()->tell(Ticket::State::has_turn);
        line.pop_front();
    }
    waiting_.splice(waiting_.end(), line);
}

void GroupCommit::wait_and_run(const std::shared_ptr<Ticket>& ticket) {
    wait_for_turn(ticket);
    if (!ticket->has_turn()) return;
    run_part(ticket);
    end_turn();
}

/// Returns when the ticket has the turn, or needs it no more.
void GroupCommit::wait_for_turn(const std::shared_ptr<Ticket>& ticket) {
    if (ticket->wait_for_turn()) return;
    {
        const std::scoped_lock lock{mutex_};
        if (waiting_.remove(ticket) == 1) {
            throw Error{ErrorCode::unavailable,
                        "other writers kept the store busy until the deadline",
                        {.retryable = true}};
        }
    }
    ticket->wait_past_turn();
}

/// Opens the group, or a member's part of it. Returns whether it is the first.
bool GroupCommit::start(Deadline deadline, bool apart) {
    connection_->set_deadline(deadline);
    if (group_) {
        if (!connection_->in_transaction()) throw given_up();
        if (apart && !std::exchange(group_->apart, true)) let_callers_go();
        // Past it the first statement may be interrupted, which undoes the mates' parts too.
        if (std::chrono::steady_clock::now() >= deadline) {
            throw Error{
                ErrorCode::unavailable, "the turn came after the deadline", {.retryable = true}};
        }
        if (group_->apart) connection_->run("savepoint lvng_member");
        return false;
    }
    // Immediate: a transaction that becomes a writer later could find that it is too late.
    Group group{.apart = apart || runs_again_};
    group.tickets.reserve(max_members_);
    connection_->run("begin immediate");
    group_ = std::move(group);
    return true;
}

/// One part from start to end, for whoever waits for it.
void GroupCommit::run_part(const std::shared_ptr<Ticket>& ticket) noexcept {
    const Fate fate = attempt(*ticket);
    if (fate == Fate::own) return ticket->tell(Ticket::State::ended);
    join(ticket);
    if (fate == Fate::spoiled) return run_again();
    if (group_->apart) ticket->tell(Ticket::State::ran);
}

/// What a part wrote can't be told from what its mates did.
void GroupCommit::run_again() noexcept {
    connection_->rollback();
    const std::optional<Group> undone = std::exchange(group_, std::nullopt);
    runs_again_ = true;
    for (const std::shared_ptr<Ticket>& ticket : undone->tickets) run_part(ticket);
    runs_again_ = false;
}

/// What the part threw is let go of here before its caller hears of it, so that the caller alone
/// has it then.
GroupCommit::Fate GroupCommit::attempt(Ticket& ticket) noexcept {
    Hold hold{*this, ticket.deadline()};
    ticket.refuse(nullptr);
    try {
        (*ticket.part())(hold);
        hold.keep();
    } catch (...) {
        ticket.refuse(std::current_exception());
        hold.undo();
    }
    return hold.fate();
}

bool GroupCommit::Hold::take() {
    if (taken_) return false;
    if (spoiled_) throw given_up();
    first_ = queue_->start(deadline_, false);
    apart_ = queue_->group_->apart;
    changes_before_ = queue_->connection_->changes();
    taken_ = true;
    return true;
}

void GroupCommit::Hold::undo() noexcept {
    if (!std::exchange(taken_, false)) return;
    // The first has seen nothing of others; where the transaction broke here, the error that
    // broke it is what its caller is to hear.
    saw_mates_ = !first_ && queue_->connection_->in_transaction();
    if (saw_mates_ && !apart_) {
        spoiled_ = changed_ || queue_->connection_->changes() != changes_before_;
        return;
    }
    queue_->undo(first_);
    if (first_) queue_->end_group(std::nullopt);
}

void GroupCommit::Hold::keep() {
    if (!taken_) return;
    if (!queue_->connection_->in_transaction()) throw given_up();
    if (!first_ && apart_) queue_->connection_->run("release lvng_member");
}

GroupCommit::Fate GroupCommit::Hold::fate() const noexcept {
    if (spoiled_) return Fate::spoiled;
    return taken_ || saw_mates_ ? Fate::groups : Fate::own;
}

void GroupCommit::join(const std::shared_ptr<Ticket>& ticket) noexcept {
    group_->tickets.push_back(ticket);
}

/// From now on the parts of the group do not run again, so what they refer to may go.
void GroupCommit::let_callers_go() noexcept {
    for (const std::shared_ptr<Ticket>& ticket : group_->tickets) ticket->tell(Ticket::State::ran);
}

void GroupCommit::undo(bool first) noexcept {
    if (!connection_->in_transaction()) return;
    if (first) return connection_->rollback();
    try {
        connection_->set_deadline(Deadline::max());
        connection_->run("rollback to lvng_member");
        connection_->run("release lvng_member");
    } catch (const Error&) {
        // What this part wrote must not be committed with its mates' parts.
        connection_->rollback();
    }
}

/// The holder's part is over: the group goes on with the next in line, or ends here. Who begins a
/// new one does so on a thread of its own, so that nobody works for others without end.
void GroupCommit::end_turn() noexcept {
    for (;;) {
        if (group_ && !connection_->in_transaction()) end_group(given_up());
        std::unique_lock lock{mutex_};
        if (group_ && (waiting_.empty() || group_->tickets.size() >= max_members_)) {
            lock.unlock();
            end_group(commit_group());
            lock.lock();
        }
        if (waiting_.empty()) {
            taken_ = false;
            return;
        }
        const std::shared_ptr<Ticket> next = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        if (!group_ || next->part() == nullptr) return next->tell(Ticket::State::has_turn);
        run_part(next);
    }
}

std::optional<Error> GroupCommit::commit_group() noexcept {
    try {
        // Mates wait for it: a deadline of the one who happens to commit is not theirs.
        connection_->set_deadline(Deadline::max());
        let_callers_go();
        connection_->commit();
        return std::nullopt;
    } catch (const Error& error) {
        return error;
    }
}

/// Its members hear of it while the turn is still held: those that come back with more meet in the
/// next group, where the first of them would else begin, and wait for the disk, alone.
void GroupCommit::end_group(const std::optional<Error>& failure) noexcept {
    const std::optional<Group> over = std::exchange(group_, std::nullopt);
    for (const std::shared_ptr<Ticket>& ticket : over->tickets)
        ticket->tell(Ticket::State::ended, failure);
}

GroupCommit::Member::~Member() {
    if (ended_) return;
    queue_->undo(first_);
    leave();
}

void GroupCommit::Member::commit() {
    Connection& connection = *queue_->connection_;
    if (!connection.in_transaction()) {
        leave();
        throw Error{ErrorCode::unavailable, "the store gave the transaction up"};
    }
    if (!first_) connection.run("release lvng_member");
    ended_ = true;
    queue_->join(ticket_);
    queue_->end_turn();
    ticket_->wait_for_outcome();
}

void GroupCommit::Member::rollback() try {
    if (ended_) return;
    const bool own_failure = !queue_->connection_->in_transaction();
    queue_->undo(first_);
    // See `attempt`; here the error is on its way to the caller already.
    if (first_ || own_failure) return leave();
    ended_ = true;
    queue_->join(ticket_);
    queue_->end_turn();
    ticket_->wait_for_outcome();
} catch (const Error& failure) {
    throw Error{ErrorCode::unavailable, failure.message(), {.retryable = true}};
}

/// Ends the turn without waiting; a first member, whose transaction is over, ends the group.
void GroupCommit::Member::leave() noexcept {
    ended_ = true;
    if (first_) queue_->end_group(std::nullopt);
    queue_->end_turn();
}

}  // namespace lvng::crm::sqlite
