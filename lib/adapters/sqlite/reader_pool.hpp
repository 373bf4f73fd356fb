#pragma once

#include "adapters/sqlite/connection.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace lvng::crm::sqlite {

/// Reading connections: one for each thread that is reading right now, kept for the next. The
/// last one given back goes out first, its cache is warm. Safe to share.
class ReaderPool {
public:
    explicit ReaderPool(ConnectionOptions options);

    struct GiveBack {
        ReaderPool* pool;
        void operator()(Connection* connection) const noexcept { pool->give_back(connection); }
    };
    /// A connection, until it is destroyed.
    using Lease = std::unique_ptr<Connection, GiveBack>;

    /// Throws `unavailable` when none is free by then, or none can be opened.
    Lease take(Deadline deadline);

private:
    std::unique_ptr<Connection> take_idle(Deadline deadline);
    void give_back(Connection* connection) noexcept;

    // More readers than this only share the same cores and the same pages.
    static constexpr std::size_t max_readers = 16;

    ConnectionOptions options_;
    std::mutex mutex_;
    std::condition_variable returned_;
    std::vector<std::unique_ptr<Connection>> idle_;
    std::size_t in_use_ = 0;
};

}  // namespace lvng::crm::sqlite
