#include "adapters/postgresql/pool.hpp"

#include <algorithm>

namespace lvng::crm::postgresql {
namespace {

constexpr std::chrono::milliseconds first_distance{50};
constexpr std::chrono::milliseconds longest_distance{500};
constexpr std::chrono::seconds time_to_connect{1};
// Where all connect at once, on a machine that is busy, none is done before its deadline.
constexpr std::size_t most_opened_at_once = 2;

}  // namespace

Pool::Pool(std::string connection_string, std::size_t size)
    : connection_string_{std::move(connection_string)}, size_{size} {
    idle_.reserve(size);
}

Pool::Lease Pool::take(Deadline deadline) {
    {
        Lock lock{mutex_};
        wait_for_place(lock, deadline);
    }
    // The place is ours now: give_back frees it, with or without a connection.
    try {
        while (std::unique_ptr<Connection> connection = idle_or_turn_to_open(deadline)) {
            if (connection->is_usable(deadline)) return Lease{connection.release(), GiveBack{this}};
        }
        return Lease{open(deadline).release(), GiveBack{this}};
    } catch (...) {
        give_back(nullptr);
        throw;
    }
}

PoolUse Pool::use() const {
    const std::scoped_lock lock{mutex_};
    return {.size = size_, .used = in_use_, .idle = idle_.size(), .waiting = waiting_.size()};
}

void Pool::wait_for_place(Lock& lock, Deadline deadline) {
    if (in_use_ < size_ && waiting_.empty()) {
        ++in_use_;
        return;
    }
    Waiting self;
    const auto place = waiting_.insert(waiting_.end(), &self);
    if (self.called.wait_until(lock, deadline, [&] { return self.is_called; })) return;
    waiting_.erase(place);
    throw Error{ErrorCode::unavailable,
                "every connection to PostgreSQL was in use until the deadline",
                {.retryable = true}};
}

/// Gives a place that is free to the one who waits longest.
void Pool::call_next() noexcept {
    if (waiting_.empty() || in_use_ >= size_) return;
    Waiting* const next = waiting_.front();
    waiting_.pop_front();
    ++in_use_;
    next->is_called = true;
    next->called.notify_one();
}

/// None where it is the caller's turn to open one.
std::unique_ptr<Connection> Pool::idle_or_turn_to_open(Deadline deadline) {
    Lock lock{mutex_};
    const auto has_turn = [&] {
        return !idle_.empty() || trouble_ || opening_ < most_opened_at_once;
    };
    if (!turn_.wait_until(lock, deadline, has_turn)) {
        throw Error{ErrorCode::unavailable,
                    "no connection to PostgreSQL was opened until the deadline",
                    {.retryable = true}};
    }
    if (!idle_.empty()) {
        std::unique_ptr<Connection> connection = std::move(idle_.back());
        idle_.pop_back();
        return connection;
    }
    const bool is_tried = opening_ > 0 || std::chrono::steady_clock::now() < next_try_;
    if (trouble_ && is_tried) throw Error{*trouble_};
    ++opening_;
    return nullptr;
}

class Pool::OpeningEnds {
public:
    explicit OpeningEnds(Pool& pool) : pool_{pool} {}
    OpeningEnds(const OpeningEnds&) = delete;
    OpeningEnds& operator=(const OpeningEnds&) = delete;
    ~OpeningEnds() {
        const std::scoped_lock lock{pool_.mutex_};
        --pool_.opening_;
        pool_.turn_.notify_all();
    }

private:
    Pool& pool_;
};

std::unique_ptr<Connection> Pool::open(Deadline deadline) {
    // What a caller in a hurry has no time for says nothing of the server.
    const bool is_hurried = deadline - std::chrono::steady_clock::now() < time_to_connect;
    const OpeningEnds ends{*this};
    try {
        auto connection = std::make_unique<Connection>(connection_string_, deadline);
        const std::scoped_lock lock{mutex_};
        trouble_.reset();
        failures_ = 0;
        return connection;
    } catch (const Error& error) {
        const std::scoped_lock lock{mutex_};
        if (is_hurried && std::chrono::steady_clock::now() >= deadline) throw;
        trouble_ = error;
        const auto distance = first_distance * (1 << std::min(failures_++, 4));
        next_try_ = std::chrono::steady_clock::now() +
                    std::min<std::chrono::milliseconds>(distance, longest_distance);
        throw;
    }
}

void Pool::give_back(Connection* lent) noexcept {
    std::unique_ptr<Connection> connection{lent};
    if (connection) connection->leave();
    std::vector<std::unique_ptr<Connection>> dropped;
    {
        const std::scoped_lock lock{mutex_};
        --in_use_;
        // The others were prepared against the same schema.
        if (connection && connection->is_outdated()) dropped.swap(idle_);
        if (connection && !connection->is_broken()) {
            idle_.push_back(std::move(connection));  // never grows: see the constructor
            turn_.notify_one();
        }
        call_next();
    }
    // A broken one, and outdated ones, are closed here, outside the lock.
}

}  // namespace lvng::crm::postgresql
