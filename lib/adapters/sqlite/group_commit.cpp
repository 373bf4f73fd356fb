#include "adapters/sqlite/group_commit.hpp"

#include <utility>

namespace lvng::crm::sqlite {
namespace {

Error given_up() {
    // SQLite ends the whole transaction by itself where going on could damage the file.
    return {ErrorCode::unavailable, "the store gave the transaction up", {.retryable = true}};
}

}  // namespace

std::unique_ptr<GroupCommit::Member> GroupCommit::begin(Deadline deadline) {
    std::unique_ptr<Member> member{new Member{*this, deadline}};
    member->ended_ = true;  // nothing to undo yet
    wait_for_turn(deadline);
    try {
        start(*member);
    } catch (...) {
        end_turn();
        throw;
    }
    return member;
}

std::size_t GroupCommit::waiting() const {
    const std::scoped_lock lock{mutex_};
    return waiting_.size();
}

void GroupCommit::wait_for_turn(Deadline deadline) {
    std::unique_lock lock{mutex_};
    if (!taken_) {
        taken_ = true;
        return;
    }
    Waiting self;
    waiting_.push_back(&self);
    while (!self.has_turn) {
        if (self.called.wait_until(lock, deadline) == std::cv_status::no_timeout) continue;
        if (self.has_turn) break;
        waiting_.remove(&self);
        throw Error{ErrorCode::unavailable,
                    "other writers kept the store busy until the deadline",
                    {.retryable = true}};
    }
}

void GroupCommit::start(Member& member) {
    connection_->set_deadline(member.deadline_);
    if (group_) {
        connection_->run("savepoint lvng_member");
    } else {
        // Immediate: a transaction that becomes a writer later could find that it is too late.
        auto group = std::make_shared<Group>();
        connection_->run("begin immediate");
        group_ = std::move(group);
        member.first_ = true;
    }
    member.ended_ = false;
}

/// The holder's part is over: the group ends here, or the next in line goes on with it.
void GroupCommit::end_turn() noexcept {
    if (group_ && !connection_->in_transaction()) end_group(given_up());
    std::unique_lock lock{mutex_};
    if (group_ && (waiting_.empty() || group_->members >= max_members_)) {
        lock.unlock();
        end_group(commit_group());
        lock.lock();
    }
    if (waiting_.empty()) {
        taken_ = false;
        return;
    }
    Waiting* next = waiting_.front();
    waiting_.pop_front();
    next->has_turn = true;
    next->called.notify_one();
}

std::optional<Error> GroupCommit::commit_group() noexcept {
    try {
        // Mates wait for it: a deadline of the one who happens to commit is not theirs.
        connection_->set_deadline(Deadline::max());
        connection_->commit();
        return std::nullopt;
    } catch (const Error& error) {
        return error;
    }
}

void GroupCommit::end_group(std::optional<Error> failure) noexcept {
    const std::shared_ptr<Group> group = std::exchange(group_, nullptr);
    const std::scoped_lock lock{mutex_};
    group->ended = true;
    group->failure = std::move(failure);
    group->ended_now.notify_all();
}

GroupCommit::Member::~Member() {
    if (ended_) return;
    undo();
    leave();
}

void GroupCommit::Member::commit() {
    Connection& connection = *queue_->connection_;
    if (!connection.in_transaction()) {
        leave();
        throw Error{ErrorCode::unavailable, "the store gave the transaction up"};
    }
    if (!first_) connection.run("release lvng_member");
    if (std::optional<Error> failure = wait_for_group()) throw *std::move(failure);
}

void GroupCommit::Member::rollback() {
    if (ended_) return;
    const bool own_failure = !queue_->connection_->in_transaction();
    undo();
    // The first has seen nothing of others; where the transaction broke here, the error that
    // broke it is on its way to the caller.
    if (first_ || own_failure) return leave();
    const std::optional<Error> failure = wait_for_group();
    if (!failure) return;
    throw Error{ErrorCode::unavailable, failure->message(), {.retryable = true}};
}

void GroupCommit::Member::undo() noexcept {
    Connection& connection = *queue_->connection_;
    if (!connection.in_transaction()) return;
    if (first_) return connection.rollback();
    try {
        connection.set_deadline(Deadline::max());
        connection.run("rollback to lvng_member");
        connection.run("release lvng_member");
    } catch (const Error&) {
        // What this part wrote must not be committed with its mates' parts.
        connection.rollback();
    }
}

/// Ends the turn without waiting; a first member, whose transaction is over, ends the group.
void GroupCommit::Member::leave() noexcept {
    ended_ = true;
    if (first_) queue_->end_group(std::nullopt);
    queue_->end_turn();
}

/// Ends the turn and waits for the group's end. Returns how it failed.
std::optional<Error> GroupCommit::Member::wait_for_group() {
    const std::shared_ptr<Group> group = queue_->group_;
    ended_ = true;
    ++group->members;
    queue_->end_turn();
    std::unique_lock lock{queue_->mutex_};
    if (group->ended_now.wait_until(lock, deadline_, [&] { return group->ended; })) {
        return group->failure;
    }
    return Error{ErrorCode::unavailable,
                 "the commit did not end by the deadline",
                 {.outcome_unknown = true}};
}

}  // namespace lvng::crm::sqlite
