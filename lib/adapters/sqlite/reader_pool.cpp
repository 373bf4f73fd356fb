#include "adapters/sqlite/reader_pool.hpp"

#include <lvng/crm/error.hpp>

namespace lvng::crm::sqlite {

ReaderPool::ReaderPool(ConnectionOptions options) : options_{std::move(options)} {
    idle_.reserve(max_readers);
}

ReaderPool::Lease ReaderPool::take(Deadline deadline) {
    std::unique_ptr<Connection> connection = take_idle(deadline);
    try {
        if (!connection) connection = std::make_unique<Connection>(options_, deadline);
    } catch (...) {
        give_back(nullptr);
        throw;
    }
    connection->set_deadline(deadline);
    return Lease{connection.release(), GiveBack{this}};
}

/// A place among the readers, with a connection where one is idle.
std::unique_ptr<Connection> ReaderPool::take_idle(Deadline deadline) {
    std::unique_lock lock{mutex_};
    if (!returned_.wait_until(lock, deadline, [&] { return in_use_ < max_readers; })) {
        throw Error{ErrorCode::unavailable,
                    "other readers kept the store busy until the deadline",
                    {.retryable = true}};
    }
    ++in_use_;
    if (idle_.empty()) return nullptr;
    std::unique_ptr<Connection> connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
}

void ReaderPool::give_back(Connection* connection) noexcept {
    {
        const std::scoped_lock lock{mutex_};
        --in_use_;
        if (connection) idle_.emplace_back(connection);  // never grows: see the constructor
    }
    returned_.notify_one();
}

}  // namespace lvng::crm::sqlite
