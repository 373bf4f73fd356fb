#pragma once

#include "adapters/sqlite/connection.hpp"

#include <lvng/crm/error.hpp>
#include <lvng/crm/ports/store.hpp>

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace lvng::crm::sqlite {

/// Writers take turns on one connection, in the order they came, and neighbours share a commit.
///
/// SQLite has one writer, and a commit waits for the disk. The first writer opens a transaction;
/// each further one works inside it, behind a savepoint of its own. Whoever has the turn also runs
/// the parts of those who wait and said how: waking a thread for each would take longer than most
/// parts do. Whoever finishes last commits for all. No outcome leaves before that commit: not a
/// success, and not a refusal either, which may rest on what a mate wrote. Where the commit fails,
/// all have failed. Safe to share.
class GroupCommit {
    class Ticket;

public:
    using Part = std::function<void()>;

    /// One writer's part on its own thread, from its turn to its outcome. One thread at a time.
    class Member {
    public:
        Member(const Member&) = delete;
        Member& operator=(const Member&) = delete;
        /// Undoes what was not committed; asks nobody how the group ended.
        ~Member();

        /// Returns when the group's commit has. Throws what the commit threw.
        void commit();
        /// Undoes this part, and returns when what it saw of its mates is committed. Throws
        /// `unavailable` (retryable) where that was not to be.
        void rollback();

    private:
        friend class GroupCommit;
        Member(GroupCommit& queue, std::shared_ptr<Ticket> ticket)
            : queue_{&queue}, ticket_{std::move(ticket)} {}
        void leave() noexcept;

        GroupCommit* queue_;
        std::shared_ptr<Ticket> ticket_;
        bool first_ = false;
        bool ended_ = true;  // nothing to undo before its turn
    };

    /// `connection` must outlive it and is its own from now on. Groups grow to `max_members`.
    GroupCommit(Connection& connection, std::size_t max_members)
        : connection_{&connection}, max_members_{max_members} {}

    /// Throws `unavailable` (retryable) when the turn does not come by then.
    std::unique_ptr<Member> begin(Deadline deadline);

    /// Runs `part` as a member and returns when the group's commit has: here, or on the thread of
    /// a mate while this one waits. What it throws undoes it and is thrown here, when what it saw
    /// of its mates is committed. Throws as `begin` and `Member::commit` do besides.
    void run(Deadline deadline, const Part& part);

    /// How many writers wait for their turn right now.
    [[nodiscard]] std::size_t waiting() const;

private:
    /// Those that have finished their part in the transaction that is open.
    using Group = std::vector<std::shared_ptr<Ticket>>;

    void wait_for_turn(const std::shared_ptr<Ticket>& ticket);
    bool start(Deadline deadline);
    void run_part(const std::shared_ptr<Ticket>& ticket) noexcept;
    [[nodiscard]] bool attempt(Ticket& ticket) noexcept;
    void join(const std::shared_ptr<Ticket>& ticket) noexcept;
    void undo(bool first) noexcept;
    void end_turn() noexcept;
    std::optional<Error> commit_group() noexcept;
    void end_group(const std::optional<Error>& failure) noexcept;

    Connection* connection_;
    std::size_t max_members_;
    mutable std::mutex mutex_;
    bool taken_ = false;
    std::list<std::shared_ptr<Ticket>> waiting_;
    std::optional<Group> group_;  // only the holder of the turn replaces it
};

}  // namespace lvng::crm::sqlite
