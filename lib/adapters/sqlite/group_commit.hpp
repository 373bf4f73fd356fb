#pragma once

#include "adapters/sqlite/connection.hpp"

#include <lvng/crm/error.hpp>
#include <lvng/crm/ports/store.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace lvng::crm::sqlite {

/// Writers take turns on one connection, in the order they came, and neighbours share a commit.
///
/// SQLite has one writer, and a commit waits for the disk. The first writer opens a transaction;
/// each further one works inside it. Whoever has the turn also runs the parts of those who wait and
/// said how: waking a thread for each would take longer than most parts do. Whoever finishes last
/// commits for all. No outcome leaves before that commit: not a success, and not a refusal either,
/// which may rest on what a mate wrote. Where the commit fails, all have failed.
///
/// A part that throws has mostly written nothing. Where it has, all that the group did is undone,
/// and its parts run again, each behind a savepoint of its own: to have one each time costs a copy
/// of every page that a part writes to. Members work behind one from the beginning, and so do those
/// that come after them. Safe to share.
class GroupCommit {
    class Ticket;
    /// What becomes of a part that is over.
    enum class Fate {
        own,      ///< it is known
        groups,   ///< the group's: also of a part that was undone, which may have seen its mates
        spoiled,  ///< it is undone with all of the group
    };

public:
    /// A part's hold on the group's transaction. One thread at a time.
    class Hold {
    public:
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;

        /// To be called before anything is read or written: a part that needs nothing of the store
        /// takes nothing. Returns whether this call took it. Throws as SQLite does.
        bool take();
        /// Undoes all that was done since it was taken, and lets go. `take` may follow.
        void undo() noexcept;
        /// Something is done besides that SQLite does not count.
        void note_change() noexcept { changed_ = true; }

    private:
        friend class GroupCommit;
        Hold(GroupCommit& queue, Deadline deadline) : queue_{&queue}, deadline_{deadline} {}
        void keep();
        [[nodiscard]] Fate fate() const noexcept;

        GroupCommit* queue_;
        Deadline deadline_;
        bool taken_ = false;
        bool first_ = false;  // of the group
        bool apart_ = false;  // behind a savepoint
        bool changed_ = false;
        std::int64_t changes_before_ = 0;
        bool saw_mates_ = false;
        bool spoiled_ = false;
    };
    using Part = std::function<void(Hold&)>;
    /// A part that is run with others, and what came of it.
    struct Job {
        Part part{};
        std::exception_ptr failure{};  ///< what `run` would throw
    };

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
    /// Runs several parts as `run` does, in their order, and returns when all have an outcome.
    void run_each(Deadline deadline, std::span<Job> jobs);

    /// How many writers wait for their turn right now.
    [[nodiscard]] std::size_t waiting() const;

private:
    struct Group {
        /// Those that have finished their part in the transaction that is open.
        std::vector<std::shared_ptr<Ticket>> tickets{};
        bool apart = false;  ///< each part is behind a savepoint, and none runs again
    };

    void line_up(std::span<const std::shared_ptr<Ticket>> tickets);
    void wait_for_turn(const std::shared_ptr<Ticket>& ticket);
    void wait_and_run(const std::shared_ptr<Ticket>& ticket);
    bool start(Deadline deadline, bool apart);
    void run_part(const std::shared_ptr<Ticket>& ticket) noexcept;
    [[nodiscard]] Fate attempt(Ticket& ticket) noexcept;
    void run_again() noexcept;
    void join(const std::shared_ptr<Ticket>& ticket) noexcept;
    void let_callers_go() noexcept;
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
    bool runs_again_ = false;     // the same
};

}  // namespace lvng::crm::sqlite
