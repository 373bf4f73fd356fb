#pragma once

#include "adapters/postgresql/pool.hpp"

#include <lvng/crm/ports/store.hpp>

#include <atomic>
#include <functional>
#include <optional>
#include <span>

namespace lvng::crm::postgresql {

/// Writes of many callers in one transaction, each for its own principal, one after the other.
///
/// They share its start and its commit, and none is behind a savepoint. So where one fails after it
/// wrote, all is undone: those before it run together again, it runs alone, and those behind it go
/// on together.
///
/// They hold their locks until the last has run, in the order in which they came. Another node
/// that does the same may hold what they want and want what they hold, so they wait for a lock for
/// a moment only. Who cannot have it then runs alone, after the others, and for a while all do.
/// Safe to share.
class JointWrites {
public:
    /// `pool` must outlive it.
    explicit JointWrites(Pool& pool) : pool_{&pool} {}

    /// Whether they have not been in somebody else's way lately.
    [[nodiscard]] bool are_promising() const noexcept;

    /// Runs one in a transaction of its own, and gives it its outcome.
    using Alone = std::function<void(SharedWrite&)>;
    /// Returns when all have an outcome.
    void run(std::span<SharedWrite> writes, Deadline deadline, const Alone& alone);

private:
    using Writes = std::span<SharedWrite* const>;
    /// Why writes cannot be committed together.
    struct Obstacle {
        std::optional<std::size_t> at{};  // the write that has failed; absent: nobody knows
        bool is_lock = false;             // somebody else holds it
    };

    std::optional<Obstacle> try_together(Writes writes, Deadline deadline);
    std::optional<Obstacle> attempt(Writes writes, Deadline deadline);

    Pool* pool_;
    std::atomic<Deadline> promising_from_{Deadline::min()};
};

}  // namespace lvng::crm::postgresql
