#pragma once

#include "adapters/sqlite/connection.hpp"

#include <lvng/crm/error.hpp>
#include <lvng/crm/ports/store.hpp>

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <optional>

namespace lvng::crm::sqlite {

/// Writers take turns on one connection, in the order they came, and neighbours share a commit.
///
/// SQLite has one writer, and a commit waits for the disk. The first writer opens a transaction;
/// each further one works inside it, on its own thread, behind a savepoint of its own. Whoever
/// finishes while others wait passes the turn on and sleeps; whoever finishes last commits for
/// all. No outcome leaves before that commit: not a success, and not a refusal either, which may
/// rest on what a mate wrote. Where the commit fails, all have failed. Safe to share.
class GroupCommit {
public:
    /// One writer's part, from its turn to its outcome. One thread at a time.
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
        explicit Member(GroupCommit& queue, Deadline deadline)
            : queue_{&queue}, deadline_{deadline} {}
        void undo() noexcept;
        void leave() noexcept;
        std::optional<Error> wait_for_group();

        GroupCommit* queue_;
        Deadline deadline_;
        bool first_ = false;
        bool ended_ = false;
    };

    /// `connection` must outlive it and is its own from now on. Groups grow to `max_members`.
    GroupCommit(Connection& connection, int max_members)
        : connection_{&connection}, max_members_{max_members} {}

    /// Throws `unavailable` (retryable) when the turn does not come by then.
    std::unique_ptr<Member> begin(Deadline deadline);

    /// How many writers wait for their turn right now.
    [[nodiscard]] std::size_t waiting() const;

private:
    struct Group {
        int members = 0;  // those that have finished their part
        bool ended = false;
        std::optional<Error> failure;
        std::condition_variable ended_now;
    };
    struct Waiting {
        std::condition_variable called;
        bool has_turn = false;
    };

    void wait_for_turn(Deadline deadline);
    void start(Member& member);
    void end_turn() noexcept;
    void end_group(std::optional<Error> failure) noexcept;
    std::optional<Error> commit_group() noexcept;

    Connection* connection_;
    int max_members_;
    mutable std::mutex mutex_;
    bool taken_ = false;
    std::list<Waiting*> waiting_;
    std::shared_ptr<Group> group_;  // only the holder of the turn replaces it
};

}  // namespace lvng::crm::sqlite
