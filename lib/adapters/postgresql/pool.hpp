#pragma once

#include "adapters/postgresql/connection.hpp"

#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace lvng::crm::postgresql {

/// Connections for as many callers at once, opened when they are needed. Who waits for one gets
/// it in the order of coming; the last one given back goes out first. Two at a time are opened:
/// of many callers who find none, the others use what is given back until then. Safe to share.
///
/// A connection that has failed is not given back but made anew by the next caller. While the
/// server cannot be reached, one caller at a time tries, in growing distances of at most half a
/// second; the others are refused at once.
class Pool {
public:
    Pool(std::string connection_string, std::size_t size);

    struct GiveBack {
        Pool* pool;
        void operator()(Connection* connection) const noexcept { pool->give_back(connection); }
    };
    /// A connection, until it is destroyed: what is open on it then is rolled back.
    using Lease = std::unique_ptr<Connection, GiveBack>;

    /// Throws `unavailable` (retryable) when none is free by then, or the server is away.
    Lease take(Deadline deadline);

    [[nodiscard]] PoolUse use() const;

private:
    struct Waiting {
        std::condition_variable called;
        bool is_called = false;
    };
    class OpeningEnds;
    using Lock = std::unique_lock<std::mutex>;

    void wait_for_place(Lock& lock, Deadline deadline);
    void call_next() noexcept;
    std::unique_ptr<Connection> idle_or_turn_to_open(Deadline deadline);
    std::unique_ptr<Connection> open(Deadline deadline);
    void give_back(Connection* connection) noexcept;

    std::string connection_string_;
    std::size_t size_;

    mutable std::mutex mutex_;
    std::list<Waiting*> waiting_;
    std::vector<std::unique_ptr<Connection>> idle_;
    std::size_t in_use_ = 0;        // lent, being opened or waited for, or promised to one called
    std::condition_variable turn_;  // to take one that is idle, or to open one
    std::size_t opening_ = 0;
    std::optional<Error> trouble_;  // why the last attempt to connect failed
    int failures_ = 0;
    Deadline next_try_{};
};

}  // namespace lvng::crm::postgresql
